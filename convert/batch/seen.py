"""The titles and names that a run has used, kept on disk: there may be millions.

SQLite keeps them in a temporary file without a name, which is gone when the run is, however it ends.
"""

from __future__ import annotations

import sqlite3


class Seen:
    """What came first under each key, and how often a spelling was used."""

    def __init__(self) -> None:
        self._disk = sqlite3.connect("", isolation_level=None)
        for statement in (
            "PRAGMA journal_mode = OFF",
            "PRAGMA synchronous = OFF",
            "CREATE TABLE titles (key TEXT PRIMARY KEY, place TEXT) WITHOUT ROWID",
            "CREATE TABLE spellings (key TEXT PRIMARY KEY, number INTEGER) WITHOUT ROWID",
            "BEGIN",
        ):
            self._disk.execute(statement)

    def first(self, key: str, place: str) -> str | None:
        """Where a title stood before; ``None``, and the place is remembered, if nowhere."""
        if self._disk.execute("INSERT OR IGNORE INTO titles VALUES (?, ?)", (key, place)).rowcount:
            return None
        found: str = self._disk.execute("SELECT place FROM titles WHERE key = ?", (key,)).fetchone()[0]
        return found

    def count(self, spelling: str) -> int:
        """How often a spelling was used, this time included."""
        statement = "INSERT INTO spellings VALUES (?, 1) ON CONFLICT DO UPDATE SET number = number + 1 RETURNING number"
        number: int = self._disk.execute(statement, (spelling,)).fetchone()[0]
        return number

    def close(self) -> None:
        """Forget everything."""
        self._disk.close()
