"""A proxy for SOCKS 5 on loopback, in front of one port of this machine, whatever host it is asked for."""

from __future__ import annotations

import select
import socket
import struct
import threading
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import cast

_TIMEOUT_S = 30


class SocksProxy:
    """A proxy, between ``__enter__`` and ``__exit__``.

    With a ``login`` ("name:password") it lets nobody in without; ``refusal`` is the code with which it refuses to
    connect.  With a ``greeting`` it is another service, which says that.
    """

    def __init__(self, port: int, login: str = "", refusal: int = 0, greeting: bytes = b"") -> None:
        self.target_port, self.login, self.refusal, self.greeting = port, login, refusal, greeting
        #: What was asked for, as "host:port".
        self.asked: list[str] = []
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.proxy = self
        self.address = f"127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> SocksProxy:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *raised: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingTCPServer):
    daemon_threads = True
    proxy: SocksProxy

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignore errors: clients may disconnect."""


class _Handler(StreamRequestHandler):
    timeout = _TIMEOUT_S

    def handle(self) -> None:
        proxy = cast(_Server, self.server).proxy
        if proxy.greeting:
            self.wfile.write(proxy.greeting)
            return
        methods = self.rfile.read(self.rfile.read(2)[1])
        wanted = 2 if proxy.login else 0
        self.wfile.write(bytes((5, wanted if wanted in methods else 255)))
        if wanted not in methods or not self._let_in(proxy.login):
            return
        kind = self.rfile.read(4)[3]
        host = self.rfile.read(self.rfile.read(1)[0]).decode() if kind == 3 else socket.inet_ntoa(self.rfile.read(4))
        (port,) = struct.unpack(">H", self.rfile.read(2))
        proxy.asked.append(f"{host}:{port}")
        self.wfile.write(bytes((5, proxy.refusal, 0, 1, 0, 0, 0, 0, 0, 0)))
        if not proxy.refusal:
            with socket.create_connection(("127.0.0.1", proxy.target_port), timeout=_TIMEOUT_S) as there:
                self._carry(there)

    def _let_in(self, login: str) -> bool:
        if not login:
            return True
        parts = [self.rfile.read(self.rfile.read(1 + first)[-1]).decode() for first in (1, 0)]
        passes = ":".join(parts) == login
        self.wfile.write(bytes((1, not passes)))
        return passes

    def _carry(self, there: socket.socket) -> None:
        """Carry bytes both ways until one side ends."""
        pairs = {self.connection: there, there: self.connection}
        while ready := select.select(list(pairs), [], [], _TIMEOUT_S)[0]:
            for side in ready:
                piece = side.recv(1 << 16)
                if not piece:
                    return
                pairs[side].sendall(piece)
