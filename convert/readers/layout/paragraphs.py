"""Lines to paragraphs: what a single line break means in an article.

A break between rows is kept whatever the option says (``rows``).  Of all others the option decides, and ``auto`` finds
out for each article.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, islice, pairwise, repeat, zip_longest
from typing import Literal

from convert.ast import Block, Inline, LineBreak, Paragraph, Section, Text
from convert.diagnostics import Diagnostic, Report
from convert.readers.layout.rows import Breaks, RowKind, look_meant, row_breaks

#: ``lines`` is short for ``keep-lines``.
Paragraphs = Literal["auto", "blank-line", "line", "keep-lines", "lines"]

#: Nobody wraps lines at more characters than this: longer ones are paragraphs.
LONGEST_WRAPPED_LINE = 200

_SENTENCE_ENDS = (*".!?:;…。！？：।॥؟۔։", ".”", "?”", "!”", '."', '?"', '!"', ".)", "。」", "。”")
#: What is told of rows that were kept apart.
KEPT: dict[RowKind, str] = {
    "notes": "notes",
    "numbers": "numbered lines that are no list",
    "lines": "indented lines below a colon",
}


class ParagraphStyle:
    """What is learned of the paragraphs of an article while they are read, to decide what its line breaks mean."""

    def __init__(self, option: Paragraphs) -> None:
        self.option = option
        #: The lines that a soft break parts from what follows, and the number of the first.
        self.broken: list[str] = []
        self.broken_line = 0
        #: Where the first line of each kind of rows stands.
        self.rows: dict[RowKind, int] = {}
        #: The lines of paragraphs whose breaks look meant.
        self.meant: list[int] = []

    def paragraph(self, raws: Sequence[str], texts: Sequence[str], line: int) -> Paragraph:
        """Make a paragraph of several lines, whose number is that of the first."""
        joined = "\n".join(texts)
        marked = marked_breaks(texts) if "\\\n" in joined else ()
        if marked:
            texts = [without_mark(text) if is_marked else text for text, is_marked in zip_longest(texts, marked)]
            joined = "\n".join(texts)
        if self.option in ("keep-lines", "lines"):
            return Paragraph(with_breaks(texts), line)
        breaks = row_breaks(raws, [text or "\\" for text in texts] if marked else texts, joined)
        if marked:
            breaks = [
                "marked" if is_marked else kind for is_marked, kind in zip(marked, breaks or repeat(None), strict=False)
            ]
        if breaks is None:
            self.broken_line = self.broken_line or line
            self.broken += texts[:-1]
            if len(joined) < 3000 and look_meant(texts):
                self.meant.append(line)
            return Paragraph((Text(joined),), line)
        for at, kind in enumerate(breaks):
            if kind is None:
                self.broken_line = self.broken_line or line + at
                self.broken.append(texts[at])
            else:
                self.rows.setdefault(kind, line + at)
        return Paragraph(with_breaks(texts, breaks), line)

    def forget(self, line: int, breaks: int, at_end: bool) -> None:
        """Forget the last or first soft breaks, which are those of the paragraph at a line that was no running text."""
        self.broken = self.broken[: len(self.broken) - breaks] if at_end else self.broken[breaks:]
        self.meant = [meant for meant in self.meant if meant != line]
        self.rows = {kind: first for kind, first in self.rows.items() if first != line}

    def applied(
        self, lead: tuple[Block, ...], sections: tuple[Section, ...], report: Report
    ) -> tuple[tuple[Block, ...], tuple[Section, ...]]:
        """Part the paragraphs of a whole article at its line breaks, if those mean that, and say so."""
        for kind, line in self.rows.items():
            if kind in KEPT:
                report(Diagnostic("lines-kept", line, 1, f"{KEPT[kind]} were kept apart, each on a line of its own"))
        if not self.broken or not self._is_by_line(lead, sections, report):
            return lead, sections
        return _by_line(lead), tuple(map(_section_by_line, sections))

    def _is_by_line(self, lead: Sequence[Block], sections: Sequence[Section], report: Report) -> bool:
        """Decide what a soft break means.

        Nobody wraps lines at 200 characters: longer ones are paragraphs, and whether more of them end in one line break
        or in a blank line decides.  Where none is that long, single line breaks end paragraphs if most of them end a
        sentence and no blank line parts paragraphs.
        """
        if self.option != "auto":
            return self.option == "line"
        broken = self.broken
        long = sum(map(_is_long, broken))
        parted = chain(_parted(lead), chain.from_iterable(map(_parted_below, sections)))
        if long:
            by_line = next(islice(filter(_is_long, parted), long - 1, None), None) is None
        else:
            ended = sum(line.endswith(_SENTENCE_ENDS) for line in broken)
            by_line = ended * 2 > len(broken) and next(parted, None) is None
        style = "line" if by_line else "blank-line"
        breaks = f"{len(broken)} single line breaks" if len(broken) > 1 else "1 single line break"
        message = f"{breaks} read as paragraphs = {style}: set 'paragraphs' if that is wrong"
        report(Diagnostic("paragraph-style", self.broken_line, 1, message))
        if self.meant and not by_line:
            what = "the short lines of a paragraph"
            if len(self.meant) > 1:
                what = f"the short lines of {len(self.meant)} paragraphs"
            message = f"{what} (verse? an address? a list?) run together on a wiki: paragraphs = keep-lines keeps them"
            report(Diagnostic("lines-joined", self.meant[0], 1, message))
        return by_line


def marked_breaks(texts: Sequence[str]) -> Sequence[bool]:
    """Tell which breaks of a paragraph are marked as meant, by a backslash; nothing if none is."""
    breaks = list(map(has_mark, texts[:-1]))
    return breaks if any(breaks) else ()


def has_mark(text: str) -> bool:
    """Return whether a line ends in the mark of a break.

    A backslash directly behind the last word, as in Markdown, or alone.  It is none behind a space, where shells go on
    with a command, or in a word with another one: a path, a command of LaTeX.
    """
    if not text.endswith("\\"):
        return False
    *_, word = text[:-1].rsplit(None, 1) or [""]
    return text == "\\" or not (text[-2].isspace() or "\\" in word)


def without_mark(text: str) -> str:
    """Leave out the mark of a break."""
    return text[:-1]


def with_breaks(texts: Sequence[str], breaks: Breaks | None = None) -> tuple[Inline, ...]:
    """Join lines to running text: by line breaks, or where there are ``breaks``, only by those; others are soft."""
    content: list[Inline] = []
    soft: list[str] = []
    for at, text in enumerate(texts):
        soft.append(text)
        if at + 1 == len(texts) or breaks is None or breaks[at]:
            if joined := "\n".join(soft):
                content.append(Text(joined))
            if at + 1 < len(texts):
                content.append(LineBreak())
            soft = []
    return tuple(content)


def _is_long(line: str) -> bool:
    return len(line) > LONGEST_WRAPPED_LINE


def _lines(block: Block) -> list[list[Inline]]:
    """Part the running text of a paragraph at its soft breaks; none of a list."""
    lines: list[list[Inline]] = []
    if isinstance(block, Paragraph):
        lines.append([])
        for inline in block.content:
            if isinstance(inline, Text) and "\n" in inline.text:
                first, *others = inline.text.split("\n")
                lines[-1] += (Text(first),) if first else ()
                lines += [[Text(other)] if other else [] for other in others]
            else:
                lines[-1].append(inline)
    return lines


def _parted(blocks: Sequence[Block]) -> Iterator[str]:
    """Yield the last lines of the paragraphs that a blank line parts from another one."""
    for block, following in pairwise(blocks):
        if isinstance(block, Paragraph) and isinstance(following, Paragraph):
            last = block.content[-1]
            yield last.text.rpartition("\n")[2] if isinstance(last, Text) else ""


def _parted_below(section: Section) -> Iterator[str]:
    yield from _parted(section.blocks)
    for below in section.sections:
        yield from _parted_below(below)


def _by_line(blocks: Sequence[Block]) -> tuple[Block, ...]:
    """Make each line of a paragraph one by itself."""
    parted: list[Block] = []
    for block in blocks:
        lines = _lines(block)
        if len(lines) < 2:
            parted.append(block)
            continue
        number = block.line
        for line in lines:
            parted.append(Paragraph(tuple(line), number))
            number += 1 + sum(isinstance(inline, LineBreak) for inline in line)
    return tuple(parted)


def _section_by_line(section: Section) -> Section:
    below = tuple(map(_section_by_line, section.sections))
    return Section(section.level, section.heading, _by_line(section.blocks), below, section.line)
