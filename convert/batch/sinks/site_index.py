"""A folder of HTML pages with an index page, written when the folder is complete.

Titles are read from the manifest and sorted on disk: there may be millions.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import closing

from convert.batch.job.journal import Journal
from convert.batch.job.manifest_lines import WrittenRow
from convert.batch.job.run_index import RunIndex
from convert.batch.sinks.folder import Folder
from convert.batch.sinks.output_names import INDEX
from convert.batch.sinks.sink import Completed
from convert.io.atomic import AtomicFile
from convert.io.scratch import open_scratch
from convert.names import spelling
from convert.writers.index import Entry, index, letter_of, sort_key


class HtmlFolder(Folder):
    """Sink: one HTML page per document, and an index page of all documents in the journal."""

    def __init__(self, path: str, shown: str, suffix: str, run_index: RunIndex, journal: Journal) -> None:
        super().__init__(path, shown, suffix, run_index)
        self._journal = journal
        reserve(run_index, suffix)

    def complete(self) -> Completed:
        """Write the index page."""
        write_index(self._journal, os.path.join(self.path, INDEX))
        return super().complete()


def reserve(run_index: RunIndex, suffix: str) -> None:
    """Reserve the name of the index page: an article of that name gets a number."""
    run_index.count_spelling(spelling(INDEX.removesuffix(suffix)))


def write_index(journal: Journal, path: str) -> None:
    """Write the index page of all documents in a journal."""
    rows = (row for _, entry in journal.written().entries() for row in entry.rows)
    with AtomicFile(path, follows=False) as file:
        for piece in listed((row.title, row.stored) for row in rows if isinstance(row, WrittenRow)):
            file.write(piece)


def listed(pages: Iterable[tuple[str, str]]) -> Iterator[bytes]:
    """Yield the index page piece by piece, given titles and file names."""
    table = "CREATE TABLE pages (key TEXT, letter TEXT, title TEXT, name TEXT, PRIMARY KEY (key, name)) WITHOUT ROWID"
    with closing(open_scratch(table)) as disk:
        rows = ((sort_key(title), letter_of(title), title, name) for title, name in pages)
        disk.executemany("INSERT INTO pages VALUES (?, ?, ?, ?)", rows)
        letters = disk.execute("SELECT letter, count(*) FROM pages GROUP BY letter ORDER BY min(key)").fetchall()
        entries = map(Entry._make, disk.execute("SELECT letter, title, name FROM pages ORDER BY key, name"))
        for piece in index(letters, entries):
            yield piece.encode()
