"""Rows of the state file as values; an invalid row is ``Damaged``."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Any, TypeVar

from msgspec import Struct, convert

from convert.diagnostics import visible
from convert.upload.client.shapes import Name, Number

Row = TypeVar("Row", bound=Struct)

#: Limit of a page's size.
_MAX_TEXT_BYTES = 256 << 20
#: Texts are stored compressed.
_PACKED = frozenset({"text", "ours"})


class Open(Struct, frozen=True):
    """An edit without a known outcome; ``sha1`` is that of the text that was sent."""

    run: str
    title: Name
    base: Number
    sha1: str
    ours: str


class Done(Struct, frozen=True):
    """An edit of a run: ``outcome`` is ``created`` or ``updated``, and ``base`` the revision before the run."""

    title: Name
    base: Number
    revision: Number
    outcome: str


class Damaged(Struct, frozen=True):
    """An invalid row; ``why`` follows a colon."""

    title: str
    why: str


class Kept(Struct, frozen=True):
    """A page that we wrote: its revision at the time, and the SHA-1 of its text."""

    title: Name
    revision: int
    sha1: str


class Sourced(Struct, frozen=True):
    """Of which input, and which source in it, a page comes."""

    title: Name
    input: str
    source: str


class Run(Struct, frozen=True):
    """A run in the list of runs; ``finished`` is empty for an interrupted one."""

    id: str
    user: str
    started: str
    finished: str
    written: int


def read(kind: type[Row], row: Sequence[Any], title: object, path: str) -> Row | Damaged:
    """Convert a row of the file at ``path`` to a ``kind``, whose fields are its values in order."""
    names = kind.__struct_fields__[: len(row)]
    try:
        return convert({name: _checked(name, value) for name, value in zip(names, row, strict=True)}, kind)
    except (ValueError, zlib.error) as error:
        return Damaged(visible(str(title)), f"what {path} says of it is damaged ({error})")


def _checked(name: str, value: object) -> object:
    """Decompress a text; raises ValueError for an invalid value."""
    if name in _PACKED:
        if not isinstance(value, bytes):
            raise ValueError(f"{name} is no packed text")
        return _unpacked(value)
    if isinstance(value, str):
        value.encode()  # invalid UTF-8
    return value


def packed(text: str) -> bytes:
    """Compress a text."""
    return zlib.compress(text.encode(), 1)


def _unpacked(packed: bytes) -> str:
    unpacking = zlib.decompressobj()
    text = unpacking.decompress(packed, _MAX_TEXT_BYTES)
    if not unpacking.eof:
        raise ValueError("a text does not end")
    return text.decode()
