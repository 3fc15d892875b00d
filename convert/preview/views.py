"""The four views of a document, as fragments of HTML: Page, Wikitext, Source and Data.

In each view, the start of a section has ``data-anchor`` with the section's number, from 1 in reading order, so that the
browser can synchronize the views.  Overlong content is truncated, with a note.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from typing import Any, NamedTuple

import msgspec
from markupsafe import Markup, escape

from convert.ast import Article, Section
from convert.diagnostics import Diagnostic
from convert.expressions import expression
from convert.preview.documents import Document
from convert.writers import json

#: Limit for highlighting, because lexers are slow…
MAX_HIGHLIGHTED = 30_000
#: …and limit for showing.
MAX_CHARACTERS = 400_000
MAX_LINES = 8_000
MAX_NODES = 4_000
_OPEN_DEPTH = 6

_HEADING = expression("(={1,6}) .* \\1")


class Line(NamedTuple):
    """A line of a source: its number, its section if it begins one, and its diagnostics."""

    number: int
    text: str
    anchor: int
    remarks: Sequence[Diagnostic]


def wikitext(text: str) -> Markup:
    """Highlight wikitext, one element per line."""
    shown = text[:MAX_CHARACTERS]
    lines = _highlighted(shown) if len(shown) <= MAX_HIGHLIGHTED else str(escape(shown)).split("\n")
    anchors = count(1)
    marked = []
    for raw, line in zip(shown.split("\n"), lines, strict=False):
        anchor = f' data-anchor="{next(anchors)}"' if _HEADING.fullmatch(raw) else ""
        marked.append(f'<span class="line"{anchor}>{line or "&#8203;"}</span>')
    return Markup("\n".join(marked))


def _highlighted(text: str) -> list[str]:
    from pygments import highlight  # slow to import, and not needed for the first page
    from pygments.formatters import HtmlFormatter
    from pygments.lexers.markup import WikitextLexer

    html: str = highlight(text, WikitextLexer(stripnl=False), HtmlFormatter(nowrap=True))
    return html.rstrip("\n").split("\n")


def source(document: Document) -> list[Line]:
    """Return the lines of a document with their diagnostics; those without a line are added to the first."""
    anchors = {section.line: number for number, section in enumerate(_sections(document.article), 1)}
    numbers = range(document.first_line, document.first_line + min(len(document.lines), MAX_LINES))
    remarks: dict[int, list[Diagnostic]] = defaultdict(list)
    for remark in document.remarks:
        inside = numbers and remark.line in numbers
        remarks[remark.line if inside else document.first_line].append(remark)
    return [
        Line(number, line, anchors.get(number, 0), remarks[number])
        for number, line in zip(numbers, document.lines, strict=False)
    ]


def _sections(article: Article | None) -> Iterator[Section]:
    def below(sections: Sequence[Section]) -> Iterator[Section]:
        for section in sections:
            yield section
            yield from below(section.sections)

    return below(article.sections if article else ())


def data(article: Article) -> Markup:
    """Show the JSON of an article as a collapsible tree."""
    written = json.write(article, lambda remark: None)
    return Markup("".join(_Tree().node("article", msgspec.json.decode(written), 0)))


class _Tree:
    """Renders JSON; deep nodes are collapsed at first."""

    def __init__(self) -> None:
        self.nodes = 0
        self.anchors = count(1)

    def node(self, name: str | int, value: Any, depth: int) -> Iterator[str]:
        self.nodes += 1
        key = f'<span class="key">{escape(name)}</span>'
        if self.nodes > MAX_NODES:
            if self.nodes == MAX_NODES + 1:
                yield '<li class="cut">The rest is left out: <code>plainwiki convert -t json</code> gives all.</li>'
            return
        if not isinstance(value, dict | list) or not value:
            text = escape(msgspec.json.encode(value).decode())
            yield f'<li>{key}: <span class="value is-{type(value).__name__}">{text}</span></li>'
            return
        anchor = f' data-anchor="{next(self.anchors)}"' if isinstance(value, dict) and "heading" in value else ""
        opened = " open" if depth < _OPEN_DEPTH else ""
        yield f"<li{anchor}><details{opened}><summary>{key} {_summary(value)}</summary><ul>"
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for inner, child in items:
            yield from self.node(inner, child, depth + 1)
        yield "</ul></details></li>"


def _summary(value: Mapping[str, Any] | Sequence[Any]) -> Markup:
    """Summarize a collapsed node in a few words."""
    if isinstance(value, Mapping):
        label = next((value[name] for name in ("title", "heading", "key", "text", "target") if value.get(name)), "")
        short = label if len(label) <= 60 else label[:59] + "…"
        return Markup('<span class="sum">{}</span>').format(short)
    items = "1 item" if len(value) == 1 else f"{len(value):,} items"
    return Markup('<span class="sum">{}</span>').format(items)
