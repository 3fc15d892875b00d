"""The proxy of a request, from HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY, in capitals or not.

They are read as the standard library reads them (on macOS and Windows also the system's settings); a network in
NO_PROXY, as in ``10.0.0.0/8``, counts too.
"""

from __future__ import annotations

import os
from ipaddress import ip_address, ip_network
from typing import NamedTuple
from urllib.parse import unquote
from urllib.request import getproxies, proxy_bypass

from urllib3.exceptions import LocationParseError
from urllib3.util import Url, parse_url

from convert.errors import UsageError
from convert.printable import register
from convert.upload.client.front.addresses import Address

_SCHEMES = ("http", "https", "socks4", "socks4a", "socks5", "socks5h")


class Proxy(NamedTuple):
    """A proxy; ``login`` is "name:password" or empty, and ``variable`` where its address comes from."""

    scheme: str
    host: str
    port: int
    login: str
    variable: str

    @property
    def url(self) -> str:
        """Its address without a password."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"

    @property
    def is_socks(self) -> bool:
        """Whether it forwards connections and not requests."""
        return self.scheme.startswith("socks")

    def __str__(self) -> str:
        return f"the proxy {self.host}:{self.port} ({self.variable})"


def proxy_for(address: Address) -> Proxy | None:
    """Return the proxy for an address, if the environment names one.  Raises UsageError for an impossible one."""
    proxies = getproxies()
    named = next((scheme for scheme in (address.scheme or "https", "all") if proxies.get(scheme)), None)
    if named is None or proxy_bypass(address.netloc) or _in_network(address.host, proxies.get("no", "")):
        return None
    variable = f"{named.upper()}_PROXY"
    if variable not in os.environ:
        variable = variable.lower() if variable.lower() in os.environ else "the system's settings"
    return _proxy(proxies[named].strip(), variable)


def _proxy(written: str, variable: str) -> Proxy:
    try:
        url = parse_url(written if "://" in written else f"http://{written}")
    except LocationParseError:
        url = Url()
    scheme, host = (url.scheme or "").lower(), (url.host or "").strip("[]")
    if scheme not in _SCHEMES or not host:
        # It may hold a password, so it is not shown.
        raise UsageError(f"{variable} holds no address of a proxy: give one like http://proxy.example:3128")
    login = unquote(url.auth or "")
    register(login.partition(":")[2])
    usual = {"http": 80, "https": 443}.get(scheme, 1080)
    return Proxy(scheme, host, url.port or usual, login, variable)


def _in_network(host: str, unproxied: str) -> bool:
    """Return whether an IP address is in a network that NO_PROXY lists."""
    try:
        number = ip_address(host)
    except ValueError:
        return False
    for entry in unproxied.split(","):
        try:
            if "/" in entry and number in ip_network(entry.strip(), strict=False):
                return True
        except ValueError:
            continue
    return False
