"""Access control of the preview: ASGI middleware that checks every request, and adds security headers.

The preview belongs to the user who started it, but every account of the machine can reach its port, and beyond loopback
every host of the network.  So the address to open contains a random token, which becomes a cookie; requests without the
cookie are refused.  A limit of cookies: browsers send them to all ports of a host, so another server on this machine
receives this one, if the owner opens it under the same host name.

A page of any site can make a browser send requests, under a name that resolves to this host (DNS rebinding) or from its
own origin (CSRF).  So the Host must be ours, and also the Origin, if there is one.  Requests that change something also
need the token in our own pages.

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

from convert.expressions import expression
from convert.preview import pages

#: Only our own files, and nothing inline: a script injected by an article would not run.
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
#: Browsers must cache neither the address with the token nor refusals.
_NO_STORE = {"Cache-Control": "no-store"}
_HOST = expression(r"(\[[0-9a-f:.]+\]|[0-9a-z._-]{1,253})(?::([0-9]{1,5}))?")
_ADDRESS = expression(r"\[.+\]|[0-9]{1,3}(\.[0-9]{1,3}){3}")


class AccessMiddleware:
    """Rejects foreign and unauthenticated requests; adds a Content-Security-Policy to responses that have none.

    ``names`` are further host names, of proxies.  ``by_address``: accept any IP address as the Host, because DNS
    rebinding needs a name.
    """

    def __init__(self, app: ASGIApp, port: int, names: Collection[str] = (), by_address: bool = False) -> None:
        self.app = app
        #: The token that opens the preview: part of the address shown in the terminal.
        self.token = secrets.token_urlsafe()
        #: The CSRF token, which our own pages send with every change.
        self.csrf_token = secrets.token_urlsafe()
        #: The value of the cookie, set when the address with the token is opened.
        self.opened = Event()
        self._session = secrets.token_urlsafe()
        self._port, self._by_address = str(port), by_address
        self._names = frozenset(name.lower() for name in names)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":  # a server event; everything else is a request, including WebSockets
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
        # On loopback any port is accepted: `ssh -L` and containers map ports.
        if name not in LOOPBACK and name not in self._names and not (self._by_address and _ADDRESS.fullmatch(name)):
            return f"this address is none of the preview's: if it should be, start it with --allow-host {name}"
        origin = headers.get("origin")
        if origin is not None and not self._is_own(origin.lower(), host[0]):
            return "a page of another origin asks"
        # Links from other sites are allowed; embedding our pages or loading them from a page is not.
        foreign = headers.get("sec-fetch-site", "none") in ("cross-site", "same-site")
        if foreign and (headers.get("sec-fetch-mode"), headers.get("sec-fetch-dest")) != ("navigate", "document"):
            return "a page of another site asks"
        return ""

    def _is_own(self, origin: str, host: str) -> bool:
        """Return whether an origin is that of the requested host, or of a proxy that forwards another Host."""
        scheme, _, home = origin.partition("://")
        named = _HOST.fullmatch(home)
        return scheme in ("http", "https") and (home == host or bool(named and named[1] in self._names))

    def _write_refusal(self, headers: Headers) -> str:
        """Return why a request may not change anything; an empty string if it may."""
        if headers.get("origin") is None and headers.get("sec-fetch-site") != "same-origin":
            return "nobody knows which page asks"
        if not _equal(headers.get("x-plainwiki-token", ""), self.csrf_token):
            return "the page is of an earlier run: load it again"
        return ""

    def _grant_cookie(self, cookie: str) -> Response:
        """Return the cookie with a page that redirects to the list.

        An HTTP redirect would not work: after a click on another site it is still a cross-site request, for which
        SameSite=Strict withholds the cookie.
        """
        self.opened.set()
        answer = HTMLResponse(pages.redirect(), headers=_NO_STORE)
        # Not Secure: there is no TLS, unless a proxy adds it.
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
    """Return all cookies with a name: a server on another port can add one, which must not hide ours."""
    parts = (part.strip().partition("=") for header in headers.getlist("cookie") for part in header.split(";"))
    return [value for cookie_name, _, value in parts if cookie_name == name]
