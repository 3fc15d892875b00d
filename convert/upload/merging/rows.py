"""The arguments of a template call as rows: a name, a value, and what stands round them.

What MediaWiki trims is white space of ASCII, so that a no-break space belongs to a name or a value.  Comments say
nothing to a template: they are kept where they stand, and are part of neither.

Source: MediaWiki's Preprocessor and PPFrame (``trim`` of PHP)
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from convert.expressions import expression
from convert.wikitext.scan import Call, without_comments

#: What ``trim`` of PHP takes from the ends of a text.
SPACE = " \t\n\r\0\x0b"

# One that is not closed goes to the end, which also makes a search linear.
_COMMENT = r"<!--.*?(?:-->|\Z)"
_AROUND = rf"(?:[{SPACE}]++|{_COMMENT})*+"
_BEFORE = expression(_AROUND, re.DOTALL)
_COMMENTS = expression(_COMMENT, re.DOTALL)


@dataclass(frozen=True)
class Row:
    """One argument between two pipes: its name, its value, and the white space and comments around them.

    ``lead``, ``name`` and ``pad`` stand before the equals sign; they are ``None`` or empty for a positional argument.
    ``value`` may have comments within it, ``said`` has none.
    """

    name: str | None
    value: str
    lead: str = ""
    pad: str = ""
    before: str = ""
    after: str = ""

    def __str__(self) -> str:
        name = "" if self.name is None else f"{self.lead}{self.name}{self.pad}="
        return f"{name}{self.before}{self.value}{self.after}"

    @property
    def said(self) -> str:
        """The value that the template gets; that of a positional argument has its white space."""
        said = without_comments(self.value)
        return said if self.name is None else said.strip(SPACE)

    @property
    def width(self) -> int:
        """The width of the name with the space around it."""
        return len(self.lead) + len(self.name or "") + len(self.pad)


def rows_of(call: Call) -> list[Row]:
    """Take the arguments of a call apart."""
    return [_row(part, equals) for part, equals in zip(call.parts[1:], call.equals[1:], strict=True)]


def _row(part: str, equals: int) -> Row:
    if equals < 0:
        return Row(None, part)
    lead, name, pad = padded(part[:equals])
    before, value, after = padded(part[equals + 1 :])
    if not value:
        # Space behind the equals sign belongs to it; the end of the line, and comments, to what follows.
        after = before.lstrip(" \t")
        before = before[: len(before) - len(after)]
    return Row(name, value, lead, pad, before, after)


def padded(text: str) -> tuple[str, str, str]:
    """Part a text into the white space and the comments at its start, what it says, and those at its end."""
    matched = _BEFORE.match(text)
    assert matched
    start = at = end = matched.end()
    for comment in _COMMENTS.finditer(text, start):
        end = _end(text, at, comment.start()) or end
        at = comment.end()
    end = _end(text, at, len(text)) or end
    return text[:start], text[start:end], text[end:]


def _end(text: str, start: int, end: int) -> int:
    """Return where a stretch of a text ends but for white space; 0 where it is nothing else."""
    size = len(text[start:end].rstrip(SPACE))
    return start + size if size else 0


def space_in(around: str) -> str:
    """Return the white space that stands round a value, without comments and the lines that they stand on."""
    space, comment, behind = around.partition("<!--")
    if "\n" in space or not comment:
        return space
    space += without_comments(comment + behind)
    return space.lstrip(" \t") if "\n" in space else space


def comments_in(value: str) -> str:
    """Return the comments of a value, one behind the other."""
    return "".join(_COMMENTS.findall(value))
