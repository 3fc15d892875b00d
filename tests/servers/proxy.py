"""A proxy on loopback before a wiki, for fault injection.

    with Proxy(wiki.address) as proxy:
        proxy.faults = every(10, Fault.RESET_AFTER)
        Client(f"{proxy.address}/api.php", …)

It supports only what the client needs: POST, bodies with a length, one wiki.
"""

from __future__ import annotations

import json
import re
import socket
import socketserver
import ssl
import struct
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from email.message import Message
from enum import Enum
from http.client import HTTPConnection, HTTPResponse, parse_headers
from pathlib import Path
from types import TracebackType
from typing import cast
from urllib.parse import urlsplit

_TIMEOUT_S = 60
_FIELD = re.compile(rb'name="(\w+)"\r\n\r\n(.*?)\r\n--', re.DOTALL)
_NO_TIME = b"<html><head><title>Too busy</title></head><body><h1>Come back later</h1></body></html>"


class Fault(Enum):
    """A fault of a request.  The wiki carries the request out, unless a comment says otherwise."""

    DELAY = "the request arrives late"
    RESET_BEFORE = "the connection is reset, and the wiki is not asked"
    RESET_AFTER = "the connection is reset instead of an answer"
    CLOSED = "the connection is closed in the middle of the answer"
    CUT = "the answer ends in the middle, and looks whole to HTTP"
    GARBAGE = "the answer is a page of somebody else's"
    OTHER_JSON = "the answer is JSON, and somebody else's"
    ECHO = "the answer is an error nobody knows, which repeats what was asked"
    NONSENSE = "what comes back is not HTTP"
    GATEWAY = "the answer is 502"
    BUSY_429 = "the answer is 429, and the wiki is not asked"
    BUSY_503 = "the answer is 503, and the wiki is not asked"
    DRIP = "the answer comes byte by byte, and does not end"
    HEAD_DRIP = "the head of the answer comes byte by byte, and does not end"
    REDIRECT = "the answer is 302 to another host, and the wiki is not asked"
    FORBIDDEN = "the answer is 403, and the wiki is not asked"


@dataclass(frozen=True)
class Asked:
    """A received request."""

    number: int
    path: str
    headers: Message
    fields: dict[str, str]

    @property
    def action(self) -> str:
        """The action of the API."""
        return self.fields.get("action", "")


#: Chooses the fault of a request, if any.
Faults = Callable[[Asked], Fault | None]
#: Alters the forwarded bytes.
Alter = Callable[[Asked, bytes], bytes]


def none(asked: Asked) -> None:
    """No faults."""


def unaltered(asked: Asked, body: bytes) -> bytes:
    """Leave a request unchanged."""
    return body


def every(count: int, *faults: Fault) -> Faults:
    """Inject a fault into every n-th request, cycling through the kinds."""

    def decided(asked: Asked) -> Fault | None:
        return None if asked.number % count else faults[asked.number // count % len(faults)]

    return decided


@dataclass
class Once:
    """Inject a fault into the first ``times`` requests for an action."""

    action: str
    fault: Fault
    times: int = 1
    met: int = field(default=0, init=False)

    def __call__(self, asked: Asked) -> Fault | None:
        if asked.action != self.action or self.met == self.times:
            return None
        self.met += 1
        return self.fault


class Proxy:
    """Serves on loopback between ``__enter__`` and ``__exit__``.

    ``delay_s`` is the delay of DELAY, ``retry_after`` the Retry-After of BUSY.  With a ``certificate`` (a PEM file that
    includes the key) it uses TLS.
    """

    def __init__(self, wiki: str, certificate: Path | None = None) -> None:
        self.faults: Faults = none
        self.alter: Alter = unaltered
        self.asked: list[Asked] = []
        self.delay_s = 0.5
        self.retry_after = "0"
        self.wiki = urlsplit(wiki)
        self.ended = threading.Event()
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.proxy = self
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        scheme = "https" if certificate else "http"
        self.address = f"{scheme}://localhost:{self._server.server_address[1]}"

    def __enter__(self) -> Proxy:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, raised: object, trace: TracebackType | None) -> None:
        self.ended.set()
        self._server.shutdown()
        self._server.server_close()

    def count(self, action: str) -> int:
        """Return the number of requests for an action."""
        return sum(asked.action == action for asked in self.asked)

    def meet(self, path: str, headers: Message, body: bytes) -> Asked:
        """Record a request."""
        fields = {name.decode(): value.decode(errors="replace") for name, value in _FIELD.findall(body)}
        with self._lock:
            asked = Asked(len(self.asked) + 1, path, headers, fields)
            self.asked.append(asked)
        return asked


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    proxy: Proxy

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignore errors: a client may disconnect, or reject the certificate."""


class _Handler(socketserver.StreamRequestHandler):
    timeout = _TIMEOUT_S

    def handle(self) -> None:
        while line := self.rfile.readline():
            headers = parse_headers(self.rfile)
            body = self.rfile.read(int(headers.get("Content-Length", "0")))
            if not self._answer(line.split()[1].decode(), headers, body):
                return

    def _answer(self, path: str, headers: Message, body: bytes) -> bool:
        """Answer one request; return whether the connection stays open."""
        proxy = cast(_Server, self.server).proxy
        asked = proxy.meet(path, headers, body)
        fault = proxy.faults(asked)
        if fault is Fault.DELAY:
            time.sleep(proxy.delay_s)
        if fault is Fault.RESET_BEFORE:
            return self._reset()
        if own := _OWN.get(fault) if fault else None:
            self._say(own, [("Retry-After", proxy.retry_after), ("Location", "http://elsewhere.example/")], _NO_TIME)
            return True
        answer, content = _forward(proxy, asked, body)
        return self._spoilt(fault, answer, content)

    def _spoilt(self, fault: Fault | None, answer: HTTPResponse, content: bytes) -> bool:
        """Forward an answer of the wiki, or a part of it."""
        proxy = cast(_Server, self.server).proxy
        kept = [pair for pair in answer.getheaders() if pair[0].lower() not in _OF_CONNECTION]
        status = f"{answer.status} {answer.reason}"
        if fault is Fault.RESET_AFTER:
            return self._reset()
        if fault is Fault.CLOSED:
            self._say(status, kept, content[: len(content) // 2], length=len(content))
        elif fault is Fault.NONSENSE:
            self.wfile.write(b"\x15\x03\x01\x00\x02\x02\x16")
        elif fault is Fault.DRIP:
            self._say(status, kept, b"", length=1 << 20)
            self._drip(b" ", proxy)
        elif fault is Fault.HEAD_DRIP:
            self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
            self._drip(b"x", proxy)
        else:
            self._whole(fault, status, kept, content)
            return True
        return False

    def _whole(self, fault: Fault | None, status: str, headers: Sequence[tuple[str, str]], content: bytes) -> None:
        if fault is Fault.ECHO:
            fields = cast(_Server, self.server).proxy.asked[-1].fields
            error = {"code": "echo", "text": " ".join(fields.values()), "data": fields}
            self._say("200 OK", [], json.dumps({"errors": [error]}).encode())
        elif fault is Fault.CUT:
            self._say(status, headers, content[: len(content) // 2])
        elif fault is Fault.GARBAGE:
            self._say("200 OK", [], b"<html>Welcome to our hotel. Sign in for the internet.</html>")
        elif fault is Fault.OTHER_JSON:
            self._say("200 OK", [], b'{"message": "Welcome to our hotel."}')
        elif fault is Fault.GATEWAY:
            self._say("502 Bad Gateway", [], _NO_TIME)
        else:
            self._say(status, headers, content)

    def _say(self, status: str, headers: Sequence[tuple[str, str]], body: bytes, length: int | None = None) -> None:
        size = len(body) if length is None else length
        lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers), f"Content-Length: {size}"]
        self.wfile.write("\r\n".join([*lines, "", ""]).encode() + body)

    def _drip(self, byte: bytes, proxy: Proxy) -> None:
        until = time.monotonic() + _TIMEOUT_S
        while time.monotonic() < until and not proxy.ended.wait(0.05):
            self.wfile.write(byte)

    def _reset(self) -> bool:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        # Otherwise the connection would be shut down gracefully first.
        self.connection.close()
        return False

    def finish(self) -> None:
        """Close, unless the connection was reset."""
        if self.connection.fileno() >= 0:
            super().finish()


_OF_CONNECTION = frozenset({"connection", "content-length", "transfer-encoding", "keep-alive", "host"})
_OWN = {
    Fault.BUSY_429: "429 Too Many Requests",
    Fault.BUSY_503: "503 Service Unavailable",
    Fault.REDIRECT: "302 Found",
    Fault.FORBIDDEN: "403 Forbidden",
}


def _forward(proxy: Proxy, asked: Asked, body: bytes) -> tuple[HTTPResponse, bytes]:
    """Ask the wiki."""
    connection = HTTPConnection(str(proxy.wiki.hostname), proxy.wiki.port, timeout=_TIMEOUT_S)
    headers = {name: value for name, value in asked.headers.items() if name.lower() not in _OF_CONNECTION}
    try:
        connection.request("POST", asked.path, proxy.alter(asked, body), headers)
        answer = connection.getresponse()
        return answer, answer.read()
    finally:
        connection.close()
