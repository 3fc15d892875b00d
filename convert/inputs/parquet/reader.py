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

from convert.batch.converter import Outcome, Piece, Record
from convert.batch.job.manifest import MAX_LINE_BYTES, Damaged, Position
from convert.batch.job.previous_run import Earlier
from convert.batch.sinks.folder import Completed, Parts
from convert.batch.sinks.output_names import waiting_table
from convert.errors import EnvironmentFailed, UsageError
from convert.inputs.decompress import Broken, Unpacked
from convert.inputs.fetch import opened
from convert.io import remote
from convert.io.atomic import writing
from convert.io.own_files import open_own, open_regular

# This allocator gives back what was freed, where Arrow's own choice keeps more the longer it runs.  It is asked for
# before Arrow is loaded, because what Arrow takes for itself comes from whichever it was loaded with.
if sys.platform == "linux":
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "jemalloc")

try:
    import pyarrow
    import pyarrow.parquet as parquet
except ModuleNotFoundError:
    raise UsageError("Parquet needs pyarrow: install 'plainwiki[parquet]'") from None
except ImportError as error:  # it is there: the system may have no memory for it
    raise EnvironmentFailed(f"pyarrow cannot be loaded: {error}") from None

from convert.inputs.parquet.limits import Budget, Limits, footer_of, groups, look_at  # needs it, too

#: Row groups that are larger are read in batches by whoever cuts the input, the others by whoever works them.
MAX_GROUP_BYTES = 1 << 20

#: Rows become lines as many bytes at a time.
BATCH_BYTES = 1 << 19

#: As many bytes of a file are read at a time.
_BUFFER_BYTES = 1 << 16

#: As many bytes of text make a row group of what is written.
GROUP_BYTES = 4 << 20

#: No list in a footer is longer; Arrow makes room for as many as it claims.
_MAX_LISTED = 1 << 16

#: Of a table that we have written as many rows are read at a time.
_OWN_ROWS = 256

#: What is raised for bytes that are wrong; some of it by Python, which makes strings, times and zones of them.
_ERRORS = (pyarrow.ArrowException, OSError, ValueError, OverflowError, LookupError, RecursionError)

_decoder = msgspec.json.Decoder(dict[str, str])
_SCHEMA = pyarrow.schema([("title", pyarrow.string()), ("text", pyarrow.string()), ("source", pyarrow.string())])


def row_groups(whole: Piece, columns: Sequence[str], batch_bytes: int, limits: Limits) -> Iterator[Piece]:
    """Yield the pieces of a table: its row groups, or, of large ones, batches with what they hold.

    Only some columns are read, or all if none is named.  Lines are rows, counted from 1.  Raises Broken where the table
    cannot be read, or would become more than its limits say.
    """
    table = _table(whole.path, whole.stamp)
    line = 1
    with opened(whole.path, whole.stamp) as file:
        footer = footer_of(file)
        budget = Budget(remote.to_end(file) - len(footer), limits)
        for number, group in enumerate(groups(footer, len(table.schema))):
            budget.take_rows(group.rows)
            piece = structs.replace(whole, start=0, end=max(0, group.size), line=line, title="")
            line += group.rows
            try:
                packed, rows = look_at(group, table.schema, file, columns, limits)
            except Broken as error:
                yield structs.replace(piece, end=0, refusal=(error.code, f"row group {number}: {error.reason}"))
                continue
            budget.take(0, packed)
            rows = max(1, min(rows, group.rows * batch_bytes // max(1, group.size)))
            if group.size <= MAX_GROUP_BYTES:
                room = max(4 * MAX_GROUP_BYTES, packed * limits.max_expansion)
                yield structs.replace(piece, packed=("parquet", number, rows, room, *columns))
                continue
            for each in _batches(piece, table, number, columns, rows, batch_bytes):
                budget.take(each.size)
                yield from _documents(each, limits.max_bytes)


def _batches(
    piece: Piece, table: Any, group: int, columns: Sequence[str], rows: int, batch_bytes: int
) -> Iterator[Piece]:
    line = piece.line
    try:
        for count, content in _read(table, group, columns, rows, batch_bytes):
            yield structs.replace(piece, line=line, end=len(content), content=content)
            line += count
    except MemoryError:
        raise  # Arrow has an error of its own for it, which is one of these, too
    except _ERRORS as error:
        reason = f"row group {group} cannot be read: {_first_line(error)}"
        yield structs.replace(piece, line=line, end=0, refusal=("damaged", reason))


def _documents(batch: Piece, max_bytes: int) -> Iterator[Piece]:
    """Yield a batch; of a very large one row by row those that are not larger than any document may be."""
    if batch.size <= max_bytes:
        yield batch
        return
    for line, row in enumerate((batch.content or b"").splitlines(keepends=True), batch.line):
        if len(row) > max_bytes:
            reason = f"a row of {len(row):,} bytes: part the article, or raise --max-document"
            yield structs.replace(batch, line=line, end=0, content=None, refusal=("too-large", reason))
        else:
            yield structs.replace(batch, line=line, end=len(row), content=row)


def row_group(path: str, stamp: str, group: int, columns: Sequence[str], rows: int, room: int) -> bytes:
    """Read a row group as lines of JSON, so many rows at a time.  Raises Broken, also where it has no ``room``."""
    file = _table(path, stamp)
    found = bytearray()
    try:
        for _, content in _read(file, group, columns, rows, BATCH_BYTES):
            found += content
            if len(found) > room:
                raise Broken("too-large", f"row group {group} has more than {room:,} bytes, other than it says")
    except MemoryError:
        raise  # Arrow has an error of its own for it, which is one of these, too
    except _ERRORS as error:
        raise Broken("damaged", f"row group {group} cannot be read: {_first_line(error)}") from None
    return bytes(found)


def _read(file: Any, group: int, columns: Sequence[str], rows: int, batch_bytes: int) -> Iterator[tuple[int, bytes]]:
    """Read a row group some rows at a time: how many, and their lines."""
    names = [name for name in file.schema_arrow.names if name in columns] if columns else None
    for batch in file.iter_batches(batch_size=rows, row_groups=[group], columns=names, use_threads=False):
        # Of few bytes in a dictionary many rows may be made.
        step = max(1, batch.num_rows * batch_bytes // max(1, batch.nbytes))
        for at in range(0, batch.num_rows, step):
            some = batch.slice(at, step)
            yield some.num_rows, _lines(some)


@lru_cache(maxsize=1)
def _table(path: str, stamp: str) -> Any:
    """Open a table, once for all its row groups.  Raises Broken, and OSError."""
    with opened(path, stamp) as file:
        footer_of(file)
    try:
        # A file that Arrow opens, it closes.
        table = parquet.ParquetFile(
            remote.opened(path) if remote.is_remote(path) else path,
            pre_buffer=False,
            buffer_size=_BUFFER_BYTES,
            thrift_container_size_limit=_MAX_LISTED,
        )
    except MemoryError:
        raise  # Arrow has an error of its own for it, which is one of these, too
    except _ERRORS as error:
        raise Broken("damaged", f"not a Parquet file: {_first_line(error)}; is it all there?") from None
    with opened(path, stamp):  # Arrow opened it by its name: that it is still this file is seen here
        return table


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
    return row_group(path, "", group, (), _OWN_ROWS, sys.maxsize).splitlines(keepends=True)


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
