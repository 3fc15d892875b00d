"""The words of a text, where it is read for entries: in every script, with what stands between them.

A word of a script without spaces is a run of one kind of letters: a name of kanji among kana is a word, a part of a
longer run is none.  An entry has the same words alone as within a text.
"""

from __future__ import annotations

import re

from convert.expressions import expression
from convert.links.words import MARKS, UNSPACED

HAN = "\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
HIRAGANA, KATAKANA = "\u3041-\u309f", "\u30a0-\u30ff\u31f0-\u31ff"

_UNSPACED = expression(f"[{UNSPACED}]")
_ASCII = r"\w+"
_SPACED = rf"[\w{MARKS}]+"
_ANY = (
    rf"[{HAN}]+|[{HIRAGANA}]+|[{KATAKANA}]+|[\u0e01-\u0e5b]+|[{UNSPACED}]+"
    rf"|(?:[^\W{UNSPACED}]++|[{MARKS}]++)++"
)
_ASCII_WORDS, _SPACED_WORDS, _ANY_WORDS = (expression(f"({pattern})") for pattern in (_ASCII, _SPACED, _ANY))


def word_pattern(text: str) -> re.Pattern[str]:
    """Return the pattern of the words of a text; a group has the word."""
    if text.isascii():
        return _ASCII_WORDS
    return _ANY_WORDS if _UNSPACED.search(text) else _SPACED_WORDS


def pieces(text: str) -> list[str]:
    """Return what stands before the first word, the word, what stands behind it, the next word, and so on."""
    return word_pattern(text).split(text)
