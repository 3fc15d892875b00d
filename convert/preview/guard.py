"""Who may ask, and what a page may do: checks before every answer, headers on each.

Only this machine is listened to, but a page of any site could ask as well, under a name of its own that leads here (DNS
rebinding) or from its own origin.  So the Host must be ours, and an Origin, where there is one, too.  What changes
something needs the token that our own pages carry.

Source: https://developer.mozilla.org/en-US/docs/Web/HTTP/CSP
"""

from __future__ import annotations

import hmac
import secrets

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: Nothing but our own files, and nothing inline: a script that an article smuggled in would not run.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-cache",
}


class Guard:
    """Refuses what is not ours, and sends every answer with the policy, unless it has one of its own."""

    def __init__(self, app: ASGIApp, port: int) -> None:
        self.app = app
        self.token = secrets.token_urlsafe()
        self._hosts = {f"{name}:{port}" for name in ("127.0.0.1", "localhost", "[::1]")}
        self._origins = {f"http://{host}" for host in self._hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        problem = self._problem(scope)
        app = PlainTextResponse(f"Refused: {problem}\n", 403) if problem else self.app

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                own = "content-security-policy" in headers
                for name, value in _HEADERS.items():
                    if not (own and name == "X-Frame-Options"):
                        headers.setdefault(name, value)
                headers.setdefault("Content-Security-Policy", POLICY)
            await send(message)

        await app(scope, receive, sent)

    def _problem(self, scope: Scope) -> str:
        """Say why a request is refused; an empty string where it is not."""
        headers = Headers(scope=scope)
        if headers.get("host", "") not in self._hosts:
            return "this address is none of the preview's"
        origin = headers.get("origin")
        if origin is not None and origin not in self._origins:
            return "a page of another origin asks"
        # A link from elsewhere may lead here, but no page may load our pages into its own.
        foreign = headers.get("sec-fetch-site", "none") in ("cross-site", "same-site")
        if foreign and (headers.get("sec-fetch-mode"), headers.get("sec-fetch-dest")) != ("navigate", "document"):
            return "a page of another site asks"
        if scope["method"] not in ("GET", "HEAD"):
            if origin is None and headers.get("sec-fetch-site") != "same-origin":
                return "nobody knows which page asks"
            if not hmac.compare_digest(headers.get("x-plainwiki-token", "").encode(), self.token.encode()):
                return "the page is of an earlier run: load it again"
        return ""
