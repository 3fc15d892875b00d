"""A title is the page that the wiki itself says it is, and what is replaced in it can be restored."""

from __future__ import annotations

import re
from collections.abc import Sequence
from unicodedata import normalize
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from convert.ast import Article
from convert.diagnostics import Diagnostic
from convert.profile import WikiProfile, profile_of
from convert.titles import (
    _ORIGINALS,
    BadTitle,
    Titles,
    WikiTitle,
    article_page,
    collisions,
    display_title,
    folded,
    page_of,
    replaced,
    restored,
)
from tests.servers.wiki import Wiki
from tests.support.strategies import lines

WIKI = WikiProfile()
SENSITIVE = WikiProfile(case="case-sensitive")
SITEINFO = "general|namespaces|namespacealiases|interwikimap"

_PIECES = st.sampled_from([
    "a", "é", "ი", "ß", "i̇", "x" * 120, "Talk", "File:", "talk :", " user talk:", "Image:", "Special:", "Wikipedia:",
    ":", "category", ".", "..", "/", "./", "%41", "%", "&amp;", "&é;", "&#65;", "&", ";", "~", "~~~", "_", "  ", "\xa0",
    "\u3000", "\u200e", "\u202c", "\u180e", "\t", "\x7f", "\x85", "\ufffd", "#", "<", ">", "[", "]", "{", "|", "}", "+",
    "\\", "\\\\", *_ORIGINALS,
])  # fmt: skip


def _titles() -> SearchStrategy[str]:
    """Titles made of everything that a wiki is particular about."""
    return st.lists(_PIECES, max_size=6).map("".join) | lines(4)


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Port Ellen", WikiTitle(0, "Port Ellen", "Port Ellen")),
        ("port_ellen ", WikiTitle(0, "Port ellen", "Port ellen")),
        ("élan", WikiTitle(0, "Élan", "Élan")),
        ("e\u0301lan", WikiTitle(0, "Élan", "Élan")),
        ("e\u200e\u0301lan", WikiTitle(0, "Élan", "Élan")),
        ("a\u0301\u202a\u0323", WikiTitle(0, "Ạ\u0301", "Ạ\u0301")),
        ("x=\u200f\u0338", WikiTitle(0, "X≠", "X≠")),
        ("ǆ", WikiTitle(0, "Ǆ", "Ǆ")),
        ("ßlau", WikiTitle(0, "ßlau", "ßlau")),
        ("საქართველო", WikiTitle(0, "საქართველო", "საქართველო")),
        ("A\u200e  \u3000_B", WikiTitle(0, "A B", "A B")),
        ("talk : the history of speech", WikiTitle(1, "The history of speech", "Talk:The history of speech")),
        ("Image:x.png", WikiTitle(6, "X.png", "File:X.png")),
        ("Foo: bar", WikiTitle(0, "Foo: bar", "Foo: bar")),
        ("...And justice for all", WikiTitle(0, "...And justice for all", "...And justice for all")),
        ("C++ & 100 % of ~~ \\", WikiTitle(0, "C++ & 100 % of ~~ \\", "C++ & 100 % of ~~ \\")),
    ],
)
def test_title_is_a_page(title: str, expected: WikiTitle) -> None:
    assert expected == page_of(title, WIKI)


@pytest.mark.parametrize(
    ("title", "reason"),
    [
        ("", "empty"),
        ("_ \u200e", "empty"),
        ("C#", "cannot hold '#'"),
        ("tab\there", "cannot hold '\\t'"),
        ("\ud800", "cannot hold '\\ud800'"),
        ("lost\ufffd", "U+FFFD"),
        ("50%AB", "'%AB' would be read as an encoded"),
        ("AT&amp;T", "'&amp;' would be read as one"),
        ("~~~", "signature"),
        ("a/../b", "between slashes"),
        (":x", "colon at the start"),
        ("Category:", "nothing stands behind 'Category:'"),
        ("Category::x", "second colon"),
        ("Talk:File:x", "cannot stand before 'File:'"),
        ("Special:Search", "the wiki's own"),
        ("Wikipedia: the missing manual", "'Wikipedia:' leads to another wiki"),
        ("Fandom: a history", "'Fandom:' leads to another wiki"),
        ("C2:Pattern", "'C2:' leads to another wiki"),
        ("WikiWikiWeb:Pattern", "'WikiWikiWeb:' leads to another wiki"),
        ("é" * 128, "256 bytes"),
    ],
)
def test_title_that_is_no_page_says_why(title: str, reason: str) -> None:
    page = page_of(title, WIKI)
    assert isinstance(page, BadTitle)
    assert reason in page.problem


def test_title_is_a_page__case_sensitive() -> None:
    assert page_of("iPhone", SENSITIVE) == WikiTitle(0, "iPhone", "iPhone")
    assert page_of("user:ann", SENSITIVE) == WikiTitle(2, "Ann", "User:Ann")


def test_title_is_a_page__of_another_namespace_by_default() -> None:
    assert page_of("infobox ship", WIKI, 10) == WikiTitle(10, "Infobox ship", "Template:Infobox ship")


def test_title_is_what_the_wiki_says(wiki: Wiki) -> None:
    profile = profile_of(wiki.api(action="query", meta="siteinfo", siprop=SITEINFO))

    @settings(max_examples=30, database=None)
    @given(st.lists(_titles(), min_size=40, max_size=40, unique=True))
    def agrees(titles: Sequence[str]) -> None:
        pages = {title: page_of(title, profile) for title in titles}
        written = {title: page.title for title, page in pages.items() if isinstance(page, WikiTitle)}
        said = _said(wiki, titles)
        again = _said(wiki, sorted(set(written.values())))
        for title in titles:
            if title not in written:
                assert said[title] is None or re.search("[#&:]", title), title
            else:
                assert said[title] == again[written[title]]
                # Where wikis differ, they are left to upper-case the first letter.
                assert _upper(said[title] or "") == _upper(written[title])

    agrees()


def _upper(title: str) -> str:
    return normalize("NFC", title.upper())


def _said(wiki: Wiki, titles: Sequence[str]) -> dict[str, str | None]:
    """What the wiki makes of titles: ``None`` of those that cannot be pages of its own."""
    found = wiki.api(action="query", titles="".join(f"\x1f{title}" for title in titles))["query"]
    to: dict[str, str] = {}
    for each in found.get("normalized", ()):
        to[unquote(each["from"]) if each["fromencoded"] else each["from"]] = each["to"]
    pages = {each["title"] for each in found["pages"] if not each.get("invalid") and not each.get("special")}
    ends = {title: to.get(to.get(title, title), to.get(title, title)) for title in titles}
    return {title: end if end in pages else None for title, end in ends.items()}


@pytest.mark.slow
@pytest.mark.parametrize("piece", ["\\", "\\#", "&", "&a", "﹟", "~", "./", ":", "\\:", "_", "\u0338\u0323"])
def test_replacing_takes_no_square_of_the_length(piece: str) -> None:
    """Where it did, this would take minutes."""
    assert restored(replaced(piece * 200_000, WIKI)) == folded(piece * 200_000)


@given(_titles() | st.text())
def test_replacing_is_reversible(title: str) -> None:
    assert folded(title) == restored(replaced(title, WIKI))


@given(_titles())
def test_replaced_title_is_a_page(title: str) -> None:
    page = page_of(replaced(title, WIKI), WIKI)
    if isinstance(page, BadTitle):
        assert page.problem.startswith(("it is empty", "it has ", "it holds U+FFFD"))


@given(_titles())
def test_title_that_is_a_page_is_left_alone(title: str) -> None:
    if isinstance(page_of(title, WIKI), WikiTitle) and not set(title) & set(_ORIGINALS):
        assert folded(title) == replaced(title, WIKI)


def test_article_page_reports_what_its_author_should_know() -> None:
    def told(title: str, mode: Titles) -> tuple[str | None, list[tuple[str, int]]]:
        found: list[Diagnostic] = []
        page = article_page(Article(title, line=7), found.append, WIKI, mode)
        return page.title if page else None, [(each.code, each.line) for each in found]

    assert told("Port Ellen", "reject") == ("Port Ellen", [])
    assert told("C#", "reject") == (None, [("title-invalid", 7)])
    assert told("C#", "replace") == ("C﹟", [("title-replaced", 7)])
    assert told("Talk: C#", "replace") == ("Talk:C﹟", [("title-replaced", 7), ("title-namespace", 7)])
    assert told("Wikipedia: a book", "replace") == ("Wikipedia﹕ a book", [("title-replaced", 7)])
    assert told("é" * 128, "replace") == (None, [("title-invalid", 7)])


@pytest.mark.parametrize(
    ("title", "expected"),
    [("Port Ellen", None), ("iPhone", "iPhone"), ("snake_case", "snake_case"), ("a  b\u200e", "a b"), ("A\xa0B", None)],
)
def test_display_title(title: str, expected: str | None) -> None:
    page = page_of(title, WIKI)
    assert isinstance(page, WikiTitle)
    assert expected == display_title(title, page, WIKI)


_MARKS = st.lists(
    st.sampled_from([*"eoa= _", *"\u0301\u0323\u0338\u05b4\u094d", *"\u200e\u200f\u202a\u202e", "가", "\u11a8"])
)


@given(_MARKS.map("".join) | lines(6))
def test_folding_leaves_nothing_to_fold(title: str) -> None:
    once = folded(title)
    assert normalize("NFC", once) == once == folded(once)
    page = page_of(title, WIKI)
    if isinstance(page, WikiTitle):
        assert page_of(page.title, WIKI) == page
        assert normalize("NFC", page.title) == page.title


def test_display_title__does_not_serve_what_was_replaced() -> None:
    page = page_of("C﹟", WIKI)
    assert isinstance(page, WikiTitle)
    assert display_title("C#", page, WIKI) is None


def test_collisions() -> None:
    named = ["Port Ellen", "port_Ellen", "Port ellen", "C#", "c#", "Port  Ellen"]
    assert collisions(named, WIKI) == {"Port Ellen": ["Port Ellen", "port_Ellen", "Port  Ellen"]}
    assert collisions(named, WIKI, "replace")["C﹟"] == ["C#", "c#"]
    assert collisions(["iPhone", "IPhone"], SENSITIVE) == {}


@pytest.mark.parametrize("title", ["iPhone", "snake_case", "élan vital", "talk: speech"])
def test_the_wiki_accepts_a_display_title(wiki: Wiki, title: str) -> None:
    page = page_of(title, WIKI)
    assert isinstance(page, WikiTitle)
    wanted = display_title(title, page, WIKI)
    asked = {"title": page.title, "text": f"{{{{DISPLAYTITLE:{wanted}}}}}", "prop": "displaytitle"}
    shown = wiki.api(action="parse", **asked)["parse"]["displaytitle"]
    assert re.sub("<[^>]*>", "", shown) == title
