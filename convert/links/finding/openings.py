"""With which words the entries of a dictionary begin.

A table with a byte for the hash of the first words of an entry.  Other words may have the same place, so the table only
says that no entry begins with some words, or that one may.  The case of the first letter does not count, so that one
look tells of ``Sea pink`` and ``sea pink``.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from zlib import crc32

from convert.links.finding.tokens import pieces

#: An entry of two words, no more; one of two words with signs behind them; one of more words.
PAIR, PAIR_SIGNED, MORE = 1, 2, 4
#: The first three words of an entry of more words; one word, and one with signs behind it (``C++``).
TRIPLE, SIGNED, SINGLE = 8, 16, 32
#: The first word of an entry that begins with signs (``.NET``), which is not told any closer.
PREFIXED = 64

_BY_PAIR = PAIR | PAIR_SIGNED | MORE

#: Places for each entry; with more, fewer words share one.
_PLACES = 8
_LEAST_PLACES = 1 << 6
#: Bits of a hash; so many tell apart the entries of the largest wikis.
HASH_BITS = 28
_BITS = (1 << HASH_BITS) - 1
_FIRST = HASH_BITS + 3
_SPREAD = 0x9E3779B1


class Openings:
    """The first words of entries; ``table`` has as many bytes as a power of two."""

    def __init__(self, table: bytearray | memoryview | bytes) -> None:
        self.table = table
        self.mask = len(table) - 1

    def slots(self, words: Sequence[int], kept: int) -> list[int]:
        """Return what may begin with each word and the next one, by their ``hashes``, and what is kept of the word."""
        table, mask, bits = self.table, self.mask, _BY_PAIR
        return [table[(word >> _FIRST ^ following) & mask] & bits | word & kept for word, following in pairwise(words)]

    def has_three(self, first: int, second: int, third: int) -> bool:
        """Return whether an entry may begin with three words, by their ``hashes``."""
        return bool(self.table[(first >> _FIRST ^ second ^ third * 3) & self.mask] & TRIPLE)

    def kinds(self, first: int) -> int:
        """Return whether entries may be a word by itself, with signs behind it, and before it, by its first hash."""
        return self.table[first & self.mask] & (SINGLE | SIGNED | PREFIXED)

    def is_signed(self, word: int, sign: str) -> bool:
        """Return whether an entry may be a word, by its ``hashes``, with signs of which the first is given."""
        return bool(self.table[(word >> _FIRST ^ _sign_hash(sign)) & self.mask] & SIGNED)


def hashes(first: int, word: str) -> int:
    """Return both hashes of a word, of which the first is given; three bits between them may be used otherwise."""
    return first << _FIRST | second_hash(word)


def openings_for(count: int) -> tuple[Openings, bytearray]:
    """Return openings for a number of entries, with nothing in them, and their table."""
    table = bytearray(max(_LEAST_PLACES, 1 << min(HASH_BITS, (_PLACES * count - 1).bit_length())))
    return Openings(table), table


def add_opening(table: bytearray, entry: str) -> None:
    """Take note of an entry."""
    is_plain = entry.isascii() and entry.replace(" ", "").isalnum()
    parts = entry.split(" ") if is_plain else pieces(entry)[1::2]
    if not parts:
        return
    signed = not is_plain and not entry.endswith(parts[-1])
    mask = len(table) - 1
    first = first_hash(parts[0])
    if not entry.startswith(parts[0]):
        table[first & mask] |= PREFIXED
        return
    if len(parts) == 1:
        table[first & mask] |= SIGNED if signed else SINGLE
        if signed:
            sign = entry.partition(parts[0])[2][0]
            table[(first ^ _sign_hash(sign)) & mask] |= SIGNED
        return
    pair = first ^ second_hash(parts[1])
    table[pair & mask] |= MORE if len(parts) > 2 else PAIR_SIGNED if signed else PAIR
    if len(parts) > 2:
        table[(pair ^ second_hash(parts[2]) * 3) & mask] |= TRIPLE


def table_of(entries: Sequence[str]) -> Openings:
    """Return the openings of entries."""
    openings, table = openings_for(len(entries))
    for entry in entries:
        add_opening(table, entry)
    return openings


def first_hash(word: str) -> int:
    """Return the hash of a first word, whatever the case of its first letter, in every language."""
    letter = word[0]
    if letter in "iIıİ":
        letter = "I"
    elif letter.isascii():
        letter = letter.upper()
    else:
        small = letter.lower()
        capital = small.upper()
        letter = capital if len(capital) == 1 else small
    return crc32((letter + word[1:]).encode("utf-8", "surrogatepass")) & _BITS


def second_hash(word: str) -> int:
    """Return the hash of another word."""
    return crc32(word.encode("utf-8", "surrogatepass")) * _SPREAD & _BITS


def _sign_hash(sign: str) -> int:
    return ord(sign) * _SPREAD & _BITS
