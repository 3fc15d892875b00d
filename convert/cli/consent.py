"""Before a secret leaves: where it goes, where that address comes from, and whether the user agrees.

At a terminal the user is asked the first time that a secret goes to a host, as by ssh; the answer is kept in
``known-wikis`` in the user's state folder.  Where nobody can be asked, as in a job of cron, the address must have been
named: on the command line, or in a file that is named or is the user's own and nobody else's.  An address that was only
found, in a ``plainwiki.toml`` that came with a folder of articles, gets no secret that way, unless it is known.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from urllib.parse import urlsplit

from convert import console
from convert.cli.config import Origin
from convert.cli.trust import Standing, examined
from convert.errors import UsageError

NAME = "known-wikis"


def allow_secret(api: str, origin: Origin, folder: str, say: Callable[[str], None], agreed: bool = False) -> None:
    """Show where a secret goes, and ask if need be; raises UsageError where it must not.

    ``folder`` is the user's state folder.  ``agreed``: the user wants no questions about what was named.
    """
    place = _place(api)
    path = os.path.join(folder, NAME)
    if place in _known(path) or (not origin.doubt and (agreed or not console.is_asked())):
        say(f"signing in at {_shown(place)}: the address is from {origin.place}")
        return
    if not console.is_asked():
        raise UsageError(
            f"nothing was sent to {_shown(place)}: its address is from {origin.place}, which {origin.doubt}: give the "
            "address with --wiki, or answer once at a terminal"
        )
    console.say(f"no secret was sent to {_shown(place)} before; the address is from {origin.place}")
    if not console.confirmed("Sign in there?"):
        raise UsageError(f"nothing was sent to {_shown(place)}")
    _remember(path, place)


def _place(api: str) -> str:
    """Return scheme, host and port: who would get the secret, and how."""
    parts = urlsplit(api)
    host = parts.hostname or ""
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{port}"


def _shown(place: str) -> str:
    """Show a host of other letters also as it is asked for: some look like others."""
    if place.isascii():
        return place
    try:
        return f"{place} ({place.partition('://')[2].encode('idna').decode()})"
    except UnicodeError:
        return ascii(place)[1:-1]


def _known(path: str) -> frozenset[str]:
    verdict = examined(path)
    if verdict is None or verdict.standing is not Standing.OWN:
        return frozenset()
    with open(path, encoding="utf-8", errors="replace") as file:
        return frozenset(file.read().split("\n"))


def _remember(path: str, place: str) -> None:
    try:
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            os.write(descriptor, f"{place}\n".encode())
        finally:
            os.close(descriptor)
    except OSError as error:
        console.say(f"the answer cannot be kept in {path}: {error.strerror}: you will be asked again")
