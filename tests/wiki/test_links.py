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
from tests.support.named_articles import EAGER, NAMES, named_articles
from tests.support.strategies import ON_A_WIKI, Several

ISLANDS = {
    "Islay": "Islay is an island in Scotland. Its largest village is Port Ellen; Port Ellen has a ferry to the Isle of "
    "Jura.\n\n== See also ==\n- Isle of Jura\n- Bowmore (village)",
    "Port Ellen": "Port Ellen is a village of Islay near Bowmore, and the port of the Isle of Jura.",
    "Isle of Jura": "Jura is north of Port Ellen.",
    "Bowmore (village)": "Bowmore is a village, and 2001 the year of a bowmore.",
}


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
    articles = [next(convert.read(f"= {title} =\n\n{text}\n")) for title, text in ISLANDS.items()]
    linker = Linker(of_titles(ISLANDS), LinkPolicy(), EAGER)
    for article in articles:
        wiki.edit(article.title, _page(linker.linked(article)))
    links = {}
    for title in ISLANDS:
        answer = wiki.api(action="query", prop="links", titles=title, pllimit="max", formatversion="2")
        links[title] = {link["title"] for link in answer["query"]["pages"][0].get("links", ())}
    assert links == {
        "Islay": {"Port Ellen", "Isle of Jura", "Bowmore (village)"},
        "Port Ellen": {"Islay", "Bowmore (village)", "Isle of Jura"},
        "Isle of Jura": {"Port Ellen"},
        "Bowmore (village)": set(),
    }


def test_fixtures_link_to_each_other_only(wiki: Wiki) -> None:
    """With the shipped judges; what a page of the fixtures linked before, it links still."""
    articles: list[Article] = []
    for path in sorted((FIXTURES / "articles").glob("*.txt")):
        articles += convert.read(path.read_text(encoding="utf-8"), report=lambda remark: None)
    titles = [article.title for article in articles]
    linker = Linker(of_titles(titles))
    before = wiki.render(map(_page, articles))
    after = wiki.render(_page(linker.linked(article)) for article in articles)
    for article, plain, linked in zip(articles, before, after, strict=True):
        assert linked.text == plain.text
        assert set(linked.links) - set(plain.links) <= set(titles) - {article.title}
