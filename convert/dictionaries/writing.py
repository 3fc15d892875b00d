"""Rows of entries to the file of a dictionary, a stretch at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from zlib import crc32

from msgspec import structs

from convert.dictionaries.tables import Row, Tables
from convert.io.atomic import Output
from convert.links.finding.openings import add_opening, openings_for
from convert.links.stored import MAGIC, NONE, Header, Place, Rows, ending
from convert.links.tries import Stretch, Tries, stretches

_ALIGNED = 8


def write_tables(output: Output, header: Header, tables: Tables, seen: Sequence[int]) -> Header:
    """Write a dictionary of tables; ``seen`` tells in how many texts each of their entries occurs."""
    entries = (text for (text, always), number in zip(tables.entries(), seen, strict=True) if always or number)
    return write_dictionary(output, header, entries, _with_counts(tables, seen), len(seen))


def _with_counts(tables: Tables, seen: Sequence[int]) -> Iterator[Row]:
    """Yield the rows of the entries that are kept."""
    for (_, always), number, row in zip(tables.entries(), seen, tables.rows(), strict=True):
        if always or number:
            row.seen = max(number, row.linked)
            yield row


def write_dictionary(output: Output, header: Header, entries: Iterable[str], rows: Iterable[Row], count: int) -> Header:
    """Write a dictionary; ``entries`` are sorted, ``rows`` have all of them in this order, and there are ``count``."""
    file = _File(output)
    _, table = openings_for(count)
    tries = Tries()
    placed: list[tuple[Stretch, tuple[int, int]]] = []
    for stretch, trie in stretches(entries):
        tries.add(stretch, trie)
        content = trie.tobytes()
        placed.append((stretch, (file.add(content), len(content))))
    left, base = iter(rows), 0
    places = []
    for stretch, trie_place in placed:
        numbered = _numbered(islice(left, stretch.count), tries, base, stretch.count)
        pages, pairs = [], []
        for number, row in enumerate(numbered, base):
            own = row.entry
            add_opening(table, own)
            pages.append(NONE if not row.page else number if row.page == own else tries.number(row.page))
            targets = row.targets.items()
            pairs.append([(number if title == own else tries.number(title), count) for title, count in targets])
        arrays, content = Rows(numbered, pages, pairs).placed(file.size)
        file.add(content)
        places.append(Place(stretch, trie_place, arrays))
        base += stretch.count
    openings = file.add(table), len(table)
    header = structs.replace(header, checksum=file.checksum, places=tuple(places), openings=openings)
    output.write(ending(header))
    return header


def _numbered(rows: Iterator[Row], tries: Tries, base: int, count: int) -> list[Row]:
    """Return the rows of a stretch in the order of their numbers."""
    numbered: list[Row | None] = [None] * count
    for row in rows:
        numbered[tries.number(row.entry) - base] = row
    return [row for row in numbered if row is not None]


class _File:
    """An output with its size and checksum; what is added is aligned."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self.size = self.checksum = 0
        self.add(MAGIC)

    def add(self, content: bytes | bytearray) -> int:
        """Add bytes, and return where they begin."""
        at = self.size
        content += bytes(-len(content) % _ALIGNED)
        self._output.write(bytes(content))
        self.checksum = crc32(content, self.checksum)
        self.size += len(content)
        return at
