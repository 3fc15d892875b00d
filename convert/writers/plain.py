"""The tree to the canonical plain article, which reads back to the same tree.

The plain form has no escapes, so a tree from elsewhere may hold what it cannot say (links, bold, a paragraph that looks
like a list).  The writer reads its own text and reports where that is not the article it was given.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, assert_never

from msgspec import Struct

from convert.ast import (
    Article,
    Block,
    Cell,
    Field,
    Infobox,
    Inline,
    LineBreak,
    List,
    Paragraph,
    Preformatted,
    Quote,
    Raw,
    Section,
    Table,
    shown_text,
)
from convert.diagnostics import Diagnostic, Report, shown
from convert.expressions import expression
from convert.readers import plain as reader
from convert.readers.infoboxes.fields import field_of
from convert.readers.layout.paragraphs import with_breaks
from convert.readers.layout.rows import COLONS, row_breaks
from convert.readers.layout.tables import table_lines
from convert.writers.parts.marked_notes import without_notes

_BACKTICKS = expression("`+")


class PlainOptions(Struct, frozen=True):
    """Options of plain articles: none, there is one canonical form."""


def write(article: Article, report: Report, options: PlainOptions = PlainOptions()) -> str:
    """Write the canonical text of an article; it ends with a line feed."""
    written = without_notes(article)
    for layout in _LAYOUTS:
        text = _text(written, layout)
        if _is_read_as(text, article, notes=written is not article):
            if written is not article:
                message = f"the notes of {shown(article.title)} are written as [1]: --notes reads them back"
                report(Diagnostic("plain-notes", article.line, 1, message))
            return text
    message = f"the plain form of {shown(article.title)} reads back differently: keep the article as json or xml"
    report(Diagnostic("plain-lossy", article.line, 1, message))
    return _text(written, _Layout())


class _Layout(Struct, frozen=True):
    """How a text is laid out; ``is_apart`` keeps apart what would be read as one.

    Two blank lines stand between an infobox and a list that looks like more of its fields, and the first of the values
    that look like fields themselves stands behind its key.  ``tildes`` fence code that holds backticks, or all code,
    where a text holds a fence that nothing must close.
    """

    is_apart: bool = False
    tildes: Literal["never", "round backticks", "always"] = "never"

    @property
    def between(self) -> Sequence[str]:
        return ("", "") if self.is_apart else ("",)


_LAYOUTS = (
    _Layout(),
    _Layout(is_apart=True),
    _Layout(is_apart=True, tildes="round backticks"),
    _Layout(is_apart=True, tildes="always"),
)


def _text(article: Article, layout: _Layout) -> str:
    text = "\n".join(_article(article, layout)).strip("\n") + "\n"
    if "\ufeff" in text:  # at the start of a line it would be taken for a byte order mark
        text = f"\n{text}".replace("\n\ufeff", "\n \ufeff")[1:]
    return text


def _is_read_as(text: str, article: Article, *, notes: bool) -> bool:
    return list(reader.read(text, lambda diagnostic: None, reader.PlainReadOptions(notes=notes))) == [article]


def _article(article: Article, layout: _Layout) -> Iterator[str]:
    if article.title:
        yield _heading(1, article.title)
    for infobox in article.infoboxes:
        yield from layout.between
        yield from _infobox(infobox, layout)
    for block in article.lead:
        yield from layout.between
        yield from _block(block, layout)
    # Without anything above it, a level-1 heading would be the title.
    categories_first = not (article.title or article.infoboxes or article.lead)
    if categories_first:
        yield from _categories(article.categories)
    for section in article.sections:
        yield from _section(section, layout)
    if not categories_first:
        yield from _categories(article.categories)


def _categories(names: Sequence[str]) -> Iterator[str]:
    if names:
        yield from ("", "Categories")
        yield from (f"- {name}" for name in names)


def _infobox(infobox: Infobox, layout: _Layout) -> Iterator[str]:
    template = infobox.template
    if template is None:
        yield "Infobox"
    else:
        yield template if template.startswith("Infobox ") else f"Infobox: {template}"
    above: Field | None = None
    for field in infobox.fields:
        yield from _field(field, above, layout)
        above = field


def _field(field: Field, above: Field | None, layout: _Layout) -> Iterator[str]:
    values = field.values
    # Below a key without a value, a row without a key would be read as its value.
    if not field.key and len(values) == 1 and above and (above.values or not above.key) and _is_row(values[0]):
        yield f"- {values[0]}"
    elif len(values) == 1 or (values and (layout.is_apart or field_of(values[0]) is not None)):
        # Below a key alone, values with colons would be fields of their own.
        yield f"- {field.key}: {values[0]}"
        yield from (f"  - {value}" for value in values[1:])
    else:
        yield f"- {field.key}:"
        yield from (f"  - {value}" for value in values)


def _is_row(value: str) -> bool:
    """Return whether a value alone behind a dash is read as a row without a key."""
    return field_of(f"- {value}".strip()) is None


def _section(section: Section, layout: _Layout) -> Iterator[str]:
    if section.level > 1:  # a level-1 heading after a blank line would begin another article
        yield from layout.between
    yield _heading(section.level, section.heading)
    if layout.is_apart:
        yield from layout.between
    for index, block in enumerate(section.blocks):
        if index:
            yield from layout.between
        yield from _block(block, layout)
    for below in section.sections:
        yield from _section(below, layout)


def _heading(level: int, text: str) -> str:
    sides = "=" * level
    # '= = Text' is the spaced form of a level-2 heading; unequal sides make it level 1.
    return f"={text} =" if level == 1 and text.startswith("=") else f"{sides} {text} {sides}"


def _block(block: Block, layout: _Layout) -> Iterator[str]:
    match block:
        case Paragraph():
            yield _paragraph(block.content)
        case List():
            yield from _list(block, "", layout)
        case Table():
            yield from table_lines(block, _cell)
        case Preformatted():
            yield from _fenced(block.text, block.language, layout)
        case Quote():
            for below in block.blocks:
                yield from (f"> {line}" for text in _block(below, layout) for line in text.split("\n"))
        case Raw():
            yield from _fenced(block.text, block.markup, layout)
        case _:
            assert_never(block)


def _list(block: List, indent: str, layout: _Layout) -> Iterator[str]:
    for number, item in enumerate(block.items, 1):
        marker = "-" if block.kind == "bulleted" else f"{number}."
        margin = indent + " " * (len(marker) + 1)
        yield f"{indent}{marker} {_marked(item.content)}".replace("\n", f"\n{margin}")
        is_parted = True
        for below in item.blocks:
            if isinstance(below, List):
                yield from _list(below, indent + "  ", layout)
                continue
            # Behind a blank line a paragraph would stand below the list, if no code or table did above.
            is_kept = isinstance(below, Preformatted | Table)
            yield from () if is_kept or not is_parted else ("",)
            yield from (line and margin + line for text in _block(below, layout) for line in text.split("\n"))
            is_parted = not is_kept


def _cell(cell: Cell) -> str:
    return shown_text(cell.content, "<br>").replace("\n", " ")


def _fenced(text: str, language: str, layout: _Layout) -> Iterator[str]:
    longest = max(map(len, _BACKTICKS.findall(text)), default=0)
    fence = "`" * max(3, longest + 1)
    if "~~~" not in text and (layout.tildes == "always" or (layout.tildes == "round backticks" and longest > 2)):
        fence = "~~~"
    yield f"{fence}{language}"
    yield text
    yield fence


def _paragraph(content: Sequence[Inline]) -> str:
    """Write running text; rows, whose breaks are known by what they look like, have no marks."""
    if LineBreak() not in content:
        return shown_text(content)
    texts = shown_text(content).split("\n")
    # Lines below one that ends in a colon are read as lines if a space stands before them.
    raws = [texts[0], *(f" {text}" for text in texts[1:])] if texts[0].endswith(COLONS) else texts
    breaks = row_breaks(raws, texts, "\n".join(texts)) if all(text.strip() == text != "" for text in texts) else None
    return "\n".join(raws) if breaks and with_breaks(texts, breaks) == content else _marked(content)


def _marked(content: Sequence[Inline]) -> str:
    """Write running text with the marks of its breaks."""
    return shown_text(content, "\\\n")
