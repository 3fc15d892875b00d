"""Plain articles, version 1, to the tree.  The format is documented by example in ``fixtures/spec``.

Reading is total: any string gives articles and diagnostics.  Nothing in a text is markup but titles, headings, infobox
and categories blocks, list lines and blank lines; all else is the author's characters.  White space at the ends of
lines is not kept, and neither are the places of line breaks within values and list items.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from convert.ast import Article, Block, Infobox, Paragraph, Section, Text
from convert.diagnostics import Diagnostic, Report, shown
from convert.readers.categories import read_categories
from convert.readers.clean import clean, clean_line
from convert.readers.detokenize import detokenized
from convert.readers.headings import Heading, heading_of
from convert.readers.infoboxes import BLOCK_WORDS, check_infobox_name, opens_block, read_infobox
from convert.readers.layout.paragraphs import Paragraphs, ParagraphStyle
from convert.readers.lists import item_of, read_list

_MARKERS = frozenset("-*•#1")
_SIGNS = _MARKERS | frozenset("=")


class PlainReadOptions(Struct, frozen=True):
    """How plain articles are read.

    ``title`` serves the first article if its text has none; ``line`` is the number of the text's first line.
    ``checked`` says that somebody has seen to it that every character can be kept (``clean.holdable``).
    """

    title: str = ""
    line: int = 1
    paragraphs: Paragraphs = "auto"
    detokenize: bool = False
    checked: bool = False


def read(text: str, report: Report, options: PlainReadOptions = PlainReadOptions()) -> Iterator[Article]:
    """Read every article of a text, in order."""
    text = text.removeprefix("\ufeff")
    if "\ufeff" in text:  # files that were joined
        text = text.replace("\n\ufeff", "\n")
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not options.checked:
        text = clean(text, report, options.line)
    if options.detokenize:
        text = detokenized(text)
    lines = text.split("\n")
    at = next((index for index, line in enumerate(lines) if line and not line.isspace()), len(lines))
    if at == len(lines):
        report(Diagnostic("empty", options.line, 1, "there is no article: the text is empty"))
    title = options.title
    while at < len(lines):
        reader = _ArticleReader(lines, at, options, report)
        yield reader.read(title)
        at = reader.at
        title = ""


def title_of(line: str) -> str | None:
    """Read a line as a title: a level-1 heading.  It is one where it begins the text or follows a blank line."""
    stripped = line.strip()
    heading = heading_of(stripped) if stripped else None
    return heading[1] if heading and heading[0] == 1 else None


#: A section under construction: its level, heading and line, and what stands under it.
_Open = tuple[int, str, int, list[Block], list[Section]]


class _ArticleReader:
    """Reads one article, which begins at ``lines[at]``; ``at`` is then where the next one begins."""

    def __init__(self, lines: Sequence[str], at: int, options: PlainReadOptions, report: Report) -> None:
        self.lines, self.at, self.options, self.report = lines, at, options, report
        self.base = options.line
        self.infoboxes: list[Infobox] = []
        self.categories: dict[str, None] = {}
        self.style = ParagraphStyle(options.paragraphs)
        self.blocks: list[Block] = []
        self.path: list[_Open] = [(0, "", 0, self.blocks, [])]

    def read(self, fallback: str) -> Article:
        """Read to the end of the article."""
        line = self.at + self.base
        heading = heading_of(self.lines[self.at].strip())
        if heading and heading[0] == 1:
            title = heading[1]
            self._check_sides(heading, line)
            self.at += 1
        else:
            title = clean_line(fallback)
            message = f"no '= Title =' line: the title is {shown(title)}" if title else "no '= Title =' line: add one"
            self.report(Diagnostic("title-missing", line, 1, message))
        self._read_body()
        self._close(1)
        lead, sections = self.style.applied(tuple(self.path[0][3]), tuple(self.path[0][4]), self.report)
        return Article(title, tuple(self.infoboxes), lead, sections, tuple(self.categories), {}, line)

    def _read_body(self) -> None:
        lines, base = self.lines, self.base
        count = len(lines)
        after_blank = False
        at = self.at
        while at < count:
            stripped = lines[at].strip()
            if not stripped:
                after_blank = True
                at += 1
                continue
            first = stripped[0]
            opens_block = first in "IC" and stripped.startswith(BLOCK_WORDS)
            if first not in _SIGNS and not opens_block and (at + 1 == count or not lines[at + 1]):
                # As most paragraphs are: a line above a blank one.
                self.blocks.append(Paragraph((Text(stripped),), at + base))
                at += 2
                after_blank = True
                continue
            self.at = at
            if first == "=":
                if self._read_heading(stripped, after_blank):
                    return
            elif first in _SIGNS and self._opens_list(at, stripped):
                block, self.at = read_list(lines, at, base, self.report, self._beyond_block)
                self.blocks.append(block)
            elif not (opens_block and self._beyond_block(at) > at):
                self._read_paragraph(stripped)
            after_blank = False
            at = self.at
        self.at = at

    def _beyond_block(self, at: int) -> int:
        """Read the infobox or categories block that begins at ``lines[at]``, if any; return where it ends."""
        lines, base = self.lines, self.base
        stripped = lines[at].strip()
        if not opens_block(lines, at, stripped):
            return at
        if stripped[0] == "C":
            self.at = read_categories(lines, at, base, self.categories, self.report)
        else:
            if len(self.path) > 1 or self.blocks:
                message = "an infobox is shown above the lead: move it there"
                self.report(Diagnostic("infobox-place", at + base, 1, message))
            infobox, self.at = read_infobox(lines, at, base, self.report)
            self.infoboxes.append(infobox)
        return self.at

    def _opens_list(self, at: int, stripped: str) -> bool:
        if stripped.startswith("- "):
            return True
        item = item_of(self.lines[at], stripped)
        return item is not None and item.opens_list

    def _read_heading(self, stripped: str, after_blank: bool) -> bool:
        """Read a line that begins with ``=``; tell whether it is the title of the next article."""
        line = self.at + self.base
        heading = heading_of(stripped)
        if heading is None:
            message = f"{shown(stripped)} is no heading, so it is text: put words between equals signs"
            self.report(Diagnostic("heading-empty", line, 1, message))
            self._read_paragraph(stripped)
            return False
        level, text, _ = heading
        if level == 1 and after_blank:
            return True
        if level == 1:
            message = f"{shown(text)} touches the line above, so it is a section: a title follows a blank line"
            self.report(Diagnostic("heading-title", line, 1, message))
        self._check_sides(heading, line)
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

    def _check_sides(self, heading: Heading, line: int) -> None:
        level, text, is_even = heading
        if not is_even:
            message = f"the sides differ, so this is the level-{level} heading {shown(text)}: make them equal"
            self.report(Diagnostic("heading-unequal", line, 1, message))

    def _read_paragraph(self, stripped: str) -> None:
        lines = self.lines
        start = at = self.at
        texts = [stripped]
        check_infobox_name(lines, at, stripped, self.base, self.report)
        at += 1
        while at < len(lines):
            following = lines[at].strip()
            if not following or (following[0] == "=" and heading_of(following)):
                break
            if following[0] in _MARKERS and self._opens_list(at, following):
                break
            if following.startswith(BLOCK_WORDS):
                if opens_block(lines, at, following):
                    break
                check_infobox_name(lines, at, following, self.base, self.report)
            texts.append(following)
            at += 1
        self.at = at
        line = start + self.base
        if len(texts) > 1:
            self.blocks.append(self.style.paragraph(lines[start:at], texts, line))
        else:
            self.blocks.append(Paragraph((Text(stripped),), line))
