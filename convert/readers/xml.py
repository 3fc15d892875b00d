"""Articles as XML to trees.  The form is that of ``convert/schema/article.xsd``.

Nothing is expanded or fetched: a document type declaration is refused, and with it every entity.  Articles are read one
by one as their elements end, so those before an error are whole, and one that is in no form of an article is one error
while the others go on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from typing import cast

from lxml.etree import XMLSyntaxError, _Element, iterparse
from msgspec import Struct

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
from convert.diagnostics import Diagnostic, Report, shown
from convert.readers.clean import clean, clean_escapes, is_holdable
from convert.readers.trees import WrongShape, tidied
from convert.writers.xml import NAMESPACE, VERSION_1

_OURS = (f"{{{NAMESPACE}}}", f"{{{VERSION_1}}}")
_ARTICLES, _ARTICLE = (tuple(f"{ours}{name}" for ours in _OURS) for name in ("articles", "article"))
_ALIGN: dict[str, Alignment] = {"none": "", "left": "left", "center": "center", "right": "right"}
_LEVELS = frozenset("123456")

# Whatever may stand before the root element, and then a document type declaration.
_DOCTYPE = re.compile(r"(?:\s++|<\?.*?\?>|<!--.*?-->)*+<!DOCTYPE", re.DOTALL)

# In comments and CDATA sections they are none.
_REFERENCE = re.compile(r"<!--.*?(?:-->|\Z)|<!\[CDATA\[.*?(?:\]\]>|\Z)|&#(?:0*([0-9]+)|x0*([0-9A-Fa-f]+));", re.DOTALL)
_MOST_DIGITS = 7


class XmlReadOptions(Struct, frozen=True):
    """How XML is read: ``title`` serves the first article if its own is empty, ``line`` is the first line's number."""

    title: str = ""
    line: int = 1


def read(text: str, report: Report, options: XmlReadOptions = XmlReadOptions()) -> Iterator[Article]:
    """Read every article of a text, in order."""
    text = clean(text.removeprefix("\ufeff"), report, options.line)
    if "&#" in text:
        text = clean_escapes(text, _REFERENCE, _kept, report, options.line)
    if not text or text.isspace():
        report(Diagnostic("empty", options.line, 1, "there is no article: the text is empty"))
        return
    doctype = _DOCTYPE.match(text)
    if doctype:
        line = options.line + text.count("\n", 0, doctype.end())
        message = "document types and entities are not read: remove the declaration"
        report(Diagnostic("xml-syntax", line, 1, message))
        return
    title, reader = options.title, _Reader(options.line - 1)
    for element in _elements(text, report, options.line):
        try:
            yield tidied(reader.whole(element), report, title)
        except WrongShape as error:
            report(Diagnostic("xml-shape", error.line, 1, f"not an article: {error}; the schema tells the form"))
        title = ""


def _kept(reference: re.Match[str]) -> str:
    decimal, hexadecimal = reference.groups()
    digits = decimal or hexadecimal
    if not digits or (len(digits) <= _MOST_DIGITS and is_holdable(int(digits, 10 if decimal else 16))):
        return reference[0]
    return "\ufffd"


def _elements(text: str, report: Report, line: int) -> Iterator[_Element]:
    """Yield each article's element as it ends, and forget it when the next one is asked for."""
    # A declared encoding was that of the bytes, which are no longer there.  Without ``huge_tree`` no text could be
    # longer than ten megabytes; with it, as there are no entities, a tree is still no larger than its text.
    parsing = iterparse(
        BytesIO(text.encode()), ("end",), tag=_ARTICLE, encoding="utf-8", resolve_entities=False, load_dtd=False,
        no_network=True, huge_tree=True, remove_comments=True, remove_pis=True,
    )  # fmt: skip
    done: _Element | None = None
    try:
        for _, element in parsing:
            parent = element.getparent()
            if parent is None or (parent.tag in _ARTICLES and parent.getparent() is None):
                if parent is not None:
                    _check_between(parent.text if done is None else done.tail, element.sourceline, line, report)
                yield element
                element.clear(keep_tail=True)
                # The element itself is still the parser's.  What stands beside articles stays, to be reported.
                if parent is not None and done is not None:
                    parent.remove(done)
                done = element
    except XMLSyntaxError as error:
        # The log has the first error; what is raised may only follow from it.
        first = next(iter(parsing.error_log), None)
        at, column, problem = (first.line, first.column, first.message) if first else (*error.position, error.msg)
        report(Diagnostic("xml-syntax", line + at - 1, column, f"not XML: {problem}"))
        return
    if done is not None and done.getparent() is not None:
        _check_between(done.tail, None, line + text.count("\n"), report)
    for diagnostic in _beside_articles(parsing.root, line):
        report(diagnostic)


def _check_between(text: str | None, sourceline: int | None, line: int, report: Report) -> None:
    """Report text that stands above an article's element, or below the last one."""
    if text and not text.isspace():
        at = line if sourceline is None else line + sourceline - 1
        message = f"{shown(text.strip())} stands outside of articles, and is not read: put it into one"
        report(Diagnostic("text-outside", at, 1, message))


def _beside_articles(root: _Element, line: int) -> Iterator[Diagnostic]:
    """Report what of a document is no article, and where there is none."""
    if root.tag not in (*_ARTICLE, *_ARTICLES):
        problem = f"the root is '{_name(root)}': 'article' or 'articles' of the namespace '{NAMESPACE}' is read"
        yield Diagnostic("xml-shape", line, 1, problem)
    elif root.tag in _ARTICLES:
        for element in root:
            if element.tag not in _ARTICLE:
                yield Diagnostic("xml-shape", line, 1, f"'{_name(element)}' stands where 'article' is expected")
                if element.tail and not element.tail.isspace():
                    message = (
                        f"{shown(element.tail.strip())} stands outside of articles, and is not read: put it into one"
                    )
                    yield Diagnostic("text-outside", line, 1, message)
        if not len(root):
            yield Diagnostic("empty", line, 1, "there is no article in 'articles'")


class _Reader:
    """Reads an article's element; ``base`` lines come before the text."""

    def __init__(self, base: int) -> None:
        self.base = base

    def line(self, element: _Element) -> int:
        return self.base + cast(int, element.sourceline)

    def wrong(self, element: _Element, problem: str) -> WrongShape:
        return WrongShape(f"'{_name(element)}' {problem}", self.line(element))

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
            raise self.wrong(element, f"holds '{_name(element[0])}', and can hold only text")
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
            match _name(part):
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
        for value in self.parts(element, "key"):
            self.expect(value, "value")
            values.append(self.string(value))
        return Field(self.attribute(element, "key"), tuple(values), self.line(element))

    def section(self, element: _Element) -> Section:
        level = self.attribute(element, "level")
        if level not in _LEVELS:
            raise self.wrong(element, f"has the level {shown(level)}: there are 1 to 6")
        heading: str | None = None
        blocks: list[Block] = []
        sections: list[Section] = []
        for part in self.parts(element, "level"):
            match _name(part):
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
        match _name(element):
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
            match _name(part):
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
            if _name(part) == "p" and not number:
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
        match _name(part):
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
        if _name(element) != name:
            raise self.wrong(element, f"stands where '{name}' is expected")


def _name(element: _Element) -> str:
    """Name of an element, without our namespace and with any other."""
    tag = str(element.tag)
    return tag.partition("}")[2] if tag.startswith(_OURS) else f"{tag} of no namespace" if tag[0] != "{" else tag
