"""Which entries occur in a running text, linked or not: a number for every article that an entry stands in.

Entries and texts are compared word by word, so what stands between the words does not count.  Of entries that begin at
one place the longest counts, and none within it, as a reader would link.

All words of many texts are looked up at once, by their hashes; a run of words has a hash that follows from theirs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from convert.links.learn.hashes import PART, Hashes, extended, hash_of_part, word_hashes

#: An entry of more words is not looked for.
MAX_WORDS = 10
#: The key of an entry that is not looked for.
NOWHERE = 0
_ENTRIES_AT_ONCE = 1 << 12
# Words that are looked up at once.
_WORDS_AT_ONCE = 1 << 16
# Bits of a place in the table of runs of words that begin an entry; a run that begins none may share one.
_BITS = 22
_SHIFT = np.uint64(64 - _BITS)
_IS_ENTRY, _BEGINS_MORE = 1, 2
_ABSENT = -1

Numbers = NDArray[np.int32]
Places = NDArray[np.intp]


class Keys:
    """The keys of entries, hashes of all their words: those of one key are counted as one."""

    def __init__(self, entries: Iterable[str], count: int) -> None:
        self.beginnings = np.zeros(1 << _BITS, np.uint8)
        keys, at = np.empty(count, np.uint64), 0
        for some in _keys(entries, self.beginnings):
            keys[at : at + len(some)] = some
            at += len(some)
        keys.sort()
        self._keys = keys[np.append(keys[1:] != keys[:-1], True)] if count else keys
        bits = max(1, len(self._keys).bit_length())
        self._shift = np.uint64(64 - bits)
        firsts = np.arange(1 << bits, dtype=np.uint64) << self._shift
        self._firsts = np.searchsorted(self._keys, firsts).astype(np.uint32)

    def __len__(self) -> int:
        return len(self._keys)

    def numbers(self, keys: Hashes) -> Numbers:
        """Return the numbers of keys, from 0 on; -1 for one that is not there."""
        last = len(self._keys) - 1
        if last < 0:
            return np.full(len(keys), _ABSENT, np.int32)
        at = self._firsts[keys >> self._shift].astype(np.int64)
        np.minimum(at, last, out=at)
        found = self._keys[at]
        behind = np.flatnonzero((found < keys) & (at < last))
        while len(behind):
            at[behind] += 1
            found[behind] = self._keys[at[behind]]
            behind = behind[(found[behind] < keys[behind]) & (at[behind] < last)]
        return np.where((found == keys) & (keys != NOWHERE), at, _ABSENT).astype(np.int32)

    def of(self, entries: Iterable[str]) -> Iterator[Numbers]:
        """Yield the numbers of entries in their order, some at a time."""
        return map(self.numbers, _keys(entries))


class Occurrences:
    """Counts the texts in which each of many keys occurs."""

    def __init__(self, keys: Keys) -> None:
        self._keys, self._part = keys, hash_of_part()
        #: For each number, and one more, always 0, for what is no key.
        self.counts = np.zeros(len(keys) + 1, np.uint32)

    def add(self, texts: str) -> None:
        """Count the entries that occur in texts, which are parted by ``PART``."""
        words = word_hashes(texts)
        numbers = self._numbers(words)
        at = 0
        for end in (*np.flatnonzero(words == self._part).tolist(), len(words)):
            # Of what comes more than once in a text, one is added only: indexing makes a copy first.
            self.counts[numbers[at:end]] += 1
            at = end + 1
        self.counts[_ABSENT] = 0

    def add_counts(self, counts: bytes | bytearray) -> None:
        """Add what was counted elsewhere, as its bytes."""
        self.counts += np.frombuffer(counts, np.uint32)

    def _numbers(self, words: Hashes) -> Numbers:
        """Return for each word the number of the entry that begins there, as far as it counts."""
        numbers, behind = np.full(len(words), _ABSENT, np.int32), 0
        for at in range(0, len(words), _WORDS_AT_ONCE):
            count = min(_WORDS_AT_ONCE, len(words) - at)
            some = words[at : at + count + MAX_WORDS - 1]
            places, sizes, longer = _apart(*self._longer(some, count), max(0, behind - at))
            within = np.zeros(len(some) + 1, np.int8)
            within[0] += 1
            within[max(0, behind - at)] -= 1
            within[places] += 1
            within[places + sizes] -= 1
            single = np.flatnonzero(np.cumsum(within[:count], dtype=np.int8) == 0)
            numbers[at + single] = self._keys.numbers(some[single])
            numbers[at + places] = longer
            behind = max(behind, at + int(np.max(places + sizes, initial=0)))
        return numbers

    def _longer(self, words: Hashes, count: int) -> tuple[Places, NDArray[np.int64], Numbers]:
        """Return which of so many words begin entries of several, how many the longest one has, and its number."""
        size = np.zeros(count, np.int64)
        longest = np.full(count, _ABSENT, np.int32)
        begun = extended(words[:-1], words[1:], 1)[:count]
        places = np.flatnonzero(self._keys.beginnings[begun >> _SHIFT])
        begun = begun[places]
        for number in range(1, MAX_WORDS):
            if number > 1:
                fits = places + number < len(words)
                places, begun = places[fits], begun[fits]
                begun = extended(begun, words[places + number], number)
            kinds = self._keys.beginnings[begun >> _SHIFT]
            whole = np.flatnonzero(kinds & _IS_ENTRY)
            numbers = self._keys.numbers(begun[whole])
            real = numbers != _ABSENT
            size[places[whole[real]]] = number + 1
            longest[places[whole[real]]] = numbers[real]
            more = np.flatnonzero(kinds & _BEGINS_MORE)
            places, begun = places[more], begun[more]
        found = np.flatnonzero(size)
        return found, size[found], longest[found]


def _apart(
    places: Places, sizes: NDArray[np.int64], numbers: Numbers, behind: int
) -> tuple[Places, NDArray[np.int64], Numbers]:
    """Leave out what begins within what is left before it, or before a place."""
    ends = places + sizes
    # What begins behind all that begins before it is left; of the others each is looked at, with what is left before.
    kept = places >= np.maximum.accumulate(np.append(behind, ends))[:-1]
    for at in np.flatnonzero(~kept).tolist():
        behind = ends[at - 1] if at and kept[at - 1] else behind
        kept[at] = places[at] >= behind
    return places[kept], sizes[kept], numbers[kept]


def _keys(entries: Iterable[str], beginnings: NDArray[np.uint8] | None = None) -> Iterator[Hashes]:
    """Yield the keys of entries, some at a time; ``beginnings`` take note of the words that they begin with."""
    left, part = iter(entries), hash_of_part()
    while some := list(islice(left, _ENTRIES_AT_ONCE)):
        words = word_hashes(PART.join(some))
        ends = np.append(np.flatnonzero(words == part), len(words))
        starts = np.append(0, ends[:-1] + 1)
        counts = ends - starts
        keys = np.zeros(len(some), np.uint64)
        begun = np.zeros(len(some), np.uint64)
        for number in range(MAX_WORDS):
            longer = np.flatnonzero((counts > number) & (counts <= MAX_WORDS))
            begun[longer] = extended(begun[longer], words[starts[longer] + number], number)
            whole = counts == number + 1
            keys[whole] = begun[whole]
            if beginnings is not None and number:
                beginnings[begun[whole] >> _SHIFT] |= _IS_ENTRY
                beginnings[begun[longer[counts[longer] > number + 1]] >> _SHIFT] |= _BEGINS_MORE
        yield keys
