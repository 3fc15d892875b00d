"""What a web server or a proxy in front of a wiki asks for: a name and password, headers, certificates.

    PLAINWIKI_HTTP_USER, PLAINWIKI_HTTP_PASSWORD    HTTP Basic
    PLAINWIKI_HEADERS                               further headers, one a line: ``Name: value``
    PLAINWIKI_CA_FILE                               certificates of authorities that are trusted as well
    PLAINWIKI_CLIENT_CERT, PLAINWIKI_CLIENT_KEY     a certificate that is shown, and its key
    PLAINWIKI_CLIENT_KEY_PASSWORD                   the password of that key

Names, passwords and headers are secrets: they are in no ``repr`` and no message, and go to the wiki's host only.
"""

from __future__ import annotations

import os
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from convert.errors import UsageError
from convert.expressions import expression
from convert.printable import register, visible

HTTP_USER, HTTP_PASSWORD, HEADERS = "PLAINWIKI_HTTP_USER", "PLAINWIKI_HTTP_PASSWORD", "PLAINWIKI_HEADERS"
CA_FILE, CLIENT_CERT, CLIENT_KEY = "PLAINWIKI_CA_FILE", "PLAINWIKI_CLIENT_CERT", "PLAINWIKI_CLIENT_KEY"
CLIENT_KEY_PASSWORD = "PLAINWIKI_CLIENT_KEY_PASSWORD"

_NAME = expression(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = expression(r"[\x20-\x7e\x80-\xff]*")
#: Headers of the client itself.
_OURS = frozenset({
    "host", "content-length", "content-type", "content-encoding", "transfer-encoding", "connection", "accept-encoding",
    "proxy-authorization",
})  # fmt: skip
#: Headers that are completed or replaced elsewhere, under these spellings.
_SPELLED = {"cookie": "Cookie", "authorization": "Authorization", "user-agent": "User-Agent"}
#: Shorter values, as of ``X-Forwarded-Proto: https``, are no secrets.
_MIN_SECRET_CHARACTERS = 8


@dataclass(frozen=True)
class HttpOptions:
    """How requests get through to a wiki."""

    #: HTTP Basic.
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    #: A PEM file of authorities that are trusted beside the system's.
    ca_file: str = ""
    #: A PEM file with a certificate to show; its key may be in it, or in a file of its own.
    client_cert: str = ""
    client_key: str = ""
    client_key_password: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        if self.password and not self.user:
            raise UsageError(f"there is a password of the web server without a name: set {HTTP_USER} as well")
        if self.user and ":" in self.user:
            raise UsageError("the name for HTTP Basic holds a colon, which ends it: correct it")
        for secret in (self.password, self.client_key_password):
            register(secret)
        for name, value in self.headers:
            _check_header(name, value)
            if len(value) >= _MIN_SECRET_CHARACTERS:
                register(value)
            register(value.partition(" ")[2] if name.lower() == "authorization" else "")
        if self.user and any(name.lower() == "authorization" for name, _ in self.headers):
            raise UsageError("HTTP Basic and a header Authorization do not go together: leave one out")

    @property
    def has_secrets(self) -> bool:
        """Whether requests hold what only the wiki's host may see."""
        return bool(self.user or self.headers)

    @property
    def has_authorization(self) -> bool:
        """Whether the header Authorization is taken, so that no token of the wiki can be sent."""
        return bool(self.user) or any(name.lower() == "authorization" for name, _ in self.headers)

    def sent_headers(self) -> dict[str, str]:
        """Return the headers of every request."""
        headers = {_SPELLED.get(name.lower(), name): value for name, value in self.headers}
        if self.user:
            login = b64encode(f"{self.user}:{self.password}".encode()).decode()
            register(login)
            headers["Authorization"] = f"Basic {login}"
        return headers


def http_options(settings: Mapping[str, object] = {}, where: str = "") -> HttpOptions:
    """Return the options of a wiki's settings, completed from the environment; ``where`` names the settings.

    Raises UsageError for settings that are none.
    """
    values = {name: _text(settings, name, where) for name in ("http-user", "http-password", "ca-file", "client-cert",
                                                             "client-key")}  # fmt: skip
    headers = settings.get("headers", {})
    if not isinstance(headers, Mapping):
        raise UsageError(f'{where}: headers: give a table, as in headers = {{ "X-Key" = "…" }}')
    listed = [(name, value if isinstance(value, str) else "") for name, value in headers.items()]
    if bad := [name for name, value in listed if not value]:
        raise UsageError(f"{where}: headers: '{visible(bad[0])}' is no text")
    return HttpOptions(
        user=values["http-user"] or os.environ.get(HTTP_USER, ""),
        password=values["http-password"] or os.environ.get(HTTP_PASSWORD, "").rstrip("\r\n"),
        headers=tuple(listed) or tuple(_lines(os.environ.get(HEADERS, ""))),
        ca_file=values["ca-file"] or os.environ.get(CA_FILE, ""),
        client_cert=values["client-cert"] or os.environ.get(CLIENT_CERT, ""),
        client_key=values["client-key"] or os.environ.get(CLIENT_KEY, ""),
        client_key_password=os.environ.get(CLIENT_KEY_PASSWORD, "").rstrip("\r\n"),
    )


def _text(settings: Mapping[str, object], name: str, where: str) -> str:
    value = settings.get(name, "")
    if not isinstance(value, str):
        raise UsageError(f"{where}: {name}: give a text")
    return value


def _lines(text: str) -> Iterator[tuple[str, str]]:
    """Read headers, one a line."""
    for line in text.splitlines():
        if line.strip():
            name, colon, value = line.partition(":")
            if not colon:
                raise UsageError(f"{HEADERS}: a line has no colon: write each header as 'Name: value'")
            yield name.strip(), value.strip()


def _check_header(name: str, value: str) -> None:
    if not _NAME.fullmatch(name):
        raise UsageError(f"no header can be called '{visible(name[:80])}': write letters, digits and dashes")
    if name.lower() in _OURS:
        raise UsageError(f"the header {name} is plainwiki's own: leave it out")
    if not _VALUE.fullmatch(value) or value != value.strip():
        raise UsageError(f"the header {name} holds a line break or a character that no header can hold: correct it")


def merged(headers: Mapping[str, str], further: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return headers with further ones in place of those of the same name, in any case."""
    replaced = {name.lower() for name, _ in further}
    return {**{name: value for name, value in headers.items() if name.lower() not in replaced}, **dict(further)}
