"""Requests of a signed-in account.

Every request carries ``assert`` and ``assertuser``: otherwise, after a lost session, the wiki would save edits under
an anonymous user and report success.

Sources: https://www.mediawiki.org/wiki/API:Login, https://www.mediawiki.org/wiki/API:Assert
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence

from convert.diagnostics import shown
from convert.printable import register
from convert.profile import WikiProfile
from convert.titles import WikiTitle, page_of
from convert.upload.client.answers import Failure, Next, words
from convert.upload.client.api import Api, ApiError, Malformed, Stopped
from convert.upload.client.credentials import Credentials, Nobody, Password, Token
from convert.upload.client.decoding import LITTLE_BYTES, Shape
from convert.upload.client.front.failures import Lost
from convert.upload.client.shapes import ClientLoginAnswer, IdentityQuery, LoginAnswer, Query, TokensQuery, UserQuery

_ANONYMOUS = "+\\"
#: Attempts to sign in when an answer, or the session for it, is lost.
_TRIES = 3
#: A name or password that is not right.
_WRONG = frozenset(
    {
        "failed",
        "wrongpass",
        "wrongpassword",
        "wrongpluginpass",
        "notexists",
        "nosuchuser",
        "authmanager-authn-no-primary",
    }
)
_AGAIN = frozenset({"lost", "sessionlost", "badtoken", "NeedToken", "WrongToken", "authpage-cannot-login-continue"})


def listed(titles: Sequence[str]) -> str:
    """Join titles for a multi-value parameter, whatever characters they hold."""
    return "".join(f"\x1f{title}" for title in titles)


def account_named(name: str) -> str:
    """Return the canonical spelling of an account's name: that of its page, with a capital."""
    page = page_of(f"User:{name}", WikiProfile())
    return page.name if isinstance(page, WikiTitle) else name


class Session:
    """One account on one wiki; thread-safe.  ``extra`` fields go with every request."""

    def __init__(self, api: Api, credentials: Credentials, extra: Mapping[str, str]) -> None:
        self.user = ""
        self._api = api
        self._credentials = credentials
        self._extra = dict(extra)
        self._token = ""
        #: Counts renewals, so that only one of several threads with a stale session renews it.
        self._epoch = 0
        self._renewing = threading.RLock()

    def read(self, shape: type[Shape], fields: Mapping[str, str], most: int = LITTLE_BYTES) -> Shape:
        """Send a read request; its answer has at most so many bytes.

        Raises ApiError, Stopped, Malformed or WikiUnavailable.
        """
        return self._repaired(shape, fields, {}, most, False)

    def write(
        self,
        shape: type[Shape],
        fields: Mapping[str, str],
        files: Mapping[str, bytes] | None = None,
        on_limit: Callable[[], str] = str,
    ) -> Shape:
        """Send a write request; also raises Lost when its answer is lost."""
        return self._repaired(shape, fields, files or {}, LITTLE_BYTES, True, on_limit)

    def look(self) -> None:
        """Return when the wiki answers and recognizes the account."""
        self.read(Query[UserQuery], {"action": "query", "meta": "userinfo"})

    def malformed(self, action: str, why: object) -> Malformed:
        """Make the error for an answer that is not MediaWiki's."""
        return self._api.malformed(action, why)

    def pause(self, seconds: float) -> None:
        """Wait, unless the client is closed meanwhile."""
        self._api.pause(seconds)

    def sign_in(self) -> None:
        """Sign in, or sign in again; raises Stopped where the wiki rejects the credentials."""
        with self._renewing:
            credentials = self._credentials
            if isinstance(credentials, Nobody):
                return
            if isinstance(credentials, Token):
                register(credentials.token)
                self._api.transport.authorize(credentials.token)
            else:
                register(credentials.password)
                self._log_in(credentials)
            self._identify()
            self._epoch += 1

    def _repaired(
        self,
        shape: type[Shape],
        fields: Mapping[str, str],
        files: Mapping[str, bytes],
        most: int,
        writes: bool,
        on_limit: Callable[[], str] = str,
    ) -> Shape:
        """Send a request; if the session expired, renew it and retry, once."""
        tried: list[Next] = []
        while True:
            # While one thread signs in, the others wait.
            with self._renewing:
                epoch = self._epoch
                signature = {"assert": "user", "assertuser": self.user} if self.user else {"assert": "anon"}
                signature |= self._extra
                if writes:
                    signature["token"] = self._token
            try:
                signed = {**fields, **signature}
                return self._api.ask(shape, signed, files, most=most, writes=writes, on_limit=on_limit)
            except ApiError as error:
                if error.failure.next not in (Next.RENEW, Next.SIGN_IN):
                    raise
                self._renew(error.failure, epoch, tried)

    def _renew(self, failure: Failure, epoch: int, tried: list[Next]) -> None:
        """Fetch a new token; if that fails or cannot help, sign in; if that fails too, raise Stopped."""
        following = Next.SIGN_IN if Next.RENEW in tried else failure.next
        if following in tried:
            raise self._api.stopped(failure)
        tried.append(following)
        with self._renewing:
            if epoch != self._epoch:
                return
            if following is Next.SIGN_IN:
                self.sign_in()
            else:
                self._fetch_token()
                self._epoch += 1

    def _log_in(self, credentials: Password) -> None:
        for attempt in range(_TRIES):
            # A session that may be signed in already cannot sign in.
            self._api.transport.forget()
            self._api.pause(max(0, attempt - 1))
            try:
                code, reason = self._login(credentials) if credentials.of_bot else self._client_login(credentials)
            except Lost as lost:
                code, reason = "lost", str(lost)
            except ApiError as error:
                code, reason = error.failure.code, error.failure.reason
            if not code:
                return
            if code not in _AGAIN:
                break
        lost_session = code in _AGAIN and code != "lost"
        raise self._refused(code, reason, self._loss() if lost_session else _remedy(code, credentials))

    def _login(self, credentials: Password) -> tuple[str, str]:
        """Sign in with a bot password; return the code and reason of a failure, or two empty strings."""
        asked = {"action": "login", "lgname": credentials.login, "lgpassword": credentials.password}
        answer = self._api.ask(LoginAnswer, {**asked, "lgtoken": self._login_token()}, writes=True).login
        if answer.result == "Success":
            return "", ""
        if isinstance(answer.reason, str):
            return answer.result, answer.reason
        return answer.reason.code or answer.result, answer.reason.text

    def _client_login(self, credentials: Password) -> tuple[str, str]:
        """Sign in with an account's own password, as ``_login`` does."""
        asked = {"action": "clientlogin", "username": credentials.login, "password": credentials.password}
        asked |= {"logintoken": self._login_token(), "loginreturnurl": self._api.transport.url}
        answer = self._api.ask(ClientLoginAnswer, asked, writes=True).clientlogin
        if answer.status == "PASS":
            return "", ""
        if answer.status == "FAIL":
            return answer.messagecode, answer.message
        return "more-than-password", "the account asks for more than a password: make a bot password for it"

    def _login_token(self) -> str:
        asked = {"action": "query", "meta": "tokens", "type": "login"}
        token = self._api.ask(Query[TokensQuery], asked).query.tokens.logintoken
        if not token:
            raise self._api.malformed("query", "the token to sign in with is empty")
        register(token)
        return token

    def _identify(self) -> None:
        """Check that the account that is signed in is the requested one."""
        try:
            answer = self._api.ask(Query[IdentityQuery], {"action": "query", "meta": "userinfo|tokens"}).query
        except ApiError as error:
            raise self._api.stopped(error.failure) from None
        user = answer.userinfo
        if user.anon or user.temp or not user.id:
            why = "the wiki does not know who we are although it let us in"
            raise self._refused("anonymous", why, self._loss())
        wanted = self._credentials.user
        if wanted and user.name != account_named(wanted):
            raise self._refused("other-user", f"we are {shown(user.name)} there and not {shown(wanted)}")
        self.user = user.name
        self._keep_token(answer.tokens.csrftoken)

    def _fetch_token(self) -> None:
        asked = {"action": "query", "meta": "tokens", "assert": "user", "assertuser": self.user}
        try:
            self._keep_token(self._api.ask(Query[TokensQuery], asked).query.tokens.csrftoken)
        except ApiError:
            # The session was dropped with the cookies.
            self.sign_in()

    def _keep_token(self, token: str) -> None:
        if token in ("", _ANONYMOUS):
            raise self._refused("anonymous", "the wiki gives no token but that of anonymous users")
        register(token)
        self._token = token

    def _loss(self) -> str:
        """Tell why the wiki lost the session."""
        loss = self._api.transport.session_loss()
        return loss or "the wiki forgets its sessions: look at its $wgSessionCacheType, and whether its disk is full"

    def _refused(self, code: str, reason: str, remedy: str = "") -> Stopped:
        who = self._credentials.login if isinstance(self._credentials, Password) else "the token"
        message = f"cannot sign in to {self._api.transport.host} with {who}: {words(reason)} [{words(code)}]"
        return Stopped(code, f"{message}: {remedy}" if remedy else message)


def _remedy(code: str, credentials: Password) -> str:
    """Tell what to do about a password that the wiki does not accept."""
    if code.lower() not in _WRONG:
        return ""
    if credentials.of_bot:
        return "give the name and the password as Special:BotPasswords shows them, or make a new one there"
    spaces = (
        "the password begins or ends with a space, and " if credentials.password.strip() != credentials.password else ""
    )
    return f"{spaces}a program signs in best with a password made on Special:BotPasswords, as Name@app"
