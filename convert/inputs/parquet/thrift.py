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


def key(number: int, type_id: int) -> int:
    """Return the key of a field; TRUE and FALSE are one type."""
    return number << 4 | (TRUE if type_id == FALSE else type_id)


def read(content: bytes, at: int = 0, max_items: int = 0, depth: int = 0) -> tuple[Struct, int]:
    """Return a struct and the offset of its end.

    Lists of at most ``max_items`` structs are read, others skipped.  Raises IndexError where the content is truncated
    or not a struct of Parquet.
    """
    if depth > _MAX_DEPTH:
        raise IndexError("nested too deeply")
    fields: Struct = {}
    number = 0
    while content[at]:
        number, type_id, at = _field_head(content, at, number)
        value: Any = type_id == TRUE
        if type_id not in (TRUE, FALSE):
            value, at = _value(content, at, type_id, max_items, depth + 1)
        fields[key(number, type_id)] = value
    return fields, at + 1


def places(content: bytes, number: int) -> tuple[int, int]:
    """Return the length and the offset of the list of structs that is field ``number`` of the outermost struct."""
    list_place, at, field = (0, 0), 0, 0
    while content[at]:
        field, type_id, at = _field_head(content, at, field)
        if field == number and type_id == LIST:
            item_type, size, start = _list_head(content, at)
            list_place = (size if item_type == STRUCT else 0, start)
        if type_id not in (TRUE, FALSE):
            at = _value(content, at, type_id, 0, 0)[1]
    return list_place


def _field_head(content: bytes, at: int, previous: int) -> tuple[int, int, int]:
    """Return the number and type of a field, given the number of the one before, and the offset of its value."""
    head, at = content[at], at + 1
    number = previous + (head >> 4)
    if not head >> 4:
        number, at = integer(content, at)
    # Field numbers are 16-bit and wrap.
    return (number + 0x8000 & 0xFFFF) - 0x8000, head & 15, at


def _value(content: bytes, at: int, type_id: int, max_items: int, depth: int) -> tuple[Any, int]:
    if type_id in (I16, I32, I64):
        return integer(content, at)
    if type_id == STRUCT:
        return read(content, at, max_items, depth)
    if type_id in (LIST, SET):
        return _list(content, at, max_items, depth)
    if type_id == BINARY:
        size, at = varint(content, at)
        end = at + size
    else:
        end = at + _WIDTHS.get(type_id, len(content))
    content[end]  # a struct goes on behind it
    return None, end


def _list(content: bytes, at: int, max_items: int, depth: int) -> tuple[list[Struct] | None, int]:
    type_id, size, at = _list_head(content, at)
    kept: list[Struct] = []
    for _ in range(size):
        value, at = _value(content, at, type_id, max_items, depth)
        if type_id == STRUCT and size <= max_items:
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
