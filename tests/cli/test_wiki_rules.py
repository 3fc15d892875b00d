"""``--wiki`` and ``--profile``: pages are written by the rules of the wiki that they are for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.servers.fake_wiki import LOGIN, PASSWORD, FakeWiki, Fields, Reply
from tests.support.running import Ran, ran

GLOSSES = '{"title": "polish", "text": "To make smooth."}\n{"title": "Polish", "text": "From Poland."}\n'
DENIED = Reply(json.dumps({"errors": [{"code": "readapidenied", "text": "For members."}]}).encode())


def _case_sensitive(asked: Fields, answer: Any) -> Reply | None:
    """Answer as a wiki with ``$wgCapitalLinks = false``."""
    query = answer.get("query", {})
    if "general" not in query:
        return None
    query["general"]["case"] = "case-sensitive"
    for space in query["namespaces"].values():
        space["case"] = "case-sensitive"
    return Reply(json.dumps(answer).encode())


def _for_members(asked: Fields, answer: Any) -> Reply | None:
    """Answer as one that tells its members alone, and is case-sensitive."""
    return DENIED if asked.get("assert") == "anon" else _case_sensitive(asked, answer)


@pytest.fixture
def words() -> Iterator[FakeWiki]:
    """Give a wiki that tells small first letters from capital ones."""
    with FakeWiki() as wiki:
        wiki.spoil = _case_sensitive
        yield wiki


def _run(folder: Path, *words: str, **settings: str) -> Ran:
    inputs = folder / "glosses.jsonl"
    if not inputs.exists():
        inputs.write_text(GLOSSES, encoding="utf-8")
    return ran(folder, *words, environment=settings)


def _titles(folder: Path, name: str = "out.xml") -> list[str]:
    lines = (folder / name).read_text(encoding="utf-8").splitlines()
    return [line.strip() for line in lines if "<title>" in line]


BOTH = ["<title>polish</title>", "<title>Polish</title>"]


def test_titles_are_those_of_the_wiki_that_is_named(tmp_path: Path, words: FakeWiki) -> None:
    done = _run(tmp_path, "batch", "glosses.jsonl", "-o", "out.xml", "--wiki", words.api)
    assert (done.status, _titles(tmp_path)) == (0, BOTH), done.err
    assert {asked["meta"] for asked in words.asked} == {"siteinfo|userinfo"}


def test_saved_profile_gives_the_same_bytes_as_the_wiki(tmp_path: Path, words: FakeWiki) -> None:
    saved = _run(tmp_path, "profile", "--wiki", words.api, "-o", "words.json")
    assert saved.status == 0, saved.err
    asked = len(words.asked)
    for name, *option in (("a.xml", "--profile", "words.json"), ("b.xml", "--wiki", words.api)):
        assert _run(tmp_path, "batch", "glosses.jsonl", "-o", name, *option).status == 0
        assert name != "a.xml" or len(words.asked) == asked
    assert (tmp_path / "a.xml").read_bytes() == (tmp_path / "b.xml").read_bytes()
    assert json.loads((tmp_path / "words.json").read_text())["api"] == words.api


@pytest.mark.parametrize("command", ["convert", "check"])
def test_convert_and_check_know_the_wiki_too(tmp_path: Path, words: FakeWiki, command: str) -> None:
    assert _run(tmp_path, command, "glosses.jsonl").status == 1
    done = _run(tmp_path, command, "glosses.jsonl", "--wiki", words.api)
    assert (done.status, done.err) == (0, "")


def test_wiki_of_the_configuration_is_found_by_name(tmp_path: Path, words: FakeWiki) -> None:
    (tmp_path / "plainwiki.toml").write_text(f'[batch]\nwiki = "words"\n\n[wikis.words]\napi = "{words.api}"\n')
    done = _run(tmp_path, "batch", "glosses.jsonl", "-o", "out.xml")
    assert (done.status, _titles(tmp_path)) == (0, BOTH), done.err


def test_command_line_wins_over_the_configuration(tmp_path: Path, words: FakeWiki) -> None:
    assert _run(tmp_path, "profile", "--wiki", words.api, "-o", "words.json").status == 0
    (tmp_path / "plainwiki.toml").write_text('[batch]\nwiki = "http://127.0.0.1:1/api.php"\n')
    done = _run(tmp_path, "batch", "glosses.jsonl", "-o", "out.xml", "--profile", "words.json")
    assert (done.status, _titles(tmp_path)) == (0, BOTH), done.err


def test_changed_wiki_is_noticed_before_anything_is_written(tmp_path: Path, words: FakeWiki) -> None:
    command = ("batch", "glosses.jsonl", "-o", "out.xml", "--wiki", words.api)
    assert _run(tmp_path, *command).status == 0
    again = _run(tmp_path, *command)
    assert "done before" in again.err
    before = (tmp_path / "out.xml").read_bytes()
    words.spoil = lambda asked, answer: None
    changed = _run(tmp_path, *command)
    assert changed.status == 2
    assert "out.xml was made with --profile of Fake (" in changed.err
    assert (tmp_path / "out.xml").read_bytes() == before


def test_formats_of_no_wiki_ask_none(tmp_path: Path, words: FakeWiki) -> None:
    for name, target in (("out.jsonl", "json"), ("out.xml", "xml")):
        assert _run(tmp_path, "batch", "glosses.jsonl", "-t", target, "-o", name, "--wiki", words.api).status < 2
    assert words.asked == []


def test_nobody_signs_in_where_anybody_may_read(tmp_path: Path, words: FakeWiki) -> None:
    (tmp_path / "plainwiki.toml").write_text(f'[wikis.words]\napi = "{words.api}"\nuser = "{LOGIN}"\n')
    done = _run(tmp_path, "profile", "--wiki", "words", "-o", "p.json", PLAINWIKI_PASSWORD=PASSWORD)
    assert (done.status, done.err) == (0, "")
    assert "login" not in {asked["action"] for asked in words.asked}


def test_wiki_for_members_gets_the_secret_after_consent_only(tmp_path: Path, words: FakeWiki) -> None:
    words.spoil = _for_members
    settings = f'[wikis.words]\napi = "{words.api}"\nuser = "{LOGIN}"\nplain-http = true\n'
    (tmp_path / "plainwiki.toml").write_text(settings)
    command = ("batch", "glosses.jsonl", "-o", "out.xml", "--wiki", "words")
    done = _run(tmp_path, *command, PLAINWIKI_PASSWORD=PASSWORD)
    assert (done.status, "which was found and not named with --config" in done.err) == (2, True), done.err
    assert "login" not in {asked["action"] for asked in words.asked}
    done = _run(tmp_path, *command, "--config", "plainwiki.toml", PLAINWIKI_PASSWORD=PASSWORD)
    assert (done.status, _titles(tmp_path)) == (0, BOTH), done.err
    assert "signing in at" in done.err
    assert PASSWORD not in done.err


def test_wiki_that_does_not_answer_ends_the_command(tmp_path: Path) -> None:
    done = _run(tmp_path, "batch", "glosses.jsonl", "-o", "out.xml", "--wiki", "http://127.0.0.1:1/api.php")
    assert (done.status, (tmp_path / "out.xml").exists()) == (3, False)
    assert "127.0.0.1 cannot be reached" in done.err


def test_site_of_files_is_written_for_the_wiki(tmp_path: Path, words: FakeWiki) -> None:
    assert _run(tmp_path, "profile", "--wiki", words.api, "-o", "words.json").status == 0
    for number, option in enumerate((("--wiki", words.api), ("--profile", "words.json"))):
        done = _run(tmp_path, "preview", "glosses.jsonl", "--export", f"site{number}", *option)
        assert done.status == 0, done.err
        pages = "".join(path.read_text() for path in (tmp_path / f"site{number}").rglob("*.html"))
        assert "title-repeated" not in pages


def test_profile_that_is_none_or_absent_is_told(tmp_path: Path) -> None:
    (tmp_path / "p.json").write_bytes(b"\xff")
    assert "p.json: it is not UTF-8" in _run(tmp_path, "check", "glosses.jsonl", "--profile", "p.json").err
    done = _run(tmp_path, "check", "glosses.jsonl", "--profile", "absent.json")
    assert (done.status, done.err) == (3, "plainwiki: cannot read absent.json: No such file or directory\n")
