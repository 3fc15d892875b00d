"""A large sorted set of strings as tries in a row, so that making and reading them takes bounded memory.

Each trie holds a stretch of the order (of code points).  The prefixes of a text are in the trie that the text falls
into, except those that stand before the first string of that trie: they are prefixes of that string, too, and kept
beside it.

    stretches(strings)    sorted strings to the contents of tries
    Tries(stretches)      their strings by number: a number for each, from 0 on, in no order

The tries are those of marisa-trie, mapped where they lie.  Source: https://marisa-trie.readthedocs.io
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from msgspec import Struct

from convert.errors import UsageError

#: Strings of one trie: making it takes some 100 bytes for each.
STRETCH = 1 << 15

#: What is no number of a string.
ABSENT = -1


class Stretch(Struct, frozen=True):
    """The strings of one trie: the first, how many, and the strings before it that it begins with, by number."""

    first: str
    count: int
    before: tuple[tuple[str, int], ...] = ()


def trie_of(strings: Iterable[str] = ()) -> Any:
    """Make a trie.  Raises UsageError where marisa-trie is not installed."""
    try:
        from marisa_trie import Trie
    except ModuleNotFoundError:
        raise UsageError("dictionaries of links need marisa-trie: pip install 'plainwiki[links]'") from None
    return Trie(strings)


def stretches(strings: Iterable[str], size: int = STRETCH) -> Iterator[tuple[Stretch, Any]]:
    """Yield the stretches of sorted, distinct strings, each with its trie."""
    done, left = Tries(), iter(strings)
    while gathered := list(islice(left, size)):
        first = gathered[0]
        numbers = ((first[:end], done.number(first[:end])) for end in range(1, len(first)))
        before = tuple((string, number) for string, number in numbers if number != ABSENT)
        yield done.add(Stretch(first, len(gathered), before), trie_of(gathered))


class Tries:
    """Strings in stretches, by number."""

    def __init__(self) -> None:
        self._stretches: list[Stretch] = []
        self._firsts: list[str] = []
        self._tries: list[Any] = []
        self._bases: list[int] = []
        self.count = 0

    def add(self, stretch: Stretch, trie: Any) -> tuple[Stretch, Any]:
        """Add the next stretch in the order."""
        self._stretches.append(stretch)
        self._firsts.append(stretch.first)
        self._tries.append(trie)
        self._bases.append(self.count)
        self.count += stretch.count
        return stretch, trie

    def number(self, string: str) -> int:
        """Return the number of a string; ``ABSENT`` if it is not there."""
        at = bisect_right(self._firsts, string) - 1
        if at < 0:
            return ABSENT
        number = self._tries[at].get(string)
        return ABSENT if number is None else self._bases[at] + int(number)

    def string(self, number: int) -> str:
        """Return the string of a number.  Raises KeyError for one that there is not."""
        at = bisect_right(self._bases, number) - 1
        if at < 0:
            raise KeyError(number)
        return str(self._tries[at].restore_key(number - self._bases[at]))

    def prefixes(self, text: str) -> list[tuple[str, int]]:
        """Return the strings with which a text begins, the shortest first, with their numbers."""
        at = bisect_right(self._firsts, text) - 1
        if at < 0:
            return []
        base = self._bases[at]
        found = [(string, base + number) for string, number in self._tries[at].iter_prefixes_with_ids(text)]
        before = self._stretches[at].before
        return [pair for pair in before if text.startswith(pair[0])] + found if before else found
