"""An article's element of the published XML to a tree, held to ``convert/schema/article.xsd``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from lxml.etree import _Element

from convert.ast import (
    Alignment,
    Article,
    Block,
    Cell,
    Code,
    Emphasis,
    Field,
    Image,
    Infobox,
    Inline,
    LineBreak,
    Link,
    List,
    ListItem,
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
from convert.diagnostics import shown
from convert.readers.trees import WrongShape
from convert.writers.xml import NAMESPACE, VERSION_1

#: The namespaces that are read, each in braces as lxml writes it.
OURS = (f"{{{NAMESPACE}}}", f"{{{VERSION_1}}}")

_ALIGN: dict[str, Alignment] = {"none": "", "left": "left", "center": "center", "right": "right"}
_LEVELS = frozenset("123456")


class ElementReader:
    """Reads an article's element; ``base`` lines come before the text."""

    def __init__(self, base: int) -> None:
        self.base = base

    def line(self, element: _Element) -> int:
        return self.base + cast(int, element.sourceline)

    def wrong(self, element: _Element, problem: str) -> WrongShape:
        return WrongShape(f"'{name_of(element)}' {problem}", self.line(element))

    def parts(self, element: _Element, *attributes: str) -> Iterator[_Element]:
        """Go through an element that holds no text, and has no other attributes than these."""
        self.check_attributes(element, attributes)
        stray = element.text
        for child in element:
            if stray and not stray.isspace():
                break
            yield child
            stray = child.tail
        if stray and not stray.isspace():
            raise self.wrong(element, f"holds the text {shown(stray.strip())}")

    def string(self, element: _Element, *attributes: str) -> str:
        """Read an element that holds nothing but text."""
        self.check_attributes(element, attributes)
        if len(element):
            raise self.wrong(element, f"holds '{name_of(element[0])}', and can hold only text")
        return element.text or ""

    def check_attributes(self, element: _Element, known: tuple[str, ...]) -> None:
        for name in map(str, element.attrib):
            if name not in known and not name.startswith("{"):
                raise self.wrong(element, f"has no attribute {shown(name)}")

    def attribute(self, element: _Element, name: str) -> str:
        value = element.get(name)
        if value is None:
            raise self.wrong(element, f"lacks its attribute '{name}'")
        return value

    def whole(self, element: _Element) -> Article:
        """Read an article, unless that would exhaust the stack."""
        try:
            return self.article(element)
        except RecursionError:
            raise self.wrong(element, "is nested too deeply") from None

    def article(self, element: _Element) -> Article:
        title: str | None = None
        metadata: dict[str, str] = {}
        infoboxes: list[Infobox] = []
        lead: list[Block] = []
        sections: list[Section] = []
        categories: list[str] = []
        for part in self.parts(element):
            match name_of(part):
                case "title":
                    title = self.string(part)
                case "metadata":
                    for entry in self.parts(part):
                        self.expect(entry, "entry")
                        metadata[self.attribute(entry, "name")] = self.string(entry, "name")
                case "infobox":
                    infoboxes.append(self.infobox(part))
                case "lead":
                    lead += map(self.block, self.parts(part))
                case "section":
                    sections.append(self.section(part))
                case "category":
                    categories.append(self.string(part))
                case _:
                    raise self.wrong(part, "is no part of an article")
        if title is None:
            raise self.wrong(element, "has no title")
        line = self.line(element)
        return Article(title, tuple(infoboxes), tuple(lead), tuple(sections), tuple(categories), metadata, line)

    def infobox(self, element: _Element) -> Infobox:
        fields = tuple(map(self.field, self.parts(element, "template")))
        return Infobox(fields, element.get("template"), self.line(element))

    def field(self, element: _Element) -> Field:
        self.expect(element, "field")
        values: list[str] = []
        links: dict[str, str] = {}
        for value in self.parts(element, "key"):
            self.expect(value, "value")
            values.append(self.string(value, "target"))
            if target := value.get("target"):
                links[values[-1]] = target
        return Field(self.attribute(element, "key"), tuple(values), links, self.line(element))

    def section(self, element: _Element) -> Section:
        level = self.attribute(element, "level")
        if level not in _LEVELS:
            raise self.wrong(element, f"has the level {shown(level)}: there are 1 to 6")
        heading: str | None = None
        blocks: list[Block] = []
        sections: list[Section] = []
        for part in self.parts(element, "level"):
            match name_of(part):
                case "heading":
                    heading = self.string(part)
                case "section":
                    sections.append(self.section(part))
                case _:
                    blocks.append(self.block(part))
        if heading is None:
            raise self.wrong(element, "has no heading")
        return Section(int(level), heading, tuple(blocks), tuple(sections), self.line(element))

    def block(self, element: _Element) -> Block:
        line = self.line(element)
        match name_of(element):
            case "p":
                return Paragraph(self.running(element), line)
            case "table":
                return self.table(element)
            case "pre":
                return Preformatted(self.string(element, "language"), element.get("language", ""), line)
            case "quote":
                return Quote(tuple(map(self.block, self.parts(element))), line)
            case "raw":
                return Raw(self.string(element, "markup"), self.attribute(element, "markup"), line)
            case _:
                return self.list(element)

    def table(self, element: _Element) -> Table:
        caption = ""
        header: tuple[Cell, ...] = ()
        rows: list[tuple[Cell, ...]] = []
        for part in self.parts(element, "align"):
            match name_of(part):
                case "caption" if not rows and not header:
                    caption = self.string(part)
                case "header" if not rows and not header:
                    header = self.row(part)
                case "row":
                    rows.append(self.row(part))
                case _:
                    raise self.wrong(part, "has no place there in a table")
        sides = element.get("align", "").split()
        if unknown := next((side for side in sides if side not in _ALIGN), None):
            raise self.wrong(element, f"has the alignment {shown(unknown)}: there are {', '.join(_ALIGN)}")
        return Table(tuple(rows), header, caption, tuple(_ALIGN[side] for side in sides), self.line(element))

    def row(self, element: _Element) -> tuple[Cell, ...]:
        cells: list[Cell] = []
        for part in self.parts(element):
            self.expect(part, "cell")
            cells.append(Cell(self.running(part)))
        return tuple(cells)

    def list(self, element: _Element) -> List:
        self.expect(element, "list")
        items = tuple(map(self.item, self.parts(element, "kind")))
        match element.get("kind", "bulleted"):
            case "bulleted" | "numbered" as kind:
                return List(items, kind, self.line(element))
            case other:
                raise self.wrong(element, f"has the kind {shown(other)}: there are 'bulleted' and 'numbered'")

    def item(self, element: _Element) -> ListItem:
        self.expect(element, "item")
        content: tuple[Inline, ...] = ()
        blocks: list[Block] = []
        for number, part in enumerate(self.parts(element)):
            if name_of(part) == "p" and not number:
                content = self.running(part)
            else:
                blocks.append(self.block(part))
        return ListItem(content, tuple(blocks), self.line(element))

    def running(self, element: _Element, *attributes: str) -> tuple[Inline, ...]:
        self.check_attributes(element, attributes)
        content: list[Inline] = []
        if element.text:
            content.append(Text(element.text))
        for part in element:
            content.append(self.inline(part))
            if part.tail:
                content.append(Text(part.tail))
        return tuple(content)

    def inline(self, part: _Element) -> Inline:
        match name_of(part):
            case "link":
                return Link(self.attribute(part, "target"), self.string(part, "target"))
            case "text":
                return Text(self.string(part))
            case "image":
                return Image(self.attribute(part, "file"), self.string(part, "file", "alt"), part.get("alt", ""))
            case "code":
                return Code(self.string(part))
            case "strong":
                return Strong(self.running(part))
            case "em":
                return Emphasis(self.running(part))
            case "note":
                return Note(self.running(part, "name"), part.get("name", ""))
            case "br":
                if self.string(part):
                    raise self.wrong(part, "holds text, and can hold nothing")
                return LineBreak()
            case _:
                raise self.wrong(part, "is no part of running text")

    def expect(self, element: _Element, name: str) -> None:
        if name_of(element) != name:
            raise self.wrong(element, f"stands where '{name}' is expected")


def name_of(element: _Element) -> str:
    """Name of an element, without our namespace and with any other."""
    tag = str(element.tag)
    return tag.partition("}")[2] if tag.startswith(OURS) else f"{tag} of no namespace" if tag[0] != "{" else tag
