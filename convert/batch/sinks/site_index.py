"""A folder of pages with one that lists them all, made when the folder is complete.

Titles come from the manifest and are sorted on the disk: there may be millions.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing

from convert.batch.job.journal import Journal
from convert.batch.job.manifest import Written
from convert.batch.job.run_index import CACHE_KIB, Seen
from convert.batch.sinks.folder import Completed, Folder
from convert.batch.sinks.output_names import INDEX
from convert.io.atomic import File
from convert.names import spelling
from convert.writers.index import Entry, index, letter_of, sort_key


class Pages(Folder):
    """One file a record, and one that lists the records of a journal."""

    def __init__(self, path: str, shown: str, suffix: str, seen: Seen, journal: Journal) -> None:
        super().__init__(path, shown, suffix, seen)
        self._journal = journal
        reserve(seen, suffix)

    def complete(self) -> Completed:
        """Write the list."""
        write_index(self._journal, os.path.join(self.path, INDEX))
        return super().complete()


def reserve(seen: Seen, suffix: str) -> None:
    """Keep the name of the list: an article called so gets a number."""
    seen.count(spelling(INDEX.removesuffix(suffix)))


def write_index(journal: Journal, path: str) -> None:
    """Write the list of what a journal tells of."""
    rows = (row for _, entry in journal.written().entries() for row in entry.rows)
    with File(path, follows=False) as file:
        for piece in listed((row.title, row.stored) for row in rows if isinstance(row, Written)):
            file.write(piece)


def listed(pages: Iterable[tuple[str, str]]) -> Iterator[bytes]:
    """Write the list piece by piece, given the titles of articles and the names of their files."""
    with closing(sqlite3.connect("", isolation_level=None)) as disk:
        for statement in (
            "PRAGMA journal_mode = OFF",
            "PRAGMA synchronous = OFF",
            f"PRAGMA cache_size = -{CACHE_KIB}",
            "CREATE TABLE pages (key TEXT, letter TEXT, title TEXT, name TEXT, PRIMARY KEY (key, name)) WITHOUT ROWID",
            "BEGIN",
        ):
            disk.execute(statement)
        rows = ((sort_key(title), letter_of(title), title, name) for title, name in pages)
        disk.executemany("INSERT INTO pages VALUES (?, ?, ?, ?)", rows)
        letters = disk.execute("SELECT letter, count(*) FROM pages GROUP BY letter ORDER BY min(key)").fetchall()
        entries = map(Entry._make, disk.execute("SELECT letter, title, name FROM pages ORDER BY key, name"))
        for piece in index(letters, entries):
            yield piece.encode()
