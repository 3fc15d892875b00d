"""The origin of a wiki for a Content-Security-Policy, and addresses within that origin.

Spaces, quotes, commas and semicolons have a meaning in a policy, and so have slashes in an address: two of them begin a
host.  So addresses from a wiki or a configuration are validated here before they are used in either (injection).
"""

from __future__ import annotations

from contextlib import suppress
from urllib.parse import quote, urlsplit

from convert.errors import EnvironmentFailed
from convert.expressions import expression

_HOST = expression(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\]")
_OF_PATHS = "/%:@!$&()*+,=~"


def origin_of(address: str) -> str:
    """Return the origin of an address; raises EnvironmentFailed if it has none that is safe in a policy."""
    scheme, host, port = "", "", None
    with suppress(ValueError):  # invalid brackets, port or host name
        parts = urlsplit(address)
        scheme, host, port = parts.scheme, (parts.hostname or "").lower(), parts.port
        host = f"[{host}]" if ":" in host else host if host.isascii() else host.encode("idna").decode()
    if scheme not in ("http", "https") or not _HOST.fullmatch(host):
        raise EnvironmentFailed(f"{address!r} has no host that a page could be shown from: check the wiki's address")
    return f"{scheme}://{host}" + (f":{port}" if port is not None else "")


def within_origin(origin: str, address: str) -> str:
    """Return an address at an origin with only the path of another, untrusted address."""
    path = ""
    with suppress(ValueError):
        path = urlsplit(address).path
    return f"{origin}/{quote(path.lstrip('/'), safe=_OF_PATHS, errors='replace')}"
