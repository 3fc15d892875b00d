"""The articles of a Markdown text: front matter, titles, infoboxes, sections, categories.

``# Title`` begins an article where ``= Title =`` would in a plain one; where front matter has named the title, it heads
a section.  Infoboxes are read in every form that a plain article may have, before the parser sees the rest.

Source: https://spec.commonmark.org/0.31.2/
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import takewhile

from msgspec import structs

from convert.ast import Article, Block, Emphasis, Field, Infobox, Paragraph, Section, Strong, Text, shown_text
from convert.diagnostics import Diagnostic, Report, shown
from convert.readers.categories import add_category, opens_categories, read_categories
from convert.readers.clean import clean, clean_line
from convert.readers.heads.category_lines import OpenSection, names_in, take_categories
from convert.readers.heads.facts import Facts
from convert.readers.heads.opening import facts_at, tell_facts, without_echo
from convert.readers.infoboxes.blocks import opens_block, read_infobox
from convert.readers.infoboxes.fields import field, field_of
from convert.readers.infoboxes.openings import opening_at
from convert.readers.infoboxes.unread import tell_unread
from convert.readers.layout.fences import Fences
from convert.readers.layout.looks import check_looks
from convert.readers.layout.notes import with_notes
from convert.readers.layout.paragraphs import ParagraphStyle
from convert.readers.markdown.blocks import Heading, parser, read_blocks
from convert.readers.markdown.inlines import read_inlines
from convert.readers.markdown.outlines import Outline, addresses
from convert.readers.markdown.plain_headings import rewrite_headings
from convert.readers.markdown.targets import Targets
from convert.readers.plain_options import PlainReadOptions
from convert.readers.trees import WrongShape, tidied

#: So many lines of bold keys below a title are an infobox without a head.
_LEAST_FACTS = 2
#: Of other markup these are written in Markdown as well, and nothing of Markdown has their signs.
_LOOKS = ("wikitext", "LaTeX")
_SIGNS = ("[[", "{{", "'''", "$", "\\")
_NO_FILES = Targets(dict, None)
_FRONT = ("---", "+++")


def read(text: str, report: Report, options: PlainReadOptions = PlainReadOptions()) -> Iterator[Article]:
    """Read every article of a text, in order."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    text = clean(text, report, options.line)
    if not text.strip():
        report(Diagnostic("empty", options.line, 1, "there is no article: the text is empty"))
        return
    lines = text.split("\n")
    first = next(at for at, line in enumerate(lines) if line.strip())
    facts = facts_at(lines, first, options.line, lambda at: opens_block(lines, at, lines[at].strip()))
    if facts and not (facts.title or lines[first].startswith(_FRONT)):
        facts = None  # running text with a colon
    if facts:
        tell_facts(facts, first, options.line, report)
    start = facts.end if facts else first
    lines[:start] = [""] * start
    rewrite_headings(lines, start, options.line, report)
    found: dict[int, Infobox] = {}
    named: list[tuple[str, int]] = []
    begins_others = not (facts and facts.title) and options.articles != "one"
    _take_blocks(lines, options.line, found, named, begins_others, report)
    articles = _read(lines, first, facts, found, named, report, options)
    may_look = any(sign in text for sign in _SIGNS)
    for article in articles:
        if may_look:
            check_looks(article, lines, options.line, {}, options.markup, report, _LOOKS)
        if not article.infoboxes:
            top = article.line - options.line
            body = top + (article.title in lines[top])
            tell_unread(article, lines, body, len(lines), options.line, report)
        yield article


def _read(
    lines: Sequence[str],
    first: int,
    facts: Facts | None,
    found: dict[int, Infobox],
    named: list[tuple[str, int]],
    report: Report,
    options: PlainReadOptions,
) -> Iterator[Article]:
    parts = read_blocks("\n".join(lines), options.line, options.outline_of, report)
    if not facts or not facts.title:
        yield from _articles(parts, found, named, facts, report, options)
        return
    builder = _Builder(facts.title, first + options.line, facts, report)
    for part in parts:
        builder.add(part, is_section=True)
    yield builder.article([*found.values()], named, options)


def outline(text: str, title: str) -> Outline:
    """Return the title of the first article of a text, or the one given, and its headings."""
    first = next(read(text, lambda diagnostic: None, PlainReadOptions(title=title)), None)
    if not first:
        return Outline(title, {})
    return Outline(first.title, addresses(_headings(first.sections)))


def _headings(sections: Sequence[Section]) -> Iterator[str]:
    for section in sections:
        yield section.heading
        yield from _headings(section.sections)


def _articles(
    parts: Iterator[Block | Heading],
    found: dict[int, Infobox],
    named: list[tuple[str, int]],
    facts: Facts | None,
    report: Report,
    options: PlainReadOptions,
) -> Iterator[Article]:
    """Part a text at its headings of level 1."""
    builder: _Builder | None = None
    is_one = options.articles == "one"
    infoboxes = sorted(found.items())
    last = 0  # where the last block begins
    is_above = False  # whether titles stand below their infoboxes
    for part in parts:
        begins = isinstance(part, Heading) and part.level == 1 and not (is_one and builder and builder.title)
        if begins and isinstance(part, Heading):
            if infoboxes and last < infoboxes[0][0] < part.line and (builder is None or builder.is_empty):
                is_above = True
            if is_above and (own_box := next((line for line, _ in infoboxes if last < line < part.line), 0)):
                message = f"the infobox above the title {shown(part.text)} is read as its own: write it below"
                report(Diagnostic("infobox-above-title", own_box, 1, message))
            if builder:
                if builder.is_empty and builder.title is None:
                    builder.title, builder.line, last = part.text, part.line, part.line
                    continue
                above = [box for line, box in infoboxes if line < (last if is_above else part.line)]
                infoboxes = infoboxes[len(above) :]
                own = [category for category in named if category[1] < part.line]
                named = named[len(own) :]
                yield builder.article(above, own, options)
            builder = _Builder(part.text, part.line, None if builder else facts, report)
            last = part.line
        else:
            builder = builder or _Builder(None, part.line, facts, report)
            builder.add(part, is_section=is_one)
            last = part.line
    builder = builder or _Builder(None, options.line, facts, report)
    yield builder.article([box for _, box in infoboxes], named, options)


class _Builder:
    """Builds one article of headings and blocks."""

    def __init__(self, title: str | None, line: int, facts: Facts | None, report: Report) -> None:
        self.title, self.line, self.facts, self.report = title, line, facts or Facts(), report
        self.lead: list[Block] = []
        self.path: list[OpenSection] = [(0, "", 0, self.lead, [])]

    @property
    def is_empty(self) -> bool:
        """Whether nothing stands in it yet."""
        return not self.lead and len(self.path) == 1

    def add(self, part: Block | Heading, *, is_section: bool) -> None:
        """Add a block to the last section, or open a new one."""
        if not isinstance(part, Heading):
            self.path[-1][3].append(part)
            return
        level = part.level if is_section or part.level > 1 else 2
        if level == 1 and part.text == self.title and self.is_empty:
            return
        self.close(level)
        self.path.append((level, part.text, part.line, [], []))

    def close(self, level: int) -> None:
        """Close sections of this level and of those below it."""
        while self.path[-1][0] >= level:
            own, heading, line, blocks, below = self.path.pop()
            self.path[-1][4].append(Section(own, heading, tuple(blocks), tuple(below), line))

    def article(
        self, infoboxes: Sequence[Infobox], named: Sequence[tuple[str, int]], options: PlainReadOptions
    ) -> Article:
        """Make the article of all that was added, with categories that were named in some lines."""
        categories: dict[str, None] = {}
        for name, line in (*named, *self.facts.categories):
            add_category(name, line, categories, self.report)
        for blocks, place in ((self.lead, 0), (self.path[-1][3], -1)):
            if blocks:
                blocks[place] = _bare_categories(blocks[place])
        take_categories(self.path, ParagraphStyle("blank-line"), categories, self.report)
        self.close(1)
        title = self.title
        if title is None:
            title = clean_line(options.title)
            remedy = f"the title is {shown(title)}" if title else "add one"
            self.report(Diagnostic("title-missing", self.line, 1, f"no '# Title' line: {remedy}"))
        boxes = (*((self.facts.infobox,) if self.facts.infobox else ()), *infoboxes)
        lead, sections = tuple(self.path[0][3]), tuple(self.path[0][4])
        lead = without_echo(title, lead, sections, self.report)
        article = Article(title, boxes, lead, sections, tuple(categories), self.facts.metadata, self.line)
        if options.notes:
            article = with_notes(article, self.report)
        try:
            return tidied(article, self.report, "")
        except WrongShape:  # levels rise by what stands above, so none can stand in one of its own
            raise AssertionError(title) from None


def _bare_categories(block: Block) -> Block:
    """Leave out the marks of a paragraph that names categories."""
    if isinstance(block, Paragraph) and any(isinstance(inline, Strong | Emphasis) for inline in block.content):
        text = shown_text(block.content)
        if all(map(names_in, text.split("\n"))):
            return Paragraph((Text(text),), block.line)
    return block


def _take_blocks(
    lines: list[str],
    base: int,
    found: dict[int, Infobox],
    named: list[tuple[str, int]],
    begins_others: bool,
    report: Report,
) -> None:
    """Take infoboxes and categories out of lines, and leave blank ones; ``# Title`` may begin other articles."""
    code = Fences(lines)
    at, on_top = 0, True
    while at < len(lines):
        stripped = lines[at].strip()
        if not stripped or stripped != lines[at].rstrip():
            at += 1
            continue
        end = _beyond_block(lines, at, stripped, base, found, named, report, on_top)
        if end > at:
            lines[at:end] = [""] * (end - at)
        elif stripped[0] in "`~" and (end := code.end(at)) > at:
            on_top = False
        else:
            on_top = (on_top or begins_others) and stripped.startswith("# ")
        at = max(end, at + 1)


def _beyond_block(
    lines: list[str],
    at: int,
    stripped: str,
    base: int,
    found: dict[int, Infobox],
    named: list[tuple[str, int]],
    report: Report,
    on_top: bool,
) -> int:
    if on_top and stripped[0] == ">":
        return _beyond_quoted(lines, at, base, found, report)
    opening = opening_at(lines, at, stripped, on_top)
    if opening:
        infobox, end = read_infobox(lines, at, opening, base, report)
        found[at + base] = _unmarked(infobox)
        return end
    if opens_categories(lines, at, stripped):
        names: dict[str, None] = {}
        end = read_categories(lines, at, base, names, report)
        named += [(name, at + base) for name in names]
        return end
    if on_top and stripped.startswith("**"):
        facts = list(_facts(lines, at, base))
        if len(facts) >= _LEAST_FACTS:
            message = "read as an infobox, though it has no head: write 'Infobox' above its lines"
            report(Diagnostic("infobox-form", at + base, 1, message))
            found[at + base] = _unmarked(Infobox(tuple(facts), None, at + base))
            return at + len(facts)
    return at


def _beyond_quoted(lines: Sequence[str], at: int, base: int, found: dict[int, Infobox], report: Report) -> int:
    """Read an infobox that fills a quote above the text."""
    quoted = takewhile(lambda line: line.startswith(">"), (lines[place].strip() for place in range(at, len(lines))))
    inner = [line[1:].strip() for line in quoted]
    opening = opening_at(inner, 0, inner[0], on_top=True) if inner[0] else None
    if opening:
        remarks: list[Diagnostic] = []
        infobox, end = read_infobox(inner, 0, opening, base + at, remarks.append)
        if end == len(inner):
            for remark in remarks:
                report(remark)
            found[at + base] = _unmarked(infobox)
            return at + end
    return at


def _facts(lines: Sequence[str], at: int, base: int) -> Iterator[Field]:
    """Yield the fields of lines that begin with a key in bold."""
    for number in range(at, len(lines)):
        stripped = lines[number].strip()
        if not stripped.startswith("**"):
            return
        line = field_of(stripped)
        if line is None or not line.key:
            return
        yield field(line, number + base)


def _unmarked(infobox: Infobox) -> Infobox:
    """Read the Markdown of keys and values: they are text."""
    fields = tuple(
        structs.replace(row, key=_text(row.key), values=tuple(map(_text, row.values))) for row in infobox.fields
    )
    return structs.replace(infobox, fields=fields)


def _text(written: str) -> str:
    if written.isalnum():
        return written
    tokens = parser().parseInline(written)[0].children or []
    return " ".join(shown_text(read_inlines(tokens, {}, _NO_FILES, lambda code, message: None), " ").split())
