"""What the preview wrote in this run, each change to be undone once: files as they were before."""

from __future__ import annotations

import threading
from collections.abc import Callable
from itertools import count
from typing import NamedTuple

from convert.errors import UsageError

#: Changes remembered; older ones cannot be undone.
MAX_CHANGES = 500


class Undone(NamedTuple):
    """What an undo did, for the user, and the article to show."""

    message: str
    article: str


class History:
    """Changes by number.  Thread-safe; ``lock`` is held by whoever changes a file."""

    def __init__(self) -> None:
        #: Serializes changes: of two concurrent ones the file would lose one.
        self.lock = threading.Lock()
        self._numbers = count(1)
        self._changes: dict[int, Callable[[], Undone]] = {}

    def add(self, undo: Callable[[], Undone]) -> int:
        """Remember how a change is undone; return its number."""
        number = next(self._numbers)
        self._changes[number] = undo
        if len(self._changes) > MAX_CHANGES:
            self._changes.pop(next(iter(self._changes)))
        return number

    def undo(self, number: int) -> Undone:
        """Undo a change.  Raises UsageError if it is not known, or if what it changed was changed again since."""
        with self.lock:
            change = self._changes.get(number)
            if change is None:
                raise UsageError("that was undone already, or is too long ago")
            undone = change()
            del self._changes[number]
            return undone
