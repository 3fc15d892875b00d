"""Titles, facts and headings in other forms: what the pages of fixtures/spec leave out."""

from __future__ import annotations

import pytest

from convert.ast import Article
from convert.diagnostics import Diagnostic
from convert.readers.plain import PlainReadOptions, read


def _read(text: str, options: PlainReadOptions = PlainReadOptions(title="File")) -> tuple[list[Article], set[str]]:
    diagnostics: list[Diagnostic] = []
    return list(read(text, diagnostics.append, options)), {diagnostic.code for diagnostic in diagnostics}


@pytest.mark.parametrize(
    ("text", "title", "headings"),
    [
        ("# A\n\n## B\nx\n\n## C\ny\n", "A", [(2, "B"), (2, "C")]),
        ("A\n===\n\nx\n\nSoil\n~~~~\n\nThin.\n", "A", [(2, "Soil")]),
        ("A\n---\nx\n\nSoil\n----\ny\n", "A", [(2, "Soil")]),
        ("====== A ======\nx\n===== B =====\ny\n", "A", [(2, "B")]),
        ("1. Soil\n\nx\n\n1.1 Thin\n\ny\n\n2. Use\n\nz\n", "File", [(2, "Soil"), (2, "Use")]),
        ("ISLAY\n\nx\n\nHISTORY\n\ny\n", "ISLAY", [(2, "HISTORY")]),
        # what is none of them
        ("# one\n# two\n", "File", []),
        ("1. Boil water\n\nA pot.\n\n2. Add tea\n\nMuch.\n", "File", []),
        ("It sank.\n-----\n\nIt came back.\n", "File", []),
        ("NASA\n\nESA\n\nJAXA\n", "File", []),
        ("```\n# comment\n\nx\n```\n", "File", []),
        ("Islay\n\nAn island.\n", "File", []),
    ],
)
def test_heading_forms(text: str, title: str, headings: list[tuple[int, str]]) -> None:
    (article,), codes = _read(text)
    assert article.title == title
    assert [(section.level, section.heading) for section in article.sections] == headings
    assert ("heading-form" in codes) == bool(headings)


@pytest.mark.parametrize(
    "text",
    [
        "---\nHe said: wait.\n---\nx\n",
        "---\n\nx\n\n---\n",
        "He said it.\nTitle: none\n",
        "Title: a\nTitle: b\n",
        "+++\nnot = [toml\n+++\n",
    ],
)
def test_text_that_only_begins_like_facts_stays(text: str) -> None:
    (article,), codes = _read(text)
    assert (article.title, article.metadata) == ("File", {})
    assert "front-matter" not in codes


@pytest.mark.parametrize(
    "text",
    [
        "---\ntitle: a\n" + "x: [" * 5000 + "\n---\n",
        "---\ntitle: a\n" + "&a " * 600 + "\n---\n",
        "---\ntitle: a\na: &b [*b, *b]\n---\n",
        "+++\na = " + "[" * 5000 + "\n+++\n",
        "+++\n" + "a." * 5000 + "b = 1\n+++\n",
        "---\n" + "a: b\n" * 50_000,
        "Title: a\n" + "b: c\n" * 50_000,
        "# a\n\nb\n\n" * 20_000,
        "a\n-\n\n" * 20_000,
        "A A\n\nb\n\n" * 20_000,
        "Category: a\n" * 20_000,
        "\u200b- a\n" * 20_000,
        "a\x0b" * 50_000,
        "\f= T =\n" * 10_000,
    ],
    ids=lambda text: ascii(text[:16]),
)
def test_hostile_facts_are_harmless(text: str) -> None:
    assert _read(text)[0]


def test_later_headings_of_level_1_are_articles_if_one_says_so() -> None:
    text = "# A\n\na\n\n# B\n\nb\n"
    assert [article.title for article in _read(text)[0]] == ["A"]
    assert [article.title for article in _read(text, PlainReadOptions(articles="many"))[0]] == ["A", "B"]
