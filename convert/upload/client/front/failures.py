"""Why a request failed, and whether the wiki may have carried it out.

    Unsent              it did not: the request may be sent again
    Lost                it may have, although no complete answer came (Late: in time)
    EnvironmentFailed   sending again would not help

Messages name the host, or the proxy before it, the likeliest cause, and what to do.  They never quote what was sent.
"""

from __future__ import annotations

import errno
import socket
import ssl
from http.client import BadStatusLine, RemoteDisconnected

from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NameResolutionError,
    NewConnectionError,
    ProtocolError,
    ProxyError,
    ReadTimeoutError,
    SSLError,
)

from convert.errors import EnvironmentFailed
from convert.expressions import expression
from convert.upload.client.front.addresses import Address
from convert.upload.client.front.proxies import Proxy
from convert.upload.client.front.tls import unproved, unspoken

#: The code of an ``Unsent`` request without a connection.
UNREACHABLE = "unreachable"
_TUNNEL = expression(r"Tunnel connection failed: (\d{3})")
_SOCKS_REFUSAL = expression(r"0x([0-9a-f]{2}):")
#: Schemes of proxies to those with which the proxy looks up names.
_ASKING = {"socks4": "socks4a", "socks5": "socks5h"}
_ERRORS = {
    errno.ECONNREFUSED: "nothing listens at port {port}",
    errno.EHOSTUNREACH: "no way leads to it",
    errno.ENETUNREACH: "this machine has no network, or no way there",
    errno.ETIMEDOUT: "port {port} does not answer, which a firewall does",
    errno.EACCES: "this machine does not allow it",
    errno.EPERM: "this machine does not allow it",
    errno.EADDRNOTAVAIL: "it has no address to which this machine could connect",
}


class Unsent(Exception):
    """The wiki did not carry the request out; ``wait_s`` is how long it asks to wait, if it does."""

    def __init__(self, code: str, reason: str, wait_s: float | None = None) -> None:
        super().__init__(reason)
        self.code = code
        self.wait_s = wait_s


class Lost(Exception):
    """The wiki may have carried the request out, but no complete answer came."""


class Late(Lost):
    """No complete answer came in time."""


def failure(error: HTTPError, address: Address, proxy: Proxy | None) -> Exception:
    """Tell what the failure of a request means: Unsent, Lost or EnvironmentFailed."""
    if isinstance(error, ProxyError) and proxy:
        return _of_proxy(error, address, proxy)
    cause = error.args[0] if isinstance(error, SSLError) and error.args else _tls_cause(error)
    if isinstance(cause, ssl.SSLCertVerificationError):
        return EnvironmentFailed(f"{address.host} does not prove who it is: {unproved(cause)}")
    if isinstance(cause, ssl.SSLError) and (meaning := unspoken(cause)):
        return EnvironmentFailed(f"{address.netloc} {meaning}")
    if proxy and proxy.is_socks and isinstance(error, ConnectTimeoutError | NewConnectionError):
        return _of_socks(error, address, proxy)
    if isinstance(error, ConnectTimeoutError):
        return Unsent(UNREACHABLE, f"{address.host} cannot be reached: {_unconnected(error, address.effective_port)}")
    if isinstance(error, ReadTimeoutError):
        return Late(f"{address.host} does not answer in time")
    # Whether the reason of TLS arrives before the end is a matter of luck.
    ended = isinstance(cause, ssl.SSLEOFError | ssl.SSLZeroReturnError)
    why = "as by a server that wants a certificate of the client (--client-cert)" if ended else _broken(error)
    # Only the exception's name is shown: its text may hold addresses and bytes.
    lost = f"the connection to {address.host} broke off ({type(error).__name__})"
    return Lost(f"{lost}, {why}" if why else lost)


def _broken(error: BaseException) -> str:
    """Tell what a broken connection looks like."""
    cause = error.args[1] if isinstance(error, ProtocolError) and len(error.args) > 1 else error
    if isinstance(cause, RemoteDisconnected):
        return "without an answer"
    if isinstance(cause, BadStatusLine):
        tls = str(cause.args[0]).lstrip("'\"").startswith(("\x15\x03", "\\x15\\x03"))
        return (
            "as by a server that speaks TLS: write https://" if tls else "with what is not HTTP: is it another service?"
        )
    if isinstance(cause, ConnectionResetError):
        return "as by a firewall"
    return ""


def _tls_cause(error: BaseException) -> BaseException | None:
    """Return an error of TLS within another one: with TLS 1.3 a server refuses after the handshake."""
    for arg in error.args:
        if isinstance(arg, ssl.SSLError):
            return arg
    return None


def _unconnected(error: BaseException, port: int) -> str:
    """Tell why there is no connection."""
    if isinstance(error, NameResolutionError):
        reason = error.__cause__
        temporary = isinstance(reason, OSError) and reason.errno == socket.EAI_AGAIN
        return "its name could not be looked up (DNS)" if temporary else "its name is not known (DNS)"
    reason = error.__cause__
    if isinstance(error, NewConnectionError) and isinstance(reason, OSError):
        known = _ERRORS.get(reason.errno or 0)
        return known.format(port=port) if known else str(reason.strerror or "the connection failed")
    return f"port {port} does not answer, which a firewall does"


def _of_proxy(error: ProxyError, address: Address, proxy: Proxy) -> Exception:
    """Tell why a proxy made no connection; nothing has reached the wiki then."""
    cause = error.original_error
    # Wrapped once more, where the proxy speaks TLS.
    inner = cause.args[0] if isinstance(cause, SSLError) and cause.args else cause
    if refused := _TUNNEL.search(str(inner)):
        return _untunnelled(int(refused[1]), address, proxy)
    if isinstance(inner, ssl.SSLCertVerificationError):
        return EnvironmentFailed(f"{proxy} does not prove who it is: {unproved(inner)}")
    if isinstance(inner, ssl.SSLError):
        return EnvironmentFailed(f"{proxy} does not speak TLS: write its address with http://")
    if isinstance(inner, ConnectTimeoutError):
        why = _unconnected(inner, proxy.port)
        return Unsent(UNREACHABLE, f"{proxy} cannot be reached: {why}: correct {proxy.variable}, or {_past(address)}")
    return Lost(f"the connection to {proxy} broke off ({type(inner).__name__})")


def _untunnelled(status: int, address: Address, proxy: Proxy) -> Exception:
    if status == 407:
        return EnvironmentFailed(unknown_to_proxy(proxy))
    if status in (403, 405):
        refused = f"{proxy} allows no connection to {address.netloc} (HTTP status {status})"
        return EnvironmentFailed(f"{refused}: ask who runs it, or {_past(address)}")
    return Unsent(UNREACHABLE, f"{proxy} cannot reach {address.netloc} (HTTP status {status}): {_past(address)}")


def _of_socks(error: HTTPError, address: Address, proxy: Proxy) -> Exception:
    """Tell why a proxy for SOCKS made no connection, by the error of PySocks that is behind it."""
    cause: object = error.__cause__ or error.__context__
    inner = getattr(cause, "socket_err", None)
    if isinstance(inner, OSError) and hasattr(inner, "socket_err"):  # it wraps its own errors
        cause, inner = inner, None
    kind = type(cause).__name__
    if kind == "SOCKS5AuthError":
        wrong = "does not accept the name and password" if proxy.login else "asks for a name and password: write them"
        return EnvironmentFailed(f"{proxy} {wrong} in {proxy.variable}, as in {proxy.scheme}://NAME:PASSWORD@HOST:PORT")
    if kind == "ProxyConnectionError" and isinstance(inner, OSError):
        known = _ERRORS.get(inner.errno or 0)
        why = known.format(port=proxy.port) if known else f"port {proxy.port} does not answer, which a firewall does"
        return Unsent(UNREACHABLE, f"{proxy} cannot be reached: {why}: correct {proxy.variable}, or {_past(address)}")
    if kind == "GeneralProxyError":
        how = "answers as no" if inner is None else "does not answer as a"
        return EnvironmentFailed(f"{proxy} {how} proxy for SOCKS does: correct {proxy.variable}, or {_past(address)}")
    refused = _SOCKS_REFUSAL.match(str(getattr(cause, "msg", "")))
    if refused and refused[1] in ("02", "5b"):
        why = f"{proxy} allows no connection to {address.netloc}"
        return EnvironmentFailed(f"{why}: ask who runs it, or {_past(address)}")
    asking = _ASKING.get(proxy.scheme)
    local = f", or write {asking}:// to let the proxy look up names" if asking else ""
    return Unsent(UNREACHABLE, f"{proxy} cannot reach {address.netloc}: {_past(address)}{local}")


def unknown_to_proxy(proxy: Proxy) -> str:
    """Tell that a proxy wants another name and password."""
    if proxy.login:
        return f"{proxy} does not accept the name and password in {proxy.variable} (HTTP status 407): correct them"
    return (
        f"{proxy} asks for a name and password (HTTP status 407): write them into {proxy.variable}, as in "
        f"http://NAME:PASSWORD@{proxy.host}:{proxy.port}"
    )


def _past(address: Address) -> str:
    return f"add {address.host} to NO_PROXY if it is reached without"
