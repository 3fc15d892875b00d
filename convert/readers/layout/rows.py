"""Lines of one paragraph that are rows: the breaks between them are meant, whatever parts the paragraphs of a text.

    table    cells between pipes, tabs, wide gaps or the lines of a box
    notes    lines that begin with [1], [^1], ↑
    numbers  lines whose numbers count on, and are none of a list: (1), a), i., 1.1
    lines    indented lines below one that ends in a colon
    code     indented lines that look like code

A break may also be ``marked`` (``paragraphs``).  An ``underlined`` line, which may be meant as a heading, is no row: it
is only told.

Wikitext's tables and calls are left alone: they are markup for those who say so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Literal

from convert.expressions import expression
from convert.readers.layout.marks import Item, counts_on, ordinal_of, outline_of

RowKind = Literal["table", "notes", "numbers", "lines", "code", "marked", "underlined"]

#: For each line but the last, what the break behind it parts; ``None`` where it is a soft break.
Breaks = list[RowKind | None]

#: What can end a line that announces lines.
COLONS = (":", "：")

# | a | b |, or the rule below the heads of columns: |---|:-:|, --- | ---, |---+---|.
_PIPED = expression(r"\|(?:(?![-}+]).*|[-|+: ]*)\|$")
_PIPED_RULE = expression(r"(?=.*[|+])[|+]?\s*:?-{2,}:?\s*(?:[|+]\s*:?-{2,}:?\s*)*[|+]?$")
# +----+----+, ====  ====, and the signs that draw boxes.
_BOX_RULE = expression(r"\+(?:[-=]{2,}\+)+$")
_GAP_RULE = expression(r"(?:-{3,}(?: +-{2,})+|={3,}(?: +={2,})+)$")
_BOX = expression("[\u2500-\u257f]")
_BOX_STARTS = frozenset(map(chr, range(0x2500, 0x2580)))
_GAP = expression(r"(?<![.!?:;,。\s]) {2,}(?=\S)")
_WIDE_GAP = expression(r"(?<![.!?:;,。\s]) {3,}(?=\S)")
_NOTE = expression(r"(?:\[\^?\w{1,20}\]:?|\^|↑|[¹²³⁴-⁹]+)\s*(?=\S)")
_NUMBERED = expression(r"\(?[0-9A-Za-z]{1,6}[.)、．）]")
_NOTE_STARTS = frozenset("[^↑¹²³⁴⁵⁶⁷⁸⁹")
_RULE_STARTS = frozenset("|+-=:")
# Calls, braces, comparisons, comments, and statements that begin with a word.
_CODE = expression(
    r"\w\([^()\n]{0,200}\)\s*[:;{]?$|[{}]$|\);$|[=!<>]=|\w \+?= \S|=>|->|^(?:#|//|/\*|\$ |>>> |<\w)"
    r"|^(?:def|for|if|while|import|from|return|class|function|var|let|const|public|int|void|SELECT)\b.{0,200}[:;({]$"
)
# Rows whose cells only gaps part are no longer than this.
_MOST_ROW = 160
#: Columns at which prose is hardly ever wrapped, but poems, addresses and lists are not wider.
MOST_COLUMNS = 60
_FEWEST_COLUMNS = 40


def row_breaks(raws: Sequence[str], texts: Sequence[str], joined: str) -> Breaks | None:
    """Tell which breaks of a paragraph part rows; ``None`` if none does.  ``joined`` are the texts with line feeds."""
    if raws[0][0].isspace() and _are_code(raws, texts):
        return ["code"] * (len(texts) - 1)
    starts = {text[0] for text in texts}
    is_ruled = not _RULE_STARTS.isdisjoint(starts)
    has_gaps = len(texts) > 2 and len(joined) < _MOST_ROW * len(texts) and "   " in joined
    is_table = is_ruled or has_gaps or "\t" in joined or not _BOX_STARTS.isdisjoint(starts)
    has_notes = not _NOTE_STARTS.isdisjoint(starts)
    has_numbers = any(map(_NUMBERED.match, texts))
    has_margin = any(map(str.isspace, [raw[0] for raw in raws[1:]]))
    if not (is_table or has_notes or has_numbers or has_margin):
        return None
    breaks: Breaks = [None] * (len(texts) - 1)
    if is_table:
        for first, end in _tables(texts, joined, starts):
            breaks[max(first - 1, 0) : end] = ["table"] * (min(end, len(breaks)) - max(first - 1, 0))
    if has_notes:
        _mark_notes(texts, breaks)
    if has_numbers:
        _mark_numbers(raws, texts, breaks)
    if has_margin:
        for first, end in _announced(raws, texts):
            breaks[first - 1 : end - 1] = ["lines"] * (end - first)
    return breaks if any(breaks) else None


def _tables(texts: Sequence[str], joined: str, starts: set[str]) -> Iterator[tuple[int, int]]:
    """Yield where the rows of tables begin and end."""
    if not _RULE_STARTS.isdisjoint(starts):
        yield from _ruled(texts)
    if "|" in starts and "{|" not in joined and "{{" not in joined:
        yield from _runs((_PIPED.match(text) is not None for text in texts), 2)
    if "\t" in joined:
        yield from _runs(("\t" in text for text in texts), 2)
    if len(joined) < _MOST_ROW * len(texts):
        for first, end in _runs((_GAP.search(text) is not None for text in texts), 3):
            if any(map(_WIDE_GAP.search, texts[first:end])):
                yield first, end
    if not joined.isascii():
        yield from _runs((_BOX.match(text) is not None for text in texts), 2)


def _runs(are_rows: Iterable[bool], fewest: int) -> Iterator[tuple[int, int]]:
    """Yield where at least so many rows stand one below the other."""
    start = at = 0
    for at, is_row in enumerate((*are_rows, False)):
        if not is_row:
            if at - start >= fewest:
                yield start, at
            start = at + 1


def _ruled(texts: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield where tables begin and end that a rule makes certain: what has the same sign above and below it."""
    end = 0
    for at, text in enumerate(texts):
        if at < end or text[0] not in "|+-=:":
            continue
        if _BOX_RULE.match(text):
            first, end = at, _last(texts, at, "+|")
        elif at and _PIPED_RULE.match(text) and "|" in texts[at - 1] and not texts[at - 1].startswith("{|"):
            first = at - 1
            end = next((below for below in range(at, len(texts)) if "|" not in texts[below]), len(texts))
        elif _GAP_RULE.match(text) and any(map(_GAP.search, (*texts[at - 1 : at], *texts[at + 1 : at + 2]))):
            first, end = max(at - 1, 0), len(texts)
        else:
            continue
        yield first, end


def _last(texts: Sequence[str], at: int, signs: str) -> int:
    return next((below for below in range(at, len(texts)) if texts[below][0] not in signs), len(texts))


def _mark_notes(texts: Sequence[str], breaks: Breaks) -> None:
    notes = [at for at, text in enumerate(texts) if text[0] in _NOTE_STARTS and _NOTE.match(text)]
    if len(notes) > 1:
        for at in notes:
            if at:
                breaks[at - 1] = "notes"


def _mark_numbers(raws: Sequence[str], texts: Sequence[str], breaks: Breaks) -> None:
    above: tuple[int, Item] | None = None
    outline = -1
    for at, text in enumerate(texts):
        if _NUMBERED.match(text):
            item = ordinal_of(raws[at], text) if above is None else counts_on(above[1], raws[at], text)
            if above and item:
                breaks[max(above[0] - 1, 0)] = breaks[at - 1] = "numbers"
            item = item or ordinal_of(raws[at], text)
            above = (at, item) if item else above
            if outline_of(raws[at], text):
                if outline >= 0:
                    breaks[max(outline - 1, 0)] = breaks[at - 1] = "numbers"
                outline = at


def _announced(raws: Sequence[str], texts: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield where lines begin and end that are indented below one that ends in a colon, and are no wrapped prose."""
    end = 0
    for at, text in enumerate(texts):
        if at < end or not text.endswith(COLONS):
            continue
        margin = _indent(raws[at])
        first = at + 1
        end = next((below for below in range(first, len(raws)) if _indent(raws[below]) <= margin), len(raws))
        if end - first > 1 and not _are_wrapped(texts[first:end]):
            yield first, end


def _indent(raw: str) -> int:
    return len(raw) - len(raw.lstrip())


def _are_wrapped(texts: Sequence[str]) -> bool:
    """Return whether lines can be prose wrapped at one width: most breaks came no earlier than they had to."""
    width = max(map(len, texts))
    return width >= _FEWEST_COLUMNS and _early(texts, width) * 2 <= len(texts) - 1


def _early(texts: Sequence[str], width: int) -> int:
    """Count the breaks above which the next word would have had room."""
    return sum(len(above) + 1 + len(below.partition(" ")[0]) <= width for above, below in pairwise(texts))


def _are_code(raws: Sequence[str], texts: Sequence[str]) -> bool:
    """Return whether lines are indented as code is, and look like it."""
    if len(raws) < 2 or not all(raw.startswith(("    ", "\t", " \t")) for raw in raws):
        return False
    return sum(_CODE.search(text[:400]) is not None for text in texts) * 2 >= len(texts)


def look_meant(texts: Sequence[str]) -> bool:
    """Return whether the breaks between some short lines look meant, as in a poem or an address."""
    if len(texts) < 3:
        return False
    width = max(map(len, texts))
    if width > MOST_COLUMNS or not all(any(map(str.isalnum, text)) for text in texts):
        return False
    return width < _FEWEST_COLUMNS or _early(texts, width) * 3 >= len(texts) - 1
