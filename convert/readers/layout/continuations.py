"""Lines that are not indented and still go on with the item above them.

A line goes on lazily where the item breaks off in the middle of a sentence and another one follows, or where the lines
are broken as wrapped ones are, and end a sentence.  What stands between two numbers that count on belongs to the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from msgspec import Struct

from convert.ast import ListKind
from convert.readers.headings import heading_of
from convert.readers.layout.marks import item_of, outline_of
from convert.readers.layout.rows import COLONS

_ENDS = (*".!?…。！？।॥؟۔։", ".”", "?”", "!”", '."', '?"', '!"', ".)", "。」", "。”")
# What begins with one of these is markup, or a block of its own.
_APART = frozenset("=|{}<>:;[!`~#-–—")
_BLOCK_WORDS = ("infobox", "categories", "category")
#: Where lines are usually wrapped.
_FEWEST_COLUMNS, _MOST_COLUMNS = 50, 100
#: How many lines and paragraphs may stand between two numbered items.
_MOST_LINES = 40
_MOST_PARAGRAPHS = 6


def goes_on_lazily(lines: Sequence[str], at: int, kind: ListKind, is_lazy: bool) -> int:
    """Return where the lines end that go on with the item above ``lines[at]``; ``at`` if none does.

    ``is_lazy`` tells that others of this list did.
    """
    first = lines[at].strip()
    above = lines[at - 1].strip()
    if not (is_lazy or first[0].islower()) or not _is_text(first):
        return at
    end = at + 1
    texts = [first]
    while end < len(lines):
        stripped = lines[end].strip()
        if not stripped or not _is_text(stripped) or item_of(lines[end], stripped):
            break
        texts.append(stripped)
        end += 1
    if texts[-1].endswith(COLONS):
        return at
    if above.endswith((*_ENDS, *COLONS, ")")) or not (first[0].islower() or " " in first):
        return at
    item = item_of(lines[end], lines[end].strip()) if end < len(lines) and lines[end].strip() else None
    is_between = item is not None and item.kind == kind and item.number is None
    if is_between and (first[0].islower() or is_lazy):
        return end
    width = max(map(len, (above, *texts)))
    breaks = pairwise((above, *texts))
    are_wrapped = all(len(line) + 1 + len(below.partition(" ")[0]) > width for line, below in breaks)
    is_usual = _FEWEST_COLUMNS < width < _MOST_COLUMNS and len(above) * 4 > width * 3
    return end if is_lazy or (are_wrapped and is_usual and texts[-1].endswith(_ENDS)) else at


def _is_text(stripped: str) -> bool:
    return stripped[0] not in _APART and "|" not in stripped and not stripped.lower().startswith(_BLOCK_WORDS)


class Piece(Struct, frozen=True):
    """What one line between two numbered items is: a paragraph's first line, a further one, or a bullet."""

    at: int
    kind: str
    text: str


def between_numbers(lines: Sequence[str], at: int, number: int, item_text: str) -> tuple[list[Piece], int]:
    """Return what stands from ``lines[at]`` to the item with the next number, and where that is.

    Nothing is returned, and ``at``, where that item does not follow soon, or where something else stands between: a
    heading, a block, an item of another list.  Numbered lines in capitals are headings, and texts of an outline stay.
    """
    pieces: list[Piece] = []
    if item_text.isupper():
        return [], at
    paragraphs = 0
    after_blank = not lines[at - 1].strip()
    for below in range(at, min(at + _MOST_LINES, len(lines))):
        stripped = lines[below].strip()
        if not stripped:
            after_blank = True
            continue
        item = item_of(lines[below], stripped)
        if heading_of(stripped) or outline_of(lines[below], stripped):
            break
        if item is None and not _is_text(stripped):
            break
        if item and item.number == number:
            return (pieces, below) if pieces and not item.text.isupper() else ([], at)
        if item and item.kind == "numbered":
            break
        paragraphs += item is None and after_blank
        if paragraphs > _MOST_PARAGRAPHS:
            break
        kind = "item" if item else "paragraph" if after_blank else "line"
        pieces.append(Piece(below, kind, stripped))
        after_blank = False
    return [], at
