"""Heading lines of a plain article.

``== Text ==``, spaces optional, or the spaced form of the WikiText corpora, ``= = Text = =``.  Where the sides differ,
the shorter one is the level and the rest is text, as in MediaWiki.

Source: https://www.mediawiki.org/wiki/Help:Formatting
"""

from __future__ import annotations

from convert.diagnostics import Diagnostic, Report, shown
from convert.expressions import expression
from convert.readers.characters import bare_ends

# More signs than there are levels are text; the bound also keeps a hostile line cheap.
_SPACED = expression(r"(?:= ){1,7}")


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


def check_sides(heading: Heading, line: int, report: Report) -> None:
    """Report a heading whose sides differ."""
    level, text, is_even = heading
    if not is_even:
        message = f"the sides differ, so this is the level-{level} heading {shown(text)}: make them equal"
        report(Diagnostic("heading-unequal", line, 1, message))


def _spaced(line: str) -> int:
    matched = _SPACED.match(line)
    return len(matched[0]) // 2 if matched else 0


# Marks of bold and italic text of several languages, longest first.  Underscores are parts of names: __init__.
_MARKS = ("***", "**", "*", "'''''", "'''", "''", "__", "_", "`")


def without_marks(text: str) -> str:
    """Return a heading's text without marks of bold or italic text round the whole of it."""
    while text and text[0] in "*'_`" and text[-1] == text[0]:
        mark = next((mark for mark in _MARKS if text.startswith(mark) and text.endswith(mark)), "")
        inner = text[len(mark) : -len(mark)].strip() if mark else ""
        if not inner.strip("= ") or mark in inner or (mark[0] == "_" and " " not in inner):
            break
        text = inner
    return text


def bare_heading(text: str) -> str:
    """Return a heading's text without such marks and hidden characters at its ends."""
    bare = without_marks(bare_ends(text))
    while bare != text:
        text, bare = bare, without_marks(bare_ends(bare))
    return text
