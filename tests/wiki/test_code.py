"""Code on a wiki that colours it: MediaWiki with SyntaxHighlight, which Debian's package has, and pygmentize."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest

import convert
from convert.ast import Article, List, ListItem, Preformatted, Text
from convert.nfc import to_nfc
from convert.profile import WikiProfile
from tests.servers.wiki import EXTENSIONS, Wiki
from tests.support.rendered import Rendered
from tests.wiki.test_escape import LINES

_PROFILE = WikiProfile(extension_tags=frozenset({"ref", "syntaxhighlight"}))


@pytest.fixture(scope="module")
def colouring(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wiki]:
    with Wiki(tmp_path_factory.mktemp("colouring"), extensions=f"{EXTENSIONS},SyntaxHighlight_GeSHi,Poem") as wiki:
        yield wiki


def _code(page: Rendered) -> list[str]:
    """Return the text of all code on a page, as it is shown."""
    return ["".join(map(str, block.itertext())).strip("\n") for block in page.tree.iter("pre")]


@pytest.mark.differs
def test_code_is_coloured_and_shown_as_it_is(colouring: Wiki) -> None:
    """Every line of the collection, in coloured code; what would end the element is preformatted text."""
    lines = [line.strip() for line in LINES if line.strip()][::10]
    texts = [f"{first}\n  {second}" for first, second in pairwise(lines)]
    article = Article("Port", lead=tuple(Preformatted(text, "python") for text in texts))
    page = convert.write(article, profile=_PROFILE)
    (rendered,) = colouring.render([page])
    assert _code(rendered) == list(map(to_nfc, texts))
    assert rendered.html.count("mw-highlight-lang-python") == page.count('<syntaxhighlight lang="python">') > 0


def test_code_in_an_item_parts_no_list(colouring: Wiki) -> None:
    item = ListItem((Text("Run it:"),), (Preformatted("a {{b}}\n\n  c", "sh"),))
    article = Article("Port", lead=(List((item, ListItem((Text("Wait."),))), "numbered"),))
    (rendered,) = colouring.render([convert.write(article, profile=_PROFILE)])
    assert _code(rendered) == ["a {{b}}\n\n  c"]
    assert len(list(rendered.tree.iter("ol"))) == 1
    assert len(list(rendered.tree.iter("li"))) == 2
