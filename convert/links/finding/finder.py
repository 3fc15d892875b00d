"""Where a text has entries of a dictionary: from the beginning of a word to the end of one.

Nothing is found inside a word, in any script; nor in addresses, whose words are no text.

Linear, and most words cost a few look-ups in tables, made for all of them at once: whether a word alone is sought is
remembered, and ``Openings`` tell that no entry of several words begins there.  Where one may, the dictionary is asked
for a slice of the text that is as long as a title can be.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import accumulate, compress
from operator import or_

from convert.expressions import expression
from convert.links.dictionary import Dictionary
from convert.links.finding.openings import (
    HASH_BITS,
    MORE,
    PAIR,
    PAIR_SIGNED,
    PREFIXED,
    SIGNED,
    SINGLE,
    first_hash,
    hashes,
)
from convert.links.finding.tokens import HAN, HIRAGANA, KATAKANA, pieces
from convert.links.remembered import Remembered
from convert.links.words import MARKS, UNSPACED

#: The longest stretch that is looked up; longer titles are named by nobody in running text.
MAX_MENTION = 96
#: Signs at the beginning of an entry, at most: ``...And Justice for All``.
_MAX_SIGNS = 8

#: What stands between texts that are searched as one.
BETWEEN = "\0"

#: Signs that make one word of what stands on both sides: AT&T, C++, I/O, O'Brien.
_BEFORE = frozenset("-'’&/\\+#@$_.~=%‑·")
#: Those of them with which a line or a quotation may begin, and no word does.
_OPENING = frozenset("-'’‑·")
#: What ends a word whatever stands before it.
_ENDS = frozenset(" ,.;:)!?\n\"'”’")
_BEHIND = frozenset("&/\\+#@_~=‑·")
_ADDRESS = expression(r"://|www\.|@|[\w-]\.(?:com|org|net|edu|gov|int|info|io|html?|php)\b|\\")
_INNER_DOT = expression(r"\w\.\w")
_DOMAIN = expression(r"\.(?:com|org|net|edu|gov|int|info|io|html?|php)\b")


def _next_domain(text: str, at: int) -> int:
    found = _DOMAIN.search(text, at)
    return found.start() if found else -1


#: What finds the next of the signs that addresses have, one of them at least.
_SIGNS: tuple[Callable[[str, int], int], ...] = (
    *(partial(lambda sign, text, at: text.find(sign, at), sign) for sign in ("/", "@", "\\", "www.")),
    _next_domain,
)

# What is remembered of a word besides its hashes: it is sought by itself, with signs behind it, or before it.
_SOUGHT, _SIGNED, _PREFIXED = 1 << HASH_BITS, 2 << HASH_BITS, 4 << HASH_BITS
_KINDS = _SOUGHT | _SIGNED | _PREFIXED
_ASKED = PAIR_SIGNED | MORE
_NO_SIGNS = ("", " ")


#: Where a mention begins and ends, and whether it is a part of a longer one.
Mention = tuple[int, int, bool]


class Finder:
    """Finds the entries of a dictionary in texts; of those of one word, the ones that are sought."""

    def __init__(self, dictionary: Dictionary, is_sought: Callable[[str], bool]) -> None:
        self._dictionary = dictionary
        self._openings = dictionary.openings
        self._first, *self._others = self._openings
        self._words = Remembered(self._word)
        self._pairs = Remembered(self._is_entry)
        self._is_sought = is_sought

    def mentions(self, text: str, stretches: Sequence[tuple[int, int]]) -> list[Mention]:
        """Return the mentions that lie within stretches of a text, in order, the shortest at one place first."""
        reading = self._reading(text)
        parts, ends, words, slots = reading
        places = _cut_out(stretches, addresses(text))
        found: list[Mention] = []
        at, far, high = 0, 0, -1
        for number in compress(range(len(slots)), slots):
            start = ends[2 * number]
            while start >= high:
                if at == len(places):
                    return found
                low, high = places[at]
                at += 1
            slot = slots[number]
            if slot & _PREFIXED and parts[2 * number] not in _NO_SIGNS:
                for mention in self._prefixed(text, parts[2 * number], start, low, high):
                    found.append(mention)
                    far = max(far, mention[1] + 1)  # what ends with it is a part of it
            if start < low or (parts[2 * number] != " " and not begins_word(text, start)):
                continue
            if slot & MORE and not self._has_three(words, number):
                slot ^= MORE
            if slot & _ASKED or (slot & _SIGNED and self._is_signed(words[number], parts[2 * number + 2])):
                own = self._asked(text, start, high)
            elif slot & PAIR and 2 * number + 3 < len(ends):
                own = self._pair(text, ends, number, slot, high)
            else:
                end = ends[2 * number + 1]
                is_found = slot & _SOUGHT and end <= high
                if is_found and (parts[2 * number + 2][:1] in _ENDS or ends_word(text, end)):
                    found.append((start, end, end < far))
                continue
            for end in own:
                far = max(far, own[-1])
                found.append((start, end, end < far))
        return found

    def _prefixed(self, text: str, before: str, start: int, low: int, high: int) -> Iterator[Mention]:
        """Yield the mentions that begin with signs before a word, the most signs first."""
        if before[-1].isspace():
            return
        signs = before[-_MAX_SIGNS:].split()[-1]
        for begin in range(max(start - len(signs), low), start):
            if begin == 0 or not _is_letter(text[begin - 1]):
                for end in self._asked(text, begin, high):
                    if end > start:
                        yield begin, end, False

    def _asked(self, text: str, start: int, high: int) -> list[int]:
        """Return where the entries end that begin at a word, the shortest first."""
        entries = self._dictionary.prefixes(text[start : start + MAX_MENTION])
        possible = dict.fromkeys(start + len(entry) for entry in entries)  # perhaps two of a length
        return [end for end in possible if end <= high and is_end(text, end)]

    def _pair(self, text: str, ends: Sequence[int], number: int, slot: int, high: int) -> list[int]:
        """Return the same where no entry has more words than two."""
        found = []
        start, end, last = ends[2 * number], ends[2 * number + 1], ends[2 * number + 3]
        if slot & _SOUGHT and end <= high and is_end(text, end):
            found.append(end)
        if last <= high and self._pairs[text[start:last]] and is_end(text, last):
            found.append(last)
        return found

    def _reading(self, text: str) -> _Reading:
        self._words.forget()
        self._pairs.forget()
        parts = pieces(text)
        words = list(map(self._words.__getitem__, parts[1::2]))
        words.append(0)
        slots = self._openings[0].slots(words, _KINDS)
        for openings in self._openings[1:]:
            slots = list(map(or_, slots, openings.slots(words, _KINDS)))
        return parts, list(accumulate(map(len, parts))), words, slots

    def _word(self, word: str) -> int:
        first = first_hash(word)
        kinds = 0
        for openings in self._openings:
            kinds |= openings.kinds(first)
        sought = _SOUGHT if kinds & SINGLE and self._is_sought(word) else 0
        signed, prefixed = (_SIGNED if kinds & SIGNED else 0), (_PREFIXED if kinds & PREFIXED else 0)
        return hashes(first, word) | sought | signed | prefixed

    def _is_entry(self, text: str) -> bool:
        return len(text) <= MAX_MENTION and self._dictionary.has(text)

    def _is_signed(self, word: int, behind: str) -> bool:
        """Return whether an entry may be a word and signs that stand behind it."""
        return behind not in _NO_SIGNS and any(openings.is_signed(word, behind[0]) for openings in self._openings)

    def _has_three(self, words: Sequence[int], number: int) -> bool:
        """Return whether an entry may begin with a word and the two that follow it."""
        if number + 2 >= len(words):
            return False
        three = words[number], words[number + 1], words[number + 2]
        return self._first.has_three(*three) or any(openings.has_three(*three) for openings in self._others)


# What stands between the words of a text and they themselves, in turns, where each ends, what is remembered of each
# word, and with it what may begin with it and the next one.
_Reading = tuple[list[str], list[int], list[int], list[int]]


def _cut_out(stretches: Sequence[tuple[int, int]], barred: Sequence[tuple[int, int]]) -> Sequence[tuple[int, int]]:
    """Return what is left of stretches without others; both are in order."""
    if not barred:
        return stretches
    left, at = [], 0
    for low, high in stretches:
        while at < len(barred) and barred[at][1] <= low:
            at += 1
        number = at
        while number < len(barred) and barred[number][0] < high:
            left.append((low, barred[number][0]))
            low = barred[number][1]
            number += 1
        left.append((low, high))
    return left


def begins_word(text: str, at: int) -> bool:
    """Return whether a word does not go on with what stands before it."""
    if not at or text[at - 1] not in _BEFORE:
        return True
    return text[at - 1] in _OPENING and (at == 1 or text[at - 2] == BETWEEN or text[at - 2].isspace())


def is_end(text: str, at: int) -> bool:
    """Return whether a word ends before a position, as nearly all do."""
    return text[at : at + 1] in _ENDS or ends_word(text, at)


def ends_word(text: str, at: int) -> bool:
    """Return whether a word ends before a position."""
    if at >= len(text):
        return True
    last, following = text[at - 1], text[at]
    if following in _BEHIND:
        return at + 1 >= len(text) or text[at + 1].isspace()
    if _is_letter(last) and _is_letter(following):
        return _kind(last) != _kind(following)
    return True


def addresses(text: str) -> list[tuple[int, int]]:
    """Return where addresses, paths and the like stand in a text, each up to the spaces round it."""
    found: set[tuple[int, int]] = set()
    for next_sign in _SIGNS:
        end = 0
        while (at := next_sign(text, end)) >= 0:
            start = _last_space(text, end, at) + 1
            end = _next_space(text, at)
            if _ADDRESS.search(text, start, end) or (text[at] == "/" and _INNER_DOT.search(text, start, end)):
                found.add((start, end))
    return sorted(found)


def _last_space(text: str, low: int, at: int) -> int:
    while at >= low and not text[at].isspace():
        at -= 1
    return at


_SPACE = expression(r"\s|\Z")


def _next_space(text: str, at: int) -> int:
    space = _SPACE.search(text, at)
    return space.start() if space else len(text)


_MARK = expression(f"[{MARKS}]")
_LETTERS: tuple[Callable[[str], re.Match[str] | None], ...] = tuple(
    expression(f"[{letters}]").match for letters in (HAN, HIRAGANA, KATAKANA, UNSPACED)
)


def _is_letter(character: str) -> bool:
    return character.isalnum() or character == "_" or (not character.isascii() and bool(_MARK.match(character)))


def _kind(character: str) -> int:
    """Return which kind of letter a word of it consists of."""
    if character.isascii():
        return -1
    return next((number for number, match in enumerate(_LETTERS) if match(character)), -1)
