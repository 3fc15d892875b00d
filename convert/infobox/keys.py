"""Keys of infoboxes and names of parameters, without what does not tell them apart.

Each form leaves out what the one before it does, and more:

    loose       Birth_Date  → birth_date    case, spaces, underscores: certain not to matter
    folded      Birth-Date  → birthdate     and punctuation
    family      Label 12    → label#        and which number
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

#: Of what articles say only so many characters are worth remembering: longer keys are hardly met twice.
MEMORABLE = 200

_ASCII_OTHER = re.compile(r"[\W_]+")
_DIGITS = re.compile(r"\d+")
# What keeps a name in lower case, with underscores for spaces, from being in its loose form.
_NOT_LOOSE = re.compile(r"[^ -~\n]|__|^_|_$", re.MULTILINE)


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
    return "".join(each for each in key.casefold() if unicodedata.category(each)[0] not in "PZC")


def family(key: str) -> str:
    """Leave out the numbers as well."""
    key = folded(key)
    return key if key.isalpha() else _DIGITS.sub("#", key)


# ── Many at once, in a fifth of the time


def loose_all(names: Sequence[str]) -> list[str]:
    """Do what ``loose`` does to each name."""
    lower = "\n".join(names).lower().replace(" ", "_")
    if lower.count("\n") >= len(names) or _NOT_LOOSE.search(lower):
        return [*map(loose, names)]
    return lower.split("\n")


def folded_all(names: Sequence[str]) -> list[str]:
    """Do what ``folded`` does to each name."""
    forms = "\n".join(names).lower().replace("_", "").replace(" ", "").split("\n")
    if len(forms) != len(names):
        return [*map(folded, names)]
    return [
        form if form.isalnum() and form.isascii() else folded(name) for form, name in zip(forms, names, strict=True)
    ]


def families_all(names: Sequence[str]) -> list[str]:
    """Do what ``family`` does to each name."""
    return _DIGITS.sub("#", "\n".join(folded_all(names))).split("\n") if names else []
