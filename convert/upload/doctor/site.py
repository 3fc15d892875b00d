"""The wiki itself: what it is, whether it can be written to, its clock, extensions, and the largest request."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from msgspec import Struct, field

from convert.diagnostics import shown
from convert.errors import EnvironmentFailed
from convert.printable import visible
from convert.upload.client.address import is_api
from convert.upload.client.api import Api, Stopped
from convert.upload.client.decoding import LISTS_BYTES, LITTLE_BYTES, Misshapen
from convert.upload.client.front.addresses import Address, is_loopback
from convert.upload.client.front.failures import Lost, Unsent
from convert.upload.client.session import Session
from convert.upload.client.shapes import Query
from convert.upload.client.transport import Answer, TooLarge
from convert.upload.doctor.findings import Failed, Finding, ok, warn

_LAG_S, _SKEW_S = 5, 60
_OLDEST = (1, 31)
#: Extensions that change what is published, or what may be.
_NOTED = (
    "TemplateData", "Cargo", "Semantic MediaWiki", "ParserFunctions", "Scribunto", "Portable Infobox", "Cite",
    "AbuseFilter", "ConfirmEdit", "SpamBlacklist", "TitleBlacklist", "FlaggedRevs", "Approved Revs", "Moderation",
)  # fmt: skip
#: Those whose edits wait for a person.
_HELD = ("FlaggedRevs", "Approved Revs", "Moderation")


class _General(Struct, frozen=True):
    generator: str
    sitename: str = ""
    server: str = ""
    lang: str = ""
    readonly: bool = False
    readonlyreason: str = ""
    maxarticlesize: int = 2 << 20
    maxuploadsize: float = 0


class _Extension(Struct, frozen=True):
    name: str = ""


class _Lag(Struct, frozen=True):
    lag: float = 0


class About(Struct, frozen=True):
    """What the wiki says of itself."""

    general: _General
    extensions: list[_Extension] = []
    lags: list[_Lag] = field(name="dbrepllag", default_factory=list)

    def has(self, extension: str) -> bool:
        """Whether an extension is installed, under any spelling of its name."""
        return _plain(extension) in {_plain(each.name) for each in self.extensions}


def _plain(name: str) -> str:
    return name.replace(" ", "").lower()


def about(session: Session) -> About | None:
    """Ask the wiki for what it is; a wiki for members tells it to nobody else."""
    asked = {"action": "query", "meta": "siteinfo", "siprop": "general|extensions|dbrepllag"}
    try:
        return session.read(Query[About], asked, LISTS_BYTES).query
    except Stopped as stopped:
        if stopped.code != "readapidenied":
            raise Failed("wiki", stopped) from None
        return None
    except (EnvironmentFailed, Lost) as error:
        raise Failed("wiki", error) from None


def wiki(site: About, address: Address) -> Iterator[Finding]:
    """Look at version, mode and name."""
    general = site.general
    version = general.generator.removeprefix("MediaWiki ")
    yield ok("wiki", f"{shown(general.sitename)}, {visible(general.generator)}, language {visible(general.lang)}")
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdecimal())
    if len(numbers) == 2 and numbers < _OLDEST:
        yield warn("wiki", f"it is older than {_OLDEST[0]}.{_OLDEST[1]}, with which nothing was tried: have it updated")
    if general.readonly:
        raise Failed("wiki", f"it is read-only: {visible(general.readonlyreason)}: try later, or ask who runs it")
    lag = max((each.lag for each in site.lags), default=0)
    if lag > _LAG_S:
        yield warn("wiki", f"its databases lag by {lag:g} s: runs wait for them (--maxlag)")
    own = urlsplit(general.server if "//" in general.server else f"//{general.server}")
    named = visible(general.server)
    if own.hostname and own.hostname != address.host and not (is_loopback(own.hostname) and address.is_loopback):
        called = f"it calls itself {named} ($wgServer), and was asked as {address.host}"
        yield warn("wiki", f"{called}: its links and cookies may be for that name: give the address by it")
    elif own.scheme == "https" != address.scheme:
        called = f"it calls itself {named} ($wgServer), and was asked without TLS"
        yield warn(
            "wiki", f"{called}: its cookies may be Secure, which are not sent then: give the address with https://"
        )


def clock(answer: Answer) -> Finding:
    """Compare the clocks."""
    try:
        theirs = parsedate_to_datetime(answer.headers["date"])
        skew_s = (theirs - datetime.now(UTC)).total_seconds()
    except (KeyError, ValueError, TypeError):
        return ok("clock", "it does not say its time")
    if abs(skew_s) <= _SKEW_S:
        return ok("clock", "the clocks agree")
    side = "ahead of" if skew_s > 0 else "behind"
    apart = f"its clock is {abs(skew_s):,.0f} s {side} that of this machine"
    return warn("clock", f"{apart}: certificates, cookies and tokens may not hold: set the one that is wrong")


def extensions(site: About) -> Iterator[Finding]:
    """Name the extensions that matter."""
    noted = [name for name in _NOTED if site.has(name)]
    yield ok("extensions", ", ".join(noted) or "none of those that matter here")
    for name in _HELD:
        if site.has(name):
            yield warn("extensions", f"{name} may hold edits back until a person approves them")


def size(api: Api, most: int) -> Finding:
    """Send a request as large as the largest page, which does nothing."""
    padding = {"action": "query", "meta": "siteinfo", "format": "json", "formatversion": "2"}
    size_text = f"{most / (1 << 20):.1f} MiB"
    try:
        answer = api.transport.post(padding, {"padding": b"x" * most}, LITTLE_BYTES)
        comes_through = is_api(answer)
    except (Unsent, Lost, TooLarge, Misshapen, EnvironmentFailed) as error:
        return warn("size", f"a request of {size_text}, the largest page, does not come through: {error}")
    if comes_through:
        return ok("size", f"a request of {size_text}, the largest page, comes through")
    stranger = api.transport.stranger(answer)
    why = stranger.told(api.transport.host) if stranger else (
        f"HTTP status {answer.status}, and not as the wiki answers: raise post_max_size in php.ini"
    )  # fmt: skip
    return warn("size", f"a request of {size_text}, the largest page, does not come through: {why}")


def import_(site: About, rights: frozenset[str], wanted: bool) -> Finding:
    """Look at what --import needs."""
    missing = [right for right in ("import", "importupload") if right not in rights]
    limit = site.general.maxuploadsize
    text = f"dumps of up to {limit / (1 << 20):.1f} MiB" if limit else "dumps of a size that it does not say"
    if not missing:
        return ok("import", f"allowed, {text}")
    if not wanted:
        return ok("import", f"not allowed (it needs the right {' and '.join(missing)})")
    lacks = f"the account lacks the right {' and '.join(missing)}"
    raise Failed("import", f"{lacks}: ask for it (for a bot password also its grant), or upload without --import")
