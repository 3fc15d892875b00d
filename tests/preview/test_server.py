"""The preview without a browser: who may ask, what is kept, what is written, and bad input."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import stat
import subprocess
import sys
import tarfile
import time
import tomllib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from http.client import HTTPResponse
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import quote, urljoin, urlsplit
from urllib.request import url2pathname

import pytest
from starlette.types import Message, Receive, Scope, Send

from convert.batch.model import Task
from convert.cli import main
from convert.errors import UsageError
from convert.infobox.match import Rule
from convert.inputs.sources import Selection
from convert.preview.access import AccessMiddleware
from convert.preview.documents import Reader
from convert.preview.edits.rules import add_to_file, add_to_text, literal
from convert.preview.library import Library
from tests import FIXTURES
from tests.servers.preview import DOUBTFUL, SHIP, Visitor, ask, hundred, previewing
from tests.support.commands import PROGRAM, TIMEOUT_S, interruptible, plainwiki

RULE = Rule("Infobox person", title="Inga Holm")


# ── Who may ask


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of a preview of a hundred articles, as the terminal shows it."""
    folder = tmp_path_factory.mktemp("preview")
    hundred(folder / "articles")
    with previewing(folder, "articles", "--allow-host", "ours.example", "--allow-host", "Also.example") as address:
        yield address


@pytest.fixture(scope="module")
def owner(served: str) -> Visitor:
    """Give the one who started it, with the cookie."""
    return Visitor(served)


#: What a browser sends with a link that was followed on another site.
LINK = MappingProxyType({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"})
PATHS = ["", "index.json", "templates.json", "static/app.css", "events", "article/x", "article/x/page", "rule", "none"]


def port(address: str) -> int:
    """Tell the port of an address."""
    found = urlsplit(address).port
    assert found
    return found


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("body", [None, b"{}"], ids=["GET", "POST"])
def test_nothing_is_answered_without_the_cookie(owner: Visitor, path: str, body: bytes | None) -> None:
    answer = ask(owner.home + path, body=body)
    assert answer.status == 403
    assert "Open the address that the terminal shows" in answer.text
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("name", ["{}", "plainwiki-preview-1", "{}x"])
@pytest.mark.parametrize("value", ["", "x", "{}"])
def test_no_other_cookie_will_do(owner: Visitor, name: str, value: str) -> None:
    own, _, session = owner.cookie.partition("=")
    cookie = f"{name.format(own)}={value.format(session)}"
    expected = 200 if cookie == owner.cookie else 403
    assert ask(owner.home, {"Cookie": cookie}).status == expected
    # A server on another port of the same host may add cookies of any name.
    assert ask(owner.home, {"Cookie": f"a=b; {cookie}; {owner.cookie};; c"}).status == 200


def test_cookie_is_for_this_preview_and_no_script(served: str) -> None:
    entered = ask(served, LINK)
    cookie, *attributes = entered.headers["set-cookie"].split("; ")
    assert cookie.startswith(f"plainwiki-preview-{port(served)}=")
    assert {each.lower() for each in attributes} == {"httponly", "path=/", "samesite=strict"}
    token = served.partition("token=")[2]
    assert len(token) >= 43
    assert token not in entered.text + cookie
    assert (entered.headers["cache-control"], entered.headers["referrer-policy"]) == ("no-store", "no-referrer")


@pytest.mark.parametrize("token", ["", "x", "{}x", "\u00e9", "%ff", "{}&token=x"])
def test_a_wrong_token_opens_nothing(owner: Visitor, served: str, token: str) -> None:
    address = f"{owner.home}?token={quote(token.format(served.partition('token=')[2]), safe='=&%')}"
    answer = ask(address)
    assert (answer.status, "set-cookie" in answer.headers) == (403, False)
    assert "The token in this address is not its own." in answer.text


def test_a_token_opens_the_list_only(owner: Visitor, served: str) -> None:
    query = urlsplit(served).query
    assert [ask(f"{owner.home}{path}?{query}").status for path in PATHS[1:]] == [403] * (len(PATHS) - 1)
    assert ask(served, body=b"").status == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "localhost.evil.example:8017"},
        {"Host": "127.0.0.1.evil.example"},
        {"Host": "192.0.2.1"},
        {"Host": "127.0.0.1:1:1"},
        {"Host": "127.0.0.1:1@evil.example"},
        {"Host": ""},
        {"Origin": "http://evil.example"},
        {"Origin": "http://localhost:1"},
        {"Origin": "file://"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "script"},
        {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"},
    ],
    ids=lambda headers: " ".join(headers.values()),
)
@pytest.mark.parametrize("path", ["", "index.json", "static/app.css", "events", "?token={}"])
def test_what_is_foreign_is_refused(owner: Visitor, served: str, path: str, headers: dict[str, str]) -> None:
    answer = owner.asked(path.format(served.partition("token=")[2]), headers)
    assert (answer.status, answer.text[:8], "set-cookie" in answer.headers) == (403, "Refused:", False)


def test_a_refused_name_is_told_what_allows_it(owner: Visitor) -> None:
    assert owner.asked("", {"Host": "box.example:80"}).text == (
        "Refused: this address is none of the preview's: if it should be, start it with --allow-host box.example\n"
    )


@pytest.mark.slow
def test_way_by_ssh_is_told(tmp_path: Path) -> None:
    command = [*PROGRAM, "preview", "--no-browser", "--port", "0", str(tmp_path)]
    (tmp_path / "a.txt").write_text("= A =\n\nText.\n")
    environment = {**os.environ, "SSH_CONNECTION": "192.0.2.7 50022 192.0.2.1 2222"}
    with subprocess.Popen(
        command, env=environment, stderr=subprocess.PIPE, text=True, preexec_fn=interruptible
    ) as process:
        assert process.stderr
        number = port(process.stderr.readline().split()[5])
        told = process.stderr.readline()
        process.send_signal(signal.SIGINT)
    assert f"'ssh -N -p 2222 -L {number}:127.0.0.1:{number} 192.0.2.1'" in told


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("localhost:9999", "http://localhost:9999"),
        ("127.0.0.1:9999", "http://127.0.0.1:9999"),
        ("[::1]:9999", "http://[::1]:9999"),
        ("ours.example", "https://ours.example"),
        ("OURS.example:8443", "https://ours.example:8443"),
        ("also.example", "http://also.example"),
        ("localhost:8017", "https://ours.example"),
    ],
)
def test_it_is_opened_through_a_tunnel_and_a_proxy(served: str, host: str, origin: str) -> None:
    entered = ask(served, {"Host": host, **LINK})
    cookie = entered.headers["set-cookie"].partition(";")[0]
    _, _, number = host.rpartition(":")
    assert cookie.startswith(f"plainwiki-preview-{number if number.isdigit() else port(served)}=")
    headers = {"Host": host, "Cookie": cookie, "Origin": origin}
    assert ask(urljoin(served, "/index.json"), headers).status == 200
    token = ask(urljoin(served, "/"), headers).text.split('data-token="')[1].split('"')[0]
    assert ask(urljoin(served, "/rule"), {**headers, "X-Plainwiki-Token": token}, b"{}").status == 400


def test_a_link_from_elsewhere_may_lead_here(owner: Visitor) -> None:
    assert owner.asked("", LINK).status == 200


@pytest.mark.parametrize("path", ["", "index.json", "article/none", "static/shell.js", "static/../app.py"])
@pytest.mark.parametrize("cookie", [{}, {"Cookie": ""}], ids=["owner", "stranger"])
def test_every_answer_has_the_policy(owner: Visitor, path: str, cookie: dict[str, str]) -> None:
    headers = owner.asked(path, cookie).headers
    assert "default-src 'none'; script-src 'self'; style-src 'self'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == ("no-store" if cookie else "no-cache")


@pytest.mark.parametrize(
    "path", ["static/../app.py", "static/%2e%2e/app.py", "article/../../etc/passwd", "article/%2fetc%2fpasswd", "../x"]
)
def test_nothing_is_read_but_what_was_named(owner: Visitor, path: str) -> None:
    assert owner.asked(path).status == 404


@pytest.mark.parametrize("headers", [{}, {"X-Plainwiki-Token": "guessed"}], ids=["no token", "a wrong one"])
def test_nothing_is_written_without_the_token(owner: Visitor, headers: dict[str, str]) -> None:
    answer = owner.asked("rule", {"Origin": owner.home.rstrip("/"), **headers}, b"{}")
    assert (answer.status, answer.text) == (403, "Refused: the page is of an earlier run: load it again\n")


def test_nothing_is_written_for_a_page_that_does_not_say_where_it_is_from(owner: Visitor) -> None:
    assert owner.asked("rule", {"X-Plainwiki-Token": "x"}, b"{}").status == 403


@pytest.mark.parametrize("body", [b"", b"[]", b'{"id": 1}', b"\xff", b"x" * 20_000])
def test_a_wrong_choice_is_refused_in_words(owner: Visitor, body: bytes) -> None:
    headers = {"Origin": owner.home.rstrip("/"), "X-Plainwiki-Token": page_token(owner)}
    answer = owner.asked("rule", headers, body)
    assert answer.status == (413 if len(body) > 10_000 else 400)
    assert json.loads(answer.text)["problem"]


def page_token(visitor: Visitor) -> str:
    """Return the token with which a page asks for changes."""
    return visitor.asked().text.split('data-token="')[1].split('"')[0]


def test_rules_kept_at_once_are_all_kept(tmp_path: Path) -> None:
    text = DOUBTFUL.replace("Categories\n", "Categories\n" + "".join(f"- Kind {number}\n" for number in range(12)))
    (tmp_path / "inga.txt").write_text(text, "utf-8")
    with previewing(tmp_path, "inga.txt") as address:
        visitor = Visitor(address)
        headers = {"Origin": visitor.home.rstrip("/"), "X-Plainwiki-Token": page_token(visitor)}
        rows: list[Any] = []
        while not rows:
            rows = json.loads(visitor.asked("index.json").text)["changed"]
        common = {"id": rows[0][1][0]["id"], "box": 0, "template": "Infobox person"}
        choices = [{**common, "by": "category", "value": f"Kind {number}"} for number in range(12)]
        with ThreadPoolExecutor(6) as pool:
            bodies = (json.dumps(choice).encode() for choice in choices)
            answers = list(pool.map(lambda body: visitor.asked("rule", headers, body), bodies))
        # A name that no page can have is not written into the file either.
        for template in ("A\0b", "A\x7f", "A{b", " \x1f "):
            body = json.dumps({**common, "by": "title", "template": template}).encode()
            assert visitor.asked("rule", headers, body).status == 409
    assert [answer.status for answer in answers] == [200] * 12
    rules = tomllib.loads((tmp_path / "plainwiki.toml").read_text("utf-8"))["infobox"]
    assert sorted(rule["category"] for rule in rules) == sorted(choice["value"] for choice in choices)


@pytest.mark.parametrize(
    ("request_line", "headers", "status"),
    [
        ("GET / HTTP/1.1", "Cookie: {cookie}", 400),
        ("GET / HTTP/1.0", "Cookie: {cookie}", 403),
        ("GET / HTTP/1.0", "Host: {host}\r\nCookie: {cookie}", 200),
        ("GET / HTTP/1.1", "Host: {host}\r\nHost: evil.example\r\nCookie: {cookie}", 400),
        ("GET http://evil.example/ HTTP/1.1", "Host: {host}\r\nCookie: {cookie}", 404),
        ("GET //evil.example/index.json/ HTTP/1.1", "Host: {host}\r\nCookie: {cookie}", 404),
        ("GET / HTTP/1.1", "Host: " + "a." * 20_000 + "\r\nCookie: {cookie}", 403),
        ("GET /?token=" + "x" * 50_000 + " HTTP/1.1", "Host: {host}", 403),
        ("GET /?token=%ed%a0%80 HTTP/1.1", "Host: {host}", 403),
        ("OPTIONS /rule HTTP/1.1", "Host: {host}\r\nCookie: {cookie}", 403),
        ("OPTIONS * HTTP/1.1", "Host: {host}\r\nCookie: {cookie}", 403),
        ("PUT /index.json HTTP/1.1", "Host: {host}\r\nCookie: {cookie}", 403),
        ("CONNECT {host} HTTP/1.1", "Host: {host}\r\nCookie: {cookie}", 403),
        ("HEAD / HTTP/1.1", "Host: {host}", 403),
        ("HEAD /events HTTP/1.1", "Host: {host}\r\nCookie: {cookie}", 200),
        ("GET / HTTP/1.1", "Host: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket", 403),
        ("GET / HTTP/1.1", "Host: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nCookie: {cookie}", 200),
    ],
    ids=lambda value: value[:60] if isinstance(value, str) else "",
)
def test_odd_requests_are_answered_and_the_connection_goes_on(
    owner: Visitor, request_line: str, headers: str, status: int
) -> None:
    host = urlsplit(owner.home).netloc
    following = "GET /index.json HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\n\r\n"
    first, second = (
        text.replace("{host}", host).replace("{cookie}", owner.cookie).encode()
        for text in (f"{request_line}\r\n{headers}\r\n\r\n", following)
    )
    with socket.create_connection(("127.0.0.1", port(owner.home)), TIMEOUT_S) as connection:
        connection.sendall(first)
        with closing(HTTPResponse(connection, method=request_line.partition(" ")[0])) as answer:
            answer.begin()
            assert (answer.status, len(answer.read()) < 10_000) == (status, True)
        assert answer.will_close == (status == 400 or "HTTP/1.0" in request_line)
        if not answer.will_close:
            connection.sendall(second)
            with closing(HTTPResponse(connection)) as answer:
                answer.begin()
                assert answer.status == 200


def test_a_websocket_reaches_nothing() -> None:
    reached = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        reached.append(scope["type"])

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        assert message["type"] != "websocket.accept"

    scope = {"type": "websocket", "path": "/events", "query_string": b"", "headers": [(b"host", b"localhost")]}
    with suppress(KeyError, ValueError):
        asyncio.run(AccessMiddleware(app, 8017)(scope, receive, send))
    assert reached == []


@pytest.mark.slow
def test_two_previews_do_not_lock_each_other_out(served: str, owner: Visitor, tmp_path: Path) -> None:
    (tmp_path / "inga.txt").write_text(DOUBTFUL, "utf-8")
    with previewing(tmp_path, "inga.txt") as address:
        other = Visitor(address)
        both = {"Cookie": f"{owner.cookie}; {other.cookie}"}
        assert (owner.asked("", both).status, other.asked("", both).status) == (200, 200)
        assert ask(owner.home, {"Cookie": other.cookie}).status == 403
        assert ask(other.home, {"Cookie": owner.cookie}).status == 403


@pytest.mark.slow
def test_everywhere_is_listened_to_only_when_asked_for(tmp_path: Path) -> None:
    (tmp_path / "inga.txt").write_text(DOUBTFUL, "utf-8")
    command = [*PROGRAM, "preview", "--no-browser", "--port", "0", "--host", "0.0.0.0", str(tmp_path)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, preexec_fn=interruptible) as process:
        assert process.stderr is not None
        address = process.stderr.readline().decode().split()[5]
        told = process.stderr.readline().decode()
        assert told.startswith(f"plainwiki: --host 0.0.0.0: whoever reaches port {port(address)} of this machine")
        visitor = Visitor(address)
        # An address cannot be made to lead elsewhere, as a name can.
        hosts = [f"{name}:{port(address)}" for name in ("192.0.2.1", "evil.example")]
        assert [visitor.asked("", {"Host": host}).status for host in hosts] == [200, 403]
        assert [ask(visitor.home, {"Host": host}).status for host in hosts] == [403, 403]
        process.send_signal(signal.SIGINT)
        assert process.wait(TIMEOUT_S) == 130


# ── What is kept of a folder


def reader() -> Reader:
    """Read as without any option."""
    return Reader(Task("wikitext", "text"))


def library(folder: Path) -> Library:
    """Read everything below a folder."""
    found = Library([str(folder)], Selection(), reader())
    found.scan()
    list(found.read_pending())
    return found


def test_the_list_tells_what_deserves_a_look(tmp_path: Path) -> None:
    rows = {row.source.rpartition("/")[2]: row for row in library(hundred(tmp_path / "all")).rows()}
    assert len(rows) == 100
    assert [name for name, row in rows.items() if any(box.doubtful for box in row.boxes)] == ["inga.txt", "stone.txt"]
    assert [name for name, row in rows.items() if row.refusal] == ["bad.txt", "latin.txt", "missing.txt"]
    assert rows["latin.txt"].refusal == (
        "byte 0xE9 at offset 5 is not UTF-8: save the text as UTF-8, or name its encoding with --encoding"
    )
    assert rows["missing.txt"].refusal == "No such file or directory"
    assert rows["lighthouse.txt"].codes == ("infobox-line",)
    assert rows["ship-007.txt"].boxes[0].template == "Infobox ship career"


def test_a_stream_is_cut_into_its_articles(tmp_path: Path) -> None:
    (tmp_path / "three.txt").write_text("".join(SHIP.format(number, "…") + "\n" for number in range(3)), "utf-8")
    found = library(tmp_path)
    ids = [row.id for row in found.rows()]
    documents = [found.document(id, {}) for id in ids]
    firsts = [(each.title, each.first_line, each.lines[0], each.lines[-1]) for each in documents if each]
    assert firsts == [(f"Ship {n}", 1 + 18 * n, f"= Ship {n} =", "- Ships") for n in range(3)]
    assert [each.title for each in found.documents()] == ["Ship 0", "Ship 1", "Ship 2"]
    assert [row.id if row else None for row in found.neighbours(ids[1])] == [ids[0], ids[2]]
    assert found.document(ids[0][:-1] + "9", {}) is None


def test_the_source_of_an_article_is_shown_in_any_encoding(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("= Größe =\n\nText.\n", "utf-16")
    found = library(tmp_path)
    (document,) = found.documents()
    assert (document.title, list(document.lines)) == ("Größe", ["= Größe =", "", "Text."])


def test_only_what_changed_is_read_again_and_told(tmp_path: Path) -> None:
    found = library(hundred(tmp_path / "all"))
    told = json.loads(found.changes(-1, -1))
    assert len(told["changed"]) == 100
    path = tmp_path / "all" / "inga.txt"
    path.write_text(DOUBTFUL.replace("= Inga Holm =", "= Inga Berg ="), "utf-8")
    before = found.rows()
    found.scan(frozenset([str(path)]))
    assert len(list(found.read_pending())) == 1
    changed = json.loads(found.changes(told["generation"], told["version"]))["changed"]
    assert [rows[0]["title"] for _, rows in changed] == ["Inga Berg"]
    assert [row.id for row in found.rows()] == [row.id for row in before]


def test_files_that_come_and_go_make_another_list(tmp_path: Path) -> None:
    found = library(hundred(tmp_path / "all"))
    told = json.loads(found.changes(-1, -1))
    (tmp_path / "all" / "inga.txt").unlink()
    (tmp_path / "all" / "a new one.txt").write_text("= A new one =\n\nText.\n", "utf-8")
    assert len(found.scan()) == 2
    assert len(list(found.read_pending())) == 1
    again = json.loads(found.changes(told["generation"], told["version"]))
    assert again["generation"] > told["generation"]
    assert len(again["changed"]) == 100
    assert "A new one" in [rows[0]["title"] for _, rows in again["changed"]]


def test_a_page_that_two_articles_would_be_is_told(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / f"{name}.txt").write_text("= Oban =\n\nText.\n", "utf-8")
    found = library(tmp_path)
    first, second = found.rows()
    assert (first.refusal, second.codes) == ("", ("title-repeated",))
    assert second.refusal.startswith(f"it is the page of {tmp_path}/a.txt already")
    (tmp_path / "a.txt").write_text("= Oban, Scotland =\n\nText.\n", "utf-8")
    found.scan()
    list(found.read_pending())
    assert [row.refusal for row in found.rows()] == ["", ""]


# ── A choice that is kept


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# nothing yet\n",
        'paragraphs = "line"\n\n[batch]\njobs = 4\n',
        'paragraphs = "line"',
        '[[infobox]]\ntemplate = "A"\nkey = "x"\n',
        "[batch]\r\njobs = 4\r\n",
    ],
)
def test_a_rule_is_added_and_all_else_stays(text: str) -> None:
    changed = add_to_text(text, RULE, None, "plainwiki.toml")
    assert changed.startswith(text)
    content = tomllib.loads(changed)
    assert content["infobox"][-1] == {"template": "Infobox person", "title": "Inga Holm"}
    assert {**content, "infobox": content["infobox"][:-1]} == {"infobox": [], **tomllib.loads(text)}
    assert changed.count("\r\n") in (0, changed.count("\n"))


def test_a_rule_stands_before_one_that_would_hide_it() -> None:
    text = '[[infobox]]\ntemplate = "A"\nkey = "x"\n\n# people\n[[infobox]]\ntemplate = "B"\nkey = "Name"\n'
    wanted = (
        '[[infobox]]\ntemplate = "A"\nkey = "x"\n\n[[infobox]]\ntemplate = "Infobox person"\ntitle = "Inga Holm"\n\n'
        '# people\n[[infobox]]\ntemplate = "B"\nkey = "Name"\n'
    )
    assert add_to_text(text, RULE, 1, "plainwiki.toml") == wanted


def test_a_rule_stands_before_one_with_a_quoted_head_and_odd_characters() -> None:
    text = '# \u2028[[infobox]]\na = "\x0c"\n\n# people\n[["infobox"]]\ntemplate = "B"\n'.replace("\x0c", "\\f")
    changed = add_to_text(text, RULE, 0, "plainwiki.toml")
    assert [rule["template"] for rule in tomllib.loads(changed)["infobox"]] == ["Infobox person", "B"]
    assert changed.endswith('\n\n# people\n[["infobox"]]\ntemplate = "B"\n')


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[batch\n", "plainwiki.toml: Expected ']'"),
        ('infobox = "Infobox ship"\n', "plainwiki.toml: 'infobox' is no list of tables: take it out"),
        ('infobox = [{template = "A"}]\n', "plainwiki.toml: a rule cannot be added to what stands there"),
    ],
)
def test_a_file_that_takes_no_rules_stays_as_it_is(text: str, problem: str) -> None:
    with pytest.raises(UsageError, match=problem.replace("[", r"\[")):
        add_to_text(text, RULE, None, "plainwiki.toml")


def test_a_rule_is_kept_in_a_file_that_is_made(tmp_path: Path) -> None:
    path = tmp_path / "plainwiki.toml"
    rule = Rule('Infobox "odd"', title=literal("What [is] this? *\x7f\\"))
    add_to_file(str(path), rule)
    assert tomllib.loads(path.read_text("utf-8"))["infobox"] == [{"template": rule.template, "title": rule.title}]
    assert os.listdir(tmp_path) == ["plainwiki.toml"]


# ── A site of files


def test_export_writes_the_same_as_a_site(tmp_path: Path) -> None:
    folder = hundred(tmp_path / "all", 12)
    done = plainwiki("preview", folder, "--export", tmp_path / "site")
    index = tmp_path / "site" / "index.html"
    assert done.stderr.decode() == f"plainwiki: 12 articles, 3 rejected: open {index}\n"
    assert done.returncode == 1
    assert {path.name for path in (tmp_path / "site").iterdir()} == {"article", "index.html", "static"}
    assert len(list((tmp_path / "site" / "article").iterdir())) == 12
    page = (tmp_path / "site" / "article" / "Inga Holm.html").read_text("utf-8")
    for text in ("{{", "Infobox writer", "&#34;Keeper&#34;", "template-guessed"):
        assert text in page
    first = (tmp_path / "site" / "index.html").read_bytes()
    assert plainwiki("preview", folder, "--export", tmp_path / "site").returncode == 1
    assert (tmp_path / "site" / "index.html").read_bytes() == first


# ── Bad input


def test_a_port_in_use_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = plainwiki("preview", tmp_path, "--no-browser", "--port", str(port))
    assert done.returncode == 2
    assert done.stderr.decode() == (
        f"plainwiki: port {port} cannot be had (Address already in use): name another with --port, or leave it to be "
        "found\n"
    )


@pytest.mark.slow
def test_without_a_browser_the_address_is_told(tmp_path: Path) -> None:
    (tmp_path / "inga.txt").write_text(DOUBTFUL, "utf-8")
    environment = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    command = [*PROGRAM, "preview", "--port", "0", str(tmp_path)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, env=environment, preexec_fn=interruptible) as process:
        assert process.stderr is not None
        address = process.stderr.readline().decode().split()[5]
        assert process.stderr.readline().decode() == f"plainwiki: no browser could be opened: open {address} in one\n"
        process.send_signal(signal.SIGINT)
        assert process.wait(TIMEOUT_S) == 130


@pytest.mark.slow
def test_the_browser_is_not_told_the_token_where_everybody_sees_it(tmp_path: Path) -> None:
    (tmp_path / "inga.txt").write_text(DOUBTFUL, "utf-8")
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\nprintf "%s" "$*" > {tmp_path}/told.new\nmv {tmp_path}/told.new {tmp_path}/told\n')
    browser.chmod(0o700)
    environment = {**os.environ, "BROWSER": f"{browser} %s"}
    command = [*PROGRAM, "preview", "--port", "0", str(tmp_path / "inga.txt")]
    with subprocess.Popen(command, stderr=subprocess.PIPE, env=environment, preexec_fn=interruptible) as process:
        assert process.stderr is not None
        address = process.stderr.readline().decode().split()[5]
        until((tmp_path / "told").exists)
        told = (tmp_path / "told").read_text("utf-8")
        file = Path(url2pathname(urlsplit(told).path))
        assert address.partition("token=")[2] not in told + Path(f"/proc/{process.pid}/cmdline").read_text("utf-8")
        assert [stat.S_IMODE(each.stat().st_mode) for each in (file, file.parent)] == [0o600, 0o700]
        assert f'<meta http-equiv="refresh" content="0; url={address}">' in file.read_text("utf-8")
        Visitor(address)
        until(lambda: not file.parent.exists())
        process.send_signal(signal.SIGINT)
        assert process.wait(TIMEOUT_S) == 130


def until(done: Callable[[], bool]) -> None:
    """Wait for something outside."""
    end = time.monotonic() + TIMEOUT_S
    while not done():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("--wiki", "ours"), "no wiki is called 'ours': give its address, or plainwiki.toml has no"),
        (("--wiki", "w.example/api.php", "--export", "x", "--profile", "y"), "--wiki and --profile do not go together"),
        (("--from", "wikitext"), "Invalid value for '-f' / '--from': unknown input format 'wikitext'"),
        (("--port", "70000"), "Invalid value for '--port'"),
        (("--host", "evil.example"), "Invalid value for '--host': 'evil.example' is not an IP address such as 0.0.0.0"),
        (("--host", "192.0.2.1"), "no port of 192.0.2.1 can be had (Cannot assign requested address): give an addr"),
        (("--allow-host", "https://x.example"), "Invalid value for '--allow-host': 'https://x.example' is not a host"),
        (("page.wiki",), "page.wiki: wikitext can be written only"),
    ],
    ids=[
        "an unknown wiki",
        "two wikis",
        "a format",
        "a port",
        "a host",
        "a foreign address",
        "a name",
        "an input",
    ],
)
def test_wrong_usage_is_told_in_a_line(
    tmp_path: Path, arguments: tuple[str, ...], problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["preview", str(tmp_path), "--no-browser", *arguments]) == 2
    told = capsys.readouterr().err
    assert told.startswith(f"plainwiki: {problem}")
    assert told.count("\n") == 1


def test_a_part_that_is_not_installed_is_named(tmp_path: Path) -> None:
    code = "import sys; sys.modules['starlette'] = None; import convert.cli as c; sys.exit(c.main(['preview', '.']))"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "'starlette" in done.stderr
    assert "pip install 'plainwiki[preview]'" in done.stderr


def test_links_between_articles_lead_to_them(tmp_path: Path) -> None:
    target = {"type": "link", "target": "Inga Holm", "label": "Inga"}
    linking = {"format": "plainwiki-article-1", "title": "Oban", "lead": [{"type": "paragraph", "content": [target]}]}
    (tmp_path / "oban.json").write_text(json.dumps(linking), "utf-8")
    (tmp_path / "inga.txt").write_text(DOUBTFUL, "utf-8")
    with previewing(tmp_path, "inga.txt", "oban.json") as address:
        asked = Visitor(address).asked
        told: dict[str, Any] = {"read": 0}
        while told["read"] != 2:  # before an article was read, its title is not known
            told = json.loads(asked("index.json").text)
        changed = told["changed"]
        page = asked(f"article/{changed[1][1][0]['id']}").text
        link = page.split('">Inga</a>')[0].rpartition('href="')[2]
        assert "<title>Inga Holm" in asked(f"article/{link}").text
        assert asked("article/Nobody.html").status == 404


def test_what_batch_reads_can_be_looked_at(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "all.tar.gz", "w:gz") as archive:
        archive.add(hundred(tmp_path / "articles") / "inga.txt", "inga.txt")
    (tmp_path / "rows.jsonl").write_text(json.dumps({"title": "Oban", "text": "A town."}) + "\n", "utf-8")
    found = Library([str(tmp_path / "all.tar.gz"), str(tmp_path / "rows.jsonl")], Selection(), reader())
    found.scan()
    list(found.read_pending())
    assert [row.title for row in found.rows()] == ["Inga Holm", "Oban"]
    documents = [found.document(row.id, {}) for row in found.rows()]
    assert [each.lines[0] for each in documents if each] == ["= Inga Holm =", '{"title": "Oban", "text": "A town."}']


def test_an_export_replaces_no_other_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.txt").write_text("= A =\n\nText.\n", "utf-8")
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "index.html").write_text("<title>Mine</title>", "utf-8")
    assert main(["preview", str(tmp_path / "a.txt"), "--export", str(tmp_path / "site")]) == 2
    assert "has files that no export wrote: name a new folder" in capsys.readouterr().err
    assert os.listdir(tmp_path / "site") == ["index.html"]
    for _ in range(2):
        assert main(["preview", str(tmp_path / "a.txt"), "--export", str(tmp_path / "new")]) == 0
    assert "1 article, 0 rejected: open" in capsys.readouterr().err


def test_a_misspelt_input_starts_no_server(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["preview", str(tmp_path / "nosuch"), "--no-browser"]) == 2
    assert capsys.readouterr().err == (
        f"plainwiki: {tmp_path}/nosuch: there is no such file or folder: check its name\n"
    )


def test_an_input_without_articles_is_shown_in_the_list(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with previewing(tmp_path, "empty") as address:
        visitor = Visitor(address)
        answer: dict[str, list[object]] = {"changed": []}
        while not answer["changed"]:
            answer = json.loads(visitor.asked("index.json").text)
    ((_, [row]),) = answer["changed"]  # type: ignore[misc]
    assert row["codes"] == ["empty"]  # type: ignore[has-type]


def test_other_commands_load_nothing_of_the_preview() -> None:
    heavy = "{'starlette', 'uvicorn', 'jinja2', 'watchfiles', 'pygments', 'convert.preview', 'asyncio'}"
    code = f"import sys, convert.cli as c; c.main(['convert', sys.argv[1]]); sys.exit(bool({heavy} & set(sys.modules)))"
    article = FIXTURES / "articles" / "port-ellen.txt"
    done = subprocess.run([sys.executable, "-c", code, article], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
