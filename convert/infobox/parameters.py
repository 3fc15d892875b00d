"""The keys of an infobox to the parameters of a template.

A key means the parameter with its name, ignoring case, spaces and underscores; else the one with its name or label,
ignoring punctuation; else the next one of a numbered family; else one whose name or label has another wording; else
what it means as a label in templates at large.

    Birth date      birth_date
    Born            birth_date and birth_place, by its label
    Combatant 4     combatant4, because there is a combatant3
    Developer(s)    developer
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from itertools import count
from typing import Literal

from msgspec import structs

from convert.ast import Field
from convert.expressions import expression
from convert.infobox.catalogue import Catalogue, Parameter, Template
from convert.infobox.keys import MEMORABLE, family, folded, loose
from convert.infobox.labels import NEXT, Meaning, by_wording, forms_of, general_labels, meanings_of
from convert.infobox.parts import is_measure, measures, parted
from convert.infobox.prepared import prepared_table


def assign_parameters(
    fields: Sequence[Field], template: Template | None, catalogue: Catalogue
) -> tuple[tuple[tuple[str, Field], ...], tuple[tuple[str, Field], ...]]:
    """Assign the fields of an infobox to parameters, in the template's order; return also the unassigned fields.

    A field whose label means several parameters is assigned to each.
    """
    homes = _homes(catalogue, template.name) if template else None
    found: list[tuple[_Home, Field]] = []
    leftovers: list[tuple[str, Field]] = []
    worded = 0
    numbers = count(1)
    for field in fields:
        home = homes[field.key] if homes is not None and field.key else None
        if home is None:
            leftovers.append((_spelled(field.key, catalogue) if field.key else str(next(numbers)), field))
        else:
            worded += home[2] is not None or home[3] != ""
            found.append((home, field))
    if worded and homes is not None:
        found = list(_decided(found, worded, homes, catalogue, leftovers))
    found.sort(key=_order)
    return tuple([(home[1], field) for home, field in found]), tuple(leftovers)


def _decided(
    found: Sequence[tuple[_Home, Field]],
    worded: int,
    homes: _Homes,
    catalogue: Catalogue,
    leftovers: list[tuple[str, Field]],
) -> Iterator[tuple[_Home, Field]]:
    """Decide which fields whose keys are no names have labels for keys; add the others to the leftovers."""
    names = [field.key for home, field in found if home[2] is None and not home[3]]
    own = worded > _SPEAKING * (worded + sum(map(homes.is_unlike_label, names)))
    others = sum([home[3] not in ("", "own") for home, _ in found]) > _SPEAKING * len(found)
    taken = {home[1] for home, _ in found if home[2] is None and not home[3]}
    for home, field in found:
        is_label = not home[3] or others or (own and home[3] == "own")
        if not is_label and _may_be_name(field.key, home[3], catalogue):
            leftovers.append((_spelled(field.key, catalogue), field))
        elif home[2]:
            yield from _shared_out(home[2], field, homes, taken)
        else:
            yield home, field


# Where no more keys than this share are but worded otherwise than names, all are taken for names, known or not, except
# those that no parameter would have.  Labels of the template itself are outweighed only by names that no reader sees.
_SPEAKING = 0.25
_NO_NAME = expression(r"[()•]| by$")


def _may_be_name(key: str, other: _Other, catalogue: Catalogue) -> bool:
    """Return whether a key may be the name of a parameter that is not known: some other template's, or none yet."""
    return not _NO_NAME.search(key) and (other == "label" or loose(key) in spellings(catalogue))


#: What a key is that is no name: a label of the template, another wording of a name, or a label of templates at large.
_Other = Literal["", "own", "wording", "label"]

#: A place in the template's order, a name, what a label means that is more than this parameter, and what the key is.
_Home = tuple[float, str, Meaning | None, _Other]


def _order(found: tuple[_Home, Field]) -> float:
    return found[0][0]


def _shared_out(meaning: Meaning, field: Field, homes: _Homes, taken: set[str]) -> Iterator[tuple[_Home, Field]]:
    """Give the parameters of a label what they get of a field; ``taken`` are those that have a value."""
    names, title = meaning.names, meaning.title
    if meaning.otherwise and not is_measure(names, field.values):
        names = (meaning.otherwise,)
    if any("#" in name for name in (*names, title)):
        number = next(number for number in _numbers(names[0]) if NEXT.sub(number, names[0]) not in taken)
        names, title = tuple([NEXT.sub(number, name) for name in names]), NEXT.sub(number, title)
    if title:
        yield homes.place(title), structs.replace(field, values=(field.key,))
    parts = parted(names, field.values) if len(names) > 1 and field.values else [(names[0], field.values)]
    for name, values in parts:
        taken.add(name)
        yield homes.place(name), field if values == field.values else structs.replace(field, values=values)


def _numbers(name: str) -> Iterator[str]:
    if "#1" not in name:
        yield ""
    yield from map(str, count(1))


class _Homes(dict[str, _Home | None]):
    """The parameters of a template by key: by loose name, by folded name or label, by family.  Lookups are cached."""

    def __init__(self, template: Template, catalogue: Catalogue) -> None:
        super().__init__()
        self.template = template
        self.names = _homes_by(loose, _named(enumerate(template.parameters)))
        self.catalogue = catalogue

    # Built lazily: most keys are names, and need none of the other indexes.
    @cached_property
    def folded(self) -> dict[str, _Home]:
        by_use = sorted(enumerate(self.template.parameters), key=lambda item: -item[1].uses - item[1].share)
        return _homes_by(folded, _named(by_use))

    @cached_property
    def displayed(self) -> dict[str, _Home]:
        by_use = sorted(enumerate(self.template.parameters), key=lambda item: -item[1].uses - item[1].share)
        labelled: list[tuple[str, _Home]] = [
            (each.label, (order, each.name, None, "")) for order, each in by_use if each.label
        ]
        return _homes_by(folded, labelled)

    @cached_property
    def families(self) -> dict[str, _Home]:
        return {family(each.name): (order, each.name, None, "") for order, each in enumerate(self.template.parameters)}

    @cached_property
    def labels(self) -> dict[str, str]:
        return by_wording(self.template.labels)

    def __missing__(self, key: str) -> _Home | None:
        names = self.names
        # A fast path: most keys are in this form, which is cheaper than ``loose``.
        home = names.get(key.lower().replace(" ", "_")) or names.get(loose(key))
        home = home or self._worded(key)
        if len(self) < _REMEMBERED and len(key) <= MEMORABLE:
            self[key] = home
        return home

    def is_unlike_label(self, name: str) -> bool:
        """Return whether a parameter's name is one that readers do not see, as far as is known."""
        form = folded(name)
        if len(form) == len(name) and form.isalpha():
            return False  # a single word may be a label as well
        return not (form in self.labels or form in self.displayed or form in general_labels(self.catalogue))

    def _worded(self, key: str) -> _Home | None:
        """Find what a key means that is no name: by its own words, by other wordings, as a label of all templates."""
        own, *others = forms_of(key)
        home = self.folded.get(own)
        if home:
            return home
        if home := self._named(own, key):
            return *home[:3], "own"
        if home := self._numbered(key):
            return home
        for form in others:
            if home := self._named(form, key):
                return *home[:3], "wording"
        general = general_labels(self.catalogue)
        for form in (own, *others):
            if form in general and (home := self._labelled(form, key, general)):
                return *home[:3], "label"
        return None

    def _named(self, form: str, key: str) -> _Home | None:
        """Find the parameter that has a name, a label, or is shown in this form."""
        home = self.folded.get(form)
        if home is None and form in self.labels:
            home = self._labelled(form, key, self.labels)
        if home is None and form in self.displayed:
            general = general_labels(self.catalogue)
            home = (form in general and self._labelled(form, key, general)) or self.displayed[form]
        return home

    def _labelled(self, form: str, key: str, labels: Mapping[str, str]) -> _Home | None:
        """Find the first meaning of a label whose parameters the template has; for measures also the next one."""
        measured: _Home | None = None
        for meaning in meanings_of(labels[form]):
            home = self._meant(meaning, form, key)
            if home and measured and measured[2]:
                return *measured[:2], structs.replace(measured[2], otherwise=home[1]), measured[3]
            if home and not measures(meaning.names):
                return home
            measured = measured or home
        return measured

    def _meant(self, meaning: Meaning, form: str, key: str) -> _Home | None:
        if "#" in form:  # the number of the key is that of the parameter
            name = NEXT.sub(_NUMBER.findall(key)[0], meaning.names[0])
            return self.names.get(loose(name)) or self._numbered(name)
        names = [name for name in (*meaning.names, meaning.title) if name]
        homes = [self._first(name) for name in names]
        if not all(homes):
            return None
        if len(homes) == 1 and "#" not in names[0]:
            return homes[0]
        return 0.0, names[0], meaning, ""

    def _first(self, name: str) -> _Home | None:
        """Find a parameter, or one of the family that a ``#`` stands for."""
        if "#" not in name:
            return self.names.get(loose(name))
        return self.families.get(family(NEXT.sub("1", name))) or self.names.get(loose(NEXT.sub("", name)))

    def place(self, name: str) -> _Home:
        """Return the home of a parameter that a label means, also of the next one of a numbered family."""
        return self.names.get(loose(name)) or self._numbered(name) or (float(len(self.names)), name, None, "")

    def _numbered(self, key: str) -> _Home | None:
        """Continue a numbered family: ``Combatant 4`` if there is a ``combatant3``."""
        numbers = _NUMBER.findall(key)
        home = self.families.get(family(key)) if numbers else None
        if home is None or len(_NUMBER.findall(home[1])) != len(numbers) or len(numbers[0]) > _DIGITS:
            return None
        next_number = iter(numbers)
        # After the last known member of the family, and before its successor.
        order = home[0] + int(numbers[0]) / 10 ** (_DIGITS + 1)
        return order, _NUMBER.sub(lambda _: next(next_number), home[1]), None, ""


_NUMBER = expression(r"[0-9]+")
_DIGITS = 5
_REMEMBERED = 1 << 10


def _named(parameters: Iterable[tuple[int, Parameter]]) -> list[tuple[str, _Home]]:
    """Return the homes of parameters, under all their names."""
    return [
        (name, (order, parameter.name, None, ""))
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
    return _Homes(template, catalogue)


@prepared_table("spellings", str)
def spellings(catalogue: Catalogue) -> Mapping[str, str]:
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
    return name if name == key else spellings(catalogue).get(loose(key), name)


def parameter_name(key: str) -> str:
    """Convert a key to the usual style of parameters: ``Map type`` becomes ``map_type``.

    The first letter is kept if the second is upper case, as in ``IUPAC name``.
    """
    name = "_".join(key.split())
    return name if name[1:2].isupper() else name[:1].lower() + name[1:]
