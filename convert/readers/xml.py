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
    Article,
    Block,
    Field,
    Infobox,
    Inline,
    LineBreak,
    Link,
    List,
    ListItem,
    Paragraph,
    Section,
    Text,
)
from convert.diagnostics import Diagnostic, Report, shown
from convert.readers.clean import clean, clean_escapes, is_holdable
from convert.readers.trees import WrongShape, tidied
from convert.writers.xml import NAMESPACE

_N = f"{{{NAMESPACE}}}"
_ARTICLES, _ARTICLE = f"{_N}articles", f"{_N}article"
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
            if parent is None or (parent.tag == _ARTICLES and parent.getparent() is None):
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
    if root.tag not in (_ARTICLE, _ARTICLES):
        problem = f"the root is '{_name(root)}': 'article' or 'articles' of the namespace '{NAMESPACE}' is read"
        yield Diagnostic("xml-shape", line, 1, problem)
    elif root.tag == _ARTICLES:
        for element in root:
            if element.tag != _ARTICLE:
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
        if _name(element) == "p":
            return Paragraph(self.running(element), self.line(element))
        return self.list(element)

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
        lists: list[List] = []
        for part in self.parts(element):
            if _name(part) == "p" and not content and not lists:
                content = self.running(part)
            else:
                lists.append(self.list(part))
        return ListItem(content, tuple(lists), self.line(element))

    def running(self, element: _Element) -> tuple[Inline, ...]:
        self.check_attributes(element, ())
        content: list[Inline] = []
        if element.text:
            content.append(Text(element.text))
        for part in element:
            match _name(part):
                case "link":
                    content.append(Link(self.attribute(part, "target"), self.string(part, "target")))
                case "text":
                    content.append(Text(self.string(part)))
                case "br":
                    if self.string(part):
                        raise self.wrong(part, "holds text, and can hold nothing")
                    content.append(LineBreak())
                case _:
                    raise self.wrong(part, "is no part of running text")
            if part.tail:
                content.append(Text(part.tail))
        return tuple(content)

    def expect(self, element: _Element, name: str) -> None:
        if _name(element) != name:
            raise self.wrong(element, f"stands where '{name}' is expected")


def _name(element: _Element) -> str:
    """Name of an element, without our namespace and with any other."""
    tag = str(element.tag)
    return tag[len(_N) :] if tag.startswith(_N) else f"{tag} of no namespace" if tag[0] != "{" else tag
