"""Who answered instead of the wiki: recognized by status, headers and the text of the page.

HOST answers with WHAT (HTTP status N from SERVER): REMEDY
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape
from typing import NamedTuple

from convert.expressions import expression
from convert.printable import redacted, visible
from convert.upload.client.front import signs
from convert.upload.client.front.http_options import HTTP_PASSWORD, HTTP_USER, HttpOptions
from convert.upload.client.front.proxies import Proxy
from convert.upload.client.front.redirects import sign_in_remedy
from convert.upload.client.front.signs import Sign

_LOOKED_AT_BYTES = 1 << 17
_MAX_SHOWN = 80
_REALM = expression(r'realm="?([^",]{1,80})', re.IGNORECASE)
_SCHEMES = expression(r"(?:^|,\s*)(Basic|Digest|Negotiate|NTLM|Bearer)\b", re.IGNORECASE)
_GIVE = "give the address of its api.php"
#: What a status says, where nothing else does.
_STATUSES = {
    400: Sign("'the request is malformed'", "look at what stands in front of the wiki"),
    404: Sign("'there is nothing here'", _GIVE),
    405: Sign("'POST is not allowed'", f"what stands in front of the wiki must let POST pass, or {_GIVE}"),
    410: Sign("'it is gone'", "look at the address"),
    413: Sign("'the request is too large'",
              "raise client_max_body_size (nginx), LimitRequestBody (Apache) or post_max_size (PHP)"),
    421: Sign("'this host is not served here'", "look at the address, and at the proxy before the wiki"),
    429: Sign("'too many requests'", "say who asks with --contact, and slow down with --rate", True),
    451: Sign("'not allowed for legal reasons'", "ask who runs it"),
    500: Sign("'internal error'", "look at the log of the web server", True),
    501: Sign("'POST is not known'", f"what answers is no wiki: {_GIVE}"),
    502: Sign("'no answer from behind'", "the web server in front works, the wiki behind does not: restart it", True),
    503: Sign("'not available now'", "try later, or look at the web server", True),
    504: Sign("'no answer in time from behind'", "the web server in front works, the wiki behind it does not", True),
    511: Sign("a sign-in page of the network (captive portal)", "open a page in a browser, and sign in there"),
}  # fmt: skip
_OF_CLOUDFLARE = Sign(
    "'the server behind Cloudflare does not answer'",
    "Cloudflare works, the wiki behind it does not: tell who runs it",
    True,
)


class Stranger(NamedTuple):
    """An answer that is not a wiki's: its sign, its status, and who gave it."""

    sign: Sign
    status: int
    server: str

    def told(self, host: str) -> str:
        """Tell who answered, and what to do."""
        return f"{self.named(host)}: {self.sign.remedy}"

    def named(self, host: str) -> str:
        """Tell who answered."""
        by = f" from {self.server}" if self.server else ""
        return f"{host} answers with {self.sign.what} (HTTP status {self.status}{by})"

    @property
    def is_certain(self) -> bool:
        """Whether asking again changes nothing."""
        return not self.sign.passing


def recognized(
    status: int, headers: Mapping[str, str], body: bytes, options: HttpOptions, proxy: Proxy | None
) -> Stranger | None:
    """Recognize who answered instead of a wiki; ``None`` for what could be anything.

    ``headers`` have names in lower case.
    """
    server = _server(headers)
    if proxy and (status == 407 or "x-squid-error" in headers):
        server = str(proxy)
    sign = _of_status(status, headers, options, proxy) or _of_headers(headers) or _of_page(status, headers, body)
    if sign is None:
        sign = _OF_CLOUDFLARE if status in (*range(520, 528), 530) else _STATUSES.get(status)
    if sign is None and status == 403:
        agent = "it may know clients by their address or their User-Agent (--contact)"
        sign = Sign(f"'forbidden'{_titled(_text(body))}", f"ask who runs it to let this client pass: {agent}")
    if sign is None and status == 200 and not body.strip():
        sign = Sign("an empty page", "PHP broke off there: look at the log of the web server", True)
    return Stranger(sign, status, server) if sign else None


def _server(headers: Mapping[str, str]) -> str:
    named = headers.get("server", "") or headers.get("via", "")
    return visible(redacted(named))[:_MAX_SHOWN].strip()


def _of_status(status: int, headers: Mapping[str, str], options: HttpOptions, proxy: Proxy | None) -> Sign | None:
    """Recognize who asks for a name and password."""
    if status == 407:
        where = proxy.variable if proxy else "HTTPS_PROXY"
        return Sign(
            "a demand of the proxy for a name and password", f"write them into {where}, as in http://NAME:PASSWORD@HOST"
        )
    if status != 401:
        return None
    asked = headers.get("www-authenticate", "")
    schemes = {scheme.lower() for scheme in _SCHEMES.findall(asked)}
    realm = _REALM.search(asked)
    named = f", for '{visible(redacted(realm[1]))}'" if realm else ""
    if "basic" in schemes:
        if options.user:
            return Sign(
                f"'that is not the name and password' (HTTP Basic{named})",
                f"correct {HTTP_USER} and {HTTP_PASSWORD}, or http-user and http-password in [wikis.NAME]",
            )
        return Sign(
            f"a demand of the web server for a name and password (HTTP Basic{named})",
            f"set {HTTP_USER} and {HTTP_PASSWORD}, or http-user and http-password in [wikis.NAME]",
        )
    if schemes and "bearer" not in schemes:
        names = ", ".join(sorted(scheme.capitalize() for scheme in schemes))
        return Sign(
            f"a demand of the web server to sign in by {names}{named}",
            "plainwiki signs in there by HTTP Basic only: ask who runs it for that, or for an address without",
        )
    return Sign(f"'sign in first'{named}", "ask who runs it for a header to send, and set it with PLAINWIKI_HEADERS")


def _of_headers(headers: Mapping[str, str]) -> Sign | None:
    return next((sign for name, pattern, sign in signs.HEADERS if pattern.search(headers.get(name, ""))), None)


def _of_page(status: int, headers: Mapping[str, str], body: bytes) -> Sign | None:
    text = _text(body)
    if not text.strip() or (text.lstrip()[:1] in ("{", "[") and "json" in headers.get("content-type", "json")):
        return None
    # A page of a wiki may be about anything below.
    if status < 500 and signs.WIKI_PAGE.search(text):
        api = signs.EDIT_URI.search(text)
        remedy = f"{_GIVE}, which is {visible(unescape(api[1]))}" if api else _GIVE
        return Sign(f"a page of a wiki{_titled(text)}, and not its API", remedy)
    for pattern, sign in signs.PAGES:
        if pattern.search(text):
            return sign
    if signs.PASSWORD_FIELD.search(text):
        return Sign(f"a page to sign in at (SSO){_titled(text)}", sign_in_remedy())
    if status in (200, 500, 502, 503) and signs.MAINTENANCE.search(text):
        return Sign(f"a page about maintenance{_titled(text)}", "try later", True)
    return None


def _titled(text: str) -> str:
    title = signs.TITLE.search(text)
    words = " ".join(unescape(title[1]).split()) if title else ""
    return f" titled '{visible(redacted(words))[:_MAX_SHOWN]}'" if words else ""


def _text(body: bytes) -> str:
    return body[:_LOOKED_AT_BYTES].decode("utf-8", "replace")
