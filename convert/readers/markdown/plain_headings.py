"""Headings of plain articles in a text of Markdown: ``= Title =`` at its head is a title, and so are those below."""

from __future__ import annotations

from convert.diagnostics import Diagnostic, Report, shown
from convert.readers.headings import heading_of
from convert.readers.heads.titles_below import title_below
from convert.readers.layout.fences import Fences


def rewrite_headings(lines: list[str], start: int, base: int, report: Report) -> None:
    """Write headings between equals signs as ``# Title``, in a text that begins with a title in that form."""
    first = next((at for at in range(start, len(lines)) if lines[at].strip()), len(lines))
    if first == len(lines) or not (_is_title(lines[first]) or title_below(lines, first)[0] >= 0):
        return
    code = Fences(lines)
    at, places = first, []
    while at < len(lines):
        if (end := code.end(at)) > at:
            at = end
            continue
        heading = heading_of(lines[at].rstrip()) if lines[at][:1] == "=" else None
        if heading and heading[2]:
            level, text, _ = heading
            lines[at] = f"{'#' * level} {text}"
            places.append(at)
        at += 1
    title = shown(lines[places[0]].lstrip("# "))
    count = "a heading" if len(places) == 1 else f"{len(places)} headings"
    message = f"{count} read in the form of '= Title =', as {title}: write '# Title' and '## Section' in Markdown"
    report(Diagnostic("heading-form", places[0] + base, 1, message))


def _is_title(line: str) -> bool:
    heading = heading_of(line.rstrip()) if line[:1] == "=" else None
    return heading is not None and heading[0] == 1 and heading[2]
