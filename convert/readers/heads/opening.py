"""The opening of an article: its title, what stands above it, and the title once more below."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct, field

from convert.ast import Block, Paragraph, Section, Text
from convert.diagnostics import Diagnostic, Report, shown
from convert.expressions import expression
from convert.readers.characters import VEILS, bare, bare_ends, first_line
from convert.readers.headings import bare_heading, check_sides, heading_of, without_marks
from convert.readers.heads.facts import MOST_LINES, Facts, read_percent_lines, read_title_lines
from convert.readers.heads.front_matter import read_front_matter, read_object

#: A title belongs to facts above it across so many blank lines.
_MOST_BLANKS = 20
MOST_LINES_ABOVE_TITLE = MOST_LINES + _MOST_BLANKS + 4

_FENCES = ("---", "+++")
# How lines of facts begin: up to a colon, or with a sign.
_LABEL = expression(r"(?:---|\+\+\+|\{|%)\s*|[^:：]*[:：]")

# Soft hyphens, and what parts or joins words without space.
_HIDDEN = expression("[\u00ad\u200b\u2060\ufeff]")

# How many signs may stand round a title that is repeated.
_MOST_MARKS = 20

# Articles about what blocks are called: the word alone may be meant.
_BLOCKS = ("Infobox", "Categories")

#: What may stand round the whole of a heading.
ROUND = VEILS | frozenset("*'_`")


class Opening(Struct):
    """What stands above the body, which begins at index ``end``; ``title`` is ``None`` where there is none.

    ``marked`` says that the title stood in bold or italics, ``is_headed`` that it is a heading.
    """

    title: str | None
    end: int
    line: int
    facts: Facts = field(default_factory=Facts)
    marked: bool = False
    is_headed: bool = False


def title_of(line: str) -> str | None:
    """Read a line as a title: a level-1 heading.  It is one where it begins the text or follows a blank line."""
    stripped = bare(first_line(line)).strip()
    heading = heading_of(stripped) if stripped else None
    return bare_heading(heading[1]) if heading and heading[0] == 1 else None


def read_opening(
    lines: Sequence[str], at: int, base: int, opens_other: Callable[[int], bool], report: Report
) -> Opening:
    """Read what stands from ``lines[at]`` on; ``opens_other`` tells whether a block or a heading begins at an index."""
    heading = heading_of(lines[at].strip())
    if heading and heading[0] == 1:  # as most do
        return _titled(heading[1], at, base, report) if heading[2] else read_title(lines, at, base, report)
    facts = facts_at(lines, at, base, opens_other)
    if not facts:
        return Opening(None, at, at + base)
    tell_facts(facts, at, base, report)
    end = facts.end
    while end < len(lines) and not lines[end].strip() and end - facts.end <= _MOST_BLANKS:
        end += 1
    heading = heading_of(lines[end].strip()) if end < len(lines) else None
    if not (heading and heading[0] == 1):
        return Opening(facts.title or None, end, at + base, facts)
    opening = read_title(lines, end, base, report)
    opening.facts, opening.line = facts, at + base
    if facts.title and facts.title != opening.title:
        message = f"the title is {shown(opening.title or '')}, not {shown(facts.title)} as above, which became metadata"
        facts.metadata["title"] = facts.title
        report(Diagnostic("title-differs", end + base, 1, message))
    return opening


def read_title(lines: Sequence[str], at: int, base: int, report: Report) -> Opening:
    """Read the level-1 heading in ``lines[at]`` as a title."""
    heading = heading_of(lines[at].strip())
    assert heading
    check_sides(heading, at + base, report)
    return _titled(heading[1], at, base, report)


def next_opening(lines: Sequence[str], at: int, end: int, opens_other: Callable[[int], bool]) -> int:
    """Return where, below the facts in ``lines[at:end]``, others in their form begin an article that has a title.

    The end of the text where none do.
    """
    label = _LABEL.match(lines[at].strip())
    assert label
    for place in range(end + 1, len(lines)):
        if lines[place].startswith(label[0]) and not lines[place - 1].strip():
            facts = facts_at(lines, place, 0, opens_other)
            if facts and facts.title:
                return place
    return len(lines)


def _titled(text: str, at: int, base: int, report: Report) -> Opening:
    if text[0] not in ROUND and text[-1] not in ROUND:
        return Opening(text, at + 1, at + base, is_headed=True)
    title, marked = heading_text(text, at + base, report)
    return Opening(title, at + 1, at + base, marked=marked, is_headed=True)


def heading_text(text: str, line: int, report: Report) -> tuple[str, bool]:
    """Return a heading's text without what stands round the whole of it, and whether those were marks."""
    bared = bare_ends(text)
    if bared != text:
        message = f"invisible characters at the ends of {shown(bared)} were left out: remove them"
        report(Diagnostic("invisible-character", line, 1, message))
    unmarked = without_marks(bared)
    return bare_heading(unmarked), unmarked != bared


def tell_hidden(title: str, line: int, report: Report) -> None:
    """Tell that a title has characters within it that nobody sees, and that letters of no script need."""
    hidden = _HIDDEN.search(title)
    if hidden:
        message = f"U+{ord(hidden[0]):04X} stands in the title {shown(title)}, where nobody sees it: remove it"
        report(Diagnostic("title-hidden", line, 1, message))


def tell_marks(lines: Sequence[int], report: Report) -> None:
    """Tell that headings in some lines stood in bold or italics."""
    if lines:
        headings = "a heading" if len(lines) == 1 else f"{len(lines)} headings"
        message = f"{headings} in bold or italics read without the marks: leave them out"
        report(Diagnostic("heading-marks", lines[0], 1, message))


def facts_at(lines: Sequence[str], at: int, base: int, opens_other: Callable[[int], bool]) -> Facts | None:
    """Read the facts above a text that begin at ``lines[at]``, in whichever form."""
    first = lines[at].rstrip()
    if first in _FENCES:
        return read_front_matter(lines, at, base)
    if first == "{":
        return read_object(lines, at, base)
    if first.startswith("% "):
        return read_percent_lines(lines, at, base)
    return read_title_lines(lines, at, base, opens_other) if ":" in first or "：" in first else None


def tell_facts(facts: Facts, at: int, base: int, report: Report) -> None:
    """Tell what became of facts above a text."""
    read = ["title"] * bool(facts.title) + ["categories"] * bool(facts.categories) + ["infobox"] * bool(facts.infobox)
    read += [shown(name) for name in facts.metadata if name not in facts.hidden]
    message = f"{', '.join(read) or 'facts'} read from {facts.form}"
    if len(facts.metadata) > len(facts.hidden):
        message += "; what is neither title, category nor infobox is metadata, which no wiki page shows"
    report(Diagnostic("front-matter", at + base, 1, message))
    if facts.hidden:
        names = ", ".join(map(shown, facts.hidden[:5]))
        message = f"{names} became metadata, which no wiki page shows: write an infobox for what speaks of the subject"
        report(Diagnostic("front-matter-hidden", at + base, 1, message))
    if facts.unread:
        count = f"{len(facts.unread)} lines were" if len(facts.unread) > 1 else "a line was"
        message = f"{count} not understood and left out: write 'key: value', lists and mappings of them"
        report(Diagnostic("front-matter-unread", facts.unread[0] + base, 1, message))


def without_echo(title: str, lead: tuple[Block, ...], sections: Sequence[Section], report: Report) -> tuple[Block, ...]:
    """Leave out a first paragraph that is nothing but the title, if more follows."""
    while (len(lead) > 1 or (lead and sections)) and title and title not in _BLOCKS:
        content = lead[0].content if isinstance(lead[0], Paragraph) else ()
        first = content[0] if len(content) == 1 else None
        if (
            not isinstance(first, Text)
            or len(first.text) > len(title) + _MOST_MARKS
            or bare_heading(first.text) != title
        ):
            break
        message = f"the title {shown(title)} stood again in a line by itself, which was left out"
        report(Diagnostic("title-echo", lead[0].line, 1, message))
        lead = lead[1:]
    return lead
