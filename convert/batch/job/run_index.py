"""Index of a run, on disk because it may have millions of rows: titles, file names, and shards of the previous run."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from convert.batch.model import ConvertedDocument
from convert.diagnostics import Diagnostic, shown

if TYPE_CHECKING:
    from sqlite3 import Connection

#: The first titles are in memory: most runs have few.
_IN_MEMORY = 1_000


class RunIndex:
    """Titles by key, use counts of spellings, names of files, and manifest offsets of shards by fingerprint."""

    def __init__(self) -> None:
        self._first_titles: dict[str, str] = {}

    @cached_property
    def _disk(self) -> Connection:
        from convert.io.scratch import open_scratch  # most runs need none

        return open_scratch(
            "CREATE TABLE titles (key TEXT PRIMARY KEY, place TEXT) WITHOUT ROWID",
            "CREATE TABLE spellings (key TEXT PRIMARY KEY, number INTEGER) WITHOUT ROWID",
            "CREATE TABLE kept (path TEXT PRIMARY KEY) WITHOUT ROWID",
            "CREATE TABLE known (fingerprint TEXT PRIMARY KEY, offset INTEGER) WITHOUT ROWID",
        )

    def add_title(self, key: str, location: str) -> str | None:
        """Return where a title was used first; ``None`` if this is the first use, which is recorded."""
        known = self._first_titles.get(key)
        if known is not None:
            return known
        if len(self._first_titles) < _IN_MEMORY:
            self._first_titles[key] = location
            return None
        if self._disk.execute("INSERT OR IGNORE INTO titles VALUES (?, ?)", (key, location)).rowcount:
            return None
        first: str = self._disk.execute("SELECT place FROM titles WHERE key = ?", (key,)).fetchone()[0]
        return first

    def count_spelling(self, spelling: str) -> int:
        """Return how often a spelling was used, this time included."""
        if self._disk.execute("INSERT OR IGNORE INTO spellings VALUES (?, 1)", (spelling,)).rowcount:
            return 1
        statement = "UPDATE spellings SET number = number + 1 WHERE key = ? RETURNING number"
        number: int = self._disk.execute(statement, (spelling,)).fetchone()[0]
        return number

    def add_files(self, paths: Iterable[str]) -> None:
        """Record names of files."""
        self._disk.executemany("INSERT OR IGNORE INTO kept VALUES (?)", ((path,) for path in paths))

    def has_file(self, path: str) -> bool:
        """Whether a name was recorded by ``add_files``."""
        return self._disk.execute("SELECT 1 FROM kept WHERE path = ?", (path,)).fetchone() is not None

    def add_shards(self, shards: Iterable[tuple[str, int]]) -> None:
        """Record where the manifest has shards: fingerprints and offsets."""
        self._disk.executemany("INSERT OR IGNORE INTO known VALUES (?, ?)", shards)

    def manifest_offset(self, fingerprint: str) -> int | None:
        """Return where the previous manifest has a shard."""
        row = self._disk.execute("SELECT offset FROM known WHERE fingerprint = ?", (fingerprint,)).fetchone()
        return row[0] if row else None

    def close(self) -> None:
        """Discard everything."""
        if "_disk" in vars(self):
            self._disk.close()


#: Told of a title by what the run knows of other shards, so that it is told anew of a shard that is reused.
SHARED = "title-shared"

#: What a title is the name of, and of nothing else; '' where several documents may share it.
TitleUse = Literal["page", "file", ""]


def repeated_title(record: ConvertedDocument, run_index: RunIndex, use: TitleUse) -> Diagnostic | None:
    """Return a diagnostic if another document has a record's title; else ``None``, and the title is recorded.

    It is an error only where there is a ``use`` that allows one document to a title.
    """
    first = run_index.add_title(record.key, f"{record.source}:{record.line}")
    if first is None:
        return None
    if not use:
        return Diagnostic(SHARED, record.line, 1, f"{shown(record.title)} is the title of {first} too: both are kept")
    message = f"{shown(record.title)} is the {use} of {first} already: give one of the two another title"
    return Diagnostic("title-repeated", record.line, 1, message)
