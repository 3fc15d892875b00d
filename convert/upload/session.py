"""The requests of somebody who is signed in.

Every one carries ``assert`` and ``assertuser``: were the session lost, the wiki would save an edit as that of an
anonymous user, and say that all went well.

Sources: https://www.mediawiki.org/wiki/API:Login, https://www.mediawiki.org/wiki/API:Assert
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Any

from convert.printable import register
from convert.upload.answers import Failure, Next
from convert.upload.api import Api, ApiError, Stopped
from convert.upload.credentials import Credentials, Nobody, Password, Token
from convert.upload.transport import Lost

_ANONYMOUS = "+\\"
#: How often signing in is tried when its answer, or the session for it, is lost.
_TRIES = 3
_AGAIN = frozenset({"lost", "sessionlost", "NeedToken", "WrongToken", "authpage-cannot-login-continue"})


def listed(titles: Sequence[str]) -> str:
    """Join titles for a parameter that takes many, whatever they hold."""
    return "".join(f"\x1f{title}" for title in titles)


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

    def read(self, **fields: str) -> dict[str, Any]:
        """Ask for something; raises ApiError, Stopped or WikiUnavailable."""
        return self._repaired(fields, {}, writes=False)

    def write(self, fields: Mapping[str, str], files: Mapping[str, bytes] | None = None) -> dict[str, Any]:
        """Ask for a change; raises Lost as well, where it may have been made although no answer says so."""
        return self._repaired(fields, files or {}, writes=True)

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
                self._api.secrets.add(credentials.token)
                self._api.transport.headers["Authorization"] = f"Bearer {credentials.token}"
            else:
                self._api.secrets.add(credentials.password)
                self._log_in(credentials)
            self._identify()
            self._epoch += 1

    def _repaired(self, fields: Mapping[str, str], files: Mapping[str, bytes], writes: bool) -> dict[str, Any]:
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
                return self._api.ask({**fields, **signature}, files, writes=writes)
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
        answer = self._api.ask({**asked, "lgtoken": self._login_token()}, writes=True).get("login", {})
        if answer.get("result") == "Success":
            return "", ""
        reason = answer.get("reason", {})
        if isinstance(reason, Mapping):
            return reason.get("code", answer.get("result", "")), reason.get("text", "")
        return answer.get("result", "unknown"), str(reason)

    def _client_login(self, credentials: Password) -> tuple[str, str]:
        """Sign in with an account's own password, as ``_login`` does."""
        asked = {"action": "clientlogin", "username": credentials.login, "password": credentials.password}
        asked |= {"logintoken": self._login_token(), "loginreturnurl": self._api.transport.url}
        answer = self._api.ask(asked, writes=True).get("clientlogin", {})
        if answer.get("status") == "PASS":
            return "", ""
        if answer.get("status") == "FAIL":
            return answer.get("messagecode", "unknown"), answer.get("message", "")
        return "more-than-password", "the account asks for more than a password: make a bot password for it"

    def _login_token(self) -> str:
        asked = {"action": "query", "meta": "tokens", "type": "login"}
        token: str = self._api.ask(asked)["query"]["tokens"]["logintoken"]
        self._api.secrets.add(token)
        register(token)
        return token

    def _identify(self) -> None:
        """Find out who is signed in, and that it is who was meant."""
        try:
            answer = self._api.ask({"action": "query", "meta": "userinfo|tokens"})["query"]
        except ApiError as error:
            raise self._api.stopped(error.failure) from None
        user = answer["userinfo"]
        if user.get("anon") or not user.get("id"):
            raise self._refused("anonymous", "the wiki does not know who we are although it let us in")
        wanted = self._credentials.user.replace("_", " ")
        if wanted and wanted[1:] != user["name"][1:]:
            raise self._refused("other-user", f"we are '{user['name']}' there and not '{wanted}'")
        self.user = user["name"]
        self._keep_token(answer["tokens"]["csrftoken"])

    def _fetch_token(self) -> None:
        asked = {"action": "query", "meta": "tokens", "assert": "user", "assertuser": self.user}
        try:
            self._keep_token(self._api.ask(asked)["query"]["tokens"]["csrftoken"])
        except ApiError:
            # The session is gone with it.
            self.sign_in()

    def _keep_token(self, token: str) -> None:
        if token == _ANONYMOUS:
            raise self._refused("anonymous", "the wiki gives no token but that of anonymous users")
        self._api.secrets.add(token)
        register(token)
        self._token = token

    def _refused(self, code: str, reason: str) -> Stopped:
        who = self._credentials.login if isinstance(self._credentials, Password) else "the token"
        return Stopped(code, f"cannot sign in to {self._api.transport.host} with {who}: {reason} [{code}]")
