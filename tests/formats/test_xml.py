"""XML keeps everything, white space too, is what its schema says, and is read without harm."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree

from convert.ast import MAX_LIST_DEPTH, Article, Field, Infobox, Link, List, ListItem, Paragraph, Section, Text
from convert.diagnostics import Diagnostic
from convert.readers.xml import XmlReadOptions, read
from convert.writers.xml import NAMESPACE, closing, item, opening, write
from tests.support.strategies import articles, rich_articles

SCHEMA = etree.XMLSchema(etree.fromstring((files("convert") / "schema" / "article.xsd").read_bytes()))

#: White space and texts that XML tools like to lose.
DELICATE = Article(
    " \t a ",
    (Infobox((Field("k\t'\"&<", (" v ", "", "\u2028")), Field("")), ""), Infobox()),
    (
        Paragraph((Text(" a\r\nb\r\n\r c \n"), Link("t ", " l "), Text("\t"))),
        Paragraph((Text(" "),)),
        Paragraph((Text(""), Text(""), Link(""), Text("x"), Text("y"), Text(""))),
        Paragraph(()),
        List((ListItem(()), ListItem((Text("  "),), (List((), "numbered"), List(()))))),
    ),
    (Section(1, " h "), Section(6, "", (), ())),
    (" c ", ""),
    {"": " \r\n", " k\n": "v"},
)


def _unheard(diagnostic: Diagnostic) -> None:
    raise AssertionError(diagnostic)


def _read(text: str, options: XmlReadOptions = XmlReadOptions()) -> tuple[list[Article], list[tuple[str, int]]]:
    found: list[Diagnostic] = []
    articles = list(read(text, found.append, options))
    return articles, [(each.code, each.line) for each in found]


def _document(inner: str) -> str:
    return f'<article xmlns="{NAMESPACE}">\n<title>a</title>\n{inner}</article>'


@given(articles() | rich_articles())
@example(DELICATE)
def test_article_reads_back(article: Article) -> None:
    text = write(article, _unheard)
    assert list(read(text, _unheard)) == [article]
    SCHEMA.assertValid(etree.fromstring(text.encode()))


@given(st.lists(articles(), min_size=1, max_size=3))
def test_many_articles_read_back(articles: list[Article]) -> None:
    text = opening() + "".join(item(each, _unheard) for each in articles) + closing()
    assert list(read(text, _unheard)) == articles
    SCHEMA.assertValid(etree.fromstring(text.encode()))


def test_articles_and_their_parts_know_their_lines() -> None:
    text = opening() + item(Article("a"), _unheard) + item(Article("b", lead=(Paragraph((Text("x"),)),)), _unheard)
    first, second = read(text + closing(), _unheard, XmlReadOptions(line=11))
    assert (first.line, second.line, second.lead[0].line) == (13, 16, 19)


def test_empty_title_is_the_fallback() -> None:
    text = write(Article(""), _unheard)
    assert ([Article("port-ellen")], [("title-missing", 2)]) == _read(text, XmlReadOptions(title="port-ellen"))


def test_other_ways_to_write_the_same_are_read() -> None:
    text = f"""\ufeff<?xml version='1.0' encoding='ISO-8859-1'?><!-- <!DOCTYPE a> --><?pi?>
    <w:articles xmlns:w='{NAMESPACE}' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'
                xsi:schemaLocation='{NAMESPACE} article.xsd'>
    <w:article xml:lang='fr'><w:title>caf<!-- x -->&#xe9;<![CDATA[ & é]]></w:title>
    <w:lead><w:p xml:space='preserve'>a<?x?>b</w:p><w:list><w:item/></w:list></w:lead></w:article></w:articles>"""
    lead = (Paragraph((Text("ab"),)), List((ListItem(()),)))
    assert ([Article("café & é", lead=lead)], []) == _read(text)


def test_line_breaks_are_folded_where_there_can_be_none() -> None:
    text = f"<article xmlns='{NAMESPACE}'><title>\n  a\n  b\n</title></article>"
    assert ([Article("a b")], [("line-break", 1)]) == _read(text)


@pytest.mark.parametrize(
    ("inner", "line"),
    [
        ("<b/>", 3),
        ("\n<category>a<b/></category>", 4),
        ("<category xmlns=''>a</category>", 3),
        ("<category kind='x'>a</category>", 3),
        ("stray", 1),
        ("<metadata><x/></metadata>", 3),
        ("<metadata><entry>a</entry></metadata>", 3),
        ("<infobox>\n<row/></infobox>", 4),
        ("<infobox><field/></infobox>", 3),
        ("<infobox><field key='k'>v</field></infobox>", 3),
        ("<infobox><field key='k'><b/></field></infobox>", 3),
        ("<lead><p>a</p>\nstray</lead>", 3),
        ("<lead><b/></lead>", 3),
        ("<lead><p><b/></p></lead>", 3),
        ("<lead><p><link>a</link></p></lead>", 3),
        ("<lead><list kind='x'/></lead>", 3),
        ("<lead><list><p/></list></lead>", 3),
        ("<lead><list><item><list/><li/></item></list></lead>", 3),
        ("<section level='2'/>", 3),
        ("<section level='7'><heading/></section>", 3),
        ("<section><heading/></section>", 3),
        (f"<article xmlns='{NAMESPACE}'><title/></article>", 3),
    ],
)
def test_schema_and_reader_refuse_the_same(inner: str, line: int) -> None:
    text = _document(inner)
    assert ([], [("xml-shape", line)]) == _read(text)
    assert not SCHEMA.validate(etree.fromstring(text))


def test_section_within_one_of_its_level_is_no_article() -> None:
    inner = "<section level='3'><heading/>\n<section level='3'><heading/></section></section>"
    assert _read(_document(inner)) == ([], [("xml-shape", 4)])


def test_text_between_articles_is_told() -> None:
    stray = [f"{at} words\n" for at in ("first", "between", "last")]
    text = opening() + stray[0] + item(Article("a"), _unheard) + stray[1] + item(Article("c"), _unheard) + stray[2]
    articles, codes = _read(text + closing())
    assert articles == [Article("a"), Article("c")]
    assert [code for code, _ in codes] == ["text-outside"] * 3


def test_bad_article_is_one_error_and_the_others_go_on() -> None:
    bad = "<article><b/></article>\n"
    text = opening() + item(Article("a"), _unheard) + bad + item(Article("c"), _unheard) + "<b/>" + closing()
    assert ([Article("a"), Article("c")], [("xml-shape", 6), ("xml-shape", 1)]) == _read(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ("empty", 1)),
        (" \n", ("empty", 1)),
        ("nonsense", ("xml-syntax", 1)),
        ("<a>\n<b></a>", ("xml-syntax", 2)),
        ("<article/>", ("xml-shape", 1)),
        ("<mediawiki/>", ("xml-shape", 1)),
        (_document("&nbsp;"), ("xml-syntax", 3)),
        (_document("&#x;"), ("xml-syntax", 3)),
        (f"<articles xmlns='{NAMESPACE}'/>", ("empty", 1)),
    ],
)
def test_what_is_no_article_is_told_with_its_place(text: str, expected: tuple[str, int]) -> None:
    assert ([], [expected]) == _read(text)


def test_articles_before_a_syntax_error_are_read() -> None:
    articles, found = _read(opening() + item(Article("a"), _unheard) + "<article><oops></article>")
    assert (articles, found) == ([Article("a")], [("xml-syntax", 6)])


def test_control_characters_are_replaced() -> None:
    text = _document("<category>a\x00\ud800\uffff</category>")
    articles, found = _read(text)
    assert (articles[0].categories, found) == (("a\ufffd\ufffd\ufffd",), [("control-character", 3)])


@pytest.mark.parametrize(
    "reference", ["&#127;", "&#x7F;", "&#1;", "&#xD800;", "&#x0fffe;", "&#1114112;", f"&#{'9' * 5000};"]
)
def test_references_to_control_characters_are_replaced(reference: str) -> None:
    articles, found = _read(_document(f"<category>a{reference}</category>"))
    assert (articles[0].categories, found) == (("a\ufffd",), [("control-character", 3)])


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("&#65;&#x42;&#0000000067;&#13;&#9;", "ABC\r\t"),
        ("<![CDATA[&#1;]]>&amp;#1;<!-- &#1; -->", "&#1;&#1;"),
        ("&#128;&#8232;&#x10FFFF;", "\x80\u2028\U0010ffff"),
    ],
)
def test_other_references_are_kept(written: str, expected: str) -> None:
    articles, found = _read(_document(f"<lead><p>{written}</p></lead>"))
    assert (articles[0].lead, found) == ((Paragraph((Text(expected),)),), [])


def test_entities_are_never_expanded_or_fetched(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "x.dtd").write_text("<!ENTITY e 'secret'>")
    laughs = "".join(f"<!ENTITY e{n} '{f'&e{n - 1};' * 10}'>" for n in range(1, 12))
    for doctype in (
        f"<!DOCTYPE article [<!ENTITY e SYSTEM '{tmp_path}/secret'>]>",
        f"<!DOCTYPE article SYSTEM '{tmp_path}/x.dtd'>",
        f"<!DOCTYPE article [<!ENTITY e0 'ha'>{laughs}<!ENTITY e '&e11;'>]>",
        "<?xml version='1.0'?>\n<!-- <a> --> <?a <b>?><!DOCTYPE article [<!ENTITY e 'secret'>]>",
    ):
        text = f"{doctype}<article xmlns='{NAMESPACE}'><title>&e;</title></article>"
        articles, found = _read(text)
        assert (articles, [code for code, _ in found]) == ([], ["xml-syntax"])


def test_text_of_any_length_reads_back() -> None:
    article = Article("a", lead=(Paragraph((Text("long " * 3_000_000),)),))
    assert list(read(write(article, _unheard), _unheard)) == [article]


@pytest.mark.parametrize(
    "text",
    [
        "<a>" * 100_000,
        _document("<lead>" + "<list><item>" * 100_000),
        _document("<lead>" + "<list><item>" * 1000 + "</item></list>" * 1000 + "</lead>"),
        "<!-- " * 100_000,
        "<?x " * 100_000,
        " " * 10**6,
    ],
    ids=["elements", "lists-open", "lists", "comments", "instructions", "blanks"],
)
def test_nothing_is_too_deep_or_too_long_to_say_so(text: str) -> None:
    articles, found = _read(text)
    assert (articles, len(found)) == ([], 1)


def test_items_that_are_too_deep_are_kept_at_the_depth_that_is_allowed() -> None:
    depth = MAX_LIST_DEPTH + 3
    inner = "<lead>" + "<list><item><p>x</p>" * depth + "</item></list>" * depth + "</lead>"
    (article,), found = _read(_document(inner))
    assert found == [("list-depth", 1)]
    assert write(article, _unheard).count("<p>x</p>") == depth
    assert write(article, _unheard).count("<list") == MAX_LIST_DEPTH


@given(
    st.lists(st.sampled_from(["<article>", "<title>", "</title>", "</article>", "a", "&", "<!--", "<p", ">"])).map(
        "".join
    )
)
def test_reading_is_total(text: str) -> None:
    _read(text)
    _read(_document(text))
