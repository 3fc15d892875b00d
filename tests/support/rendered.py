"""The visible part of a wiki's HTML: its text, and its structure without the text.

    <p>See <b>this</b></p>  →  text "See this", outline "p(b)"

White space is folded and no-break spaces are spaces, since the wiki puts them before some punctuation by itself.  A
bare address that became a link is text.  What releases and renderers draw round the same thing is not structure: the
sections and marks of Parsoid, the frames and anchors of headings.
"""

from __future__ import annotations

from collections.abc import Iterator

import lxml.html
from lxml.etree import _Element
from msgspec import Struct

_BLOCKS = frozenset(
    {
        "p", "div", "br", "hr", "pre", "blockquote", "center", "ul", "ol", "li", "dl", "dt", "dd", "h1", "h2", "h3",
        "h4", "h5", "h6", "table", "caption", "thead", "tbody", "tr", "td", "th",
    }
)  # fmt: skip

#: Parsoid's marks of what wikitext said otherwise: they hold the text that is shown, and nothing else.
_MARKS = frozenset({"mw:Nowiki", "mw:Entity", "mw:DisplaySpace", "mw:FallbackId"})


class Rendered(Struct, frozen=True):
    """One text as a wiki saves and renders it, with the metadata of the page."""

    saved: str
    html: str
    links: tuple[str, ...] = ()
    templates: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    properties: tuple[str, ...] = ()
    redirect: bool = False

    @property
    def tree(self) -> _Element:
        """The HTML, parsed."""
        tree: _Element = lxml.html.fragment_fromstring(self.html, create_parent="body")
        return tree

    @property
    def text(self) -> str:
        """The visible text, with folded white space."""
        return text_of(self.tree)

    @property
    def structure(self) -> tuple[object, ...]:
        """The structure of the page: equal for two texts that differ only in literal characters."""
        noted = (self.links, self.templates, self.images, self.categories, self.languages, self.properties)
        return (outline_of(self.tree), *noted, self.redirect)


def folded(text: str) -> str:
    """Fold every run of white space to one space, as a browser does; no-break spaces count as spaces."""
    return " ".join(text.replace("\xa0", " ").split())


def text_of(element: _Element) -> str:
    """Return the visible text of an element, with folded white space."""
    return folded("".join(_texts(element)))


def outline_of(element: _Element) -> str:
    """Return the nested elements of an element: ``"p(b) ul(li li)"``."""
    return " ".join(_outline(element))


def _texts(element: _Element) -> Iterator[str]:
    edge = "\n" if element.tag in _BLOCKS else ""
    yield edge
    yield element.text or ""
    for child in element:
        if isinstance(child.tag, str):
            yield from _texts(child)
        yield child.tail or ""
    yield edge


def _outline(element: _Element) -> Iterator[str]:
    for child in element.iterchildren("*"):  # no comments
        inside = " ".join(_outline(child))
        if _is_drawn_round(child):
            yield from filter(None, [inside])
        else:
            yield f"{child.tag}({inside})" if inside else child.tag


def _is_drawn_round(element: _Element) -> bool:
    """Return whether an element is no structure, but that of the renderer."""
    kinds = set((element.get("class") or "").split())
    match element.tag:
        case "a":
            return {"external", "free"} <= kinds
        case "span":
            # Behind the id is the second anchor of a heading whose first one is not ASCII.
            empty = bool(element.get("id")) and not len(element) and not element.text and not element.get("typeof")
            return empty or "mw-headline" in kinds or element.get("typeof") in _MARKS
        case "div":
            return "mw-heading" in kinds
        case "section":
            return element.get("data-mw-section-id") is not None
        case "link":
            return element.get("rel") == "mw:PageProp/Category"  # noted among the categories as well
    return False
