"""Fenced code: the lines from one of three or more backticks or tildes to the next such line.

Nothing between fences is structure.  What a fence is depends on nothing but its own lines and the one above, so that a
long text can be cut without reading it: a fence that does not close within ``MOST_LINES`` is text, and tildes open one
below a blank line only, as they also underline headings.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

#: A fence that is still open after so many lines is none.
MOST_LINES = 400

#: What a fence begins with.
SIGNS = frozenset("`~")

_MARK = re.compile(r"[ \t]*(`{3,}(?=[^`\n]*\Z)|~{3,}(?=[^~\n]*\Z))[ \t]*(.?)")
# Longer fences are as long as this one.
_LONGEST = 8


class Mark(NamedTuple):
    """A line that can open or close a fence; one with a word behind it closes none."""

    line: int
    sign: str
    length: int
    opens: bool
    closes: bool


def mark_of(text: str, line: int, after_blank: bool) -> Mark | None:
    """Read the text of a line as a mark."""
    matched = _MARK.match(text)
    if not matched:
        return None
    signs, word = matched.groups()
    return Mark(line, signs[0], min(len(signs), _LONGEST), signs[0] == "`" or after_blank, not word)


class Fences:
    """The fences of a text, which are looked for when the first line is met that can be one."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines
        self._ends: dict[int, int] | None = None

    def end(self, at: int) -> int:
        """Return where the code ends that begins with the fence ``lines[at]``; ``at`` if that is none."""
        return self._found().get(at, at)

    def code(self, start: int) -> Iterator[tuple[int, int]]:
        """Yield where code begins and ends, from a line on."""
        return ((first, end) for first, end in self._found().items() if first >= start)

    def _found(self) -> dict[int, int]:
        if self._ends is None:
            self._ends = dict(spans(_marks(self._lines), len(self._lines)).closed)
        return self._ends


def _marks(lines: Sequence[str]) -> Iterator[Mark]:
    for at, line in enumerate(lines):
        if "```" in line or "~~~" in line:
            mark = mark_of(line, at, not at or not lines[at - 1].strip(" \t"))
            if mark:
                yield mark


class Spans(NamedTuple):
    """Where fences begin and, behind their last line, end; ``open_from`` is a line that may still begin one."""

    closed: list[tuple[int, int]]
    open_from: int | None


def spans(marks: Iterable[Mark], count: int) -> Spans:
    """Find the fences among the marks of a text of so many lines, in linear time."""
    ordered = list(marks)
    closing: dict[tuple[str, int], list[int]] = defaultdict(list)
    for mark in reversed(ordered):
        if mark.closes:
            for length in range(3, mark.length + 1):
                closing[mark.sign, length].append(mark.line)
    end, closed = 0, []
    open_from: int | None = None
    for mark in ordered:
        if mark.line < end or not mark.opens:
            continue
        ends = closing[mark.sign, mark.length]
        while ends and ends[-1] <= mark.line:
            ends.pop()
        if ends and ends[-1] - mark.line <= MOST_LINES:
            end = ends[-1] + 1
            closed.append((mark.line, end))
        elif not ends and count - mark.line <= MOST_LINES and open_from is None:
            open_from = mark.line
    return Spans(closed, open_from)
