"""Finds the API of a wiki from any address of the wiki: people know its pages, not its api.php.

https://en.wikipedia.org/wiki/Islay    https://en.wikipedia.org/w/api.php
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from convert.diagnostics import visible
from convert.errors import EnvironmentFailed, UsageError
from convert.upload.client.decoding import LITTLE_BYTES, Misshapen, names_of
from convert.upload.client.transport import Lost, TooLarge, Transport, Unsent

_TIMEOUT_S = 30
#: The end of a page's address: what follows the folder of the scripts or of the pages.
_OF_PAGE = re.compile(r"/(?:index\.php|wiki)(?:/.*)?$|/$")


def api_of(address: str) -> str:
    """Find the address of a wiki's ``api.php``; an address that names a script is returned without a request.

    Tries the usual places on that host, at most three, anonymously.  Raises EnvironmentFailed where none of them is an
    API.
    """
    try:
        parts = urlsplit(address if "//" in address else f"https://{address}")
    except ValueError as error:
        raise UsageError(f"{visible(address)} is no address of a wiki: {error}") from None
    script = parts.path.rpartition("/")[2]
    if script.endswith(".php") and script != "index.php":
        return address
    folder = _OF_PAGE.sub("", parts.path)
    places = [f"{parts.scheme}://{parts.netloc}{path}/api.php" for path in dict.fromkeys((folder, "/w", ""))]
    api = next((place for place in places if _is_api(place)), None)
    if api is None:
        raise EnvironmentFailed(f"no wiki's API is at {' or '.join(places)}: give the address of its api.php")
    return api


def _is_api(place: str) -> bool:
    # The request holds no secrets.
    transport = Transport(place, 1, _TIMEOUT_S, plain_http=True)
    try:
        asked = {"action": "query", "meta": "siteinfo", "format": "json", "formatversion": "2"}
        names = names_of(transport.post(asked, {}, LITTLE_BYTES).body)
    except Unsent as unsent:
        raise EnvironmentFailed(f"{unsent}: check the address and the network") from None
    except (Lost, TooLarge, EnvironmentFailed, Misshapen):
        return False
    finally:
        transport.close()
    # A private wiki refuses with an API error, which also shows that it is an API.
    return not names.isdisjoint(("query", "error"))
