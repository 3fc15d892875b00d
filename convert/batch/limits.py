"""How much of a Parquet table may be read, so that no claim in it costs more memory than the table is worth.

The pages of a row group are looked at before it is read: none is larger than any document, all together are not more
than ``max_expansion`` allows, and so few rows are unpacked at a time that what they can become is bounded.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from typing import Any, BinaryIO, NamedTuple

from convert.batch import remote
from convert.batch.pages import Chunk, Page, pages
from convert.batch.unpacking import HARMLESS_BYTES, Broken

# As many bytes are unpacked at a time, or two pages, or one row: a value is no longer than its page or dictionary.
_HELD_BYTES = 64 << 20

# A page has at most as many bytes, or twice those of a document; some writers make one of a whole column chunk.
_MAX_PAGE_BYTES = 128 << 20

# A footer may have as many bytes, or this share of the table: Arrow needs hundreds of times more for what it describes.
_MAX_FOOTER_BYTES = 4 << 20
_FOOTER_SHARE = 64

# A row counts as many bytes even if it says nothing, since it is read and told of; so does an element of a list.
_ROW_BYTES = 256
_ELEMENT_BYTES = 16

_MAX_ROWS = 4096


class Limits(NamedTuple):
    """How large a document may be, and how many times its size what is packed may become."""

    max_bytes: int
    max_expansion: int

    def room(self, packed: int) -> int:
        """How many bytes so many packed ones may become."""
        return max(HARMLESS_BYTES, packed * self.max_expansion)


class Group(NamedTuple):
    """A row group whose claims are bounded: its packed bytes, and how many rows may be unpacked at a time."""

    packed: int
    rows: int


class Budget:
    """What all row groups of a table may become together."""

    def __init__(self, size: int, limits: Limits) -> None:
        self._size = self._packed_left = size
        self._left = limits.room(size)

    def take(self, size: int, packed: int = 0) -> None:
        """Take off what was read, and what it was packed in.  Raises Broken where nothing is left."""
        self._left -= size
        self._packed_left -= packed
        if min(self._left, self._packed_left) < 0:
            raise bomb(self._size, "more than what they hold")

    def take_rows(self, rows: int) -> None:
        """Take off rows before they are read."""
        if rows < 0:
            raise Broken("damaged", f"a row group claims {rows} rows")
        self.take(rows * _ROW_BYTES)


def bomb(size: int, claim: str) -> Broken:
    """Say that so many bytes claim too much."""
    reason = f"{size:,} bytes claim to hold {claim}, as in an archive bomb"
    return Broken("too-large", f"{reason}: raise --max-expansion if it is none")


def check_footer(file: BinaryIO) -> None:
    """Raise Broken where the footer of a table is out of proportion."""
    size = remote.to_end(file)
    file.seek(max(0, size - 8))
    tail = file.read(8)
    if len(tail) == 8 and tail.endswith(b"PAR1"):
        claimed = struct.unpack("<I", tail[:4])[0]
        if claimed > max(_MAX_FOOTER_BYTES, size // _FOOTER_SHARE):
            raise Broken("too-large", f"a footer of {claimed:,} bytes describes a table of {size:,}")


def look_at(table: Any, file: BinaryIO, group: int, columns: Sequence[str], limits: Limits) -> Group:
    """Look at the pages of a row group in an open table.  Raises Broken where they claim too much."""
    told = table.metadata.row_group(group)
    max_bytes = max(_MAX_PAGE_BYTES, 2 * limits.max_bytes)
    packed = unpacked = 0
    rows = _MAX_ROWS
    for index in range(told.num_columns):
        column = table.schema.column(index)
        if columns and not any(f"{column.path}.".startswith(f"{name}.") for name in columns):
            continue
        if column.length > max_bytes:
            raise bomb(packed, f"values of {column.length:,} bytes")
        chunk = _chunk(told.column(index), column)
        packed += chunk.end - chunk.start
        size, values, most = _sum(pages(file, chunk, max_bytes), column.length)
        unpacked += size + (_ELEMENT_BYTES * values if column.max_repetition_level else 0)
        rows = min(rows, most)
    if unpacked > limits.room(packed):
        raise bomb(packed, f"{unpacked:,}")
    return Group(packed, max(1, rows))


def _chunk(told: Any, column: Any) -> Chunk:
    starts = [each for each in (told.dictionary_page_offset, told.data_page_offset) if each]
    start, size = min(starts, default=-1), told.total_compressed_size
    if start < 0 or size < 0:
        raise Broken("damaged", f"the column '{column.path}' stands nowhere")
    levels = (column.max_definition_level > 0) + (column.max_repetition_level > 0)
    return Chunk(start, start + size, told.compression, levels)


def _sum(found: Iterable[Page], length: int) -> tuple[int, int, int]:
    """Add up the bytes and values of a column's pages, and tell how many rows of it may be unpacked at a time."""
    size = values = last = 0
    largest, fewest, is_plain = max(1, length), _MAX_ROWS, True
    for page in found:
        size += page.size
        values += page.values
        largest = max(largest, page.size)
        fewest, last = min(fewest, last or _MAX_ROWS), page.values
        is_plain = is_plain and page.is_plain
    # What plain pages become is what they hold, and so few rows stand in two of them.
    return size, values, max(_HELD_BYTES // largest, fewest if is_plain else 0)
