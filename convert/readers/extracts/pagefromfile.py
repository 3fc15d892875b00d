"""Pages between the marks of Pywikibot's pagefromfile to articles.

    {{-start-}}
    '''Islay'''
    Islay is an island.
    {{-stop-}}

The first words in bold are the title.  In a line of its own it is no part of the text; elsewhere it stays, without the
marks.

Source: https://www.mediawiki.org/wiki/Manual:Pywikibot/pagefromfile.py
"""

from __future__ import annotations

from collections.abc import Iterator

from convert.ast import Article
from convert.diagnostics import Diagnostic, Report
from convert.readers.extracts.items import article_of, lines_of, report_outside
from convert.readers.plain import PlainReadOptions

START, _STOP = "{{-start-}}", "{{-stop-}}"
_BOLD = "'''"


def read(text: str, report: Report, options: PlainReadOptions = PlainReadOptions()) -> Iterator[Article]:
    """Read every page of a text, in order."""
    text = "\n".join(lines_of(text, report, options))
    line, outside = options.line, 0
    for start, end, after in _items(text):
        between = text[outside:start]
        report_outside(between.split("\n"), line, "{{-start-}} and {{-stop-}}", report)
        line += between.count("\n")
        if after == end:
            report(
                Diagnostic("item-unended", line, 1, "this page has no {{-stop-}}: it ends where the next one begins")
            )
        yield from _article(text[start + len(START) : end], line, report, options)
        line += text.count("\n", start, after)
        outside = after
    report_outside(text[outside:].split("\n"), line, "{{-start-}} and {{-stop-}}", report)


def _items(text: str) -> Iterator[tuple[int, int, int]]:
    """Yield where each page begins and ends, and where its stop ends."""
    start, stop = text.find(START), text.find(_STOP)
    while start >= 0:
        following = text.find(START, start + len(START))
        if 0 <= stop < start:
            stop = text.find(_STOP, start)
        limit = len(text) if following < 0 else following
        if 0 <= stop < limit:
            yield start, stop, stop + len(_STOP)
        else:
            yield start, limit, limit
        start = following


def _article(body: str, line: int, report: Report, options: PlainReadOptions) -> Iterator[Article]:
    begin = body.find(_BOLD) + len(_BOLD)
    end = body.find(_BOLD, begin) if begin >= len(_BOLD) else -1
    title = body[begin:end].strip() if end >= 0 else ""
    if not title or "\n" in title:
        report(Diagnostic("item-untitled", line, 1, "this page has no title: put it in '''bold''' in front"))
        return
    before, after = body[: begin - len(_BOLD)], body[end + len(_BOLD) :]
    is_alone = not before.rpartition("\n")[2].strip() and not after.partition("\n")[0].strip()
    text = before + after if is_alone else before + title + after
    yield article_of(title, text.split("\n"), line, line, report, options)
