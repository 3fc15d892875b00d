"""What the preview writes, without a browser: hostile requests, planted links, encodings, and rules taken out."""

from __future__ import annotations

import json
import os
import stat
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from convert.batch.model import Task
from convert.errors import UsageError
from convert.inputs.sources import Selection
from convert.preview.documents import Reader
from convert.preview.edits.editor import Editor, users_editor
from convert.preview.edits.files import Sources
from convert.preview.edits.rules import remove_from_text
from convert.preview.library import Library
from tests.servers.preview import DOUBTFUL, SHIP, Answer, Visitor, previewing

#: Each starts the program as a process.
pytestmark = pytest.mark.slow

CHANGES = [
    "rule", "rule/effect", "rule/remove", "name", "link/refuse", "link/allow", "source/open", "source/draft",
    "source/save", "editor", "undo",
]  # fmt: skip


class Owner(Visitor):
    """The one who started the preview, as its own page asks."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        token = self.asked().text.split('data-token="')[1].split('"')[0]
        self.own = {"Origin": self.home.rstrip("/"), "X-Plainwiki-Token": token}

    def change(self, path: str, **asked: Any) -> Answer:
        """Ask for a change."""
        return self.asked(path, self.own, json.dumps(asked).encode())

    def ids(self) -> dict[str, str]:
        """Return the ids of all articles by title, once all are read."""
        told: dict[str, Any] = {"pieces": 1, "read": 0}
        while not told["pieces"] or told["read"] < told["pieces"]:
            told = json.loads(self.asked("index.json").text)
        return {row["title"]: row["id"] for _, rows in told["changed"] for row in rows}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder with an article."""
    (tmp_path / "articles").mkdir()
    (tmp_path / "articles" / "inga.txt").write_text(DOUBTFUL, "utf-8")
    return tmp_path


@pytest.fixture
def owner(folder: Path) -> Iterator[Owner]:
    """Serve the folder."""
    with previewing(folder, "articles") as address:
        yield Owner(address)


@pytest.mark.parametrize("path", CHANGES)
def test_changes_are_made_for_our_own_page_only(owner: Owner, folder: Path, path: str) -> None:
    body = json.dumps({"id": owner.ids()["Inga Holm"], "box": 0, "template": "Infobox person", "by": "title"}).encode()
    hostile: list[dict[str, str]] = [
        {},
        {"Origin": "http://evil.example", "X-Plainwiki-Token": owner.own["X-Plainwiki-Token"]},
        {"Origin": owner.own["Origin"]},
        {"Origin": owner.own["Origin"], "X-Plainwiki-Token": "guessed"},
        {**owner.own, "Sec-Fetch-Site": "cross-site"},
        {**owner.own, "Host": "evil.example"},
    ]
    assert {owner.asked(path, headers, body).status for headers in hostile} == {403}
    assert owner.asked(path).status == 405
    assert [owner.asked(path, owner.own, wrong).status for wrong in (b"", b"[]", b"\xff", b'{"x": 1}')] == [400] * 4
    assert (folder / "articles" / "inga.txt").read_text("utf-8") == DOUBTFUL
    assert sorted(os.listdir(folder)) == ["articles"]


@pytest.mark.parametrize("id", ["../../etc/passwd", "/etc/passwd-0", "x-0", "", "-1"])
def test_only_articles_of_the_inputs_are_written(owner: Owner, id: str) -> None:
    for path, asked in (
        ("source/open", {}),
        ("source/draft", {"text": "x"}),
        ("source/save", {"text": "x", "digest": ""}),
        ("name", {"box": 0, "template": "Infobox person"}),
    ):
        answer = owner.change(path, id=id, **asked)
        assert (answer.status, json.loads(answer.text)["problem"]) == (409, "this article is no longer there")


def test_links_are_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.txt").write_text(DOUBTFUL, "utf-8")
    (tmp_path / "articles").mkdir()
    (tmp_path / "articles" / "link.txt").symlink_to(outside / "secret.txt")
    (tmp_path / "articles" / "folder").symlink_to(outside)
    sources = Sources([str(tmp_path / "articles")])
    for name in ("link.txt", "folder/secret.txt"):
        with pytest.raises(UsageError, match="link"):
            sources.write(str(tmp_path / "articles" / name), b"x", "")
    with pytest.raises(UsageError, match="outside of the folder"):
        sources.write(str(tmp_path / "articles" / ".." / "outside" / "secret.txt"), b"x", "")
    assert (outside / "secret.txt").read_text("utf-8") == DOUBTFUL


def test_file_replaced_by_a_link_is_not_written(folder: Path) -> None:
    path, other = folder / "articles" / "inga.txt", folder / "other.txt"
    found = Library([str(folder / "articles")], Selection(), Reader(Task("wikitext", "text")))
    found.scan()
    (document,) = found.documents()
    sources = Sources(found.inputs)
    digest = sources.open(document).digest
    other.write_text(DOUBTFUL, "utf-8")
    path.unlink()
    path.symlink_to(other)
    with pytest.raises(UsageError, match="It is a link"):
        sources.open(document)
    with pytest.raises(UsageError, match="It is a link"):
        sources.write(str(path), b"x", digest)
    assert other.read_text("utf-8") == DOUBTFUL


def test_save_keeps_line_ends_mark_neighbours_and_permissions(tmp_path: Path) -> None:
    text = "".join(SHIP.format(number, "…") + "\n\n" for number in range(3))
    content = b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode()
    path = tmp_path / "ships.txt"
    path.write_bytes(content)
    path.chmod(0o640)
    with previewing(tmp_path, "ships.txt") as address:
        owner = Owner(address)
        id = owner.ids()["Ship 1"]
        opened = json.loads(owner.change("source/open", id=id).text)
        assert opened["text"].startswith("= Ship 1 =\n")
        assert opened["text"].endswith("- Ships")
        edited = opened["text"].replace("It was broken up.", "It sank.\nNobody was hurt.") + "\n\n\n"
        saved = json.loads(owner.change("source/save", id=id, text=edited, digest=opened["digest"]).text)
        assert saved["message"] == "Saved ships.txt"
        head, middle, tail = content.split(b"= Ship 1 =", 1)[0], b"= Ship 1 =", content.split(b"= Ship 2 =", 1)[1]
        written = path.read_bytes()
        assert written.startswith(head + middle)
        assert written.endswith(b"= Ship 2 =" + tail)
        assert b"It sank.\r\nNobody was hurt.\r\n" in written
        assert written.count(b"\n") == written.count(b"\r\n") == content.count(b"\n") + 1
        assert stat.S_IMODE(path.stat().st_mode) == 0o640
        # The digest is of what was there before.
        assert owner.change("source/save", id=id, text="x", digest=opened["digest"]).status == 409
        assert owner.change("undo", change=saved["change"]).status == 200
        assert path.read_bytes() == content
        assert owner.change("undo", change=saved["change"]).status == 409


def test_undo_overwrites_nothing_of_others(owner: Owner, folder: Path) -> None:
    id = owner.ids()["Inga Holm"]
    path = folder / "articles" / "inga.txt"
    written = json.loads(owner.change("name", id=id, box=0, template="Infobox person").text)
    path.write_text("= Other =\n\nText.\n", "utf-8")
    answer = owner.change("undo", change=written["change"])
    assert (answer.status, "changed on disk" in answer.text) == (409, True)
    assert path.read_text("utf-8") == "= Other =\n\nText.\n"


@pytest.mark.parametrize(
    ("source", "template", "written"),
    [
        ("= A =\n\nInfobox\n- Name: A\n\nText.\n", "Infobox person", "Infobox person\n"),
        ("= A =\n\nInfobox:\n- Name: A\n\nText.\n", "Infobox person", "Infobox person\n"),
        ("= A =\n\nINFOBOX\n- Name: A\n\nText.\n", "Infobox person", "Infobox person\n"),
        ("= A =\n\nInfobox persn\n- Name: A\n\nText.\n", "Infobox person", "Infobox person\n"),
        ("= A =\n\nInfobox\n- Name: A\n\nText.\n", "Taxobox", "Infobox Taxobox\n"),
    ],
)
def test_name_is_written_so_that_it_is_read_again(tmp_path: Path, source: str, template: str, written: str) -> None:
    (tmp_path / "a.txt").write_text(source, "utf-8")
    with previewing(tmp_path, "a.txt") as address:
        owner = Owner(address)
        answer = owner.change("name", id=owner.ids()["A"], box=0, template=template)
    text = (tmp_path / "a.txt").read_text("utf-8")
    assert (text.splitlines(keepends=True)[2] == written, answer.status) in ((True, 200), (False, 409))
    if answer.status == 409:
        assert text == source
        assert "edit the source" in answer.text


def test_what_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps({"title": "A", "text": "Infobox\n- Name: A"}), "utf-8")
    (tmp_path / "b.txt").write_text("= B =\n\nText.\n", "utf-16")
    found = Library([str(tmp_path)], Selection(), Reader(Task("wikitext", "text")))
    found.scan()
    sources = Sources([str(tmp_path)])
    objections = {each.title: sources.objection(each.piece) for each in found.documents()}
    assert (objections["A"], "UTF-8" in objections["B"]) == ("", True)


@pytest.mark.parametrize(
    ("text", "index", "left"),
    [
        ('[[infobox]]\ntemplate = "A"\nkey = "x"\n', 0, ""),
        ('a = 1\n\n[[infobox]]\ntemplate = "A"\nkey = "x"\n', 0, "a = 1\n"),
        ('a = 1\r\n\r\n[[infobox]]\r\ntemplate = "A"\r\nkey = "x"\r\n', 0, "a = 1\r\n"),
        (
            '[[infobox]]\ntemplate = "A"\nkey = "x"\n\n# people\n[[infobox]]\ntemplate = "B"\n',
            0,
            '# people\n[[infobox]]\ntemplate = "B"\n',
        ),
        (
            '[[infobox]]\ntemplate = "A"\nkeys = [\n  "x",\n]\n\n[[infobox]]\ntemplate = "B"\n[batch]\njobs = 2\n',
            1,
            '[[infobox]]\ntemplate = "A"\nkeys = [\n  "x",\n]\n\n[batch]\njobs = 2\n',
        ),
    ],
)
def test_rule_is_taken_out_and_all_else_stays(text: str, index: int, left: str) -> None:
    assert remove_from_text(text, index, "plainwiki.toml") == left
    tomllib.loads(left)


def test_rule_that_cannot_be_taken_out_stays() -> None:
    with pytest.raises(UsageError, match="by hand"):
        remove_from_text('infobox = [{template = "A"}]\n', 0, "plainwiki.toml")


def test_editor_is_opened_at_the_line(tmp_path: Path) -> None:
    assert Editor(("/usr/bin/code",)).at("/a b.txt", 7) == ["/usr/bin/code", "-g", "/a b.txt:7"]
    assert Editor(("vim",)).at("/a.txt", 7) == ["vim", "+7", "/a.txt"]
    assert users_editor({"VISUAL": "'", "EDITOR": "sh -x"}).command == ("sh", "-x")
    assert users_editor({"EDITOR": "no-such-editor"}).name == ""


def test_editor_of_a_terminal_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISUAL", "sh")
    with previewing(folder, "articles") as address:
        owner = Owner(address)
        told = json.loads(owner.change("editor", id=owner.ids()["Inga Holm"]).text)
    assert told["command"] == f"sh +1 {folder}/articles/inga.txt"
