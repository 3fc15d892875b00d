"""Servers on loopback that stand in front of a wiki: a web server with conditions of its own, and a proxy.

    with FakeWiki({}) as wiki, Front(wiki.api, needs_basic) as front:
        Client(f"{front.address}/api.php", …)

A front answers by itself, or passes a request on and may alter the answer.  A forward proxy connects to one port of
this machine, whatever host it is asked for.
"""

from __future__ import annotations

import select
import socket
import ssl
import threading
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import Message
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tests.servers.fake_wiki import Reply

_TIMEOUT_S = 30
_OF_CONNECTION = frozenset({"connection", "content-length", "transfer-encoding", "keep-alive", "host"})


@dataclass(frozen=True)
class Request:
    """A received request."""

    method: str
    path: str
    headers: Message
    body: bytes


#: Answers a request instead of the wiki, or ``None``.
Answer = Callable[[Request], Reply | None]
#: Alters the wiki's answer.
Alter = Callable[[Request, Reply], Reply]


def passed_on(request: Request) -> None:
    """Let the wiki answer."""


def unaltered(request: Request, reply: Reply) -> Reply:
    """Leave the wiki's answer as it is."""
    return reply


class Front:
    """A web server in front of a wiki, between ``__enter__`` and ``__exit__``; with ``tls`` it speaks TLS."""

    def __init__(
        self, wiki: str, answer: Answer = passed_on, alter: Alter = unaltered, tls: ssl.SSLContext | None = None
    ) -> None:
        self.wiki = urlsplit(wiki)
        self.answer, self.alter = answer, alter
        self.requests: list[Request] = []
        self._server = _Server(("127.0.0.1", 0), _FrontHandler)
        self._server.front = self
        self.port = self._server.server_address[1]
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self.address = f"{'https' if tls else 'http'}://localhost:{self.port}"

    def __enter__(self) -> Front:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *raised: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def reply(self, request: Request) -> Reply:
        """Answer a request."""
        self.requests.append(request)
        return self.answer(request) or self.alter(request, self._forwarded(request))

    def _forwarded(self, request: Request) -> Reply:
        connection = HTTPConnection(str(self.wiki.hostname), self.wiki.port, timeout=_TIMEOUT_S)
        headers = {name: value for name, value in request.headers.items() if name.lower() not in _OF_CONNECTION}
        try:
            connection.request(request.method, request.path, request.body, headers)
            answer = connection.getresponse()
            kept = tuple(pair for pair in answer.getheaders() if pair[0].lower() not in _OF_CONNECTION)
            return Reply(answer.read(), answer.status, kept)
        finally:
            connection.close()


class ForwardProxy:
    """A proxy for clients: CONNECT, and requests with whole addresses; all go to ``port`` of this machine.

    With a ``login`` ("name:password") it answers 407 to those who do not give it; ``refusal`` is the status with which
    it refuses to connect.
    """

    def __init__(self, port: int, login: str = "", refusal: int = 0) -> None:
        self.target_port, self.login, self.refusal = port, login, refusal
        #: What was asked for: "CONNECT host:port", or "POST http://host/path".
        self.asked: list[str] = []
        self.headers: list[Message] = []
        self._server = _Server(("127.0.0.1", 0), _ProxyHandler)
        self._server.forward = self
        self.address = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> ForwardProxy:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *raised: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    front: Front
    forward: ForwardProxy

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignore errors: clients may disconnect, or reject the certificate."""


class _FrontHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = _TIMEOUT_S
    wbufsize = -1

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        request = Request(self.command, self.path, self.headers, body)
        reply = cast(_Server, self.server).front.reply(request)
        self.send_response_only(reply.status)
        for name, value in reply.headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body)

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


class _ProxyHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = _TIMEOUT_S

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        if not self._let_in():
            return
        parts = urlsplit(self.path)
        connection = HTTPConnection("127.0.0.1", self._forward.target_port, timeout=_TIMEOUT_S)
        headers = {name: value for name, value in self.headers.items() if name.lower() not in _OF_CONNECTION}
        try:
            connection.request("POST", parts.path, body, headers)
            answer = connection.getresponse()
            content = answer.read()
            self.send_response_only(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in _OF_CONNECTION:
                    self.send_header(name, value)
        finally:
            connection.close()
        self._end(content)

    def do_CONNECT(self) -> None:
        if not self._let_in():
            return
        with socket.create_connection(("127.0.0.1", self._forward.target_port), timeout=_TIMEOUT_S) as there:
            self.send_response_only(200)
            self.end_headers()
            self.wfile.flush()
            self._carry(there)
        self.close_connection = True

    def _let_in(self) -> bool:
        forward = self._forward
        forward.asked.append(f"{self.command} {self.path}")
        forward.headers.append(self.headers)
        wanted = f"Basic {b64encode(forward.login.encode()).decode()}"
        status = 407 if forward.login and self.headers.get("Proxy-Authorization") != wanted else forward.refusal
        if status:
            self.send_response_only(status)
            self._end(b"<html>No.</html>")
        return not status

    def _end(self, content: bytes) -> None:
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _carry(self, there: socket.socket) -> None:
        """Carry bytes both ways until one side ends."""
        pairs = {self.connection: there, there: self.connection}
        while True:
            ready, _, _ = select.select(list(pairs), [], [], _TIMEOUT_S)
            for side in ready:
                try:
                    piece = side.recv(1 << 16)
                except OSError:
                    return
                if not piece:
                    return
                pairs[side].sendall(piece)
            if not ready:
                return

    @property
    def _forward(self) -> ForwardProxy:
        return cast(_Server, self.server).forward

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


# ── Certificates


def certificate(folder: Path, host: str = "localhost", expired: bool = False) -> Path:
    """Make a self-signed certificate of a host, with its key, in one PEM file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    begins = datetime.now(UTC).replace(tzinfo=None) - timedelta(days=9)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), begins)
        .not_valid_after(begins + timedelta(days=1 if expired else 99))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = folder / f"{host}-{made.serial_number}.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    pem.write_bytes(private + made.public_bytes(Encoding.PEM))
    return pem


def speaking_tls(own: Path, clients: Path | None = None) -> ssl.SSLContext:
    """Return the context of a server with a certificate, which asks for one of ``clients``, if that is given."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(own)
    if clients:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(clients)
    return context
