"""Article boundaries: offsets at which a long text may be cut between articles, found in its bytes.

The stretches between cuts are read to the same articles as the whole text.  A missed boundary only costs memory, so
the rules are stricter than the readers' own: ASCII white space only, no control characters.  Stretches of XML and of
JSON arrays need a frame (``convert.inputs.bounds.element_bounds``).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator

from convert.expressions import expression
from convert.inputs.bounds.element_bounds import Cut, ElementBounds, Text, element_bounds
from convert.inputs.bounds.map_bounds import MAP_FRAME, MapBounds, is_map_head
from convert.inputs.piece import Frame
from convert.readers.heads.opening import MOST_LINES_ABOVE_TITLE, title_of
from convert.readers.heads.titles_below import may_begin_with_infobox
from convert.readers.layout.fences import Mark, mark_of, may_open_below, spans
from convert.readers.plain import Articles

# A blank line or a form feed, then a whole line that begins with an equals sign.
_HEADING = expression(rb"(?:\n[ \t]*+\r?\n|\f[ \t\r\n]*+)([ \t]*+=[^\x00-\x08\x0b-\x1f\n]*+)(?=\r?\n)")
_FIRST_LINE = expression(rb"(?:\xef\xbb\xbf|\s)*+([^\r\n]{1,300})")
# A first line that may begin facts above a title, which belong to the article.
_FACTS = expression(rb"\s*+(?:[^\x00-\x7f]|\s)*+(?:---|\+\+\+|[^\n=][^\n]*?(?::|\xef\xbc\x9a))")
# A line that may begin or end fenced code.
_FENCE = expression(rb"(?:\A|(?<=[\r\n]))(?:\xef\xbb\xbf)?([ \t]*+(?:```|~~~)[^\r\n]*+)")
# Within one JSON text a comma stands between a brace and the next object.
_OBJECT = expression(rb"\}[ \t]*+\r?\n(?=\{)")
_DOC = expression(rb"\n(<doc [^\n]*>)(?=\r?\n)")
_WP2TXT = expression(rb"\n[ \t]*+\r?\n(\[\[[^\[\]|{}<>#\r\n]{1,255}\]\])[ \t]*+(?=\r?\n[ \t]*+\r?\n)")
_PAGE = expression(rb"\n(\{\{-start-\}\})")
_TAIL_BYTES = 1 << 16
#: How much of a stretch that is too large is kept, to find its title.
OVERLAP_BYTES = 1 << 16

# What the reader takes for ends of lines, beside line feeds and carriage returns.
_OTHER_BREAKS = tuple(sign.encode() for sign in "\x0b\x0c\x85\u2028\u2029")
# More white space than this on a line is taken for text.
_MOST_BLANKS = 1000


def before_titles(text: Text, start: int) -> Iterator[int]:
    """Yield the offsets of articles of a plain text, except one at its beginning."""
    first = _FIRST_LINE.match(text)
    if first and may_begin_with_infobox(first[1].decode("utf-8", "replace")):  # titles may stand below their infoboxes
        return
    code = _code(text)
    for match in _HEADING.finditer(text, max(start, _beyond_facts(text))):
        at = match.start(1)
        if title_of(match[1].decode("utf-8", "replace")) and not bisect_right(code, at) % 2:
            yield at


def _code(text: Text) -> list[int]:
    """Return the offsets at which fenced code begins and ends, in turn; one that may end behind the text does not end.

    The text must begin with an article: a fence is known by those before it.
    """
    if b"```" not in text and b"~~~" not in text:
        return []
    if any(sign in text for sign in _OTHER_BREAKS):  # more begin a line than can be told here: nothing is cut
        return [0]
    marks: list[Mark] = []
    offsets: dict[int, int] = {}
    line = end = 0
    for match in _FENCE.finditer(text):
        line += _lines(text, end, match.start(1))
        end = match.start(1)
        mark = mark_of(match[1].decode("utf-8", "replace"), line, line == 0 or _may_open(text, end))
        if mark:
            marks.append(mark)
            offsets[line] = end
    count = line + _lines(text, end, len(text)) + 1
    code: list[int] = []
    fences = spans(marks, count)
    for first, behind in fences.closed:
        code += (offsets[first], offsets[behind - 1] + 1)
    if fences.open_from is not None:
        code = [at for at in code if at < offsets[fences.open_from]] + [offsets[fences.open_from]]
    return code


def _lines(text: Text, start: int, end: int) -> int:
    """Count the ends of lines in a part of a text."""
    breaks = text.count(b"\n", start, end)
    returns = text.count(b"\r", start, end)
    return breaks + returns - text.count(b"\r\n", start, end) if returns else breaks


def _may_open(text: Text, at: int) -> bool:
    """Return whether tildes alone can open code at an offset that begins a line."""
    above = bytes(text[max(0, at - _MOST_BLANKS) : at]).decode("utf-8", "replace")
    lines = above.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return len(lines) > 1 and may_open_below(lines[-2])


def _beyond_facts(text: Text) -> int:
    """Return an offset beyond all that may be facts above the first title, and beyond that; 0 if there are none."""
    at = 0
    if _FACTS.match(text):
        for _ in range(MOST_LINES_ABOVE_TITLE):
            at = text.find(b"\n", at) + 1
            if not at:
                return len(text)
    return at


def before_objects(text: Text, start: int) -> Iterator[int]:
    """Yield the offsets of JSON objects that begin a line behind another object."""
    for match in _OBJECT.finditer(text, start):
        yield match.end()


def before_lines(text: Text, start: int) -> Iterator[int]:
    """Yield the offsets of lines behind an offset: a record cannot contain a line break."""
    at = start
    while at := text.find(b"\n", at) + 1:
        yield at


def _before(pattern: re.Pattern[bytes]) -> Callable[[Text, int], Iterator[int]]:
    """Make the function that yields the offsets of a pattern's first group."""

    def cuts(text: Text, start: int) -> Iterator[int]:
        for match in pattern.finditer(text, start):
            yield match.start(1)

    return cuts


#: By format, the function that yields all cuts from an offset on; ``lines`` is JSON Lines.
CUTS: dict[str, Callable[[Text, int], Iterator[int]]] = {
    "plain": before_titles,
    "json": before_objects,
    "lines": before_lines,
    "wikiextractor": _before(_DOC),
    "wp2txt": _before(_WP2TXT),
    "pagefromfile": _before(_PAGE),
}


def unit_of(format: str, lines: bool, articles: Articles) -> str:
    """Name the unit that a text is cut between, as in ``CUTS``; empty where it is one article."""
    if lines:
        return "lines"
    return "" if format == "plain" and articles == "one" else format


def last_cut(text: Text, format: str, start: int = 0) -> int:
    """Return the last cut from an offset on; 0 if there is none."""
    cuts = CUTS.get(format)
    at = 0
    # It is usually near the end.
    for begin in (max(start, len(text) - _TAIL_BYTES), start):
        if cuts and not at:
            for at in cuts(text, begin):  # noqa: B007
                pass
    return at


class TextBounds(ElementBounds):
    """Finds the cuts of a text whose articles stand one after another, and need no frame."""

    def __init__(self, format: str) -> None:
        super().__init__(("", ""))
        self._format = format

    def cuts(self, held: Text) -> Iterator[Cut]:
        """Yield the cuts that were not found before."""
        cuts = CUTS.get(self._format)
        for at in cuts(held, self._at) if cuts else ():
            yield at, at

    def last(self, held: Text) -> Cut | None:
        """Return the last of them."""
        at = last_cut(held, self._format, self._at)
        return (at, at) if at else None

    def needed_from(self, held: Text) -> int:
        """A line that is not all there may be the title of the next article, but none that is very long."""
        return max(self._at, len(held) - OVERLAP_BYTES)

    def searched(self, held: Text) -> None:
        """Search the last blank line and the unfinished line below it again, with the next block."""
        self._at = max(0, held.rfind(b"\n", 0, max(0, held.rfind(b"\n"))))


def bounds_of(format: str, head: Text, frame: Frame = ("", "")) -> ElementBounds:
    """Return what finds the cuts of a stream that begins so, or of a stretch with a frame."""
    if format == "json" and (frame == MAP_FRAME or (not frame[0] and is_map_head(head))):
        return MapBounds(frame)
    return element_bounds(format, head, frame) or TextBounds(format)


def stretches(text: bytes, format: str, frame: Frame = ("", "")) -> Iterator[tuple[int, bytes, Frame]]:
    """Cut a text, or a stretch with a frame, at every boundary; yield each stretch with its offset and its frame."""
    bounds = bounds_of(format, text, frame)
    start, before = 0, frame[0]
    for end, following in bounds.cuts(text):
        yield start, text[start:end], (before, bounds.frame[1])
        start, before = following, bounds.frame[0]
    yield start, text[start:], (before, frame[1])
