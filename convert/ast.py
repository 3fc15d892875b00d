"""The tree: an article, independent of the formats of its source and output.

    Article
    ├─ title            str
    ├─ infoboxes        Infobox ─ template, fields ─ Field ─ key, values
    ├─ lead             Block…
    ├─ sections         Section ─ level, heading, blocks, sections ─ Section…
    ├─ categories       str…
    └─ metadata         str → str

    Block  = Paragraph ─ content, List ─ kind, items ─ ListItem ─ content, blocks, Quote ─ blocks,
             Table ─ caption, header, rows ─ Cell…, Preformatted ─ text, language, Raw ─ text, markup
    Inline = Text | Link | Image | Code | LineBreak, and with content of their own Strong | Emphasis | Note

Records are immutable and compare by content.  ``line`` is a node's line in its source (from 1; 0 if unknown); equality
and the writers ignore it.

Strings are the author's own characters: nothing in them is markup, but in ``Raw``.  A ``"\n"`` inside a ``Text`` of a
paragraph is a soft break, which means no more than a space; ``Preformatted`` and ``Raw`` have lines; every other string
is one line.  A break that is meant is a ``LineBreak``.

Version 1 had Paragraph, List, Text, Link and LineBreak, and in its items nothing but lists.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Annotated, Any, Literal, assert_never

from msgspec import Meta, Struct, structs

#: List items deeper than this are kept at this depth.
MAX_LIST_DEPTH = 20

#: Quotes, items and emphasis deeper in one another than this are kept at this depth.
MAX_NESTING = 20

ListKind = Literal["bulleted", "numbered"]
Alignment = Literal["", "left", "center", "right"]


class Node(Struct, frozen=True, eq=False, gc=False, omit_defaults=True, forbid_unknown_fields=True):
    """Base of all records of the tree: its line in the source, which equality ignores.

    Trees have no cycles, so the garbage collector skips them (``gc=False``): reading takes a tenth less time.
    """

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in self.__struct_fields__ if name != "line")

    def __ne__(self, other: object) -> bool:
        # Struct has one of its own, which asks whether both are the same object.
        return not self == other

    def __hash__(self) -> int:
        return hash((type(self), *(getattr(self, name) for name in self.__struct_fields__[:1])))


class Text(Node, frozen=True, eq=False, tag="text"):
    """Characters to be shown as they are."""

    text: str


class Link(Node, frozen=True, eq=False, tag="link"):
    """A link to a page of the same wiki by its title, or to an address; ``label`` is what the reader sees."""

    target: str
    label: str = ""  # empty: the target is the label


class LineBreak(Node, frozen=True, eq=False, tag="break"):
    """A line break that is meant: what follows is shown on a line of its own."""


class Image(Node, frozen=True, eq=False, tag="image"):
    """A picture: a file of the wiki by its name, or an address; ``alt`` is said where it cannot be seen."""

    file: str
    caption: str = ""
    alt: str = ""


class Code(Node, frozen=True, eq=False, tag="code"):
    """Characters of a program or of a file, in running text."""

    text: str


class Strong(Node, frozen=True, eq=False, tag="strong"):
    """Running text of strong importance: bold."""

    content: tuple[Inline, ...]


class Emphasis(Node, frozen=True, eq=False, tag="emphasis"):
    """Running text that is stressed: italics."""

    content: tuple[Inline, ...]


class Note(Node, frozen=True, eq=False, tag="note"):
    """A footnote, at the place that refers to it.  One without content is that of the same name once more."""

    content: tuple[Inline, ...] = ()
    name: str = ""


Inline = Text | Link | Image | Code | LineBreak | Strong | Emphasis | Note


class Paragraph(Node, frozen=True, eq=False, tag="paragraph"):
    """Running text; a ``"\n"`` in it is a soft break."""

    content: tuple[Inline, ...]
    line: int = 0


class ListItem(Node, frozen=True, eq=False):
    """One item: its first paragraph, and what stands below that, such as nested lists."""

    content: tuple[Inline, ...]
    blocks: tuple[Block, ...] = ()
    line: int = 0


class List(Node, frozen=True, eq=False, tag="list"):
    """A bulleted or numbered list; numbered ones count from 1."""

    items: tuple[ListItem, ...]
    kind: ListKind = "bulleted"
    line: int = 0


class Cell(Node, frozen=True, eq=False):
    """A cell of a table."""

    content: tuple[Inline, ...] = ()


class Table(Node, frozen=True, eq=False, tag="table"):
    """Rows of cells.  ``align`` has the alignment of each column from the first; missing ones are ``""``."""

    rows: tuple[tuple[Cell, ...], ...]
    header: tuple[Cell, ...] = ()
    caption: str = ""
    align: tuple[Alignment, ...] = ()
    line: int = 0


class Preformatted(Node, frozen=True, eq=False, tag="preformatted"):
    """Lines whose white space is kept: code, if ``language`` names one."""

    text: str
    language: str = ""
    line: int = 0


class Quote(Node, frozen=True, eq=False, tag="quote"):
    """What somebody else has said or written."""

    blocks: tuple[Block, ...]
    line: int = 0


class Raw(Node, frozen=True, eq=False, tag="raw"):
    """Text of a markup, such as ``"wikitext"``, that the tree cannot express."""

    text: str
    markup: str
    line: int = 0


Block = Paragraph | List | Table | Preformatted | Quote | Raw


class Section(Node, frozen=True, eq=False):
    """A heading and what stands under it, up to the next heading of the same or a higher level."""

    level: Annotated[int, Meta(ge=1, le=6)]
    heading: str
    blocks: tuple[Block, ...] = ()
    sections: tuple[Section, ...] = ()
    line: int = 0


class Field(Node, frozen=True, eq=False):
    """One row of an infobox; one without a key has an empty one.  ``links`` are the pages of whole values, by value."""

    key: str
    values: tuple[str, ...] = ()
    links: Mapping[str, str] = {}
    line: int = 0


class Infobox(Node, frozen=True, eq=False):
    """Rows of facts; ``template`` is the wiki template that the author named, ``None`` where none was."""

    fields: tuple[Field, ...] = ()
    template: str | None = None
    line: int = 0


class Article(Node, frozen=True, eq=False, tag_field="format", tag="plainwiki-article-2"):
    """One article.  ``metadata`` is whatever its source told of it beside the text, by name."""

    title: str
    infoboxes: tuple[Infobox, ...] = ()
    lead: tuple[Block, ...] = ()
    sections: tuple[Section, ...] = ()
    categories: tuple[str, ...] = ()
    metadata: Mapping[str, str] = {}
    line: int = 0


def shown_text(content: Iterable[Inline], line_break: str = "\n") -> str:
    """Return what a reader sees of running text, with a text for each line break; notes stand elsewhere."""
    return "".join([_shown(inline, line_break) for inline in content])


def _shown(inline: Inline, line_break: str) -> str:
    match inline:
        case Text() | Code():
            return inline.text
        case Link():
            return inline.label or inline.target
        case LineBreak():
            return line_break
        case Strong() | Emphasis():
            return shown_text(inline.content, line_break)
        case Image():
            return inline.caption or inline.alt
        case Note():
            return ""
        case _:
            assert_never(inline)


def joined(inlines: Iterable[Inline]) -> Iterator[Inline]:
    """Join texts that touch; leave out those without characters."""
    text = ""
    for inline in inlines:
        if isinstance(inline, Text):
            text += inline.text
            continue
        if text:
            yield Text(text)
        text = ""
        yield inline
    if text:
        yield Text(text)


def inlines_of(article: Article) -> Iterator[Inline]:
    """Yield all running text of an article that is more than text, at any depth, in reading order."""
    waiting: list[Any] = [*reversed(article.sections), *reversed(article.lead)]
    while waiting:
        match waiting.pop():
            case Text() | Preformatted() | Raw():
                pass
            case Section(blocks=blocks, sections=sections):
                waiting += (*reversed(sections), *reversed(blocks))
            case Paragraph(content=content) | Cell(content=content):
                waiting += reversed(content)
            case List(items=items):
                waiting += reversed(items)
            case ListItem(content=content, blocks=blocks):
                waiting += (*reversed(blocks), *reversed(content))
            case Quote(blocks=blocks):
                waiting += reversed(blocks)
            case Table(rows=rows, header=header):
                waiting += (*(cell for row in reversed(rows) for cell in reversed(row)), *reversed(header))
            case inline:
                yield inline
                if isinstance(inline, Strong | Emphasis | Note):
                    waiting += reversed(inline.content)


class Rewriter:
    """Makes an article anew, block by block and inline by inline; subclasses say what becomes of some of them."""

    def article(self, article: Article) -> Article:
        """Make the text of an article anew."""
        lead = self.blocks(article.lead)
        return structs.replace(article, lead=lead, sections=tuple(map(self.section, article.sections)))

    def section(self, section: Section) -> Section:
        """Make a section anew, and those below."""
        blocks = self.blocks(section.blocks)
        return structs.replace(section, blocks=blocks, sections=tuple(map(self.section, section.sections)))

    def blocks(self, blocks: Iterable[Block]) -> tuple[Block, ...]:
        """Make blocks anew."""
        return tuple([made for block in blocks for made in self.block(block)])

    def block(self, block: Block) -> Iterator[Block]:
        """Yield what becomes of a block."""
        match block:
            case Paragraph():
                yield structs.replace(block, content=self.content(block.content))
            case List():
                yield structs.replace(block, items=tuple(map(self.item, block.items)))
            case Table():
                header, rows = self.cells(block.header), tuple(map(self.cells, block.rows))
                yield structs.replace(block, header=header, rows=rows)
            case Quote():
                yield structs.replace(block, blocks=self.blocks(block.blocks))
            case Preformatted() | Raw():
                yield block
            case _:
                assert_never(block)

    def item(self, item: ListItem) -> ListItem:
        """Make an item of a list anew."""
        return structs.replace(item, content=self.content(item.content), blocks=self.blocks(item.blocks))

    def cells(self, row: Iterable[Cell]) -> tuple[Cell, ...]:
        """Make a row of a table anew."""
        return tuple([Cell(self.content(cell.content)) for cell in row])

    def content(self, content: Iterable[Inline]) -> tuple[Inline, ...]:
        """Make running text anew."""
        return tuple([made for inline in content for made in self.inline(inline)])

    def inline(self, inline: Inline) -> Iterator[Inline]:
        """Yield what becomes of a piece of running text."""
        if isinstance(inline, Strong | Emphasis):
            yield structs.replace(inline, content=self.content(inline.content))
        else:
            yield inline


#: Fields that hold one of a few words of ours.
_CHOICES = ("kind", "align")


def map_strings(node: Any, text: Callable[[str], str]) -> Any:
    """Copy a node with ``text`` applied to every string of the author's, and every ``line`` forgotten."""
    if isinstance(node, str):
        return text(node)
    if isinstance(node, tuple):
        return tuple(map_strings(child, text) for child in node)
    if isinstance(node, dict):
        return {text(name): text(value) for name, value in node.items()}
    if isinstance(node, Node):
        kept: dict[str, Any] = {name: getattr(node, name) for name in _CHOICES if name in node.__struct_fields__}
        if "line" in node.__struct_fields__:
            kept["line"] = 0
        changed = {name: map_strings(getattr(node, name), text) for name in node.__struct_fields__ if name not in kept}
        return structs.replace(node, **changed, **kept)
    return node
