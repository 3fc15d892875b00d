"""Heading lines of a plain article.

``== Text ==``, spaces optional, or the spaced form of the WikiText corpora, ``= = Text = =``.  Where the sides differ,
the shorter one is the level and the rest is text, as in MediaWiki.

Source: https://www.mediawiki.org/wiki/Help:Formatting
"""

from __future__ import annotations

import re

# More signs than there are levels are text; the bound also keeps a hostile line cheap.
_SPACED = re.compile(r"(?:= ){1,7}")


#: What a heading line says: its level, its text, and whether its two sides were the same.
Heading = tuple[int, str, bool]


def heading_of(line: str) -> Heading | None:
    """Read a line without white space at its ends as a heading; ``None`` if it is none, or has no text."""
    if line[0] != "=" or line[-1] != "=":
        return None
    if line.startswith("== ") and line.endswith(" =="):  # as most do
        text = line[2:-2].strip()
        if text and text[0] != "=":
            return 2, text, True
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
    return level, text, before == after


def _spaced(line: str) -> int:
    matched = _SPACED.match(line)
    return len(matched[0]) // 2 if matched else 0
