"""Parquet tables with false claims in footers and page headers, and decompression bombs."""

from __future__ import annotations

import io
import random
import struct
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet

from tests.tools.attack import beside, thrift

MAGIC = b"PAR1"

_NUMBERS = (
    0, 1, -1, 2, 7, 127, 128, 1 << 16, 1 << 20, (1 << 30) + 1, (1 << 31) - 1, -(1 << 31), 1 << 40, (1 << 62) + 3,
    (1 << 63) - 1, -(1 << 63),
)  # fmt: skip


def attack(chance: random.Random, folder: Path) -> None:
    """Make one hostile table."""
    content = _table(chance.randrange(_TABLES))
    make = chance.choice((_claims, _claims, _claims, _pages, _pages, _both, _bytes, _bomb, _lengths))
    options = chance.choice(((), ("--metadata",)))
    beside.check(folder, "hostile.parquet", make(chance, content), *options)


# ── Honest tables

_TABLES = 12


@cache
def _table(number: int) -> bytes:
    """Make a small table; each number selects another kind."""
    chance = random.Random(number)
    count = chance.choice((3, 40, 700))
    columns: dict[str, Any] = {
        "title": [f"T{row}" for row in range(count)],
        "text": [chance.choice(("Text.\n", f"Text {row}.\n" * 3)) for row in range(count)],
    }
    if number % 3 == 1:
        columns["tags"] = [["a", None, "b"][: row % 4] or None for row in range(count)]
        columns["more"] = [{"n": row, "f": row / 7, "when": None} for row in range(count)]
    if number % 3 == 2:
        columns["date"] = pyarrow.array([row * 86_400 for row in range(count)], pyarrow.timestamp("s", "UTC"))
        columns["bytes"] = pyarrow.array([b"abcd"] * count, pyarrow.binary(4))
        columns["none"] = pyarrow.nulls(count, pyarrow.string())
    options: dict[str, Any] = {
        "compression": chance.choice(("none", "snappy", "zstd", "gzip", "brotli", "lz4")),
        "data_page_version": chance.choice(("1.0", "2.0")),
        "row_group_size": chance.choice((count, max(1, count // 3))),
        "data_page_size": chance.choice((100, 1 << 20)),
        "write_page_checksum": chance.random() < 0.1,
    }
    if number % 2:
        options |= {"use_dictionary": False}
        if number % 3 != 1:
            options |= {"column_encoding": {"text": chance.choice(("DELTA_BYTE_ARRAY", "DELTA_LENGTH_BYTE_ARRAY"))}}
    return written(pyarrow.table(columns), **options)


def written(table: pyarrow.Table, **options: Any) -> bytes:
    """Write a table."""
    buffer = io.BytesIO()
    pyarrow.parquet.write_table(table, buffer, **options)
    return buffer.getvalue()


# ── Its parts


def parted(content: bytes) -> tuple[bytes, list[Any]]:
    """Split a table into its body and its footer."""
    size = struct.unpack("<I", content[-8:-4])[0]
    return content[: -8 - size], thrift.read(content[-8 - size : -8])[0]


def joined(body: bytes, footer: list[Any]) -> bytes:
    """Assemble a table."""
    packed = thrift.write(footer)
    return body + packed + struct.pack("<I", len(packed)) + MAGIC


def columns_of(footer: list[Any]) -> list[list[Any]]:
    """Return the metadata of all column chunks."""
    return [thrift.field(chunk, 3) for group in thrift.field(footer, 4)[1] for chunk in thrift.field(group, 1)[1]]


def changed(fields: list[Any], number: int, value: Any) -> None:
    """Change a field of a struct, if it exists."""
    for item in fields:
        if item[0] == number:
            item[2] = value


def pages_of(body: bytes, column: list[Any]) -> list[tuple[int, int, list[Any]]]:
    """Return the pages of a column chunk: the offsets of header and content, and the header."""
    at = min(offset for offset in (thrift.field(column, 11), thrift.field(column, 9)) if offset)
    end, pages = at + thrift.field(column, 7), []
    while at < end:
        header, start = thrift.read(body, at)
        pages.append((at, start, header))
        at = start + thrift.field(header, 3)
    return pages


# ── Changes


def _claims(chance: random.Random, content: bytes) -> bytes:
    body, footer = parted(content)
    _change(chance, footer)
    return joined(body, footer)


def _change(chance: random.Random, fields: list[Any]) -> None:
    """Change some values anywhere in a struct."""
    for _ in range(chance.choice((1, 1, 1, 2, 5))):
        _change_one(chance, chance.choice(list(_structs(fields))))


def _structs(fields: list[Any]) -> list[list[Any]]:
    structs = [fields]
    for _, kind, value in fields:
        if kind == thrift.STRUCT:
            structs += _structs(value)
        elif kind == thrift.LIST and value[0] == thrift.STRUCT:
            for item in value[1]:
                structs += _structs(item)
    return structs


def _change_one(chance: random.Random, fields: list[Any]) -> None:
    if not fields:
        return
    at = chance.randrange(len(fields))
    number, kind, value = fields[at]
    if chance.random() < 0.1:
        del fields[at]
    elif chance.random() < 0.1:
        fields.insert(at, [chance.randrange(1, 20), thrift.I64, chance.choice(_NUMBERS)])
    elif kind in (thrift.I16, thrift.I32, thrift.I64):
        near = (value + 1, value - 1, value * 2, -value, value // 2)
        fields[at][2] = chance.choice((*near, *_NUMBERS))
    elif kind == thrift.BINARY:
        fields[at][2] = chance.choice((b"", value[:-1], value * 3, b"\xff" + value, b"text", b"title", b"a.b"))
    elif kind == thrift.LIST:
        inner, values = value[:2]
        claimed = chance.choice(([], [chance.choice((0, 1, 14, 60_000, 1_000_000, (1 << 31) - 1))]))
        fields[at][2] = [inner, chance.choice((values, values[:-1], values * 2, values * 50, [])), *claimed]
    else:
        fields[at] = [number, chance.choice((1, 2)), True] if kind < thrift.BYTE else [number, thrift.I32, 7]


def _pages(chance: random.Random, content: bytes) -> bytes:
    """Change page headers, and adjust the offsets."""
    body, footer = parted(content)
    column = chance.choice(columns_of(footer))
    at, start, header = chance.choice(pages_of(body, column))
    _change(chance, header)
    return joined(*_replaced(body, footer, column, at, start, thrift.write(header)))


def _replaced(
    body: bytes, footer: list[Any], column: list[Any], start: int, end: int, with_: bytes
) -> tuple[bytes, list[Any]]:
    """Replace bytes in a column chunk, and adjust the offsets."""
    more = len(with_) - (end - start)
    for chunk in columns_of(footer):
        for number in (9, 10, 11):
            offset = thrift.field(chunk, number)
            if offset and offset > start:
                changed(chunk, number, offset + more)
    changed(column, 7, thrift.field(column, 7) + more)
    return body[:start] + with_ + body[end:], footer


def _both(chance: random.Random, content: bytes) -> bytes:
    return (
        _claims(chance, _pages(chance, content)) if chance.random() < 0.5 else _bytes(chance, _pages(chance, content))
    )


def _bytes(chance: random.Random, content: bytes) -> bytes:
    damaged = bytearray(content)
    for _ in range(chance.choice((1, 4, 30))):
        damaged[chance.randrange(len(damaged))] = chance.randrange(256)
    return bytes(damaged[: chance.choice((len(damaged), len(damaged), chance.randrange(len(damaged))))])


# ── Bombs


def _bomb(chance: random.Random, content: bytes) -> bytes:
    body, footer = parted(bomb(chance.choice((10, 1000, 20_000)), chance.choice((1 << 12, 1 << 20, 30 << 20))))
    if chance.random() < 0.5:
        for group in thrift.field(footer, 4)[1]:
            changed(group, 2, chance.choice((1, 100, 1 << 19, 1 << 21, 1 << 33)))
    if chance.random() < 0.3:
        groups = thrift.field(footer, 4)
        groups[1] = groups[1] * chance.choice((2, 300))
    if chance.random() < 0.3:
        changed(footer, 3, chance.choice(_NUMBERS))
        changed(chance.choice(thrift.field(footer, 4)[1]), 3, chance.choice(_NUMBERS))
    return joined(body, footer)


@cache
def bomb(rows: int, size: int) -> bytes:
    """Make a table of a few hundred bytes whose rows all have the same large text, from a dictionary."""
    zeros = pyarrow.array([0] * rows, pyarrow.int32())
    texts = pyarrow.DictionaryArray.from_arrays(zeros, pyarrow.array(["x" * size]))
    titles = pyarrow.DictionaryArray.from_arrays(zeros, pyarrow.array(["T"]))
    table = pyarrow.table({"title": titles, "text": texts})
    return written(table, compression="zstd", write_statistics=False, store_schema=False)


def _lengths(chance: random.Random, content: bytes) -> bytes:
    count = chance.choice((3, 100, 1 << 20, (1 << 29) + 1, (1 << 31) - 1))
    return lengths(count, chance.choice((3, 3, count)), chance.choice((128, 1 << 20, 1 << 29)), chance.choice((6, 7)))


def lengths(count: int, claimed: int, block: int, encoding: int) -> bytes:
    """Make a table with one page of strings with delta-encoded lengths: ``count`` of them, in a few bytes.

    The page and the footer claim ``claimed`` values.
    """
    schema = pyarrow.schema([pyarrow.field("text", pyarrow.string(), nullable=False)])
    honest = pyarrow.table({"text": ["a", "b", "c"]}, schema=schema)
    options = {"compression": "none", "use_dictionary": False, "write_statistics": False, "store_schema": False}
    body, footer = parted(written(honest, **options))
    (column,) = columns_of(footer)
    ((at, start, header),) = pages_of(body, column)
    header_bytes = b"".join((thrift.as_varint(block), b"\4", thrift.as_varint(count), b"\2\0", bytes(4)))
    page = header_bytes * (encoding - 5) + b"hello" * 20
    changed(header, 2, len(page))
    changed(header, 3, len(page))
    own = thrift.field(header, 5)
    changed(own, 1, claimed)
    changed(own, 2, encoding)
    body, footer = _replaced(body, footer, column, at, start + 15, thrift.write(header) + page)
    changed(column, 5, claimed)
    changed(thrift.field(footer, 4)[1][0], 3, claimed)
    changed(footer, 3, claimed)
    return joined(body, footer)
