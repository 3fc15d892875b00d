"""A title that stands below the infobox of its article, with nothing but blank lines between."""

from __future__ import annotations

from collections.abc import Sequence

from convert.diagnostics import Diagnostic, Report, shown
from convert.readers.headings import bare_heading, heading_of
from convert.readers.heads.opening import Opening, read_title
from convert.readers.infoboxes.blocks import read_infobox
from convert.readers.infoboxes.heads import may_open
from convert.readers.infoboxes.openings import opening_at


def title_below(lines: Sequence[str], at: int) -> tuple[int, int]:
    """Return the index of the level-1 heading right below the infobox that begins at ``lines[at]``, or -1 for none.

    And the index behind the infobox, and behind others right below it.
    """
    end = at
    while end < len(lines):
        stripped = lines[end].strip()
        if not stripped:
            end += 1
            continue
        heading = heading_of(stripped) if stripped[0] == "=" else None
        if heading and heading[0] == 1:
            return (end if end > at else -1), end
        if not may_open(heading[1] if heading else stripped):
            break
        opening = opening_at(lines, end, stripped)
        if opening is None:
            break
        end = read_infobox(lines, end, opening, 0, _ignored)[1]
    return -1, end


def with_title_below(lines: Sequence[str], opening: Opening, base: int, report: Report) -> tuple[Opening, int]:
    """Look for a title below the infobox with which an article begins; return its index too, or -1 for none.

    Where facts above have named the title, only the same one is meant.
    """
    at = title_below(lines, opening.end)[0]
    if at < 0 or (opening.title and bare_heading((heading_of(lines[at].strip()) or (0, ""))[1]) != opening.title):
        return opening, -1
    titled = read_title(lines, at, base, report)
    message = f"the infobox above the title {shown(titled.title or '')} is read as its own: write it below"
    report(Diagnostic("infobox-above-title", opening.line, 1, message))
    titled.end, titled.line, titled.facts = opening.end, opening.line, opening.facts
    return titled, at


def may_begin_with_infobox(line: str) -> bool:
    """Return in a moment whether a line may be the head of an infobox; it is the first of a text."""
    stripped = line.removeprefix("\ufeff").strip().lstrip("= ")
    return bool(stripped) and may_open(stripped)


def _ignored(diagnostic: Diagnostic) -> None:
    """Tell nothing: the block is read again."""
