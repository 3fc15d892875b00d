"""The titles and names that a run has used, and what it knows of shards, kept on disk: there may be millions."""

from __future__ import annotations

from collections.abc import Iterable

from convert.io.scratch import open_scratch


class RunIndex:
    """What came first under each key, and how often a spelling was used."""

    def __init__(self) -> None:
        self._disk = open_scratch(
            "CREATE TABLE titles (key TEXT PRIMARY KEY, place TEXT) WITHOUT ROWID",
            "CREATE TABLE spellings (key TEXT PRIMARY KEY, number INTEGER) WITHOUT ROWID",
            "CREATE TABLE kept (path TEXT PRIMARY KEY) WITHOUT ROWID",
            "CREATE TABLE known (fingerprint TEXT PRIMARY KEY, offset INTEGER) WITHOUT ROWID",
        )

    def first(self, key: str, place: str) -> str | None:
        """Where a title stood before; ``None``, and the place is remembered, if nowhere."""
        if self._disk.execute("INSERT OR IGNORE INTO titles VALUES (?, ?)", (key, place)).rowcount:
            return None
        found: str = self._disk.execute("SELECT place FROM titles WHERE key = ?", (key,)).fetchone()[0]
        return found

    def count(self, spelling: str) -> int:
        """How often a spelling was used, this time included."""
        if self._disk.execute("INSERT OR IGNORE INTO spellings VALUES (?, 1)", (spelling,)).rowcount:
            return 1
        statement = "UPDATE spellings SET number = number + 1 WHERE key = ? RETURNING number"
        number: int = self._disk.execute(statement, (spelling,)).fetchone()[0]
        return number

    def keep(self, paths: Iterable[str]) -> None:
        """Remember the names of files."""
        self._disk.executemany("INSERT OR IGNORE INTO kept VALUES (?)", ((path,) for path in paths))

    def is_kept(self, path: str) -> bool:
        """Whether a file's name was given to ``keep``."""
        return self._disk.execute("SELECT 1 FROM kept WHERE path = ?", (path,)).fetchone() is not None

    def know(self, shards: Iterable[tuple[str, int]]) -> None:
        """Remember where the work on shards is told, by their fingerprints."""
        self._disk.executemany("INSERT OR IGNORE INTO known VALUES (?, ?)", shards)

    def known(self, fingerprint: str) -> int | None:
        """Where the work on a shard is told."""
        found = self._disk.execute("SELECT offset FROM known WHERE fingerprint = ?", (fingerprint,)).fetchone()
        return found[0] if found else None

    def close(self) -> None:
        """Forget everything."""
        self._disk.close()
