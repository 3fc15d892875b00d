"""Temporary SQLite databases, for indexes of possibly millions of rows.

SQLite keeps them in unlinked files, which disappear with the process, however it ends.
"""

from __future__ import annotations

import sqlite3

#: Size of SQLite's page cache: a few thousand rows fill it, and millions need no more.
_CACHE_KIB = 256


def open_scratch(*tables: str, across_threads: bool = False) -> sqlite3.Connection:
    """Open an empty database with the given tables, without a journal and in one transaction that never ends."""
    disk = sqlite3.connect("", isolation_level=None, check_same_thread=not across_threads)
    settings = ("PRAGMA journal_mode = OFF", "PRAGMA synchronous = OFF", f"PRAGMA cache_size = -{_CACHE_KIB}")
    for statement in (*settings, *tables, "BEGIN"):
        disk.execute(statement)
    return disk
