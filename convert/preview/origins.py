"""The origin of a wiki as a policy can name it, and addresses that stay within it.

In a Content-Security-Policy spaces, quotes, commas and semicolons mean something, and so do slashes in an address: two
of them name a host.  What a wiki or a configuration says of addresses goes through here before it stands in either.
"""

from __future__ import annotations

import re
from contextlib import suppress
from urllib.parse import quote, urlsplit

from convert.errors import EnvironmentFailed

_HOST = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\]")
_OF_PATHS = "/%:@!$&()*+,=~"


def origin_of(address: str) -> str:
    """Return the origin of an address; raises EnvironmentFailed where it has none that could stand in a policy."""
    scheme, host, port = "", "", None
    with suppress(ValueError):  # of brackets, of a port, of a name that DNS does not take
        parts = urlsplit(address)
        scheme, host, port = parts.scheme, (parts.hostname or "").lower(), parts.port
        host = f"[{host}]" if ":" in host else host if host.isascii() else host.encode("idna").decode()
    if scheme not in ("http", "https") or not _HOST.fullmatch(host):
        raise EnvironmentFailed(f"{address!r} has no host that a page could be shown from: check the wiki's address")
    return f"{scheme}://{host}" + (f":{port}" if port is not None else "")


def within_origin(origin: str, address: str) -> str:
    """Return an address at an origin that has only the path of another one, whatever that is."""
    path = ""
    with suppress(ValueError):
        path = urlsplit(address).path
    return f"{origin}/{quote(path.lstrip('/'), safe=_OF_PATHS, errors='replace')}"
