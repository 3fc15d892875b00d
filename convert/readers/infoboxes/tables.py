"""A two-column Markdown table to the fields of an infobox.

    | Field | Value |
    |-------|-------|
    | Name  | Diana |

The outer pipes may be missing.  A head row that only says what the columns are is no field.  Below a head, rows may
also have gaps between their cells, or lines of a box around them.

Syntax: https://github.github.com/gfm/#tables-extension-
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec import Struct

from convert.ast import Field
from convert.expressions import expression
from convert.readers.infoboxes.fields import is_key, split
from convert.readers.infoboxes.heads import Head, head_of
from convert.readers.layout import tables as layout

_RULE = expression(r":?-+:?")
_BREAK = expression(r"\s*<br\s*/?>\s*", re.IGNORECASE)
_EMPHASIS = expression(r"\*{2,}|`|_{2,}")
_NO_KEY = expression(r"[:：*_`'<]")
_GAP = expression(r"\s{3,}")
# Lines of a box, drawn with letters or with the signs for it.
_BOX = str.maketrans("│┃║", "|||")
_BOX_RULE = expression(r"[+|][-=+|]+|[\u2500-\u257f]+")

_OF_KEYS = frozenset(
    "attribute category characteristic data detail details element fact facts feature field infobox item key label "
    "name parameter property 项目 項目 属性 字段 champ campo feld поле".split()
)
_OF_VALUES = frozenset(
    "answer content contents data description detail details fact info information value values 值 内容 信息 资料 "
    "資料 valeur valor wert значение".split()
)


class Table(Struct, frozen=True):
    """A table of two columns: its head row, which kind of row that is, and where the rows below the rule begin."""

    labels: tuple[str, str]
    #: The head row says nothing but what the columns hold.
    is_titled: bool
    #: What the head row names as the head of an infobox does.
    head: Head | None
    start: int
    #: Gaps part the cells.
    has_gaps: bool = False

    def field(self, stripped: str, line: int) -> Field | None:
        """Read a row; ``None`` where the table has ended."""
        return row_field(_GAP.sub(" | ", stripped, count=1) if self.has_gaps else stripped, line)


def cells_of(stripped: str) -> list[str]:
    """Part a row into its cells; lines of a box part them, too."""
    return layout.cells_of(stripped.translate(_BOX))


def table_at(lines: Sequence[str], at: int) -> Table | None:
    """Look for a table of two columns whose head row is ``lines[at]``."""
    rows = [row_field(line.strip(), 0) for line in lines[at + 2 : at + 4]]
    # A row that spans both columns is the label of the rows below it.
    if not rows or rows[0] is None or not (rows[0].key or (rows[0].values and rows[-1] and rows[-1].key)):
        return None
    rule = lines[at + 1].strip()
    if rule[:1] not in "|:-" or "|" not in rule or not all(map(_RULE.fullmatch, rules := cells_of(rule))):
        return None
    labels = cells_of(lines[at].strip())
    if len(labels) != 2 or len(rules) != 2:
        return None
    head = head_of(labels[0]) if labels[0] and not labels[1] else None
    return Table((labels[0], labels[1]), _is_titled(labels), head, at + 2)


def rows_at(lines: Sequence[str], at: int) -> Table | None:
    """Look for rows of two cells without a rule, as they may stand below a head."""
    start = at
    while start < at + 2 and start < len(lines) and _BOX_RULE.fullmatch(lines[start].strip()):
        start += 1
    places = [
        place for place in range(start, min(start + 3, len(lines))) if not _BOX_RULE.fullmatch(lines[place].strip())
    ]
    stripped = [lines[place].strip() for place in places[:2]]
    has_gaps = not any("|" in line.translate(_BOX) or "\t" in line for line in stripped)
    rows = [_GAP.split(line, maxsplit=1) if has_gaps else cells_of(line) for line in stripped]
    if len(rows) < 2 or any(len(row) != 2 or not all(row) or "=" in row[0] or not is_key(row[0]) for row in rows):
        return None
    return Table((rows[0][0], rows[0][1]), True, None, start + _is_titled(rows[0]), has_gaps)


def _is_titled(labels: Sequence[str]) -> bool:
    """Return whether a head row only says what the columns hold."""
    first, second = (_EMPHASIS.sub("", label).strip(" :").casefold() for label in labels)
    return not (first or second) or (second in _OF_VALUES and (not first or first in _OF_KEYS))


def row_field(stripped: str, line: int) -> Field | None:
    """Read a row of a table of two columns; ``None`` where the table has ended."""
    cells = cells_of(stripped)
    if not cells or stripped.startswith(("- ", "* ")):
        return None
    key, value = cells[0], " | ".join(filter(None, cells[1:]))
    parted = split("-", f"{key}: {value}") if key[:1] in "*_`'<" else None
    if parted and parted.is_emphasised:
        key, value = parted.key, parted.value
    if not value:
        key = _EMPHASIS.sub("", key).strip()
    key = key.rstrip(":：").rstrip()
    parted = split("-", f"{key}: {value}")
    if parted is None or parted.key != key:  # the plain form could not say it
        key = " ".join(_NO_KEY.sub(" ", key).split())
    if not value:  # a row that spans both columns heads those below it
        return Field(key, (), line=line)
    return Field(key, tuple(filter(None, _BREAK.split(value))), line=line)


def table_fields(table: Table, lines: Sequence[str], base: int) -> tuple[list[Field], int]:
    """Read the fields of a table; return them and the index of the first line after it."""
    fields: list[Field] = []
    at = table.start
    if not table.is_titled and not table.head:
        row = row_field(lines[at - 2].strip(), at - 2 + base)
        fields += [row] if row else []
    while at < len(lines):
        stripped = lines[at].strip()
        row = table.field(stripped, at + base) if stripped else None
        if row is None and not _BOX_RULE.fullmatch(stripped):
            break
        if row and (row.key or row.values):
            fields.append(row)
        at += 1
    return fields, at
