"""Articles as XML to trees.  The form is that of ``convert/schema/article.xsd``.

Nothing is expanded or fetched: a document type declaration is refused, and with it every entity.  Articles are read one
by one as their elements end, so those before an error are whole, and one that is in no form of an article is one error
while the others go on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO

from lxml.etree import XMLSyntaxError, _Element, iterparse
from msgspec import Struct

from convert.ast import Article
from convert.diagnostics import Diagnostic, Report, shown
from convert.expressions import expression
from convert.readers.clean import clean, clean_escapes, is_holdable
from convert.readers.trees import WrongShape, tidied
from convert.readers.xml_elements import OURS, ElementReader, name_of
from convert.writers.xml import NAMESPACE

_ARTICLES, _ARTICLE = (tuple(f"{ours}{name}" for ours in OURS) for name in ("articles", "article"))

# Whatever may stand before the root element, and then a document type declaration.
_DOCTYPE = expression(r"(?:\s++|<\?.*?\?>|<!--.*?-->)*+<!DOCTYPE", re.DOTALL)

# In comments and CDATA sections they are none.
_REFERENCE = expression(r"<!--.*?(?:-->|\Z)|<!\[CDATA\[.*?(?:\]\]>|\Z)|&#(?:0*([0-9]+)|x0*([0-9A-Fa-f]+));", re.DOTALL)
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
    title, reader = options.title, ElementReader(options.line - 1)
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
        problem = f"the root is '{name_of(root)}': 'article' or 'articles' of the namespace '{NAMESPACE}' is read"
        yield Diagnostic("xml-shape", line, 1, problem)
    elif root.tag in _ARTICLES:
        for element in root:
            if element.tag not in _ARTICLE:
                yield Diagnostic("xml-shape", line, 1, f"'{name_of(element)}' stands where 'article' is expected")
                if element.tail and not element.tail.isspace():
                    message = (
                        f"{shown(element.tail.strip())} stands outside of articles, and is not read: put it into one"
                    )
                    yield Diagnostic("text-outside", line, 1, message)
        if not len(root):
            yield Diagnostic("empty", line, 1, "there is no article in 'articles'")
