"""Articles found by their text: keys, values and sentences, without accents, of every kind of input."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from convert.batch.model import Task
from convert.inputs.sources import Selection
from convert.preview import search
from convert.preview.documents import Reader
from convert.preview.library import Library
from convert.preview.search import Search, excerpt, folded
from tests.servers.browser import WIDTHS, overflow, violations, visiting
from tests.servers.preview import DOUBTFUL, SHIP, hundred, previewing

if TYPE_CHECKING:
    from playwright.sync_api import Browser

STREAM = "= Uist =\n\nMachair\ngrows there.\n\n= Ulva =\n\nInfobox\n- Owner: Community\n\nAn islé.\n"
RECORD = json.dumps({"title": "Мис", "text": "Cape «Réunion»\nin the sea."})


def read(folder: Path) -> Library:
    found = Library([str(folder)], Selection(), Reader(Task("wikitext", "text")))
    found.scan()
    list(found.read_pending())
    return found


def titles(library: Library, query: str) -> list[str]:
    """Return the titles of the articles that are found, once all texts are read."""
    engine = Search(library)
    while (found := engine.find(query)).searched < found.articles:
        assert not found.limited
    by_id = {row.id: row.title for row in library.rows()}
    return [by_id[id] for id in found.ids]


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    """Give a folder with a stream of articles, records, one article and what is none."""
    (tmp_path / "stream.txt").write_text(STREAM, "utf-8")
    (tmp_path / "records.jsonl").write_text(f"{RECORD}\n", "ascii")
    (tmp_path / "utf16.txt").write_text("= Écosse =\n\nUn pays.\n", "utf-16")
    (tmp_path / "latin.txt").write_bytes(b"= Caf\xe9 =\n\nText.\n")
    return tmp_path


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("MACHAIR grows", ["Uist"]), ("owner", ["Ulva"]), ("isle", ["Ulva"]), ("community", ["Ulva"]),
        ("reunion", ["Мис"]), ("réunion» in the", ["Мис"]), ("un pays", ["Écosse"]),
        ("nowhere", []), ("", []), ("  ", []),
    ],
)  # fmt: skip
def test_article_is_found_by_what_its_text_says(mixed: Path, query: str, expected: list[str]) -> None:
    assert titles(read(mixed), query) == expected


def test_changed_file_is_searched_anew_and_a_removed_one_no_more(mixed: Path) -> None:
    library = read(mixed)
    engine = Search(library)
    assert len(engine.find("machair").ids) == 1
    (mixed / "stream.txt").write_text("= Uist =\n\nThrift grows there.\n", "utf-8")
    (mixed / "utf16.txt").unlink()
    library.scan(frozenset([str(mixed / "stream.txt")]))
    list(library.read_pending())
    assert [engine.find(query).ids != [] for query in ("machair", "thrift", "pays")] == [False, True, False]


def test_texts_are_kept_up_to_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "MAX_CHARACTERS", 1_000)
    engine = Search(read(hundred(tmp_path / "articles")))
    while not (found := engine.find("ship")).limited:
        assert found.searched < found.articles
    assert 0 < found.searched < 20


def test_excerpts_show_where_it_stands() -> None:
    text = "A long way. " * 20 + "Port\n  Ellen is a village. " + "It has a ferry. " * 20
    assert excerpt(text, folded("PORT ellen")).startswith("…")
    assert "Port Ellen is a village." in excerpt(text, folded("PORT ellen"))
    assert excerpt("Köln", folded("Köln")) == ""


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
def test_the_list_finds_keys_and_sentences(browser: Browser, tmp_path: Path, width: int) -> None:
    (tmp_path / "articles").mkdir()
    (tmp_path / "articles" / "inga.txt").write_text(DOUBTFUL, "utf-8")
    for number in range(30):
        text = SHIP.format(number, f"It sailed in {1900 + number}.")
        (tmp_path / "articles" / f"ship-{number:02}.txt").write_text(text, "utf-8")
    with previewing(tmp_path, "articles") as address, visiting(browser, address, width=width) as page:
        page.get_by_text("31 articles ·").wait_for()
        page.keyboard.press("/")
        page.keyboard.type("sailed in 1907")
        page.locator("#rows .excerpt", has_text="It sailed in 1907.").wait_for()
        assert page.locator("#rows th a").all_text_contents() == ["Ship 7"]
        assert (violations(page), overflow(page)) == ([], 0)
        page.get_by_label("Search titles").fill("birth PLACE")
        page.locator("#rows .excerpt", has_text="Birth place: Oban").wait_for()
        assert page.locator("#rows th a").all_text_contents() == ["Inga Holm"]
        page.reload()
        page.locator("#rows .excerpt", has_text="Birth place: Oban").wait_for()
        page.get_by_label("Search titles").fill("nothing says so")
        page.get_by_text("No article fits.").wait_for()
