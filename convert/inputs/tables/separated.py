"""CSV and TSV to lines of JSON, row by row: a row is a record, whose line is that of the row in the file.

The first row names the columns.  A row with more or fewer fields, with wrong quotes or with wrong bytes is refused by
itself.

Source: https://www.rfc-editor.org/rfc/rfc4180
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from itertools import chain

import msgspec
from msgspec import structs

from convert.expressions import expression
from convert.inputs.decompress import CorruptSource, decompressed
from convert.inputs.files.stamps import opened
from convert.inputs.piece import Piece
from convert.inputs.selection import CutOptions, Selection
from convert.inputs.tables.rows import Head
from convert.inputs.tables.separators import separator_of
from convert.inputs.tables.text_lines import text_lines
from convert.readers.records.fields import listed

_WRONG = expression("[\ud800-\udfff]")


def cut_commas(whole: Piece, packing: str, options: CutOptions) -> Iterator[Piece]:
    """Yield the pieces of a table whose fields are usually separated by commas."""
    return _cut(whole, packing, options, ",")


def cut_tabs(whole: Piece, packing: str, options: CutOptions) -> Iterator[Piece]:
    """Yield the pieces of a table whose fields are usually separated by tabs."""
    return _cut(whole, packing, options, "\t")


def check_commas(path: str, stamp: str, packing: str, selection: Selection) -> None:
    """Raise CorruptSource if a table lacks a requested column."""
    _check(path, stamp, packing, selection, ",")


def check_tabs(path: str, stamp: str, packing: str, selection: Selection) -> None:
    """Do the same for a table whose fields are usually separated by tabs."""
    _check(path, stamp, packing, selection, "\t")


def _check(path: str, stamp: str, packing: str, selection: Selection, usual: str) -> None:
    with opened(path, stamp) as file:
        lines = text_lines(
            decompressed(file, packing, selection.max_expansion), selection.encoding, selection.max_bytes
        )
        _Table(lines, selection, usual)


def _cut(whole: Piece, packing: str, options: CutOptions, usual: str) -> Iterator[Piece]:
    selection = options.selection
    with opened(whole.path, whole.stamp) as file:
        lines = text_lines(decompressed(file, packing, selection.max_expansion), whole.encoding, selection.max_bytes)
        whole = structs.replace(whole, start=0, end=0, title="", encoding="")  # its rows become UTF-8
        table = _Table(lines, selection, usual)
        yield from _pieces(
            table, structs.replace(whole, remarks=(*whole.remarks, ("table-form", table.described))), options
        )


class _Table:
    """A table from its head on: ``line`` is that of the row that was read last."""

    def __init__(self, lines: Iterator[str], selection: Selection, usual: str) -> None:
        # A cell may be as long as a document; the limit is the module's own.
        csv.field_size_limit(max(csv.field_size_limit(), selection.max_bytes))
        self.line = 1
        first, self._before = _first(lines)
        self.separator = separator_of(first, usual)
        if self.separator.is_told:
            first, blank = _first(lines)
            self._before += 1 + blank
        if not first:
            raise CorruptSource("empty", "there is no row, not even a head")
        self._rows = csv.reader(chain((first,), lines), delimiter=self.separator.sign, strict=True)
        try:
            self.head = Head(next(self._rows), selection.fields, selection.pages)
        except csv.Error as error:
            raise CorruptSource("table-row", f"the head cannot be read: {_cause(str(error))}") from None

    @property
    def next_line(self) -> int:
        """The line behind the last row."""
        return self._before + self._rows.line_num + 1

    @property
    def described(self) -> str:
        """Say how the table is read."""
        return "; ".join(filter(None, (self.separator.remark, f"read as {self.head.described}")))

    def __iter__(self) -> Iterator[list[str] | tuple[str, str]]:
        """Yield the cells of each row, or the code and the reason of its refusal."""
        while True:
            self.line = self.next_line
            try:
                cells = next(self._rows)
            except StopIteration:
                return
            except CorruptSource as error:
                yield error.code, error.reason
                return
            except csv.Error as error:
                if "limit" in str(error):
                    yield "too-large", "a field has no end: is a quote missing? What follows is not read"
                    return
                yield "table-row", _cause(str(error))
                continue
            if cells:
                yield cells if any(cells) else []


def _first(lines: Iterator[str]) -> tuple[str, int]:
    """Return the first line that is not blank, and the number of those above it."""
    blank = 0
    for line in lines:
        if line.strip():
            return line, blank
        blank += 1
    return "", blank


def _cause(error: str) -> str:
    if "unexpected end" in error:
        return "a quote begins a field and none ends it: all that follows is in this field"
    if "expected after" in error:
        return "text follows the quote that ends a field: a quote in a field is written twice"
    return f"the row cannot be read: {error}"


def _pieces(table: _Table, whole: Piece, options: CutOptions) -> Iterator[Piece]:
    """Yield the rows in pieces, and refusals of their own for rows that cannot be read."""
    lines = bytearray()
    begin = end = 1  # the remark belongs to the first line
    has_rows = False
    for row in table:
        record = _record(row, table, options)
        if record is None:
            continue
        has_rows = True
        blank = table.line - end
        if lines and (isinstance(record, tuple) or len(lines) + blank + len(record) > options.block_bytes):
            yield _piece(whole, begin, lines)
            whole, lines = structs.replace(whole, remarks=()), bytearray()
        if isinstance(record, tuple):
            yield structs.replace(whole, line=table.line, remarks=(), refusal=record)
            continue
        if not lines and (not whole.remarks or blank > options.block_bytes):
            begin = end = table.line
        # As many line ends as the rows have, so that each record has the line of its row.
        lines += b"\n" * (table.line - end) + record + b"\n"
        end = table.line + 1
    if lines:
        yield _piece(whole, begin, lines)
    if not has_rows:
        raise CorruptSource("empty", f"there is no row below the head ({listed(table.head.names)})")


def _piece(whole: Piece, line: int, lines: bytearray) -> Piece:
    return structs.replace(whole, line=line, end=len(lines), content=bytes(lines))


def _record(row: list[str] | tuple[str, str], table: _Table, options: CutOptions) -> bytes | tuple[str, str] | None:
    """Return a row as a line of JSON, or the code and the reason of its refusal; ``None`` if it is blank."""
    if isinstance(row, tuple):
        return row
    if not row:
        return None
    columns = len(table.head.names)
    if len(row) < columns or any(row[columns:]):
        return "table-row", f"{len(row)} fields where the head has {columns}: is a quote or a separator missing?"
    record = table.head.record(row)
    try:
        encoded = msgspec.json.encode(record)
    except UnicodeEncodeError:
        return "encoding", f"the bytes of {_wrong_column(record)} are not those of a text: save the table as UTF-8"
    if len(encoded) > options.selection.max_bytes:
        return "too-large", f"a row of {len(encoded):,} bytes: part the article, or raise --max-document"
    return encoded


def _wrong_column(record: dict[str, object]) -> str:
    return next((f"'{name}'" for name, cell in record.items() if _WRONG.search(str(cell))), "a field")
