"""Tables, code and quotes as wikitext: on lines of their own, or within a line where that is all there is, in a list.

Syntax: https://www.mediawiki.org/wiki/Help:Tables, https://www.mediawiki.org/wiki/Extension:SyntaxHighlight
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import assert_never

from convert.ast import Alignment, Block, Cell, List, Paragraph, Preformatted, Quote, Raw, Table
from convert.expressions import expression
from convert.nfc import to_nfc
from convert.writers import escape
from convert.writers.parts.running import RunningText

_LANGUAGE = expression(r"[A-Za-z0-9#+._-]+")
# A table is not made larger than its source by more cells than this.
_MOST_EMPTY = 1 << 16
_END_OF_CODE = expression(r"</syntaxhighlight", re.IGNORECASE)
# Behind the pipe that ends the attributes of a cell, which may be none, one alone is text.
_PIPE = "&#124;"
# In code of a wiki references are resolved, and some tags are seen.
_IN_PRE = expression(r"&(?=#?\w+;)|<(?=/?(?:pre|nowiki)\b)", re.IGNORECASE)


def table_lines(table: Table, running: RunningText) -> Iterator[str]:
    """Write a table, a line for each cell."""
    running.tags["table"] += 1
    yield '{| class="wikitable"'
    if table.caption.strip():
        running.tags["caption"] += 1
        yield f"|+ {running.in_cell.first(table.caption.strip())}"
    for number, (sign, row) in enumerate(_rows(table)):
        if number or not table.header:
            running.tags["tr"] += 1
            yield "|-"
        for cell, side in zip(row, _sides(table), strict=False):
            running.tags["th" if sign == "!" else "td"] += 1
            content = _cell(cell, running)
            style = _style(side)
            if _PIPE in content and running.literal and "[[" not in content:
                style = style or " |"
                content = content.replace(_PIPE, "|").replace("||", f"|{_PIPE}")
            yield f"{sign}{style}{content and ' '}{content}"
    yield "|}"


def _rows(table: Table) -> Iterator[tuple[str, Sequence[Cell]]]:
    """Yield rows with their sign; what they have less than the longest one are empty cells, but for too many."""
    rows = [("!", table.header)] if table.header else []
    rows += [("|", row) for row in table.rows]
    width = max((len(row) for _, row in rows), default=0)
    if width * len(rows) - sum(len(row) for _, row in rows) > _MOST_EMPTY:
        width = 0
    for sign, row in rows:
        yield sign, (*row, *[Cell()] * (width - len(row)))


def _sides(table: Table) -> Iterator[Alignment]:
    yield from table.align
    while True:
        yield ""


def _style(side: Alignment) -> str:
    return f' style="text-align:{side}" |' if side else ""


def _cell(cell: Cell, running: RunningText) -> str:
    # In a line of heads, two exclamation marks begin the next one, in links as well.
    return running.line(cell.content, running.in_cell).replace("!!", "!&#33;")


def preformatted(block: Preformatted, running: RunningText, *, within: bool = False) -> str:
    """Write lines whose white space is kept, coloured as code if the wiki can; ``within`` another line."""
    text = to_nfc(block.text)
    language = block.language if _LANGUAGE.fullmatch(block.language) else ""
    has_variants = running.profile.language_converter and "-{" in text
    can_colour = "syntaxhighlight" in running.profile.extension_tags and not has_variants
    # What colours code leaves out these at its start.
    if language and can_colour and not text.startswith(("\n", "\ufeff")) and not _END_OF_CODE.search(text):
        running.tags["syntaxhighlight"] += 1
        return f'<syntaxhighlight lang="{language}">\n{text}\n</syntaxhighlight>'
    running.tags["pre"] += 1
    text = _IN_PRE.sub(lambda sign: "&amp;" if sign[0] == "&" else "&lt;", text)
    if has_variants:
        text = text.replace("-{", "-&#123;")
    if within:  # lines of their own would be items of lists
        return "<pre>" + escape.after_sign(text).replace("\n", "&#10;") + "</pre>"
    return f"<pre>\n{text}\n</pre>"


def within_line(blocks: Sequence[Block], running: RunningText) -> str:
    """Write blocks within a line, where wikitext has no other way: in an item of a list."""
    return "".join([_within_line(block, running) for block in blocks])


def _within_line(block: Block, running: RunningText) -> str:
    match block:
        case Paragraph():
            return _element("p", running.line(block.content, running.in_item), running)
        case List():
            items = [
                _element("li", running.line(item.content, running.in_item) + within_line(item.blocks, running), running)
                for item in block.items
            ]
            return _element("ul" if block.kind == "bulleted" else "ol", "".join(items), running)
        case Table():
            caption = running.in_cell.first(block.caption.strip())
            rows = [_element("caption", caption, running)] if caption else []
            for sign, row in _rows(block):
                tag = "th" if sign == "!" else "td"
                rows.append(
                    _element("tr", "".join(_element(tag, _cell(cell, running), running) for cell in row), running)
                )
            return _element("table", "".join(rows), running, ' class="wikitable"')
        case Preformatted():
            return preformatted(block, running, within=True)
        case Quote():
            return _element("blockquote", within_line(block.blocks, running), running)
        case Raw():
            return preformatted(Preformatted(block.text), running, within=True)
        case _:
            assert_never(block)


def _element(tag: str, content: str, running: RunningText, attributes: str = "") -> str:
    running.tags[tag] += 1
    return f"<{tag}{attributes}>{escape.after_sign(content)}</{tag}>"
