"""Normal forms of infobox keys and parameter names, for comparison.

Each form drops what the previous one drops, and more:

    loose       Birth_Date  → birth_date    case, spaces, underscores: certain not to matter
    folded      Birth-Date  → birthdate     and punctuation
    family      Label 12    → label#        and which number
"""

from __future__ import annotations

import re
import unicodedata

#: Keys longer than this are not cached: they hardly ever repeat.
MEMORABLE = 200

_ASCII_OTHER = re.compile(r"[\W_]+")
_DIGITS = re.compile(r"\d+")


def loose(key: str) -> str:
    """Drop what never distinguishes two parameters of a template."""
    return "_".join(key.replace("_", " ").split()).casefold()


def folded(key: str) -> str:
    """Drop what does not distinguish keys."""
    if key.isascii():
        # Most keys have nothing else between letters.
        key = key.lower().replace("_", "").replace(" ", "")
        return key if key.isalnum() else _ASCII_OTHER.sub("", key)
    # Not with \w, which drops the vowel signs of Indic scripts.
    return "".join(character for character in key.casefold() if unicodedata.category(character)[0] not in "PZC")


def family(key: str) -> str:
    """Drop the numbers as well."""
    key = folded(key)
    return key if key.isalpha() else _DIGITS.sub("#", key)
