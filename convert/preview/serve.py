"""The preview's server: on this machine only, unless told otherwise, with the browser opened, until interrupted."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
import webbrowser
from collections.abc import Callable, Sequence
from contextlib import suppress
from ipaddress import IPv6Address, ip_address
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread
from typing import TYPE_CHECKING, NamedTuple

import uvicorn

from convert.errors import UsageError
from convert.preview import pages
from convert.preview.app import Parts, Preview
from convert.preview.connections import KEEP_ALIVE_S, Connection
from convert.preview.library import Library
from convert.preview.live import Keeper, Rules

if TYPE_CHECKING:
    from convert.preview.remote import Planner

HOST = "127.0.0.1"
#: Where the preview is found if nothing else is said and nobody else is there.
PORT = 8017
#: So many connections are taken at a time, and the rest wait for the next turn: a request is read three turns after its
#: connection was taken, and by then fewer than connections.MAX_WAITING others must have come.
_TAKEN = 16
_BACKLOG = 1024
#: A browser that takes longer to start finds nothing.
_OPENING_S = 60.0


class Place(NamedTuple):
    """Where to serve: an IP address, a port (``None``: any), and the names it is reached by besides."""

    host: str = HOST
    port: int | None = None
    names: Sequence[str] = ()


def serve(
    library: Library,
    inputs: Sequence[str],
    config: str,
    rules: Rules,
    place: Place,
    browser: bool,
    tell: Callable[[str], None],
    planner: Planner | None = None,
) -> None:
    """Serve until interrupted; ``tell`` is told the address, and what a person should know."""
    listening = _listening(place)
    with listening:
        port = listening.getsockname()[1]
        parts = Parts(library, Keeper(library, config, rules), inputs, tell, planner)
        open_to_others = not ip_address(place.host).is_loopback
        preview = Preview(parts, port, place.names, open_to_others)
        settings = uvicorn.Config(
            preview.guard, http=Connection, ws="none", log_level="critical", access_log=False, server_header=False,
            proxy_headers=False, backlog=_TAKEN, timeout_graceful_shutdown=2, timeout_keep_alive=int(KEEP_ALIVE_S),
        )  # fmt: skip
        address = f"http://{_reached(place.host)}:{port}/?token={preview.guard.key}"

        def ready() -> None:
            listening.listen(_BACKLOG)  # asyncio has one number for both
            tell(f"the preview is at {address} (Ctrl+C ends it)")
            if open_to_others:
                tell(
                    f"--host {place.host}: whoever reaches port {port} of this machine or container can ask, and only "
                    "the token keeps them out; nothing is encrypted, so publish the port to trusted networks only"
                )
            if browser:
                Thread(target=_open, args=(address, preview.guard.opened, tell), daemon=True).start()

        _Server(settings, preview.stop, ready).run([listening])


class _Server(uvicorn.Server):
    """A server that says when it is ready, and tells open streams to end when it ends."""

    def __init__(self, settings: uvicorn.Config, stop: asyncio.Event, ready: Callable[[], None]) -> None:
        super().__init__(settings)
        self._stop = stop
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._stop.set()
        await super().shutdown(sockets)


def _listening(place: Place) -> socket.socket:
    """Listen at the port that was asked for, or else at the usual one, or any."""
    family = socket.AF_INET6 if isinstance(ip_address(place.host), IPv6Address) else socket.AF_INET
    for number in (place.port,) if place.port is not None else (PORT, 0):
        # The protocol is named so that asyncio sends small answers at once.
        listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((place.host, number))
            listening.listen(_BACKLOG)
            return listening
        except OSError as error:
            listening.close()
            problem = error.strerror
    if place.port is None:
        raise UsageError(f"no port of {place.host} can be had ({problem}): give an address of this machine to --host")
    raise UsageError(f"port {place.port} cannot be had ({problem}): name another with --port, or leave it to be found")


def _reached(host: str) -> str:
    """Write an IP address as a host of a URL; where all addresses are listened at, loopback is the nearest."""
    address = ip_address(host)
    if address.is_unspecified:
        return "[::1]" if address.version == 6 else HOST
    return f"[{address}]" if address.version == 6 else str(address)


def _open(address: str, opened: Event, tell: Callable[[str], None]) -> None:
    """Open the browser; one that would take over the terminal does not count.

    Everybody sees what a command is started with, so the browser is given a file that only its owner can read, and the
    file leads to the address.
    """
    windows = sys.platform in ("win32", "darwin") or any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")
    )
    with suppress(OSError), TemporaryDirectory(prefix="plainwiki-", ignore_cleanup_errors=True) as folder:
        path = Path(folder, "preview.html")
        path.touch(0o600)
        path.write_text(pages.entering(address), "utf-8")
        if windows and webbrowser.open(path.as_uri()):
            opened.wait(_OPENING_S)
            return
    tell(f"no browser could be opened: open {address} in one")
