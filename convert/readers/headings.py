"""Heading lines of a plain article.

``== Text ==``, spaces optional, or the spaced form of the WikiText corpora, ``= = Text = =``.  Where the sides differ,
the shorter one is the level and the rest is text, as in MediaWiki.

Source: https://www.mediawiki.org/wiki/Help:Formatting
"""

from __future__ import annotations

import re
from typing import NamedTuple

# More signs than there are levels are text; the bound also keeps a hostile line cheap.
_SPACED = re.compile(r"(?:= ){1,7}")


class Heading(NamedTuple):
    """What a heading line says; ``even`` tells whether its two sides were the same."""

    level: int
    text: str
    even: bool


def heading_of(line: str) -> Heading | None:
    """Read a line without white space at its ends as a heading; ``None`` if it is none, or has no text."""
    if line[0] != "=" or line[-1] != "=":
        return None
    if line.startswith("== ") and line.endswith(" =="):
        text = line[3:-3].strip()
        if text and text[0] != "=":
            return Heading(2, text, True)  # as below, in short: most headings are like this
    if line.startswith("= ="):
        before = _spaced(line)
        after = _spaced(line[:-50:-1])  # the end of the line, mirrored
        width = 2
    else:
        before = len(line) - len(line.lstrip("="))
        after = len(line) - len(line.rstrip("="))
        width = 1
    level = min(before, after, 6)
    text = line[level * width : -level * width].strip()
    if not text or not text.strip("= "):
        return None
    return Heading(level, text, before == after)


def _spaced(line: str) -> int:
    found = _SPACED.match(line)
    return len(found[0]) // 2 if found else 0
