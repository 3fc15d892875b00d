"""Normal forms of infobox keys and parameter names, for comparison.

Each form drops what the previous one drops, and more:

    loose       Birth_Date  → birth_date    case, spaces, underscores: certain not to matter
    folded      Birth-Date  → birthdate     and punctuation
    family      Label 12    → label#        and which number

A key may be worded otherwise than the name or label that it means.  ``wordings`` gives, folded, what else it may be:

    Developer(s)            developer           without brackets, in the singular, in the plural
    Population (2011)       population
    Licence, Colours        license, color      as Americans spell it, as the British do
    The club                club                without articles
    Career • Fields         fields              without the heading that a row stands under
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

from convert.expressions import expression

#: Keys longer than this are not cached: they hardly ever repeat.
MEMORABLE = 200

_ASCII_OTHER = expression(r"[\W_]+")
_DIGITS = expression(r"\d+")


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


# ── Wordings

_BRACKETS = expression(r"\s*[(\[][^()\[\]]{0,80}[)\]]")
_BULLET = expression(r"\s*[•·∙◦▪‣]\s*|^\s*[-–—*]\s+|\s+[-–—]\s+")
_WORDS = expression(r"[^\W_]+")
_ARTICLES = frozenset({"the", "a", "an"})
#: Rows under these headings are measures of the same thing, so that the heading says what they are.
MEASURED = frozenset(
    {"population", "area", "elevation", "gdp", "density", "height", "length", "weight", "singles", "doubles"}
)
# A longer key is a sentence, and no other wording of it is known.
_LONGEST_WORDED = 80

_BRITISH = {
    "ageing": "aging", "analyse": "analyze", "armour": "armor", "baptised": "baptized",
    "behaviour": "behavior", "calibre": "caliber", "canonised": "canonized", "catalogue": "catalog", "centre": "center",
    "colour": "color", "coloured": "colored", "defence": "defense", "dialling": "dialing", "draught": "draft",
    "enrolment": "enrollment", "epicentre": "epicenter", "favourite": "favorite", "fibre": "fiber",
    "flavour": "flavor", "grey": "gray", "harbour": "harbor", "honour": "honor",
    "kerb": "curb", "labour": "labor", "licence": "license", "licenced": "licensed", "litre": "liter",
    "lustre": "luster", "metre": "meter", "modelling": "modeling", "mould": "mold", "neighbour": "neighbor",
    "neighbourhood": "neighborhood", "offence": "offense", "organisation": "organization", "organised": "organized",
    "organiser": "organizer", "pasteurised": "pasteurized", "programme": "program", "recognised": "recognized",
    "saviour": "savior", "specialisation": "specialization", "specialised": "specialized", "storey": "story",
    "theatre": "theater", "tumour": "tumor", "tyre": "tire", "vapour": "vapor", "colonised": "colonized",
}  # fmt: skip
_SPELLINGS = _BRITISH | {american: british for british, american in _BRITISH.items()}


def wordings(key: str) -> Sequence[str]:
    """Return the other wordings of a key, folded, the nearest first."""
    if len(key) > _LONGEST_WORDED:
        return ()
    own = folded(key)
    found: dict[str, None] = {}
    without = _BRACKETS.sub("", key).strip()
    heading, *rows = [part for part in _BULLET.split(without) if part] or [""]
    for part in [without, *rows[-1:]] if folded(heading) not in MEASURED else [without]:
        found |= dict.fromkeys(_plural_or_singular(_WORDS.findall(part.casefold())))
    found.pop(own, None)
    found.pop("", None)
    return tuple(found)


def _plural_or_singular(words: Sequence[str]) -> Iterable[str]:
    """Write words as one: as they are, without articles, the last or all in the other number, in the other spelling."""
    words = [word for word in words if word not in _ARTICLES] or words
    if not words:
        return
    first = words[:-1]
    yield "".join(words)
    singular = [_singular(word) for word in words]
    yield "".join([*first, singular[-1]])
    yield "".join(singular)
    yield "".join([*first, _plural(singular[-1])])
    spelled = [_SPELLINGS.get(word, word) for word in singular]
    if spelled != singular:
        yield "".join(spelled)
        yield "".join([*spelled[:-1], _plural(spelled[-1])])


def _singular(word: str) -> str:
    if word in ("series", "species"):
        return word
    if len(word) > 4 and word.endswith("ies"):
        return f"{word[:-3]}y"
    if word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    return word[:-1] if len(word) > 3 and word[-1] == "s" and word[-2] not in "siu" else word


def _plural(word: str) -> str:
    if word[-1] == "y" and word[-2:-1] not in ("", "a", "e", "o"):
        return f"{word[:-1]}ies"
    return f"{word}es" if word.endswith(("s", "x", "ch", "sh")) else f"{word}s"
