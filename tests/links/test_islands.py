"""Articles that name each other: each is linked where an editor would link it, and the words stay as they are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import convert
from convert.batch.model import Task
from convert.cli.options.link_sources import batch_dictionary
from convert.dictionaries.files import open_dictionary
from convert.inputs.files.patterns import Patterns
from convert.inputs.sources import Selection
from convert.links.linking import Linker
from convert.links.passages import passages_of
from convert.profile import WikiProfile
from tests.support.islands import ISLANDS, LINKS, linked

_LINK = re.compile(r"\[\[([^\[\]|]+)")


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def test_pages_are_those_that_were_looked_at(tmp_path: Path) -> None:
    assert linked(tmp_path / "pages") == {path.name: path.read_text("utf-8") for path in ISLANDS.glob("*.wiki")}


def test_articles_link_each_other_and_nothing_else(tmp_path: Path) -> None:
    pages = linked(tmp_path / "pages")
    assert {Path(name).stem: set(_LINK.findall(page)) for name, page in pages.items()} == LINKS


def test_articles_that_have_their_links_get_no_others(tmp_path: Path) -> None:
    path = batch_dictionary(
        [str(ISLANDS)], Selection(patterns=Patterns(("*.txt",))), Task("wikitext", "text"), WikiProfile()
    )
    known = Linker(open_dictionary(path))
    for source in ISLANDS.glob("*.txt"):
        article = next(convert.read(source.read_text("utf-8")))
        once = known.linked(article)
        assert known.linked(once) == once
        assert [passage.text for passage in passages_of(once)] == [passage.text for passage in passages_of(article)]
