"""What is computed of a catalogue before it is used; that of the shipped one is stored beside it.

To compute it takes longer than to convert a hundred articles, and a run may convert only one.

    @prepared_table("titles", int)
    def titles(catalogue): ...           computed once for a catalogue, and read for one of which it is stored

A table is a mapping from words: names, labels, nouns.  It is stored in parts, each of the words that begin alike, and a
part is read when one of its words is asked for.  ``make accept`` stores all, and a test compares.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from functools import lru_cache
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

V = TypeVar("V")
C = TypeVar("C", bound=Hashable)

# Words that begin with the same letters are in one part.
_LETTERS = 2


class Table(Mapping[str, V]):
    """A stored table."""

    def __init__(self, parts: Mapping[str, memoryview], kind: type[V]) -> None:
        self._parts = parts
        self._read: dict[str, dict[str, V]] = {}
        self._decoder = msgspec.msgpack.Decoder(dict[str, kind])  # type: ignore[valid-type]

    def _part(self, start: str) -> dict[str, V]:
        part = self._read.get(start)
        if part is None:
            stored = self._parts.get(start)
            if stored is None:
                return {}
            part = self._read[start] = self._decoder.decode(stored)
        return part

    def __getitem__(self, word: str) -> V:
        return self._part(word[:_LETTERS])[word]

    def __iter__(self) -> Iterator[str]:
        for start in self._parts:
            yield from self._part(start)

    def __len__(self) -> int:
        return sum(len(self._part(start)) for start in self._parts)


class Stored(Struct, frozen=True):
    """All that is prepared of a catalogue of ``size`` bytes: tables in their parts, and other values."""

    size: int
    tables: Mapping[str, Mapping[str, memoryview]]
    values: Mapping[str, memoryview]


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


def keep(catalogue: Hashable, content: bytes, size: int) -> None:
    """Use what is stored for a catalogue of ``size`` bytes, unless it was computed of another one."""
    stored = msgspec.msgpack.decode(content, type=Stored)
    if stored.size == size:
        _STORED[catalogue] = stored


def packed(catalogue: Hashable, size: int) -> bytes:
    """Compute everything of a catalogue of ``size`` bytes, as it is stored."""
    tables = {name: _parts(compute(catalogue)) for name, compute in sorted(TABLES.items())}
    values = {name: msgspec.msgpack.encode(compute(catalogue)) for name, compute in sorted(VALUES.items())}
    return msgspec.msgpack.encode({"size": size, "tables": tables, "values": values})


def _parts(table: Mapping[str, Any]) -> dict[str, bytes]:
    parts: dict[str, dict[str, Any]] = {}
    for word, value in sorted(table.items()):
        parts.setdefault(word[:_LETTERS], {})[word] = value
    return {start: msgspec.msgpack.encode(part) for start, part in parts.items()}
