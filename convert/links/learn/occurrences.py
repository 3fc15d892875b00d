"""Which entries occur in a running text, linked or not: a number for every article that an entry stands in.

Entries and texts are compared word by word, so what stands between the words does not count.  Of entries that begin at
one place the longest counts, and none within it, as a reader would link.

A word costs a look-up, made for all at once; only what may begin an entry of several words is looked at by itself.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from itertools import compress, pairwise

from convert.links.tries import ABSENT, Tries
from convert.links.words import words

#: An entry of more words is not looked for.
MAX_WORDS = 10
# Slots of the table of pairs of words that begin an entry; a pair that begins none may share one.
_SLOTS = 1 << 22
_MASK = _SLOTS - 1
# Words, and pairs of them, whose entries are remembered.
_MOST_REMEMBERED = 1 << 17
_IS_PAIR, _BEGINS_MORE = 1, 2


def normal(entry: str) -> str:
    """Return the words of an entry with single spaces between them; empty if it has none, or too many."""
    if entry.isascii() and entry.replace(" ", "").isalnum() and "  " not in entry and entry == entry.strip():
        return entry if entry.count(" ") < MAX_WORDS else ""
    parts = words(entry)
    return b" ".join(parts).decode() if len(parts) <= MAX_WORDS else ""


class Beginnings:
    """Tables of the words with which entries of several words begin; what begins none may share a place with others."""

    def __init__(self) -> None:
        self.pairs, self.triples = bytearray(_SLOTS), bytearray(_SLOTS)

    def passing(self, forms: Iterable[str]) -> Iterator[str]:
        """Take note of normal entries that pass by."""
        for form in forms:
            if " " in form:
                self._add(form.encode().split(b" ", 3))
            yield form

    def _add(self, parts: list[bytes]) -> None:
        if len(parts) == 2:
            self.pairs[hash((parts[0], parts[1])) & _MASK] |= _IS_PAIR
        else:
            self.pairs[hash((parts[0], parts[1])) & _MASK] |= _BEGINS_MORE
            self.triples[hash((parts[0], parts[1], parts[2])) & _MASK] = 1


class Occurrences:
    """Counts the texts in which each of many normal entries occurs."""

    def __init__(self, entries: Tries, beginnings: Beginnings) -> None:
        self._entries, self._beginnings = entries, beginnings
        self._words = _Words(entries)
        self._pairs = _Pairs(entries)
        self.counts = array("I", bytes(4 * entries.count))

    def add(self, text: str) -> None:
        """Count the entries that occur in a text."""
        for remembered in (self._words, self._pairs):
            if len(remembered) > _MOST_REMEMBERED:
                remembered.clear()
        seen, single = self._longer(words(text))
        seen.update(map(self._words.__getitem__, single))
        seen.discard(ABSENT)
        counts = self.counts
        for number in seen:
            counts[number] += 1

    def _longer(self, parts: list[bytes]) -> tuple[set[int], set[bytes]]:
        """Return the entries of several words, and the words that are in none."""
        seen: set[int] = set()
        single: set[bytes] = set()
        pairs, triples, behind, last = self._beginnings.pairs, self._beginnings.triples, 0, len(parts) - 1
        slots = [pairs[hash(pair) & _MASK] for pair in pairwise(parts)]
        for at in compress(range(last), slots):
            if at < behind:
                continue
            number, size = ABSENT, 2
            if slots[at] & _BEGINS_MORE and at + 2 <= last and triples[hash((*parts[at : at + 3],)) & _MASK]:
                number, size = self._longest(parts[at : at + MAX_WORDS])
            elif slots[at] & _IS_PAIR:
                number = self._pairs[parts[at], parts[at + 1]]
            if number != ABSENT and size > 1:
                seen.add(number)
                single.update(parts[behind:at])
                behind = at + size
        single.update(parts[behind:])
        return seen, single

    def _longest(self, parts: list[bytes]) -> tuple[int, int]:
        """Return the longest entry at the start of some words, and how many words it has."""
        text = b" ".join(parts).decode("utf-8", "replace") + " "
        best, size = ABSENT, 0
        for entry, number in self._entries.prefixes(text):
            if text[len(entry)] == " ":
                best, size = number, entry.count(" ") + 1
        return best, size


class _Words(dict[bytes, int]):
    """For a word: the number of its entry; ``ABSENT`` if it is none."""

    def __init__(self, entries: Tries) -> None:
        super().__init__()
        self._entries = entries

    def __missing__(self, word: bytes) -> int:
        self[word] = number = self._entries.number(word.decode("utf-8", "replace"))
        return number


class _Pairs(dict[tuple[bytes, bytes], int]):
    """For two words: the number of their entry; ``ABSENT`` if they are none."""

    def __init__(self, entries: Tries) -> None:
        super().__init__()
        self._entries = entries

    def __missing__(self, pair: tuple[bytes, bytes]) -> int:
        self[pair] = number = self._entries.number(b" ".join(pair).decode("utf-8", "replace"))
        return number
