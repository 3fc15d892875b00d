"""A dump is what its official schema says, and holds the pages that a wiki keeps, or says why not."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha1
from itertools import count
from unicodedata import normalize

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree
from msgspec import structs
from msgspec.structs import replace

from convert.ast import Article, LineBreak, Link, List, ListItem, Paragraph, Text
from convert.diagnostics import Diagnostic
from convert.profile import WikiProfile
from convert.writers import wikitext
from convert.writers.export import VERSION, ExportOptions, base36_sha1, closing, item, opening, write
from tests.support.export_schema import export_schema
from tests.support.strategies import articles

OPTIONS = ExportOptions(timestamp="2024-05-31T12:00:00Z", id=7, contributor="Ann & Bob", comment="from <plain>")

#: Ends of lines, characters apart, together and behind a tag, and white space at every end.
DELICATE = Article(
    "Delicate",
    lead=(
        Paragraph((Text("a\r\nb\rc \n\n d \u0338"), Link("x"), Text("\u0301y"))),
        List((ListItem((Text("e\u0301 "),)), ListItem((Text("a"), LineBreak(), Text("\u0338b"))))),
        Paragraph((Text("z \r\n"),)),
    ),
)

_N = f"{{http://www.mediawiki.org/xml/export-{VERSION}/}}"


def _dump(articles: Sequence[Article], options: ExportOptions = OPTIONS) -> str:
    """Write a dump of several articles, numbered from 1."""
    items = (item(each, _not_rejected, replace(options, id=id)) for id, each in enumerate(articles, 1))
    return opening(options) + "".join(items) + closing(options)


def _not_rejected(diagnostic: Diagnostic) -> None:
    assert diagnostic.severity.name != "ERROR", diagnostic


def _page(text: str) -> etree._Element:
    page = etree.fromstring(text.encode()).find(f"{_N}page")
    assert page is not None
    return page


def _told(page: etree._Element, path: str) -> str:
    return page.findtext("/".join(_N + name for name in path.split("/"))) or ""


def _page_text(article: Article) -> str:
    return wikitext.page(article, _not_rejected, OPTIONS)


def _titled() -> st.SearchStrategy[Article]:
    """Articles that are pages, each with a title of its own."""
    numbers = count(1)
    body = (Paragraph((Text("There is something in it."),)),)
    return articles().map(lambda drawn: structs.replace(drawn, title=f"Drawn {next(numbers)}", lead=drawn.lead + body))


@pytest.mark.wiki
@given(st.lists(_titled(), max_size=3))
def test_dump_is_what_the_official_schema_says(articles: list[Article]) -> None:
    export_schema().assertValid(etree.fromstring(_dump(articles).encode()))


def test_page_tells_all_that_the_importer_asks_for() -> None:
    article = Article("talk: a & b", lead=(Paragraph((Text("<x> & é"),)),))
    page = _page(write(article, _not_rejected, OPTIONS))
    text = _page_text(article)
    paths = ("title", "ns", "id", "revision/id", "revision/timestamp", "revision/comment", "revision/origin")
    assert [_told(page, path) for path in paths] == [
        "Talk:A & b", "1", "7", "7", "2024-05-31T12:00:00Z", "from <plain>", "7",
    ]  # fmt: skip
    assert (_told(page, "revision/contributor/username"), _told(page, "revision/model")) == ("Ann & Bob", "wikitext")
    element = page.find(f"{_N}revision/{_N}text")
    assert element is not None
    assert (element.text, element.get("bytes")) == (text, str(len(text.encode())))
    assert element.get("sha1") == _told(page, "revision/sha1") == base36_sha1(text.encode())


@pytest.mark.wiki
def test_wiki_is_told_as_its_profile_has_it() -> None:
    profile = WikiProfile(
        "A & B",
        "ab",
        "http://x/?a&b",
        "MediaWiki 1.43",
        "de",
        "case-sensitive",
        {10: "first-letter"},
        {0: "", 10: "Vorlage"},
    )
    text = write(Article("x", lead=(Paragraph((Text("y"),)),)), _not_rejected, ExportOptions(profile))
    root = etree.fromstring(text.encode())
    export_schema().assertValid(root)
    told = [each.text for each in root.iterfind(f"{_N}siteinfo/*")][:5]
    assert told == ["A & B", "ab", "http://x/?a&b", "MediaWiki 1.43", "case-sensitive"]
    # Aliases of namespaces, which a draft of the schema wanted, no wiki's dump has.
    assert [etree.QName(each).localname for each in root.iterfind(f"{_N}siteinfo/*")] == [
        "sitename", "dbname", "base", "generator", "case", "namespaces",
    ]  # fmt: skip
    spaces = [(each.get("key"), each.get("case"), each.text) for each in root.iter(f"{_N}namespace")]
    assert spaces == [("0", "case-sensitive", None), ("10", "first-letter", "Vorlage")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [(b"", "phoiac9h4m842xq45sp7s6u21eteeq1"), (b"Port Ellen", ""), (b"17", "0")],
    ids=["nothing", "something", "zero in front"],
)
def test_sha1_is_of_31_digits(text: bytes, expected: str) -> None:
    found = base36_sha1(text)
    assert (len(found), int(found, 36)) == (31, int(sha1(text).hexdigest(), 16))
    assert found.startswith(expected)


@pytest.mark.parametrize(
    ("article", "code"),
    [
        (Article("C#", lead=(Paragraph((Text("x"),)),), line=3), "title-invalid"),
        (Article("a", line=3), "page-empty"),
        (Article("a", lead=(Paragraph((Text(" \n "),)),), line=3), "page-empty"),
        (Article("a", lead=(Paragraph((Text("é" * 2**20 + "a"),)),), line=3), "too-large"),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_page_that_no_wiki_takes_is_rejected(article: Article, code: str) -> None:
    found: list[Diagnostic] = []
    assert write(article, found.append, OPTIONS) == item(article, found.append, OPTIONS) == ""
    assert [(each.code, each.line, each.severity.name) for each in found] == [(code, 3, "ERROR")] * 2


def test_largest_page_is_written() -> None:
    assert write(Article("a", lead=(Paragraph((Text("é" * 2**20),)),)), _not_rejected)


def test_title_is_replaced_where_that_is_asked_for() -> None:
    options = ExportOptions(titles="replace")
    page = _page(write(Article("C#", lead=(Paragraph((Text("x"),)),)), _not_rejected, options))
    assert _told(page, "title") == "C﹟"


@given(_titled())
@example(DELICATE)
def test_text_is_what_a_wiki_keeps(article: Article) -> None:
    text = _told(_page(write(article, _not_rejected)), "revision/text")
    assert text == normalize("NFC", text)
    assert text == text.rstrip(" \n\r\t\v\0")
    assert "\r" not in text
