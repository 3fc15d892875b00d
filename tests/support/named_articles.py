"""Articles that name pages, and judges for which all that is named is likely, so that only the policy decides."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from msgspec import structs

from convert.ast import Article, Node, Text
from convert.links.judge import Judge, Judges
from tests.support.strategies import articles

EAGER = Judges(Judge(3.0), Judge(3.0), Judge(3.0))

NAMES = [
    "York", "Sea pink", "the", "pink", "Dog", "A", "foo", "bar", "x", "{{", "*", "東京", "Київ", ".NET", "'York' x!",
    "AC/DC", "Cafe\u0301",
]  # fmt: skip


@st.composite
def named_articles(draw: st.DrawFn) -> Article:
    """Draw trees whose texts have names in them."""
    chosen = st.lists(st.sampled_from(NAMES), max_size=6).map(" ".join)
    article = draw(articles())

    def texts(node: Any) -> Any:
        if isinstance(node, Text):
            return Text(f"{node.text} {draw(chosen)}")
        if isinstance(node, tuple):
            return tuple(map(texts, node))
        if isinstance(node, Node):
            names = [name for name in node.__struct_fields__ if isinstance(getattr(node, name), tuple)]
            return structs.replace(node, **{name: texts(getattr(node, name)) for name in names})
        return node

    made: Article = texts(article)
    return made
