"""The preview's server: on this machine only, with the browser opened, until it is interrupted."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
import webbrowser
from collections.abc import Callable, Sequence
from threading import Thread
from typing import TYPE_CHECKING

import uvicorn

from convert.errors import UsageError
from convert.preview.app import Parts, Preview
from convert.preview.library import Library
from convert.preview.live import Keeper, Rules

if TYPE_CHECKING:
    from convert.preview.remote import Planner

HOST = "127.0.0.1"
#: Where the preview is found if nothing else is said and nobody else is there.
PORT = 8017


def serve(
    library: Library,
    inputs: Sequence[str],
    config: str,
    rules: Rules,
    port: int | None,
    browser: bool,
    tell: Callable[[str], None],
    planner: Planner | None = None,
) -> None:
    """Serve until interrupted; ``tell`` is told the address, and what a person should know."""
    listening = _listening(port)
    with listening:
        address = f"http://{HOST}:{listening.getsockname()[1]}/"
        parts = Parts(library, Keeper(library, config, rules), inputs, tell, planner)
        preview = Preview(parts, listening.getsockname()[1])
        settings = uvicorn.Config(
            preview.guard, log_level="warning", access_log=False, server_header=False, timeout_graceful_shutdown=2,
            timeout_keep_alive=60,
            limit_concurrency=200, ws="none",
        )  # fmt: skip
        server = _Server(settings, preview.stop, lambda: _ready(address, browser, tell))
        server.run([listening])


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


def _listening(port: int | None) -> socket.socket:
    """Listen at the port that was asked for, or else at the usual one, or any."""
    for number in (port,) if port is not None else (PORT, 0):
        # The protocol is named so that asyncio sends small answers at once.
        listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((HOST, number))
            listening.listen(128)
            return listening
        except OSError as error:
            listening.close()
            problem = error.strerror
    raise UsageError(f"port {port} cannot be had ({problem}): name another with --port, or leave it to be found")


def _ready(address: str, browser: bool, tell: Callable[[str], None]) -> None:
    tell(f"the preview is at {address} (Ctrl+C ends it)")
    if browser:
        Thread(target=_opened, args=(address, tell), daemon=True).start()


def _opened(address: str, tell: Callable[[str], None]) -> None:
    """Open the browser; one that would take over the terminal does not count."""
    windows = sys.platform in ("win32", "darwin") or any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")
    )
    if not (windows and webbrowser.open(address)):
        tell(f"no browser could be opened: open {address} in one")
