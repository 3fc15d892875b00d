"""What the labels that readers see beside values mean: parameters, and how a value is put into them.

A catalogue says it label by label, for all templates or for one (``Catalogue.labels``, ``Template.labels``):

    Directed by    director | directors                         the first of these that the template has
    Born           birth_date + birth_place                     the value's parts (``convert.infobox.parts``)
    Country        subdivision_type#=: subdivision_name#        the label to one, the value to the other
    Metro          area_km2 + area_sq_mi | population           the first if the value is a measure in their units
    # date         date#                                        the number that the key has

Where the label has no number, ``#`` is the next that is free, none at first, and ``#1`` counts from 1.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from operator import attrgetter

from msgspec import Struct

from convert.ast import Field
from convert.expressions import expression
from convert.infobox.catalogue import Catalogue, shipped
from convert.infobox.keys import family, folded, loose, wordings
from convert.infobox.prepared import prepared_table

_TITLED = expression(r"([^=|+]+)=: (.+)")
#: Where the next number that is free stands.
NEXT = expression(r"#1?")
_DIGITS = expression(r"[0-9]+")


class Meaning(Struct, frozen=True):
    """What a label means: its value, or the parts of it, are those of ``names``; ``title``, if any, gets the label.

    ``otherwise`` is what it means if the value is no measure in the units of the names.
    """

    names: tuple[str, ...]
    title: str = ""
    otherwise: str = ""

    def families(self) -> Iterator[str]:
        """Yield the families of the names, with a number and without one where they count."""
        for name in self.names:
            yield family(NEXT.sub("", name))
            if "#" in name:
                yield family(NEXT.sub("1", name))


@lru_cache(maxsize=1 << 13)
def meanings_of(written: str) -> tuple[Meaning, ...]:
    """Read what a catalogue says of a label: what it may mean, the first that a template has being right."""
    return tuple(_meaning(each.strip()) for each in written.split("|"))


def _meaning(written: str) -> Meaning:
    titled = _TITLED.fullmatch(written)
    if titled:
        return Meaning((titled[2],), titled[1])
    return Meaning(tuple(name.strip() for name in written.split(" + ")))


def by_wording(labels: Mapping[str, str]) -> dict[str, str]:
    """Look up labels by their words: folded, or with ``#`` for the number that a key has there."""
    return {
        family(label.replace("#", "0")) if "#" in label else folded(label): written
        for label, written in reversed(list(labels.items()))
    }


@prepared_table("labels", str)
def general_labels(catalogue: Catalogue) -> Mapping[str, str]:
    """Look up the labels that hold for all templates of a catalogue by their words."""
    return by_wording(catalogue.labels)


def forms_of(key: str) -> tuple[str, ...]:
    """Return the forms under which a key may be a name or a label, the nearest first."""
    own = folded(key)
    numbered = (family(key),) if _DIGITS.search(own) else ()
    return (own, *numbered, *wordings(key))


# ── Labels of groups: rows with a key and no value that head other rows

_values = attrgetter("values")


def heads_of(fields: Sequence[Field]) -> list[Field]:
    """Return the rows without a value that stand above one with a value."""
    if all(map(_values, fields)):
        return []
    return [row for row, below in pairwise(fields) if row.key and not row.values and below.key and below.values]


def labels_of(fields: Sequence[Field]) -> list[Field]:
    """Return the rows that head others, where no template is known to tell them from fields that are not filled in."""
    return [row for row in heads_of(fields) if not is_usual_key(row.key)]


# ── Which keys infoboxes usually have, whatever the template

#: A key of fewer templates says little: somebody may use the word for anything.
_FEWEST = 2


def is_usual_key(key: str) -> bool:
    """Return whether several templates take a key, by a name or by a label that readers see."""
    return uses_of_keys(shipped()).get(folded(key), 0) >= _FEWEST


def is_key_of_any(key: str) -> bool:
    """Return whether some template takes a key."""
    return folded(key) in uses_of_keys(shipped())


@prepared_table("uses-of-keys", int)
def uses_of_keys(catalogue: Catalogue) -> Mapping[str, int]:
    """Count the templates that take a key."""
    uses: Counter[str] = Counter()
    for template in catalogue.templates:
        names = {loose(name) for each in template.parameters for name in (each.name, *each.aliases)}
        uses.update({folded(name) for name in names} | {folded(label) for label in template.labels})
    uses.update({folded(label): _FEWEST for label in catalogue.labels})
    return uses
