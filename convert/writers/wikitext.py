"""The tree to a MediaWiki page: the infobox as a template call, then lead, sections and categories.

Everything of the author's goes through ``escape``.  A page is what MediaWiki saves: in NFC, without a line feed at its
end, so that an edit and an import give the same text.

Syntax: https://www.mediawiki.org/wiki/Help:Formatting
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from convert.ast import Article, Block, Infobox, Inline, Link, List, Paragraph, Section, Text
from convert.diagnostics import Report
from convert.profile import WikiProfile
from convert.writers import escape

#: What stands between the items of one value.
BETWEEN_VALUES = "<br>"

_ADDRESS = re.compile(r"(?i)[a-z][a-z0-9+.-]*://|mailto:|//")
_NOT_IN_ADDRESS = re.compile(r"[\s\[\]<>\"'{}|]")


@dataclass(frozen=True)
class WikitextOptions:
    """How pages are written.

    ``infobox`` names the template of the infoboxes that name none; ``markup="passthrough"`` is for authors who wrote
    wikitext; ``titles="replace"`` changes the characters of a title that no wiki accepts instead of rejecting it.
    """

    profile: WikiProfile = field(default_factory=WikiProfile)
    infobox: str = ""
    markup: Literal["literal", "passthrough"] = "literal"
    titles: Literal["reject", "replace"] = "reject"


def write(article: Article, report: Report, options: WikitextOptions = WikitextOptions()) -> str:
    """Write a file that holds one page: the page and a line feed."""
    return page(article, report, options) + "\n"


def item(article: Article, report: Report, options: WikitextOptions = WikitextOptions()) -> str:
    """Write a page as one of many in a text, under a comment with its title."""
    return f"<!-- page: {article.title} -->\n{page(article, report, options)}\n"


def page(article: Article, report: Report, options: WikitextOptions = WikitextOptions()) -> str:
    """Write the text of a page as MediaWiki keeps it."""
    text = "\n".join(_PageWriter(report, options).lines(article)).strip()
    return text if text.isascii() else unicodedata.normalize("NFC", text)


Escape = Callable[[str, WikiProfile], str]


def _as_it_is(text: str, profile: WikiProfile) -> str:
    return text


class _PageWriter:
    """Writes one page; the lines of its parts come from generators, so that nothing is joined twice."""

    def __init__(self, report: Report, options: WikitextOptions) -> None:
        self.report = report
        self.options = options
        self.profile = options.profile
        self.literal = options.markup == "literal"

    def guard(self, function: Escape, text: str) -> str:
        """Guard a text with the function for its place, unless the author wrote wikitext."""
        return function(text, self.profile) if self.literal else text

    def lines(self, article: Article) -> Iterator[str]:
        """Yield the lines of a page."""
        for infobox in article.infoboxes:
            yield from self.infobox(infobox, article.title)
        yield from self.blocks(article.lead)
        for section in article.sections:
            yield from self.section(section)
        if article.categories:
            yield ""
            namespace = self.profile.namespaces[14]
            yield from (f"[[{namespace}:{name}]]" for name in article.categories)

    def infobox(self, infobox: Infobox, title: str) -> Iterator[str]:
        """Yield a template call, a parameter a line."""
        template = infobox.template or self.options.infobox
        yield f"{{{{{template or 'Infobox'}"
        arguments = self.named(infobox) if template else self.generic(infobox, title)
        yield from (f"| {name} = {value}".rstrip() for name, value in arguments)
        yield "}}"

    def generic(self, infobox: Infobox, title: str) -> Iterator[tuple[str, str]]:
        """Yield the parameters of the Infobox template that every wiki with infoboxes has: rows of label and value."""
        yield "title", self.guard(escape.template_argument, title)
        for number, row in enumerate(infobox.fields, 1):
            if row.key:
                yield f"label{number}", self.guard(escape.template_argument, row.key)
            yield f"data{number}", self.value(row.values)

    def named(self, infobox: Infobox) -> Iterator[tuple[str, str]]:
        """Yield the parameters of a template by name; a repeated key has several values, a row without one a number."""
        values: dict[str, list[str]] = {}
        for row in infobox.fields:
            name = parameter_name(row.key) or str(1 + sum(name.isdigit() for name in values))
            values.setdefault(name, []).extend(row.values)
        for name, items in values.items():
            yield self.guard(escape.parameter_name, name), self.value(items)

    def value(self, values: Sequence[str]) -> str:
        """Join the values of a field."""
        return BETWEEN_VALUES.join(self.guard(escape.template_argument, value) for value in values)

    def section(self, section: Section) -> Iterator[str]:
        """Yield a heading, what stands under it, and the sections below."""
        signs = "=" * section.level
        yield ""
        yield f"{signs} {self.guard(escape.heading, section.heading)} {signs}"
        yield from self.blocks(section.blocks)
        for below in section.sections:
            yield from self.section(below)

    def blocks(self, blocks: Sequence[Block]) -> Iterator[str]:
        """Yield paragraphs and lists, parted by blank lines."""
        first = True
        for block in blocks:
            if not first:
                yield ""
            first = False
            match block:
                case Paragraph():
                    yield self.inlines(block.content, escape.paragraph)
                case List():
                    yield from self.list(block, "")

    def list(self, block: List, marks: str) -> Iterator[str]:
        """Yield the items of a list, each behind the marks of the lists that it is in."""
        marks += "*" if block.kind == "bulleted" else "#"
        for each in block.items:
            yield f"{marks} {self.inlines(each.content, escape.list_item)}"
            for nested in each.lists:
                yield from self.list(nested, marks)

    def inlines(self, content: Sequence[Inline], function: Escape) -> str:
        """Join text and links; only the first text stands at the start of its line."""
        if len(content) == 1 and isinstance(content[0], Text):
            return self.guard(function, content[0].text)
        written = ""
        for each in _merged(content):
            match each:
                case Text():
                    text = self.guard(escape.inside if written else function, each.text)
                    # Letters right behind a link would be drawn into it.
                    written += f"<nowiki/>{text}" if written and text[:1].isalpha() else text
                case Link():
                    if written.endswith("["):
                        written = written[:-1] + "&#91;"
                    written += self.link(each)
        return written

    def link(self, link: Link) -> str:
        """Write a link to a page of the wiki, or to an address."""
        label = self.guard(escape.link_label, link.label or link.target)
        if _ADDRESS.match(link.target):
            target = _NOT_IN_ADDRESS.sub(_percent_encoded, link.target)
            return f"[{self.guard(escape.running_text, target)} {label}]"
        return f"[[{link.target}|{label}]]" if link.label else f"[[{link.target}]]"


def parameter_name(key: str) -> str:
    """Turn a key into the form that infobox templates give their parameters: ``Map type`` is ``map_type``.

    The first letter stays where the second is upper case, as in ``IUPAC name``.
    """
    name = "_".join(key.split())
    return name if name[1:2].isupper() else name[:1].lower() + name[1:]


def _merged(content: Sequence[Inline]) -> Iterator[Inline]:
    """Join texts that touch: what two of them say together may be alive."""
    text = ""
    for each in content:
        match each:
            case Text():
                text += each.text
            case Link():
                if text:
                    yield Text(text)
                text = ""
                yield each
    if text:
        yield Text(text)


def _percent_encoded(found: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in found[0].encode())
