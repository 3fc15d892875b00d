"""Access control of the preview: ASGI middleware that checks every request, and adds security headers.

The preview belongs to whoever started it.  The port does not: every account of the machine reaches it, and beyond
loopback every neighbour.  So the address that is opened carries a random token.  It becomes a cookie, and without the
cookie nothing is answered.  A browser sends cookies to every port of a host, so another server on this machine that
the owner opens under the same host name sees this one: that is a limit of cookies.

A page of any site can make its reader's browser ask, under a name of its own that leads here (DNS rebinding) or from
its own origin.  So the Host must be ours, and an Origin, where there is one, too.  What changes something needs the
token that our own pages carry as well.

Sources: https://developer.mozilla.org/en-US/docs/Web/HTTP/CSP,
https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-rfc6265bis (SameSite)
"""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Collection
from threading import Event

from starlette.datastructures import Headers, MutableHeaders, QueryParams
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from convert.preview import pages

#: Nothing but our own files, and nothing inline: a script that an article smuggled in would not run.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-cache",
}
#: Neither an address that holds the token nor a refusal is kept by the browser.
_NO_STORE = {"Cache-Control": "no-store"}
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[0-9a-z._-]{1,253})(?::([0-9]{1,5}))?")
_ADDRESS = re.compile(r"\[.+\]|[0-9]{1,3}(\.[0-9]{1,3}){3}")


class AccessMiddleware:
    """Rejects foreign and unauthenticated requests; adds a Content-Security-Policy to responses that have none.

    ``names`` are further host names, of proxies.  ``by_address``: any IP address is accepted as the Host, because DNS
    rebinding needs a name.
    """

    def __init__(self, app: ASGIApp, port: int, names: Collection[str] = (), by_address: bool = False) -> None:
        self.app = app
        #: Opens the preview: part of the address that is shown in the terminal.
        self.token = secrets.token_urlsafe()
        #: Sent by our own pages with every change, against CSRF.
        self.csrf_token = secrets.token_urlsafe()
        #: Set once the address with the token was opened.
        self.opened = Event()
        self._session = secrets.token_urlsafe()
        self._port, self._by_address = str(port), by_address
        self._names = frozenset(name.lower() for name in names)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":  # of the server itself; all else is a request, also a WebSocket's
            await self.app(scope, receive, send)
            return

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                own = "content-security-policy" in headers
                for name, value in _HEADERS.items():
                    if not (own and name == "X-Frame-Options"):
                        headers.setdefault(name, value)
                headers.setdefault("Content-Security-Policy", POLICY)
            await send(message)

        app = self._early_response(scope) or self.app
        await app(scope, receive, sent)

    def _early_response(self, scope: Scope) -> Response | None:
        """Return the response for a request that must not reach the application; ``None`` for one that may."""
        headers = Headers(scope=scope)
        host = _HOST.fullmatch(headers.get("host", "").lower())
        problem = self._foreign_reason(headers, host)
        if problem or host is None:
            return _refusal(problem)
        cookie = f"plainwiki-preview-{host[2] or self._port}"
        key = QueryParams(scope["query_string"]).get("token") if scope["path"] == "/" else None
        if key is not None and scope["method"] in ("GET", "HEAD"):
            return (
                self._grant_cookie(cookie)
                if _equal(key, self.token)
                else _denial("The token in this address is not its own.")
            )
        if not any(_equal(value, self._session) for value in _cookie_values(headers, cookie)):
            return _denial("Your browser has not opened it yet.")
        problem = "" if scope["method"] in ("GET", "HEAD") else self._write_refusal(headers)
        return _refusal(problem) if problem else None

    def _foreign_reason(self, headers: Headers, host: re.Match[str] | None) -> str:
        """Return why a request is foreign (DNS rebinding, other origins); an empty string if it is not."""
        if host is None:
            return "this address is none of the preview's"
        name = host[1]
        # Loopback has any port: `ssh -L` and containers have one of their own.
        if name not in LOOPBACK and name not in self._names and not (self._by_address and _ADDRESS.fullmatch(name)):
            return f"this address is none of the preview's: if it should be, start it with --allow-host {name}"
        origin = headers.get("origin")
        if origin is not None and not self._is_own(origin.lower(), host[0]):
            return "a page of another origin asks"
        # A link from elsewhere may lead here, but no page may load our pages into its own.
        foreign = headers.get("sec-fetch-site", "none") in ("cross-site", "same-site")
        if foreign and (headers.get("sec-fetch-mode"), headers.get("sec-fetch-dest")) != ("navigate", "document"):
            return "a page of another site asks"
        return ""

    def _is_own(self, origin: str, host: str) -> bool:
        """Tell whether an origin is that of the requested host, or of a proxy that passes another Host on."""
        scheme, _, home = origin.partition("://")
        named = _HOST.fullmatch(home)
        return scheme in ("http", "https") and (home == host or bool(named and named[1] in self._names))

    def _write_refusal(self, headers: Headers) -> str:
        """Return why a request may change nothing; an empty string if it may."""
        if headers.get("origin") is None and headers.get("sec-fetch-site") != "same-origin":
            return "nobody knows which page asks"
        if not _equal(headers.get("x-plainwiki-token", ""), self.csrf_token):
            return "the page is of an earlier run: load it again"
        return ""

    def _grant_cookie(self, cookie: str) -> Response:
        """Return the cookie with a page that redirects to the list by itself.

        An HTTP redirect would not do: after a click on another site it is still a cross-site request, for which
        SameSite=Strict withholds the cookie.
        """
        self.opened.set()
        answer = HTMLResponse(pages.redirect(), headers=_NO_STORE)
        # Not Secure: there is no TLS, and a proxy that has it can be anywhere.
        answer.set_cookie(cookie, self._session, path="/", httponly=True, samesite="strict")
        return answer


def _refusal(problem: str) -> Response:
    return PlainTextResponse(f"Refused: {problem}\n", 403, headers=_NO_STORE)


def _denial(problem: str) -> Response:
    return HTMLResponse(pages.denied(problem), 403, headers=_NO_STORE)


def _equal(sent: str, secret: str) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(sent.encode("utf-8", "replace"), secret.encode())


def _cookie_values(headers: Headers, name: str) -> list[str]:
    """Return all cookies of a name: a server on another port can add one, which must not hide ours."""
    parts = (part.strip().partition("=") for header in headers.getlist("cookie") for part in header.split(";"))
    return [value for cookie_name, _, value in parts if cookie_name == name]
