"""Answers as no MediaWiki gives them are one line, and nothing is taken for done because of them."""

from __future__ import annotations

import gzip
import json
import re
import socket
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from convert.errors import EnvironmentFailed
from convert.preview.documents import Document
from convert.preview.wiki.live_wiki import LiveWiki
from convert.upload.client.api import Api, Malformed, Stopped, Waiting, WikiUnavailable
from convert.upload.client.credentials import Nobody, Password
from convert.upload.client.decoding import LISTS_BYTES, LITTLE_BYTES, Misshapen, decoded
from convert.upload.client.pages import Edit, Refused, Saved
from convert.upload.client.shapes import Query, SiteQuery
from convert.upload.client.transport import Transport
from convert.upload.client.wiki import Client, ClientOptions
from convert.upload.plan import Rules
from convert.upload.templates import catalogue_of
from tests.servers.fake_wiki import LOGIN, PASSWORD, TIME, USER, FakeWiki, Fields, Reply

WHO = Password(LOGIN, PASSWORD)
HASTY = ClientOptions(patience_s=0)
TEXTS = {"Old": "Was."}

Change = Callable[[Any], object]


def _spoiling(name: str, change: Change) -> Callable[[Fields, Any], Reply | None]:
    """Change the answers in which a name of the request holds a value: ``prop=info|revisions``."""
    wanted, _, value = name.partition("=")

    def spoil(asked: Fields, answer: Any) -> Reply | None:
        if asked.get(wanted) != value:
            return None
        spoilt = json.loads(json.dumps(answer))
        changed = change(spoilt)
        return changed if isinstance(changed, Reply) else Reply(json.dumps(spoilt).encode())

    return spoil


def _use(client: Client) -> None:
    """Ask for all that an upload asks for."""
    page = client.fetch(["Old", "New"], content=True)["Old"]
    client.revisions([page.revision])
    client.edit(Edit("Old", "Is.", "A test.", base=page.revision))
    client.find("Old", page.revision, "", "A test")
    client.delete("Old", "A test.")
    client.import_dump(b"<title>Dumped</title><text>Dumped.</text>", "A test.")


def _put(*place: str | int, value: object) -> Change:
    """Put a value into a place of an answer."""

    def change(answer: Any) -> None:
        for name in place[:-1]:
            answer = answer[name]
        answer[place[-1]] = value

    return change


def _without(*place: str | int) -> Change:
    def change(answer: Any) -> None:
        for name in place[:-1]:
            answer = answer[name]
        del answer[place[-1]]

    return change


PAGES = "prop=info|revisions"
HISTORY = "rvlimit=50"
SITE = "meta=siteinfo|userinfo"
IDENTITY = "meta=userinfo|tokens"
WRONG = [
    ("meta=tokens", _put("query", "tokens", value=None)),
    ("meta=tokens", _put("query", "tokens", value=[])),
    ("meta=tokens", _put("query", "tokens", "logintoken", value="")),
    ("meta=tokens", _put("query", "tokens", "logintoken", value=7)),
    ("meta=tokens", _put("query", value=[])),
    ("action=login", _put("login", value=[])),
    ("action=login", _put("login", "result", value=True)),
    (IDENTITY, _put("query", "userinfo", value=None)),
    (IDENTITY, _put("query", "userinfo", "id", value="1")),
    (IDENTITY, _put("query", "userinfo", "id", value=-1)),
    (IDENTITY, _put("query", "userinfo", "name", value="a\nb")),
    (IDENTITY, _without("query", "tokens")),
    (SITE, _without("query", "userinfo")),
    (SITE, _put("query", "userinfo", "name", value="Somebody")),
    (SITE, _put("query", "userinfo", "rights", value="edit")),
    (SITE, _put("query", "userinfo", "ratelimits", value={"edit": {"user": {"hits": 1, "seconds": 10**12}}})),
    (SITE, _put("query", "userinfo", "ratelimits", value={"edit": {"user": {"hits": 1, "seconds": "60"}}})),
    (SITE, _put("query", "general", value=[])),
    (SITE, _put("query", "general", "case", value="no-letter")),
    (SITE, _put("query", "general", "sitename", value="\x1b[31m")),
    (SITE, _put("query", "general", "maxarticlesize", value=2**64)),
    (SITE, _put("query", "general", "maxuploadsize", value=-1)),
    (SITE, _put("query", "namespaces", value=[{}])),
    (SITE, _put("query", "namespaces", "10", "name", value="]]")),
    (SITE, _without("query", "namespaces", "14")),
    (SITE, _put("query", "interwikimap", 0, value="de")),
    (PAGES, _put("query", value=None)),
    (PAGES, _put("query", "pages", value={})),
    (PAGES, _put("query", "pages", value=[])),
    (PAGES, _put("query", "pages", 0, value=[])),
    (PAGES, _put("query", "pages", 0, "title", value="Another")),
    (PAGES, _without("query", "pages", 0, "title")),
    (PAGES, _without("query", "pages", 0, "lastrevid")),
    (PAGES, _put("query", "pages", 0, "lastrevid", value=2**63)),
    (PAGES, _put("query", "pages", 0, "lastrevid", value=1.5)),
    (PAGES, _put("query", "pages", 0, "missing", value="")),
    (PAGES, _put("query", "pages", 0, "revisions", value=[])),
    (PAGES, _put("query", "pages", 0, "revisions", 0, "revid", value=0)),
    (PAGES, _put("query", "pages", 0, "revisions", 0, "sha1", value="x")),
    (PAGES, _put("query", "pages", 0, "revisions", 0, "timestamp", value="now")),
    (PAGES, _put("query", "pages", 0, "revisions", 0, "slots", value={"main": "Was."})),
    (PAGES, _put("query", "pages", 1, "actions", value={"edit": [None]})),
    (PAGES, _put("query", "normalized", value=[{"from": "Old"}])),
    (PAGES, _put("query", "normalized", value=[{"from": "Old", "to": "Nowhere"}])),
    (PAGES, _put("curtimestamp", value=None)),
    (PAGES, _without("curtimestamp")),
    (PAGES, _put("continue", value=True)),
    (PAGES, _put("continue", value={"rvcontinue": None})),
    (PAGES, _put("errors", value=None)),
    (PAGES, _put("errors", value=[None])),
    (PAGES, _put("errors", value=[{"code": None}])),
    (HISTORY, _put("query", "pages", 0, "title", value="Another")),
    (HISTORY, _put("query", "pages", value=[])),
    ("action=edit", _put("edit", value=None)),
    ("action=edit", _put("edit", "result", value=None)),
    ("action=edit", _put("edit", "title", value="Another")),
    ("action=edit", _without("edit", "title")),
    ("action=edit", _without("edit", "newrevid")),
    ("action=edit", _put("edit", "newrevid", value=0)),
    ("action=edit", _put("edit", "newrevid", value=1)),
    ("action=edit", _put("edit", "newrevid", value="2")),
    ("action=edit", _without("edit", "newtimestamp")),
    ("action=edit", _put("edit", "anon", value=True)),
    ("action=edit", _put("edit", "tempusercreated", value=True)),
    ("action=delete", _put("delete", value=[])),
    ("action=delete", _put("delete", "title", value="Another")),
    ("action=delete", _without("delete", "logid")),
    ("action=import", _put("import", value={})),
    ("action=import", _put("import", 0, "revisions", value=-1)),
    ("prop=revisions", _put("query", "pages", 0, "revisions", value={})),
]  # fmt: skip


@pytest.mark.parametrize(("name", "change"), WRONG)
def test_answer_of_another_shape_is_one_line(name: str, change: Change) -> None:
    with (
        FakeWiki(TEXTS, _spoiling(name, change)) as wiki,
        pytest.raises(Malformed) as malformed,
        Client(wiki.api, WHO, HASTY) as client,
    ):
        _use(client)
    message = str(malformed.value)
    action = name.partition("=")[2] if name.startswith("action") else "query"
    assert re.fullmatch(rf"127\.0\.0\.1 does not answer like MediaWiki: .+ \(action={action}\): check .+", message)
    assert message.isprintable()
    assert malformed.value.exit_status == 3
    assert PASSWORD not in message


def test_answers_as_they_should_be_raise_nothing() -> None:
    with FakeWiki(TEXTS) as wiki, Client(wiki.api, WHO, HASTY) as client:
        _use(client)


# ── What varies, and is believed


def test_keys_that_nobody_knows_are_allowed() -> None:
    def more(asked: Fields, answer: Any) -> Reply:
        return Reply(json.dumps(_with_more(answer)).encode())

    with FakeWiki(TEXTS, more) as wiki, Client(wiki.api, WHO, HASTY) as client:
        _use(client)


def _with_more(node: Any) -> Any:
    if isinstance(node, list):
        return [_with_more(each) for each in node]
    if not isinstance(node, dict):
        return node
    named = {"namespaces", "params", "slots", "ratelimits", "edit", "magiclinks", "actions", "user"}
    more = {} if any(isinstance(each, dict | list | bool) for each in node.values()) else {"more": {"and": [None]}}
    return {name: each if name in named else _with_more(each) for name, each in node.items()} | more


OLD = [
    # Without intestactionsdetail (1.31 to 1.33).
    (PAGES, _put("query", "pages", 0, "actions", value={"edit": True})),
    (PAGES, _without("query", "pages", 0, "actions")),
    (PAGES, _put("query", "pages", 0, "actions", value=[])),
    # Without rvslots (1.31).
    (PAGES, _put("query", "pages", 0, "revisions", 0, value={"revid": 1, "timestamp": TIME, "content": "Was."})),
    (SITE, _put("query", "general", "magiclinks", value=[])),
    (SITE, _put("query", "userinfo", "ratelimits", value=[])),
    (SITE, _put("query", "general", "maxuploadsize", value=1e9)),
    (SITE, _without("query", "general", "maxuploadsize")),
    (SITE, _without("query", "interwikimap")),
    ("action=import", _put("import", 0, value={"title": "Special:X", "invalid": True})),
    ("action=edit", _put("edit", "oldrevid", value=0)),
]  # fmt: skip


@pytest.mark.parametrize(("name", "change"), OLD)
def test_what_varies_between_wikis_is_no_reason_to_stop(name: str, change: Change) -> None:
    with FakeWiki(TEXTS, _spoiling(name, change)) as wiki, Client(wiki.api, WHO, HASTY) as client:
        assert client.fetch(["Old"], content=True)["Old"].text == "Was."
        _use(client)


def test_right_that_is_only_denied_refuses_the_page() -> None:
    denied = _put("query", "pages", 0, "actions", value={"edit": False})
    with FakeWiki(TEXTS, _spoiling(PAGES, denied)) as wiki, Client(wiki.api, WHO, HASTY) as client:
        refusal = client.fetch(["Old"])["Old"].refusal
    assert refusal is not None
    assert refusal.code == "permissiondenied"


def test_title_that_was_not_composed_is_found() -> None:
    """Such a wiki says what was asked for in percent-encoding, or only composes it."""
    renamed = {"fromencoded": True, "from": "Cafe%CC%81", "to": "Café"}

    def change(answer: Any) -> None:
        answer["query"]["pages"][0]["title"] = "Café"
        answer["query"]["normalized"] = [renamed]

    with FakeWiki({}, _spoiling(PAGES, change)) as wiki, Client(wiki.api, WHO, HASTY) as client:
        assert client.fetch(["Cafe\u0301"])["Cafe\u0301"].title == "Café"


def test_title_of_another_wiki_is_refused_and_others_go_on() -> None:
    def change(answer: Any) -> None:
        del answer["query"]["pages"][1]
        answer["query"]["interwiki"] = [{"title": "de:Alt", "iw": "de"}]

    with FakeWiki(TEXTS, _spoiling(PAGES, change)) as wiki, Client(wiki.api, WHO, HASTY) as client:
        pages = client.fetch(["Old", "de:Alt"])
    assert pages["Old"].exists
    assert pages["de:Alt"].refusal == Refused("invalidtitle", "it leads to another wiki, or nowhere")


# ── Who we are


@pytest.mark.parametrize(
    ("login", "name", "accepted"),
    [
        ("fake@plainwiki", "Fake", True),
        ("_fake__bot@plainwiki", "Fake bot", True),
        ("éa@plainwiki", "Éa", True),
        ("Aake@plainwiki", "Fake", False),
        ("FAKE@plainwiki", "Fake", False),
        ("Fake@plainwiki", "fake", False),
    ],
)
def test_account_is_ours_only_if_all_its_letters_are(login: str, name: str, accepted: bool) -> None:
    """But MediaWiki makes a capital of the first."""

    def named(asked: Fields, answer: Any) -> Reply:
        return Reply(json.dumps(answer).replace(f'"{USER}"', json.dumps(name)).encode())

    with FakeWiki({}, named) as wiki:
        if accepted:
            with Client(wiki.api, Password(login, PASSWORD), HASTY) as client:
                assert client.site.user == name
            return
        with pytest.raises(Stopped, match="other-user"), Client(wiki.api, Password(login, PASSWORD), HASTY):
            pass


@pytest.mark.parametrize("token", ["", "+\\"])
def test_token_of_nobody_is_refused_before_an_edit(token: str) -> None:
    empty = _spoiling(IDENTITY, _put("query", "tokens", "csrftoken", value=token))
    with FakeWiki({}, empty) as wiki, pytest.raises(Stopped, match="no token but that of anonymous users"):
        Client(wiki.api, WHO, HASTY).__enter__()
    assert {each["action"] for each in wiki.asked} == {"query", "login"}


def test_temporary_account_is_nobody() -> None:
    temporary = _spoiling(IDENTITY, _put("query", "userinfo", "temp", value=True))
    with FakeWiki({}, temporary) as wiki, pytest.raises(Stopped, match="anonymous"):
        Client(wiki.api, WHO, HASTY).__enter__()


# ── Answers without end


@pytest.mark.parametrize("place", [lambda number: "1|2", str])
@pytest.mark.parametrize("asked", [lambda client: client.fetch(["Old"]), lambda client: client.revisions([1])])
def test_continuation_without_end_is_refused(place: Callable[[int], str], asked: Callable[[Client], object]) -> None:
    def change(answer: Any) -> None:
        answer["continue"] = {"rvcontinue": place(len(wiki.asked)), "continue": "||"}

    with FakeWiki(TEXTS) as wiki, Client(wiki.api, WHO, HASTY) as client:
        before = len(wiki.asked)
        wiki.spoil = lambda fields, answer: _spoiling("prop=" + fields.get("prop", ""), change)(fields, answer)
        with pytest.raises(Malformed, match=r"go on at the same place|there is more after"):
            asked(client)
        assert len(wiki.asked) - before < 20


def test_catalogue_of_a_wiki_that_always_has_more_is_refused() -> None:
    def change(answer: Any) -> None:
        answer["continue"] = {"apcontinue": "X", "continue": "-||"}

    with FakeWiki({}, _spoiling("list=allpages", change)) as wiki:
        api = Api(Transport(wiki.api, 1, 5), 0, _untold)
        with pytest.raises(Malformed, match="go on at the same place"):
            catalogue_of(api)
        api.close()
        assert len(wiki.asked) < 5


def test_wiki_that_always_asks_to_be_asked_again_at_once_is_not_asked_for_ever() -> None:
    busy = _spoiling("action=edit", lambda _: Reply(b"", 429, (("Retry-After", "0"),)))
    with FakeWiki({}, busy) as wiki, Client(wiki.api, WHO, ClientOptions(patience_s=2)) as client:
        with pytest.raises(WikiUnavailable, match="start again later"):
            client.edit(Edit("New", "A text.", "A test."))
        assert len([each for each in wiki.asked if each["action"] == "edit"]) < 10


# ── Answers that are too much

NESTED = b"[" * 200_000 + b"]" * 200_000
MUCH = [
    (b'{"query":' + NESTED + b"}", "nested too deep"),
    (b'{"batchcomplete":' + NESTED + b',"query":{}}', "nested too deep"),
    (b'{"query":{"tokens":{"logintoken":"' + b"x" * (LITTLE_BYTES + 1) + b'"}}}', "more than the 1 MiB"),
    (b'{"query":{}}' + b" " * (60 << 20), "more than the 1 MiB"),
]


@pytest.mark.parametrize(("body", "message"), MUCH, ids=[each for _, each in MUCH])
@pytest.mark.parametrize("packed", [False, True])
def test_answer_that_is_too_much_is_refused(body: bytes, message: str, packed: bool) -> None:
    headers = (("Content-Encoding", "gzip"),) if packed else ()
    reply = Reply(gzip.compress(body, 1) if packed else body, headers=headers)
    with FakeWiki({}, _spoiling("meta=tokens", lambda _: reply)) as wiki:
        tracemalloc.start()
        try:
            with pytest.raises(Malformed, match=message):
                Client(wiki.api, WHO, HASTY).__enter__()
            # That of the server is part of it: it holds the answer already.
            assert tracemalloc.get_traced_memory()[1] < 16 << 20
        finally:
            tracemalloc.stop()
        assert len(wiki.asked) == 1


def test_answer_of_many_small_values_costs_little() -> None:
    """Each of them costs many times its bytes."""
    body = b'{"query":{"pages":[' + b'{"title":""},' * 1_000_000 + b'{"title":""}]}}'
    assert len(body) < LISTS_BYTES
    with FakeWiki({}, _spoiling(PAGES, lambda _: Reply(body))) as wiki, Client(wiki.api, WHO, HASTY) as client:
        tracemalloc.start()
        try:
            with pytest.raises(Malformed, match="more values"):
                client.fetch(["Old"])
            assert tracemalloc.get_traced_memory()[1] < 3 * LISTS_BYTES
        finally:
            tracemalloc.stop()


PACKED = {
    "none": (b"no gzip", "gzip"),
    "cut": (gzip.compress(b'{"query":{}}')[:-9], "gzip"),
    "several": (gzip.compress(b"{}") * 20_000, "gzip"),
    "unknown": (b"{}", "br"),
    "twice": (b"{}", "gzip, gzip"),
}


@pytest.mark.parametrize(("body", "coding"), PACKED.values(), ids=PACKED)
def test_packing_that_is_none_is_told(body: bytes, coding: str) -> None:
    reply = Reply(body, headers=(("Content-Encoding", coding),))
    with FakeWiki({}, lambda *_: reply) as wiki, pytest.raises(EnvironmentFailed, match=r"127\.0\.0\.1|asked for"):
        Client(wiki.api, WHO, HASTY).__enter__()
    assert len(wiki.asked) < 4


def test_cookies_have_a_limit() -> None:
    cookies = tuple(("Set-Cookie", f"c{number}=1") for number in range(50))

    def setting(asked: Fields, answer: Any) -> Reply:
        named = tuple((name, f"r{len(wiki.asked)}{value}") for name, value in cookies)
        return Reply(json.dumps(answer).encode(), headers=named)

    with (
        FakeWiki(TEXTS, setting) as wiki,
        pytest.raises(EnvironmentFailed, match="cookies"),
        Client(wiki.api, WHO, HASTY) as client,
    ):
        _use(client)


# ── What comes over the line


@contextmanager
def _raw(begin: bytes, again: bytes) -> Iterator[str]:
    """Serve an answer that begins somehow, and goes on the same way until nobody listens."""
    ended = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)

        def serve() -> None:
            for _ in range(200):
                try:
                    connection, _address = server.accept()
                except TimeoutError:
                    if ended.is_set():
                        return
                    continue
                except OSError:
                    return
                with connection:
                    connection.settimeout(5)
                    try:
                        connection.recv(1 << 20)
                        connection.sendall(begin)
                        while again and not ended.wait(0.01):
                            connection.sendall(again)
                    except OSError:
                        pass

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}/api.php"
        finally:
            ended.set()
            thread.join(timeout=10)


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
LINES = {
    "body by byte": (b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b" "),
    "body without a length": (
        b'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{"query":{"tokens":{"logintoken":"x"}}}',
        b" ",
    ),
    "chunk by chunk": (CHUNKED, b"1\r\n \r\n"),
    "size of a chunk": (CHUNKED + b"1;", b"x"),
    "endless trailers": (CHUNKED + b"0\r\n", b"X-More: x\r\n"),
    "endless head": (b"HTTP/1.1 200 OK\r\n", b"X-More: x\r\n"),
    "endless line of the head": (b"HTTP/1.1 200 OK\r\nX: ", b"x"),
    "going on for ever": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "no HTTP": (b"\x00" * 70_000, b""),
    "size that is none": (CHUNKED + b"-5\r\n", b""),
    "length that is none": (b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n{}", b""),
    "status that is none": (b"HTTP/1.1 99999 OK\r\nContent-Length: 2\r\n\r\n{}", b""),
}


@pytest.mark.parametrize(("begin", "again"), LINES.values(), ids=LINES)
def test_answer_that_does_not_end_is_given_up(begin: bytes, again: bytes) -> None:
    with _raw(begin, again) as address, pytest.raises(EnvironmentFailed) as failed:
        Client(address, WHO, ClientOptions(patience_s=0, timeout_s=0.7)).__enter__()
    assert str(failed.value).isprintable()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_nothing_follows_a_redirect(status: int) -> None:
    with FakeWiki({}) as other, FakeWiki({}) as wiki:
        for place in (other.api, "file:///etc/passwd", "http://[", "//\x1b[31m/", "/else.php", ""):
            wiki.spoil = lambda *_, place=place: Reply(b"", status, (("Location", place),))
            with pytest.raises(EnvironmentFailed, match="where nothing was sent") as refused:
                Client(wiki.api, WHO, HASTY).__enter__()
            assert str(refused.value).isprintable()
        assert not other.asked
        assert len(wiki.asked) == 6


STRANGE = [b"", b"null", b"7", b'"x"', b"[]", b"{}", b"<html>", b"\xff\xfe", b'{"query":NaN}', b'{"query":"\\ud800"}']


@pytest.mark.parametrize("body", STRANGE)
def test_what_is_no_answer_of_an_api_is_told(body: bytes) -> None:
    html = (("Content-Type", "text/html"),)
    with FakeWiki({}, lambda *_: Reply(body, headers=html)) as wiki, pytest.raises(EnvironmentFailed):
        Client(wiki.api, Nobody(), ClientOptions(patience_s=1.5)).__enter__()
    assert len(wiki.asked) <= 3


@pytest.mark.parametrize("body", STRANGE)
def test_edit_whose_answer_is_none_is_looked_for_and_saved_once(body: bytes) -> None:
    with FakeWiki(TEXTS, _spoiling("action=edit", lambda _: Reply(body))) as wiki, Client(wiki.api, WHO) as client:
        saved = client.edit(Edit("Old", "Is.", "A test.", base=1))
    assert saved == Saved(2, TIME)
    assert [each.text for each in wiki.saved("Old")] == ["Is."]


def test_words_of_a_wiki_fit_a_line() -> None:
    error = {"code": "\x1b[31m" * 2000, "text": "a\n\x1b[31mb" * 2000, "data": ["x"]}
    refused = _put("errors", value=[error])
    with FakeWiki({}, _spoiling("action=edit", refused)) as wiki, Client(wiki.api, WHO, HASTY) as client:
        outcome = client.edit(Edit("New", "A text.", "A test."))
    assert isinstance(outcome, Refused)
    assert (outcome.code + outcome.reason).isprintable()
    assert len(outcome.code + outcome.reason) < 5000


@pytest.mark.parametrize(
    "change", [_put("parse", "headhtml", value=""), _put("parse", value=None), _put("parse", "text", value=[])]
)
def test_page_as_a_wiki_does_not_show_it_is_told(change: Change, tmp_path: Path) -> None:
    article = cast(Document, SimpleNamespace(page="New", wikitext="A text."))
    with FakeWiki({}) as wiki:
        remote = LiveWiki("fake", wiki.api, Nobody(), Rules(), str(tmp_path / "state.db"))
        framed, policy = remote.frame(article)
        assert "<p>A text." in framed
        assert "http://127.0.0.1" in policy
        wiki.spoil = _spoiling("action=parse", change)
        with pytest.raises(Malformed, match="action=parse"):
            remote.frame(article)
        remote.close()


def test_address_of_a_wiki_names_no_other_host_in_the_preview(tmp_path: Path) -> None:
    article = cast(Document, SimpleNamespace(page="New", wikitext="A text."))
    for base in ("http://127.0.0.1//elsewhere.example/x", "elsewhere.example", "https://elsewhere.example/x"):
        with FakeWiki({}, _spoiling(SITE, _put("query", "general", "base", value=base))) as wiki:
            remote = LiveWiki("fake", wiki.api, Nobody(), Rules(), str(tmp_path / "state.db"))
            framed, policy = remote.frame(article)
            assert f'<base href="{wiki.api.removesuffix("api.php")}' in framed
            assert "elsewhere" not in policy
            remote.close()


def test_every_decoding_error_is_one_kind() -> None:
    for body in (*STRANGE, NESTED, b'{"query":{"general":{"lang":"\xff"}}}'):
        with pytest.raises(Misshapen):
            decoded(body, Query[SiteQuery])


def _untold(waiting: Waiting) -> None:
    """Tell nobody."""
