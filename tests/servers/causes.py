"""Causes: how to make a real wiki answer with each error of the table.

Three errors belong to extensions that Debian does not package (OAuth, GlobalBlocking, TorBlock): for these a hook of
the wiki refuses as the extension would.  Where a request is altered on its way, the answer is still the wiki's own.
"""

from __future__ import annotations

import itertools
import re
import sqlite3
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from typing import Any

import pytest

from convert.upload.client.api import Stopped, Waiting
from convert.upload.client.credentials import Password
from convert.upload.client.pages import Edit
from convert.upload.client.wiki import Client, ClientOptions
from tests.servers.proxy import Proxy, unaltered
from tests.servers.renderers import release_of
from tests.servers.wiki import EDITOR, Wiki

_titles = (f"Refusal {number}" for number in itertools.count(1))


@dataclass
class Way:
    """A wiki, and the proxy before it."""

    wiki: Wiki
    proxy: Proxy
    client: Client = field(init=False)
    waits: list[Waiting] = field(default_factory=list)

    def begin(self) -> None:
        """Reset."""
        self.waits.clear()
        self.proxy.asked.clear()
        self.proxy.alter = unaltered

    def waited(self, waiting: Waiting) -> None:
        """Remove the obstacle when the client begins to wait."""
        self.waits.append(waiting)
        self.wiki.calm()


@dataclass
class Case:
    """One error: how to cause it, and with which edit."""

    code: str
    way: Way
    title: str = field(default_factory=lambda: next(_titles))
    text: str = "A text."
    base: int = 0
    started: str = ""
    #: Settings to switch on after signing in.
    trouble: ExitStack = field(default_factory=ExitStack)

    @property
    def wiki(self) -> Wiki:
        """The wiki that will answer with it."""
        return self.way.wiki

    def there(self, text: str = "What was there.") -> None:
        """Create the page, so that the edit replaces it."""
        self.base = self.wiki.edit(self.title, text)["newrevid"]

    def troubled(self, *extensions: str, **troubles: Any) -> None:
        """Switch settings on."""
        self.trouble.enter_context(self.wiki.troubled(*extensions, **troubles))

    def changed(self, old: bytes, new: bytes) -> None:
        """Alter the first edit on its way."""
        left = [new]
        self.way.proxy.alter = lambda asked, body: _replaced(body, old, left) if asked.action == "edit" else body


def _replaced(body: bytes, old: bytes, left: list[bytes]) -> bytes:
    return re.sub(old, left.pop(), body) if left else body


#: Options of the client that differ from the defaults.
OPTIONS = {"maxlag": ClientOptions(maxlag_s=5), "badtags": ClientOptions(tags=("no such tag",))}

#: Causes by code, applied after signing in.
CAUSES: dict[str, Callable[[Case], None]] = {}


def cause(*codes: str) -> Callable[[Callable[[Case], None]], Callable[[Case], None]]:
    def entered(made: Callable[[Case], None]) -> Callable[[Case], None]:
        CAUSES.update(dict.fromkeys(codes, made))
        return made

    return entered


# ── The wiki is busy


@cause("maxlag")
def _lag(case: Case) -> None:
    case.troubled(lag=9)


@cause("readonly")
def _readonly(case: Case) -> None:
    case.troubled(variables={"wgReadOnly": "The database moves."})


@cause("ratelimited")
def _limit(case: Case) -> None:
    case.troubled(variables={"wgRateLimits": {"edit": {"user": [0, 60]}}, "wgMainCacheType": 1})


# ── Broken requests


@cause("internal_api_error_*")
def _exception(case: Case) -> None:
    case.troubled(throw="MultiContentSave")


@cause("badmd5")
def _damaged(case: Case) -> None:
    case.changed(b"A text", b"B text")


# ── Expired sessions


@cause("badtoken")
def _token(case: Case) -> None:
    case.changed(rb'(name="token"\r\n\r\n)\w+', rb"\g<1>0123")


@cause("assertuserfailed")
def _session(case: Case) -> None:
    case.wiki.maintain("invalidateUserSessions", "--user", EDITOR)


@cause("assertnameduserfailed")
def _name(case: Case) -> None:
    case.changed(rb'(name="assertuser"\r\n\r\n)\w+', rb"\g<1>Somebody")


@cause("assertbotfailed")
def _bot(case: Case) -> None:
    case.changed(rb'(name="assert"\r\n\r\n)\w+', rb"\g<1>bot")


# ── The account


@cause("blocked")
def _block(case: Case) -> None:
    case.wiki.write(action="block", user=EDITOR, reason="A test.")
    case.trouble.callback(case.wiki.write, action="unblock", user=EDITOR)


@cause("autoblocked")
def _autoblock(case: Case) -> None:
    case.wiki.maintain("createAndPromote", "--force", "Villain", "a villain's horse")
    case.wiki.write(action="block", user="Villain", reason="A test.", autoblock="1")
    case.trouble.callback(case.wiki.write, action="unblock", user="Villain")
    villain = Client(f"{case.wiki.address}/api.php", Password("Villain", "a villain's horse"))
    with villain, pytest.raises(Stopped):
        villain.edit(Edit(case.title, "Mine.", ""))


@cause("globalblocking-*", "torblock-blocked", "mwoauth-invalid-authorization*")
def _extension(case: Case) -> None:
    case.troubled(answer={"edit": case.code.replace("*", "user")})


@cause("readapidenied")
def _unreadable(case: Case) -> None:
    case.troubled(variables={"wgGroupPermissions": {"*": {"read": False}, "user": {"read": False}}})


@cause("writeapidenied")
def _unwritable(case: Case) -> None:
    if release_of(case.wiki.installation) < "1.42":
        case.troubled(variables={"wgGroupPermissions": {"*": {"writeapi": False}, "user": {"writeapi": False}}})
    else:  # There is no such right any more, but extensions may refuse so.
        case.troubled(answer={"edit": "writeapidenied"})


@cause("badtags")
def _tags(case: Case) -> None:
    """The client's options name a tag that the wiki does not know."""


# ── Edit conflicts


@cause("editconflict")
def _conflict(case: Case) -> None:
    case.there()
    case.wiki.edit(case.title, "What somebody else wrote.")


@cause("articleexists")
def _created(case: Case) -> None:
    case.wiki.edit(case.title, "What somebody else wrote.")


@cause("missingtitle")
def _deleted(case: Case) -> None:
    case.there()
    case.wiki.write(action="delete", title=case.title)


@cause("pagedeleted")
def _deleted_before(case: Case) -> None:
    case.started = "2020-01-01T00:00:00Z"
    case.wiki.edit(case.title, "What somebody else wrote.")
    case.wiki.write(action="delete", title=case.title)


# ── Protected pages


@cause("protectedpage")
def _protected(case: Case) -> None:
    case.there()
    case.wiki.write(action="protect", title=case.title, protections="edit=sysop")


@cause("cascadeprotected")
def _cascade(case: Case) -> None:
    case.there()
    case.wiki.edit(f"{case.title} above", f"{{{{:{case.title}}}}}")
    case.wiki.write(action="protect", title=f"{case.title} above", protections="edit=sysop", cascade="1")
    case.trouble.callback(case.wiki.write, action="delete", title=f"{case.title} above")


@cause("protectednamespace")
def _namespace(case: Case) -> None:
    case.troubled(variables={"wgNamespaceProtection": {"0": ["protect"]}})


@cause("protectednamespace-interface")
def _interface(case: Case) -> None:
    case.title = "MediaWiki:Tagline"


@cause("customcssprotected")
def _style(case: Case) -> None:
    case.title = "User:Admin/common.css"


@cause("permissiondenied")
def _no_right(case: Case) -> None:
    case.troubled(variables={"wgGroupPermissions": {"*": {"edit": False}, "user": {"edit": False}}})


@cause("cantcreate")
def _no_creation(case: Case) -> None:
    case.troubled(variables={"wgGroupPermissions": {"*": {"createpage": False}, "user": {"createpage": False}}})


# ── Rejected titles and texts


@cause("invalidtitle")
def _title(case: Case) -> None:
    case.title = "Refusal | 1"


@cause("pagecannotexist")
def _special(case: Case) -> None:
    case.title = "Special:Version"


@cause("contenttoobig")
def _size(case: Case) -> None:
    case.text = "Text. " * 1000
    case.troubled(variables={"wgMaxArticleSize": 1})


@cause("titleblacklist-forbidden")
def _title_blacklist(case: Case) -> None:
    case.wiki.edit("MediaWiki:Titleblacklist", "Unwanted .*")
    case.title = f"Unwanted {case.title}"
    case.troubled("TitleBlacklist")


@cause("spamblacklist")
def _spam_blacklist(case: Case) -> None:
    case.wiki.edit("MediaWiki:Spam-blacklist", r"cheap\.example")
    case.text = "See http://cheap.example/ for more."
    case.troubled("SpamBlacklist")


@cause("spamprotectionmatch")
def _spam(case: Case) -> None:
    case.text = "Cheap watches."
    case.troubled(variables={"wgSpamRegex": ["/watches/"]})


@cause("abusefilter-disallowed", "abusefilter-warning")
def _filter(case: Case) -> None:
    case.text = f"A text that deserves {case.code}."
    does = {"abusefilter-disallowed": "disallow", "abusefilter-warning": "warn"}[case.code]
    # It has no API to write filters with.
    with closing(sqlite3.connect(case.wiki.folder / "wiki.sqlite")) as database, database:
        columns = {column for _, column, *_ in database.execute("PRAGMA table_info(abuse_filter)")}
        author = {"af_actor": 1} if "af_actor" in columns else {"af_user": 1, "af_user_text": "Admin"}
        values = {
            "af_pattern": f'added_lines contains "{case.code}"', "af_actions": does, "af_timestamp": "20260101000000",
            "af_comments": "A test", **author,
        }  # fmt: skip
        places = ", ".join("?" * len(values))
        inserted = f"INSERT INTO abuse_filter ({', '.join(values)}) VALUES ({places})"
        made = database.execute(inserted, [*values.values()])
        database.execute("INSERT INTO abuse_filter_action VALUES (?, ?, '')", (made.lastrowid, does))
    case.troubled("AbuseFilter")


@cause("captcha")
def _captcha(case: Case) -> None:
    case.troubled("ConfirmEdit", variables={"wgCaptchaTriggers": {"edit": True, "create": True}})
