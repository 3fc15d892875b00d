"""The keys of an infobox to the parameters of a template.

A key means the parameter with its name, ignoring case, spaces and underscores; else the one with its name or label,
ignoring punctuation; else the next one of a numbered family.

    Birth date      birth_date
    Born            birth_date, by its label
    Combatant 4     combatant4, because there is a combatant3
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property, lru_cache
from itertools import count
from operator import itemgetter

from convert.ast import Field, Infobox
from convert.infobox.catalogue import Catalogue, Parameter, Template
from convert.infobox.keys import MEMORABLE, family, folded, loose


def assign_parameters(
    infobox: Infobox, template: Template | None, catalogue: Catalogue
) -> tuple[tuple[tuple[str, Field], ...], tuple[tuple[str, Field], ...]]:
    """Assign an infobox's fields to parameters, in the template's order; return also the unassigned fields."""
    homes = _homes(catalogue, template.name) if template else None
    assigned: list[tuple[_Home, Field]] = []
    leftovers: list[tuple[str, Field]] = []
    numbers = count(1)
    for field in infobox.fields:
        home = homes[field.key] if homes is not None and field.key else None
        if home:
            assigned.append((home, field))
        else:
            leftovers.append((_spelled(field.key, catalogue) if field.key else str(next(numbers)), field))
    assigned.sort(key=_home)
    return tuple([(name, field) for (_, name), field in assigned]), tuple(leftovers)


#: The position in the template's order, and the name.
_Home = tuple[float, str]

_home = itemgetter(0)


class _Homes(dict[str, _Home | None]):
    """The parameters of a template by key: by loose name, by folded name or label, by family.  Lookups are cached."""

    def __init__(self, template: Template) -> None:
        super().__init__()
        self.template = template
        self.names = _homes_by(loose, _named(enumerate(template.parameters)))

    # Built lazily: most keys are names, and need none of the other indexes.
    @cached_property
    def folded(self) -> dict[str, _Home]:
        by_use = sorted(enumerate(self.template.parameters), key=lambda item: -item[1].uses - item[1].share)
        labelled: list[tuple[str, _Home]] = [
            (parameter.label, (order, parameter.name)) for order, parameter in by_use if parameter.label
        ]
        return _homes_by(folded, _named(by_use) + labelled)

    @cached_property
    def families(self) -> dict[str, _Home]:
        return {
            family(parameter.name): (order, parameter.name) for order, parameter in enumerate(self.template.parameters)
        }

    def __missing__(self, key: str) -> _Home | None:
        names = self.names
        # A fast path: most keys are in this form, which is cheaper than ``loose``.
        home = names.get(key.lower().replace(" ", "_")) or names.get(loose(key))
        home = home or self.folded.get(folded(key)) or self._numbered(key)
        if len(self) < _REMEMBERED and len(key) <= MEMORABLE:
            self[key] = home
        return home

    def _numbered(self, key: str) -> _Home | None:
        """Continue a numbered family: ``Combatant 4`` if there is a ``combatant3``."""
        numbers = _NUMBER.findall(key)
        home = self.families.get(family(key)) if numbers else None
        if home is None or len(_NUMBER.findall(home[1])) != len(numbers) or len(numbers[0]) > _DIGITS:
            return None
        next_number = iter(numbers)
        # After the last known member of the family, and before its successor.
        order = home[0] + int(numbers[0]) / 10 ** (_DIGITS + 1)
        return order, _NUMBER.sub(lambda _: next(next_number), home[1])


_NUMBER = re.compile(r"[0-9]+")
_DIGITS = 5
_REMEMBERED = 1 << 10


def _named(parameters: Iterable[tuple[int, Parameter]]) -> list[tuple[str, _Home]]:
    """Return the homes of parameters, under all their names."""
    return [
        (name, (order, parameter.name))
        for order, parameter in parameters
        for name in (parameter.name, *parameter.aliases)
    ]


def _homes_by(form_of: Callable[[str], str], named: Sequence[tuple[str, _Home]]) -> dict[str, _Home]:
    """Index homes by a normal form of their names; the first of several with one form gets it."""
    return {form_of(name): home for name, home in reversed(named)}


@lru_cache(maxsize=1 << 12)
def _homes(catalogue: Catalogue, name: str) -> _Homes:
    template = catalogue.find(name)
    assert template
    return _Homes(template)


@lru_cache(maxsize=8)
def _spellings(catalogue: Catalogue) -> dict[str, str]:
    """The most used spelling of each parameter, over all templates."""
    best: dict[str, tuple[float, str]] = {}
    for template in catalogue.templates:
        for parameter in template.parameters:
            key, use = loose(parameter.name), (parameter.uses + parameter.share, parameter.name)
            if key not in best or use > best[key]:
                best[key] = use
    return {key: name for key, (_, name) in best.items()}


def _spelled(key: str, catalogue: Catalogue) -> str:
    """Spell a key as most templates do, unless it is written like a parameter already."""
    name = parameter_name(key)
    return name if name == key else _spellings(catalogue).get(loose(key), name)


def parameter_name(key: str) -> str:
    """Convert a key to the usual style of parameters: ``Map type`` becomes ``map_type``.

    The first letter is kept if the second is upper case, as in ``IUPAC name``.
    """
    name = "_".join(key.split())
    return name if name[1:2].isupper() else name[:1].lower() + name[1:]
