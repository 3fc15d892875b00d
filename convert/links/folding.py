"""How a name in a text differs from a title: in its first letter, which most wikis capitalise, and in quotation marks.

Every function returns as many characters as it is given, so that an entry is as long in a text as in a dictionary.
"""

from __future__ import annotations

#: Languages whose small letters with and without a dot are two letters: i and İ, ı and I.
_DOTTED = frozenset({"tr", "az", "kaa", "crh", "crh-latn", "gag", "tt-latn", "kk-tr", "kk-latn"})
_UPPER, _LOWER = {"i": "İ"}, {"I": "ı", "İ": "i"}


def capitalised(text: str, language: str = "en") -> str:
    """Upper-case the first letter as a wiki does; a letter whose capital is several, or Georgian, stays."""
    if not text:
        return text
    first = text[0]
    capital = _UPPER.get(first, first.upper()) if language.lower() in _DOTTED else first.upper()
    return text if capital == first or len(capital) > 1 or "\u10d0" <= first <= "\u10ff" else capital + text[1:]


def first_letter_changed(text: str, language: str = "en") -> str:
    """Return a text with its first letter small if it is a capital, and a capital if it is small; else the same."""
    if not text:
        return text
    capital = capitalised(text, language)
    if capital != text:
        return capital
    first = text[0]
    small = _LOWER.get(first, first.lower()) if language.lower() in _DOTTED else first.lower()
    return text if len(small) > 1 else small + text[1:]


#: Quotation marks and apostrophes of typography; titles have straight ones nearly always.
CURLY = "’‘“”„"


def straight(text: str) -> str:
    """Return a text with straight quotation marks and apostrophes: ``O'Brien``, ``"Weird Al" Yankovic``."""
    if text.isascii():
        return text
    # Five searches for signs that are not there cost less than a table that is asked for each sign.
    return text.replace("’", "'").replace("‘", "'").replace("“", '"').replace("”", '"').replace("„", '"')
