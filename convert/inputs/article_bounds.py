"""Where a long text may be cut between articles, found in its bytes.

The stretches between cuts read to the same articles as the whole text does.  A place that is overlooked costs memory
and nothing else, so the rules are stricter than the readers' own: ASCII white space only, no control characters.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from convert.readers.plain import title_of

Text = bytes | bytearray

# A blank line, then a whole line that begins with an equals sign.
_HEADING = re.compile(rb"\n[ \t]*+\r?\n([ \t]*+=[^\x00-\x08\x0b-\x1f\n]*+)(?=\r?\n)")
# Within one JSON text a comma stands between a brace and the next object.
_OBJECT = re.compile(rb"\}[ \t]*+\r?\n(?=\{)")
_TAIL_BYTES = 1 << 16


def before_titles(text: Text, start: int) -> Iterator[int]:
    """Yield where the articles of a plain text begin that have something above them."""
    for found in _HEADING.finditer(text, start):
        if title_of(found[1].decode("utf-8", "replace")):
            yield found.start(1)


def before_objects(text: Text, start: int) -> Iterator[int]:
    """Yield where JSON objects begin that stand below one another."""
    for found in _OBJECT.finditer(text, start):
        yield found.end()


def before_lines(text: Text, start: int) -> Iterator[int]:
    """Yield where lines begin, behind an offset: a record cannot hold a line's end."""
    at = start
    while at := text.find(b"\n", at) + 1:
        yield at


#: By format, what yields all cuts from an offset on; ``lines`` is JSON Lines with a text in each.
CUTS: dict[str, Callable[[Text, int], Iterator[int]]] = {
    "plain": before_titles,
    "json": before_objects,
    "lines": before_lines,
}


def last_cut(text: Text, format: str, start: int = 0) -> int:
    """Find the last cut from an offset on; 0 where there is none."""
    cuts = CUTS.get(format)
    at = 0
    # It usually stands near the end.
    for begin in (max(start, len(text) - _TAIL_BYTES), start):
        if cuts and not at:
            for at in cuts(text, begin):  # noqa: B007
                pass
    return at


def stretches(text: bytes, format: str) -> Iterator[tuple[int, bytes]]:
    """Cut a text wherever it can be: yield each stretch with the offset where it begins."""
    start = 0
    cuts = CUTS.get(format)
    for at in cuts(text, 0) if cuts else ():
        yield start, text[start:at]
        start = at
    yield start, text[start:]
