"""The labels of parameters for readers.

A label that the user's catalogue gives comes first, then the first one that the template's page has, then the one that
the catalogue gives to parameters of the name; failing these, the name made readable:

    birth_date              Birth date
    Ship laid down          Laid down, where most parameters of the template begin so
    MolarMass               Molar mass
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from html import unescape

from convert.expressions import expression
from convert.infobox.catalogue import Catalogue, Parameter, Template, shipped
from convert.infobox.keys import folded
from convert.infobox.labels import meanings_of

_NUMBER = expression(r"(?<=[^\W\d_A-Z]{3})([0-9]+)$")
_CAMEL = expression(r"(?<=[a-z])(?=[A-Z][a-z])|(?<=[A-Z]{3})(?=[A-Z][a-z])")
_IMAGE = expression(r"^image[ _]?|[ _]?(?:image|file|name)[0-9]*$", re.IGNORECASE)
_WORD = expression(r"[A-Z][a-z]+(?![A-Za-z])")
#: A word begins so many of a template's parameters, and at least so many, if it is no part of their labels.
_COMMON_SHARE, _COMMON_LEAST = 0.7, 6


def readable(key: str) -> str:
    """Convert a key to a label: ``birth_date`` becomes ``Birth date``, ``casualties2`` ``Casualties 2``."""
    words = _NUMBER.sub(r" \1", " ".join(key.replace("_", " ").split()))
    return words if words[1:2].isupper() else words[:1].upper() + words[1:]


class Labels:
    """The labels of a template's parameters."""

    def __init__(self, template: Template) -> None:
        self.common = _common_word(template)
        self.template = _first_labels(template.labels)
        self.own = _own(template)

    def label(self, parameter: Parameter, fallback: str = "") -> str:
        """Return the label of a parameter; ``fallback`` is the key of which it was made, if any."""
        name = folded(parameter.name)
        if self.own.get(parameter.name):
            return parameter.label
        found = self.template.get(name) or parameter.label
        return found or readable(fallback) or self.readable(parameter.name)

    def picture(self, parameter: Parameter) -> str:
        """Return what an image is called that is not described."""
        return readable(_IMAGE.sub("", parameter.name)) or parameter.name

    def readable(self, name: str) -> str:
        """Make a parameter's name readable."""
        words = " ".join(unescape(name).replace("_", " ").split())
        if self.common and words.startswith(self.common) and len(words) > len(self.common):
            words = words[len(self.common) :]
        parts = _CAMEL.split(words)
        if len(parts) > 1:
            words = " ".join([parts[0], *(part.lower() if _WORD.fullmatch(part) else part for part in parts[1:])])
        return readable(words)


def _own(template: Template) -> dict[str, bool]:
    """Return the parameters whose labels are not those of the shipped catalogue."""
    known = shipped().find(template.name)
    before = {parameter.name: parameter.label for parameter in known.parameters} if known else {}
    return {each.name: bool(each.label) and each.label != before.get(each.name) for each in template.parameters}


def _common_word(template: Template) -> str:
    """Return the word with which most parameters begin, and the space behind it."""
    firsts = Counter(parameter.name.replace("_", " ").partition(" ")[0] for parameter in template.parameters)
    word, times = next(iter(firsts.most_common(1)), ("", 0))
    return f"{word} " if times >= max(_COMMON_LEAST, _COMMON_SHARE * len(template.parameters)) else ""


def _first_labels(labels: Mapping[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for label, written in labels.items():
        meaning = meanings_of(written)[0]
        if len(meaning.names) == 1 and not meaning.title and "#" not in written:
            found.setdefault(folded(meaning.names[0]), label.rpartition("• ")[2])
    return found


@lru_cache(maxsize=1 << 10)
def labels_of(catalogue: Catalogue, name: str) -> Labels:
    """Return the labels of a template of the catalogue, or of one that it does not have."""
    return Labels(catalogue.find(name) or Template(name))
