"""Where the API of a wiki is, found from any address of the wiki: people know how to reach its pages, not its api.php.

https://en.wikipedia.org/wiki/Islay    https://en.wikipedia.org/w/api.php
"""

from __future__ import annotations

import json
import re
from urllib.parse import urlsplit

from convert.errors import EnvironmentFailed
from convert.upload.transport import Lost, Transport, Unsent

_TIMEOUT_S = 30
#: What follows the folder of the scripts, or of the pages, in the address of a page.
_OF_PAGE = re.compile(r"/(?:index\.php|wiki)(?:/.*)?$|/$")


def api_of(address: str) -> str:
    """Find the address of a wiki's ``api.php``; nothing is asked where a script is named.

    Looks at the usual places on that host, at most three, and does not say who is asking.  Raises EnvironmentFailed
    where none of them is an API.
    """
    script = urlsplit(address).path.rpartition("/")[2]
    if script.endswith(".php") and script != "index.php":
        return address
    places = _places(address if "//" in address else f"https://{address}")
    found = next((place for place in places if _is_api(place)), None)
    if found is None:
        raise EnvironmentFailed(f"no wiki's API is at {' or '.join(places)}: give the address of its api.php")
    return found


def _places(address: str) -> list[str]:
    parts = urlsplit(address)
    folder = _OF_PAGE.sub("", parts.path)
    return [f"{parts.scheme}://{parts.netloc}{each}/api.php" for each in dict.fromkeys((folder, "/w", ""))]


def _is_api(place: str) -> bool:
    # Nothing is sent that anybody might not read.
    transport = Transport(place, 1, _TIMEOUT_S, plain_http=True)
    try:
        answer = transport.post({"action": "query", "meta": "siteinfo", "format": "json", "formatversion": "2"}, {})
        found = json.loads(answer.body)
    except Unsent as unsent:
        raise EnvironmentFailed(f"{unsent}: check the address and the network") from None
    except (Lost, EnvironmentFailed, ValueError):
        return False
    finally:
        transport.close()
    # A wiki that only its members may read refuses, and says so.
    return isinstance(found, dict) and ("query" in found or "error" in found)
