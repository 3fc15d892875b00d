"""What is written for people: in one place, without what a terminal acts upon, and without secrets."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import convert
from convert import printable
from convert.diagnostics import shown
from convert.errors import EnvironmentFailed
from convert.io import console
from convert.upload.client.credentials import Password, Token
from tests.servers.echoing import EchoingWiki
from tests.support.running import ran
from tests.tools.attack.messages import FORMS

PACKAGE = Path(convert.__file__).parent
SECRET = "0123456789abcdef+/&%'é~end"
#: Of these modules of others, what writes for people.
WRITERS = {
    "click": {"echo", "secho", "echo_via_pager", "prompt", "confirm", "style", "progressbar", "get_text_stream"},
    "sys": {"stdout", "stderr", "__stdout__", "__stderr__"},
    "rich.console": {"Console"},
    "traceback": {"print_exc", "print_exception", "print_stack"},
    "warnings": {"warn"},
    "logging": {"basicConfig", "StreamHandler", "getLogger", "warning", "error"},
}


def writers(path: Path) -> Iterator[str]:
    """Name what a module uses to write for people."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Call(func=ast.Name(id="print" | "input" as name)):
                yield f"{name} in line {node.lineno}"
            case ast.Attribute(value=ast.Name(id=module), attr=name) if name in WRITERS.get(module, ()):
                yield f"{module}.{name} in line {node.lineno}"
            case ast.ImportFrom(module=str(module), names=names):
                found = {each.name for each in names} & WRITERS.get(module, set())
                yield from (f"{module}.{name} in line {node.lineno}" for name in found)
            case ast.Call(func=ast.Attribute(value=ast.Attribute(attr="console"), attr="print" | "log")):
                yield f"console.print in line {node.lineno}"


@pytest.mark.parametrize(
    "path", [each for each in sorted(PACKAGE.rglob("*.py")) if each.name != "console.py"], ids=lambda each: each.stem
)
def test_only_the_console_writes_for_people(path: Path) -> None:
    """Let ``convert.io.console`` write instead: it takes out what a terminal acts upon, and secrets."""
    assert list(writers(path)) == []


def test_what_writes_for_people_is_found() -> None:
    assert len(list(writers(Path(console.__file__)))) > 8


@given(st.text())
def test_what_is_visible_is_printable_and_stays_so(text: str) -> None:
    seen = printable.visible(text)
    assert seen.isprintable()
    assert printable.visible(seen) == seen


@given(st.text())
def test_escaped_json_says_the_same(text: str) -> None:
    escaped = printable.json_escaped(json.dumps({"a": text}, ensure_ascii=False))
    assert escaped.isprintable()
    assert json.loads(escaped) == {"a": text}


@pytest.mark.parametrize("form", FORMS, ids=range(len(FORMS)))
def test_secret_is_taken_out_in_every_form(form: object) -> None:
    assert callable(form)
    printable.register(SECRET)
    for text in (f"no {form(SECRET)}!", f"{form('é~' + SECRET + '~x')}", str(form(SECRET))):
        for each in (
            printable.redacted(text),
            str(EnvironmentFailed(text)),
            json.dumps(printable.redacted_values([text])),
        ):
            assert str(form(SECRET)).strip('"').rstrip("=") not in each
            assert "…" in each or "\\u2026" in each


def test_secret_that_an_answer_was_cut_in_is_taken_out() -> None:
    printable.register(SECRET)
    assert printable.redacted(f"it was {SECRET[:20]}, and more") == "it was …, and more"
    assert SECRET[:12] not in shown("x" * 40 + SECRET)


def test_message_without_secrets_is_what_it_was() -> None:
    text = "100 %25 sure: caf%C3%A9 &amp; \\u0041"
    assert printable.redacted(text) == text
    printable.register(SECRET)
    printable.register("abc")
    assert printable.redacted(f"abc {text}") == f"abc {text}"


@pytest.mark.parametrize(
    "credentials", [Password("Bot@app", SECRET), Token("eyJ0eXAi.secret")], ids=["password", "token"]
)
def test_secrets_are_registered_where_they_are_read(credentials: Password | Token) -> None:
    kind, secret = type(credentials), credentials.token if isinstance(credentials, Token) else credentials.password
    kind(*(("Bot@app", secret) if kind is Password else (secret,)))
    assert printable.redacted(f"<{secret}>") == "<…>"


@pytest.mark.parametrize("answers", ["reason", "user", "redirect", "error"])
@pytest.mark.parametrize("user", ["Bot@app", "Account"])
@pytest.mark.parametrize("form", ["text", "json"])
def test_no_answer_of_a_wiki_brings_the_password_back(tmp_path: Path, answers: str, user: str, form: str) -> None:
    """As reason, as the name of the user, as the place it redirects to, as the text of an error."""
    with EchoingWiki(lambda text: f"\x1b[31m{text}\u202e {SECRET}", answers) as wiki:
        command = ["upload", "--wiki", wiki.address, "--user", user, "--patience", "0", "--log-format", form]
        told = ran(tmp_path, *command, "--yes", "a.txt", environment={"PLAINWIKI_PASSWORD": SECRET})
    assert SECRET in wiki.heard.encode("latin-1", "replace").decode("latin-1") or SECRET in str(wiki.sent)
    assert told.status == 3
    assert "0123456789" not in told.err
    assert "".join(told.err.split("\n")).isprintable()


def test_json_for_programs_stays_json(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("= A\u202eB\x9b =\n\nInfobox\x85x\n\nx\n", "utf-8")
    told = ran(tmp_path, "check", "a.txt", "--diagnostics", "json", "-j1")
    assert "".join(told.out.split("\n")).isprintable()
    assert all(json.loads(each)["file"] == "a.txt" for each in told.out.splitlines())


def test_converted_documents_are_what_they_are(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("= A =\n\nx\u202ey\u200f\n", "utf-8")
    assert ran(tmp_path, "convert", "a.txt").out == "x\u202ey\u200f\n"
