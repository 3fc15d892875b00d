"""An address of a wiki as a person typed it, checked before anything is asked.

What can be no address is refused at once, with what is wrong: a name that no server can have would otherwise be looked
up until patience ends.  Names in other scripts are encoded (IDNA 2008, by the library that also connects).
"""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import NamedTuple, NoReturn

from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from convert.errors import UsageError
from convert.expressions import expression
from convert.printable import visible

EXAMPLE = "give one like https://wiki.example/w/api.php"
_LONGEST_LABEL, _LONGEST_HOST, _LAST_PORT = 63, 253, 65535
_SCHEME = expression(r"([A-Za-z][A-Za-z0-9+.-]*)://")
#: A slash or a colon was forgotten: "https:/wiki.example", "https//wiki.example".
_BROKEN_SCHEME = expression(r"https?(?::/?|/{1,2})(?=[^/:]+)", re.IGNORECASE)
_HOST = expression(r"(?:[^@]*@)?(\[[^]]*\]|[^:]*)(?::(.*))?", re.DOTALL)
_LABEL = expression(r"[0-9a-z_](?:[0-9a-z_-]*[0-9a-z_])?")
_LOOPBACK_NAMES = frozenset({"localhost"})


class Address(NamedTuple):
    """The parts of an address; ``scheme`` is empty where none was given, and ``host`` is ASCII, without brackets."""

    scheme: str
    host: str
    port: int | None
    path: str

    @property
    def is_loopback(self) -> bool:
        """Whether what is sent stays on this machine."""
        return is_loopback(self.host)

    @property
    def netloc(self) -> str:
        """Host and port as in an address."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port is None else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        return f"{self.scheme or 'https'}://{self.netloc}"

    @property
    def url(self) -> str:
        """The whole address, without query and fragment."""
        return f"{self.origin}{self.path}"

    @property
    def effective_port(self) -> int:
        """The port, or the usual one of the scheme."""
        return self.port or (80 if self.scheme == "http" else 443)


def is_loopback(host: str) -> bool:
    """Return whether a host is this machine."""
    if host in _LOOPBACK_NAMES or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def parsed(address: str) -> Address:
    """Check an address; raises UsageError for one that no wiki can have, and for one with a password in it."""
    text = address.strip()
    _check_characters(address, text)
    scheme = _SCHEME.match(text)
    if scheme and scheme[1].lower() not in ("http", "https"):
        _refuse(address, f"{scheme[1]} is no way to a wiki: write https://")
    if scheme is None and (broken := _BROKEN_SCHEME.match(text)) and broken[0].lower() != text.lower():
        _refuse(address, f"'{broken[0]}' is not how an address begins: write https:// or http://")
    rest = text[scheme.end() :] if scheme else text.removeprefix("//")
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    if "@" in authority:
        raise UsageError(
            "a wiki's address holds no name or password: give the name with --user, and those of the web server "
            "(HTTP Basic) in PLAINWIKI_HTTP_USER and PLAINWIKI_HTTP_PASSWORD"
        )
    matched = _HOST.fullmatch(authority)
    assert matched  # it matches any text
    host = _host(address, matched[1])
    port = _port(address, matched[2])
    name = scheme[1].lower() if scheme else ""
    return Address(name, host, port, _path(address, f"{name or 'https'}://{rest}", host))


def _check_characters(address: str, text: str) -> None:
    if not text:
        _refuse(address, "it is empty")
    if "\\" in text:
        _refuse(address, "it holds a backslash: write / instead")
    if any(character.isspace() for character in text):
        _refuse(address, "it holds white space")
    if not text.isprintable():
        _refuse(address, "it holds a character that cannot be seen")


def _host(address: str, written: str) -> str:
    """Return a host in ASCII."""
    if written.startswith("["):
        try:
            return str(IPv6Address(written[1:-1].partition("%")[0]))
        except ValueError:
            _refuse(address, f"{written} is no IPv6 address")
    written = written.removesuffix(".")
    if not written:
        _refuse(address, "it has no host")
    if not all(written.split(".")):
        _refuse(
            address, "its host has two dots with nothing between" if ".." in written else "its host begins with a dot"
        )
    host = _ascii(address, written)
    labels = host.split(".")
    if labels[-1].isdecimal() or re.fullmatch(r"0x[0-9a-f]*", labels[-1]):
        try:
            return str(IPv4Address(host))
        except ValueError:
            _refuse(address, f"{host} is no IP address")
    for label in labels:
        if len(label) > _LONGEST_LABEL:
            _refuse(address, f"a part of its host has {len(label)} characters, and at most {_LONGEST_LABEL} can be")
        if not _LABEL.fullmatch(label):
            _refuse(address, f"no host can be called '{label}'")
    if len(host) > _LONGEST_HOST:
        _refuse(address, f"its host has {len(host)} characters, and at most {_LONGEST_HOST} can be")
    return host


def _ascii(address: str, host: str) -> str:
    if host.isascii():
        return host.lower()
    import idna  # only names in other scripts need its tables

    try:
        return idna.encode(host, uts46=True).decode().lower()
    except idna.IDNAError:
        _refuse(address, f"no host can be called '{host}' (IDNA)")


def _port(address: str, written: str | None) -> int | None:
    if not written:
        return None
    if not (written.isascii() and written.isdecimal()):
        _refuse(address, f"its port '{written}' is no number")
    port = int(written[:9])
    if not 0 < port <= _LAST_PORT:
        _refuse(address, f"there is no port {written[:20]}: the last is {_LAST_PORT}")
    return port


def _path(address: str, text: str, host: str) -> str:
    """Return the path, encoded; the library that connects must see the same host."""
    try:
        url = parse_url(text)
    except LocationParseError:
        _refuse(address, "it cannot be read")
    seen = (url.host or "").strip("[]").removesuffix(".")
    if ":" in host:
        seen = str(IPv6Address(seen.partition("%")[0]))
    if seen != host and host.isascii() and text.isascii():
        _refuse(address, "it can be read in two ways")
    return url.path or ""


def _refuse(address: str, why: str) -> NoReturn:
    raise UsageError(f"{visible(address)} is no address of a wiki: {why}: {EXAMPLE}")
