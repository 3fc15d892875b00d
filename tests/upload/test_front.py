"""What stands in front of a wiki is passed, or named with what to do: proxies, TLS, passwords, pages of others."""

from __future__ import annotations

import itertools
import json
import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from convert.errors import EnvironmentFailed, UsageError
from convert.printable import redacted
from convert.upload.client.address import api_of
from convert.upload.client.api import Stopped, Waiting
from convert.upload.client.credentials import Nobody, Password, Token, password_of
from convert.upload.client.front.addresses import parsed
from convert.upload.client.front.http_options import HttpOptions, http_options
from convert.upload.client.front.notices import without_notices
from convert.upload.client.front.proxies import proxy_for
from convert.upload.client.front.redirects import redirected, target
from convert.upload.client.front.strangers import recognized
from convert.upload.client.pages import Edit, Saved
from convert.upload.client.wiki import Client, ClientOptions
from tests.servers.fake_wiki import LOGIN, PASSWORD, FakeWiki, Fields, Reply
from tests.servers.front import ForwardProxy, Front, Request, certificate, speaking_tls
from tests.servers.socks import SocksProxy

WHO = Password(LOGIN, PASSWORD)
_numbers = itertools.count(1)
BASIC = HttpOptions(user="wiki", password="a secret of the server")


def _options(http: HttpOptions = HttpOptions(), plain_http: bool = False) -> ClientOptions:
    return ClientOptions(patience_s=1.5, http=http, plain_http=plain_http)


def _edited(url: str, options: ClientOptions) -> list[str]:
    """Sign in and save a page; return the remarks."""
    remarks: list[str] = []
    with Client(url, WHO, options, remark=remarks.append) as client:
        title = f"New {next(_numbers)}"
        assert isinstance(client.edit(Edit(title, "A text.", "A test.")), Saved)
    return remarks


def _failure(url: str, options: ClientOptions, who: Password | Nobody = WHO) -> str:
    with pytest.raises(EnvironmentFailed) as failed:
        Client(url, who, options).__enter__()
    message = str(failed.value)
    assert message.isprintable()
    assert PASSWORD not in message
    return message


# ── Addresses

IMPOSSIBLE = {
    "https://wiki..example/": "two dots with nothing between",
    "wiki..x": "two dots with nothing between",
    "https://.wiki.example": "begins with a dot",
    f"https://{'a' * 64}.example/": "has 64 characters, and at most 63",
    f"https://{'.'.join(['a' * 60] * 5)}/": "has 304 characters, and at most 253",
    "https://wiki.example:99999/": "no port 99999",
    "https://wiki.example:0/": "no port 0",
    "https://wiki.example:http/": "port 'http' is no number",
    "https://wiki .example/": "white space",
    "https://wiki.example/my wiki/": "white space",
    "https://wiki\\w": "backslash",
    "https://wiki\u200b.example/": "cannot be seen",
    "https://-wiki.example/": "no host can be called '-wiki'",
    "https://wiki!.example/": "no host can be called 'wiki!'",
    "https://xn--\u00fc.example/": "no host can be called",
    "https://wiki\u2665.example/": "no host can be called",
    "https://300.1.1.1/": "300.1.1.1 is no IP address",
    "https://[::g]/": "no IPv6 address",
    "https:///w/api.php": "has no host",
    "https:/wiki.example": "'https:/' is not how an address begins",
    "https//wiki.example": "'https//' is not how an address begins",
    "ftp://wiki.example/": "ftp is no way to a wiki",
    "": "is empty",
}


@pytest.mark.parametrize(("address", "why"), IMPOSSIBLE.items(), ids=[repr(each)[:30] for each in IMPOSSIBLE])
def test_address_that_can_be_none_is_refused_at_once(address: str, why: str) -> None:
    with pytest.raises(UsageError, match=re.escape(why)) as refused:
        api_of(address)
    assert "give one like https://wiki.example/w/api.php" in str(refused.value)


POSSIBLE = {
    "https://Wiki.Example/w/": "https://wiki.example/w/",
    "https://wiki.example.:8443": "https://wiki.example:8443",
    "https://m\u00fcnchen.example/wiki/Stra\u00dfe?x=1#y": "https://xn--mnchen-3ya.example/wiki/Stra%C3%9Fe",
    "https://\u0432\u0438\u043a\u0438.\u0440\u0444": "https://xn--b1amah.xn--p1ai",
    "http://[::1]:8080/api.php": "http://[::1]:8080/api.php",
    "http://my_wiki:8080": "http://my_wiki:8080",
    "http://127.0.0.1": "http://127.0.0.1",
    "  https://wiki.example  ": "https://wiki.example",
}


@pytest.mark.parametrize(("address", "url"), POSSIBLE.items())
def test_address_is_read_as_a_browser_reads_it(address: str, url: str) -> None:
    assert parsed(address).url == url


def test_password_in_an_address_is_refused_and_not_shown() -> None:
    with pytest.raises(UsageError, match="PLAINWIKI_HTTP_USER") as refused:
        parsed("https://me:my-secret@wiki.example/")
    assert "my-secret" not in str(refused.value)


def test_http_is_tried_on_this_machine_and_said() -> None:
    said: list[str] = []
    with FakeWiki({}) as wiki:
        place = wiki.api.removeprefix("http://")
        assert api_of(place, remark=said.append) == wiki.api
        assert api_of(place.replace("127.0.0.1", "localhost").removesuffix("/api.php"), remark=said.append)
    assert [each.partition(" was given")[2] for each in said] == [
        f" without http:// or https://: {wiki.api.removesuffix('/api.php')} answers, and is used",
        f" without http:// or https://: {wiki.api.removesuffix('/api.php').replace('127.0.0.1', 'localhost')} answers, "
        "and is used",
    ]


def test_address_without_a_scheme_where_nothing_listens_names_both() -> None:
    with pytest.raises(EnvironmentFailed, match=r"neither http:// nor https:// answers at localhost:9: .*port 9"):
        api_of("localhost:9")


def test_tls_is_found_without_a_scheme(tmp_path: Path) -> None:
    own = certificate(tmp_path)
    with FakeWiki({}) as wiki, Front(wiki.api, tls=speaking_tls(own)) as front:
        options = HttpOptions(ca_file=str(own))
        assert api_of(f"localhost:{front.port}", options) == f"{front.address}/api.php"


# ── HTTP Basic and headers


def _guarded(request: Request) -> Reply | None:
    """Ask for a name and password, as a web server does."""
    if request.headers.get("Authorization") == BASIC.sent_headers()["Authorization"]:
        return None
    return Reply(b"<h1>Unauthorized</h1>", 401, (("WWW-Authenticate", 'Basic realm="Staff"'), ("Server", "nginx/1.26")))


def test_basic_is_asked_for_and_passed() -> None:
    with FakeWiki({}) as wiki, Front(wiki.api, _guarded) as front:
        message = _failure(f"{front.address}/api.php", _options())
        assert message.startswith(
            "localhost answers with a demand of the web server for a name and password (HTTP Basic, for 'Staff') "
            "(HTTP status 401 from nginx/1.26): set PLAINWIKI_HTTP_USER and PLAINWIKI_HTTP_PASSWORD"
        )
        wrong = _failure(f"{front.address}/api.php", _options(HttpOptions(user="wiki", password="another secret")))
        assert "'that is not the name and password'" in wrong
        assert "another secret" not in wrong
        with pytest.raises(EnvironmentFailed, match="PLAINWIKI_HTTP_USER"):
            api_of(front.address)
        assert api_of(front.address, BASIC) == f"{front.address}/api.php"
        assert not _edited(f"{front.address}/api.php", _options(BASIC))


def test_headers_come_from_the_environment_and_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAINWIKI_HEADERS", "X-Pass: let me in, please\nCookie: gate=open\n")

    def gate(request: Request) -> Reply | None:
        passes = request.headers["X-Pass"] == "let me in, please" and "gate=open" in request.headers["Cookie"]
        return None if passes else Reply(b"No.", 403)

    with FakeWiki({}, _setting("c=1")) as wiki, Front(wiki.api, gate) as front:
        _edited(f"{front.address}/api.php", _options(http_options()))
        assert front.requests[-1].headers["Cookie"] == "gate=open; c=1"
    own = http_options({"headers": {"X-Key": "of the settings"}, "http-user": "me", "http-password": "of the settings"})
    assert own.headers == (("X-Key", "of the settings"),)
    assert "of the settings" not in repr(own) + redacted("X-Key: of the settings")


@pytest.mark.parametrize("line", ["X Y: 1", "Host: elsewhere.example", "Content-Length: 7", "no colon", "X: a\u2028b"])
def test_header_that_cannot_be_sent_is_refused(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAINWIKI_HEADERS", line)
    with pytest.raises(UsageError):
        http_options()


def test_token_and_basic_do_not_go_together() -> None:
    with FakeWiki({}) as wiki, pytest.raises(UsageError, match="Special:BotPasswords"):
        Client(wiki.api, Token("a token of some length"), _options(BASIC)).__enter__()


def test_secrets_go_to_no_other_host() -> None:
    """Nor to the same one without encryption."""
    with FakeWiki({}) as other, FakeWiki({}) as wiki:
        wiki.spoil = lambda *_: Reply(b"", 302, (("Location", other.api),))
        _failure(wiki.api, _options(BASIC))
        with pytest.raises(EnvironmentFailed, match="redirects to"):
            api_of(wiki.api.removesuffix("/api.php"), BASIC)
        assert not other.asked
    with pytest.raises(UsageError, match="not encrypted"):
        api_of("http://wiki.example/", BASIC)


# ── Proxies


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"])
def test_wiki_behind_a_proxy(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with FakeWiki({}) as wiki, ForwardProxy(int(wiki.api.split(":")[2].split("/")[0]), "me:hush, hush") as proxy:
        monkeypatch.setenv(variable, proxy.address.replace("//", "//me:hush,%20hush@"))
        _edited("http://wiki.example/w/api.php", _options(plain_http=True))
        assert set(proxy.asked) == {"POST http://wiki.example/w/api.php"}
        monkeypatch.setenv(variable, proxy.address)
        message = _failure("http://wiki.example/api.php", _options(plain_http=True))
        assert "demand of the proxy for a name and password" in message
        assert variable in message


def test_wiki_with_tls_behind_a_proxy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = certificate(tmp_path, "wiki.example")
    options = HttpOptions(user="wiki", password="a secret of the server", ca_file=str(own))
    with (
        FakeWiki({}) as wiki,
        Front(wiki.api, _guarded, tls=speaking_tls(own)) as front,
        ForwardProxy(front.port, "me:hush, hush") as proxy,
    ):
        monkeypatch.setenv("HTTPS_PROXY", proxy.address.replace("//", "//me:hush,%20hush@"))
        _edited("https://wiki.example/api.php", _options(options))
        assert proxy.asked == ["CONNECT wiki.example:443"]
        assert proxy.headers[0]["Authorization"] is None
        assert front.requests[-1].headers["Proxy-Authorization"] is None
        monkeypatch.setenv("HTTPS_PROXY", proxy.address)
        message = _failure("https://wiki.example/api.php", _options(options))
        assert "asks for a name and password (HTTP status 407): write them into HTTPS_PROXY" in message
        proxy.login, proxy.refusal = "", 403
        assert "allows no connection to wiki.example (HTTP status 403)" in _failure(
            "https://wiki.example/api.php", _options(options)
        )
        monkeypatch.setenv("NO_PROXY", "wiki.example")
        monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
        assert proxy_for(parsed("https://wiki.example/")) is None


def test_proxy_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://me:hush%20hush@127.0.0.1:9")
    message = _failure("https://wiki.example/api.php", _options())
    assert "the proxy 127.0.0.1:9 (HTTPS_PROXY) cannot be reached: nothing listens at port 9" in message
    assert "NO_PROXY" in message
    assert "hush" not in message


def test_wiki_behind_a_proxy_for_socks(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a name and password; the proxy looks up names where its address says so."""
    with FakeWiki({}) as wiki, SocksProxy(int(wiki.api.split(":")[2].split("/")[0]), "me:hush, hush") as proxy:
        monkeypatch.setenv("ALL_PROXY", f"socks5h://me:hush,%20hush@{proxy.address}")
        _edited("http://wiki.example/w/api.php", _options(plain_http=True))
        assert set(proxy.asked) == {"wiki.example:80"}
        monkeypatch.setenv("ALL_PROXY", f"socks5://me:hush,%20hush@{proxy.address}")
        _edited("http://localhost:99/api.php", _options(plain_http=True))
        assert proxy.asked[-1] == "127.0.0.1:99"


def test_wiki_with_tls_behind_a_proxy_for_socks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = certificate(tmp_path, "wiki.example")
    options = HttpOptions(user="wiki", password="a secret of the server", ca_file=str(own))
    with (
        FakeWiki({}) as wiki,
        Front(wiki.api, _guarded, tls=speaking_tls(own)) as front,
        SocksProxy(front.port) as proxy,
    ):
        monkeypatch.setenv("HTTPS_PROXY", f"socks5h://{proxy.address}")
        _edited("https://wiki.example/api.php", _options(options))
        assert set(proxy.asked) == {"wiki.example:443"}


@pytest.mark.parametrize(
    ("login", "refusal", "given", "why"),
    [
        ("me:hush", 0, "", "asks for a name and password: write them in ALL_PROXY, as in socks5h://NAME:PASSWORD@"),
        ("me:hush", 0, "me:wrong@", "does not accept the name and password in ALL_PROXY"),
        ("", 2, "", "allows no connection to wiki.example: ask who runs it"),
        ("", 4, "", "cannot reach wiki.example: add wiki.example to NO_PROXY"),
    ],
)
def test_what_a_proxy_for_socks_refuses_is_told(
    login: str, refusal: int, given: str, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with SocksProxy(9, login, refusal) as proxy:
        monkeypatch.setenv("ALL_PROXY", f"socks5h://{given}{proxy.address}")
        message = _failure("https://wiki.example/api.php", _options())
        assert f"the proxy {proxy.address} (ALL_PROXY) {why}" in message
        assert ":wrong@" not in message


def test_proxy_for_socks_that_is_none_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:9")
    message = _failure("https://localhost/api.php", _options())
    assert "the proxy 127.0.0.1:9 (ALL_PROXY) cannot be reached: nothing listens at port 9" in message
    with SocksProxy(9, greeting=b"SSH-2.0-OpenSSH_9.9\r\n") as proxy:
        monkeypatch.setenv("ALL_PROXY", f"socks5h://{proxy.address}")
        message = _failure("https://wiki.example/api.php", _options())
        assert f"the proxy {proxy.address} (ALL_PROXY) answers as no proxy for SOCKS does: correct ALL_PROXY" in message


@pytest.mark.parametrize(
    ("unproxied", "address", "proxied"),
    [
        ("wiki.example", "http://wiki.example/", False),
        (".example", "http://wiki.example/", False),
        ("*", "http://wiki.example/", False),
        ("10.0.0.0/8", "http://10.1.2.3/", False),
        ("10.0.0.0/8,x", "http://11.1.2.3/", True),
        ("other.example", "http://wiki.example/", True),
    ],
)
def test_no_proxy(unproxied: str, address: str, proxied: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "proxy.example:3128")
    monkeypatch.setenv("no_proxy", unproxied)
    proxy = proxy_for(parsed(address))
    assert (proxy is not None) == proxied
    if proxy:
        assert proxy.url == "http://proxy.example:3128"


def test_proxy_that_can_be_none_is_refused_and_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "ftp://me:hush-hush@proxy")
    with pytest.raises(UsageError, match="HTTP_PROXY holds no address of a proxy") as refused:
        proxy_for(parsed("http://wiki.example"))
    assert "hush" not in str(refused.value)


# ── TLS


def test_certificates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own, other, old = certificate(tmp_path), certificate(tmp_path, "wiki.example"), certificate(tmp_path, expired=True)
    cases = {own: "signed its certificate itself", other: "is for another name", old: "has expired"}
    with FakeWiki({}) as wiki:
        for each, why in cases.items():
            with Front(wiki.api, tls=speaking_tls(each)) as front:
                trusted = HttpOptions(ca_file="" if each is own else str(each))
                message = _failure(f"{front.address}/api.php", _options(trusted))
                assert message.startswith("localhost does not prove who it is: ")
                assert why in message
                if each is own:
                    assert "--ca-file" in message
                    _edited(f"{front.address}/api.php", _options(HttpOptions(ca_file=str(own))))
                    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(own))
                    _edited(f"{front.address}/api.php", _options())
                    monkeypatch.delenv("REQUESTS_CA_BUNDLE")


def test_client_certificate(tmp_path: Path) -> None:
    server, client = certificate(tmp_path), certificate(tmp_path, "client")
    with FakeWiki({}) as wiki, Front(wiki.api, tls=speaking_tls(server, client)) as front:
        message = _failure(f"{front.address}/api.php", _options(HttpOptions(ca_file=str(server))))
        assert "--client-cert" in message
        shown = HttpOptions(ca_file=str(server), client_cert=str(client))
        _edited(f"{front.address}/api.php", _options(shown))


@pytest.mark.parametrize(
    "options",
    [HttpOptions(ca_file="none.pem"), HttpOptions(client_cert="none.pem"), HttpOptions(client_key="none.pem")],
)
def test_certificate_that_is_not_there_is_named(options: HttpOptions) -> None:
    with pytest.raises(UsageError, match=r"none\.pem|no certificate"):
        Client("https://wiki.example/api.php", WHO, _options(options))


def test_http_where_tls_is_expected_and_the_reverse(tmp_path: Path) -> None:
    with FakeWiki({}) as wiki, Front(wiki.api, tls=speaking_tls(certificate(tmp_path))) as front:
        secure = wiki.api.replace("http:", "https:")
        assert "does not speak TLS at that port: give the address with http://" in _failure(secure, _options())
        assert "localhost" in _failure(front.address.replace("https", "http") + "/api.php", _options())


# ── Redirects

REDIRECTS = {
    "https://wiki.example/w/api.php": "the wiki wants https: write https://wiki.example/w/api.php",
    "https://wiki.example/wiki/Main_Page": "the wiki wants https: write https://wiki.example/w/api.php",
    "http://www.wiki.example/w/api.php": "the wiki has moved, or has another name: write http://www.wiki.example/w/api.php",
    "/mediawiki/api.php": "it is at another place: write http://wiki.example/mediawiki/api.php",
    "/maintenance.html": "seems to be under maintenance",
    "/login?next=%2Fw%2Fapi.php": "it is a page to sign in at (SSO)",
    "https://login.microsoftonline.com/x/oauth2/authorize?client_id=1": "the sign-in of Microsoft (SSO) stands in",
    "https://corp.cloudflareaccess.com/cdn-cgi/access/login/x": "Cloudflare Access stands in front of the wiki",
    "https://sso.corp.example/realms/staff/protocol/openid-connect/auth?x": "Keycloak, a page to sign in at",
    "https://id.corp.example/adfs/ls/?wa=x": "AD FS",
    "https://id.corp.example/saml/start?x": "it is a page to sign in at (SSO)",
    "http://hotel.example/welcome": "captive portal",
    "": "redirects to nowhere",
    "mailto:x@wiki.example": "redirects to nowhere",
}


@pytest.mark.parametrize(("location", "told"), REDIRECTS.items())
def test_redirect_is_told_with_what_to_write(location: str, told: str) -> None:
    address = parsed("http://wiki.example/w/api.php")
    message = redirected(address, target(address, location), location)
    assert told in message
    assert "where nothing was sent" in message


def test_redirect_of_the_address_that_was_given_is_told_with_that_address() -> None:
    with FakeWiki({}) as wiki:
        own = wiki.api.removesuffix("/api.php")

        def moved(request: Request) -> Reply:
            return Reply(b"", 301, (("Location", f"{own}{request.path}"),))

        with Front(wiki.api, moved) as front, pytest.raises(EnvironmentFailed) as failed:
            api_of(f"{front.address}/wiki/Islay")
    assert str(failed.value).endswith(f"write {own}/wiki/Islay")


# ── Pages of somebody else

HTML = {"content-type": "text/html; charset=utf-8"}
STRANGERS: list[tuple[int, dict[str, str], bytes, str]] = [
    (403, {"cf-mitigated": "challenge", "server": "cloudflare"}, b"", "Cloudflare's check for browsers"),
    (403, {"server": "cloudflare"}, b"<title>Just a moment...</title>", "Cloudflare's check for browsers"),
    (403, {}, b"<title>Attention Required! | Cloudflare</title>", "a refusal of Cloudflare's firewall"),
    (522, {"server": "cloudflare"}, b"error", "the server behind Cloudflare does not answer"),
    (202, {"x-amzn-waf-action": "challenge"}, b"", "AWS WAF"),
    (200, HTML, b'<script id="anubis_challenge">1</script>', "Anubis"),
    (200, HTML, b"<input type='password' name=p><title>Log in</title>", "a page to sign in at (SSO) titled"),
    (200, HTML, b"<html>Welcome to our hotel. Sign in for the internet.</html>", "captive portal"),
    (511, HTML, b"", "captive portal"),
    (503, HTML, b"<h1>Down for maintenance</h1>", "a page about maintenance"),
    (503, HTML, b"", "'not available now'"),
    (502, HTML, b"<h1>Bad Gateway</h1>", "'no answer from behind'"),
    (504, HTML, b"", "'no answer in time from behind'"),
    (500, HTML, b"MediaWiki internal error.", "an error page of MediaWiki itself"),
    (500, HTML, b"<b>Fatal error</b>: Allowed memory size", "an error of PHP"),
    (200, HTML, b"<?php\nrequire 'x';", "the program text of a script"),
    (200, HTML, b"", "an empty page"),
    (200, HTML, b"<title>Welcome to nginx!</title>", "the first page of a new web server"),
    (200, HTML, b"<title>Index of /w</title>", "a list of files"),
    (404, HTML, b"<h1>Not Found</h1>", "'there is nothing here'"),
    (405, HTML, b"", "'POST is not allowed'"),
    (413, HTML, b"", "'the request is too large'"),
    (429, HTML, b"", "'too many requests'"),
    (400, HTML, b"The plain HTTP request was sent to HTTPS port", "'this port speaks TLS'"),
    (400, HTML, b"No required SSL certificate was sent", "a demand for a client certificate"),
    (401, {"www-authenticate": "Negotiate, NTLM"}, b"", "sign in by Negotiate, Ntlm"),
    (403, HTML, b"<title>Forbidden</title>", "'forbidden' titled 'Forbidden'"),
    (
        200, HTML, b'<meta name="generator" content="MediaWiki 1.43.9"/><link rel="EditURI" href="//w.example/api.php">'
        b"<title>Wi-Fi hotspot - captive portal</title>",
        "a page of a wiki titled 'Wi-Fi hotspot - captive portal', and not its API",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("status", "headers", "body", "what"), STRANGERS, ids=[each for *_, each in STRANGERS])
def test_page_of_somebody_else_is_named(status: int, headers: dict[str, str], body: bytes, what: str) -> None:
    stranger = recognized(status, headers, body, HttpOptions(), None)
    assert stranger
    told = stranger.told("wiki.example")
    assert told.startswith("wiki.example answers with ")
    assert what in told
    assert f"(HTTP status {status}" in told
    assert re.search(r"\)[^)]*: \w.{8,}", told), "no remedy"


def test_page_that_could_be_anything_is_nobody() -> None:
    for body in (b'{"message": "Hello."}', b"<html>Hello</html>", b"Hello."):
        assert recognized(200, {}, body, HttpOptions(), None) is None


def test_page_of_the_wiki_names_its_api() -> None:
    page = (
        b'<meta name="generator" content="MediaWiki 1.43.9"/><link rel="EditURI" href="/far/away/api.php?action=rsd">'
    )

    def front(request: Request) -> Reply | None:
        return None if request.path == "/far/away/api.php" else Reply(page, 200 if request.path == "/wiki/A" else 404)

    with FakeWiki({}) as wiki, Front(wiki.api, front) as server:
        assert api_of(f"{server.address}/wiki/A") == f"{server.address}/far/away/api.php"
        assert "give the address of its api.php, which is /far/away/api.php" in _failure(
            f"{server.address}/wiki/A", _options()
        )


# ── PHP's messages

NOTICE = b'<br />\n<b>Deprecated</b>:  Use of {"x"} in <b>/var/www/LocalSettings.php</b> on line <b>7</b><br />\n'
NOISE: dict[str, Callable[[bytes], bytes]] = {
    "notice before": lambda body: NOTICE + body,
    "notice behind": lambda body: body + NOTICE,
    "both": lambda body: NOTICE + body + NOTICE,
    "plain": lambda body: b"PHP Warning: Undefined array key in /x.php on line 3\n" + body,
    "mark": lambda body: b"\xef\xbb\xbf" + body,
}


@pytest.mark.parametrize("noise", NOISE)
def test_messages_of_php_around_an_answer_are_told_once_and_the_answer_is_read(noise: str) -> None:
    def noisy(asked: Fields, answer: object) -> Reply:
        return Reply(NOISE[noise](json.dumps(answer).encode()))

    with FakeWiki({}, noisy) as wiki:
        assert api_of(wiki.api.removesuffix("/api.php")) == wiki.api
        remarks = _edited(wiki.api, _options())
        assert [len(each) for each in wiki.pages.values()] == [1]
    assert len(remarks) == 1
    assert "LocalSettings.php without one" in remarks[0] if noise == "mark" else "display_errors = Off" in remarks[0]


@pytest.mark.parametrize("body", [b'{"a": 1', b'<html>{"a": 1}</html>', b'x {"a": 1}', b"", b'{"a": 1} {"b": 2}'])
def test_json_within_anything_else_is_no_answer(body: bytes) -> None:
    assert without_notices(body) is None


# ── Cookies and passwords


def _setting(*cookies: str) -> Callable[[Fields, object], Reply]:
    def spoil(asked: Fields, answer: object) -> Reply:
        return Reply(json.dumps(answer).encode(), headers=tuple(("Set-Cookie", cookie) for cookie in cookies))

    return spoil


COOKIES = {
    (
        "wiki_session=1; Secure; HttpOnly",
    ): "cookie wiki_session is Secure, and not sent over http: give the address with",
    ("wiki_session=1; Domain=wiki.example",): "cookie wiki_session is for wiki.example and not for 127.0.0.1",
    ("wiki_session=1; Path=/w/",): "cookie wiki_session is for /w/, where /api.php is not",
    (): "it sets no cookie of a session",
    ("wiki_session=1",): "the wiki forgets its sessions",
}


@pytest.mark.parametrize(("cookies", "told"), COOKIES.items(), ids=[each[:40] for each in COOKIES.values()])
def test_session_that_is_lost_is_explained(cookies: tuple[str, ...], told: str) -> None:
    def spoil(asked: Fields, answer: object) -> Reply:
        if asked["action"] == "login" and "session=1" not in front.requests[-1].headers.get("Cookie", ""):
            reason = {"code": "sessionlost", "text": "Your session most likely timed out."}
            answer = {"login": {"result": "Failed", "reason": reason}}
        elif asked["action"] == "login":
            answer = {"login": {"result": "NeedToken"}}
        return _setting(*cookies)(asked, answer)

    with FakeWiki({}, spoil) as wiki, Front(wiki.api) as front, pytest.raises(Stopped) as stopped:
        Client(front.address.replace("localhost", "127.0.0.1") + "/api.php", WHO, _options()).__enter__()
    assert told in str(stopped.value)


SECRET = "0123456789abcdef0123456789abcdef"
FORMS = [
    ("Bot@app", SECRET, Password("Bot@app", SECRET)),
    ("Bot", f"app@{SECRET}", Password("Bot@app", SECRET)),
    ("Bot@app", f"app@{SECRET}", Password("Bot@app", SECRET)),
    ("Bot", f"app@{SECRET}\n", Password("Bot@app", SECRET)),
    ("Bot@app", f"{SECRET}\r\n", Password("Bot@app", SECRET)),
    ("Bot@app", f" {SECRET} ", Password("Bot@app", SECRET)),
    ("Bot", "my horse@home\n", Password("Bot", "my horse@home")),
    ("Bot", " of spaces ", Password("Bot", " of spaces ")),
]


@pytest.mark.parametrize(("login", "password", "read"), FORMS)
def test_both_forms_of_a_bot_password_are_read(login: str, password: str, read: Password) -> None:
    assert password_of(login, password) == read


# ── Rates


@pytest.mark.slow
def test_no_request_is_refused_at_most_of_an_allowed_rate() -> None:
    """Neither by a server that counts in sliding windows, nor by one whose bucket leaks, at 95 % of what they allow."""
    for allow in (_sliding(allowed=60, seconds=3), _leaking(every_s=1 / 20)):
        waits: list[Waiting] = []
        options = ClientOptions(rate=0.95 * 20 * 60, concurrency=3)
        with FakeWiki({}, allow) as wiki, Client(wiki.api, WHO, options, waits.append) as client:
            begun = time.monotonic()
            edits = [Edit(f"Page {number}", "A text.", "A test.") for number in range(75)]
            with ThreadPoolExecutor(3) as threads:
                assert all(isinstance(saved, Saved) for saved in threads.map(client.edit, edits))
            assert time.monotonic() - begun >= 74 / (0.95 * 20)
        assert not waits


def _sliding(allowed: int, seconds: float) -> Callable[[Fields, object], Reply | None]:
    times: list[float] = []

    def count(asked: Fields, answer: object) -> Reply | None:
        now = time.monotonic()
        times.append(now)
        return Reply(b"", 429) if sum(now - each < seconds for each in times) > allowed else None

    return count


def _leaking(every_s: float, burst: int = 6) -> Callable[[Fields, object], Reply | None]:
    level = [0.0, time.monotonic()]

    def count(asked: Fields, answer: object) -> Reply | None:
        now = time.monotonic()
        level[0] = max(0.0, level[0] - (now - level[1]) / every_s) + 1
        level[1] = now
        return Reply(b"", 429) if level[0] > burst else None

    return count


def test_retry_after_holds_all_requests_back() -> None:
    """Those of other threads too, while one of them was asked to wait."""
    arrivals: list[tuple[float, bool]] = []

    def busy(request: Request) -> Reply | None:
        refused = b"\r\n\r\nedit\r\n" in request.body and not any(each for _, each in arrivals)
        arrivals.append((time.monotonic(), refused))
        return Reply(b"", 429, (("Retry-After", "1"),)) if refused else None

    with (
        FakeWiki({}) as wiki,
        Front(wiki.api, busy) as front,
        ThreadPoolExecutor(3) as threads,
        Client(f"{front.address}/api.php", WHO, ClientOptions(concurrency=3)) as client,
    ):
        edits = [Edit(f"Page {number}", "A text.", "A test.") for number in range(9)]
        assert all(isinstance(saved, Saved) for saved in threads.map(client.edit, edits))
    refused_at = next(at for at, refused in arrivals if refused)
    # Those under way at that moment still arrive, and what follows them until the answer is read; not the other ten.
    assert sum(0 < at - refused_at < 0.95 for at, _ in arrivals) <= 6


def test_wikimedia_is_told_who_asks_and_asked_as_often_as_it_allows() -> None:
    url, said = "https://en.wikipedia.org/w/api.php", list[str]()
    for who, options, rate in (
        (Nobody(), ClientOptions(), 9.5),
        (Nobody(), ClientOptions(contact="me@example.org"), 190),
        (WHO, ClientOptions(), 190),
        (WHO, ClientOptions(rate=1900), 1900),
    ):
        client = Client(url, who, options, remark=said.append)
        assert client.rate == pytest.approx(rate)
    assert len(said) == 3
    assert "the unknown may send 10 requests a minute" in said[0]
    assert "until then it is User:Fake at en.wikipedia.org" in said[1]
    assert Client("https://wiki.example/api.php", WHO).rate == 0
