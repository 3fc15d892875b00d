"""The words of texts as numbers: a hash of 64 bits for each word, made of a long text at once.

The hash of a word is that of its characters, as numbers of Unicode, in a polynomial; so those of all words follow from
one running sum.  What a word is, ``convert.links.words`` says.  Two words of one hash are not expected in any dump:
of a hundred million different ones two would be alike with a probability of one in four thousand.
"""

from __future__ import annotations

from functools import cache

from convert.errors import UsageError
from convert.expressions import expression
from convert.links.words import BETWEEN, UNSPACED, is_ascii_word

try:
    import numpy as np
    from numpy.typing import NDArray
except ModuleNotFoundError:
    raise UsageError("dictionaries of links are learnt with numpy: pip install 'plainwiki[links]'") from None

#: The hash of this character, which is a word by itself, parts texts that are hashed together.
PART = "\0"

Hashes = NDArray[np.uint64]

# Characters that are hashed at once: their arrays fit into the caches of a processor.
_PIECE = 1 << 16
_BETWEEN, _LETTER, _WORD = 0, 1, 2
_BASE, _MULTIPLIER, _NEXT = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0xD6E8FEB86659FD93
_MASK = (1 << 64) - 1
# Characters as a class of an expression names them.
_RANGES = expression("(?s)(.)(?:-(.))?")
# Of a word that is longer than a piece, as no entry is.
_ENDLESS = 1


def word_hashes(text: str) -> Hashes:
    """Return the hashes of the words of a text, in their order."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    found, at = [], 0
    while at < len(codes):
        piece = codes[at : at + _PIECE]
        kinds = _kinds()[piece]
        end = len(piece)
        if at + end < len(codes):
            end = int(np.max(np.flatnonzero(kinds != _LETTER), initial=-1)) + 1
        if end:
            found.append(_hashes(piece[:end], kinds[:end]))
            at += end
        else:
            found.append(np.array([_ENDLESS], np.uint64))
            at = _end_of_word(codes, at)
    return np.concatenate(found) if found else np.zeros(0, np.uint64)


def hash_of_part() -> np.uint64:
    """Return the hash of ``PART``."""
    part: np.uint64 = word_hashes(PART)[0]
    return part


def extended(begun: Hashes, words: Hashes, number: int) -> Hashes:
    """Return the hashes of runs of words, each extended by its next word, which has a number from 0 on in the run."""
    return begun + words * np.uint64(pow(_NEXT, number, _MASK + 1))


def _hashes(codes: NDArray[np.uint32], kinds: NDArray[np.uint8]) -> Hashes:
    """Return the hashes of the words of a piece."""
    starts, ends = _bounds(kinds)
    powers, inverse = _powers(_BASE), _powers(pow(_BASE, -1, _MASK + 1))
    sums = np.zeros(len(codes) + 1, np.uint64)
    np.cumsum(codes * powers[: len(codes)], out=sums[1:])
    hashes: Hashes = (sums[ends] - sums[starts]) * inverse[starts]
    hashes ^= hashes >> np.uint64(32)
    hashes *= np.uint64(_MULTIPLIER)
    hashes ^= hashes >> np.uint64(29)
    return hashes


def _bounds(kinds: NDArray[np.uint8]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return where words begin and end."""
    around = np.zeros(len(kinds) + 2, np.uint8)
    around[1:-1] = kinds
    before, own = around[:-1], around[1:]
    if (kinds == _WORD).any():
        changes = (before != own) | (own == _WORD)
        starts = np.flatnonzero(changes & (own != _BETWEEN))
        return starts, np.flatnonzero(changes & (before != _BETWEEN))
    changes = np.flatnonzero(before != own)
    return changes[::2], changes[1::2]


def _end_of_word(codes: NDArray[np.uint32], at: int) -> int:
    """Return where a word ends that is longer than a piece."""
    while at < len(codes):
        others = np.flatnonzero(_kinds()[codes[at : at + _PIECE]] != _LETTER)
        if len(others):
            return at + int(others[0])
        at += _PIECE
    return len(codes)


@cache
def _kinds() -> NDArray[np.uint8]:
    """Return for every character whether it stands between words, in a word, or is a word by itself."""
    kinds = np.full(0x110000, _LETTER, np.uint8)
    kinds[:128] = [_LETTER if is_ascii_word(code) else _BETWEEN for code in range(128)]
    kinds[0xD800:0xE000] = _BETWEEN
    for characters, kind in ((BETWEEN, _BETWEEN), (UNSPACED, _WORD)):
        for first, last in _RANGES.findall(characters):
            kinds[ord(first) : ord(last or first) + 1] = kind
    kinds[ord(PART)] = _WORD
    return kinds


@cache
def _powers(base: int) -> Hashes:
    """Return the powers of a number."""
    factors = np.full(_PIECE + 1, base, np.uint64)
    factors[0] = 1
    return np.multiply.accumulate(factors)
