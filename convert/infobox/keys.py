"""Keys of infoboxes and names of parameters, without what does not tell them apart.

Each form leaves out what the one before it does, and more:

    loose       Birth_Date  → birth_date    case, spaces, underscores: certain not to matter
    folded      Birth-Date  → birthdate     and punctuation
    family      Label 12    → label#        and which number
"""

from __future__ import annotations

import re
import unicodedata

#: Of what articles say only so many characters are worth remembering: longer keys are hardly met twice.
MEMORABLE = 200

_ASCII_OTHER = re.compile(r"[\W_]+")
_DIGITS = re.compile(r"\d+")


def loose(key: str) -> str:
    """Leave out what is certain not to tell a template's parameters apart."""
    return "_".join(key.replace("_", " ").split()).casefold()


def folded(key: str) -> str:
    """Leave out what does not tell keys apart."""
    if key.isascii():
        # Most keys have nothing else between letters.
        key = key.lower().replace("_", "").replace(" ", "")
        return key if key.isalnum() else _ASCII_OTHER.sub("", key)
    # Not by \w, which leaves out the vowel signs of Indian scripts.
    return "".join(character for character in key.casefold() if unicodedata.category(character)[0] not in "PZC")


def family(key: str) -> str:
    """Leave out the numbers as well."""
    key = folded(key)
    return key if key.isalpha() else _DIGITS.sub("#", key)
