"""A pool of connections to one wiki, straight or by a proxy, each answer limited in time."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import Any, NamedTuple

import urllib3
from urllib3.connection import HTTPConnection
from urllib3.util import make_headers

from convert.errors import UsageError
from convert.upload.client.front.addresses import Address
from convert.upload.client.front.http_options import HttpOptions
from convert.upload.client.front.proxies import Proxy, proxy_for
from convert.upload.client.front.tls import context

CONNECT_S = 15


class Route(NamedTuple):
    """Connections to a wiki, what is asked for there, and the proxy in between."""

    pool: urllib3.HTTPConnectionPool
    target: str
    proxy: Proxy | None


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


def _cut(connection: Any) -> None:
    # TLS to a wiki within TLS to its proxy is no socket, but has one.
    plain = connection if isinstance(connection, socket.socket) else getattr(connection, "socket", None)
    with suppress(OSError):
        # Shut the plain socket down: the TLS socket would first send a close alert.
        socket.socket.shutdown(plain, socket.SHUT_RDWR)  # type: ignore[arg-type]


def route_to(address: Address, options: HttpOptions, connections: int, timeout_s: float) -> Route:
    """Make at most so many connections to an address, whose answers take at most so long."""
    proxy = proxy_for(address)
    settings: dict[str, Any] = {
        "maxsize": connections,
        "block": True,
        "retries": False,
        "timeout": urllib3.Timeout(connect=min(CONNECT_S, timeout_s), read=timeout_s),
    }
    if address.scheme == "https":
        settings["ssl_context"] = context(options)
    manager = _by_proxy(proxy, options, settings) if proxy else urllib3.PoolManager(**settings)
    pool = manager.connection_from_url(address.url)
    pool.ConnectionCls = type("_Connection", (_Bounded, pool.ConnectionCls), {"limit_s": timeout_s})
    # A proxy for HTTP is asked for the whole address.
    forwarded = proxy and not proxy.is_socks and address.scheme == "http"
    path = address.path or "/"
    return Route(pool, f"{address.origin}{path}" if forwarded else path, proxy)


def _by_proxy(proxy: Proxy, options: HttpOptions, settings: dict[str, Any]) -> urllib3.PoolManager:
    if not proxy.is_socks:
        sent = make_headers(proxy_basic_auth=proxy.login) if proxy.login else {}
        secured = context(options) if proxy.scheme == "https" else None
        return urllib3.ProxyManager(proxy.url, proxy_headers=sent, proxy_ssl_context=secured, **settings)
    try:
        from urllib3.contrib.socks import SOCKSProxyManager
    except ImportError:
        raise UsageError(f"{proxy} is one for SOCKS, which needs PySocks: pip install 'plainwiki[socks]'") from None
    name, _, password = proxy.login.partition(":")
    return SOCKSProxyManager(proxy.url, name or None, password or None, **settings)
