"""What was looked up, remembered up to a bound: what is in use stays, and the rest is forgotten.

Two generations: when the younger one is full, it becomes the older one, and what was older and not asked for since is
dropped.  So what most articles have is looked up once, in bounded memory.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

#: Texts of a generation.
GENERATION = 1 << 15
#: A longer text is no entry that comes again.
_LONGEST = 255

Known = TypeVar("Known")


class Remembered(dict[str, Known]):
    """What is known of texts; looks up what it does not remember."""

    def __init__(self, known: Callable[[str], Known], most: int = GENERATION) -> None:
        super().__init__()
        self._known, self._most = known, most
        self._older: dict[str, Known] = {}

    def __missing__(self, text: str) -> Known:
        try:
            known = self._older[text]
        except KeyError:
            known = self._known(text)
        if len(text) <= _LONGEST:
            self[text] = known
        return known

    def forget(self) -> None:
        """Forget what was not asked for lately, if there is much of it: between articles."""
        if len(self) > self._most:
            self._older = dict(self)
            self.clear()
