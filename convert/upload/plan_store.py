"""The steps of a plan, stored on disk: there may be millions, with their texts."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TypeVar

import msgspec

from convert.diagnostics import shown
from convert.errors import EnvironmentFailed
from convert.io.scratch import open_scratch
from convert.upload.plan import DesiredPage, Keep, Refuse, Retire, Step, kind_of

Texts = TypeVar("Texts", DesiredPage, Step)

_step = msgspec.json.Decoder(Step)


class PlanStore:
    """Steps in the order of execution, one per page."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        #: How many existing pages are kept although their text differs.
        self.untouched = 0
        #: How many pages that left the sources are handled.
        self.retiring = 0
        self._disk = open_scratch(
            "CREATE TABLE titles (title TEXT PRIMARY KEY, source TEXT) WITHOUT ROWID",
            "CREATE INDEX sources ON titles (source)",
            "CREATE TABLE steps (late INTEGER, number INTEGER, kind TEXT, body BLOB, PRIMARY KEY (late, number))"
            " WITHOUT ROWID",
            across_threads=True,
        )

    def add(self, step: Step, first: bool = False) -> Step:
        """Add a step, before the others with ``first``; a second step for a page becomes a refusal."""
        if isinstance(step, Retire):
            self.retiring += step.how != "list"
        elif not self._do("INSERT OR IGNORE INTO titles VALUES (?, ?)", step.title, step.source).rowcount:
            (source,) = self._do("SELECT source FROM titles WHERE title = ?", step.title).fetchone()
            why = (
                f"{source or 'another article'} is the page {shown(step.title)} already: give one of them another title"
            )
            step = Refuse(step.title, "title-repeated", why, step.source)
        kind = kind_of(step)
        body = msgspec.json.encode(step)
        self._do("INSERT INTO steps VALUES (?, ?, ?, ?)", not first, self.counts.total(), kind, body)
        self.counts[kind] += 1
        self.untouched += isinstance(step, Keep) and bool(step.why)
        return step

    def has(self, title: str) -> bool:
        """Return whether a page is in the plan."""
        return self._do("SELECT 1 FROM titles WHERE title = ?", title).fetchone() is not None

    def title_of(self, source: str) -> str:
        """Return the title of the one page of a source; empty if it has none or several."""
        found = self._do("SELECT title FROM titles WHERE source = ? LIMIT 2", source).fetchall()
        return str(found[0][0]) if len(found) == 1 else ""

    def titles(self) -> Iterator[tuple[str, str]]:
        """Yield the pages of the plan, each with its source."""
        yield from self._do("SELECT title, source FROM titles")

    @property
    def is_empty(self) -> bool:
        """Whether no page is in the plan."""
        return self._do("SELECT 1 FROM titles LIMIT 1").fetchone() is None

    def of(self, *kinds: str, first_last: bool = False) -> Iterator[Step]:
        """Yield the steps of the given kinds in the order of execution; with ``first_last``, those added first last."""
        order = "late DESC" if first_last else "late"
        asked = f"SELECT body FROM steps WHERE kind IN ({', '.join('?' * len(kinds))}) ORDER BY {order}, number"
        for (body,) in self._do(asked, *kinds):
            yield _step.decode(body)

    def _do(self, statement: str, *values: object) -> sqlite3.Cursor:
        try:
            return self._disk.execute(statement, values)
        except sqlite3.Error as error:
            raise EnvironmentFailed(f"cannot keep the plan in a temporary file: {error}") from error

    def close(self) -> None:
        """Remove all steps."""
        self._disk.close()


def batched(texts: Iterable[Texts], most: int, max_bytes: int) -> Iterator[list[Texts]]:
    """Yield batches of at most ``most`` texts and ``max_bytes`` bytes; a larger text is a batch of its own."""
    held: list[Texts] = []
    size = 0
    for text in texts:
        own = len(getattr(text, "text", ""))
        if held and (len(held) == most or size + own > max_bytes):
            yield held
            held, size = [], 0
        held.append(text)
        size += own
    if held:
        yield held
