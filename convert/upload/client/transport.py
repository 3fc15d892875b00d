"""HTTP requests to one wiki and to no other host.

TLS is verified, redirects are refused, answers are limited in time and size, and errors never quote what was sent.
urllib3 is maintained, has no dependencies, and its pool is thread-safe; proxies are found by the standard library.

Callers must know whether a failed request may have been carried out, so there are two kinds of failures: ``Unsent``,
and ``Lost``, where it may have been although no complete answer came (``front.failures``).
"""

from __future__ import annotations

import time
import urllib.request
import zlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import urllib3
from msgspec import Struct
from urllib3.exceptions import HTTPError

from convert import __version__
from convert.errors import EnvironmentFailed, UsageError
from convert.printable import visible
from convert.upload.client.front.addresses import EXAMPLE, Address, parsed
from convert.upload.client.front.connections import route_to
from convert.upload.client.front.cookies import Cookies
from convert.upload.client.front.failures import Late, Lost, failure
from convert.upload.client.front.http_options import HttpOptions, merged
from convert.upload.client.front.redirects import redirected, target
from convert.upload.client.front.strangers import Stranger, recognized

#: Limit of cookies; a wiki sets about five.
MAX_COOKIES = 100
_PIECE = 1 << 16
_GZIP = 16 + zlib.MAX_WBITS


class TooLarge(Exception):
    """The answer is larger than the request allows; the wiki may have carried the request out."""


class Answer(Struct, frozen=True):
    """An answer; ``wait_s`` is how long it asks to wait (Retry-After), if it does.  Headers have lower-case names."""

    status: int
    body: bytes
    wait_s: float | None
    headers: Mapping[str, str]


class Redirected(EnvironmentFailed):
    """The address leads elsewhere, ``to`` an address if it is one, where nothing was sent."""

    def __init__(self, message: str, to: Address | None) -> None:
        super().__init__(message)
        self.to = to


class Transport:
    """Posts forms to ``url``, on at most ``connections`` connections; thread-safe.

    Unless ``plain_http`` allows it, nothing leaves this machine unencrypted.
    """

    def __init__(
        self,
        url: str,
        connections: int,
        timeout_s: float,
        plain_http: bool = False,
        options: HttpOptions = HttpOptions(),
    ) -> None:
        address = parsed(url)
        if not address.scheme:
            raise UsageError(f"{visible(url)} is no address of a wiki: it begins without https://: {EXAMPLE}")
        if address.scheme == "http" and not address.is_loopback and not plain_http:
            raise UsageError(
                f"{url} is not encrypted, so that passwords could be read on their way: use https://, or allow it with "
                "--plain-http"
            )
        self.url = url
        self.host = address.host
        self.address = address
        self.options = options
        self.headers: dict[str, str] = {"Accept-Encoding": "gzip", "User-Agent": f"plainwiki/{__version__}"}
        self.headers |= options.sent_headers()
        self._timeout_s = timeout_s
        self._cookies = Cookies(address)
        self._pool, self._target, self.proxy = route_to(address, options, connections, timeout_s)

    def post(self, fields: Mapping[str, str], files: Mapping[str, bytes], most: int) -> Answer:
        """Send a form and return the answer, of at most ``most`` bytes.

        Raises Unsent, Lost, TooLarge, or EnvironmentFailed where a retry would not help.
        """
        until = time.monotonic() + self._timeout_s
        parts: dict[str, str | tuple[str, bytes]] = dict(fields)
        parts.update((name, (name, content)) for name, content in files.items())
        body, kind = urllib3.encode_multipart_formdata(parts)
        asked = urllib.request.Request(self.address.url)
        # If the session is dropped meanwhile, the answer must not restore it.
        cookies = self._cookies
        cookies.add_cookie_header(asked)
        headers = {**self.headers, "Content-Type": kind}
        if own := asked.get_header("Cookie"):
            given = self.headers.get("Cookie")
            headers["Cookie"] = f"{given}; {own}" if given else own
        try:
            answer = self._pool.urlopen(
                "POST", self._target, body, headers, redirect=False, assert_same_host=False, preload_content=False
            )
            try:
                cookies.extract_cookies(answer, asked)
                content = _content(answer, most, until)
            except BaseException:
                # The unread rest of an answer would be taken for the next answer.
                answer.close()
                raise
            finally:
                answer.watch.cancel()  # type: ignore[attr-defined]
                answer.release_conn()
        except HTTPError as error:
            raise failure(error, self.address, self.proxy) from None
        if len(cookies) > MAX_COOKIES:
            raise EnvironmentFailed(f"{self.host} sets more than {MAX_COOKIES} cookies, which no wiki does")
        if answer.status in range(300, 400):
            location = answer.headers.get("Location", "")
            to = target(self.address, location)
            raise Redirected(redirected(self.address, to, location), to)
        received = {name.lower(): value for name, value in answer.headers.items()}
        return Answer(answer.status, content, _seconds(received.get("retry-after")), received)

    def stranger(self, answer: Answer) -> Stranger | None:
        """Recognize who gave an answer that is not the wiki's."""
        return recognized(answer.status, answer.headers, answer.body, self.options, self.proxy)

    def authorize(self, token: str) -> None:
        """Send a bearer token with every request.  Raises UsageError where its header is taken."""
        if self.options.has_authorization:
            raise UsageError(
                "a token and HTTP Basic do not go together, because both are in the header Authorization: sign in with "
                "a password made on Special:BotPasswords"
            )
        self.headers["Authorization"] = f"Bearer {token}"

    def identify(self, agent: str) -> None:
        """Tell the wiki's operators who asks, unless a header of the user's own does."""
        self.headers = merged({**self.headers, "User-Agent": agent}, self.options.headers)

    def cookie_names(self) -> list[str]:
        """Return the names of the cookies that come back."""
        return sorted({cookie.name for cookie in self._cookies})

    def session_loss(self) -> str:
        """Tell why the wiki may have lost its session; empty where its cookies come back."""
        return self._cookies.loss()

    def forget(self) -> None:
        """Drop all cookies, and so the session."""
        self._cookies = Cookies(self.address)

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
        raise Late("the answer did not end in time")
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
