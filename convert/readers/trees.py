"""A tree from outside to one that keeps the tree's rules: strings of one line, lists and sections not too deep."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import assert_never

from convert.ast import (
    MAX_LIST_DEPTH,
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
from convert.readers.clean import clean_line

_LINE_BREAKS = re.compile("[\r\n]+")


class WrongShape(Exception):
    """The tree cannot be an article: what is wrong, and in which line."""

    def __init__(self, problem: str, line: int) -> None:
        super().__init__(problem)
        self.line = line


def tidied(article: Article, report: Report, title: str) -> Article:
    """Copy an article with line breaks folded where there can be none, and list items lifted that are too deep.

    ``title`` serves an article that has none.  Raises WrongShape where a section stands in one of its own level or of a
    deeper one.
    """
    try:
        return _Tidier(report, article.line).article(article, title)
    except RecursionError:
        raise WrongShape("it is nested too deeply", article.line) from None


class _Tidier:
    """Copies an article part by part; each kind of change is reported once."""

    def __init__(self, report: Report, line: int) -> None:
        self.report = report
        self.at = line
        self.reported: set[str] = set()

    def warn(self, code: str, message: str) -> None:
        if code not in self.reported:
            self.reported.add(code)
            self.report(Diagnostic(code, self.at, 1, message))

    def line(self, text: str) -> str:
        """Fold a string that must be one line."""
        return self.piece(text).strip() if "\n" in text or "\r" in text else text

    def piece(self, text: str) -> str:
        """Fold a part of what must be one line."""
        if "\n" not in text and "\r" not in text:
            return text
        self.warn("line-break", f"a line break in {shown(text)} became a space: only paragraphs can have some")
        return " ".join(line.strip() for line in _LINE_BREAKS.split(text))

    def lines(self, texts: Iterable[str]) -> tuple[str, ...]:
        return tuple(map(self.line, texts))

    def article(self, article: Article, fallback: str) -> Article:
        title = self.line(article.title)
        if fallback and not title:
            self.warn("title-missing", f"the article's title is empty: the title is {shown(fallback)}")
        return Article(
            title or clean_line(fallback),
            tuple(map(self.infobox, article.infoboxes)),
            tuple(map(self.block, article.lead)),
            tuple(self.section(section, 0) for section in article.sections),
            self.lines(article.categories),
            article.metadata,
            self.at,
        )

    def infobox(self, infobox: Infobox) -> Infobox:
        template = infobox.template
        fields = tuple(Field(self.line(field.key), self.lines(field.values), field.line) for field in infobox.fields)
        return Infobox(fields, template if template is None else self.line(template), infobox.line)

    def section(self, section: Section, above: int) -> Section:
        level, heading = section.level, self.line(section.heading)
        if level <= above:
            raise WrongShape(
                f"the level-{level} section {shown(heading)} stands in one of level {above}", section.line or self.at
            )
        below = tuple(self.section(lower, level) for lower in section.sections)
        return Section(level, heading, tuple(map(self.block, section.blocks)), below, section.line)

    def block(self, block: Block) -> Block:
        match block:
            case Paragraph():
                if all(isinstance(inline, Text) for inline in block.content):
                    return block
                return Paragraph(tuple(self.inline(inline, lambda text: text) for inline in block.content), block.line)
            case List():
                return self.list(block, 1)
            case _:
                assert_never(block)

    def list(self, block: List, depth: int) -> List:
        return List(tuple(self.items(block, depth)), block.kind, block.line)

    def items(self, block: List, depth: int) -> Iterator[ListItem]:
        for item in block.items:
            content = tuple(self.inline(inline, self.piece) for inline in item.content)
            if depth < MAX_LIST_DEPTH:
                yield ListItem(content, tuple(self.list(nested, depth + 1) for nested in item.lists), item.line)
                continue
            yield ListItem(content, (), item.line)
            for nested in item.lists:
                self.warn("list-depth", f"items deeper than {MAX_LIST_DEPTH} lists are kept at that depth")
                yield from self.items(nested, depth)

    def inline(self, inline: Inline, text: Callable[[str], str]) -> Inline:
        match inline:
            case Text():
                return Text(text(inline.text))
            case Link():
                return Link(self.line(inline.target), self.line(inline.label))
            case LineBreak():
                return inline
            case _:
                assert_never(inline)
