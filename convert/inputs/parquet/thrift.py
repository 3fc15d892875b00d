"""A decoder for the numbers in Thrift's compact protocol, the format of Parquet's footers and page headers.

A struct becomes a mapping.  Its keys combine a field's number and type, since readers ignore fields of another type
than expected; of duplicates the last one counts.  Strings, and lists of anything but structs, are skipped.

Written by hand: the ``thrift`` package builds every string and list that a header claims, without a limit, and would
be one more dependency for a hundred lines.

Source: https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
"""

from __future__ import annotations

from typing import Any

TRUE, FALSE, BYTE, I16, I32, I64, DOUBLE, BINARY, LIST, SET, _, STRUCT = range(1, 13)

_MAX_DEPTH = 16
_WIDTHS = {TRUE: 1, FALSE: 1, BYTE: 1, DOUBLE: 8}

Struct = dict[int, Any]


def key(number: int, kind: int) -> int:
    """Return the key of a field; TRUE and FALSE are one type."""
    return number << 4 | (TRUE if kind == FALSE else kind)


def read(content: bytes, at: int = 0, max_items: int = 0, depth: int = 0) -> tuple[Struct, int]:
    """Return a struct and the offset of its end.

    Lists of at most ``max_items`` structs are read, others skipped.  Raises IndexError where the content is truncated
    or not a struct of Parquet.
    """
    if depth > _MAX_DEPTH:
        raise IndexError("nested too deeply")
    found: Struct = {}
    number = 0
    while head := content[at]:
        at += 1
        number += head >> 4
        if not head >> 4:
            number, at = integer(content, at)
        number = (number + 0x8000 & 0xFFFF) - 0x8000
        kind = head & 15
        value: Any = kind == TRUE
        if kind not in (TRUE, FALSE):
            value, at = _value(content, at, kind, max_items, depth + 1)
        found[key(number, kind)] = value
    return found, at + 1


def places(content: bytes, number: int) -> tuple[int, int]:
    """Return the length and the offset of the list of structs that is field ``number`` of the outermost struct."""
    found, at, field = (0, 0), 0, 0
    while head := content[at]:
        at += 1
        field += head >> 4
        if not head >> 4:
            field, at = integer(content, at)
        field = (field + 0x8000 & 0xFFFF) - 0x8000
        if field == number and head & 15 == LIST:
            kind, size, start = _list_head(content, at)
            found = (size if kind == STRUCT else 0, start)
        if head & 15 not in (TRUE, FALSE):
            at = _value(content, at, head & 15, 0, 0)[1]
    return found


def _value(content: bytes, at: int, kind: int, max_items: int, depth: int) -> tuple[Any, int]:
    if kind in (I16, I32, I64):
        return integer(content, at)
    if kind == STRUCT:
        return read(content, at, max_items, depth)
    if kind in (LIST, SET):
        return _list(content, at, max_items, depth)
    if kind == BINARY:
        size, at = varint(content, at)
        end = at + size
    else:
        end = at + _WIDTHS.get(kind, len(content))
    content[end]  # a struct goes on behind it
    return None, end


def _list(content: bytes, at: int, max_items: int, depth: int) -> tuple[list[Struct] | None, int]:
    kind, size, at = _list_head(content, at)
    kept: list[Struct] = []
    for _ in range(size):
        value, at = _value(content, at, kind, max_items, depth)
        if kind == STRUCT and size <= max_items:
            kept.append(value)
    return kept, at


def _list_head(content: bytes, at: int) -> tuple[int, int, int]:
    head, at = content[at], at + 1
    size = head >> 4
    if size == 15:
        size, at = varint(content, at)
    return head & 15, size, at


def varint(content: bytes, at: int) -> tuple[int, int]:
    """Return an unsigned number and the offset of its end."""
    number = shift = 0
    while content[at] > 127 and shift < 63:
        number |= (content[at] & 127) << shift
        at, shift = at + 1, shift + 7
    return number | content[at] << shift, at + 1


def integer(content: bytes, at: int) -> tuple[int, int]:
    """Return a signed (zigzag) number and the offset of its end."""
    number, at = varint(content, at)
    return number >> 1 ^ -(number & 1), at
