"""The tree as XML, lossless: elements for text, attributes for names and numbers.

The schema is published as ``convert/schema/article.xsd``.  White space is added only where it is insignificant.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from lxml.etree import Element, SubElement, _Element, tostring
from msgspec import Struct

from convert.ast import (
    Article,
    Block,
    Cell,
    Code,
    Emphasis,
    Image,
    Infobox,
    Inline,
    LineBreak,
    Link,
    List,
    Note,
    Paragraph,
    Preformatted,
    Quote,
    Raw,
    Section,
    Strong,
    Table,
    Text,
)
from convert.diagnostics import Report

NAMESPACE = "urn:plainwiki:article:2"
#: Read as well: it had fewer kinds of blocks and of running text.
VERSION_1 = "urn:plainwiki:article:1"

#: Elements with significant white space.
TEXTUAL = frozenset({"title", "heading", "p", "value", "category", "entry", "caption", "cell", "pre", "raw"})

_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'


class XmlOptions(Struct, frozen=True):
    """Options of XML: none."""


def write(article: Article, report: Report, options: XmlOptions = XmlOptions()) -> str:
    """Write an article as a document of its own."""
    return _DECLARATION + item(article, report, options).replace("<article>", f'<article xmlns="{NAMESPACE}">', 1)


def opening(options: XmlOptions = XmlOptions()) -> str:
    """Begin a document of many articles."""
    return f'{_DECLARATION}<articles xmlns="{NAMESPACE}">\n'


def item(article: Article, report: Report, options: XmlOptions = XmlOptions()) -> str:
    """Write an article as one of many."""
    root = Element("article")
    _text(root, "title", article.title)
    if article.metadata:
        metadata = SubElement(root, "metadata")
        for name, value in article.metadata.items():
            _text(metadata, "entry", value).set("name", name)
    for infobox in article.infoboxes:
        _infobox(root, infobox)
    if article.lead:
        _blocks(SubElement(root, "lead"), article.lead)
    for section in article.sections:
        _section(root, section)
    for name in article.categories:
        _text(root, "category", name)
    _indent(root, "\n")
    return tostring(root, encoding="unicode") + "\n"


def closing(options: XmlOptions = XmlOptions()) -> str:
    """End a document of many articles."""
    return "</articles>\n"


def _text(parent: _Element, tag: str, text: str) -> _Element:
    element = SubElement(parent, tag)
    element.text = text or None
    return element


def _infobox(parent: _Element, infobox: Infobox) -> None:
    element = SubElement(parent, "infobox")
    if infobox.template is not None:
        element.set("template", infobox.template)
    for field in infobox.fields:
        row = SubElement(element, "field", key=field.key)
        for value in field.values:
            written = _text(row, "value", value)
            if value in field.links:
                written.set("target", field.links[value])


def _section(parent: _Element, section: Section) -> None:
    element = SubElement(parent, "section", level=str(section.level))
    _text(element, "heading", section.heading)
    _blocks(element, section.blocks)
    for below in section.sections:
        _section(element, below)


def _blocks(parent: _Element, blocks: Sequence[Block]) -> None:
    for block in blocks:
        match block:
            case Paragraph():
                _running(SubElement(parent, "p"), block.content)
            case List():
                _list(parent, block)
            case Table():
                _table(parent, block)
            case Preformatted():
                element = _text(parent, "pre", block.text)
                if block.language:
                    element.set("language", block.language)
            case Quote():
                _blocks(SubElement(parent, "quote"), block.blocks)
            case Raw():
                _text(parent, "raw", block.text).set("markup", block.markup)
            case _:
                assert_never(block)


def _list(parent: _Element, block: List) -> None:
    element = SubElement(parent, "list", kind=block.kind)
    for item in block.items:
        item_element = SubElement(element, "item")
        # The first paragraph of an item is its content, even if that is empty.
        if item.content or (item.blocks and isinstance(item.blocks[0], Paragraph)):
            _running(SubElement(item_element, "p"), item.content)
        _blocks(item_element, item.blocks)


def _table(parent: _Element, block: Table) -> None:
    element = SubElement(parent, "table")
    if block.align:
        element.set("align", " ".join(side or "none" for side in block.align))
    if block.caption:
        _text(element, "caption", block.caption)
    if block.header:
        _row(element, "header", block.header)
    for row in block.rows:
        _row(element, "row", row)


def _row(parent: _Element, tag: str, cells: Sequence[Cell]) -> None:
    element = SubElement(parent, tag)
    for cell in cells:
        _running(SubElement(element, "cell"), cell.content)


def _running(element: _Element, content: Sequence[Inline]) -> None:
    """Write running text.  A text that is empty, or touches one before it, is an element, as it would be lost."""
    last: _Element | None = None
    touches = False
    for inline in content:
        match inline:
            case Link():
                last = _text(element, "link", inline.label)
                last.set("target", inline.target)
            case Image():
                last = _text(element, "image", inline.caption)
                last.set("file", inline.file)
                if inline.alt:
                    last.set("alt", inline.alt)
            case Code():
                last = _text(element, "code", inline.text)
            case Strong():
                last = SubElement(element, "strong")
                _running(last, inline.content)
            case Emphasis():
                last = SubElement(element, "em")
                _running(last, inline.content)
            case Note():
                last = SubElement(element, "note")
                if inline.name:
                    last.set("name", inline.name)
                _running(last, inline.content)
            case LineBreak():
                last = _text(element, "br", "")
            case Text() if touches or not inline.text:
                last = _text(element, "text", inline.text)
            case Text():
                if last is None:
                    element.text = inline.text
                else:
                    last.tail = inline.text
            case _:
                assert_never(inline)
        touches = isinstance(inline, Text)


def _indent(element: _Element, margin: str) -> None:
    """Indent: every element without text gets a line of its own."""
    if not len(element) or element.tag in TEXTUAL:
        return
    inner = margin + "  "
    element.text = inner
    for child in element:
        _indent(child, inner)
        child.tail = inner
    child.tail = margin
