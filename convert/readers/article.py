"""One plain article: its title, blocks and sections, line by line.  ``plain`` reads the articles of a text with it."""

from __future__ import annotations

from collections.abc import Sequence

from convert.ast import Article, Block, Infobox, Paragraph, Section, Text
from convert.diagnostics import Diagnostic, Report, shown
from convert.readers.categories import add_category, opens_categories, read_categories
from convert.readers.characters import BULLET_SIGNS, VEILS
from convert.readers.clean import clean_line
from convert.readers.headings import check_sides, heading_of
from convert.readers.heads.category_lines import OpenSection, take_categories
from convert.readers.heads.facts import Facts
from convert.readers.heads.heading_forms import is_underline
from convert.readers.heads.opening import (
    ROUND,
    Opening,
    heading_text,
    next_opening,
    read_opening,
    tell_hidden,
    tell_marks,
    without_echo,
)
from convert.readers.heads.titles_below import title_below, with_title_below
from convert.readers.infoboxes.blocks import check_infobox_name, opens_block, read_infobox
from convert.readers.infoboxes.heads import HEAD_SIGNS, LATIN, SECONDS, may_open
from convert.readers.infoboxes.openings import opening_at
from convert.readers.infoboxes.unread import tell_unread
from convert.readers.layout.fences import SIGNS, Fences, tell_unclosed
from convert.readers.layout.looks import STARTS, TAG, tell_table
from convert.readers.layout.marks import CERTAIN_STARTS, UNSURE_STARTS, counts, item_of, opens_list
from convert.readers.layout.paragraphs import ParagraphStyle
from convert.readers.layout.tables import opens_tab_table, opens_table, read_tab_table, read_table, take_caption
from convert.readers.lists import read_list
from convert.readers.plain_options import PlainReadOptions

_NO_FACTS = Facts()

#: What lines begin with that may be items; what lines begin with that may end a paragraph, may begin code or a table,
#: are no paragraph even alone.
_MARKS = CERTAIN_STARTS | UNSURE_STARTS
_STARTS = _MARKS | SIGNS | VEILS | STARTS | frozenset("=")
_KEPT_SIGNS = SIGNS | {"|"}
_SIGNS = VEILS | SIGNS | STARTS | frozenset("=-*•#1[" + BULLET_SIGNS)
#: What a line that may open a block begins with: a head, ``Categories``, or the first row of a table.
_BLOCK_SIGNS = HEAD_SIGNS | frozenset("C|")
_BLOCK_LETTERS = LATIN | {"C"}
_BLOCK_SECONDS = SECONDS | {"at"}
_HEADING_SIGNS = HEAD_SIGNS | ROUND
#: What every line begins with that may be more than a line of a paragraph.
_ALL_SIGNS = _SIGNS | _BLOCK_SIGNS | frozenset("0123456789")


class ArticleReader:
    """Reads one article, which begins at ``lines[at]``; ``at`` is then where the next one begins."""

    def __init__(self, lines: Sequence[str], at: int, code: Fences, options: PlainReadOptions, report: Report) -> None:
        self.lines, self.at, self.code, self.options, self.report = lines, at, code, options, report
        self.base, self.tables = options.line, options.tables
        #: ``None`` until it was read, and where a line must first be unveiled.
        self.article: Article | None = None
        self.looks_for_veils = self.veiled = False
        #: Whether the title is a heading, where what stands below it begins, and where the article must end.
        self.is_headed, self.body, self.end = False, at, len(lines)
        #: The title that stands below the infobox; no infobox before an index has one.  ``above``: others had.
        self.title_at, self.untitled_to, self.above = -1, 0, False
        #: The facts above the text.
        self.facts = _NO_FACTS
        #: Whether a line begins as in other markup, and whether one that may be the head of an infobox opens none.
        self.is_odd = self.has_other_heads = False
        #: The lines of headings in bold or italics.
        self.marked: list[int] = []
        self.infoboxes: list[Infobox] = []
        self.categories: dict[str, None] = {}
        self.style = ParagraphStyle(options.paragraphs)
        #: The number that would count on with the last list.
        self.next_number = 0
        self.blocks: list[Block] = []
        self.path: list[OpenSection] = [(0, "", 0, self.blocks, [])]

    def read(self, fallback: str, unveiled: bool) -> None:
        """Read to the end of the article, or to a line that must be ``unveiled`` first."""
        self.looks_for_veils = not unveiled
        start = self.at
        opening = read_opening(self.lines, start, self.base, self._opens_other, self.report)
        if not opening.is_headed:
            opening, self.title_at = with_title_below(self.lines, opening, self.base, self.report)
            self.above |= self.title_at >= 0
        title, self.at, self.is_headed = opening.title, opening.end, opening.is_headed
        self.body = max(opening.end, self.title_at + 1)
        self.facts = opening.facts
        if self.facts.title and self.options.articles != "one":
            self.end = next_opening(self.lines, start, opening.end, self._opens_other)
        if title is None:
            tell_table(self.lines, opening.end, opening.line, self.report)
            title = clean_line(fallback)
            message = f"no '= Title =' line: the title is {shown(title)}" if title else "no '= Title =' line: add one"
            self.report(Diagnostic("title-missing", opening.line, 1, message))
        for name, line in opening.facts.categories:
            add_category(name, line, self.categories, self.report)
        self.infoboxes += (opening.facts.infobox,) if opening.facts.infobox else ()
        self.marked += (opening.line,) if opening.marked else ()
        if self._read_body():
            self.article = self._article(title or "", opening)

    def _opens_next(self, at: int) -> bool:
        """Return whether an infobox at ``lines[at]`` is that of the next article, whose title stands below it."""
        is_behind = self.blocks or len(self.path) > 1 or 0 <= self.title_at < at
        if not is_behind or at < self.untitled_to or self.options.articles == "one":
            return False
        title, end = title_below(self.lines, at)
        self.untitled_to = end if title < 0 else at
        return title >= 0

    def _article(self, title: str, opening: Opening) -> Article:
        """Make the article of all that was read."""
        take_categories(self.path, self.style, self.categories, self.report)
        self._close(1)
        tell_marks(self.marked, self.report)
        lead, sections = tuple(self.path[0][3]), tuple(self.path[0][4])
        lead = without_echo(title, lead, sections, self.report)
        if self.style.rows or self.style.broken:
            lead, sections = self.style.applied(lead, sections, self.report)
            lead = without_echo(title, lead, sections, self.report)
        infoboxes, categories = tuple(self.infoboxes), tuple(self.categories)
        article = Article(title, infoboxes, lead, sections, categories, opening.facts.metadata, opening.line)
        if not title.isascii():
            tell_hidden(title, opening.line, self.report)
        if self.has_other_heads or not infoboxes or may_open(article.title):
            tell_unread(article, self.lines, opening.end, self.at, self.base, self.report)
        return article

    def _opens_other(self, at: int) -> bool:
        stripped = self.lines[at].strip()
        return opens_block(self.lines, at, stripped) or heading_of(stripped) is not None

    def _read_body(self) -> bool:
        """Read up to the next title, and return true; false before a line that must be unveiled."""
        lines, base = self.lines, self.base
        count = self.end
        after_blank = is_counting = False
        at = self.at
        while at < count:
            stripped = lines[at].strip()
            if not stripped:
                after_blank = True
                at += 1
                continue
            first = stripped[0]
            opens_block = False
            is_text = first not in _ALL_SIGNS
            if not is_text:
                opens_block = first in _BLOCK_SIGNS and _may_open_block(stripped)
                is_text = not opens_block and first not in _SIGNS and not (is_counting and first.isdigit())
            if is_text and (at + 1 == count or not lines[at + 1]):
                # As most paragraphs are: a line above a blank one.
                self.blocks.append(Paragraph((Text(stripped),), at + base))
                at += 2
                after_blank = True
                continue
            self.at = at
            if first == "=":
                if self._read_heading(stripped, after_blank):
                    return not self.veiled
            elif opens_block and self._beyond_block(at) > at:
                pass
            elif opens_block and self.above and self._opens_next(at):
                return True
            elif first in _MARKS and opens_list(self.lines, at, stripped):
                block, self.at = read_list(lines, at, base, self.report, self._beyond_block, self.code)
                is_counting = block.kind == "numbered"
                self.next_number = len(block.items) + 1 if is_counting else 0
                self.blocks.append(block)
                if self.at - at != len(block.items) and self.looks_for_veils:
                    self.veiled |= not VEILS.isdisjoint([line[:1] for line in lines[at : self.at]])
            elif first in VEILS and self.looks_for_veils:
                return False
            else:
                self.has_other_heads |= opens_block
                if not ((first in _KEPT_SIGNS or self.tables != "piped") and self._reads_kept(at, first)):
                    self._read_paragraph(stripped)
            after_blank = False
            at = self.at
            if self.veiled:
                return False
        self.at = at
        return True

    def _beyond_block(self, at: int) -> int:
        """Read the infobox or categories block that begins at ``lines[at]``, if any; return where it ends."""
        lines, base = self.lines, self.base
        stripped = lines[at].strip()
        if opens_categories(lines, at, stripped):
            self.at = read_categories(lines, at, base, self.categories, self.report)
        elif self.above and self._opens_next(at):
            return at
        elif opening := opening_at(lines, at, stripped, on_top=len(self.path) == 1 and not self.blocks):
            if len(self.path) > 1 or self.blocks:
                message = "an infobox is shown above the lead: move it there"
                self.report(Diagnostic("infobox-place", at + base, 1, message))
            infobox, self.at = read_infobox(lines, at, opening, base, self.report)
            self.infoboxes.append(infobox)
            if self.looks_for_veils:
                self.veiled |= not VEILS.isdisjoint([line[:1] for line in lines[at : self.at]])
        else:
            return at
        return self.at

    def _reads_kept(self, at: int, first: str) -> bool:
        """Read the fenced code or the table that begins at ``lines[at]``, if any: its lines are kept apart."""
        if first in SIGNS and self.code.end(at) > at:
            self.blocks.append(self.code.read(at, self.base, self.report))
            self.at = self.code.end(at)
        elif first == "|" and opens_table(self.lines, at):
            table, self.at = read_table(
                self.lines, at, self.base, self.report, take_caption(self.blocks, self.lines, at)
            )
            self.blocks.append(table)
        elif self.tables != "piped" and opens_tab_table(self.lines, at):
            is_headed = self.tables == "tabs-headed"
            caption = take_caption(self.blocks, self.lines, at)
            table, self.at = read_tab_table(self.lines, at, self.base, self.report, caption, is_headed=is_headed)
            self.blocks.append(table)
        else:
            return False
        return True

    def _read_heading(self, stripped: str, after_blank: bool) -> bool:
        """Read a line that begins with ``=``; tell whether it is the title of the next article."""
        line = self.at + self.base
        heading = heading_of(stripped)
        if heading is None:
            if stripped[-1] in VEILS and self.looks_for_veils:
                self.veiled = True
                return True
            message = f"{shown(stripped)} is no heading, so it is text: put words between equals signs"
            self.report(Diagnostic("heading-empty", line, 1, message))
            self._read_paragraph(stripped)
            return False
        level, text, is_even = heading
        if level == 1:
            if self.at == self.title_at:
                self.at += 1
                return False
            if self.options.articles != "one" and after_blank:
                return True
        at = self.at
        is_odd = text[0] in _HEADING_SIGNS or text[-1] in ROUND
        if is_odd and may_open(text):
            if self._beyond_block(at) > at:
                return False
            if self.above and self._opens_next(at):
                return True
            self.has_other_heads = True
        if level == 1 and self.options.articles != "one":
            message = f"{shown(text)} touches the line above, so it is a section: a title follows a blank line"
            self.report(Diagnostic("heading-title", line, 1, message))
        if not is_even:
            check_sides(heading, line, self.report)
        if is_odd and (text[0] in ROUND or text[-1] in ROUND):
            text, marked = heading_text(text, line, self.report)
            self.has_other_heads |= may_open(text)
            self.marked += (line,) if marked else ()
        self._close(level)
        self.blocks = []
        self.path.append((level, text, line, self.blocks, []))
        self.at += 1
        return False

    def _close(self, level: int) -> None:
        """Close the open sections of a level and those below."""
        path = self.path
        while path[-1][0] >= level:
            own, heading, line, blocks, below = path.pop()
            path[-1][4].append(Section(own, heading, tuple(blocks), tuple(below), line))

    def _check_number(self, stripped: str) -> None:
        """Report a line that would count on with a list, if nothing stood between."""
        item = item_of(self.lines[self.at], stripped)
        if item and item.number == self.next_number:
            self.next_number += 1
            where = "put it below the list, without text between"
            message = f"number {item.number} begins no list, so this is text: {where}"
            self.report(Diagnostic("list-parted", self.at + self.base, 1, message))

    def _read_paragraph(self, stripped: str) -> None:
        lines = self.lines
        start = at = self.at
        texts = [stripped]
        self.is_odd |= stripped[0] in STARTS and (stripped[0] != "'" or stripped.startswith("'''"))
        if stripped[0] == "[":
            self.is_odd |= TAG.match(stripped) is not None
        if stripped[0] == "I":
            check_infobox_name(lines, at, stripped, self.base, self.report)
        if stripped[0] in SIGNS and self.code.is_unclosed(at):
            tell_unclosed(stripped, at + self.base, self.report)
        if self.next_number and stripped[0].isdigit():
            self._check_number(stripped)
        at += 1
        while at < len(lines):
            following = lines[at].strip()
            if not following:
                break
            if following[0] in _STARTS and self._ends_paragraph(at, following):
                break
            if following[0] in _BLOCK_SIGNS and _may_open_block(following):
                if opens_block(lines, at, following):
                    break
                check_infobox_name(lines, at, following, self.base, self.report)
            if self.tables != "piped" and opens_tab_table(lines, at):
                break
            texts.append(following)
            at += 1
        self.at = at
        line = start + self.base
        if len(texts) > 1:
            self.blocks.append(self.style.paragraph(lines[start:at], texts, line))
        else:
            self.blocks.append(Paragraph((Text(stripped),), line))

    def _ends_paragraph(self, at: int, stripped: str) -> bool:
        first = stripped[0]
        if self.looks_for_veils and (first in VEILS or (first == "=" and stripped[-1] in VEILS)):
            return True
        if first in "=-" and not stripped.strip(first) and is_underline(self.lines, at):
            self.style.rows.setdefault("underlined", at - 1 + self.base)
        if first == "=":
            return heading_of(stripped) is not None
        self.is_odd |= first in STARTS
        if first in SIGNS:
            if self.code.is_unclosed(at):
                tell_unclosed(stripped, at + self.base, self.report)
            return self.code.end(at) > at
        if first == "|" and opens_table(self.lines, at):
            return True
        if not opens_list(self.lines, at, stripped):
            return False
        above = self.lines[at - 1].strip()
        return not (first == "1" and above[0] == "0" and counts(self.lines, at, stripped))


def _may_open_block(stripped: str) -> bool:
    """Return whether a line that begins with one of ``_BLOCK_SIGNS`` may open a block."""
    return stripped[0] not in _BLOCK_LETTERS or stripped[1:3] in _BLOCK_SECONDS
