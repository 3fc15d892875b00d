"""Memory limits for Parquet tables, so that a small malicious file cannot claim much memory.

The page headers of a row group are checked before it is read: no page may be larger than a document, all together may
not exceed ``max_expansion``, and so few rows are decoded at a time that their size is bounded.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, BinaryIO, NamedTuple

from convert.inputs.decompress import HARMLESS_BYTES, CorruptSource
from convert.inputs.parquet import thrift
from convert.inputs.parquet.pages import CODECS, Chunk, Page, pages
from convert.inputs.parquet.thrift import I32, I64, LIST, STRUCT, key
from convert.io import remote

# Bytes decoded at a time; or two pages, or one row: a value is no longer than its page or dictionary.
_HELD_BYTES = 64 << 20

# Maximum size of a page, or twice that of a document; some writers make one page of a whole column chunk.
_MAX_PAGE_BYTES = 128 << 20

# Maximum size of a footer, or this share of the table: Arrow needs hundreds of times more memory to parse it.
_MAX_FOOTER_BYTES = 4 << 20
_FOOTER_SHARE = 64
_TAIL_BYTES = 8

# Even an empty row counts so many bytes, because it costs a diagnostic; so does an element of a list.
_ROW_BYTES = 256
_ELEMENT_BYTES = 16

_MAX_ROWS = 4096

# Field keys in footers: row groups; their columns, size and rows; codec, size and offsets of a column.
_GROUPS = 4
_COLUMNS, _TOTAL_BYTES, _ROWS = key(1, LIST), key(2, I64), key(3, I64)
_COLUMN = key(3, STRUCT)
_CODEC, _PACKED_BYTES, _DATA_AT, _DICTIONARY_AT = key(4, I32), key(7, I64), key(9, I64), key(11, I64)


class Limits(NamedTuple):
    """Maximum size of a document, and maximum ratio of uncompressed to compressed size."""

    max_bytes: int
    max_expansion: int

    def room(self, packed: int) -> int:
        """Return the maximum uncompressed size of so many compressed bytes."""
        return max(HARMLESS_BYTES, packed * self.max_expansion)


class Group(NamedTuple):
    """A row group as the footer claims it: number of rows, uncompressed size, and column chunks."""

    rows: int
    size: int
    columns: list[thrift.Struct]


class Budget:
    """The budget of uncompressed bytes for all row groups of a table of ``packed`` bytes (without the footer)."""

    def __init__(self, packed: int, limits: Limits) -> None:
        self._size = self._packed_left = packed
        self._left = limits.room(packed)

    def take(self, size: int, packed: int = 0) -> None:
        """Charge bytes read, and the compressed bytes they came from.  Raises CorruptSource beyond the budget."""
        self._left -= size
        self._packed_left -= packed
        if self._packed_left < 0:
            raise CorruptSource("damaged", f"{self._size:,} bytes claim to hold more: row groups stand in one another")
        if self._left < 0:
            raise bomb(self._size, "more than so many may")

    def take_rows(self, rows: int) -> None:
        """Charge rows before they are read."""
        if rows < 0:
            raise CorruptSource("damaged", f"a row group claims {rows} rows")
        self.take(rows * _ROW_BYTES)


def bomb(size: int, claim: str) -> CorruptSource:
    """Return the error for a file of so many bytes that claims too much."""
    reason = f"{size:,} bytes claim to hold {claim}, as in an archive bomb"
    return CorruptSource("too-large", f"{reason}: raise --max-expansion if it is none")


def footer_of(file: BinaryIO) -> bytes:
    """Return the footer of a table.  Raises CorruptSource where there is none, or it is too large."""
    size = remote.to_end(file)
    file.seek(max(0, size - _TAIL_BYTES))
    tail = file.read(_TAIL_BYTES)
    if size < _TAIL_BYTES or not tail.endswith(b"PAR1"):
        raise CorruptSource("damaged", "not a Parquet file: its end is no footer; is it all there?")
    claimed = struct.unpack("<I", tail[:4])[0]
    if claimed > max(_MAX_FOOTER_BYTES, size // _FOOTER_SHARE):
        raise CorruptSource("too-large", f"a footer of {claimed:,} bytes describes a table of {size:,}")
    file.seek(max(0, size - _TAIL_BYTES - claimed))
    return file.read(claimed)


def groups(footer: bytes, columns: int) -> Iterator[Group]:
    """Yield the row groups of a footer, each of which must have so many columns.

    Not read through Arrow, which aborts the process on some malformed footers.
    """
    try:
        count, at = thrift.places(footer, _GROUPS)
        for _ in range(count):
            row_group, at = thrift.read(footer, at, columns)
            chunks = row_group.get(_COLUMNS)
            if not chunks or len(chunks) != columns:
                raise CorruptSource("damaged", f"a row group has other columns than the {columns} of the table")
            yield Group(row_group.get(_ROWS, 0), row_group.get(_TOTAL_BYTES, 0), chunks)
    except IndexError:
        raise CorruptSource("damaged", "the footer cannot be read: is the table all there?") from None


def look_at(group: Group, schema: Any, file: BinaryIO, columns: Sequence[str], limits: Limits) -> tuple[int, int]:
    """Return the compressed size of a row group, and how many rows of it may be decoded at a time.

    Raises CorruptSource where its pages claim too much.
    """
    max_bytes = max(_MAX_PAGE_BYTES, 2 * limits.max_bytes)
    packed = unpacked = 0
    rows = _MAX_ROWS
    for index, column_chunk in enumerate(group.columns):
        column = schema.column(index)
        if columns and not any(f"{column.path}.".startswith(f"{name}.") for name in columns):
            continue
        if column.length > max_bytes:
            raise bomb(packed, f"values of {column.length:,} bytes")
        chunk = _chunk(column_chunk.get(_COLUMN, {}), column)
        packed += chunk.end - chunk.start
        size, values, column_rows = _sum(pages(file, chunk, max_bytes), column.length)
        unpacked += size + (_ELEMENT_BYTES * values if column.max_repetition_level else 0)
        rows = min(rows, column_rows)
    if unpacked > limits.room(packed):
        raise bomb(packed, f"{unpacked:,}")
    return packed, max(1, rows)


def _chunk(column_chunk: thrift.Struct, column: Any) -> Chunk:
    starts = [offset for offset in (column_chunk.get(_DICTIONARY_AT, 0), column_chunk.get(_DATA_AT, -1)) if offset]
    start, size, codec = min(starts, default=-1), column_chunk.get(_PACKED_BYTES, -1), column_chunk.get(_CODEC, -1)
    if start < 0 or size < 0 or not 0 <= codec < len(CODECS):
        raise CorruptSource("damaged", f"the column '{column.path}' stands nowhere")
    levels = (column.max_definition_level > 0) + (column.max_repetition_level > 0)
    return Chunk(start, start + size, codec, levels)


def _sum(column_pages: Iterable[Page], length: int) -> tuple[int, int, int]:
    """Return the total bytes and values of a column's pages, and how many rows of it may be decoded at a time."""
    size = values = last = 0
    largest, fewest, is_plain = max(1, length), _MAX_ROWS, True
    for page in column_pages:
        size += page.size
        values += page.values
        largest = max(largest, page.size)
        fewest, last = min(fewest, last or _MAX_ROWS), page.values
        is_plain = is_plain and page.is_plain
    # Plain pages do not grow when decoded, so the rows of two of them are bounded by their sizes.
    return size, values, max(_HELD_BYTES // largest, fewest if is_plain else 0)
