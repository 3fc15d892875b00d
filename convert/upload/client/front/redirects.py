"""Where an address leads, and what to write instead: nothing follows a redirect by itself.

A request holds passwords, and a redirect could lead them to another host, or out of TLS.
"""

from __future__ import annotations

import re
from urllib.parse import urljoin

from convert.errors import UsageError
from convert.expressions import expression
from convert.printable import redacted, visible
from convert.upload.client.front.addresses import Address, parsed
from convert.upload.client.front.signs import sign_in_service

_MAX_SHOWN = 200
#: Addresses of a sign-in page; words between signs, because "oauth" is also part of other words.
_SIGN_IN = expression(
    r"(?<![a-z])(?:sso|saml2?|shibboleth|oauth2?|openid(?:-connect)?|oidc|adfs|cas|signin|sign-in|log-?in|logon|authelia|"
    r"authn?|authorize|realms|idp)(?![a-z])",
    re.IGNORECASE,
)
_MAINTENANCE = expression(r"maintenance|wartung|sorry|unavailable|down(?![a-z])", re.IGNORECASE)
_NOWHERE = "nowhere"
_NOTHING_SENT = "where nothing was sent"


def target(address: Address, location: str) -> Address | None:
    """Return where a redirect leads, if that is an address of the web."""
    try:
        return parsed(urljoin(address.url, location.strip())) if location.strip() else None
    except (UsageError, ValueError):
        return None


def redirected(address: Address, place: Address | None, location: str) -> str:
    """Tell where a redirect leads, its likeliest reason, and what to write."""
    if place is None:
        return f"{address.url} redirects to {_NOWHERE}, {_NOTHING_SENT}: look at the web server"
    shown = _shown(place.url)
    head = f"{address.url} redirects to {shown}, {_NOTHING_SENT}"
    same_host = place.host == address.host
    if service := sign_in_service(f"{place.host}{place.path}"):
        return f"{head}: {service} stands in front of the wiki: {sign_in_remedy()}"
    if _same_place(place.path, address.path):
        return f"{head}: {moved(address, place)}: write {_shown(place.url)}"
    if _SIGN_IN.search(location if same_host else f"{place.path}?{location}"):
        return f"{head}: it is a page to sign in at (SSO), in front of the wiki: {sign_in_remedy()}"
    if same_host and place.scheme == address.scheme and _MAINTENANCE.search(place.path):
        return f"{head}: the wiki seems to be under maintenance: try later"
    if same_host and place.scheme == "https" != address.scheme:
        return f"{head}: {moved(address, place)}: write {_shown(place._replace(path=address.path).url)}"
    if not same_host and address.scheme == "http":
        return (
            f"{head}: {moved(address, place)}: write {_shown(place.url)} if that is the wiki; what redirects every "
            "address is a sign-in page of the network (captive portal): open a page in a browser"
        )
    instead = f"write {_shown(place.url)} if that is the wiki, or the address of api.php itself"
    return f"{head}: {moved(address, place)}: {instead}"


def sign_in_remedy() -> str:
    """Tell how to get past a page where people sign in."""
    return (
        "no program signs in there: ask who runs it for a way past it (an address within the network, or a header, set "
        "with PLAINWIKI_HEADERS or headers in [wikis.NAME])"
    )


def _same_place(path: str, asked: str) -> bool:
    """Return whether a redirect leads to the same script, there or elsewhere."""
    return path.rpartition("/")[2] == asked.rpartition("/")[2] != ""


def moved(address: Address, place: Address) -> str:
    """Tell what a redirect means."""
    if place.host != address.host:
        return "the wiki has moved, or has another name"
    if place.scheme != address.scheme:
        return "the wiki wants https" if place.scheme == "https" else "it leads out of TLS"
    return "it is at another place"


def _shown(url: str) -> str:
    return visible(redacted(url)[:_MAX_SHOWN])
