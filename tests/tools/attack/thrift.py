"""Thrift's compact protocol, for Parquet's footers and page headers: generic decoding and encoding.

A struct is a list of ``[number, kind, value]``, a list ``[kind, values]``, so it can be mutated and written again.

Source: https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
"""

from __future__ import annotations

from typing import Any

TRUE, FALSE, BYTE, I16, I32, I64, DOUBLE, BINARY, LIST, SET, MAP, STRUCT = range(1, 13)


def read(content: bytes, at: int = 0) -> tuple[list[Any], int]:
    """Read a struct; return it with the offset of its end."""
    fields: list[Any] = []
    number = 0
    while head := content[at]:
        at += 1
        if head >> 4:
            number += head >> 4
        else:
            number, at = _zigzag(content, at)
        value, at = (head & 15 == TRUE, at) if head & 15 in (TRUE, FALSE) else _value(content, at, head & 15)
        fields.append([number, head & 15, value])
    return fields, at + 1


def _value(content: bytes, at: int, kind: int) -> tuple[Any, int]:
    if kind in (TRUE, FALSE, BYTE):
        return content[at], at + 1
    if kind in (I16, I32, I64):
        return _zigzag(content, at)
    if kind == DOUBLE:
        return content[at : at + 8], at + 8
    if kind == BINARY:
        size, at = _varint(content, at)
        return content[at : at + size], at + size
    if kind in (LIST, SET):
        head, at = content[at], at + 1
        size = head >> 4
        if size == 15:
            size, at = _varint(content, at)
        values = []
        for _ in range(size):
            value, at = _value(content, at, head & 15)
            values.append(value)
        return [head & 15, values], at
    assert kind == STRUCT, kind
    return read(content, at)


def write(fields: list[Any]) -> bytes:
    """Write a struct."""
    written, last = bytearray(), 0
    for number, kind, value in fields:
        if 0 < number - last < 16:
            written.append((number - last) << 4 | kind)
        else:
            written.append(kind)
            written += _as_zigzag(number)
        written += b"" if kind in (TRUE, FALSE) else _written(kind, value)
        last = number
    return bytes(written) + b"\0"


def _written(kind: int, value: Any) -> bytes:
    if kind in (TRUE, FALSE, BYTE):
        return bytes([value & 255])
    if kind in (I16, I32, I64):
        return _as_zigzag(value)
    if kind == DOUBLE:
        return bytes(value)
    if kind == BINARY:
        return as_varint(len(value)) + bytes(value)
    if kind in (LIST, SET):
        inner, values, *claimed = value
        size = claimed[0] if claimed else len(values)
        head = bytes([size << 4 | inner]) if size < 15 else bytes([0xF0 | inner]) + as_varint(size)
        return head + b"".join(_written(inner, value) for value in values)
    return write(value)


def _varint(content: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        number |= (content[at] & 127) << shift
        at, shift = at + 1, shift + 7
        if content[at - 1] < 128:
            return number, at


def _zigzag(content: bytes, at: int) -> tuple[int, int]:
    number, at = _varint(content, at)
    return number >> 1 ^ -(number & 1), at


def as_varint(number: int) -> bytes:
    """Write an unsigned number."""
    varint = bytearray()
    while number > 127:
        varint.append(number & 127 | 128)
        number >>= 7
    return bytes(varint) + bytes([number])


def _as_zigzag(number: int) -> bytes:
    return as_varint(number << 1 if number >= 0 else (-number << 1) - 1)


def field(fields: list[Any], *numbers: int) -> Any:
    """Find the value of a field in structs within structs; ``None`` if there is none."""
    value: Any = fields
    for number in numbers:
        value = next((item[2] for item in value if item[0] == number), None)
        if value is None:
            return None
    return value
