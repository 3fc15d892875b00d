"""The SQLite file of the state of uploads: its schema, transactions, and the lock of each wiki.

The file is private, and a planted file is refused.  Several processes may use one file for different wikis; only one at
a time writes to a wiki.

Source: https://www.sqlite.org/wal.html
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

from convert.errors import EnvironmentFailed
from convert.io.locks import has_byte_locks, hold, release
from convert.io.own_files import open_own, secured

_VERSION = 2
#: A wiki is known by its identity, and by its address until it has told that; it may have several addresses.
_WIKIS = """
CREATE TABLE wikis (id INTEGER PRIMARY KEY, identity TEXT NOT NULL UNIQUE);
CREATE TABLE addresses (api TEXT PRIMARY KEY, wiki INTEGER NOT NULL REFERENCES wikis) WITHOUT ROWID;
CREATE TABLE sources (
    wiki INTEGER NOT NULL REFERENCES wikis, title TEXT NOT NULL, input TEXT NOT NULL, source TEXT NOT NULL,
    PRIMARY KEY (wiki, title, input)
) WITHOUT ROWID;
"""
_SCHEMA = f"""{_WIKIS}
CREATE TABLE runs (
    id TEXT PRIMARY KEY, wiki INTEGER NOT NULL REFERENCES wikis, user TEXT NOT NULL, what TEXT NOT NULL,
    started TEXT NOT NULL, finished TEXT
) WITHOUT ROWID;
CREATE TABLE edits (
    run TEXT NOT NULL REFERENCES runs, title TEXT NOT NULL, before INTEGER NOT NULL, base INTEGER NOT NULL,
    sha1 TEXT NOT NULL, sent TEXT NOT NULL, ours BLOB, outcome TEXT, revision INTEGER, PRIMARY KEY (run, title)
) WITHOUT ROWID;
CREATE INDEX open_edits ON edits (run) WHERE outcome IS NULL;
CREATE TABLE pages (
    wiki INTEGER NOT NULL REFERENCES wikis, title TEXT NOT NULL, revision INTEGER NOT NULL, sha1 TEXT NOT NULL,
    text BLOB NOT NULL, run TEXT, PRIMARY KEY (wiki, title)
) WITHOUT ROWID;
CREATE TABLE refusals (
    wiki INTEGER NOT NULL REFERENCES wikis, title TEXT NOT NULL, sha1 TEXT NOT NULL, code TEXT NOT NULL,
    why TEXT NOT NULL, raw TEXT NOT NULL, at TEXT NOT NULL, run TEXT NOT NULL, PRIMARY KEY (wiki, title)
) WITHOUT ROWID;
"""
#: From version 1, which knew a wiki by one address.
_UPGRADE = f"""
ALTER TABLE wikis RENAME TO wikis_by_address;
{_WIKIS}
INSERT INTO wikis SELECT id, api FROM wikis_by_address;
INSERT INTO addresses SELECT api, id FROM wikis_by_address;
DROP TABLE wikis_by_address
"""
_BUSY_S = 30


class StateFile:
    """The file at ``path``, opened for one wiki; thread-safe.

    ``wiki`` is the wiki's number in it; ``convert.upload.state.identity`` may give it another one.  With ``read_only``
    nothing is written, and the file need not exist.  Raises EnvironmentFailed if the file cannot be used, or another
    process writes to the same wiki with it.
    """

    def __init__(self, path: str, api: str, read_only: bool) -> None:
        self.path = path
        self.api = api
        self.read_only = read_only
        self.threads = threading.RLock()
        self._lock = -1
        is_absent = read_only and not os.path.exists(path)
        with self.used():
            #: Without locks of the file system, one run at a time has the whole file.
            self._is_shared = is_absent or self._may_share()
            self.disk = self._opened(is_absent)
        try:
            with self.used():
                self._prepare()
                self.wiki = self._wiki_of(api)
            if not read_only:
                self.claim(self.wiki)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the file and release the lock."""
        self.disk.close()
        if self._lock >= 0:
            release(self._lock)
            self._lock = -1

    def rows(self, query: str, *values: object) -> list[Any]:
        """Return the rows of a query."""
        with self.threads, self.used():
            return self.disk.execute(query, values).fetchall()

    @contextmanager
    def change(self) -> Iterator[sqlite3.Connection]:
        """Open a transaction; it is durable on exit, except after a power failure."""
        with self.threads, self.used(), self.disk:
            self.disk.execute("BEGIN IMMEDIATE")
            yield self.disk

    @contextmanager
    def used(self) -> Iterator[None]:
        """Turn the errors of SQLite and of the system into EnvironmentFailed."""
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise EnvironmentFailed(f"cannot use the state file {self.path}: {error}: {_remedy(error)}") from error

    def _may_share(self) -> bool:
        """Secure the file, and hold it where the file system has no locks; return whether it has."""
        secured(self.path)
        if has_byte_locks(os.path.dirname(os.path.abspath(self.path))):
            return True
        self._lock = open_own(f"{self.path}.lock", mode=0o600)
        hold(self._lock, f"{self.path}.held", f"another run uses {self.path}")
        return False

    def _opened(self, absent: bool) -> sqlite3.Connection:
        path = ":memory:" if absent else self.path if self._is_shared else f"file:{quote(self.path)}?vfs=unix-none"
        disk = sqlite3.connect(
            path, isolation_level=None, check_same_thread=False, timeout=_BUSY_S, uri=not self._is_shared
        )
        if not self._is_shared:
            # A WAL of other runs can be read without locks only so.
            disk.execute("PRAGMA locking_mode = EXCLUSIVE")
        # Invalid UTF-8 is damage to report, not a reason to stop.
        disk.text_factory = lambda text: text.decode(errors="surrogateescape")
        return disk

    def _prepare(self) -> None:
        version = self._version()
        if version > _VERSION:
            raise EnvironmentFailed(f"{self.path} was written by a newer plainwiki: use that, or another --state")
        if version < 0 or (version == 0 and self.disk.execute("SELECT 1 FROM sqlite_master").fetchone()):
            raise EnvironmentFailed(f"{self.path} is a database of something else: give another --state")
        self.disk.execute(f"PRAGMA journal_mode = {'WAL' if self._is_shared else 'DELETE'}")
        # In WAL mode this is durable except after a power failure; lost rows are then recovered from the wiki.
        self.disk.execute("PRAGMA synchronous = NORMAL")
        # Or the tables that refer to one that is renamed would refer to its new name.
        self.disk.execute("PRAGMA legacy_alter_table = ON")
        with self.disk:
            self.disk.execute("BEGIN IMMEDIATE")
            version = self._version()
            if version < _VERSION:
                for statement in (_UPGRADE if version else _SCHEMA).split(";"):
                    self.disk.execute(statement)
                self.disk.execute(f"PRAGMA user_version = {_VERSION}")

    def _version(self) -> int:
        return int(self.disk.execute("PRAGMA user_version").fetchone()[0])

    def _wiki_of(self, api: str) -> int:
        known = "SELECT wiki FROM addresses WHERE api = ?"
        with self.disk:
            self.disk.execute("BEGIN IMMEDIATE")
            if row := self.disk.execute(known, (api,)).fetchone():
                return int(row[0])
            wiki = added_wiki(self.disk, api)
            self.disk.execute("INSERT INTO addresses VALUES (?, ?)", (api, wiki))
            return wiki

    def claim(self, wiki: int) -> None:
        """Lock out other processes that write to the same wiki; the lock ends with this process."""
        if not self._is_shared:
            return
        with self.used():
            if self._lock < 0:
                self._lock = open_own(f"{self.path}.lock", mode=0o600)
        try:
            # The lock is one byte of the file per wiki.
            fcntl.lockf(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, wiki)
        except OSError:
            raise EnvironmentFailed(
                f"another run is uploading to {self.api} with {self.path}: wait for it, or give another --state"
            ) from None


def added_wiki(disk: sqlite3.Connection, identity: str) -> int:
    """Add a wiki; return its number, which is no other's."""
    disk.execute("INSERT INTO wikis (identity) VALUES (?)", (identity,))
    return int(disk.execute("SELECT id FROM wikis WHERE identity = ?", (identity,)).fetchone()[0])


def _remedy(error: Exception) -> str:
    """Return what to do about a file that cannot be used."""
    if "locked" in str(error):
        return "another program uses it: wait for that, or give another --state"
    if isinstance(error, sqlite3.DatabaseError):
        return "if it is damaged, put a copy of it in its place, or give another --state"
    return "give another --state"
