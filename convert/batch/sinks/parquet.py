"""One Parquet file with a row per article.

Imported only for ``.parquet``: pyarrow is large and optional.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from functools import lru_cache

import msgspec

from convert.batch.job.manifest import MAX_LINE_BYTES
from convert.batch.job.manifest_lines import DamagedManifest, Position
from convert.batch.job.previous_run import PreviousRun
from convert.batch.model import ConvertedDocument, ShardOutcome
from convert.batch.sinks.output_names import waiting_table
from convert.batch.sinks.parts import Parts
from convert.batch.sinks.sink import Completed
from convert.inputs.decompress import CorruptSource, Decompressed
from convert.inputs.parquet.arrow import parquet, pyarrow
from convert.inputs.parquet.reader import open_table, row_group
from convert.io.atomic import writing
from convert.io.own_files import open_own, open_regular

#: Bytes of text per row group written.
GROUP_BYTES = 4 << 20

#: Rows of our own tables that are read at a time.
_OWN_ROWS = 256

_decoder = msgspec.json.Decoder(dict[str, str])

_SCHEMA = pyarrow.schema([("title", pyarrow.string()), ("text", pyarrow.string()), ("source", pyarrow.string())])


def rows(path: str, first: int, last: int) -> bytes:
    """Read rows of a table that we have written, as the JSON lines that they were."""
    lines: list[bytes] = []
    start = 0
    metadata = open_table(path, "").metadata
    for group in range(metadata.num_row_groups):
        end = start + metadata.row_group(group).num_rows
        if start < last and first < end:
            lines += _group(path, group)[max(0, first - start) : last - start]
        start = end
    return b"".join(lines)


@lru_cache(maxsize=1)
def _group(path: str, group: int) -> list[bytes]:
    return row_group(path, "", group, (), _OWN_ROWS, sys.maxsize).splitlines(keepends=True)


class Table(Parts):
    """Sink: one Parquet file of titles, texts and sources.

    Until completion it is a file of compressed JSON lines, because an unfinished Parquet file cannot be appended to.
    The first number of a position counts rows.
    """

    def __init__(self, path: str, shown: str) -> None:
        super().__init__(path, shown, "zst", (b"", b""), 0)
        self._rows = 0

    @property
    def position(self) -> Position:
        """Rows, and bytes of the file of lines."""
        return self._rows, self._offset

    def add(self, outcome: ShardOutcome, written: Sequence[ConvertedDocument], names: Sequence[str]) -> bool:
        """Append the lines."""
        self._rows += len(written)
        return super().add(outcome, written, names)

    def resume(self, position: Position) -> None:
        """Truncate the file of lines to the position."""
        self._rows = position[0]
        super().resume((0, position[1]))

    def complete(self) -> Completed:
        """Convert the lines to the table."""
        lines = super().complete().moves[0][0]
        table = waiting_table(self._name)
        with writing(self._shown):
            try:
                rows = self._write_table(self._path(lines), self._path(table))
            except (CorruptSource, ValueError, RecursionError, pyarrow.ArrowException) as error:
                raise DamagedManifest(self._path(lines), str(error)) from error
            if rows != self._rows:
                raise DamagedManifest(self._path(lines), f"it has {rows:,} rows, not {self._rows:,}")
            status = os.stat(self._path(table))
        return Completed([(table, self._name)], [lines], {self._name: (status.st_size, status.st_mtime_ns)})

    def _write_table(self, lines: str, path: str) -> int:
        """Convert compressed lines to a table; return the number of rows."""
        count = 0
        with (
            open_regular(lines) as file,
            open(open_own(path, empty=True), "wb") as output,
            parquet.ParquetWriter(output, _SCHEMA, compression="zstd") as writer,
        ):
            unpacked = Decompressed(file, self._packing, sys.maxsize)
            rest = b""
            while block := unpacked.read(GROUP_BYTES):
                whole, newline, rest = (rest + block).rpartition(b"\n")
                if newline:
                    rows = _decoder.decode_lines(whole)
                    count += len(rows)
                    writer.write_table(pyarrow.Table.from_pylist(rows, _SCHEMA))
                elif len(rest) > MAX_LINE_BYTES:
                    raise CorruptSource("damaged", "a line without an end")
        return count

    def with_layout(self, previous_run: PreviousRun) -> PreviousRun:
        """Add how rows are read.  Caches are cleared: an earlier run of this process may have replaced the table."""
        open_table.cache_clear()
        _group.cache_clear()
        return previous_run._replace(packing=self._packing, rows=rows)
