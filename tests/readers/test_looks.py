"""What other markup a text looks like is told once, and never for one stray sign."""

from __future__ import annotations

import pytest

from convert.diagnostics import Diagnostic
from convert.readers.plain import PlainReadOptions, read


def _looks(text: str, options: PlainReadOptions = PlainReadOptions()) -> list[str]:
    said: list[Diagnostic] = []
    list(read(f"= T =\n\n{text}", said.append, options))
    return [
        diagnostic.message.partition(" looks like ")[2].partition(":")[0]
        for diagnostic in said
        if diagnostic.code == "looks-like"
    ]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("{{Infobox person\n| name = Q\n}}", "wikitext"),
        ("{| class='wikitable'\n| a\n|}", "wikitext"),
        ("A [[ferry]] to [[Jura|the isle]].", "wikitext"),
        ("Text.\n\n[[File:Quay.jpg|thumb]]", "wikitext"),
        ("It began.<ref>A. Bell</ref>", "wikitext"),
        ("<p>The <b>sea</b>.</p>", "HTML"),
        ("One.<br>Two.<br/>Three.", "HTML"),
        ("A [ferry](https://example.org).", "Markdown"),
        ("A **ferry** to **Jura**.", "Markdown"),
        ("## Section\n\nText.", "Markdown"),
        ("> The sea\n> is wide.", "Markdown"),
        ("![A quay](quay.jpg)", "Markdown"),
        ("Its area is $l^2$, or $2^2$.", "LaTeX"),
        (r"It is \(a + b\) long.", "LaTeX"),
        (r"A //fast// ship.\\ It sank.", "DokuWiki"),
        ("; Bow : the front", "a list of definitions"),
        ("Bow\n: the front\n\nAft\n: the back", "a list of definitions"),
        ("It runs:\n\n    for tide in tides:\n        sail(tide)\n\nIt ends.", "code"),
        ("a\tb\nc\td", "a table"),
        ("+--+--+\n|a |b |\n+--+--+", "a table"),
    ],
)
def test_other_markup_is_told_once(text: str, kind: str) -> None:
    assert _looks(text) == [kind]
    assert _looks(f"{text}\n\n{text}") == [kind]


@pytest.mark.parametrize(
    "text",
    [
        "[sic] he wrote.", "See [[1]].", "{{x", "2 * 3 ** 4", "a < b", "{a, b}", "[1] A. Bell.\n[2] B. Gow.", "**", "|",
        "R&D", "See [4](5).", "* one\n* two", "f(x)[i](y)", "<3", "#one", "# one", "'''", "> one", ": one",
        "It cost $5 or $6.",
        "f**k and s**t", "    The wind is high;\n    the sea is wide.", "AT&T; B&B", "A //b or c.",
    ],
)  # fmt: skip
def test_stray_signs_look_like_nothing(text: str) -> None:
    assert _looks(text) == []


def test_wikitext_that_is_meant_is_not_told() -> None:
    assert _looks("{{Stub}}\n\n<ref>x</ref>", PlainReadOptions(markup="passthrough")) == []


def test_marks_that_were_read_are_not_told() -> None:
    assert _looks("Infobox\n- **Name:** Diana\n- **Built:** 1888\n\nShe was fast.") == []


def test_a_text_is_told_all_that_it_looks_like() -> None:
    said: list[Diagnostic] = []
    list(read("= T =\n\nA.\n\n{{Stub}}\n\n<p>One.</p>\n", said.append))
    assert [(diagnostic.line, diagnostic.code) for diagnostic in said] == [(5, "looks-like")]
    assert "looks like wikitext (there are signs of HTML, too): " in said[0].message
