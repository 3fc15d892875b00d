"""The columns of a table as the fields of a record: title, text and parts of a page by name, the others an infobox.

With ``metadata`` the others are metadata instead.  Columns that number rows or pages are left out of infoboxes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from convert.diagnostics import excerpt, shown
from convert.inputs.decompress import CorruptSource
from convert.inputs.tables.columns import columns_of
from convert.readers.records.fields import PART_NAMES
from convert.readers.records.options import RecordOptions

_NUMBERS = frozenset(
    ("", "id", "_id", "pageid", "page_id", "revid", "revision_id", "index", "unnamed: 0", "wikidata_id", "timestamp")
)
_ADDRESSES = frozenset(("url", "uri"))


class Head:
    """The head of a table: which column is which field."""

    def __init__(self, cells: Sequence[str], options: RecordOptions, pages: bool = False) -> None:
        """Raise CorruptSource if a column that was asked for is missing, or if none has a title or a text."""
        self.names = [cell.strip() for cell in cells]
        while self.names and not self.names[-1]:
            self.names.pop()
        repeated = next((name for number, name in enumerate(self.names) if name and name in self.names[:number]), "")
        if repeated:
            raise CorruptSource(
                "table-row", f"the head names {shown(repeated)} twice: give each column a name of its own"
            )
        read = columns_of(self.names, options, title_is_enough=True, pages=pages)
        self._own = frozenset(read) - frozenset(name for name in read if name in PART_NAMES)
        self._texts = [name for name in self.names if name in self._own]
        self._infobox = options.infobox_field or "infobox"
        fields = [name for name in self.names if name not in self._own and name not in PART_NAMES]
        has_number = any(name.lower() in _NUMBERS - {""} for name in fields)
        self._unread = {
            name for name in fields if name.lower() in _NUMBERS or (has_number and name.lower() in _ADDRESSES)
        }
        self._metadata = options.metadata
        self._fields = frozenset(fields) - self._unread

    @property
    def described(self) -> str:
        """Say which columns are what."""
        parts = [f"the page from {_listed(self._texts)}"]
        if self._fields:
            what = "metadata" if self._metadata else "the infobox"
            parts.append(f"{what} from {_listed([name for name in self.names if name in self._fields])}")
        unread = [name or "the one without a name" for name in self.names if name in self._unread]
        if unread and not self._metadata:
            parts.append(f"nothing from {_listed(unread)}")
        return ", ".join(parts)

    def record(self, cells: Sequence[str]) -> dict[str, Any]:
        """Return the record of a row, which has a cell for each column."""
        row = dict(zip(self.names, cells, strict=False))
        if self._metadata:
            return row
        record: dict[str, Any] = {
            name: cell
            for name, cell in row.items()
            if name not in self._fields and name not in self._unread and (cell or name in self._own)
        }
        facts = {name: cell for name, cell in row.items() if name in self._fields and cell.strip()}
        if facts:
            self._add(record, facts)
        return record

    def _add(self, record: dict[str, Any], facts: dict[str, Any]) -> None:
        """Add an infobox to a record that may have a cell for it: the name of its template, or a further one."""
        cell = record.get(self._infobox, "").strip()
        if "\n" in cell or cell.startswith(("{", "[")):
            record["infoboxes"] = [facts]
        else:
            record[self._infobox] = {"infobox_template": cell, **facts} if cell else facts


def _listed(names: Sequence[str]) -> str:
    some = [excerpt(name, 40) for name in names[:20]]
    return ", ".join(some) + (f" and {len(names) - 20} more" if len(names) > 20 else "")
