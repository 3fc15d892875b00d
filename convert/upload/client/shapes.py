"""Answers of the Action API as typed records: what does not fit them is no answer of a MediaWiki.

The records hold what is used here; other keys are skipped unseen.  A key has a default where a MediaWiki from 1.31 on
may leave it out.  An empty list may stand for an empty object: PHP has one word for both.

Source: https://www.mediawiki.org/wiki/API:JSON_version_2
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Generic, TypeVar
from urllib.parse import unquote

from msgspec import UNSET, Meta, Struct, UnsetType, field, structs

from convert.nfc import to_nfc
from convert.profile import SiteInfo
from convert.upload.client.decoding import Misshapen

Value = TypeVar("Value")

_MAX_NUMBER = 2**63 - 1
_LONGEST_LIMIT_S = 366 * 24 * 3600

Number = Annotated[int, Meta(ge=0, le=_MAX_NUMBER)]
#: The number of a revision that there is.
Existing = Annotated[int, Meta(ge=1, le=_MAX_NUMBER)]
Timestamp = Annotated[str, Meta(pattern=r"\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\Z")]
#: Hexadecimal; empty where the wiki never computed it.
Sha1 = Annotated[str, Meta(pattern=r"\A(?:[0-9a-f]{40})?\Z")]
#: A name that may stand in a line, and in XML.
Name = Annotated[str, Meta(pattern=r"\A[^\x00-\x1f\x7f\ufffe\uffff]+\Z")]
Empty = Annotated[list[Any], Meta(max_length=0)]


def filled(mapping: Mapping[str, Value] | list[Any]) -> Mapping[str, Value]:
    """Return an object, also where PHP wrote an empty list for an empty one."""
    return {} if isinstance(mapping, list) else mapping


# ── Errors


class ErrorAnswer(Struct, frozen=True):
    """One error; ``data`` is whatever belongs to it."""

    code: str
    text: str = ""
    data: Any = None


class ErrorsAnswer(Struct, frozen=True):
    """An answer that is an error."""

    errors: list[ErrorAnswer]


class Reason(Struct, frozen=True):
    """Words of the wiki, with their key."""

    code: str = ""
    text: str = ""


# ── Who we are


class LimitAnswer(Struct, frozen=True):
    """So many actions in so many seconds."""

    hits: Number
    seconds: Annotated[int, Meta(ge=0, le=_LONGEST_LIMIT_S)]


class UserAnswer(Struct, frozen=True):
    """The account that asks."""

    id: Number
    name: Name
    anon: bool = False
    temp: bool = False
    rights: list[str] = []
    ratelimits: dict[str, dict[str, LimitAnswer] | Empty] | Empty = {}


class Tokens(Struct, frozen=True):
    """What a change must carry; empty where it was not asked for."""

    logintoken: str = ""
    csrftoken: str = ""


class TokensQuery(Struct, frozen=True):
    """Tokens alone."""

    tokens: Tokens


class IdentityQuery(Struct, frozen=True):
    """Who is signed in, and the token for that."""

    userinfo: UserAnswer
    tokens: Tokens


class UserQuery(Struct, frozen=True):
    """The account alone."""

    userinfo: UserAnswer


class SiteQuery(SiteInfo, frozen=True, kw_only=True):
    """The wiki, and what the account may do there."""

    userinfo: UserAnswer


class LoginResult(Struct, frozen=True):
    """What came of a bot password."""

    result: str
    reason: Reason | str = ""


class LoginAnswer(Struct, frozen=True):
    """The answer to ``action=login``."""

    login: LoginResult


class ClientLoginResult(Struct, frozen=True):
    """What came of an account's own password."""

    status: str
    messagecode: str = "unknown"
    message: str = ""


class ClientLoginAnswer(Struct, frozen=True):
    """The answer to ``action=clientlogin``."""

    clientlogin: ClientLoginResult


# ── Pages


class SlotAnswer(Struct, frozen=True):
    """A part of a revision; its text, unless that is hidden."""

    content: str | None = None


class RevisionAnswer(Struct, frozen=True):
    """A revision; what is hidden of it is left out."""

    revid: Existing
    parentid: Number = 0
    timestamp: Timestamp | UnsetType = UNSET
    sha1: Sha1 = ""
    size: Number | UnsetType = UNSET
    user: str = ""
    comment: str = ""
    slots: dict[str, SlotAnswer] | Empty = {}
    #: Before there were slots (1.31).
    content: str | None = None

    @property
    def text(self) -> str | None:
        """Its text, if it was asked for and is not hidden."""
        main = filled(self.slots).get("main")
        return main.content if main else self.content


class ProtectionAnswer(Struct, frozen=True):
    """Who may do something with a page."""

    type: str
    level: str


class PageAnswer(Struct, frozen=True):
    """A page, or the part of it that one of several answers has."""

    title: str
    missing: bool | UnsetType = UNSET
    invalid: bool | UnsetType = UNSET
    invalidreason: Reason | str | UnsetType = UNSET
    special: bool | UnsetType = UNSET
    redirect: bool | UnsetType = UNSET
    lastrevid: Number | UnsetType = UNSET
    length: Number | UnsetType = UNSET
    contentmodel: str | UnsetType = UNSET
    protection: list[ProtectionAnswer] | UnsetType = UNSET
    #: Whether, or since 1.34 why not.
    actions: dict[str, list[ErrorAnswer] | bool] | Empty | UnsetType = UNSET
    revisions: list[RevisionAnswer] | UnsetType = UNSET

    def with_part(self, part: PageAnswer) -> PageAnswer:
        """Add what another answer has of the page."""
        fields = {name: value for name, value in structs.asdict(part).items() if value is not UNSET}
        return structs.replace(self, **fields)


class Renamed(Struct, frozen=True):
    """A title as it was asked for, and as the wiki spells it."""

    asked: str = field(name="from")
    to: str
    #: What was asked for is percent-encoded, because it was not in NFC.
    fromencoded: bool = False


class Titled(Struct, frozen=True):
    """A title, and nothing more."""

    title: str


class PagesQuery(Struct, frozen=True):
    """Pages by titles, or by revisions."""

    pages: list[PageAnswer] = []
    normalized: list[Renamed] = []
    interwiki: list[Titled] = []

    @property
    def spelled(self) -> dict[str, str]:
        """The wiki's spelling of titles that were asked for otherwise."""
        return {unquote(change.asked) if change.fromencoded else change.asked: change.to for change in self.normalized}

    def history(self, title: str) -> list[RevisionAnswer]:
        """Revisions of the one page that was asked for."""
        spelled = self.spelled.get(title, to_nfc(title))
        page = next((page for page in self.pages if page.title == spelled), None)
        if page is None:
            raise Misshapen("it says nothing of the page that was asked for")
        return page.revisions or []


Asked = TypeVar("Asked")


class Query(Struct, Generic[Asked], frozen=True):
    """The answer to ``action=query``; with ``following`` the same is asked again, as long as there is more."""

    query: Asked
    following: dict[str, str | int] = field(name="continue", default_factory=dict)
    curtimestamp: Timestamp | UnsetType = UNSET


# ── Changes


class EditResult(Struct, frozen=True):
    """What came of an edit."""

    result: str
    title: str = ""
    oldrevid: Number = 0
    newrevid: Number = 0
    newtimestamp: Timestamp | UnsetType = UNSET
    nochange: bool = False
    #: The wiki took the edit as that of nobody whom it knows.
    anon: bool = False
    tempusercreated: bool = False
    #: Where it was not saved; extensions differ in how they say why.
    code: str = "unknown"
    captcha: Any = None
    info: Any = None
    warning: Any = None
    message: Any = None


class EditAnswer(Struct, frozen=True):
    """The answer to ``action=edit``."""

    edit: EditResult


class DeleteResult(Struct, frozen=True):
    """What was deleted; large pages only later (``scheduled``)."""

    title: str
    logid: Number = 0
    scheduled: bool = False


class DeleteAnswer(Struct, frozen=True):
    """The answer to ``action=delete``."""

    delete: DeleteResult


class ImportResult(Struct, frozen=True):
    """How many revisions a page got; none where its title is invalid."""

    title: str
    revisions: Number = 0


class ImportAnswer(Struct, frozen=True):
    """The answer to ``action=import``."""

    pages: list[ImportResult] = field(name="import")


class ParseResult(Struct, frozen=True):
    """A page as HTML."""

    text: str
    headhtml: str
    modulestyles: list[str] = []


class ParseAnswer(Struct, frozen=True):
    """The answer to ``action=parse``."""

    parse: ParseResult
