"""A tree from outside to one that keeps the tree's rules: strings of one line, lists and sections not too deep."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import assert_never

from convert.ast import (
    MAX_LIST_DEPTH,
    MAX_NESTING,
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
from convert.expressions import expression
from convert.readers.clean import clean_line

_LINE_BREAKS = expression("[\r\n]+")


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
            self.blocks(article.lead),
            tuple(self.section(section, 0) for section in article.sections),
            self.lines(article.categories),
            article.metadata,
            self.at,
        )

    def infobox(self, infobox: Infobox) -> Infobox:
        template = infobox.template
        fields = tuple(map(self.field, infobox.fields))
        return Infobox(fields, template if template is None else self.line(template), infobox.line)

    def field(self, field: Field) -> Field:
        values = self.lines(field.values)
        if not field.links:
            return Field(self.line(field.key), values, line=field.line)
        links = {self.line(value): self.line(target) for value, target in field.links.items()}
        known = frozenset(values)
        # Of values that have changed, or are none, no link is left; nor is one that leads nowhere.
        kept = {value: target for value, target in links.items() if target and value and value in known}
        return Field(self.line(field.key), values, kept, field.line)

    def section(self, section: Section, above: int) -> Section:
        level, heading = section.level, self.line(section.heading)
        if level <= above:
            raise WrongShape(
                f"the level-{level} section {shown(heading)} stands in one of level {above}", section.line or self.at
            )
        below = tuple(self.section(lower, level) for lower in section.sections)
        return Section(level, heading, self.blocks(section.blocks), below, section.line)

    def blocks(self, blocks: Iterable[Block], depth: int = 1) -> tuple[Block, ...]:
        return tuple([tidy for block in blocks for tidy in self.block(block, depth)])

    def block(self, block: Block, depth: int) -> Iterator[Block]:
        """Yield a block; the blocks of a quote that stands in too many others."""
        match block:
            case Paragraph():
                if all(isinstance(inline, Text) for inline in block.content):
                    yield block
                else:
                    yield Paragraph(self.running(block.content, lambda text: text), block.line)
            case List():
                yield self.list(block, depth)
            case Table():
                header, rows = self.row(block.header), tuple(map(self.row, block.rows))
                yield Table(rows, header, self.line(block.caption), block.align, block.line)
            case Preformatted():
                yield Preformatted(_lines(block.text), self.line(block.language), block.line)
            case Quote() if depth > MAX_NESTING:
                self.warn("nesting-depth", f"quotes deeper than {MAX_NESTING} are kept at that depth")
                yield from self.blocks(block.blocks, depth)
            case Quote():
                yield Quote(self.blocks(block.blocks, depth + 1), block.line)
            case Raw():
                yield Raw(_lines(block.text), self.line(block.markup), block.line)
            case _:
                assert_never(block)

    def row(self, cells: Iterable[Cell]) -> tuple[Cell, ...]:
        return tuple([Cell(self.running(cell.content, self.piece)) for cell in cells])

    def list(self, block: List, depth: int) -> List:
        return List(tuple(self.items(block, depth)), block.kind, block.line)

    def items(self, block: List, depth: int) -> Iterator[ListItem]:
        for item in block.items:
            content = self.running(item.content, self.piece)
            if depth < MAX_LIST_DEPTH:
                yield ListItem(content, self.blocks(item.blocks, depth + 1), item.line)
                continue
            lists = [nested for nested in item.blocks if isinstance(nested, List)]
            others = [other for other in item.blocks if not isinstance(other, List)]
            yield ListItem(content, self.blocks(others, depth + 1), item.line)
            for nested in lists:
                self.warn("list-depth", f"items deeper than {MAX_LIST_DEPTH} lists are kept at that depth")
                yield from self.items(nested, depth)

    def running(self, content: Iterable[Inline], text: Callable[[str], str]) -> tuple[Inline, ...]:
        return tuple([tidy for inline in content for tidy in self.inline(inline, text, 1, is_noted=False)])

    def inline(self, inline: Inline, text: Callable[[str], str], depth: int, *, is_noted: bool) -> Iterator[Inline]:
        """Yield an inline; the content of one that stands in too many others, or of a note in a note."""
        match inline:
            case Text():
                yield Text(text(inline.text))
            case Link():
                yield Link(self.line(inline.target), self.line(inline.label))
            case Image():
                yield Image(self.line(inline.file), self.line(inline.caption), self.line(inline.alt))
            case Code():
                yield Code(self.line(inline.text))
            case LineBreak():
                yield inline
            case Strong() | Emphasis() | Note() if depth > MAX_NESTING:
                self.warn("nesting-depth", f"text marked more than {MAX_NESTING} times keeps the outer marks")
                yield from self.below(inline.content, self.piece, depth, is_noted)
            case Strong() | Emphasis():
                yield type(inline)(tuple(self.below(inline.content, self.piece, depth + 1, is_noted)))
            case Note() if is_noted:
                self.warn("note-nested", "a note in a note became text of the outer one, in brackets")
                yield Text(" (")
                yield from self.below(inline.content, self.piece, depth, is_noted)
                yield Text(")")
            case Note():
                content = tuple(self.below(inline.content, self.piece, depth + 1, is_noted=True))
                yield Note(content, self.line(inline.name))
            case _:
                assert_never(inline)

    def below(
        self, content: Iterable[Inline], text: Callable[[str], str], depth: int, is_noted: bool
    ) -> Iterator[Inline]:
        for inline in content:
            yield from self.inline(inline, text, depth, is_noted=is_noted)


def _lines(text: str) -> str:
    """Write every line break as a line feed."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
