"""Hostile HTTP requests to a running preview.

Without the cookie only the address with the token is answered; nothing outside the inputs is ever served; after any
request the server has logged nothing to its terminal and answers the next one.

One server is shared by all tries of a process.  Its folder has a secret beside the inputs.
"""

from __future__ import annotations

import atexit
import random
import shutil
import signal
import socket
import subprocess
import tempfile
from contextlib import ExitStack, suppress
from functools import cache
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from tests.servers.preview import DOUBTFUL, WARNED, Visitor
from tests.support.commands import PROGRAM, TIMEOUT_S, interruptible

REQUESTS = 8
HALVES = 12
ANSWERED_S = 20.0
#: Most requests ask for the connection to be closed, and who waits for the rest of a body says nothing.
SILENCE_S = 0.2
SECRET = "the-secret-beside-the-inputs"
#: Contents that no response may have.
_NEVER = (SECRET.encode(), b"root:x:", b"Traceback", b"import annotations")

# fmt: off
_HOSTS = (
    "evil.example", "127.0.0.1.evil.example:80", "localhost", "[::1]", "0.0.0.0", "", "a\tb", "localhost:0x50",
    "127.0.0.1:99999", "[::ffff:1.2.3.4]", "localhost.", "@localhost", "LOCALHOST:1", "\xff", "a" * 4000,
)
_ORIGINS = ("null", "http://evil.example", "file://", "http://localhost:1", "https://", "", "http://127.0.0.1@evil")
_METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PATCH", "PROPFIND", "get", "G\xcbT")
_PIECES = (
    "..", "%2e%2e", "%252e%252e", ".", "%00", "%2f", "\\", "%5c", "etc", "passwd", "secret.txt", "static", "app.css",
    "article", "page", "frame", "data", "rule", "index.json", "templates.json", "%ff", "%c0%ae", "\u00e9", "~",
    "app.py", "%0d%0aSet-Cookie:%20a=b", "x" * 3000, ";", "*", "http:", "-0", "%F0%9F%98%80",
)
_QUERIES = (
    "generation=-1&since=x", "since=99999999999999", "choose=0:%00", "choose=0:{{x}}%0a|y=1", "choose=9999:x", "id=..",
    "choose=0:%F0%9F%98%80%EF%BF%BF", "edition=%d9%a3", "&&&===%%%", "token=", "token=x", "a=" + "b" * 5000,
    "choose=0:[[x]]&choose=0:<script>", "choose=" + "0:x&choose=" * 200, "choose=0:" + "x" * 3000, "choose=%b2:x",
)
_BODIES = (
    b"", b"{}", b"[" * 5000, b'{"id": "\\ud800", "box": 1e99}', b"\xff" * 100, b"x" * 50_000, b"0\r\n\r\n",
    b"{" * 9_999, b'{"id":"x-0","box":-1,"template":"x","by":"title"}', b"5\r\n{}   \r\n0\r\n\r\n", b"zz\r\n",
)
_HALVES = (
    b"", b"G", b"GET / HTTP/1.1\r\nHost: x", b"POST /rule HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n1",
    b"\x16\x03\x01", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"GET /\r\n\r\n", b"\r\n" * 50,
    b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 500,
)
# fmt: on


class Served(NamedTuple):
    """The preview under attack: its token, its log, and one of its articles."""

    visitor: Visitor
    key: str
    said: Path
    article: str
    page_token: str


@cache
def served() -> Served:
    """Start the preview; it ends with this process."""
    folder = Path(tempfile.mkdtemp(prefix="plainwiki-attack-"))
    (folder / "articles").mkdir()
    (folder / "secret.txt").write_text(SECRET, "utf-8")
    (folder / "articles" / "inga.txt").write_text(DOUBTFUL, "utf-8")
    (folder / "articles" / "lighthouse.txt").write_text(WARNED, "utf-8")
    log = folder / "said"
    with log.open("wb") as file:
        process = subprocess.Popen(
            [*PROGRAM, "preview", "--no-browser", "--port", "0", "articles"],
            cwd=folder, stdin=subprocess.DEVNULL, stdout=file, stderr=file, preexec_fn=interruptible,
        )  # fmt: skip

    def end() -> None:
        process.send_signal(signal.SIGINT)
        process.wait(TIMEOUT_S)
        shutil.rmtree(folder)

    atexit.register(end)
    while not log.read_bytes().endswith(b"\n"):
        assert process.poll() is None, log.read_text("utf-8")
    address = log.read_text("utf-8").split()[5]
    visitor = Visitor(address)
    while b'"read":2' not in (listed := visitor.asked("index.json").text.encode()):
        pass
    article = listed.split(b'"id":"')[1].split(b'"')[0].decode()
    page_token = visitor.asked().text.split('data-token="')[1].split('"')[0]
    return Served(visitor, address.partition("token=")[2], log, article, page_token)


class Request(NamedTuple):
    """A request as bytes, and whether it has the right cookie or token."""

    content: bytes
    cookie: bool
    key: bool


def _request(chance: random.Random) -> Request:
    """Make an unusual request."""
    target = served()
    netloc = urlsplit(target.visitor.home).netloc
    cookie, origin = chance.random() < 0.5, f"http://{netloc}"
    method = chance.choice(_METHODS) if chance.random() < 0.4 else chance.choice(("GET", "POST"))
    path = _path(chance, target)
    key = chance.random() < 0.1
    if key:
        path = f"/?token={target.key}"
    host = netloc if chance.random() < 0.7 else chance.choice(_HOSTS)
    own = target.visitor.cookie
    lines = [f"{method} {path} HTTP/{chance.choice(('1.1', '1.1', '1.1', '1.0', '2.0', '0.9'))}", f"Host: {host}"]
    possible = {
        f"Cookie: {own}": cookie,
        f"Cookie: {own[:-1]}": chance.random() < 0.2,
        f"Cookie: {own.partition('=')[0]}=; a; =; {own.partition('=')[2]}": chance.random() < 0.2,
        "Cookie: " + "a=b; " * 900: chance.random() < 0.05,
        f"Origin: {origin if chance.random() < 0.7 else chance.choice(_ORIGINS)}": chance.random() < 0.6,
        f"X-Plainwiki-Token: {target.page_token}": chance.random() < 0.6,
        f"Sec-Fetch-Site: {chance.choice(('cross-site', 'same-origin', 'none', 'x'))}": chance.random() < 0.2,
        "Connection: close": chance.random() < 0.9,
        "Upgrade: websocket\r\nConnection: Upgrade": chance.random() < 0.1,
        "Expect: 100-continue": chance.random() < 0.1,
        "X-Forwarded-Host: localhost\r\nX-Forwarded-For: 127.0.0.1\r\nForwarded: for=_x": chance.random() < 0.2,
        "X-Odd: \x7f\xff": chance.random() < 0.05,
        "X-Long: " + "x" * chance.choice((10, 9_000, 70_000)): chance.random() < 0.05,
        "Range: bytes=0-99999999": chance.random() < 0.1,
    }
    lines += [line for line, is_there in possible.items() if is_there]
    body = chance.choice(_BODIES)
    if method not in ("GET", "HEAD") or chance.random() < 0.1:
        lines.append(
            chance.choice((f"Content-Length: {len(body)}", "Transfer-Encoding: chunked", "Content-Length: -1"))
        )
    else:
        body = b""
    head = "\r\n".join([*lines, "", ""]).encode("latin-1", "replace")
    return Request(head + body, cookie and f"Cookie: {own}" in lines, key)


def _path(chance: random.Random, target: Served) -> str:
    known = ("", "index.json", "templates.json", "rule", f"article/{target.article}", f"article/{target.article}/data",
             f"article/{target.article}.html", "static/app.css", "events", "article/x-" + "9" * 5000)  # fmt: skip
    if chance.random() < 0.7:
        path = f"/{chance.choice(known)}"
    else:
        path = "/" + "/".join(chance.choices(_PIECES, k=chance.randint(1, 6)))
    return f"{path}?{chance.choice(_QUERIES)}" if chance.random() < 0.5 else path


def _connected() -> socket.socket:
    parts = urlsplit(served().visitor.home)
    return socket.create_connection((parts.hostname or "", parts.port or 0), ANSWERED_S)


def _answer(content: bytes) -> bytes:
    """Send a request; return the response, until the server closes the connection or a timeout."""
    received = bytearray()
    with _connected() as connection, suppress(ConnectionError, TimeoutError):
        connection.sendall(content)
        connection.settimeout(SILENCE_S)
        while more := connection.recv(1 << 16):
            received += more
    return bytes(received)


def attack(chance: random.Random, folder: Path) -> None:
    """Send some requests, and some incomplete ones beside them, and check that they are harmless."""
    target = served()
    log = target.said.read_bytes()
    with ExitStack() as stack:
        for half in chance.choices(_HALVES, k=chance.randrange(HALVES)):
            with suppress(ConnectionError):
                stack.enter_context(_connected()).sendall(half)
        for _ in range(chance.randint(1, REQUESTS)):
            request = _request(chance)
            answer = _answer(request.content)
            _check(request, answer)
        assert target.visitor.asked("index.json").status == 200
    assert target.said.read_bytes() == log


def _check(request: Request, answer: bytes) -> None:
    assert not [forbidden for forbidden in _NEVER if forbidden in answer], (request, answer)
    statuses = [response[:3] for response in answer.split(b"HTTP/1.1 ")[1:]]
    assert not [status for status in statuses if status >= b"500"], (request, answer)
    if not request.cookie:
        opened = b"200" in statuses
        assert not opened or (request.key and b"set-cookie: plainwiki-preview-" in answer), (request, answer)
        assert b"data-token" not in answer, (request, answer)
    assert b"\r\nSet-Cookie: a=b" not in answer, (request, answer)
