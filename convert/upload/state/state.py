"""The state of uploads, in an SQLite file that survives any end of a run.

    runs       account, purpose, start, and end of each completed run
    edits      every page that was sent: recorded before it is sent, and again when its outcome is known
    pages      the text that we wrote last: the base of the merge if people edited the page since
    refusals   every page that was not written, and why; with the answer, if the wiki refused it

An edit without an outcome belongs to a killed process.  Rows are validated: a tampered row is read as ``Damaged``, and
the others stay readable.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from secrets import token_hex
from typing import Any

from convert.errors import UsageError
from convert.upload.plan import Create, Refuse, Update, WrittenPage, digest
from convert.upload.state.identity import identify
from convert.upload.state.rows import Damaged, Done, Kept, Open, Run, Sourced, packed, read
from convert.upload.state.state_file import StateFile

_MOST_PARAMETERS = 500


class State:
    """The state of one wiki in the file at ``path``; thread-safe.

    With ``read_only`` nothing is written, and the file need not exist.  Raises EnvironmentFailed if the file cannot be
    used, or another process writes to the same wiki with it.
    """

    def __init__(self, path: str, api: str, read_only: bool = False) -> None:
        self.path = path
        self._file = StateFile(path, api, read_only)

    @property
    def _wiki(self) -> int:
        return self._file.wiki

    def identify(self, identity: str) -> None:
        """Use what is known of the wiki with this identity, under whatever address it was recorded.

        Raises EnvironmentFailed if another process writes to the same wiki under another address.
        """
        identify(self._file, identity)

    def close(self) -> None:
        """Close the file and release the lock."""
        self._file.close()

    # ── Runs

    def begin(self, user: str, purpose: str, run: str = "") -> tuple[str, bool]:
        """Begin a run, or resume the last unfinished one with the same purpose.

        Returns its name, and whether it is resumed.  ``run`` is the name that a stored plan gave it.
        """
        with self._file.change() as change:
            query = (
                "SELECT id FROM runs WHERE wiki = ? AND user = ? AND what = ? AND finished IS NULL AND ? IN ('', id) "
                "ORDER BY started DESC LIMIT 1"
            )
            row = change.execute(query, (self._wiki, user, purpose, run)).fetchone()
            if row:
                return str(row[0]), True
            name = run or new_run()
            change.execute(
                "INSERT OR IGNORE INTO runs VALUES (?, ?, ?, ?, ?, NULL)", (name, self._wiki, user, purpose, now())
            )
            change.execute("UPDATE runs SET finished = NULL WHERE id = ?", (name,))
            return name, False

    def finish(self, run: str) -> None:
        """Record the end of a run; a run that sent nothing is removed."""
        with self._file.change() as change:
            change.execute("UPDATE runs SET finished = ? WHERE id = ?", (now(), run))
            change.execute("DELETE FROM runs WHERE id = ? AND NOT EXISTS (SELECT 1 FROM edits WHERE run = id)", (run,))

    def runs(self) -> list[Run]:
        """List the runs on this wiki, the oldest first."""
        query = (
            "SELECT id, user, started, ifnull(finished, ''), "
            "(SELECT count(*) FROM edits WHERE run = id AND revision > 0) FROM runs WHERE wiki = ? ORDER BY started, id"
        )
        return [
            Run(str(id), str(user), str(started), str(finished), written)
            for id, user, started, finished, written in self._file.rows(query, self._wiki)
        ]

    # ── Edits

    def intend(self, run: str, steps: Iterable[Create | Update]) -> None:
        """Record that pages are about to be sent."""
        with self._file.change() as change:
            for step in steps:
                base, ours = (step.base, step.ours) if isinstance(step, Update) else (0, "")
                row = (run, step.title, base, base, digest(step.text), now(), packed(ours or step.text))
                # A resumed run may start from its own edit: keep the revision before the run.
                change.execute(
                    "INSERT INTO edits VALUES (?, ?, ?, ?, ?, ?, ?, NULL, NULL) ON CONFLICT DO UPDATE SET "
                    "before = CASE WHEN revision = excluded.base THEN before ELSE excluded.base END, "
                    "base = excluded.base, sha1 = excluded.sha1, sent = excluded.sent, ours = excluded.ours, "
                    "outcome = NULL, revision = NULL",
                    row,
                )

    def saved(self, edit: Open, revision: int, sha1: str = "") -> None:
        """Record that a page holds the text that was sent, and its revision."""
        with self._file.change() as change:
            outcome = "updated" if edit.base else "created"
            change.execute(
                "UPDATE edits SET outcome = ?, revision = ?, ours = NULL WHERE run = ? AND title = ?",
                (outcome, revision, edit.run, edit.title),
            )
            self._wrote(change, edit.title, WrittenPage(revision, sha1 or edit.sha1, edit.ours), edit.run)

    def forget(self, edit: Open) -> None:
        """Record that an edit never arrived."""
        with self._file.change() as change:
            change.execute("DELETE FROM edits WHERE run = ? AND title = ?", (edit.run, edit.title))

    def refuse(self, run: str, refused: Refuse, sha1: str = "", raw: str = "") -> None:
        """Record why a page was not written; ``sha1`` is that of a text that need not be sent again."""
        with self._file.change() as change:
            row = (self._wiki, refused.title, sha1, refused.code, refused.why, raw, now(), run)
            # Keep the refusal of a text that was sent before.
            change.execute(
                "INSERT INTO refusals VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET sha1 = excluded.sha1, "
                "code = excluded.code, why = excluded.why, raw = excluded.raw, at = excluded.at, run = excluded.run "
                "WHERE excluded.sha1 != '' OR excluded.code != code",
                row,
            )
            change.execute(
                "UPDATE edits SET outcome = 'refused', ours = NULL WHERE run = ? AND title = ? AND outcome IS NULL",
                (run, refused.title),
            )

    def keep(self, title: str, written: WrittenPage) -> None:
        """Record that a page has the desired text already."""
        with self._file.change() as change:
            self._wrote(change, title, written, None)

    def _wrote(self, change: sqlite3.Connection, title: str, written: WrittenPage, run: str | None) -> None:
        row = (self._wiki, title, written.revision, written.sha1, packed(written.text), run)
        change.execute("INSERT OR REPLACE INTO pages VALUES (?, ?, ?, ?, ?, ?)", row)
        change.execute("DELETE FROM refusals WHERE wiki = ? AND title = ?", (self._wiki, title))

    def left_open(self) -> list[Open | Damaged]:
        """Return the edits of all runs without an outcome; damaged ones are closed."""
        query = (
            "SELECT run, title, base, sha1, edits.ours, hex(run), hex(title) FROM edits JOIN runs ON run = id "
            "WHERE wiki = ? AND outcome IS NULL ORDER BY sent"
        )
        open_edits: list[Open | Damaged] = []
        for row in self._file.rows(query, self._wiki):
            edit = read(Open, row[:5], row[1], self.path)
            if isinstance(edit, Damaged):
                with self._file.change() as change:
                    closed = "UPDATE edits SET outcome = 'refused', ours = NULL WHERE outcome IS NULL AND "
                    change.execute(closed + "hex(run) = ? AND hex(title) = ?", row[5:])
            open_edits.append(edit)
        return open_edits

    def done(self, run: str) -> list[Done | Damaged]:
        """Return the edits of a run, the last one first; raises UsageError for an unknown run."""
        if not self._file.rows("SELECT 1 FROM runs WHERE id = ? AND wiki = ?", run, self._wiki):
            known = ", ".join(run.id for run in self.runs()[-5:]) or "none yet"
            raise UsageError(f"no run on this wiki is called {run!r}: the last ones are {known}")
        query = (
            "SELECT title, before, revision, outcome FROM edits WHERE run = ? AND outcome IN ('created', 'updated') "
            "ORDER BY revision DESC"
        )
        return [read(Done, row, row[0], self.path) for row in self._file.rows(query, run)]

    def undone(self, run: str, title: str) -> None:
        """Record that an edit was reverted, as if we had never written the page."""
        with self._file.change() as change:
            change.execute("UPDATE edits SET outcome = 'undone' WHERE run = ? AND title = ?", (run, title))
            change.execute("DELETE FROM pages WHERE wiki = ? AND title = ? AND run = ?", (self._wiki, title, run))

    # ── Sources

    def sources(self) -> Iterator[Sourced]:
        """Yield of which inputs the pages came in earlier runs; damaged rows are left out."""
        query = "SELECT title, input, source FROM sources WHERE wiki = ? ORDER BY title"
        rows = (read(Sourced, row, row[0], self.path) for row in self._file.rows(query, self._wiki))
        yield from (row for row in rows if isinstance(row, Sourced))

    def source(self, rows: Iterable[tuple[str, str, str]]) -> None:
        """Record of which inputs pages come: title, input and source."""
        with self._file.change() as change:
            change.executemany(
                "INSERT OR REPLACE INTO sources VALUES (?, ?, ?, ?)", ((self._wiki, *row) for row in rows)
            )

    def unsource(self, titles: Iterable[str]) -> None:
        """Record that pages come of no input any more."""
        with self._file.change() as change:
            change.executemany(
                "DELETE FROM sources WHERE wiki = ? AND title = ?", ((self._wiki, title) for title in titles)
            )

    def retired(self, title: str) -> None:
        """Record that a page left the sources and was handled, as if we had never written it."""
        with self._file.change() as change:
            for table in ("pages", "sources"):
                change.execute(f"DELETE FROM {table} WHERE wiki = ? AND title = ?", (self._wiki, title))

    # ── Pages

    def written(self, titles: Sequence[str]) -> dict[str, WrittenPage | Damaged]:
        """Return what we wrote last, by title; pages that we never wrote are left out."""
        query = "SELECT title, revision, sha1, text FROM pages WHERE wiki = ? AND title IN ({})"
        return {row[0]: read(WrittenPage, row[1:], row[0], self.path) for row in self._of(query, titles)}

    def refused(self, titles: Sequence[str]) -> dict[str, tuple[str, Refuse]]:
        """Return the wiki's refusals of texts, by title, each with the sha1 of its text.

        Damaged rows are left out, so their texts are sent again.
        """
        query = "SELECT title, code, why, sha1 FROM refusals WHERE wiki = ? AND sha1 != '' AND title IN ({})"
        rows = [(row[3], read(Refuse, row[:3], row[0], self.path)) for row in self._of(query, titles)]
        return {refused.title: (str(sha1), refused) for sha1, refused in rows if isinstance(refused, Refuse)}

    def pages(self) -> Iterator[Kept | Damaged]:
        """Yield all pages that we wrote, by title."""
        with self._file.threads, self._file.used():
            query = "SELECT title, revision, sha1 FROM pages WHERE wiki = ? ORDER BY title"
            rows = self._file.disk.execute(query, (self._wiki,))
        while True:
            with self._file.threads, self._file.used():
                some = rows.fetchmany(_MOST_PARAMETERS)
            if not some:
                return
            yield from (read(Kept, row, row[0], self.path) for row in some)

    def _of(self, query: str, titles: Sequence[str]) -> Iterator[Any]:
        for start in range(0, len(titles), _MOST_PARAMETERS):
            some = titles[start : start + _MOST_PARAMETERS]
            yield from self._file.rows(query.format(", ".join("?" * len(some))), self._wiki, *some)


def default_path() -> str:
    """Return the default path of the state file."""
    try:
        from platformdirs import user_state_dir
    except ImportError:
        raise UsageError("uploading needs platformdirs: pip install 'plainwiki[upload]'") from None
    return os.path.join(user_state_dir("plainwiki"), "plainwiki.db")


def new_run() -> str:
    """Make a unique name for a run."""
    return token_hex(4)


def now() -> str:
    """Return the current time in UTC."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
