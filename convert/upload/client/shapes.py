"""Answers of the Action API as typed records; an answer that does not fit is not MediaWiki's.

The records hold the keys in use; other keys are skipped.  A key has a default if some MediaWiki since 1.31 leaves it
out.  An empty list may stand for an empty object: PHP has one type for both.

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
#: The number of an existing revision.
Existing = Annotated[int, Meta(ge=1, le=_MAX_NUMBER)]
Timestamp = Annotated[str, Meta(pattern=r"\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\Z")]
#: Hexadecimal; empty if the wiki never computed it.
Sha1 = Annotated[str, Meta(pattern=r"\A(?:[0-9a-f]{40})?\Z")]
#: A name without line breaks that XML can hold.
Name = Annotated[str, Meta(pattern=r"\A[^\x00-\x1f\x7f\ufffe\uffff]+\Z")]
Empty = Annotated[list[Any], Meta(max_length=0)]


def filled(mapping: Mapping[str, Value] | list[Any]) -> Mapping[str, Value]:
    """Return an object; PHP writes an empty one as an empty list."""
    return {} if isinstance(mapping, list) else mapping


# ── Errors


class ErrorAnswer(Struct, frozen=True):
    """One error; ``data`` is specific to its code."""

    code: str
    text: str = ""
    data: Any = None


class ErrorsAnswer(Struct, frozen=True):
    """An answer with errors."""

    errors: list[ErrorAnswer]


class Reason(Struct, frozen=True):
    """A message of the wiki, with its key."""

    code: str = ""
    text: str = ""


# ── The account


class LimitAnswer(Struct, frozen=True):
    """At most ``hits`` actions in ``seconds``."""

    hits: Number
    seconds: Annotated[int, Meta(ge=0, le=_LONGEST_LIMIT_S)]


class UserAnswer(Struct, frozen=True):
    """The account that sends the requests."""

    id: Number
    name: Name
    anon: bool = False
    temp: bool = False
    rights: list[str] = []
    ratelimits: dict[str, dict[str, LimitAnswer] | Empty] | Empty = {}


class Tokens(Struct, frozen=True):
    """Tokens for write requests; empty if not requested."""

    logintoken: str = ""
    csrftoken: str = ""


class TokensQuery(Struct, frozen=True):
    """Tokens alone."""

    tokens: Tokens


class IdentityQuery(Struct, frozen=True):
    """The account that is signed in, and its token."""

    userinfo: UserAnswer
    tokens: Tokens


class UserQuery(Struct, frozen=True):
    """The account alone."""

    userinfo: UserAnswer


class FirstUser(Struct, frozen=True):
    """The account that was made with the wiki; old ones have no time."""

    registration: str | None = None


class SiteQuery(SiteInfo, frozen=True, kw_only=True):
    """The wiki, the account's rights there, and the wiki's first account."""

    userinfo: UserAnswer
    users: tuple[FirstUser, ...] = ()
    functionhooks: tuple[str, ...] = ()

    @property
    def identity(self) -> str:
        """What tells the wiki from others, whatever its address here: database, host, and when it was made."""
        born = self.users[0].registration if self.users else None
        host = self.general.base.partition("://")[2].partition("/")[0]
        return " ".join("_".join(part.split()) for part in (self.general.wikiid, host, born or ""))


class LoginResult(Struct, frozen=True):
    """The outcome of a bot password."""

    result: str
    reason: Reason | str = ""


class LoginAnswer(Struct, frozen=True):
    """The answer to ``action=login``."""

    login: LoginResult


class ClientLoginResult(Struct, frozen=True):
    """The outcome of an account's own password."""

    status: str
    messagecode: str = "unknown"
    message: str = ""


class ClientLoginAnswer(Struct, frozen=True):
    """The answer to ``action=clientlogin``."""

    clientlogin: ClientLoginResult


# ── Pages


class SlotAnswer(Struct, frozen=True):
    """A slot of a revision; has its text, unless that is hidden."""

    content: str | None = None


class RevisionAnswer(Struct, frozen=True):
    """A revision; hidden fields are left out."""

    revid: Existing
    parentid: Number = 0
    timestamp: Timestamp | UnsetType = UNSET
    sha1: Sha1 = ""
    size: Number | UnsetType = UNSET
    user: str = ""
    comment: str = ""
    slots: dict[str, SlotAnswer] | Empty = {}
    #: Before slots (1.31).
    content: str | None = None

    @property
    def text(self) -> str | None:
        """The text, if requested and not hidden."""
        main = filled(self.slots).get("main")
        return main.content if main else self.content


class ProtectionAnswer(Struct, frozen=True):
    """A protection of a page."""

    type: str
    level: str


class PageAnswer(Struct, frozen=True):
    """A page, or the part of it in one of several answers."""

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
    #: Whether the action is allowed; since 1.34 the reasons against it.
    actions: dict[str, list[ErrorAnswer] | bool] | Empty | UnsetType = UNSET
    revisions: list[RevisionAnswer] | UnsetType = UNSET

    def with_part(self, part: PageAnswer) -> PageAnswer:
        """Add the fields that another answer has of the page."""
        fields = {name: value for name, value in structs.asdict(part).items() if value is not UNSET}
        return structs.replace(self, **fields)


class Renamed(Struct, frozen=True):
    """A requested title and the wiki's spelling of it."""

    asked: str = field(name="from")
    to: str
    #: The requested title is percent-encoded, because it was not in NFC.
    fromencoded: bool = False


class Titled(Struct, frozen=True):
    """A title without anything else."""

    title: str


class PagesQuery(Struct, frozen=True):
    """Pages by titles, or by revisions."""

    pages: list[PageAnswer] = []
    normalized: list[Renamed] = []
    interwiki: list[Titled] = []

    @property
    def spelled(self) -> dict[str, str]:
        """The wiki's spelling of titles that were requested in another one."""
        return {unquote(change.asked) if change.fromencoded else change.asked: change.to for change in self.normalized}

    def history(self, title: str) -> list[RevisionAnswer]:
        """Revisions of the requested page."""
        spelled = self.spelled.get(title, to_nfc(title))
        page = next((page for page in self.pages if page.title == spelled), None)
        if page is None:
            raise Misshapen("it says nothing about the requested page")
        return page.revisions or []


Asked = TypeVar("Asked")


class Query(Struct, Generic[Asked], frozen=True):
    """The answer to ``action=query``; ``following`` holds the parameters that continue it."""

    query: Asked
    following: dict[str, str | int] = field(name="continue", default_factory=dict)
    curtimestamp: Timestamp | UnsetType = UNSET


# ── Changes


class EditResult(Struct, frozen=True):
    """The outcome of an edit."""

    result: str
    title: str = ""
    oldrevid: Number = 0
    newrevid: Number = 0
    newtimestamp: Timestamp | UnsetType = UNSET
    nochange: bool = False
    #: The wiki attributed the edit to an anonymous user.
    anon: bool = False
    tempusercreated: bool = False
    #: Why it was not saved; extensions use different keys.
    code: str = "unknown"
    captcha: Any = None
    info: Any = None
    warning: Any = None
    message: Any = None


class EditAnswer(Struct, frozen=True):
    """The answer to ``action=edit``."""

    edit: EditResult


class DeleteResult(Struct, frozen=True):
    """A deletion; large pages are deleted later (``scheduled``)."""

    title: str
    logid: Number = 0
    scheduled: bool = False


class DeleteAnswer(Struct, frozen=True):
    """The answer to ``action=delete``."""

    delete: DeleteResult


class ImportResult(Struct, frozen=True):
    """The number of revisions that a page got; none for an invalid title."""

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
