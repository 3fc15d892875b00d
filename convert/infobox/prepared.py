"""What is computed of a catalogue before it is used; that of the shipped one is stored beside it.

To compute it takes longer than to convert a hundred articles, and a run may convert only one.

    @prepared_table("titles", int)
    def titles(catalogue): ...           computed once for a catalogue, and read for one of which it is stored

A table is a mapping from words: names, labels, nouns.  It is stored in parts of a few words each, and a part is read
when one of its words is asked for.  ``make accept`` stores all, and a test compares.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from functools import cached_property, lru_cache
from typing import Any, TypeVar
from zlib import crc32

import msgspec
from msgspec import Struct

V = TypeVar("V")
C = TypeVar("C", bound=Hashable)

# So many words are in a part, on average.
_WORDS = 8


class Stored(Struct, frozen=True):
    """What is stored of a catalogue: its templates, what else it says, and all that is computed of it."""

    templates: tuple[memoryview, ...]
    other: memoryview
    tables: Mapping[str, memoryview]
    values: Mapping[str, memoryview]


class Table(Mapping[str, V]):
    """A stored table."""

    def __init__(self, stored: memoryview, kind: type[V]) -> None:
        self._parts = msgspec.msgpack.decode(stored, type=list[memoryview])
        self._decoder = msgspec.msgpack.Decoder(dict[str, kind])  # type: ignore[valid-type]
        self._read: dict[int, dict[str, V]] = {}

    def _part(self, number: int) -> dict[str, V]:
        part = self._read.get(number)
        if part is None:
            part = self._read[number] = self._decoder.decode(self._parts[number])
        return part

    def __getitem__(self, word: str) -> V:
        return self._part(_part_of(word, len(self._parts)))[word]

    def __iter__(self) -> Iterator[str]:
        for number in range(len(self._parts)):
            yield from self._part(number)

    def __len__(self) -> int:
        return sum(len(self._part(number)) for number in range(len(self._parts)))


class Late(Mapping[str, V]):
    """A mapping that is read when something of it is asked for."""

    def __init__(self, stored: memoryview, kind: type[V]) -> None:
        self._stored, self._kind = stored, kind

    @cached_property
    def _whole(self) -> dict[str, V]:
        return msgspec.msgpack.decode(self._stored, type=dict[str, self._kind])  # type: ignore[name-defined]

    def __getitem__(self, word: str) -> V:
        return self._whole[word]

    def __iter__(self) -> Iterator[str]:
        return iter(self._whole)

    def __len__(self) -> int:
        return len(self._whole)


#: The functions that compute tables and other values, by their names.
TABLES: dict[str, Callable[[Any], Mapping[str, Any]]] = {}
VALUES: dict[str, Callable[[Any], Any]] = {}
_STORED: dict[Hashable, Stored] = {}


def prepared_table(name: str, kind: Any) -> Callable[[Callable[[C], Mapping[str, V]]], Callable[[C], Mapping[str, V]]]:
    """Have a table computed once for a catalogue, or read; its values are of a ``kind`` that MessagePack can hold."""

    def decorator(compute: Callable[[C], Mapping[str, V]]) -> Callable[[C], Mapping[str, V]]:
        TABLES[name] = compute

        @lru_cache(maxsize=8)
        def table(catalogue: C) -> Mapping[str, V]:
            stored = _STORED.get(catalogue)
            return Table(stored.tables[name], kind) if stored else compute(catalogue)

        return table

    return decorator


def prepared(name: str, kind: type[V]) -> Callable[[Callable[[C], V]], Callable[[C], V]]:
    """Have a value of a ``kind`` computed once for a catalogue, or read."""

    def decorator(compute: Callable[[C], V]) -> Callable[[C], V]:
        VALUES[name] = compute

        @lru_cache(maxsize=8)
        def value(catalogue: C) -> V:
            stored = _STORED.get(catalogue)
            return msgspec.msgpack.decode(stored.values[name], type=kind) if stored else compute(catalogue)

        return value

    return decorator


def stored_in(content: bytes) -> Stored:
    """Return what is stored in a file."""
    return msgspec.msgpack.decode(content, type=Stored)


def keep(catalogue: Hashable, stored: Stored) -> None:
    """Read what is stored of a catalogue, from now on, instead of computing it."""
    _STORED[catalogue] = stored


def computed_of(catalogue: Hashable) -> dict[str, dict[str, bytes]]:
    """Compute everything of a catalogue, as it is stored."""
    encode = msgspec.msgpack.encode
    return {
        "tables": {name: encode(_parts(compute(catalogue))) for name, compute in sorted(TABLES.items())},
        "values": {name: encode(compute(catalogue)) for name, compute in sorted(VALUES.items())},
    }


def _parts(table: Mapping[str, Any]) -> list[bytes]:
    parts: list[dict[str, Any]] = [{} for _ in range(len(table) // _WORDS + 1)]
    for word, value in sorted(table.items()):
        parts[_part_of(word, len(parts))][word] = value
    return [msgspec.msgpack.encode(part) for part in parts]


def _part_of(word: str, count: int) -> int:
    return crc32(word.encode("utf-8", "surrogatepass")) % count
