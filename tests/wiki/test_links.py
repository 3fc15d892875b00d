"""Restored links on a real wiki: the same words are shown, and the links lead where they should."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import convert
from convert.ast import Article
from convert.links.dictionary import of_titles
from convert.links.linking import Linker
from convert.links.policy import LinkPolicy
from tests import FIXTURES
from tests.servers.wiki import Wiki
from tests.support.islands import ISLANDS, LINKS
from tests.support.named_articles import EAGER, NAMES, named_articles
from tests.support.strategies import ON_A_WIKI, Several


def _page(article: Article) -> str:
    return convert.write(article, "wikitext", lambda remark: None)


@settings(ON_A_WIKI, max_examples=4)
@given(st.lists(named_articles(), min_size=30, max_size=30).map(Several))
def test_pages_with_links_show_the_same_words(wiki: Wiki, some: Several) -> None:
    linker = Linker(of_titles(NAMES), LinkPolicy(), EAGER)
    kept = [article for article in some if article.title != "Rendered"]
    before = wiki.render(map(_page, kept))
    after = wiki.render(_page(linker.linked(article)) for article in kept)
    for article, plain, linked in zip(kept, before, after, strict=True):
        assert linked.text == plain.text, article
        assert set(plain.links) <= set(linked.links)


@pytest.mark.differs
def test_articles_that_name_each_other_are_linked_on_the_wiki_and_to_nothing_else(wiki: Wiki) -> None:
    pages = {path.stem: path.read_text("utf-8") for path in ISLANDS.glob("*.wiki")}
    for title, page in pages.items():
        wiki.edit(title, page)
    links = {}
    for title in pages:
        answer = wiki.api(action="query", prop="links", titles=title, plnamespace="0", pllimit="max", formatversion="2")
        links[title] = {link["title"] for link in answer["query"]["pages"][0].get("links", ())}
    assert links == LINKS
    articles = [next(convert.read(path.read_text("utf-8"))) for path in sorted(ISLANDS.glob("*.txt"))]
    plain = {
        article.title: shown.text for article, shown in zip(articles, wiki.render(map(_page, articles)), strict=True)
    }
    linked = {title: shown.text for title, shown in zip(pages, wiki.render(pages.values()), strict=True)}
    assert linked == plain


def test_articles_that_name_no_other_get_no_links(wiki: Wiki) -> None:
    """What a page of the fixtures linked before, it links still."""
    articles: list[Article] = []
    for path in sorted((FIXTURES / "articles").glob("*.txt")):
        articles += convert.read(path.read_text(encoding="utf-8"), report=lambda remark: None)
    titles = [article.title for article in articles]
    linker = Linker(of_titles(titles))
    before = wiki.render(map(_page, articles))
    after = wiki.render(_page(linker.linked(article)) for article in articles)
    for plain, linked in zip(before, after, strict=True):
        assert linked.text == plain.text
        assert set(linked.links) == set(plain.links)
