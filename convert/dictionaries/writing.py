"""Rows of entries to the file of a dictionary, a stretch at a time."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import islice, starmap
from typing import Any
from zlib import crc32

from msgspec import structs

from convert.dictionaries.helpers import can_help, helping
from convert.dictionaries.tables import Row, Tables
from convert.io.atomic import Output, write_all
from convert.links.finding.openings import add_opening, openings_for
from convert.links.stored import MAGIC, NONE, Header, Place, Rows, ending
from convert.links.tries import Stretch, Tries, stretches

_ALIGNED = 8
_WRITTEN_AT_ONCE = 1 << 20

#: A stretch, its trie, and where that is in the file.
_Placed = tuple[Stretch, Any, tuple[int, int]]


def write_tables(output: Output, header: Header, tables: Tables, seen: Sequence[int], jobs: int = 1) -> Header:
    """Write a dictionary of tables; ``seen`` tells in how many texts each of their entries occurs.

    With several ``jobs``, one makes the table of first words meanwhile.
    """
    file, tries = _File(output), Tries()
    entries = (text for (text, always), number in zip(tables.entries(), seen, strict=True) if always or number)
    rows = ((row, number) for row, number in zip(tables.rows(), seen, strict=True) if row.always or number)
    placed = [(stretch, trie, file.add_sized(trie.tobytes())) for stretch, trie in _added(tries, entries)]
    size = len(openings_for(len(seen))[1])
    base, places = 0, []
    with helping([partial(_send_openings, placed, len(seen))] if jobs > 1 and can_help() else []) as helpers:
        for stretch, trie, trie_place in placed:
            columns = Rows(stretch.count)
            for row, number in islice(rows, stretch.count):
                _put(columns, row, number, trie, tries, base)
            arrays, contents = columns.placed(file.size)
            file.add(*contents)
            places.append(Place(stretch, trie_place, arrays))
            base += stretch.count
        table = helpers[0].received(size, "wrote links") if helpers else _openings(placed, len(seen))
    openings = file.add_sized(table)
    header = structs.replace(header, checksum=file.checksum, places=tuple(places), openings=openings)
    output.write(ending(header))
    return header


def _openings(placed: Sequence[_Placed], count: int) -> bytearray:
    """Return the table of the first words of all entries."""
    _, table = openings_for(count)
    for _, trie, _ in placed:
        for entry in trie.iterkeys():
            add_opening(table, entry)
    return table


def _send_openings(placed: Sequence[_Placed], count: int, pipe: int) -> None:
    write_all(pipe, _openings(placed, count))


def _added(tries: Tries, entries: Iterable[str]) -> Iterator[tuple[Stretch, Any]]:
    """Add the stretches of sorted entries to tries, and yield them."""
    return starmap(tries.add, stretches(entries))


def _put(columns: Rows, row: Row, seen: int, trie: Any, tries: Tries, base: int) -> None:
    """Put a row into the columns of its stretch, whose numbers begin with ``base``."""
    own, at = row.entry, trie.key_id(row.entry)
    pairs: list[int] = []
    for title, count in row.targets.items():
        pairs += (base + at if title == own else tries.number(title)), count
    page = NONE if not row.page else base + at if row.page == own else tries.number(row.page)
    columns.put(at, (row.linked, max(seen, row.linked), row.linking), page, array("I", pairs), row.sample)


class _File:
    """An output with its size and checksum; what is added is aligned."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self.size = self.checksum = 0
        self.add(MAGIC)

    def add(self, *contents: bytes | bytearray) -> int:
        """Add bytes that follow each other, and return where they begin."""
        at = self.size
        for content in contents:
            self._write(content)
        self._write(bytes(-self.size % _ALIGNED))
        return at

    def _write(self, content: bytes | bytearray) -> None:
        for start in range(0, len(content), _WRITTEN_AT_ONCE):
            self._output.write(bytes(content[start : start + _WRITTEN_AT_ONCE]))
        self.checksum = crc32(content, self.checksum)
        self.size += len(content)

    def add_sized(self, content: bytes | bytearray) -> tuple[int, int]:
        """Add bytes, and return where they begin, and how many they are."""
        size = len(content)
        return self.add(content), size
