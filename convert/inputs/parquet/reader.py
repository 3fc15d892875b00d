"""Parquet to lines of JSON, row group by row group.

Imported only for ``.parquet``: pyarrow is large and optional.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

import msgspec
from msgspec import structs

from convert.inputs.decompress import CorruptSource
from convert.inputs.files.stamps import opened
from convert.inputs.parquet.arrow import parquet, pyarrow
from convert.inputs.parquet.limits import Budget, Limits, footer_of, groups, look_at
from convert.inputs.piece import Piece
from convert.inputs.selection import CutOptions, Selection
from convert.inputs.tables.columns import ALL, columns_of
from convert.io import remote
from convert.readers.records.fields import listed
from convert.readers.records.parts import LONG_TEXT

#: Larger row groups are read in batches while the input is cut, smaller ones whole by workers.
MAX_GROUP_BYTES = 1 << 20

#: Bytes of rows that are converted to lines at a time.
BATCH_BYTES = 1 << 19

#: Bytes of a file that are read at a time.
_BUFFER_BYTES = 1 << 16


#: Maximum length of a list in a footer: Arrow allocates what a list claims.
_MAX_LISTED = 1 << 16


#: Exceptions on malformed bytes; some are Python's, which makes strings, times and zones of them.
_ERRORS = (pyarrow.ArrowException, OSError, ValueError, OverflowError, LookupError, RecursionError)


def cut(whole: Piece, packing: str, options: CutOptions) -> Iterator[Piece]:
    """Yield the pieces of a table, within the limits of the selection."""
    selection = options.selection
    limits = Limits(selection.max_bytes, selection.max_expansion)
    columns = _columns(whole.path, whole.stamp, selection)
    remark = _remark(open_table(whole.path, whole.stamp), columns)
    remarks = (*whole.remarks, remark) if remark else whole.remarks
    whole = structs.replace(whole, remarks=remarks, encoding="")  # its rows become UTF-8
    return row_groups(whole, columns, options.block_bytes, limits)


def check(path: str, stamp: str, packing: str, selection: Selection) -> None:
    """Raise CorruptSource if a table has not the columns that are asked for."""
    _columns(path, stamp, selection)


def _columns(path: str, stamp: str, selection: Selection) -> tuple[str, ...]:
    names = list(_names(open_table(path, stamp).schema_arrow, ""))
    return columns_of(names, selection.fields, pages=selection.pages)


def _names(fields: Any, above: str) -> Iterator[str]:
    for field in fields:
        yield above + field.name
        if pyarrow.types.is_struct(field.type):
            yield from _names(field.type, f"{above}{field.name}.")


def _remark(table: Any, columns: Sequence[str]) -> tuple[str, str] | None:
    """Return the code and the message of a remark on columns that hold long texts and are not read."""
    names = [] if ALL in columns else [*_long_texts(table, columns)]
    if not names:
        return None
    message = f"not read, though it looks like content: {listed(names)}; --metadata keeps what is not read"
    return "record-unread", message


def _long_texts(table: Any, columns: Sequence[str]) -> Iterator[str]:
    """Yield the columns of strings that are not read, and whose first values are long on average."""
    schema, metadata = table.schema_arrow, table.metadata
    if not metadata.num_row_groups:
        return
    group = metadata.row_group(0)
    for number in range(group.num_columns):
        column = group.column(number)
        name = column.path_in_schema
        is_long = column.total_uncompressed_size >= LONG_TEXT * max(1, group.num_rows)
        if is_long and name not in columns and name in schema.names and _is_string(schema.field(name).type):
            yield name


def _is_string(kind: Any) -> bool:
    return bool(pyarrow.types.is_string(kind) or pyarrow.types.is_large_string(kind))


def fetch(piece: Piece, group: int, rows: int, room: int, *columns: str) -> bytes:
    """Return a row group as lines of JSON."""
    return row_group(piece.path, piece.stamp, group, columns, rows, room)


def row_groups(whole: Piece, columns: Sequence[str], batch_bytes: int, limits: Limits) -> Iterator[Piece]:
    """Yield the pieces of a table: row groups, or, for large ones, batches with content.

    Only the named columns are read (``columns_of``).  Lines are rows, counted from 1.  Raises CorruptSource
    where the table cannot be read or exceeds the limits.
    """
    table = open_table(whole.path, whole.stamp)
    line = 1
    with opened(whole.path, whole.stamp) as file:
        footer = footer_of(file)
        budget = Budget(remote.to_end(file) - len(footer), limits)
        for number, group in enumerate(groups(footer, len(table.schema))):
            budget.take_rows(group.rows)
            piece = structs.replace(whole, start=0, end=max(0, group.size), line=line, title="")
            line += group.rows
            try:
                packed, rows = look_at(group, table.schema, file, () if ALL in columns else columns, limits)
            except CorruptSource as error:
                yield structs.replace(piece, end=0, refusal=(error.code, f"row group {number}: {error.reason}"))
                continue
            budget.take(0, packed)
            rows = max(1, min(rows, group.rows * batch_bytes // max(1, group.size)))
            if group.size <= MAX_GROUP_BYTES:
                room = max(4 * MAX_GROUP_BYTES, packed * limits.max_expansion)
                yield structs.replace(piece, packed=("parquet", piece.size, number, rows, room, *columns))
                continue
            for batch in _batches(piece, table, number, columns, rows, batch_bytes):
                budget.take(batch.size)
                yield from _documents(batch, limits.max_bytes)


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
    """Yield a batch; one above the maximum size of a document row by row, with refusals for rows above it."""
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
    """Return a row group as lines of JSON, decoded ``rows`` at a time.  Raises CorruptSource, also beyond ``room``."""
    file = open_table(path, stamp)
    lines = bytearray()
    try:
        for _, content in _read(file, group, columns, rows, BATCH_BYTES):
            lines += content
            if len(lines) > room:
                raise CorruptSource("too-large", f"row group {group} has more than {room:,} bytes, other than it says")
    except MemoryError:
        raise  # Arrow has an error of its own for it, which is one of these, too
    except _ERRORS as error:
        raise CorruptSource("damaged", f"row group {group} cannot be read: {_first_line(error)}") from None
    return bytes(lines)


def _read(file: Any, group: int, columns: Sequence[str], rows: int, batch_bytes: int) -> Iterator[tuple[int, bytes]]:
    """Yield a row group some rows at a time: their number, and their lines."""
    own = file.schema_arrow.names
    names = None
    if columns and ALL not in columns:
        names = sorted(columns, key=lambda name: own.index(name) if name in own else len(own))
    top = {name if name in own else name.partition(".")[0] for name in columns}
    binary = [field.name for field in file.schema_arrow if field.name in top and _has_bytes(field.type)]
    for batch in file.iter_batches(batch_size=rows, row_groups=[group], columns=names, use_threads=False):
        # A small dictionary may expand to many rows.
        step = max(1, batch.num_rows * batch_bytes // max(1, batch.nbytes))
        for at in range(0, batch.num_rows, step):
            some = batch.slice(at, step)
            yield some.num_rows, _lines(some, binary)


@lru_cache(maxsize=1)
def open_table(path: str, stamp: str) -> Any:
    """Open a table, cached for all its row groups.  Raises CorruptSource and OSError."""
    with opened(path, stamp) as file:
        footer_of(file)
    try:
        # By path where possible: Arrow closes only what it has opened.
        table = parquet.ParquetFile(
            remote.opened(path) if remote.is_remote(path) else path,
            pre_buffer=False,
            buffer_size=_BUFFER_BYTES,
            thrift_container_size_limit=_MAX_LISTED,
        )
    except MemoryError:
        raise  # Arrow has an error of its own for it, which is one of these, too
    except _ERRORS as error:
        raise CorruptSource("damaged", f"not a Parquet file: {_first_line(error)}; is it all there?") from None
    with opened(path, stamp):  # Arrow opened it by name: check that it is still the same file
        return table


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0].rstrip(".")


def _has_bytes(kind: Any) -> bool:
    """Return whether a type holds strings of bytes, which are texts that nobody has declared to be some."""
    types = pyarrow.types
    if types.is_binary(kind) or types.is_large_binary(kind) or types.is_fixed_size_binary(kind):
        return True
    if types.is_dictionary(kind):
        return _has_bytes(kind.value_type)
    return types.is_nested(kind) and any(_has_bytes(kind.field(number).type) for number in range(kind.num_fields))


def _lines(batch: Any, binary: Sequence[str]) -> bytes:
    encode = msgspec.json.Encoder(enc_hook=str).encode_into
    lines = bytearray()
    for row in batch.to_pylist():
        start = len(lines)
        for name in binary:
            row[name] = _as_text(row[name])
        try:
            encode(row, lines, -1)
        except UnicodeEncodeError:
            # The line gets the same wrong bytes, so that this row is rejected and no other.
            del lines[start:]
            lines += json.dumps(row, ensure_ascii=False, default=str).encode("utf-8", "surrogateescape")
        lines += b"\n"
    return bytes(lines)


def _as_text(value: Any) -> Any:
    """Decode the strings of bytes in a value, with surrogates for wrong bytes."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    if isinstance(value, dict):
        return {name: _as_text(member) for name, member in value.items()}
    return [_as_text(item) for item in value] if isinstance(value, list | tuple) else value
