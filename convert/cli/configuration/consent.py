"""Consent before a secret is sent: to which host, where its address comes from, whether the user agrees.

At a terminal the user is asked the first time that a secret goes to a host (trust on first use, as in ssh); the answer
is stored in ``known-wikis`` in the user's state folder.  Without a terminal, as in cron, the address must have been
given explicitly: on the command line, or in a file that was named or belongs to the user alone.  An address that was
only found, in a ``plainwiki.toml`` that came with a folder of articles, gets no secret then, unless it is known.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from convert.cli.configuration.defaults import Origin
from convert.cli.configuration.trust import Ownership, examine
from convert.errors import UsageError
from convert.io import console

NAME = "known-wikis"


def allow_secret(api: str, origin: Origin, folder: str, say: Callable[[str], None], agreed: bool = False) -> None:
    """Show where a secret goes, and ask at a terminal; raises UsageError if it must not be sent.

    ``folder`` is the user's state folder.  ``agreed``: do not ask about addresses that were given explicitly.
    """
    target = secret_target(api)
    path = os.path.join(folder, NAME)
    if target in _known_wikis(path) or (not origin.doubt and (agreed or not console.is_asked())):
        say(f"signing in at {target}: the address is from {origin.place}")
        return
    if not console.is_asked():
        raise UsageError(
            f"nothing was sent to {target}: its address is from {origin.place}, which {origin.doubt}: give the "
            "address with --wiki, or answer once at a terminal"
        )
    console.say(f"no secret was sent to {target} before; the address is from {origin.place}")
    if not console.confirmed("Sign in there?"):
        raise UsageError(f"nothing was sent to {target}")
    _remember(path, target)


def secret_target(address: str) -> str:
    """Return scheme, host and port of an address; raises UsageError for an invalid address."""
    # Parsed as by what connects: another parser may see another host.
    from convert.upload.client.front.addresses import parsed

    return parsed(address).origin


def _known_wikis(path: str) -> frozenset[str]:
    verdict = examine(path)
    if verdict is None or verdict.standing is not Ownership.OWN:
        return frozenset()
    with open(path, encoding="utf-8", errors="replace") as file:
        return frozenset(file.read().split("\n"))


def _remember(path: str, target: str) -> None:
    try:
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            os.write(descriptor, f"{target}\n".encode())
        finally:
            os.close(descriptor)
    except OSError as error:
        console.say(f"the answer cannot be kept in {path}: {error.strerror}: you will be asked again")
