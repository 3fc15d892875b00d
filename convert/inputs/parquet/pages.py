"""Uncompressed sizes of the pages of a Parquet column, read from page headers before anything is decompressed.

Sizes in a table's footer may be forged.  Arrow allocates what each page's own header claims, and as many string lengths
as the page lists; so both are checked first.  Written by hand: pyarrow has no access to page headers.

    column chunk ─ page ─ header (a Thrift struct), then bytes compressed by the column's codec

Source: https://parquet.apache.org/docs/file-format/
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from convert.inputs.decompress import CorruptSource
from convert.inputs.parquet import thrift
from convert.inputs.parquet.arrow import pyarrow
from convert.inputs.parquet.thrift import I32, STRUCT, TRUE, integer, key, varint

# Maximum size of a header: statistics may repeat whole values; most headers have a few dozen bytes.
_MAX_HEADER_BYTES = 1 << 20
_FIRST_HEADER_BYTES = 1 << 9

# Bytes that Arrow needs for an item of a dictionary, beside its content.
_ITEM_BYTES = 16

_SIZE, _PACKED_SIZE = key(2, I32), key(3, I32)

# A header has one nested struct, depending on the page type, with the number of values and their encoding.
_DATA, _DICTIONARY, _DATA_2 = key(5, STRUCT), key(7, STRUCT), key(8, STRUCT)
_VALUES = key(1, I32)
_ENCODING = {_DATA: key(2, I32), _DICTIONARY: key(2, I32), _DATA_2: key(4, I32)}
_LEVEL_BYTES = (key(5, I32), key(6, I32))
_IS_PACKED = key(7, TRUE)

_PLAIN, _DELTA_LENGTHS, _DELTA_STRINGS = 0, 6, 7

#: Arrow's names of codecs, by their numbers in Parquet.
CODECS = ("", "snappy", "gzip", "lzo", "brotli", "lz4_raw", "zstd", "lz4_raw")


class Chunk(NamedTuple):
    """A column of a row group: offsets and codec of its pages, and how many kinds of levels they have.

    Levels say which values are missing (definition), and which belong to one list (repetition).
    """

    start: int
    end: int
    codec: int
    levels: int


class Page(NamedTuple):
    """A page: its uncompressed size, number of values, and whether these are stored plain."""

    size: int
    values: int
    is_plain: bool


def pages(file: BinaryIO, chunk: Chunk, max_bytes: int) -> Iterator[Page]:
    """Yield the pages of a column chunk.

    Raises CorruptSource where one claims more than ``max_bytes``, or cannot be read.
    """
    at = chunk.start
    while at < chunk.end:
        head, start = _header(file, at)
        size, packed = head.get(_SIZE, -1), head.get(_PACKED_SIZE, -1)
        values = max((own.get(_VALUES, -1) for page_type in _ENCODING if (own := head.get(page_type))), default=0)
        if min(size, packed, values) < 0 or start + packed > chunk.end:
            raise CorruptSource(
                "damaged", f"the page at byte {at} is not what its header says: is the table all there?"
            )
        is_dictionary = _DICTIONARY in head
        if size > max_bytes or (is_dictionary and _ITEM_BYTES * values > max_bytes):
            reason = f"the page at byte {at} claims {max(size, values):,} bytes, as in an archive bomb"
            raise CorruptSource("too-large", f"{reason}: raise --max-document if it is none")
        encodings = {own.get(_ENCODING[page_type]) for page_type in (_DATA, _DATA_2) if (own := head.get(page_type))}
        if encodings & {_DELTA_LENGTHS, _DELTA_STRINGS}:
            file.seek(start)
            _check_lengths(file.read(packed), head, chunk, at)
        yield Page(size, values, not is_dictionary and encodings <= {_PLAIN, _DELTA_LENGTHS})
        at = start + packed


def _header(file: BinaryIO, at: int) -> tuple[thrift.Struct, int]:
    """Return a page's header, and the offset of its end in the file."""
    span = _FIRST_HEADER_BYTES
    while True:
        file.seek(at)
        content = file.read(span)
        try:
            header, end = thrift.read(content)
        except IndexError:
            if len(content) < span or span > _MAX_HEADER_BYTES:
                raise CorruptSource("damaged", f"there is no page at byte {at}: is the table all there?") from None
            span *= 16
        else:
            return header, at + end


def _check_lengths(packed: bytes, head: thrift.Struct, chunk: Chunk, at: int) -> None:
    """Raise CorruptSource if a page that lists the lengths of its strings lists more of them than it has values."""
    try:
        for page_type in (_DATA, _DATA_2):
            own = head.get(page_type)
            encoding = own.get(_ENCODING[page_type]) if own else _PLAIN
            if own and encoding in (_DELTA_LENGTHS, _DELTA_STRINGS):
                content, start = _values(packed, page_type, own, head[_SIZE], chunk)
                end = _deltas_end(content, start, own[_VALUES])
                if encoding == _DELTA_STRINGS:
                    _deltas_end(content, end, own[_VALUES])
    except (pyarrow.ArrowException, struct.error, IndexError, ValueError, KeyError, OSError) as error:
        raise CorruptSource("damaged", f"the page at byte {at} cannot be unpacked: {error}") from None


def _values(packed: bytes, page_type: int, own: thrift.Struct, size: int, chunk: Chunk) -> tuple[bytes, int]:
    """Return an uncompressed page, and the offset of its values."""
    if page_type == _DATA_2:
        levels = sum(own.get(level, 0) for level in _LEVEL_BYTES)
        if not 0 <= levels <= len(packed):
            raise ValueError("its levels are longer than the page")
        return _unpacked(packed[levels:], chunk.codec if own.get(_IS_PACKED, True) else 0, size - levels), 0
    content, start = _unpacked(packed, chunk.codec, size), 0
    for _ in range(chunk.levels):
        start += 4 + struct.unpack_from("<I", content, start)[0]
    return content, start


def _unpacked(content: bytes, codec: int, size: int) -> bytes:
    if not codec or not content:
        return content
    return bytes(pyarrow.decompress(content, size, CODECS[codec], asbytes=True))


def _deltas_end(content: bytes, at: int, max_count: int) -> int:
    """Return the offset behind delta-encoded numbers.  Raises ValueError if there are more than ``max_count``."""
    block, at = varint(content, at)
    parts, at = varint(content, at)
    count, at = varint(content, at)
    _, at = integer(content, at)
    if count > max_count or not parts or not block:
        raise ValueError(f"it tells {count:,} lengths for {max_count:,} values")
    for _ in range(0, count - 1, block):
        _, at = integer(content, at)
        at += parts + sum(content[at : at + parts]) * (block // parts) // 8
    return at
