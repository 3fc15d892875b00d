"""Linkers of a few titles, and what becomes of articles."""

from __future__ import annotations

from typing import Any

import convert
from convert.ast import Article, Field, Infobox, Link, Paragraph, Text, inlines_of
from convert.links.dictionary import of_titles
from convert.links.linking import Linker
from convert.links.policy import LinkPolicy
from tests.support.named_articles import EAGER

TITLES = (
    "Islay", "Port Ellen", "Thrift (plant)", "Dog", "New York City", "York", "City", "A", "The", "...", "2001", "May",
    "5 May", "Sea pink", "C", "Angelo", "😀", "Київ", "東京", "ঢাকা", "List of [things]", "Talk:Islay", "a|b",
)  # fmt: skip


def linker(*titles: str, **choices: Any) -> Linker:
    """Return a linker for which the titles are likely wherever they are named."""
    return Linker(of_titles(titles or TITLES), LinkPolicy(**choices), EAGER)


def read(text: str) -> Article:
    return next(convert.read(text))


def linked(text: str, *titles: str, **choices: Any) -> str:
    """Return the wikitext of a plain article of the title Islay, with links."""
    return convert.write(linker(*titles, **choices).linked(read(f"= Islay =\n\n{text}\n"))).strip()


def links_of(article: Article) -> list[str]:
    return [inline.target for inline in inlines_of(article) if isinstance(inline, Link)]


def with_box(*fields: Field, text: str = "") -> Article:
    return Article("Islay", (Infobox(fields),), (Paragraph((Text(text),)),))
