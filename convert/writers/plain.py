"""The tree to the canonical plain article, which reads back to the same tree.

The plain form has no escapes, so a tree from elsewhere may hold what it cannot say (links, a paragraph that looks like
a list).  The writer reads its own text and reports where that is not the article it was given.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import assert_never

from msgspec import Struct

from convert.ast import Article, Block, Field, Infobox, Inline, LineBreak, Link, List, Paragraph, Section, Text
from convert.diagnostics import Diagnostic, Report, shown
from convert.readers import plain as reader
from convert.readers.layout.rows import COLONS


class PlainOptions(Struct, frozen=True):
    """Options of plain articles: none, there is one canonical form."""


def write(article: Article, report: Report, options: PlainOptions = PlainOptions()) -> str:
    """Write the canonical text of an article; it ends with a line feed."""
    text = "\n".join(_article(article)).strip("\n") + "\n"
    if "\ufeff" in text:  # at the start of a line it would be taken for a byte order mark
        text = f"\n{text}".replace("\n\ufeff", "\n \ufeff")[1:]
    if list(reader.read(text, lambda diagnostic: None, reader.PlainReadOptions())) != [article]:
        message = f"the plain form of {shown(article.title)} reads back differently: keep the article as json or xml"
        report(Diagnostic("plain-lossy", article.line, 1, message))
    return text


def _article(article: Article) -> Iterator[str]:
    if article.title:
        yield _heading(1, article.title)
    for infobox in article.infoboxes:
        yield ""
        yield from _infobox(infobox)
    for block in article.lead:
        yield ""
        yield from _block(block)
    # Without anything above it, a level-1 heading would be the title.
    categories_first = not (article.title or article.infoboxes or article.lead)
    if categories_first:
        yield from _categories(article.categories)
    for section in article.sections:
        yield from _section(section)
    if not categories_first:
        yield from _categories(article.categories)


def _categories(names: Sequence[str]) -> Iterator[str]:
    if names:
        yield from ("", "Categories")
        yield from (f"- {name}" for name in names)


def _infobox(infobox: Infobox) -> Iterator[str]:
    template = infobox.template
    if template is None:
        yield "Infobox"
    else:
        yield template if template.startswith("Infobox ") else f"Infobox: {template}"
    for index, field in enumerate(infobox.fields):
        yield from _field(field, first=index == 0)


def _field(field: Field, first: bool) -> Iterator[str]:
    if not field.key and len(field.values) == 1 and not first and not set(field.values[0]) & set(":："):
        yield f"- {field.values[0]}"
    elif len(field.values) == 1:
        yield f"- {field.key}: {field.values[0]}"
    else:
        yield f"- {field.key}:"
        yield from (f"  - {value}" for value in field.values)


def _section(section: Section) -> Iterator[str]:
    if section.level > 1:  # a level-1 heading after a blank line would begin another article
        yield ""
    yield _heading(section.level, section.heading)
    for index, block in enumerate(section.blocks):
        if index:
            yield ""
        yield from _block(block)
    for below in section.sections:
        yield from _section(below)


def _heading(level: int, text: str) -> str:
    sides = "=" * level
    # '= = Text' is the spaced form of a level-2 heading; unequal sides make it level 1.
    return f"={text} =" if level == 1 and text.startswith("=") else f"{sides} {text} {sides}"


def _block(block: Block) -> Iterator[str]:
    match block:
        case Paragraph():
            yield _inlines(block.content)
        case List():
            yield from _list(block, "")
        case _:
            assert_never(block)


def _list(block: List, indent: str) -> Iterator[str]:
    for number, item in enumerate(block.items, 1):
        marker = "-" if block.kind == "bulleted" else f"{number}."
        yield f"{indent}{marker} {_inlines(item.content)}"
        for nested in item.lists:
            yield from _list(nested, indent + "  ")


def _inlines(content: Sequence[Inline]) -> str:
    # Lines below one that ends in a colon are read as lines if a space stands before them.
    first = content[0] if content else None
    margin = " " if isinstance(first, Text) and first.text.endswith(COLONS) else ""
    return "".join([_inline(inline, margin) for inline in content])


def _inline(inline: Inline, margin: str) -> str:
    match inline:
        case Text():
            return inline.text
        case Link():
            return inline.label or inline.target
        case LineBreak():
            return f"\n{margin}"
        case _:
            assert_never(inline)
