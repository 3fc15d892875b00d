"""Fenced code: the lines from one of three or more backticks or tildes to the next such line.

Nothing between fences is structure.  What a fence is depends on nothing but its own lines and the one above, so that a
long text can be cut without reading it: a fence that does not close within ``MOST_LINES`` is text, and tildes open one
with the name of a language, or three of them below a blank line or a heading, or indented: they also underline lines.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from convert.ast import Preformatted
from convert.diagnostics import Diagnostic, Report, shown
from convert.expressions import expression

#: A fence that is still open after so many lines is none.
MOST_LINES = 400

#: What a fence begins with.
SIGNS = frozenset("`~")

_MARK = expression(r"[ \t]*(`{3,}(?=[^`\n]*\Z)|~{3,}(?=[^~\n]*\Z))[ \t]*(.?)")
# What stands behind a fence: python, {.python}, {python, echo=FALSE}; and the rest.
_LANGUAGE = expression(r"\{?\.?([^\s{},]+)[\s,}]*(.*)")
_SHORTEST = 3
# Longer fences are as long as this one.
_LONGEST = 8


class Mark(Struct, frozen=True):
    """A line that can open or close a fence; one with a word behind it closes none."""

    line: int
    sign: str
    length: int
    opens: bool
    closes: bool


def may_open_below(above: str) -> bool:
    """Return whether tildes alone can open code below a line: not where they may underline it."""
    above = above.strip(" \t\ufeff")
    return not above or above[-1] == "="


def mark_of(text: str, line: int, may_open: bool) -> Mark | None:
    """Read the text of a line as a mark; ``may_open`` is what ``may_open_below`` says of the line above."""
    matched = _MARK.match(text)
    if not matched:
        return None
    signs, word = matched.groups()
    # Of four tildes and more people draw lines, and sign with them on a wiki.
    opens = signs[0] == "`" or word != "" or (len(signs) == _SHORTEST and (may_open or text[0].isspace()))
    return Mark(line, signs[0], min(len(signs), _LONGEST), opens, not word)


class Fences:
    """The fences of a text, which are looked for when the first line is met that can be one."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines
        self._ends: dict[int, int] | None = None

    def end(self, at: int) -> int:
        """Return where the code ends that begins with the fence ``lines[at]``; ``at`` if that is none."""
        return self._found().get(at, at)

    def is_unclosed(self, at: int) -> bool:
        """Return whether ``lines[at]`` is a fence that nothing closes; of tildes alone, it may be anything."""
        mark = mark_of(self._lines[at], at, may_open=False)
        return mark is not None and (mark.sign == "`" or not mark.closes) and self.end(at) == at

    def read(self, at: int, base: int, report: Report) -> Preformatted:
        """Read the code that begins with the fence ``lines[at]``: its lines without the margin of the fence."""
        raw = self._lines[at]
        margin = len(raw) - len(raw.lstrip())
        code = [_without_margin(line, margin) for line in self._lines[at + 1 : self.end(at) - 1]]
        language, rest = language_of(raw.strip().strip(raw[margin]))
        if rest:
            message = f"{shown(rest)} behind the name of a language is left out"
            report(Diagnostic("fence-words", at + base, 1, message))
        return Preformatted("\n".join(code), language, at + base)

    def code(self, start: int) -> Iterator[tuple[int, int]]:
        """Yield where code begins and ends, from a line on."""
        return ((first, end) for first, end in self._found().items() if first >= start)

    def _found(self) -> dict[int, int]:
        if self._ends is None:
            self._ends = dict(spans(_marks(self._lines), len(self._lines)).closed)
        return self._ends


def language_of(info: str) -> tuple[str, str]:
    """Return the language that the words behind a fence name, and the words that are left."""
    matched = _LANGUAGE.match(info.strip())
    return (matched[1], matched[2].removesuffix("}").strip()) if matched else ("", "")


def tell_unclosed(stripped: str, line: int, report: Report) -> None:
    """Report a fence that nothing closes."""
    message = f"{shown(stripped)} begins code that does not end within {MOST_LINES} lines, so it is text: close it"
    report(Diagnostic("fence-unclosed", line, 1, message))


def _without_margin(line: str, margin: int) -> str:
    return line if not margin else line[min(margin, len(line) - len(line.lstrip())) :]


def _marks(lines: Sequence[str]) -> Iterator[Mark]:
    for at, line in enumerate(lines):
        if "```" in line or "~~~" in line:
            mark = mark_of(line, at, not at or may_open_below(lines[at - 1]))
            if mark:
                yield mark


class Spans(Struct, frozen=True):
    """Where fences begin and, behind their last line, end; ``open_from`` is a line that may still begin one."""

    closed: Sequence[tuple[int, int]]
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
