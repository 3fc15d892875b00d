"""The doctor names the true cause for each of many broken front ends, and tries all there is on a wiki that works."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from convert.errors import UsageError
from convert.upload.client.credentials import Nobody, Password
from convert.upload.client.front.http_options import HttpOptions
from convert.upload.doctor.examination import Patient, examine
from convert.upload.doctor.findings import CHECKS, Finding, status_of
from tests import ROOT
from tests.servers.fake_wiki import LOGIN, PASSWORD, FakeWiki, Fields, Reply
from tests.servers.front import ForwardProxy, Front, Request, certificate, speaking_tls
from tests.servers.wiki import APP, APP_PASSWORD, BOT, EDITOR, Wiki
from tests.support.commands import PROGRAM, TIMEOUT_S

WELL = Patient(
    address="",
    http=HttpOptions(),
    plain_http=False,
    login=LOGIN,
    contact="ops@wiki.example",
    rate=None,
    consent=lambda origin: None,
    credentials=lambda origin: Password(LOGIN, PASSWORD),
    signs_in=True,
)


def _examined(patient: Patient) -> list[Finding]:
    findings = list(examine(patient))
    assert all(each.message.isprintable() and PASSWORD not in each.message for each in findings)
    return findings


def _bad(findings: list[Finding]) -> list[Finding]:
    return [each for each in findings if each.state in ("warn", "fail")]


# ── Broken front ends


@dataclass
class Scene:
    """What is set up for one case: a wiki, and what stands before it."""

    folder: Path
    environ: pytest.MonkeyPatch
    stack: ExitStack = field(default_factory=ExitStack)

    def wiki(self, spoil: Callable[[Fields, Any], Reply | None] = lambda *_: None) -> FakeWiki:
        return self.stack.enter_context(FakeWiki({"Old": "Was."}, spoil))

    def front(self, answer: Callable[[Request], Reply | None], **options: Any) -> Front:
        return self.stack.enter_context(Front(self.wiki().api, answer, **options))

    def page(self, status: int, body: bytes, **headers: str) -> str:
        """Return the address of a server that answers everything with one page."""
        named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
        return self.front(lambda request: Reply(body, status, named)).address

    def redirect(self, location: str) -> str:
        return self.page(302, b"", Location=location)

    def raw(self, said: bytes) -> str:
        """Return the address of a server that says the same to everybody, whatever it is asked."""
        listening = self.stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        listening.settimeout(0.1)
        ended = threading.Event()

        def serve() -> None:
            while not ended.is_set():
                with suppress(OSError):
                    connection, _ = listening.accept()
                    with connection:
                        connection.settimeout(5)
                        connection.recv(1 << 16)
                        connection.sendall(said)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        self.stack.callback(thread.join, 10)
        self.stack.callback(ended.set)
        return f"http://127.0.0.1:{listening.getsockname()[1]}/"

    def tls(self, own: Path, **options: Any) -> str:
        return self.front(lambda request: None, tls=speaking_tls(own, **options)).address

    def proxy(self, port: int, **options: Any) -> str:
        return self.stack.enter_context(ForwardProxy(port, **options)).address

    def by_proxy(self, address: str, scheme: str = "https") -> str:
        """Return the address of a wiki that a proxy leads to."""
        self.environ.setenv(f"{scheme.upper()}_PROXY", address)
        return f"{scheme}://wiki.example/"


def _spoilt(name: str, change: Callable[[Any], object]) -> Callable[[Fields, Any], Reply | None]:
    """Change the answers in which a field of the request holds some text."""
    wanted, _, value = name.partition("=")

    def spoil(asked: Fields, answer: Any) -> Reply | None:
        if value not in asked.get(wanted, ""):
            return None
        spoilt = json.loads(json.dumps(answer))
        changed = change(spoilt)
        return changed if isinstance(changed, Reply) else Reply(json.dumps(spoilt).encode())

    return spoil


def _general(**values: object) -> Callable[[Fields, Any], Reply | None]:
    return _spoilt("meta=siteinfo", lambda answer: answer["query"]["general"].update(values))


def _user(**values: object) -> Callable[[Fields, Any], Reply | None]:
    return _spoilt("uiprop=rights", lambda answer: answer["query"]["userinfo"].update(values))


def _edits(*refusals: dict[str, str]) -> Callable[[Fields, Any], Reply | None]:
    return _spoilt(
        "prop=info", lambda answer: answer["query"]["pages"][0].update({"actions": {"edit": list(refusals)}})
    )


def _cookie(cookie: str) -> Callable[[Fields, Any], Reply]:
    """Play a wiki that knows its sessions again by a cookie, and lets nobody in without."""
    lost = {"login": {"result": "Failed", "reason": {"code": "sessionlost", "text": "It most likely timed out."}}}

    def spoil(asked: Fields, answer: Any) -> Reply:
        headers = (("Set-Cookie", cookie),) if cookie else ()
        return Reply(json.dumps(lost if asked["action"] == "login" else answer).encode(), headers=headers)

    return spoil


def _forgetful(asked: Fields, answer: Any) -> Reply | None:
    """Play servers that do not share their sessions."""
    if "assertuser" not in asked or asked.get("meta") != "userinfo":
        return None
    return Reply(json.dumps({"errors": [{"code": "assertuserfailed", "text": "You are not Fake."}]}).encode())


def _port(wiki: FakeWiki) -> int:
    return int(wiki.api.split(":")[2].split("/")[0])


def _passing_small(request: Request) -> Reply | None:
    return Reply(b"", 413, (("Server", "nginx"),)) if len(request.body) > 1 << 20 else None


Case = tuple[Callable[[Scene], str | Patient], str, str]
BASIC = "a demand of the web server for a name and password (HTTP Basic, for 'x') (HTTP status 401"
LOGIN_PAGE = b"<title>Staff only</title><form><input type=password name=p></form>"
CLOUDFLARE = b"<title>Just a moment...</title>"

FAILING: dict[str, Case] = {
    "impossible address": (lambda s: "https://wiki..example/", "address", "two dots with nothing between"),
    "unknown name": (lambda s: "https://wiki.invalid/", "name", "the name wiki.invalid "),
    "nothing there": (lambda s: "http://127.0.0.1:9/", "connection", "127.0.0.1:9 cannot be reached: nothing listens"),
    "broken proxy": (
        lambda s: s.by_proxy("ftp://x"),
        "proxy", "HTTPS_PROXY holds no address of a proxy",
    ),
    "proxy that is not there": (
        lambda s: s.by_proxy("http://127.0.0.1:9"),
        "connection", "the proxy 127.0.0.1:9 (HTTPS_PROXY) cannot be reached",
    ),
    "proxy that wants a password": (
        lambda s: s.by_proxy(s.proxy(9, login="me:hush")),
        "answer", "asks for a name and password (HTTP status 407): write them into HTTPS_PROXY",
    ),
    "proxy that forbids": (
        lambda s: s.by_proxy(s.proxy(9, refusal=403)),
        "answer", "allows no connection to wiki.example",
    ),
    "unencrypted over a network": (
        lambda s: s.by_proxy(s.proxy(_port(s.wiki())), "http"), "tls", "--plain-http",
    ),
    "self-signed certificate": (lambda s: s.tls(certificate(s.folder)), "tls", "--ca-file"),
    "certificate of another name": (
        lambda s: _trusting(s, certificate(s.folder, "wiki.example")), "tls", "is for another name",
    ),
    "expired certificate": (
        lambda s: _trusting(s, certificate(s.folder, expired=True)), "tls", "has expired",
    ),
    "http where TLS is asked for": (
        lambda s: s.wiki().api.replace("http:", "https:"), "tls", "does not speak TLS at that port",
    ),
    "TLS where http is asked for": (
        lambda s: s.page(400, b"The plain HTTP request was sent to HTTPS port"), "answer", "give the address with",
    ),
    "redirect to https": (lambda s: s.redirect("https://localhost/api.php"), "redirects", "write https://localhost"),
    "redirect to another host": (
        lambda s: s.redirect("http://www.wiki.example/api.php"), "redirects", "write http://www.wiki.example",
    ),
    "redirect to Microsoft": (
        lambda s: s.redirect("https://login.microsoftonline.com/x/oauth2/authorize"), "redirects", "Microsoft (SSO)",
    ),
    "page to sign in at": (lambda s: s.page(200, LOGIN_PAGE), "answer", "to sign in at (SSO) titled 'Staff only'"),
    "HTTP Basic": (lambda s: s.page(401, b"", WWW_Authenticate='Basic realm="x"'), "answer", BASIC),
    "HTTP Basic, wrong": (
        lambda s: replace(WELL, address=s.page(401, b"", WWW_Authenticate="Basic"), http=HttpOptions("me", "hush!")),
        "answer", "'that is not the name and password'",
    ),
    "Cloudflare": (lambda s: s.page(403, CLOUDFLARE, Server="cloudflare"), "answer", "Cloudflare's check for browsers"),
    "maintenance": (lambda s: s.page(503, b"<h1>Down for maintenance</h1>"), "answer", "a page about maintenance"),
    "captive portal": (lambda s: s.page(511, b""), "answer", "captive portal"),
    "wiki that is down behind its front": (lambda s: s.page(502, b""), "answer", "the wiki behind does not"),
    "new web server": (lambda s: s.page(200, b"<title>Welcome to nginx!</title>"), "answer", "the first page of a new"),
    "another service": (lambda s: s.raw(b"SSH-2.0-OpenSSH_9.2\r\n"), "answer", "with what is not HTTP: is it another"),
    "TLS at an http address": (lambda s: s.raw(b"\x15\x03\x03\x00\x02\x02\x46\r\n"), "answer", "write https://"),
    "nobody who answers": (lambda s: s.raw(b""), "answer", "broke off (ProtocolError), without an answer"),
    "no wiki": (lambda s: s.page(404, b"Not here."), "answer", "give the address of its api.php"),
    "broken PHP": (lambda s: s.page(500, b"PHP Fatal error: Uncaught Error"), "answer", "an error of PHP"),
    "Secure cookie over http": (
        lambda s: s.wiki(_cookie("wiki_session=1; Secure")).api, "cookies", "is Secure, and not sent over http",
    ),
    "cookie of another domain": (
        lambda s: s.wiki(_cookie("wiki_session=1; Domain=wiki.example")).api, "cookies", "is for wiki.example and not",
    ),
    "cookies taken out": (lambda s: s.wiki(_cookie("")).api, "cookies", "it sets no cookie of a session"),
    "wrong password": (
        lambda s: s.wiki(_spoilt("action=login", lambda answer: answer.update(
            login={"result": "Failed", "reason": {"code": "wrongpassword", "text": "Incorrect password."}}
        ))).api,
        "sign-in", "as Special:BotPasswords shows them",
    ),
    "no password": (
        lambda s: replace(WELL, address=s.wiki().api, credentials=_nothing), "sign-in", "no password of Fake",
    ),
    "sessions that are not shared": (lambda s: s.wiki(_forgetful).api, "session", "may not share their sessions"),
    "read-only wiki": (
        lambda s: s.wiki(_general(readonly=True, readonlyreason="The database moves.")).api, "wiki", "database moves.",
    ),
    "blocked account": (
        lambda s: s.wiki(_user(blockedby="Admin", blockreason="Spam")).api, "rights", "is blocked by Admin (Spam)",
    ),
    "account without rights": (lambda s: s.wiki(_user(rights=["read"])).api, "rights", "edit (edit existing pages)"),
    "page that may not be made": (
        lambda s: s.wiki(_edits({"code": "titleblacklist-forbidden", "text": "No such titles."})).api,
        "edit", "No such titles. [titleblacklist-forbidden]",
    ),
    "import without the right": (
        lambda s: replace(WELL, address=s.wiki(_user(rights=["read", "edit", "createpage"])).api, wants_import=True),
        "import", "lacks the right import and importupload",
    ),
}  # fmt: skip


def _trusting(scene: Scene, own: Path) -> Patient:
    return replace(WELL, address=scene.tls(own), http=HttpOptions(ca_file=str(own)))


def _nothing(origin: str) -> Password:
    raise UsageError("no password of Fake on localhost: set PLAINWIKI_PASSWORD")


@contextmanager
def _scene(folder: Path, environ: pytest.MonkeyPatch) -> Iterator[Scene]:
    scene = Scene(folder, environ)
    with scene.stack:
        yield scene


@pytest.mark.parametrize(("made", "check", "cause"), FAILING.values(), ids=FAILING)
def test_true_cause_is_named(
    made: Callable[[Scene], str | Patient], check: str, cause: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with _scene(tmp_path, monkeypatch) as scene:
        patient = made(scene)
        findings = _examined(patient if isinstance(patient, Patient) else replace(WELL, address=patient))
    (failed,) = [each for each in findings if each.state == "fail"]
    assert (failed.check, status_of({each.state for each in findings})) == (check, 3)
    assert cause in failed.message
    # All else is told as well: what was tried, and what was not.
    tried = {each.check for each in findings}
    assert tried == set(CHECKS)
    later = [each for each in findings if CHECKS.index(each.check) > CHECKS.index(failed.check)]
    assert all(each.state == "skip" for each in later)


def test_client_certificate_that_is_asked_for_is_named(tmp_path: Path) -> None:
    own, client = certificate(tmp_path), certificate(tmp_path, "client")
    with FakeWiki({}) as wiki, Front(wiki.api, tls=speaking_tls(own, client)) as front:
        patient = replace(WELL, address=front.address, http=HttpOptions(ca_file=str(own)))
        (failed,) = _bad(_examined(patient))
        assert "--client-cert" in failed.message
        shown = HttpOptions(ca_file=str(own), client_cert=str(client))
        assert not _bad(_examined(replace(patient, http=shown)))


HINDERING: dict[str, Case] = {
    "PHP's messages": (
        lambda s: s.wiki(
            lambda asked, answer: Reply(b"<b>Notice</b>: Undefined x in <b>/x</b><br>\n" + json.dumps(answer).encode())
        ).api,
        "answer", "display_errors = Off",
    ),
    "address without a scheme": (
        lambda s: s.wiki().api.removeprefix("http://"), "address", "was given without http:// or https://",
    ),
    "small requests only": (lambda s: s.front(_passing_small).address, "size", "(HTTP status 413 from nginx)"),
    "clocks apart": (
        lambda s: s.wiki(
            lambda asked, answer: Reply(
                json.dumps(answer).encode(), headers=(("Date", "Fri, 27 Nov 2020 08:00:00 GMT"),)
            )
        ).api,
        "clock", "s behind that of this machine",
    ),
    "other name of the wiki": (
        lambda s: s.wiki(_general(server="https://wiki.example")).api, "wiki", "it calls itself https://wiki.example",
    ),
    "TLS that the wiki believes in": (
        lambda s: s.wiki(_general(server="https://localhost")).api, "wiki", "give the address with https://",
    ),
    "captcha": (
        lambda s: s.wiki(
            _spoilt("meta=siteinfo", lambda answer: answer["query"]["extensions"].append({"name": "ConfirmEdit"}))
        ).api,
        "edit", "skipcaptcha",
    ),
    "slow account": (
        lambda s: s.wiki(_user(ratelimits={"edit": {"user": {"hits": 8, "seconds": 60}}})).api, "limits", "2.1 hours",
    ),
    "nobody": (
        lambda s: replace(WELL, address=s.wiki().api, signs_in=False, credentials=lambda origin: Nobody()),
        "sign-in", "--user",
    ),
    "no bot": (lambda s: replace(WELL, address=s.wiki().api, bot=True), "rights", "the account is no bot"),
}  # fmt: skip


@pytest.mark.parametrize(("made", "check", "cause"), HINDERING.values(), ids=HINDERING)
def test_what_may_hinder_an_upload_is_named(
    made: Callable[[Scene], str | Patient], check: str, cause: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with _scene(tmp_path, monkeypatch) as scene:
        patient = made(scene)
        findings = _examined(patient if isinstance(patient, Patient) else replace(WELL, address=patient))
    (warned,) = _bad(findings)
    assert (warned.check, warned.state, status_of({each.state for each in findings})) == (check, "warn", 1)
    assert cause in warned.message


@pytest.mark.slow
def test_wikimedia_wants_a_contact(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    own = certificate(tmp_path, "en.wikipedia.org")
    with FakeWiki({}) as wiki, Front(wiki.api, tls=speaking_tls(own)) as front, ForwardProxy(front.port) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.address)
        patient = replace(WELL, address="https://en.wikipedia.org/", http=HttpOptions(ca_file=str(own)))
        assert not _bad(_examined(patient))
        (warned,) = _bad(_examined(replace(patient, contact="")))
    assert warned.check == "agent"
    assert "--contact" in warned.message


# ── A real wiki


def _doctor(folder: Path, *arguments: str, password: str = APP_PASSWORD) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PLAINWIKI", "XDG"))}
    return subprocess.run(
        [*PROGRAM, "doctor", *arguments],
        cwd=folder,
        env={**kept, "HOME": str(folder), "PYTHONPATH": str(ROOT), "PLAINWIKI_PASSWORD": password},
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )


def test_wiki_that_works_is_well_and_untouched(wiki: Wiki, tmp_path: Path) -> None:
    newest = wiki.api(action="query", list="recentchanges", rclimit="1")["query"]["recentchanges"]
    done = _doctor(tmp_path, "--wiki", wiki.address, "--user", f"{BOT}@{APP}", "--bot")
    assert done.returncode == 0, done.stdout
    lines = [line.split(None, 2) for line in done.stdout.splitlines()]
    assert {line[0] for line in lines} == {"ok"}
    assert list(dict.fromkeys(line[1] for line in lines)) == list(CHECKS)
    assert wiki.api(action="query", list="recentchanges", rclimit="1")["query"]["recentchanges"] == newest
    assert APP_PASSWORD not in done.stdout + done.stderr


def test_read_only_wiki_says_why(wiki: Wiki, tmp_path: Path) -> None:
    """It lets nobody sign in either, which is not the cause."""
    with wiki.troubled(variables={"wgReadOnly": "The disks move."}):
        done = _doctor(tmp_path, "--wiki", wiki.address, "--user", f"{EDITOR}@{APP}")
    assert done.returncode == 3
    assert "\nfail  wiki        it is read-only: The disks move.: try later" in done.stdout


def test_wiki_for_members_is_examined_as_one(wiki: Wiki, tmp_path: Path) -> None:
    with wiki.troubled(variables={"wgGroupPermissions": {"*": {"read": False}, "user": {"read": True}}}):
        member = _doctor(tmp_path, "--wiki", wiki.address, "--user", f"{EDITOR}@{APP}")
        stranger = _doctor(tmp_path, "--wiki", wiki.address)
    assert member.returncode == 0, member.stdout
    assert {line.split()[1] for line in member.stdout.splitlines()} == set(CHECKS)
    assert "\nfail  wiki        it is for members: name an account with --user" in stranger.stdout


def test_findings_are_json_too(wiki: Wiki, tmp_path: Path) -> None:
    done = _doctor(
        tmp_path, "--wiki", f"{wiki.address}/wiki/X", "--user", f"{EDITOR}@{APP}", "--json", password="f" * 32
    )
    findings = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 3
    assert {each["check"] for each in findings} == set(CHECKS)
    (failed,) = [each for each in findings if each["state"] == "fail"]
    assert failed["check"] == "sign-in"
    assert "Special:BotPasswords" in failed["message"]
