"""The way to a wiki: its address, a proxy, its name, a connection, TLS, and what answers there."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from convert.errors import EnvironmentFailed, UsageError
from convert.printable import visible
from convert.upload.client.address import api_of, is_api, schemed
from convert.upload.client.api import Remark
from convert.upload.client.decoding import LITTLE_BYTES, Misshapen
from convert.upload.client.front.addresses import EXAMPLE, Address, parsed
from convert.upload.client.front.failures import Lost, Unsent
from convert.upload.client.front.http_options import HttpOptions
from convert.upload.client.front.proxies import Proxy, proxy_for
from convert.upload.client.front.tls import context, unproved, unspoken
from convert.upload.client.transport import Answer, Redirected, TooLarge, Transport
from convert.upload.doctor.findings import Failed, Finding, ok, warn

CONNECT_S, ANSWER_S = 10, 30
_SOON_DAYS = 14
_ASKED = {"action": "query", "meta": "siteinfo", "format": "json", "formatversion": "2"}


class Way(NamedTuple):
    """The way to a wiki as far as it is known."""

    address: Address
    proxy: Proxy | None


def address(given: str) -> tuple[Address, Finding]:
    """Read the address."""
    try:
        parts = parsed(given)
    except UsageError as error:
        raise Failed("address", error) from None
    return parts, ok("address", parts.url if parts.scheme else f"{parts.netloc}{parts.path}")


def proxy(parts: Address) -> tuple[Proxy | None, Finding]:
    """Find the proxy."""
    try:
        found = proxy_for(parts)
    except UsageError as error:
        raise Failed("proxy", error) from None
    return found, ok("proxy", str(found) if found else "none")


def name(way: Way) -> Finding:
    """Look a name up, that of the proxy where there is one: it looks the wiki's up."""
    host = way.proxy.host if way.proxy else way.address.host
    try:
        infos = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError as error:
        temporary = isinstance(error, socket.gaierror) and error.errno == socket.EAI_AGAIN
        why = "could not be looked up (no name server answers)" if temporary else "is not known (DNS)"
        raise Failed("name", f"the name {host} {why}: check the address and the network") from None
    except UnicodeError:
        raise Failed("name", f"the name {host} cannot be looked up: correct it") from None
    numbers = list(dict.fromkeys(str(info[4][0]) for info in infos))
    return ok("name", f"{host} is {', '.join(numbers)}" if numbers != [host] else f"{host} is a number")


def connection(way: Way) -> Iterator[Finding]:
    """Connect to each number of a name."""
    host, port = (way.proxy.host, way.proxy.port) if way.proxy else (way.address.host, way.address.effective_port)
    silent: list[str] = []
    answered: dict[str, float] = {}
    reason = ""
    for number in dict.fromkeys(str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)):
        begun = time.monotonic()
        try:
            socket.create_connection((number, port), timeout=CONNECT_S).close()
            answered[number] = time.monotonic() - begun
        except OSError as error:
            silent.append(number)
            refused = isinstance(error, ConnectionRefusedError)
            reason = "nothing listens there" if refused else str(error.strerror or "it does not answer: a firewall?")
    if not answered:
        whose = f"{way.proxy}" if way.proxy else f"{host}:{port}"
        remedy = f"correct {way.proxy.variable}" if way.proxy else "check the address, its port, and whether it runs"
        raise Failed("connection", f"{whose} cannot be reached: {reason}: {remedy}")
    first = next(iter(answered))
    yield ok("connection", f"{first} answers at port {port} in {answered[first] * 1000:.0f} ms")
    if silent:
        yield warn(
            "connection",
            f"{', '.join(silent)} of {host} does not answer ({reason}): connections may have to wait for it: have it "
            "removed from DNS, or made to answer",
        )


def scheme(way: Way, options: HttpOptions) -> tuple[Way, list[Finding]]:
    """Find out whether http or https is meant, where the address does not say."""
    remarks: list[str] = []
    try:
        address = schemed(way.address, options, remarks.append)
    except (EnvironmentFailed, UsageError) as error:
        raise Failed("connection", error) from None
    return Way(address, way.proxy), [warn("address", remark) for remark in remarks]


def tls(way: Way, options: HttpOptions, plain_http: bool, has_secrets: bool) -> Finding:
    """Look at the certificate; without TLS, at whether that is allowed."""
    address = way.address
    if address.scheme == "http":
        if address.is_loopback:
            return ok("tls", "none: what is sent stays on this machine")
        if not plain_http and has_secrets:
            open_ = f"{address.url} is not encrypted, so that passwords could be read on their way"
            raise Failed("tls", f"{open_}: use https://, or allow it with --plain-http")
        return warn(
            "tls", f"none: whoever is on the way to {address.host} can read and change what is sent: use https://"
        )
    try:
        own = context(options)
    except UsageError as error:
        raise Failed("tls", error) from None
    if way.proxy:
        return ok("tls", "through the proxy, looked at with the answer")
    return _certificate(address, own)


def _certificate(address: Address, own: ssl.SSLContext) -> Finding:
    try:
        with (
            socket.create_connection((address.host, address.effective_port), timeout=CONNECT_S) as plain,
            own.wrap_socket(plain, server_hostname=address.host) as secured,
        ):
            version, shown = secured.version(), secured.getpeercert() or {}
    except ssl.SSLCertVerificationError as error:
        raise Failed("tls", f"{address.host} does not prove who it is: {unproved(error)}") from None
    except OSError as error:
        why = (
            unspoken(error) or f"ends the connection before TLS is agreed on ({type(error).__name__}): look at its log"
        )
        raise Failed("tls", f"{address.netloc} {why}") from None
    ends = str(shown.get("notAfter", ""))
    days = (datetime.fromtimestamp(ssl.cert_time_to_seconds(ends), UTC) - datetime.now(UTC)).days if ends else 999
    text = f"{version}, certificate by {_issuer(shown)} until {ends}"
    return warn("tls", f"{text}: it expires in {days} days: have it renewed") if days < _SOON_DAYS else ok("tls", text)


def _issuer(shown: Mapping[str, object]) -> str:
    pairs = [pair for part in shown.get("issuer", ()) for pair in part]  # type: ignore[attr-defined]
    names = dict(pairs)
    return visible(str(names.get("organizationName") or names.get("commonName") or "itself"))


def answer(way: Way, options: HttpOptions, plain_http: bool, remark: Remark) -> tuple[str, Answer, list[Finding]]:
    """Find the API, and look at its answer."""
    given = way.address
    try:
        api = api_of(given.url, options, plain_http, remark)
        transport = Transport(api, 1, ANSWER_S, plain_http or not options.has_secrets, options)
        try:
            got = transport.post(_ASKED, {}, LITTLE_BYTES)
            stranger = None if is_api(got) else transport.stranger(got)
        finally:
            transport.close()
    except Redirected as error:
        raise Failed("redirects", error) from None
    except (EnvironmentFailed, Unsent, Lost) as error:
        raise Failed("answer", error) from None
    except (TooLarge, Misshapen) as error:
        raise Failed("answer", f"{api} is no API: its answer is {error}: {EXAMPLE}") from None
    if stranger:
        raise Failed("answer", stranger.told(given.host))
    server = visible(got.headers.get("server", "") or "a server without a name")
    found = [ok("redirects", "none"), ok("answer", f"HTTP status {got.status} from {server}"), ok("api", api)]
    return api, got, found
