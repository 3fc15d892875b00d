"""HTTP requests to one wiki and to no other host.

TLS is verified, redirects are refused, answers are limited in time and size, and errors never quote what was sent.
urllib3 is maintained, has no dependencies, and its pool is thread-safe.

Callers must know whether a failed request may have been carried out, so there are two kinds of failures: ``Unsent``,
and ``Lost``, where it may have been although no complete answer came.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
import urllib.request
import zlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.cookiejar import CookieJar
from urllib.parse import urlsplit

from msgspec import Struct

from convert import __version__
from convert.errors import EnvironmentFailed, UsageError
from convert.printable import redacted, visible

try:
    import urllib3
    from urllib3.connection import HTTPConnection, HTTPSConnection
    from urllib3.exceptions import ConnectTimeoutError, HTTPError, SSLError
except ImportError:
    raise UsageError("uploading needs urllib3: pip install 'plainwiki[upload]'") from None

CONNECT_S = 15
#: The code of an ``Unsent`` request without a connection.
UNREACHABLE = "unreachable"
#: Limit of cookies; a wiki sets about five.
MAX_COOKIES = 100
_PIECE = 1 << 16
_GZIP = 16 + zlib.MAX_WBITS
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class Unsent(Exception):
    """The wiki did not carry the request out; ``wait_s`` is how long it asks to wait, if it does."""

    def __init__(self, code: str, reason: str, wait_s: float | None = None) -> None:
        super().__init__(reason)
        self.code = code
        self.wait_s = wait_s


class Lost(Exception):
    """The wiki may have carried the request out, but no complete answer came."""


class TooLarge(Exception):
    """The answer is larger than the request allows; the wiki may have carried the request out."""


class Answer(Struct, frozen=True):
    """An answer; ``wait_s`` is how long it asks to wait (Retry-After), if it does."""

    status: int
    body: bytes
    wait_s: float | None


class _Bounded(HTTPConnection):
    """A connection with a timeout for whole answers: cut after ``limit_s`` unless ``Transport.post`` ends the watch.

    A socket's timeout applies to each read, and an answer may trickle in byte by byte.
    """

    limit_s = 0.0

    def getresponse(self) -> urllib3.HTTPResponse:  # type: ignore[override]  # the class that urllib3 gives
        """Read the head of an answer, and start its timeout."""
        # The connection drops its reference to the socket with the last answer.
        watch = threading.Timer(self.limit_s, _cut, (self.sock,))
        watch.daemon = True
        watch.start()
        try:
            answer = super().getresponse()
        except BaseException:
            watch.cancel()
            raise
        answer.watch = watch  # type: ignore[attr-defined]
        return answer


def _cut(connection: socket.socket) -> None:
    with suppress(OSError):
        # Shut the plain socket down: the TLS socket would first send a close alert.
        socket.socket.shutdown(connection, socket.SHUT_RDWR)


class _BoundedTls(_Bounded, HTTPSConnection):
    """The same over TLS."""


class Transport:
    """Posts forms to ``url``, on at most ``connections`` connections; thread-safe.

    Unless ``plain_http`` allows it, nothing leaves this machine unencrypted.
    """

    def __init__(self, url: str, connections: int, timeout_s: float, plain_http: bool = False) -> None:
        try:
            parts = urlsplit(url)
            host = parts.hostname or ""
            known = parts.scheme in ("https", "http") and bool(host) and parts.port != 0
        except ValueError:  # of the host, or of the port
            known = False
        if not known:
            raise UsageError(f"{visible(url)} is no address of a wiki: give one like https://wiki.example/w/api.php")
        if parts.username or parts.password:
            raise UsageError("a wiki's address holds no name or password: give the name with --user")
        if parts.scheme == "http" and host not in _LOOPBACK and not plain_http:
            raise UsageError(
                f"{url} is not encrypted, so that passwords could be read on their way: use https://, or allow it with "
                "--plain-http"
            )
        self.url = url
        self.host = host
        self.headers: dict[str, str] = {"Accept-Encoding": "gzip", "User-Agent": f"plainwiki/{__version__}"}
        self._path = parts.path or "/"
        self._timeout_s = timeout_s
        self._cookies = CookieJar()
        bounded = _BoundedTls if parts.scheme == "https" else _Bounded
        self._pool = urllib3.connection_from_url(
            url,
            maxsize=connections,
            block=True,
            retries=False,
            timeout=urllib3.Timeout(connect=min(CONNECT_S, timeout_s), read=timeout_s),
        )
        self._pool.ConnectionCls = type("_Connection", (bounded,), {"limit_s": timeout_s})

    def post(self, fields: Mapping[str, str], files: Mapping[str, bytes], most: int) -> Answer:
        """Send a form and return the answer, of at most ``most`` bytes.

        Raises Unsent, Lost, TooLarge, or EnvironmentFailed where a retry would not help.
        """
        until = time.monotonic() + self._timeout_s
        parts: dict[str, str | tuple[str, bytes]] = dict(fields)
        parts.update((name, (name, content)) for name, content in files.items())
        body, kind = urllib3.encode_multipart_formdata(parts)
        asked = urllib.request.Request(self.url, headers={**self.headers, "Content-Type": kind})
        # If the session is dropped meanwhile, the answer must not restore it.
        cookies = self._cookies
        cookies.add_cookie_header(asked)
        try:
            answer = self._pool.urlopen(
                "POST", self._path, body, dict(asked.header_items()), redirect=False, preload_content=False
            )
            try:
                cookies.extract_cookies(answer, asked)  # type: ignore[arg-type]  # has what the jar looks at
                content = _content(answer, most, until)
            except BaseException:
                # The unread rest of an answer would be taken for the next answer.
                answer.close()
                raise
            finally:
                answer.watch.cancel()  # type: ignore[attr-defined]
                answer.release_conn()
        except HTTPError as error:
            raise _failure(error, self.host) from None
        if len(cookies) > MAX_COOKIES:
            raise EnvironmentFailed(f"{self.host} sets more than {MAX_COOKIES} cookies, which no wiki does")
        if answer.status in range(300, 400):
            raise EnvironmentFailed(_redirected(self.url, answer.headers.get("Location", "")))
        return Answer(answer.status, content, _seconds(answer.headers.get("Retry-After")))

    def forget(self) -> None:
        """Drop all cookies, and so the session."""
        self._cookies = CookieJar()

    def close(self) -> None:
        """Close all connections."""
        self._pool.close()


def _content(answer: urllib3.BaseHTTPResponse, most: int, until: float) -> bytes:
    """Read an answer to its end, within its limit of size."""
    content = bytearray()
    for piece in _unpacked(answer, most):
        content += piece
        if len(content) > most:
            raise TooLarge(f"more than the {most >> 20} MiB that this may need")
    if time.monotonic() > until:
        # The watch may have cut it, and it would look complete.
        raise Lost("the answer did not end in time")
    return bytes(content)


def _unpacked(answer: urllib3.BaseHTTPResponse, most: int) -> Iterator[bytes]:
    """Yield an answer in decompressed pieces, each hardly larger than ``most``."""
    coding = answer.headers.get("Content-Encoding", "identity").strip().lower()
    if coding not in ("identity", "gzip"):
        raise EnvironmentFailed(
            f"an answer comes as {visible(coding[:20])}, which was not asked for: look at the server"
        )
    unpacking = zlib.decompressobj(_GZIP) if coding == "gzip" else None
    while piece := answer.read1(_PIECE, decode_content=False):
        if unpacking is None:
            yield piece
            continue
        if unpacking.eof:
            raise Lost("the answer goes on behind its end")
        try:
            yield unpacking.decompress(piece, most + 1)
        except zlib.error:
            raise Lost("the answer cannot be decompressed") from None
    if unpacking and not unpacking.eof:
        raise Lost("the answer ends in the middle")


def _failure(error: HTTPError, host: str) -> Exception:
    if isinstance(error, SSLError):
        cause = error.args[0] if error.args else None
        if isinstance(cause, ssl.SSLCertVerificationError):
            return EnvironmentFailed(f"{host} does not prove who it is: {cause.verify_message}")
    if isinstance(error, ConnectTimeoutError):
        return Unsent(UNREACHABLE, f"{host} cannot be reached")
    # Only the exception's name is shown: its text may hold addresses and bytes.
    return Lost(f"the connection to {host} broke off ({type(error).__name__})")


def _redirected(url: str, location: str) -> str:
    try:
        place = urlsplit(location)
        to = f"{place.scheme}://{place.hostname}{place.path}" if place.hostname else place.path or "nowhere"
    except ValueError:
        to = "nowhere"
    return (
        f"{url} redirects to {visible(redacted(to)[:200])}, where nothing was sent: give the address of api.php itself"
    )


def _seconds(retry_after: str | None) -> float | None:
    """Read Retry-After: seconds, or a date."""
    if not retry_after:
        return None
    if retry_after.strip().isdecimal():
        return float(retry_after)
    try:
        return max(0.0, (parsedate_to_datetime(retry_after) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError, OverflowError):
        return None
