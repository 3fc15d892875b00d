"""Whole pages with every kind of node: their structure on a wiki is that of the tree, whatever their texts are.

Each page is shown twice: with its own texts, and with a word in the place of each.  What is alive in a text shows as
structure, links or calls that the words do not have.
"""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

import convert
from convert.ast import (
    Article,
    Block,
    Code,
    Image,
    Inline,
    Link,
    Note,
    Preformatted,
    Raw,
    Rewriter,
    Section,
    Table,
    Text,
)
from convert.profile import WikiProfile
from tests.servers.wiki import Wiki
from tests.support.strategies import ON_A_WIKI, Several, rich_articles

_PROFILE = WikiProfile(extension_tags=frozenset({"ref"}))


class _Bare(Rewriter):
    """Puts words in the place of links and images, whose targets decide what they are, and parts notes of one name."""

    def inline(self, inline: Inline) -> Iterator[Inline]:
        if isinstance(inline, Link | Image):
            yield Text("Word")
        elif isinstance(inline, Note):
            yield Note(self.content(inline.content))
        else:
            yield from super().inline(inline)


class _Worded(Rewriter):
    """Puts a word in the place of each line of a text."""

    def inline(self, inline: Inline) -> Iterator[Inline]:
        if isinstance(inline, Text | Code):
            yield structs.replace(inline, text=_word(inline.text))
        elif isinstance(inline, Note):
            yield Note(self.content(inline.content))
        else:
            yield from super().inline(inline)

    def block(self, block: Block) -> Iterator[Block]:
        if isinstance(block, Preformatted | Raw):
            yield structs.replace(block, text=_word(block.text))
            return
        for made in super().block(block):
            yield structs.replace(made, caption=_word(made.caption)) if isinstance(made, Table) else made

    def section(self, section: Section) -> Section:
        return structs.replace(super().section(section), heading=_word(section.heading))


def _word(text: str) -> str:
    return "\n".join(["Word" if line.strip() else line for line in text.split("\n")])


def _page(article: Article) -> str:
    return convert.write(article, profile=_PROFILE).removesuffix("\n")


@ON_A_WIKI
@given(articles=st.lists(rich_articles(), min_size=5, max_size=15).map(Several))
def test_rich_pages_have_the_structure_of_their_trees(wiki: Wiki, articles: Several) -> None:
    bare = [_Bare().article(structs.replace(article, title="Rich", infoboxes=())) for article in articles]
    pages = [_page(article) for article in bare]
    shown = wiki.render([*pages, *(_page(_Worded().article(article)) for article in bare)])
    for page, own, worded in zip(pages, shown[: len(pages)], shown[len(pages) :], strict=True):
        assert own.structure == worded.structure, page
        assert (own.links, own.templates, own.images, own.saved) == (worded.links, (), worded.images, page)
