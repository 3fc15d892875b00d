"""A folder of pages with one that lists them all, made when the folder is complete.

Titles come from the manifest and are sorted on the disk: there may be millions.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import closing

from convert.batch.job.journal import Journal
from convert.batch.job.manifest import WrittenRow
from convert.batch.job.run_index import RunIndex
from convert.batch.sinks.folder import Folder
from convert.batch.sinks.output_names import INDEX
from convert.batch.sinks.sink import Completed
from convert.io.atomic import AtomicFile
from convert.io.scratch import open_scratch
from convert.names import spelling
from convert.writers.index import Entry, index, letter_of, sort_key


class HtmlFolder(Folder):
    """One file a record, and one that lists the records of a journal."""

    def __init__(self, path: str, shown: str, suffix: str, seen: RunIndex, journal: Journal) -> None:
        super().__init__(path, shown, suffix, seen)
        self._journal = journal
        reserve(seen, suffix)

    def complete(self) -> Completed:
        """Write the list."""
        write_index(self._journal, os.path.join(self.path, INDEX))
        return super().complete()


def reserve(seen: RunIndex, suffix: str) -> None:
    """Keep the name of the list: an article called so gets a number."""
    seen.count(spelling(INDEX.removesuffix(suffix)))


def write_index(journal: Journal, path: str) -> None:
    """Write the list of what a journal tells of."""
    rows = (row for _, entry in journal.written().entries() for row in entry.rows)
    with AtomicFile(path, follows=False) as file:
        for piece in listed((row.title, row.stored) for row in rows if isinstance(row, WrittenRow)):
            file.write(piece)


def listed(pages: Iterable[tuple[str, str]]) -> Iterator[bytes]:
    """Write the list piece by piece, given the titles of articles and the names of their files."""
    table = "CREATE TABLE pages (key TEXT, letter TEXT, title TEXT, name TEXT, PRIMARY KEY (key, name)) WITHOUT ROWID"
    with closing(open_scratch(table)) as disk:
        rows = ((sort_key(title), letter_of(title), title, name) for title, name in pages)
        disk.executemany("INSERT INTO pages VALUES (?, ?, ?, ?)", rows)
        letters = disk.execute("SELECT letter, count(*) FROM pages GROUP BY letter ORDER BY min(key)").fetchall()
        entries = map(Entry._make, disk.execute("SELECT letter, title, name FROM pages ORDER BY key, name"))
        for piece in index(letters, entries):
            yield piece.encode()
