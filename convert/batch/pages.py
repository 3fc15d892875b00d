"""What the pages of a Parquet column become, told from their headers before anything of them is unpacked.

A table's footer says how large its columns are, and may say anything.  Arrow gives each page as much room as the page's
own header claims, and as many lengths of strings as are told within it; so both are read first.

    column chunk ─ page ─ header (Thrift's compact protocol), then bytes packed by the column's codec

Source: https://parquet.apache.org/docs/file-format/
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any, BinaryIO, NamedTuple

import pyarrow

from convert.batch.unpacking import Broken

#: A header, with statistics that repeat whole values, has at most as many bytes; most have a few dozen.
_MAX_HEADER_BYTES = 1 << 20
_FIRST_HEADER_BYTES = 1 << 9

# As many bytes Arrow needs for an item of a dictionary, beside what it holds.
_ITEM_BYTES = 16

# Fields of a page's header, and of the struct in it that its type has: where it tells values and their encoding.
_SIZE, _PACKED_SIZE = 2, 3
_VALUES = 1
_ENCODING = {5: 2, 7: 2, 8: 4}
_DATA, _DICTIONARY, _DATA_2 = _ENCODING
_LEVEL_BYTES_2 = (5, 6)
_IS_PACKED_2 = 7

_PLAIN, _DELTA_LENGTHS, _DELTA_STRINGS = 0, 6, 7
_CODECS = {"LZ4": "lz4_raw"}

_MAX_DEPTH = 8
_TRUE, _FALSE, _BYTE, _I16, _I32, _I64, _DOUBLE, _BINARY, _LIST, _SET, _MAP, _STRUCT = range(1, 13)


class Chunk(NamedTuple):
    """A column of a row group: where its pages stand, how they are packed, and how many kinds of levels they tell.

    Levels say which values are missing, and which are of one list.
    """

    start: int
    end: int
    codec: str
    levels: int


class Page(NamedTuple):
    """A page: how many bytes it becomes, how many values it has, and whether these stand in it as they are."""

    size: int
    values: int
    is_plain: bool


def pages(file: BinaryIO, chunk: Chunk, max_bytes: int) -> Iterator[Page]:
    """Yield the pages of a column chunk.

    Raises Broken where one claims more than ``max_bytes``, or cannot be read.
    """
    at = chunk.start
    while at < chunk.end:
        head, start = _header(file, at)
        kind = next((each for each in _ENCODING if isinstance(head.get(each), dict)), _DICTIONARY)
        own = head.get(kind) or {}
        size, packed, values = (_count(each) for each in (head.get(_SIZE), head.get(_PACKED_SIZE), own.get(_VALUES, 0)))
        encoding = own.get(_ENCODING[kind])
        if min(size, packed, values) < 0 or start + packed > chunk.end:
            raise Broken("damaged", f"the page at byte {at} is not what its header says: is the table all there?")
        if size > max_bytes or (kind == _DICTIONARY and _ITEM_BYTES * values > max_bytes):
            reason = f"the page at byte {at} claims {max(size, values):,} bytes, as in an archive bomb"
            raise Broken("too-large", f"{reason}: raise --max-document if it is none")
        if encoding in (_DELTA_LENGTHS, _DELTA_STRINGS):
            file.seek(start)
            _check_lengths(file.read(packed), kind, own, chunk, size, at)
        yield Page(size, values, kind != _DICTIONARY and encoding in (_PLAIN, _DELTA_LENGTHS))
        at = start + packed


def _count(value: Any) -> int:
    return value if isinstance(value, int) else -1


def _header(file: BinaryIO, at: int) -> tuple[dict[int, Any], int]:
    """Read a page's header, and tell where it ends in the file."""
    span = _FIRST_HEADER_BYTES
    while True:
        file.seek(at)
        content = file.read(span)
        try:
            found, end = _struct(content, 0, 0)
        except IndexError:
            if len(content) < span or span > _MAX_HEADER_BYTES:
                raise Broken("damaged", f"there is no page at byte {at}: is the table all there?") from None
            span *= 16
        else:
            return found, at + end


def _struct(content: bytes, at: int, depth: int) -> tuple[dict[int, Any], int]:
    if depth > _MAX_DEPTH:
        raise Broken("damaged", "the header of a page is nested too deeply")
    found: dict[int, Any] = {}
    number = 0
    while head := content[at]:
        at += 1
        number += head >> 4
        if not head >> 4:
            number, at = _integer(content, at)
        kind = head & 15
        found[number], at = (kind == _TRUE, at) if kind in (_TRUE, _FALSE) else _value(content, at, kind, depth)
    return found, at + 1


def _value(content: bytes, at: int, kind: int, depth: int) -> tuple[Any, int]:
    """Read a value; of what is no number and no struct, only where it ends."""
    if kind == _STRUCT:
        return _struct(content, at, depth + 1)
    if kind in (_I16, _I32, _I64):
        return _integer(content, at)
    if kind in (_LIST, _SET):
        return None, _list_end(content, at, depth)
    if kind == _BINARY:
        size, at = _varint(content, at)
        end = at + size
    else:
        end = at + {_TRUE: 1, _FALSE: 1, _BYTE: 1, _DOUBLE: 8}.get(kind, len(content))
    content[end]  # the struct goes on behind it
    return None, end


def _list_end(content: bytes, at: int, depth: int) -> int:
    head, at = content[at], at + 1
    size = head >> 4
    if size == 15:
        size, at = _varint(content, at)
    for _ in range(size):
        at = _value(content, at, head & 15, depth + 1)[1]
    return at


def _varint(content: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while content[at] > 127 and shift < 63:
        number |= (content[at] & 127) << shift
        at, shift = at + 1, shift + 7
    return number | content[at] << shift, at + 1


def _integer(content: bytes, at: int) -> tuple[int, int]:
    number, at = _varint(content, at)
    return number >> 1 ^ -(number & 1), at


def _check_lengths(packed: bytes, kind: int, own: dict[int, Any], chunk: Chunk, size: int, at: int) -> None:
    """Raise Broken if a page that tells the lengths of its strings first tells more of them than it has values."""
    try:
        if kind == _DATA_2:
            levels = sum(own.get(each, 0) for each in _LEVEL_BYTES_2)
            content = packed[levels:]
            if own.get(_IS_PACKED_2, True):
                content = _unpacked(content, chunk.codec, size - levels)
            start = 0
        else:
            content, start = _unpacked(packed, chunk.codec, size), 0
            for _ in range(chunk.levels):
                start += 4 + struct.unpack_from("<I", content, start)[0]
        end = _deltas_end(content, start, own[_VALUES])
        if own.get(_ENCODING[kind]) == _DELTA_STRINGS:
            _deltas_end(content, end, own[_VALUES])
    except (pyarrow.ArrowException, struct.error, IndexError, ValueError, KeyError, TypeError) as error:
        raise Broken("damaged", f"the page at byte {at} cannot be unpacked: {error}") from None


def _unpacked(content: bytes, codec: str, size: int) -> bytes:
    if codec == "UNCOMPRESSED" or not content:
        return content
    return bytes(pyarrow.decompress(content, size, _CODECS.get(codec, codec.lower()), asbytes=True))


def _deltas_end(content: bytes, at: int, most: int) -> int:
    """Pass over numbers packed as differences, which are at most so many."""
    block, at = _varint(content, at)
    parts, at = _varint(content, at)
    count, at = _varint(content, at)
    _, at = _integer(content, at)
    if count > most or not parts or not block:
        raise ValueError(f"it tells {count:,} lengths for {most:,} values")
    for _ in range(0, count - 1, block):
        _, at = _integer(content, at)
        at += parts + sum(content[at : at + parts]) * (block // parts) // 8
    return at
