"""Where a text has entries of a dictionary: from the beginning of a word to the end of one, the longest last.

A word of a script without spaces is a run of one kind of letters: a name of kanji among kana is found, a part of a
longer run is not.  So nothing is found inside a word, in any script; nor in addresses, whose words are no text.

Linear: each word is looked up once, in a slice of the text that is as long as a title can be.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from convert.expressions import expression
from convert.links.dictionary import Dictionary
from convert.links.words import MARKS, UNSPACED

#: The longest stretch that is looked up; longer titles are named by nobody in running text.
MAX_MENTION = 96

_ASCII = expression(r"\w+")
_SPACED = expression(rf"[\w{MARKS}]+")
_HAN = "\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
_HIRAGANA, _KATAKANA = "\u3041-\u309f", "\u30a0-\u30ff\u31f0-\u31ff"
_ANY = expression(
    rf"[{_HAN}]+|[{_HIRAGANA}]+|[{_KATAKANA}]+|[\u0e01-\u0e5b]+|[{UNSPACED}]+|(?:(?![{UNSPACED}])[\w{MARKS}])+"
)
_UNSPACED = expression(f"[{UNSPACED}]")

#: Signs that make one word of what stands on both sides: AT&T, C++, I/O, O'Brien.
_BEFORE = frozenset("-'’&/\\+#@$_.~=%‑·")
#: What ends a word whatever stands before it.
_ENDS = frozenset(" ,.;:)!?\n\"'”’")
_BEHIND = frozenset("&/\\+#@_~=‑·")
_ADDRESS = expression(r"://|www\.|@|[\w-]\.(?:com|org|net|edu|gov|int|info|io|html?|php)\b|\w/\w|\\")


class Mention(NamedTuple):
    """A stretch of a text that is an entry, or one but for the case of its first letter."""

    start: int
    end: int


def mentions(text: str, dictionary: Dictionary) -> Iterator[list[Mention]]:
    """Yield the mentions that begin at each word, the shortest first, in the order of the text."""
    barred = addresses(text)
    at = 0
    for word in word_pattern(text).finditer(text):
        start = word.start()
        while at < len(barred) and barred[at][1] <= start:
            at += 1
        if at < len(barred) and barred[at][0] <= start:
            continue
        if not begins_word(text, start):
            continue
        entries = dictionary.prefixes(text[start : start + MAX_MENTION])
        if not entries:
            continue
        limit = barred[at][0] if at < len(barred) else len(text)
        found: list[Mention] = []
        last = start
        for entry in entries:  # the shortest first, and perhaps two of a length
            end = start + len(entry)
            if last < end <= limit and (end == len(text) or text[end] in _ENDS or ends_word(text, end)):
                found.append(Mention(start, end))
                last = end
        if found:
            yield found


def word_pattern(text: str) -> re.Pattern[str]:
    """Return the pattern of the words of a text."""
    if text.isascii():
        return _ASCII
    return _ANY if _UNSPACED.search(text) else _SPACED


def begins_word(text: str, at: int) -> bool:
    """Return whether a word does not go on with what stands before it."""
    return not (at and text[at - 1] in _BEFORE and (at == 1 or not text[at - 2].isspace()))


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
    found: list[tuple[int, int]] = []
    at = 0
    while sign := _ADDRESS.search(text, at):
        start = max(_last_space(text, at, sign.start()) + 1, at)
        at = _next_space(text, sign.end())
        found.append((start, at))
    return found


def _last_space(text: str, low: int, at: int) -> int:
    while at >= low and not text[at].isspace():
        at -= 1
    return at


_SPACE = expression(r"\s|\Z")


def _next_space(text: str, at: int) -> int:
    space = _SPACE.search(text, at)
    return space.start() if space else len(text)


_MARK = expression(f"[{MARKS}]")
_KINDS: tuple[Callable[[str], re.Match[str] | None], ...] = tuple(
    expression(f"[{letters}]").match for letters in (_HAN, _HIRAGANA, _KATAKANA, UNSPACED)
)


def _is_letter(character: str) -> bool:
    return character.isalnum() or character == "_" or (not character.isascii() and bool(_MARK.match(character)))


def _kind(character: str) -> int:
    """Return which kind of letter a word of it consists of."""
    if character.isascii():
        return -1
    return next((number for number, match in enumerate(_KINDS) if match(character)), -1)
