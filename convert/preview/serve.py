"""The preview's HTTP server: binds a port (loopback by default), opens the browser, runs until interrupted."""

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
from convert.preview.app import Components, Preview
from convert.preview.background import BackgroundReader, RulesFile
from convert.preview.connections import KEEP_ALIVE_TIMEOUT_S, Connection
from convert.preview.edits.editor import users_editor
from convert.preview.library import Library

if TYPE_CHECKING:
    from convert.preview.wiki.planner import Planner

HOST = "127.0.0.1"
#: The default port; any free one if it is in use.
PORT = 8017
#: Connections accepted per turn of the event loop: a request is read three turns after its connection was accepted, and
#: by then fewer than connections.MAX_WAITING others must have been accepted.
_ACCEPTED_PER_TURN = 16
_BACKLOG = 1024
#: The file that leads the browser to the address is removed after this time.
_OPENING_S = 60.0


class Endpoint(NamedTuple):
    """Where to serve: an IP address, a port (``None``: the default or any), and further host names (of proxies)."""

    host: str = HOST
    port: int | None = None
    names: Sequence[str] = ()


def serve(
    library: Library,
    inputs: Sequence[str],
    config: str,
    rules: RulesFile,
    endpoint: Endpoint,
    browser: bool,
    notify: Callable[[str], None],
    planner: Planner | None = None,
) -> None:
    """Serve until interrupted; ``notify`` gets the address and messages for the terminal."""
    listening = _bind(endpoint)
    with listening:
        port = listening.getsockname()[1]
        editor = users_editor(os.environ)
        parts = Components(library, BackgroundReader(library, config, rules), inputs, notify, planner, editor)
        open_to_others = not ip_address(endpoint.host).is_loopback
        preview = Preview(parts, port, endpoint.names, open_to_others)
        settings = uvicorn.Config(
            preview.access, http=Connection, ws="none", log_level="critical", access_log=False, server_header=False,
            proxy_headers=False, backlog=_ACCEPTED_PER_TURN, timeout_graceful_shutdown=2,
            timeout_keep_alive=int(KEEP_ALIVE_TIMEOUT_S),
        )  # fmt: skip
        address = f"http://{_url_host(endpoint.host)}:{port}/?token={preview.access.token}"

        def ready() -> None:
            listening.listen(_BACKLOG)  # asyncio has one number for both
            notify(f"the preview is at {address} (Ctrl+C ends it)")
            if way := _way_by_ssh(port, os.environ.get("SSH_CONNECTION", "")) if not open_to_others else "":
                notify(way)
            if open_to_others:
                notify(
                    f"--host {endpoint.host}: whoever reaches port {port} of this machine or container can ask, and "
                    "only the token keeps them out; nothing is encrypted, so publish the port to trusted networks only"
                )
            if browser:
                Thread(target=_open_browser, args=(address, preview.access.opened, notify), daemon=True).start()

        _Server(settings, preview.stop, ready).run([listening])


class _Server(uvicorn.Server):
    """A server that calls ``ready`` when it accepts requests, and ends open event streams before it stops."""

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


def _bind(endpoint: Endpoint) -> socket.socket:
    """Bind the requested port, or else the default one, or any."""
    family = socket.AF_INET6 if isinstance(ip_address(endpoint.host), IPv6Address) else socket.AF_INET
    for number in (endpoint.port,) if endpoint.port is not None else (PORT, 0):
        # The protocol is named so that asyncio sends small answers at once.
        listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((endpoint.host, number))
            listening.listen(_BACKLOG)
            return listening
        except OSError as error:
            listening.close()
            problem = error.strerror
    if endpoint.port is None:
        raise UsageError(
            f"no port of {endpoint.host} can be had ({problem}): give an address of this machine to --host"
        )
    raise UsageError(
        f"port {endpoint.port} cannot be had ({problem}): name another with --port, or leave it to be found"
    )


def _way_by_ssh(port: int, connection: str) -> str:
    """Tell how the browser of another machine reaches a port of loopback; empty without a connection by ssh."""
    # The addresses and ports of both sides: "192.0.2.7 50022 192.0.2.1 22".
    parts = connection.split()
    if len(parts) != 4:
        return ""
    own = f"ssh -N -p {parts[3]} -L {port}:127.0.0.1:{port} {parts[2]}"
    return f"signed in by ssh: for the browser of your own machine, run '{own}' there, and open the same address"


def _url_host(host: str) -> str:
    """Return an IP address as the host of a URL; loopback for the unspecified address."""
    address = ip_address(host)
    if address.is_unspecified:
        return "[::1]" if address.version == 6 else HOST
    return f"[{address}]" if address.version == 6 else str(address)


def _open_browser(address: str, opened: Event, notify: Callable[[str], None]) -> None:
    """Open a graphical browser; without one, say so.

    Command lines are visible to every account, so the browser gets a file that only its owner can read, and that
    redirects to the address.
    """
    windows = sys.platform in ("win32", "darwin") or any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")
    )
    with suppress(OSError), TemporaryDirectory(prefix="plainwiki-", ignore_cleanup_errors=True) as folder:
        path = Path(folder, "preview.html")
        path.touch(0o600)
        path.write_text(pages.redirect(address), "utf-8")
        if windows and webbrowser.open(path.as_uri()):
            opened.wait(_OPENING_S)
            return
    notify(f"no browser could be opened: open {address} in one")
