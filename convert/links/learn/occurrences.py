"""Which entries occur in a running text, linked or not: a number for every article that an entry stands in.

Entries and texts are compared word by word, so what stands between the words does not count.  Of entries that begin at
one place the longest counts, and none within it, as a reader would link.

A word costs a look-up, made for all at once; only what may begin an entry of several words is looked at by itself.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator

from convert.links.tries import ABSENT, Tries
from convert.links.words import words

#: An entry of more words is not looked for.
MAX_WORDS = 10
# Slots of the table of pairs of words that begin an entry; a pair that begins none may share one.
_SLOTS = 1 << 22
# Words whose entries are remembered.
_MOST_WORDS = 1 << 17
_IS_PAIR, _BEGINS_MORE = 1, 2


def normal(entry: str) -> str:
    """Return the words of an entry with single spaces between them; empty if it has none, or too many."""
    parts = words(entry)
    return b" ".join(parts).decode() if len(parts) <= MAX_WORDS else ""


class Beginnings:
    """Tables of the words with which entries of several words begin; what begins none may share a place with others."""

    def __init__(self) -> None:
        self.words, self.pairs, self.triples = (bytearray(_SLOTS) for _ in range(3))

    def passing(self, forms: Iterable[str]) -> Iterator[str]:
        """Take note of normal entries that pass by."""
        for form in forms:
            if " " in form:
                self._add(form.encode().split(b" ", 3))
            yield form

    def _add(self, parts: list[bytes]) -> None:
        self.words[hash(parts[0]) % _SLOTS] = 1
        if len(parts) == 2:
            self.pairs[hash((parts[0], parts[1])) % _SLOTS] |= _IS_PAIR
        else:
            self.pairs[hash((parts[0], parts[1])) % _SLOTS] |= _BEGINS_MORE
            self.triples[hash((parts[0], parts[1], parts[2])) % _SLOTS] = 1


class Occurrences:
    """Counts the texts in which each of many normal entries occurs."""

    def __init__(self, entries: Tries, beginnings: Beginnings) -> None:
        self._entries, self._beginnings = entries, beginnings
        self._words = _Remembered(entries, beginnings.words)
        self.counts = array("I", bytes(4 * entries.count))

    def add(self, text: str) -> None:
        """Count the entries that occur in a text."""
        parts = words(text)
        self._words.limit()
        known = list(map(self._words.__getitem__, parts))
        seen = self._cut_out(parts, known)
        counts = self.counts
        for number in seen:
            counts[number] += 1
        for value in set(known):
            if value > 1:
                counts[(value >> 1) - 1] += 1

    def _cut_out(self, parts: list[bytes], known: list[int]) -> set[int]:
        """Return the entries of several words, and take their words out of ``known``."""
        seen: set[int] = set()
        pairs, triples, behind, last = self._beginnings.pairs, self._beginnings.triples, 0, len(parts) - 1
        for at in [at for at, value in enumerate(known) if value & 1]:
            if at < behind or at == last:
                continue
            pair = pairs[hash((parts[at], parts[at + 1])) % _SLOTS]
            if not pair:
                continue
            if pair == _BEGINS_MORE and (
                at + 1 == last or not triples[hash((parts[at], parts[at + 1], parts[at + 2])) % _SLOTS]
            ):
                continue
            number, size = self._longest(parts[at : at + MAX_WORDS])
            if size > 1:
                seen.add(number)
                behind = at + size
                known[at:behind] = [0] * size
        return seen

    def _longest(self, parts: list[bytes]) -> tuple[int, int]:
        """Return the longest entry at the start of some words, and how many words it has."""
        text = b" ".join(parts).decode("utf-8", "replace") + " "
        best, size = ABSENT, 0
        for entry, number in self._entries.prefixes(text):
            if text[len(entry)] == " ":
                best, size = number, entry.count(" ") + 1
        return best, size


class _Remembered(dict[bytes, int]):
    """For a word: twice the number of its entry and 2, or 0 without one; and 1 if it may begin a longer one."""

    def __init__(self, entries: Tries, beginnings: bytearray) -> None:
        super().__init__()
        self._entries, self._beginnings = entries, beginnings

    def limit(self) -> None:
        """Forget all if it is too much."""
        if len(self) > _MOST_WORDS:
            self.clear()

    def __missing__(self, word: bytes) -> int:
        number = self._entries.number(word.decode("utf-8", "replace"))
        value = 2 * (number + 1) + self._beginnings[hash(word) % _SLOTS]
        self[word] = value
        return value
