"""Connections that send half a request, or read no answer, keep nobody out and do not last."""

from __future__ import annotations

import json
import select
import socket
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from urllib.parse import urlsplit

import pytest

from convert.preview.connections import MAX_WAITING
from tests.servers.preview import DOUBTFUL, Visitor, previewing

pytestmark = pytest.mark.slow

MANY = 300
#: For the server's wait timeout, so that fewer seconds are spent waiting for it.
WAIT_TIMEOUT_S = 2.0
PROGRAM = (
    sys.executable,
    "-c",
    "import sys; from convert.preview import connections; from convert.cli import main; "
    f"connections.WAIT_TIMEOUT_S = {WAIT_TIMEOUT_S}; sys.exit(main())",
)
#: No answer here needs as long, on however slow a machine.
LONG_S = 30


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of a preview of one article."""
    folder = tmp_path_factory.mktemp("preview")
    (folder / "inga.txt").write_text(DOUBTFUL, "utf-8")
    with previewing(folder, "inga.txt", program=PROGRAM) as address:
        yield address


@contextmanager
def sending(address: str, *sent: bytes, count: int = 1) -> Iterator[list[socket.socket]]:
    """Open many connections, and send one of some texts on each."""
    place = ("127.0.0.1", urlsplit(address).port or 0)
    with ExitStack() as stack:
        opened = []
        for number in range(count):
            opened.append(stack.enter_context(socket.create_connection(place, LONG_S)))
            with suppress(OSError):  # dropped already
                opened[-1].sendall(sent[number % len(sent)])
        yield opened


def closed(sockets: Sequence[socket.socket], within_s: float) -> list[socket.socket]:
    """Read from sockets; return those that the server has closed within some seconds."""
    left, gone = set(sockets), []
    end = time.monotonic() + within_s
    while left and (remaining := end - time.monotonic()) > 0:
        for each in select.select(list(left), [], [], remaining)[0]:
            try:
                more = each.recv(1 << 16)
            except OSError:
                more = b""
            if not more:
                left.discard(each)
                gone.append(each)
    return gone


HALVES = (
    b"",
    b"GET / HT",
    b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-",
    b"POST /rule HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 10\r\n\r\n",
    b"POST /rule HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n10\r\nabc",
)


def test_half_a_request_locks_nobody_out(served: str) -> None:
    visitor = Visitor(served)
    with sending(served, *HALVES, count=MANY) as sockets:
        assert visitor.asked("index.json").status == 200
        # Most are dropped for those that came after them, and the rest after some seconds.
        assert len(closed(sockets, LONG_S)) == MANY
        assert visitor.asked("index.json").status == 200


def test_the_oldest_make_room(served: str) -> None:
    with sending(served, b"GET", count=MANY) as sockets:
        dropped = closed(sockets, WAIT_TIMEOUT_S / 4)
        assert set(dropped) == set(sockets[: MANY - MAX_WAITING])


def test_a_request_that_trickles_in_is_given_up(served: str) -> None:
    with sending(served, b"GET / HTTP/1.1\r\n") as (one,):
        start = time.monotonic()
        try:
            while time.monotonic() < start + LONG_S:
                one.sendall(b"X-Slow: 1\r\n")
                time.sleep(0.25)
        except OSError:
            return
    raise AssertionError("it is listened to for ever")


def test_a_body_without_end_is_not_read(served: str) -> None:
    visitor = Visitor(served)
    host = urlsplit(served).netloc
    token = visitor.asked().text.split('data-token="')[1].split('"')[0]
    own = f"Cookie: {visitor.cookie}\r\nX-Plainwiki-Token: {token}\r\n"
    bodies = {
        "Content-Length: 2000000000": b"x" * 0x10000,
        "Transfer-Encoding: chunked": b"10000\r\n" + b"x" * 0x10000 + b"\r\n",
    }
    sent = [
        f"POST /rule HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\n{headers}{kind}\r\n\r\n".encode() + body
        for headers in (own, "")
        for kind, body in bodies.items()
    ]
    slow = sent[0].partition(b"\r\n\r\n")[0] + b"\r\n\r\nx"
    with sending(served, *sent, slow, count=5) as sockets:
        assert [each.recv(1 << 16).split()[1] for each in sockets[:4]] == [b"413", b"413", b"403", b"403"]
        assert len(closed(sockets, LONG_S)) == 5


def test_answers_that_are_not_read_lock_nobody_out(served: str) -> None:
    visitor = Visitor(served)
    host = urlsplit(served).netloc
    asked = f"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n".encode() * 500
    with sending(served, asked, count=MAX_WAITING * 2) as sockets:
        assert visitor.asked("index.json").status == 200
        assert sockets


def test_event_stream_lasts(served: str) -> None:
    visitor = Visitor(served)
    host = urlsplit(served).netloc
    asked = f"GET /events HTTP/1.1\r\nHost: {host}\r\nCookie: {visitor.cookie}\r\n\r\n".encode()
    with sending(served, asked) as (stream,), sending(served, b"GET", count=MANY):
        assert closed([stream], WAIT_TIMEOUT_S + 1) == []
        answer = json.loads(visitor.asked("index.json").text)
        assert answer["scanned"]
