"""Parquet, in and out: rows become lines of JSON, and lines become rows.

Loaded only for ``.parquet``, since pyarrow is large and an extra.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

import msgspec
from msgspec import structs

from convert.batch import remote
from convert.batch.earlier import Earlier
from convert.batch.manifest import MAX_LINE_BYTES, Damaged, Position
from convert.batch.output_names import waiting_table
from convert.batch.outputs import writing
from convert.batch.shards import Outcome, Piece, Record
from convert.batch.sinks import Completed, Parts
from convert.batch.unpacking import Broken, Unpacked
from convert.errors import UsageError
from convert.own_files import open_own, open_regular

# This allocator gives back what was freed, where Arrow's own choice keeps more the longer it runs.  It is asked for
# before Arrow is loaded, because what Arrow takes for itself comes from whichever it was loaded with.
if sys.platform == "linux":
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "jemalloc")

try:
    import pyarrow
    import pyarrow.parquet as parquet
except ImportError:
    raise UsageError("Parquet needs pyarrow: install 'plainwiki[parquet]'") from None

#: Row groups that are larger are read in batches by whoever cuts the input, the others by whoever works them.
MAX_GROUP_BYTES = 1 << 20

#: Rows become lines as many bytes at a time.
BATCH_BYTES = 1 << 19

#: As many bytes of a file are read at a time.
_BUFFER_BYTES = 1 << 16

#: As many bytes of text make a row group of what is written.
GROUP_BYTES = 4 << 20

#: What is raised for bytes that are wrong; some of it by Python, which makes strings of them.
_ERRORS = (pyarrow.ArrowException, OSError, ValueError)

_decoder = msgspec.json.Decoder(dict[str, str])
_SCHEMA = pyarrow.schema([("title", pyarrow.string()), ("text", pyarrow.string()), ("source", pyarrow.string())])


def row_groups(whole: Piece, columns: Sequence[str], batch_bytes: int) -> Iterator[Piece]:
    """Yield the pieces of a table: its row groups, or, of large ones, batches with what they hold.

    Only some columns are read, or all if none is named.  Lines are rows, counted from 1.  Raises Broken where the table
    cannot be read.
    """
    file = _table(whole.path, whole.stamp)
    line = 1
    for group in range(file.metadata.num_row_groups):
        told = file.metadata.row_group(group)
        packed: tuple[str | int, ...] = ("parquet", group, *columns)
        piece = structs.replace(whole, start=0, end=told.total_byte_size, line=line, packed=packed, title="")
        line += told.num_rows
        if told.total_byte_size <= MAX_GROUP_BYTES:
            yield piece
        else:
            yield from _batches(piece, file, group, columns, batch_bytes)


def _batches(piece: Piece, file: Any, group: int, columns: Sequence[str], batch_bytes: int) -> Iterator[Piece]:
    line = piece.line
    try:
        for count, content in _read(file, group, columns, batch_bytes):
            yield structs.replace(piece, line=line, end=len(content), content=content, packed=())
            line += count
    except _ERRORS as error:
        reason = f"row group {group} cannot be read: {_first_line(error)}"
        yield structs.replace(piece, line=line, start=0, end=0, packed=(), refusal=("damaged", reason))


def row_group(path: str, stamp: str, group: int, columns: Sequence[str]) -> bytes:
    """Read a row group as lines of JSON.  Raises Broken."""
    file = _table(path, stamp)
    try:
        return b"".join(content for _, content in _read(file, group, columns, BATCH_BYTES))
    except _ERRORS as error:
        raise Broken("damaged", f"row group {group} cannot be read: {_first_line(error)}") from None


def _read(file: Any, group: int, columns: Sequence[str], batch_bytes: int) -> Iterator[tuple[int, bytes]]:
    """Read a row group some rows at a time: how many, and their lines."""
    told = file.metadata.row_group(group)
    count = max(1, told.num_rows * batch_bytes // max(1, told.total_byte_size))
    names = [name for name in file.schema_arrow.names if name in columns] if columns else None
    for batch in file.iter_batches(batch_size=count, row_groups=[group], columns=names, use_threads=False):
        yield batch.num_rows, _lines(batch)


@lru_cache(maxsize=1)
def _table(path: str, stamp: str) -> Any:
    """Open a table, once for all its row groups."""
    try:
        # A file that Arrow opens, it closes.
        return parquet.ParquetFile(
            remote.opened(path) if remote.is_remote(path) else path, pre_buffer=False, buffer_size=_BUFFER_BYTES
        )
    except _ERRORS as error:
        raise Broken("damaged", f"not a Parquet file: {_first_line(error)}; is it all there?") from None


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0].rstrip(".")


def _lines(batch: Any) -> bytes:
    encode = msgspec.json.Encoder(enc_hook=str).encode_into
    found = bytearray()
    for row in batch.to_pylist():
        encode(row, found, -1)
        found += b"\n"
    return bytes(found)


def rows(path: str, first: int, last: int) -> bytes:
    """Read rows of a table that we have written as the lines that they were."""
    found: list[bytes] = []
    start = 0
    metadata = _table(path, "").metadata
    for group in range(metadata.num_row_groups):
        end = start + metadata.row_group(group).num_rows
        if start < last and first < end:
            found += _group(path, group)[max(0, first - start) : last - start]
        start = end
    return b"".join(found)


@lru_cache(maxsize=1)
def _group(path: str, group: int) -> list[bytes]:
    return row_group(path, "", group, ()).splitlines(keepends=True)


class Table(Parts):
    """One Parquet file of titles, texts and sources.

    Until the end it is a file of packed lines, since a table without its end cannot be gone on with.  The first number
    of a position counts rows.
    """

    def __init__(self, path: str, shown: str) -> None:
        super().__init__(path, shown, "zst", (b"", b""), 0)
        self._rows = 0

    @property
    def position(self) -> Position:
        """Where it stands."""
        return self._rows, self._offset

    def add(self, outcome: Outcome, written: Sequence[Record], names: Sequence[str]) -> bool:
        """Keep the lines."""
        self._rows += len(written)
        return super().add(outcome, written, names)

    def resume(self, position: Position) -> None:
        """Cut off what stands behind the position."""
        self._rows = position[0]
        super().resume((0, position[1]))

    def complete(self) -> Completed:
        """Make the table of the lines."""
        lines = super().complete().moves[0][0]
        table = waiting_table(self._name)
        with writing(self._shown):
            try:
                rows = self._write_table(self._path(lines), self._path(table))
            except (Broken, ValueError, RecursionError, pyarrow.ArrowException) as error:
                raise Damaged(self._path(lines), str(error)) from error
            if rows != self._rows:
                raise Damaged(self._path(lines), f"it has {rows:,} rows, not {self._rows:,}")
            found = os.stat(self._path(table))
        return Completed([(table, self._name)], [lines], {self._name: (found.st_size, found.st_mtime_ns)})

    def _write_table(self, lines: str, path: str) -> int:
        """Make a table of packed lines; tell how many there were."""
        count = 0
        with (
            open_regular(lines) as file,
            open(open_own(path, empty=True), "wb") as output,
            parquet.ParquetWriter(output, _SCHEMA, compression="zstd") as writer,
        ):
            unpacked = Unpacked(file, self._packing, sys.maxsize)
            rest = b""
            while block := unpacked.read(GROUP_BYTES):
                whole, newline, rest = (rest + block).rpartition(b"\n")
                if newline:
                    rows = _decoder.decode_lines(whole)
                    count += len(rows)
                    writer.write_table(pyarrow.Table.from_pylist(rows, _SCHEMA))
                elif len(rest) > MAX_LINE_BYTES:
                    raise Broken("damaged", "a line without an end")
        return count

    def earlier(self, known: Earlier) -> Earlier:
        """Tell how an earlier table is read: as it is now, whatever stood there in an earlier run of this process."""
        _table.cache_clear()
        _group.cache_clear()
        return known._replace(packing=self._packing, rows=rows)
