"""Normalization to NFC, in which MediaWiki stores pages.

A fast path: nearly all text is in NFC already, and a regular expression detects that.  Without it converting real
articles takes 1.3 times as long, and those in Bengali twice as long: where Python's quick check is inconclusive, as in
most Indic scripts, it normalizes the whole text, and long runs of marks must be searched for before.

    settled     letters and signs that stay as they are and join nothing before them
    below       nuktas, which may stand before …
    behind      … viramas and vowel signs: one of them behind a letter changes nothing,
    first       unless that letter is one that composes with what follows

Python is quadratic in the number of marks after one letter, so long runs are sorted before.

Source: https://www.unicode.org/reports/tr15/#Detecting_Normalization_Forms
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from itertools import chain, filterfalse, groupby
from unicodedata import combining, normalize

from convert.expressions import expression

_SETTLED = (
    "\0-\u02ff\u0384-\u0386\u0388-\u0482\u048a-\u058f\u05d0-\u05ea\u061b-\u064a\u0660-\u066f\u0671-\u06d3\u06d5"
    "\u06f0-\u06ff\u0900-\u093b\u093d-\u094c\u094e-\u0950\u0960-\u0983\u0985-\u09b9\u09bd"
    "\u09bf-\u09c4\u09c8\u09cb\u09cc\u09ce\u09e0-\u09fd\u0a01-\u0a32\u0a35\u0a38\u0a39\u0a3e-\u0a4c\u0a66-\u0a76"
    "\u0a81-\u0ab9\u0abd-\u0acc\u0ae0-\u0aef\u0b01-\u0b39\u0b3d\u0b3f-\u0b44\u0b48\u0b4b\u0b4c\u0b5f-\u0b77"
    "\u0b82-\u0b90\u0b93-\u0bb9\u0bbf-\u0bc2\u0bc8\u0bca-\u0bcc\u0be6-\u0bfa\u0c01-\u0c39\u0c3d-\u0c44\u0c47\u0c48"
    "\u0c58-\u0c6f\u0c80-\u0cb9\u0cbd\u0cbe\u0cc0\u0cc1\u0cc3\u0cc4\u0cc7\u0cc8\u0ccb\u0ccc\u0ce0-\u0cef\u0d02-\u0d3a"
    "\u0d3d\u0d3f-\u0d44\u0d48\u0d4a-\u0d4c\u0d58-\u0d7f\u0d82-\u0dc6\u0dd0-\u0dd8\u0dda\u0ddd\u0dde\u0de6-\u0def"
    "\u0e01-\u0e37\u0e3f-\u0e47\u0e4c-\u0e5b\u10a0-\u10ff\u1e00-\u1f70\u2002-\u2027\u202a-\u205e\u2070-\u20bf"
    "\u2100-\u2125\u212c-\u22ff\u2500-\u26ff\u3000-\u3029\u3041-\u3096\u30a1-\u30fe\u4e00-\u9fff\uac00-\ud7a3\uff01-\uffee"
)
# Of these, what texts in Latin letters have, because all of them take two milliseconds to compile.
_COMMON = expression("[\0-\u02ff\u2002-\u2027]*+")
# That of Devanagari composes with three letters before it, the others with none that is settled.
_BELOW = "\u09bc\u0a3c\u0abc\u0b3c\u0cbc"
_NUKTA = "\u093c"
_WITH_NUKTA = "\u0928\u0930\u0933"
_BEHIND = (
    "\u094d\u09cd\u0a4d\u0acd\u0b4d\u0bcd\u0c4d\u0ccd\u0d4d\u0dca"
    "\u09be\u09d7\u0b3e\u0b56\u0b57\u0bbe\u0bd7\u0cc2\u0cd5\u0cd6\u0d3e\u0d57\u0dcf\u0ddf"
)
_FIRST = "\u09c7\u0b47\u0b92\u0bc6\u0bc7\u0c46\u0cbf\u0cc6\u0cca\u0d46\u0d47\u0dd9\u0ddc"
# Thai vowels below a consonant, and tones above it.
_THAI_BELOW, _THAI_ABOVE = "\u0e38\u0e39", "\u0e48-\u0e4b"


@cache
def _pattern() -> re.Pattern[str]:
    single = f"{_BEHIND}{_THAI_BELOW}{_THAI_ABOVE}\u0e3a"
    below = f"(?:(?<![{_WITH_NUKTA}]){_NUKTA}|[{_BELOW}])"
    marks = f"(?:[{single}]|{below}[{_BEHIND}]?|[{_FIRST}]|[{_THAI_BELOW}][{_THAI_ABOVE}])"
    marked = f"{marks}(?![{single}{_NUKTA}{_BELOW}])"
    return re.compile(f"(?:[{_SETTLED}]++|{marked})*+")


def to_nfc(text: str) -> str:
    """Normalise a text to NFC."""
    if text.isascii() or _COMMON.fullmatch(text) or _pattern().fullmatch(text):
        return text
    return normalize("NFC", _MANY_MARKS.sub(_ordered, text))


def to_nfc_lines(lines: Sequence[str]) -> Sequence[str]:
    """Normalise many lines to NFC.

    One by one, converting articles takes 1.05 times as long.
    """
    others = "\n".join(filterfalse(str.isascii, lines))
    if not others or _COMMON.fullmatch(others) or _pattern().fullmatch(others):
        return lines
    return [line if line.isascii() else to_nfc(line) for line in lines]


# What no letter or digit is, nor space, may be a mark; no language has as many on one letter.
_MANY_MARKS = expression(r"[^\w\s]{64,}")


def _ordered(match: re.Match[str]) -> str:
    """Reorder marks as ``normalize`` does: by combining class within each letter's marks."""
    marks = "".join([normalize("NFD", character) for character in match[0]])
    return "".join(chain.from_iterable(sorted(of_one, key=combining) for _, of_one in groupby(marks, _is_mark)))


def _is_mark(character: str) -> bool:
    return combining(character) > 0
