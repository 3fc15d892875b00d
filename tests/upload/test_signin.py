"""Signing in to a real MediaWiki, being thrown out in the middle, and keeping secrets."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import keyring
import keyring.backend
import keyring.errors
import pytest

from convert.errors import EnvironmentFailed, UsageError
from convert.upload.client import credentials
from convert.upload.client.address import api_of
from convert.upload.client.api import Stopped, WikiUnavailable
from convert.upload.client.credentials import Credentials, Password, Token
from convert.upload.client.pages import Edit, Refused, Saved
from convert.upload.client.wiki import Client, ClientOptions
from tests.servers.fake_wiki import Reply
from tests.servers.front import Front, Request
from tests.servers.proxy import Fault, Proxy, every
from tests.servers.wiki import APP, APP_PASSWORD, BOT, BOT_PASSWORD, EDITOR, EDITOR_PASSWORD, Wiki

EDITOR_APP = Password(f"{EDITOR}@{APP}", APP_PASSWORD)
BEARER = "a-bearer-token-of-some-length"

WAYS: dict[str, Credentials] = {
    "bot password": Password(f"{BOT}@{APP}", APP_PASSWORD),
    "account": Password(BOT, BOT_PASSWORD),
    "bearer token": Token(BEARER),
}


@pytest.mark.parametrize("way", WAYS)
def test_signs_in(way: str, wiki: Wiki) -> None:
    title = f"Signed in by {way}"
    bearers = {"wgTestBearers": {BEARER: BOT}}
    with wiki.troubled(variables=bearers), Client(f"{wiki.address}/api.php", WAYS[way]) as client:
        assert client.site.user == BOT
        assert {"edit", "apihighlimits"} <= client.site.rights
        assert isinstance(client.edit(Edit(title, "A text.", "A test.")), Saved)
    assert [each.user for each in wiki.revisions(title)] == [BOT]


REFUSED: dict[str, Password | Token] = {
    "bot password": Password(f"{BOT}@{APP}", "f" * 32),
    "account": Password(BOT, "no such password"),
    "no such account": Password("Nobody", "no such password"),
    "bearer token": Token("no-such-token"),
    "token of another": Token(BEARER, user=EDITOR),
}


@pytest.mark.parametrize("way", REFUSED)
def test_stops_where_it_is_not_let_in(way: str, wiki: Wiki) -> None:
    with wiki.troubled(variables={"wgTestBearers": {BEARER: BOT}}), pytest.raises(Stopped) as stopped:
        Client(f"{wiki.address}/api.php", REFUSED[way]).__enter__()
    _check_secret_free(stopped.value, REFUSED[way])


def test_account_that_asks_for_more_than_a_password(wiki: Wiki) -> None:
    policy = {"policies": {"default": {"MinimalPasswordLength": {"value": 99, "forceChange": True}}}}
    with wiki.troubled(variables={"wgPasswordPolicy": policy}), pytest.raises(Stopped, match="make a bot password"):
        Client(f"{wiki.address}/api.php", Password(EDITOR, EDITOR_PASSWORD)).__enter__()


def test_signs_in_where_strangers_may_not_even_read(wiki: Wiki) -> None:
    private = {"wgGroupPermissions": {"*": {"read": False}, "user": {"read": True}}}
    with (
        wiki.troubled(variables=private),
        Client(f"{wiki.address}/api.php", EDITOR_APP) as app,
        Client(f"{wiki.address}/api.php", Password(EDITOR, EDITOR_PASSWORD)) as account,
    ):
        assert app.site.user == account.site.user == EDITOR


def test_token_revoked_in_the_middle(wiki: Wiki) -> None:
    with wiki.troubled(variables={"wgTestBearers": {BEARER: BOT}}):
        client = Client(f"{wiki.address}/api.php", Token(BEARER)).__enter__()
    with pytest.raises(Stopped, match="mwoauth-invalid-authorization"):
        client.edit(Edit("Token revoked", "A text.", "A test."))
    client.close()
    assert not wiki.revisions("Token revoked")


def test_password_revoked_in_the_middle(wiki: Wiki) -> None:
    wiki.maintain("createAndPromote", "Leaver", "a leaver's horse")
    wiki.maintain("createBotPassword", f"--appid={APP}", "--grants=basic,createeditmovepage", "Leaver", APP_PASSWORD)
    leaver = Password(f"Leaver@{APP}", APP_PASSWORD)
    with Client(f"{wiki.address}/api.php", leaver) as client:
        assert isinstance(client.edit(Edit("Before it", "One.", "A test.")), Saved)
        # What Special:BotPasswords does; there is no script and no API for it.
        with closing(sqlite3.connect(wiki.folder / "wiki.sqlite")) as database, database:
            database.execute("DELETE FROM bot_passwords WHERE bp_user = (SELECT max(bp_user) FROM bot_passwords)")
        with pytest.raises(Stopped, match="cannot sign in") as stopped:
            client.edit(Edit("After it", "Two.", "A test."))
    _check_secret_free(stopped.value, leaver)
    assert not wiki.revisions("After it")


def test_session_lost_in_the_middle_of_many(wiki: Wiki) -> None:
    titles = [f"Session lost {number}" for number in range(12)]
    with Client(f"{wiki.address}/api.php", EDITOR_APP, ClientOptions(concurrency=4)) as client:
        with ThreadPoolExecutor(4) as threads:
            saved = threads.map(client.edit, [Edit(each, "A text.", "A test.") for each in titles])
            wiki.maintain("invalidateUserSessions", "--user", EDITOR)
            assert all(isinstance(each, Saved) for each in saved)
        # Reading is signed as well: else it would be told what anonymous users may do.
        wiki.maintain("invalidateUserSessions", "--user", EDITOR)
        assert not any(page.refusal for page in client.fetch(titles).values())
    assert [[each.user for each in wiki.revisions(title)] for title in titles] == [[EDITOR]] * 12


def test_account_blocked_in_the_middle(wiki: Wiki) -> None:
    with Client(f"{wiki.address}/api.php", EDITOR_APP) as client:
        assert isinstance(client.edit(Edit("Not blocked", "One.", "A test.")), Saved)
        wiki.write(action="block", user=EDITOR, reason="A test.")
        try:
            with pytest.raises(Stopped, match="ask an administrator"):
                client.edit(Edit("Blocked", "Two.", "A test."))
            refusal = client.fetch(["Not blocked"])["Not blocked"].refusal
            assert refusal
            assert refusal.code == "blocked"
        finally:
            wiki.write(action="unblock", user=EDITOR)
    assert not wiki.revisions("Blocked")


def test_block_of_one_page_leaves_the_others(wiki: Wiki) -> None:
    base = wiki.edit("Of one page", "What was there.")["newrevid"]
    wiki.write(action="block", user=EDITOR, partial="1", pagerestrictions="Of one page", allowusertalk="1")
    try:
        with Client(f"{wiki.address}/api.php", EDITOR_APP) as client:
            refused = client.edit(Edit("Of one page", "Ours.", "A test.", base=base))
            assert isinstance(refused, Refused)
            assert refused.code == "blocked"
            assert isinstance(client.edit(Edit("Of another page", "Two.", "A test.")), Saved)
    finally:
        wiki.write(action="unblock", user=EDITOR)


COOKIES: dict[str, tuple[Callable[[str], str], str]] = {
    "Secure": (lambda cookie: f"{cookie}; Secure", "is Secure, and not sent over http"),
    "of another domain": (lambda cookie: f"{cookie}; Domain=wiki.example", "is for wiki.example and not for localhost"),
    "of another path": (lambda cookie: cookie.replace("path=/", "path=/w/"), "is for /w/, where /api.php is not"),
    "taken out": (lambda cookie: "", "it sets no cookie of a session"),
}


@pytest.mark.parametrize("who", [EDITOR_APP, Password(EDITOR, EDITOR_PASSWORD)], ids=["bot password", "account"])
@pytest.mark.parametrize(("alter", "told"), COOKIES.values(), ids=COOKIES)
def test_cookies_that_do_not_come_back_are_named(
    alter: Callable[[str], str], told: str, who: Password, wiki: Wiki
) -> None:
    def altered(request: Request, reply: Reply) -> Reply:
        headers = [(name, alter(value) if name.lower() == "set-cookie" else value) for name, value in reply.headers]
        return Reply(reply.body, reply.status, tuple((name, value) for name, value in headers if value))

    with Front(wiki.address, alter=altered) as front, pytest.raises(Stopped, match=re.escape(told)):
        Client(f"{front.address}/api.php", who).__enter__()


@pytest.mark.parametrize(
    ("login", "password"), [(EDITOR, f"{APP}@{APP_PASSWORD}\n"), (f"{EDITOR}@{APP}", f"{APP_PASSWORD}\r\n")]
)
def test_both_forms_of_a_bot_password_sign_in(login: str, password: str, wiki: Wiki) -> None:
    with Client(f"{wiki.address}/api.php", credentials.password_of(login, password)) as client:
        assert client.site.user == EDITOR


# ── Only this wiki


@pytest.mark.parametrize(
    "path", ["", "/", "/index.php", "/index.php/Main_Page", "/index.php?title=Islay", "/wiki/Islay"]
)
def test_api_is_found_from_any_address(path: str, wiki: Wiki) -> None:
    assert api_of(wiki.address + path) == f"{wiki.address}/api.php"


def test_api_of_a_wiki_that_strangers_may_not_read(wiki: Wiki) -> None:
    with wiki.troubled(variables={"wgGroupPermissions": {"*": {"read": False}}}):
        assert api_of(wiki.address) == f"{wiki.address}/api.php"


def test_api_that_is_named_is_taken(proxy: Proxy) -> None:
    assert api_of(f"{proxy.address}/api.php") == f"{proxy.address}/api.php"
    assert not proxy.asked


def test_api_that_is_nowhere(proxy: Proxy) -> None:
    proxy.faults = every(1, Fault.GARBAGE, Fault.REDIRECT, Fault.FORBIDDEN, Fault.RESET_BEFORE)
    with pytest.raises(EnvironmentFailed, match=r"/x/api\.php or http.*/w/api\.php or http.*: give the address"):
        api_of(f"{proxy.address}/x/wiki/Islay")
    assert [each.path for each in proxy.asked] == ["/x/api.php", "/w/api.php", "/api.php", "/x/wiki/Islay"]
    with pytest.raises(EnvironmentFailed, match="check the address"):
        api_of("http://127.0.0.1:9/wiki/Islay")


def test_urllib3_that_is_missing_is_named() -> None:
    program = "import sys; sys.modules['urllib3'] = None; import convert.upload.client.wiki"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert "UsageError: uploading needs urllib3: pip install 'plainwiki[upload]'" in done.stderr


def test_redirect_is_not_followed(proxy: Proxy) -> None:
    proxy.faults = every(1, Fault.REDIRECT)
    with pytest.raises(EnvironmentFailed, match=r"redirects to http://elsewhere\.example/, where nothing was sent"):
        Client(f"{proxy.address}/api.php", EDITOR_APP).__enter__()


@pytest.mark.parametrize(
    "url",
    ["http://wiki.example/api.php", "ftp://wiki.example/", "wiki.example", "https://me:secret@wiki.example/api.php"],
)
def test_address_that_no_secret_is_sent_to(url: str) -> None:
    with pytest.raises(UsageError) as error:
        Client(url, EDITOR_APP)
    assert "secret" not in str(error.value)


def test_plain_http_can_be_allowed() -> None:
    Client("http://wiki.example/api.php", EDITOR_APP, ClientOptions(plain_http=True)).close()


def test_address_that_is_no_api(wiki: Wiki) -> None:
    with pytest.raises(EnvironmentFailed, match=r"give the address of its api\.php"):
        Client(f"{wiki.address}/index.php", EDITOR_APP).__enter__()


def test_wiki_that_is_not_there_is_not_waited_for() -> None:
    with pytest.raises(WikiUnavailable, match="check the address"):
        Client("http://127.0.0.1:9/api.php", EDITOR_APP).__enter__()


def test_certificate_is_verified(wiki: Wiki, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pem = _certificate(tmp_path)
    with Proxy(wiki.address, pem) as proxy:
        with pytest.raises(EnvironmentFailed, match="localhost does not prove who it is: self-signed"):
            Client(f"{proxy.address}/api.php", EDITOR_APP).__enter__()
        monkeypatch.setenv("SSL_CERT_FILE", str(pem))
        with pytest.raises(EnvironmentFailed, match="does not prove who it is"):
            Client(f"{proxy.address.replace('localhost', '127.0.0.1')}/api.php", EDITOR_APP).__enter__()
        assert not proxy.asked
        with Client(f"{proxy.address}/api.php", EDITOR_APP) as client:
            assert client.site.user == EDITOR


def _certificate(folder: Path) -> Path:
    """Make a certificate of "localhost" and its key, in one file."""
    pem = folder / "localhost.pem"
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    about = ["-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    subprocess.run(
        [*made, *about, "-keyout", folder / "key", "-out", folder / "certificate"],
        check=True,
        stderr=subprocess.DEVNULL,
    )
    pem.write_bytes((folder / "certificate").read_bytes() + (folder / "key").read_bytes())
    return pem


def test_tells_who_it_is(proxy: Proxy) -> None:
    for contact, told in (("", f"User:{EDITOR} at localhost"), ("me@example.org", "me@example.org")):
        with Client(f"{proxy.address}/api.php", EDITOR_APP, ClientOptions(contact=contact)):
            assert told in proxy.asked[-1].headers["User-Agent"]
            assert proxy.asked[-1].headers["User-Agent"].startswith("plainwiki/")


def test_tells_who_it_is_in_any_script(wiki: Wiki, proxy: Proxy) -> None:
    wiki.maintain("createAndPromote", "Łukasz", "a horse of Łódź")
    with Client(f"{proxy.address}/api.php", Password("łukasz", "a horse of Łódź")) as client:
        assert client.site.user == "Łukasz"
    assert "User:%C5%82ukasz at localhost" in proxy.asked[-1].headers["User-Agent"]


def test_wikimedia_is_asked_one_thing_at_a_time() -> None:
    for host in ("en.wikipedia.org", "commons.wikimedia.org", "www.wikidata.org", "en.wiktionary.org"):
        client = Client(f"https://{host}/w/api.php", EDITOR_APP, ClientOptions(concurrency=8))
        assert (client.concurrency, client.maxlag_s) == (1, 5)
    client = Client("https://notwikipedia.org/w/api.php", EDITOR_APP, ClientOptions(concurrency=8))
    assert (client.concurrency, client.maxlag_s) == (8, None)


# ── Where secrets come from


def _check_secret_free(error: BaseException, login: Password | Token) -> None:
    shown = "".join([*traceback.format_exception(error), repr(error), repr(login)])
    assert (login.token if isinstance(login, Token) else login.password) not in shown


class _Locked(keyring.backend.KeyringBackend):
    """A keyring that stays locked."""

    priority = 1

    def __init__(self) -> None:
        """Take nothing from the environment."""

    def get_password(self, service: str, username: str) -> str | None:
        raise keyring.errors.KeyringLocked

    def set_password(self, service: str, username: str, password: str) -> None:
        raise keyring.errors.KeyringLocked


class _Open(_Locked):
    """A keyring with one password."""

    def get_password(self, service: str, username: str) -> str | None:
        return {("plainwiki", "Bot@app on wiki.example"): "kept"}.get((service, username))


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Give an environment without secrets, and a keyring that stays locked."""
    for name in (credentials.TOKEN, credentials.PASSWORD, credentials.USER):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(keyring.core, "_keyring_backend", _Locked())
    return monkeypatch


def test_secret_comes_from_the_environment(environment: pytest.MonkeyPatch) -> None:
    environment.setenv(credentials.PASSWORD, "known")
    assert credentials.found("Bot@app", "wiki.example", None) == Password("Bot@app", "known")
    environment.setenv(credentials.USER, "Other@app")
    assert credentials.found("", "wiki.example", None) == Password("Other@app", "known")
    environment.setenv(credentials.TOKEN, "a token\n")
    assert credentials.found("Bot@app", "wiki.example", None) == Token("a token", "Bot")


def test_secret_comes_from_the_keyring_or_a_person(environment: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def prompt(text: str) -> str:
        asked.append(text)
        return "typed"

    assert credentials.found("Bot@app", "wiki.example", prompt) == Password("Bot@app", "typed")
    assert asked == ["Password of Bot@app on wiki.example"]
    environment.setattr(keyring.core, "_keyring_backend", _Open())
    assert credentials.found("Bot@app", "wiki.example", None) == Password("Bot@app", "kept")


def test_token_that_can_be_none_is_not_shown(environment: pytest.MonkeyPatch) -> None:
    environment.setenv(credentials.TOKEN, "a\ntokén")
    with pytest.raises(UsageError, match="copy it anew") as error:
        credentials.found("", "wiki.example", None)
    assert "tok" not in str(error.value).replace("token", "")


def test_no_secret_is_wrong_usage(environment: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match=re.escape("keyring set plainwiki 'Bot@app on wiki.example'")):
        credentials.found("Bot@app", "wiki.example", None)
    with pytest.raises(UsageError, match="--user"):
        credentials.found("", "wiki.example", None)
