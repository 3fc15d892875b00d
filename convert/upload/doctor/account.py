"""The account: cookies, sign-in, a session that lasts, rights, limits, and an edit that is not made."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from convert.diagnostics import shown
from convert.errors import EnvironmentFailed, UsageError
from convert.upload.client.answers import words
from convert.upload.client.api import Api, ApiError
from convert.upload.client.credentials import Credentials, Nobody, Password, Token
from convert.upload.client.decoding import Misshapen
from convert.upload.client.front.failures import Lost
from convert.upload.client.pace import rate_limits
from convert.upload.client.pages import page_from
from convert.upload.client.session import Session, listed
from convert.upload.client.shapes import PagesQuery, Query, UserAnswer, UserQuery
from convert.upload.doctor.findings import Failed, Finding, ok, warn

#: A page that no wiki has, to ask whether it could be made.
PROBE = "Plainwiki doctor"
_LOOKS = 3
_SLOW_A_MINUTE = 20
_NOTED = ("edit", "createpage", "bot", "apihighlimits", "noratelimit", "skipcaptcha", "autopatrol")
#: So many pages are asked for, to find one that is not protected.
_TRIED = 5
_NEEDED = {"edit": "edit existing pages", "createpage": "create pages"}


class _User(UserAnswer, frozen=True):
    blockedby: str = ""
    blockreason: str = ""
    blockpartial: bool = False


class _UserQuery(Struct, frozen=True):
    userinfo: _User


class _Page(Struct, frozen=True):
    title: str


class _AllPages(Struct, frozen=True):
    allpages: list[_Page] = []


def sign_in(api: Api, session: Session, who: Credentials) -> Iterator[Finding]:
    """Sign in, and look whether the session comes back."""
    if isinstance(who, Nobody):
        yield warn("sign-in", "nobody to sign in as, so that only reading was tried: name an account with --user")
        return
    try:
        session.sign_in()
    except UsageError as error:
        raise Failed("sign-in", error) from None
    except (EnvironmentFailed, Lost) as error:
        loss = api.transport.session_loss() if isinstance(who, Password) else ""
        raise Failed("cookies" if loss and loss in str(error) else "sign-in", error) from None
    names = api.transport.cookie_names()
    loss = api.transport.session_loss() if names and not isinstance(who, Token) else ""
    yield (
        warn("cookies", loss)
        if loss
        else ok("cookies", f"{', '.join(names)} come back" if names else "none are needed")
    )
    account = "the password of the account, where one of Special:BotPasswords gives fewer rights away"
    by = "a token" if isinstance(who, Token) else "a bot password" if who.of_bot else account
    yield ok("sign-in", f"as {shown(session.user)}, with {by}")


def session_holds(api: Api, session: Session) -> Finding:
    """Ask several times who we are, without signing in again."""
    for turn in range(_LOOKS):
        asked = {"action": "query", "meta": "userinfo", "assert": "user", "assertuser": session.user}
        try:
            api.ask(Query[UserQuery], asked)
        except (ApiError, EnvironmentFailed, Lost) as error:
            why = "its servers may not share their sessions, or something caches its answers: tell who runs it"
            raise Failed("session", f"it forgot who we are after {turn + 1} requests ({error}): {why}") from None
    return ok("session", f"it knew us {_LOOKS} times (assert, assertuser)")


def rights(session: Session, bot: bool) -> tuple[_User, list[Finding]]:
    """Look at the account's rights, and whether it is blocked."""
    asked = {"action": "query", "meta": "userinfo", "uiprop": "rights|ratelimits|blockinfo"}
    try:
        user = session.read(Query[_UserQuery], asked).query.userinfo
    except (EnvironmentFailed, Lost) as error:
        raise Failed("rights", error) from None
    if user.blockedby and not user.blockpartial:
        why = f"by {words(user.blockedby)} ({words(user.blockreason) or 'without a reason'})"
        raise Failed("rights", f"{shown(user.name)} is blocked {why}: ask an administrator to unblock it")
    missing = [f"{right} ({meaning})" for right, meaning in _NEEDED.items() if right not in user.rights]
    if missing and session.user:
        remedy = "ask for it, or give the bot password its grant on Special:BotPasswords"
        raise Failed("rights", f"the account lacks the right {', '.join(missing)}: {remedy}")
    findings = [
        ok("rights", ", ".join(right for right in _NOTED if right in user.rights) or "none of those that matter")
    ]
    if user.blockedby:
        findings.append(warn("rights", f"it is blocked in part by {words(user.blockedby)}: {words(user.blockreason)}"))
    if bot and "bot" not in user.rights:
        findings.append(warn("rights", "the account is no bot: ask for the right, or leave --bot out"))
    return user, findings


def limits(user: UserAnswer, rate: float | None) -> Finding:
    """Tell how fast the account may edit."""
    own = f"; at most {rate:g} requests a minute (--rate)" if rate else ""
    found = rate_limits(user).get("edit", ())
    if not found or "noratelimit" in user.rights:
        return ok("limits", f"none for edits{own}")
    text = ", ".join(f"{limit.hits:,} edits in {limit.seconds:g} s" for limit in found)
    slowest = min(limit.hits * 60 / limit.seconds for limit in found)
    if slowest < _SLOW_A_MINUTE:
        return warn(
            "limits", f"{text}: a thousand pages take {1000 / max(slowest, 0.01) / 60:.1f} hours: ask for the bot flag"
        )
    return ok("limits", f"{text}{own}")


def edit(session: Session, captcha: bool, rights_: list[str]) -> Iterator[Finding]:
    """Ask whether a new page, and one of the first there are, could be edited; nothing is saved."""
    titles = [PROBE, *_first(session)]
    asked = {
        "action": "query", "prop": "info|revisions", "inprop": "protection", "intestactions": "edit|create",
        "intestactionsdetail": "full", "rvprop": "ids|timestamp|sha1|size|user", "rvslots": "main",
        "titles": listed(titles),
    }  # fmt: skip
    try:
        answer = session.read(Query[PagesQuery], asked).query
        pages = {page.title: page_from(page, "-") for page in answer.pages}
    except (EnvironmentFailed, Lost, Misshapen) as error:
        raise Failed("edit", error) from None
    # One page may be protected, and says nothing of the others.
    refused = [title for title, page in pages.items() if page.exists and page.refusal]
    is_any_allowed = any(page.exists and page.refusal is None for page in pages.values())
    skipped = refused if is_any_allowed else refused[1:]
    for title, page in pages.items():
        if title in skipped:
            continue
        what = f"editing {shown(title)}" if page.exists else f"a new page {shown(title)}"
        if page.refusal is None:
            yield ok("edit", f"{what} would be allowed")
        elif page.exists:
            yield warn("edit", f"{what} would be refused: {page.refusal.reason} [{page.refusal.code}]")
        else:
            raise Failed(
                "edit", f"{what} would be refused: {page.refusal.reason} [{page.refusal.code}]: ask who runs it"
            )
    if captcha and "skipcaptcha" not in rights_:
        yield warn("edit", "ConfirmEdit may ask for a captcha, which no program solves: ask for the right skipcaptcha")


def _first(session: Session) -> list[str]:
    asked: dict[str, Any] = {
        "action": "query",
        "list": "allpages",
        "aplimit": str(_TRIED),
        "apfilterredir": "nonredirects",
    }
    try:
        return [page.title for page in session.read(Query[_AllPages], asked).query.allpages]
    except (EnvironmentFailed, Lost):
        return []
