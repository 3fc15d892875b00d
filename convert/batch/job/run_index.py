"""Index of a run, on disk because it may have millions of rows: titles, file names, and shards of the previous run."""

from __future__ import annotations

from collections.abc import Iterable

from convert.io.scratch import open_scratch


class RunIndex:
    """Titles by key, use counts of spellings, names of files, and manifest offsets of shards by fingerprint."""

    def __init__(self) -> None:
        self._disk = open_scratch(
            "CREATE TABLE titles (key TEXT PRIMARY KEY, place TEXT) WITHOUT ROWID",
            "CREATE TABLE spellings (key TEXT PRIMARY KEY, number INTEGER) WITHOUT ROWID",
            "CREATE TABLE kept (path TEXT PRIMARY KEY) WITHOUT ROWID",
            "CREATE TABLE known (fingerprint TEXT PRIMARY KEY, offset INTEGER) WITHOUT ROWID",
        )

    def add_title(self, key: str, location: str) -> str | None:
        """Return where a title was used first; ``None`` if this is the first use, which is recorded."""
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
        self._disk.close()
