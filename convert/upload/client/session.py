"""The requests of somebody who is signed in.

Every one carries ``assert`` and ``assertuser``: were the session lost, the wiki would save an edit as that of an
anonymous user, and say that all went well.

Sources: https://www.mediawiki.org/wiki/API:Login, https://www.mediawiki.org/wiki/API:Assert
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence

from convert.diagnostics import shown
from convert.printable import register
from convert.profile import WikiProfile
from convert.titles import WikiTitle, page_of
from convert.upload.client.answers import Failure, Next, words
from convert.upload.client.api import Api, ApiError, Malformed, Stopped
from convert.upload.client.credentials import Credentials, Nobody, Password, Token
from convert.upload.client.decoding import LITTLE_BYTES, Shape
from convert.upload.client.shapes import ClientLoginAnswer, IdentityQuery, LoginAnswer, Query, TokensQuery, UserQuery
from convert.upload.client.transport import Lost

_ANONYMOUS = "+\\"
#: How often signing in is tried when its answer, or the session for it, is lost.
_TRIES = 3
_AGAIN = frozenset({"lost", "sessionlost", "NeedToken", "WrongToken", "authpage-cannot-login-continue"})


def listed(titles: Sequence[str]) -> str:
    """Join titles for a parameter that takes many, whatever they hold."""
    return "".join(f"\x1f{title}" for title in titles)


def account_named(name: str) -> str:
    """Return the name of an account as every wiki spells it: as that of its page, which begins with a capital."""
    page = page_of(f"User:{name}", WikiProfile())
    return page.name if isinstance(page, WikiTitle) else name


class Session:
    """One account on one wiki; threads may share it.  ``extra`` goes with every request."""

    def __init__(self, api: Api, credentials: Credentials, extra: Mapping[str, str]) -> None:
        self.user = ""
        self._api = api
        self._credentials = credentials
        self._extra = dict(extra)
        self._token = ""
        #: Counts what was renewed, so that of several threads that find it stale only one renews it.
        self._epoch = 0
        self._renewing = threading.RLock()

    def read(self, shape: type[Shape], fields: Mapping[str, str], most: int = LITTLE_BYTES) -> Shape:
        """Ask for something, in an answer of at most so many bytes.

        Raises ApiError, Stopped, Malformed or WikiUnavailable.
        """
        return self._repaired(shape, fields, {}, most, writes=False)

    def write(self, shape: type[Shape], fields: Mapping[str, str], files: Mapping[str, bytes] | None = None) -> Shape:
        """Ask for a change; raises Lost as well, where it may have been made although no answer says so."""
        return self._repaired(shape, fields, files or {}, LITTLE_BYTES, writes=True)

    def look(self) -> None:
        """Return when the wiki answers, and knows us."""
        self.read(Query[UserQuery], {"action": "query", "meta": "userinfo"})

    def malformed(self, action: str, why: object) -> Malformed:
        """Make the error for an answer that is not MediaWiki's."""
        return self._api.malformed(action, why)

    def pause(self, seconds: float) -> None:
        """Do nothing for a time, unless the wiki is left meanwhile."""
        self._api.pause(seconds)

    def sign_in(self) -> None:
        """Sign in, anew if need be; raises Stopped where the wiki does not accept who we are."""
        with self._renewing:
            credentials = self._credentials
            if isinstance(credentials, Nobody):
                return
            if isinstance(credentials, Token):
                register(credentials.token)
                self._api.transport.headers["Authorization"] = f"Bearer {credentials.token}"
            else:
                register(credentials.password)
                self._log_in(credentials)
            self._identify()
            self._epoch += 1

    def _repaired(
        self, shape: type[Shape], fields: Mapping[str, str], files: Mapping[str, bytes], most: int, *, writes: bool
    ) -> Shape:
        """Ask; where what was signed in is no more, renew it once and ask again."""
        tried: list[Next] = []
        while True:
            # While somebody signs in, everybody else waits.
            with self._renewing:
                epoch = self._epoch
                signature = {"assert": "user", "assertuser": self.user} if self.user else {"assert": "anon"}
                signature |= self._extra
                if writes:
                    signature["token"] = self._token
            try:
                return self._api.ask(shape, {**fields, **signature}, files, most=most, writes=writes)
            except ApiError as error:
                if error.failure.next not in (Next.RENEW, Next.SIGN_IN):
                    raise
                self._renew(error.failure, epoch, tried)

    def _renew(self, failure: Failure, epoch: int, tried: list[Next]) -> None:
        """Fetch a new token; where that did not help, or would not, sign in; where that did not help, stop."""
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
            # Somebody who may be signed in already cannot sign in.
            self._api.transport.forget()
            self._api.pause(max(0, attempt - 1))
            try:
                code, reason = self._login(credentials) if credentials.of_bot else self._client_login(credentials)
            except Lost as lost:
                code, reason = "lost", str(lost)
            if not code:
                return
            if code not in _AGAIN:
                break
        raise self._refused(code, reason)

    def _login(self, credentials: Password) -> tuple[str, str]:
        """Sign in with a bot's password; gives why not, as a code and a reason, or twice nothing."""
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
        """Find out who is signed in, and that it is who was meant."""
        try:
            answer = self._api.ask(Query[IdentityQuery], {"action": "query", "meta": "userinfo|tokens"}).query
        except ApiError as error:
            raise self._api.stopped(error.failure) from None
        user = answer.userinfo
        if user.anon or user.temp or not user.id:
            raise self._refused("anonymous", "the wiki does not know who we are although it let us in")
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
            # The session is gone with it.
            self.sign_in()

    def _keep_token(self, token: str) -> None:
        if token in ("", _ANONYMOUS):
            raise self._refused("anonymous", "the wiki gives no token but that of anonymous users")
        register(token)
        self._token = token

    def _refused(self, code: str, reason: str) -> Stopped:
        who = self._credentials.login if isinstance(self._credentials, Password) else "the token"
        return Stopped(
            code, f"cannot sign in to {self._api.transport.host} with {who}: {words(reason)} [{words(code)}]"
        )
