r"""Tables: rows of cells between pipes, of which the second is a rule.

    Table: Distilleries
    | Name   | Casks |
    |--------|------:|
    | Ardbeg | 40    |

The head and the rule begin and end with a pipe, so that no sentence is taken for them; rows begin with one.  A head of
empty cells is none.  ``\|`` is a pipe in a cell, and ``<br>`` a line break.

Source: https://github.github.com/gfm/#tables-extension-
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Literal

from convert.ast import Alignment, Block, Cell, Inline, LineBreak, Paragraph, Table, Text
from convert.diagnostics import Diagnostic, Report
from convert.expressions import expression

#: Which lines are tables: those between pipes, or those whose cells tabs part, too, with a head row or without.
Tables = Literal["piped", "tabs", "tabs-headed"]

#: What a row begins with.
SIGN = "|"
_CAPTION = "Table: "

# Rules of Org part their columns with plus signs.  A single dash is one between pipes alone: '| - |' has a dash in it.
_RULE = expression(r"\|(?:(?:\s*:?-{2,}:?\s*[|+])+|(?::?-:?\|)+)")
_PART = expression(r"[|+]")
_ESCAPED = expression(r"\\\|")
_BREAK = expression(r"\s*<br\s*/?>\s*", re.IGNORECASE)
_NO_SIDE: tuple[Alignment] = ("",)
_RULES: Mapping[str, str] = {"": "---", "left": ":---", "right": "---:", "center": ":---:"}


def cells_of(stripped: str) -> list[str]:
    """Part a row into its cells; a line without pipes has none."""
    if SIGN not in stripped:
        return []
    row = stripped.removeprefix(SIGN)
    if row.endswith(SIGN) and not row.endswith("\\|"):
        row = row[:-1]
    if "\\|" not in row:
        return [cell.strip() for cell in row.split(SIGN)]
    return [cell.replace("\0", SIGN).strip() for cell in _ESCAPED.sub("\0", row).split(SIGN)]


def opens_table(lines: Sequence[str], at: int) -> bool:
    """Return whether ``lines[at]``, which begins with a pipe, is the head of a table."""
    if at + 1 >= len(lines):
        return False
    rule = lines[at + 1].strip()
    if not rule.startswith(("|-", "|:", "| ", "|\t")) or not _is_rule(rule):
        return False
    head = lines[at].strip()
    return len(head) > 1 and head.endswith(SIGN) and not _is_rule(head)


def _is_rule(stripped: str) -> bool:
    return stripped.endswith(SIGN) and _RULE.fullmatch(stripped) is not None


def read_table(lines: Sequence[str], at: int, base: int, report: Report, caption: str = "") -> tuple[Table, int]:
    """Read the table whose head is ``lines[at]``; return it and the index of the first line after it."""
    head = cells_of(lines[at].strip())
    align = tuple(map(_side, _PART.split(lines[at + 1].strip()[1:-1])))
    rows: list[tuple[Cell, ...]] = []
    ragged: list[int] = []
    end = at + 2
    while end < len(lines) and (stripped := lines[end].strip()).startswith(SIGN):
        cells = cells_of(stripped)
        if len(cells) != len(head):
            ragged.append(end + base)
        rows.append(tuple(map(_cell, cells)))
        end += 1
    if len(align) != len(head):
        ragged.insert(0, at + 1 + base)
    _tell_ragged(ragged, len(head), report)
    header = tuple(map(_cell, head)) if any(head) or not rows else ()
    width = len(head) if header else max(map(len, (head, *rows)))
    sides = align[:width] if any(align[:width]) else ()
    return Table(tuple(rows), header, caption, sides and (*sides, *_NO_SIDE * (width - len(sides))), at + base), end


def _tell_ragged(ragged: Sequence[int], width: int, report: Report) -> None:
    if ragged:
        rows = "a row has" if len(ragged) == 1 else f"{len(ragged)} rows have"
        message = f"{rows} more or fewer cells than the {width} of the first: missing ones are empty"
        report(Diagnostic("table-ragged", ragged[0], 1, message))


def _side(rule: str) -> Alignment:
    rule = rule.strip()
    if rule.startswith(":"):
        return "center" if rule.endswith(":") else "left"
    return "right" if rule.endswith(":") else ""


def _cell(text: str) -> Cell:
    content: list[Inline] = []
    for line in _BREAK.split(text) if "<" in text else (text,):
        content += (LineBreak(), Text(line)) if content else (Text(line),)
    return Cell(tuple([inline for inline in content if inline != Text("")]))


def caption_of(stripped: str) -> str:
    """Return the caption that a line says, directly above a table; empty if it says none."""
    return stripped.removeprefix(_CAPTION).strip() if stripped.startswith(_CAPTION) else ""


def take_caption(blocks: list[Block], lines: Sequence[str], at: int) -> str:
    """Take the caption of the table at ``lines[at]`` from the line above, if the last block is that one alone."""
    above = lines[at - 1].strip() if at else ""
    caption = caption_of(above)
    if caption and blocks and blocks[-1] == Paragraph((Text(above),)):
        blocks.pop()
        return caption
    return ""


def opens_tab_table(lines: Sequence[str], at: int) -> bool:
    """Return whether tabs part the cells of ``lines[at]`` and of the line below."""
    return at + 1 < len(lines) and "\t" in lines[at].strip() and "\t" in lines[at + 1].strip()


def read_tab_table(
    lines: Sequence[str], at: int, base: int, report: Report, caption: str, *, is_headed: bool
) -> tuple[Table, int]:
    """Read the table whose first row is ``lines[at]``; return it and the index of the first line after it."""
    rows: list[tuple[Cell, ...]] = []
    end = at
    while end < len(lines) and "\t" in lines[end].strip():
        rows.append(tuple(_cell(text.strip()) for text in lines[end].strip(" ").split("\t")))
        end += 1
    width = len(rows[0])
    _tell_ragged([number + at + base for number, row in enumerate(rows) if len(row) != width], width, report)
    head, body = (rows[0], rows[1:]) if is_headed else ((), rows)
    return Table(tuple(body), head, caption, (), at + base), end


# ── Written


def table_lines(table: Table, text: Callable[[Cell], str]) -> Iterator[str]:
    """Write a table in the form that is read; ``text`` makes the line of a cell."""
    if table.caption:
        yield _CAPTION + table.caption
    width = len(table.header) or max(map(len, (table.align, *table.rows)))
    yield _row(map(text, table.header or [Cell()] * width))
    sides = [*table.align, *[""] * (width - len(table.align))]
    yield f"|{'|'.join([_RULES[side] for side in sides])}|"
    for row in table.rows:
        yield _row(map(text, row))


def _row(cells: Iterable[str]) -> str:
    return "".join(["| " + cell.replace(SIGN, "\\|") + " " for cell in cells]) + SIGN
