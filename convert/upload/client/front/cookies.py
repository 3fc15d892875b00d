"""Cookies of a session, and those that would not come back, with the reason: as in a browser.

A wiki whose cookies are not sent again forgets its sessions, and says "Your session most likely timed out".
"""

from __future__ import annotations

from http.cookiejar import Cookie, CookieJar, DefaultCookiePolicy
from typing import Any
from urllib.request import Request

from convert.printable import visible
from convert.upload.client.front.addresses import Address

_MOST_NAMES = 5


class Cookies(CookieJar):
    """The cookies of one session on the host of an address; ``set_names`` lists those that the wiki ever set."""

    def __init__(self, address: Address) -> None:
        super().__init__(DefaultCookiePolicy())
        self._address = address
        self.set_names: set[str] = set()
        #: Why cookies do not come back, by name.
        self.kept_out: dict[str, str] = {}

    def extract_cookies(self, response: Any, request: Request) -> None:
        """Keep what an answer sets, and note what would not be sent again."""
        super().extract_cookies(response, request)
        for cookie in self.make_cookies(response, request):
            if cookie.is_expired():
                continue  # that is how a cookie is removed
            self.set_names.add(cookie.name)
            if reason := self._reason(cookie, request):
                self.kept_out[cookie.name] = reason
            else:
                self.kept_out.pop(cookie.name, None)

    def _reason(self, cookie: Cookie, request: Request) -> str:
        """Return why a cookie would not come back to the address that set it; empty if it would."""
        policy: Any = self._policy  # type: ignore[attr-defined]  # CookieJar has no other name for it
        path = self._address.path or "/"
        if cookie.secure and self._address.scheme == "http":
            return (
                "is Secure, and not sent over http: give the address with https://, or have $wgServer and "
                "$wgCookieSecure say http"
            )
        if cookie.domain_specified and not policy.set_ok_domain(cookie, request):
            return (
                f"is for {visible(cookie.domain.lstrip('.'))[:100]} and not for {self._address.host}: give the "
                "address by that name, or correct $wgCookieDomain"
            )
        if not (path == cookie.path or path.startswith(cookie.path.rstrip("/") + "/")):
            return f"is for {visible(cookie.path)[:100]}, where {path} is not: correct $wgCookiePath"
        return ""

    def loss(self) -> str:
        """Tell why the wiki may not know the session again; empty where its cookies come back."""
        names = sorted(name for name in self.kept_out if "session" in name.lower()) or sorted(self.kept_out)
        if not names:
            named = any("session" in name.lower() for name in self.set_names)
            return (
                "" if named else "it sets no cookie of a session: what stands in front may take it out (a cache, a CDN)"
            )
        return f"its cookie {', '.join(map(visible, names[:_MOST_NAMES]))} {self.kept_out[names[0]]}"
