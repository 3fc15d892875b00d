"""WikiExtractor's documents to articles.

    <doc id="12" url="https://en.wikipedia.org/wiki?curid=12" title="Islay">
    Islay

    Islay is an island.
    </doc>

The title is repeated as the first line, and ``&``, ``<`` and ``>`` are escaped.  Headings are lines like others there.
Other programs write the same with the text on the line of a tag.

Source: https://github.com/attardi/wikiextractor
"""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence

from convert.ast import Article
from convert.diagnostics import Diagnostic, Report, shown
from convert.expressions import expression
from convert.readers.extracts.items import article_of, lines_of, report_outside, without_repeated_title
from convert.readers.plain import PlainReadOptions

_END = "</doc>"
_TITLE = ' title="'
_TITLE_END = expression(r'"(?=\s+\w+="|\s*>\Z)')
# A tag before text on its line; a title with quotation marks inside is only read where the tag is the whole line.
_TAG = expression(r'<doc(?:[ \t]+\w+="[^"]*")+[ \t]*>')
_ESCAPED = expression("&(lt|gt|amp|quot);")
_CHARACTERS = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}


def read(text: str, report: Report, options: PlainReadOptions = PlainReadOptions()) -> Iterator[Article]:
    """Read every document of a text, in order."""
    lines = lines_of(text, report, options)
    outside = at = 0
    while at < len(lines):
        if not is_start(lines[at]):
            at += 1
            continue
        report_outside(lines[outside:at], options.line + outside, "<doc …> and </doc>", report)
        end = at
        while end < len(lines) and not _ends(lines[end]) and not (end > at and is_start(lines[end])):
            end += 1
        is_ended = end < len(lines) and _ends(lines[end])
        yield from _article(lines[at : end + is_ended], options.line + at, is_ended, report, options)
        outside = at = end + is_ended
    report_outside(lines[outside:], options.line + outside, "<doc …> and </doc>", report)


def is_start(line: str) -> bool:
    """Whether a line begins a document."""
    return line.startswith("<doc ") and (line.endswith(">") or bool(_TAG.match(line)))


def _ends(line: str) -> bool:
    return line.rstrip().endswith(_END)


def _article(
    lines: Sequence[str], line: int, is_ended: bool, report: Report, options: PlainReadOptions
) -> Iterator[Article]:
    tag, *body = lines
    if opened := _TAG.match(tag):
        tag, body = opened[0], [tag[opened.end() :], *body]
    title = _title(tag)
    if not title:
        message = f'{shown(tag)} names no title: add title="…"'
        report(Diagnostic("item-untitled", line, 1, message))
        return
    if is_ended and body:
        body[-1] = body[-1].rstrip().removesuffix(_END)
    elif not is_ended:
        message = f"the document {shown(title)} has no </doc>: it ends where the next one begins"
        report(Diagnostic("item-unended", line, 1, message))
    body = [_unescaped(raw) if "&" in raw else raw for raw in body]
    above = without_repeated_title(title, body)
    yield article_of(title, body[above:], line, line + len(lines) - len(body) + above, report, options)


def _title(line: str) -> str:
    start = line.find(_TITLE)
    end = _TITLE_END.search(line, start + len(_TITLE)) if start >= 0 else None
    return html.unescape(line[start + len(_TITLE) : end.start()]).strip() if end else ""


def _unescaped(line: str) -> str:
    return _ESCAPED.sub(lambda found: _CHARACTERS[found[1]], line)
