"""Texts of other programs are the same pages whole and cut, and what is in no page is counted."""

from __future__ import annotations

import bz2
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convert import formats
from convert.ast import Article, Paragraph, Text
from convert.diagnostics import Diagnostic, Severity
from convert.inputs import sources
from convert.inputs.bounds.article_bounds import stretches
from convert.inputs.files.content_types import text_type
from convert.inputs.selection import Selection
from convert.readers.plain import PlainReadOptions
from tests.inputs.test_containers import records, refusals
from tests.support.commands import plainwiki

NAMES = ("wikiextractor", "wp2txt", "pagefromfile")

#: An article as each program writes it.
ITEMS = {
    "wikiextractor": '<doc id="{0}" url="u" title="Title {0}">\nTitle {0}\n\nText {0} &lt;&amp;&gt;.\n\n</doc>\n',
    "wp2txt": "[[Title {0}]]\n\nText {0} <&>.\n\n==Heading==\n\n* Item\n\nCATEGORIES: A, B {0}\n\n",
    "pagefromfile": "{{{{-start-}}}}\n'''Title {0}'''\nText {0} <&>.\n\n== Heading ==\n\n* Item\n{{{{-stop-}}}}\n",
}

_TOKENS = (
    "<doc id=\"1\" title=\"A\">", "<doc >", "<doc title=\"B \"c\"\" n=\"1\">", "</doc>", "\"></doc>",
    "<doc title=\"A\">a</doc>", "[[A]]", "[[B|c]]", "[[", "]]",
    "CATEGORIES: a, b", "CATEGORIES:", "{{-start-}}", "{{-stop-}}", "'''A'''", "'''", "= T =", "== H ==", "- Key: v",
    "Infobox", "* item", "text", "&lt;", "\n", "\n", "\n\n", "\n\n", " ", "\r\n",
)  # fmt: skip
TEXTS = st.lists(st.sampled_from(_TOKENS), max_size=40).map("".join)


def read(name: str, text: str, line: int = 1) -> tuple[list[Article], list[Diagnostic]]:
    said: list[Diagnostic] = []
    return list(formats.load(formats.reader_of(name).read)(text, said.append, PlainReadOptions(line=line))), said


@pytest.mark.parametrize("name", NAMES)
@given(text=TEXTS)
def test_stretches_read_to_the_same_pages_at_the_same_lines(name: str, text: str) -> None:
    content = text.encode()
    found: list[tuple[Article, int]] = []
    errors: list[tuple[str, int]] = []
    for start, stretch, _ in stretches(content, name):
        if stretch.strip():
            articles, said = read(name, stretch.decode(), 1 + content.count(b"\n", 0, start))
            found += [(article, article.line) for article in articles]
            errors += [(each.code, each.line) for each in said if each.severity is Severity.ERROR]
    articles, said = read(name, text)
    assert found == [(article, article.line) for article in articles]
    assert errors == [
        (each.code, each.line) for each in said if each.severity is Severity.ERROR and each.code != "empty"
    ]


@pytest.mark.parametrize("name", NAMES)
@given(text=st.text())
def test_readers_are_total(name: str, text: str) -> None:
    read(name, text)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "unit", ['<doc title="', "<doc a>\n", "</doc>\n", "\n[[A]]\n", "[[", "{{-start-}}", "{{-stop-}}", "'''", '" a']
)
def test_repeated_marks_take_linear_time(name: str, unit: str) -> None:
    """Quadratic time would take hours here."""
    read(name, "<doc >\n" + unit * (1_000_000 // len(unit)))
    read(name, unit * (1_000_000 // len(unit)) + ">")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("block", [256, 1 << 20])
def test_what_a_text_is_is_known_by_its_content(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, block: int
) -> None:
    """Whether it is small or cut, packed or in a folder of files without suffixes."""
    text = "".join(ITEMS[name].format(number) for number in range(30)).encode()
    (tmp_path / "AA").mkdir()
    (tmp_path / "AA" / "wiki_00").write_bytes(text)
    (tmp_path / "AA" / "wiki_01.bz2").write_bytes(bz2.compress(text))
    (tmp_path / "AA" / "wiki.txt").write_bytes(text)
    monkeypatch.setattr(sources, "SHARD_BYTES", block)
    for place in ("AA/wiki_00", "AA/wiki_01.bz2", "AA/wiki.txt"):
        found = records(tmp_path / place)
        assert [each.title for each in found] == [f"Title {number}" for number in range(30)]
        assert [each.code for each in found[0].remarks] == ["content-type"]
        assert b"Text 7 <&>." in found[7].text
        assert (b"* Item" in found[7].text or b"- Item" in found[7].text) == (name != "wikiextractor")
        assert (b"B 7" in found[7].text) == (name == "wp2txt")
        named = records(tmp_path / place, selection=Selection(name))
        assert [(each.title, each.text) for each in named] == [(each.title, each.text) for each in found]
        assert not named[0].remarks
    assert len(records(tmp_path)) == 90


@pytest.mark.parametrize(
    "text",
    [
        "The <doc id=\"1\"> mark.\n", "<document>\n", "[[A]] is a page.\n", "[[A]]\n\nText.\n", "{{-begin-}}\n",
        "{ \"a\n",
        "{\"Hello\" he said}\n", "[ [\n", "= T =\n\n<doc id=\"1\">\n", "<a>\n", "\"title\": 1\n", "[1] See below.\n",
        "{{Infobox}}\n", "[\"a\", \"b\"]\n",
    ],
)  # fmt: skip
def test_other_texts_stay_texts(text: str) -> None:
    assert text_type(text.encode()) is None


def test_a_title_may_have_any_characters(tmp_path: Path) -> None:
    titles = {
        'The "A" & B': 'title="The "A" &amp; B"',
        "C": 'title="C" nonfiltered="1" dbindex="0"',
        "D x=": 'title="D x="',
    }
    text = "".join(f'<doc id="1" url="u" {attribute}>\nText.\n</doc>\n' for attribute in titles.values())
    assert [each.title for each in read("wikiextractor", text)[0]] == list(titles)


def test_the_text_of_a_document_may_stand_beside_its_tags() -> None:
    text = (
        '<doc id="1" title="A">A\n\nOne.\n</doc>\n'
        '<doc title="B &quot;b&quot;">Two &lt;3.</doc>\n'
        '<doc title="C">\n\nThree.</doc>\n'
    )
    articles, said = read("wikiextractor", text)
    assert articles == [
        Article(title, (), (Paragraph((Text(text),)),))
        for title, text in (("A", "One."), ('B "b"', "Two <3."), ("C", "Three."))
    ]
    assert [each.line for article in articles for each in article.lead] == [3, 5, 8]
    assert said == []


def test_pages_of_one_text_are_rejected_one_by_one(tmp_path: Path) -> None:
    text = (
        "{{-start-}}\n'''A'''\na\n{{-stop-}}\n{{-start-}}\nb\n{{-stop-}}\nlost\n{{-start-}}\n'''C'''\nc\n{{-stop-}}\n"
    )
    (tmp_path / "a.txt").write_text(text)
    found = records(tmp_path / "a.txt")
    assert [each.title for each in found if not each.refusal] == ["A", "C"]
    assert [code for _, _, code in refusals(found)] == ["item-untitled", "text-outside"]
    ran = plainwiki("batch", tmp_path / "a.txt", "-o", tmp_path / "a.jsonl")
    assert b"4 read = 2 written + 2 rejected" in ran.stderr


def test_a_heading_of_level_one_in_a_page_begins_no_other() -> None:
    articles, _ = read("wp2txt", "[[A]]\n\na\n\n= B =\n\nb\n\n[[C]]\n\nc\n")
    assert [each.title for each in articles] == ["A", "C"]
    assert [each.heading for each in articles[0].sections] == ["B"]
