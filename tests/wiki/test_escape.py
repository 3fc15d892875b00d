"""Text stays text on a real wiki, in every place: shown as it is, without other structure, and saved as it was sent.

One example of hypothesis is many lines, since a wiki shows them much faster together.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from unicodedata import normalize

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from convert.ast import Article, Block, Emphasis, Link, List, ListItem, Paragraph, Section, Strong, Text, map_strings
from convert.profile import WikiProfile
from convert.readers import plain
from convert.readers.clean import clean
from convert.writers import wikitext
from convert.writers.wikitext import WikitextOptions
from tests import FIXTURES
from tests.servers.wiki import Wiki
from tests.support.articles import body_of, difference, expected_text, page, value_difference, values_of
from tests.support.contexts import CONTEXTS, RICH, VALUE_FROM_MODULE, WORD, Context, Shown, show
from tests.support.pages import TOKENS, drawn, smallest
from tests.support.rendered import text_of
from tests.support.shown_pages import Judge
from tests.support.strategies import ON_A_WIKI, Several, articles, lines, passages, plain_texts
from tests.tools.fidelity import read_lines

LINES = read_lines(FIXTURES / "wiki" / "markup-lines.jsonl")
ARTICLES = sorted((FIXTURES / "articles").glob("*.txt"))
PLACES = pytest.mark.parametrize("place", CONTEXTS, ids=[each.name for each in CONTEXTS])

_FEW = [each for each in CONTEXTS if each.name in ("second line", "heading", "link label", "value on line")]

#: Wikis on which more is alive: what the writer must know, and what the test wiki must be told.
OTHER_WIKIS = {
    "magic links": (WikiProfile(magic_links=True), {"TEST_WIKI_MAGIC_LINKS": "1"}),
    "Chinese": (WikiProfile(language="zh", language_converter=True), {"TEST_WIKI_LANGUAGE": "zh"}),
    "Serbian": (WikiProfile(language="sr", language_converter=True), {"TEST_WIKI_LANGUAGE": "sr"}),
    "Ukrainian": (WikiProfile(language="uk", link_prefixes=True), {"TEST_WIKI_LANGUAGE": "uk"}),
    "Japanese": (WikiProfile(language="ja"), {"TEST_WIKI_LANGUAGE": "ja"}),
}

#: Behaviour switches in the languages of wikis.
SWITCHES = {
    "de": ["__INHALTSVERZEICHNIS__", "__kein_inhaltsverzeichnis__", "__noindex__", "__Abschnitte_nicht_bearbeiten__"],
    "uk": ["__БЕЗ_ЗМІСТУ__", "__зміст__", "__Без_галереї__"],
    "hi": ["__अनुक्रम__", "__विषय_सूची_दिखाएँ__", "__छिपी_श्रेणी__"],
    "bn": ["__বিষয়বস্তুর_ছক__", "__নির্ঘণ্ট__"],
    "fa": ["__بی\u200cفهرست__", "__بی\u200cبخش__"],
    "ja": ["＿＿目次＿＿", "＿＿目次非表示＿＿", "＿＿インデックス＿＿", "＿＿目次＿＿目次強制＿＿"],
    "sv": ["__INTEINDEXERA_", "__innehållsförteckning__"],
    "id": ["_TANPAPRANALABAGIANBARU__", "__daftarisi__"],
}

#: Some letters that go on a link, by language, and the wiki's expression for all of them.
LANGUAGES_OF_TRAILS = {
    "en": ("s", "/^([a-z]+)(.*)$/sD"),
    "de": ("sö", "/^([äöüßa-z]+)(.*)$/sDu"),
    "fr": ("sé", "/^([a-zàâçéèêîôûäëïöüùÇÉÂÊÎÔÛÄËÏÖÜÀÈÙ]+)(.*)$/sDu"),
    "ru": ("sк", "/^([a-zабвгдеёжзийклмнопрстуфхцчшщъыьэюя]+)(.*)$/sDu"),
    "uk": ("sк", "/^([a-zабвгґдеєжзиіїйклмнопрстуфхцчшщьєюяёъы“»]+)(.*)$/sDu"),
    "ca": ("sé", "/^((?:[a-zàèéíòóúç·ïü]|'(?!'))+)(.*)$/sDu"),
    "hi": ("s\u0940", r"/^([a-z\x{0900}-\x{0963}\x{0966}-\x{A8E0}-\x{A8FF}]+)(.*)$/sDu"),
    "ja": ("s", "/^([a-z]+)(.*)$/sD"),
    "zh": ("", "/^()(.*)$/sD"),
}

_lines = st.lists(st.one_of(st.sampled_from(TOKENS), lines(2)), max_size=8).map("".join)


def _showable(text: str) -> str:
    """A text as every reader gives it on."""
    return clean(text, lambda found: None, 1)


def _failures(
    wiki: Wiki,
    place: Context,
    texts: Sequence[str],
    profile: WikiProfile = WikiProfile(),
    told: dict[str, str] | None = None,
) -> list[tuple[str, str, str]]:
    showable = [text for text in map(_showable, texts) if text.strip()]
    shown: list[Shown] = show(wiki, place, showable, [place.written(text, profile) for text in (WORD, *showable)], told)
    return [(each.line, each.sent, each.why) for each in shown if each.why]


@PLACES
def test_markup_stays_text(wiki: Wiki, place: Context) -> None:
    """Every line of the collection is shown literally."""
    assert not _failures(wiki, place, LINES)


@pytest.mark.parametrize("place", RICH, ids=[each.name for each in RICH])
def test_markup_stays_text_in_places_that_plain_articles_do_not_have(wiki: Wiki, place: Context) -> None:
    """The same in bold, code, notes, quotes, and every part of a table."""
    assert not _failures(wiki, place, LINES)


@pytest.mark.differs
def test_markup_stays_text_on_one_page(wiki: Wiki) -> None:
    """What one line leaves open, no other closes."""
    texts = [(Text(line.strip()),) for line in map(_showable, LINES) if line.strip()]
    items = List(tuple(map(ListItem, texts)))
    sections = tuple(Section(2, text.text, (Paragraph((text,)),)) for (text,) in texts)
    article = Article("Port", lead=(*map(Paragraph, texts), items), sections=sections)
    assert not difference(article, wiki.render([page(article)])[0])


def test_values_stay_text_in_a_module(wiki: Wiki) -> None:
    """A value is literal where a Lua module shows it as well."""
    assert not _failures(wiki, VALUE_FROM_MODULE, LINES[::10])


@pytest.mark.parametrize(("profile", "told"), OTHER_WIKIS.values(), ids=OTHER_WIKIS)
@pytest.mark.parametrize("place", [*_FEW, *RICH], ids=[each.name for each in (*_FEW, *RICH)])
def test_markup_stays_text_on_other_wikis(
    wiki: Wiki, place: Context, profile: WikiProfile, told: dict[str, str]
) -> None:
    """So it is where numbers become links and where the language has variants."""
    alive = [line for line in LINES if any(each in line for each in ("-{", "}-", "ISBN", "RFC", "PMID", "__", "://"))]
    assert not _failures(wiki, place, alive, profile, told)


@pytest.mark.parametrize("place", _FEW, ids=[each.name for each in _FEW])
@pytest.mark.parametrize(("language", "switches"), SWITCHES.items())
def test_switches_of_other_languages_stay_text(wiki: Wiki, place: Context, language: str, switches: list[str]) -> None:
    """Their names are of any characters, in capitals or not."""
    told = {"TEST_WIKI_LANGUAGE": language}
    assert not _failures(wiki, place, switches, WikiProfile(language=language), told)


@pytest.mark.differs
@pytest.mark.parametrize("language", ["en", "uk", "ar", "is", "ca", "ka", "hi", "fr"])
def test_links_end_where_they_were_meant_to(wiki: Wiki, language: str) -> None:
    """Whatever stands beside them: in some languages more than letters would go on a link, and letters before it."""
    told = {"TEST_WIKI_LANGUAGE": language}
    profile = WikiProfile(language=language, link_prefixes=language in ("uk", "ar", "is", "ka"))
    besides = ["a", "Ж", "é", "م", "ी", "“", "»", "’", "'", '"', "-", "–", "1", "\u200c", "(", ".", "中", "·", " "]
    pages = [
        Article("Port", lead=(Paragraph((Text(f"x{each}"), Link("Target", "label"), Text(f"{each}x"))),))
        for each in besides
    ]
    written = [wikitext.page(each, lambda found: None, WikitextOptions(profile=profile)) for each in pages]
    labels = [[text_of(link) for link in each.tree.iter("a")] for each in wiki.render(written, settings=told)]
    assert [(each, found) for each, found in zip(besides, labels, strict=True) if found != ["label"]] == []


@pytest.mark.differs
@pytest.mark.parametrize("told_trail", [True, False], ids=["as the wiki says", "by its language"])
@pytest.mark.parametrize("language", LANGUAGES_OF_TRAILS)
def test_letters_behind_links_belong_to_them(wiki: Wiki, language: str, told_trail: bool) -> None:
    """The wiki shows all of a label as the link, whether its last letters stand behind the brackets or not."""
    letters, pattern = LANGUAGES_OF_TRAILS[language]
    profile = WikiProfile(language=language, link_trail=pattern if told_trail else "")
    targets = ["Dog", "Дом", "Été", "शहर"]
    labels = [f"{target}{letter}" for target in targets for letter in (*letters, "s", "é", "ø", "к", "2", "'")]
    paragraphs = [Paragraph((Link(label[:3], label), Text("zжéी ."))) for label in labels]
    besides = ["é", "“", "»", "’", "'", '"', "-", "1", "\u200c", "م", "ी", "中", "·", "."]
    paragraphs += [Paragraph((Link("Dog"), Text(f"{each}x"))) for each in besides]
    paragraphs.append(Paragraph((Strong((Link("Dog"),)), Emphasis((Link("Cat"),)))))
    page = Article("Port", lead=tuple(paragraphs))
    written = wikitext.page(page, lambda found: None, WikitextOptions(profile=profile))
    assert all(f"[[{target}]]{letter}" in written for target in targets for letter in letters)
    (shown,) = wiki.render([written], settings={"TEST_WIKI_LANGUAGE": language})
    assert [text_of(link) for link in shown.tree.iter("a")] == [*labels, *["Dog"] * len(besides), "Dog", "Cat"]
    assert ("'''[[Dog]]'''" in written) == (language == "en" or (told_trail and language != "ca"))
    assert all(f"{label}zжéी ." in shown.text for label in labels)


@PLACES
@settings(ON_A_WIKI, max_examples=8)
@given(texts=st.lists(st.one_of(_lines, passages()), min_size=30, max_size=60))
def test_any_text_stays_text(wiki: Wiki, place: Context, texts: list[str]) -> None:
    """Whatever is put together from markup, words and odd characters is shown literally."""
    assert not _failures(wiki, place, texts)


@settings(ON_A_WIKI, max_examples=20)
@given(texts=st.lists(plain_texts(), min_size=5, max_size=15))
def test_any_plain_article_is_shown_as_it_is(wiki: Wiki, texts: list[str]) -> None:
    """The page of an article has its text and its structure, and nothing else."""
    articles = [
        structs.replace(body_of(article), title="Port")
        for text in texts
        for article in plain.read(_showable(text), lambda found: None, plain.PlainReadOptions())
    ]
    # The structure of the others is that of rich pages.
    articles = [article for article in articles if not _has_tables_or_code(article)]
    rendered = wiki.render(map(page, articles))
    why = [(page(article), difference(article, each)) for article, each in zip(articles, rendered, strict=True)]
    assert not [each for each in why if each[1]]


def _has_tables_or_code(node: Article | Section | Block | ListItem) -> bool:
    match node:
        case Article():
            return any(map(_has_tables_or_code, (*node.lead, *node.sections)))
        case Section():
            return any(map(_has_tables_or_code, (*node.blocks, *node.sections)))
        case List():
            return any(map(_has_tables_or_code, node.items))
        case ListItem():
            return any(map(_has_tables_or_code, node.blocks))
        case _:
            return not isinstance(node, Paragraph)


@settings(ON_A_WIKI, max_examples=20)
@given(texts=st.lists(articles(), min_size=5, max_size=15).map(Several))
def test_any_tree_is_shown_as_it_is(wiki: Wiki, texts: Several) -> None:
    """So is a tree that no plain text says, with links in it; a link loses the white space at its ends."""
    bodies = [structs.replace(map_strings(body_of(each), _showable), title="Port") for each in texts]
    rendered = wiki.render(map(page, bodies))
    pairs = zip(map(expected_text, bodies), (each.text for each in rendered), strict=True)
    assert not [(expected, text) for expected, text in pairs if _signs(expected) != _signs(text)]


def _signs(text: str) -> str:
    """Leave out white space; what then composes is the same to a reader, whether it stood apart or not."""
    return normalize("NFC", "".join(text.split()))


@pytest.mark.parametrize(
    "target", ["_https://example.org", " mailto:a", "_News:b#c", "_//host", "#\ufffdΩ", "A#\ufffd"]
)
def test_what_the_wiki_takes_for_no_link_is_not_seen(wiki: Wiki, target: str) -> None:
    """That is a target that begins like an address, without a colon before it, and one with U+FFFD in its fragment."""
    article = Article("Port", lead=(Paragraph((Text("See "), Link(target, "there"), Text(" for more."))),))
    (rendered,) = wiki.render([page(article)])
    assert rendered.text == "See there for more."


@pytest.mark.differs
@pytest.mark.parametrize("other", [None, *OTHER_WIKIS])
@settings(ON_A_WIKI, max_examples=3)
@given(seed=st.integers(0, 2**32))
def test_any_page_is_shown_as_meant(wiki: Wiki, other: str | None, seed: int) -> None:
    """Text, outline, links, categories and saved text of whole pages, on which one thing may spoil another."""
    profile, told = OTHER_WIKIS[other] if other else (WikiProfile(), {})
    judge = Judge(wiki, told, profile)
    pages = [drawn(f"{seed}/{number}", LINES) for number in range(20)]
    wrong = [page for page, why in zip(pages, judge.differences(pages), strict=True) if why]
    assert not [(page, judge.differences([page])) for page in [smallest(each, judge.are_wrong) for each in wrong[:2]]]


@pytest.mark.parametrize("path", ARTICLES, ids=lambda path: path.stem)
def test_fixture_is_shown_as_it_is(wiki: Wiki, path: Path) -> None:
    """Body and infobox values of every fixture article are shown literally."""
    text = path.read_text(encoding="utf-8")
    articles = list(plain.read(text, lambda found: None, plain.PlainReadOptions(title=path.stem)))
    bodies = list(map(body_of, articles))
    assert not list(filter(None, map(difference, bodies, wiki.render(map(page, bodies)))))
    for template in ("Value inline", "Value on line"):
        values = [values_of(article, template) for article in articles]
        assert not list(filter(None, map(value_difference, values, wiki.render(map(page, values)))))
