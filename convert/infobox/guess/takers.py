"""Which templates of a catalogue take a key, as a name and as a label that readers see, and what that weighs.

The weight of a key for a template that takes it is a log-likelihood ratio: how many times likelier the key is in the
template's calls than in infoboxes at large, with additive smoothing.  Keys are compared by their families
(``convert.infobox.keys``).  A label counts as the parameters that it may mean (``convert.infobox.labels``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from math import log
from typing import TypeVar

from msgspec import Struct

from convert.infobox.catalogue import Catalogue, Template
from convert.infobox.keys import MEMORABLE, family, folded
from convert.infobox.labels import by_wording, forms_of, general_labels, meanings_of
from convert.infobox.prepared import prepared_table

# Priors and smoothing, chosen by `make quality`.  Counts of calls, unless they say otherwise.
#: The weight of a parameter's share on other wikis, in calls.
ELSEWHERE = 1.0
#: Smoothing: keys of a template's calls that are as frequent as in infoboxes at large…
AT_LARGE = 0.3
#: …and that were never seen there.
UNSEEN = 0.001
#: Assumed uses of a parameter that is listed but was never counted.
LISTED = 0.1
#: Assumed share of the calls that have a parameter, for a template without counts.
ASSUMED = 0.3
#: A key is rather a label if what it may mean as one is used so many times more often than parameters of its name.
MOSTLY = 6.0
#: A label of templates at large counts so much if single templates have it as their own.
LOOSE = 0.25
#: Each further parameter that a label of templates at large may mean counts so much of the one before.
LOOSER = 0.8

# Size of a cache; it is cleared when full.
_MOST_CACHED = 1 << 14

#: A family of keys: the number of templates that take it, its name, its weight by their indexes, and the shift that
#: makes a weight the log-likelihood ratio against infoboxes at large, but for the template's size.
Takers = tuple[int, str, Mapping[int, float], float]


class KnownKey(Struct, frozen=True):
    """What is known of a key: whether it is rather a label, and which templates take it as a name or as a label."""

    is_label: bool
    as_name: Takers
    as_label: Takers


K = TypeVar("K")
V = TypeVar("V")


class _Cache(dict[K, V]):
    """A cache of a function's values by argument: a hit is one lookup, without the call of ``functools.cache``.

    Bounded: it is cleared when full, because its keys come from articles.  Without it conversion takes twice as long.
    """

    def __init__(self, function: Callable[[K], V]) -> None:
        super().__init__()
        self.function = function

    def __missing__(self, key: K) -> V:
        value = self.function(key)
        if isinstance(key, str) and len(key) > MEMORABLE:
            return value
        if len(self) >= _MOST_CACHED:
            self.clear()
        self[key] = value
        return value


class KeyTakers(_Cache[str, KnownKey]):
    """What is known of each key, by the templates of a catalogue; a template is its index there."""

    def __init__(self, catalogue: Catalogue, whole: float) -> None:
        """``whole``: the keys in all calls."""
        super().__init__(self._takers_of)
        self._counts = counts(catalogue)
        self._labels = labels(catalogue)
        self._general = general_labels(catalogue)
        self._whole = whole
        self._labelled = _Cache(self._labelled_as)

    def _takers_of(self, key: str) -> KnownKey:
        of = family(key)
        named = self._counts.get(of, {})
        meant = dict(named)
        for form in forms_of(key):
            for place, count in self._labelled[form].items():
                meant.setdefault(place, count)
        as_name = self._weighed(of, named)
        is_label = sum(meant.values()) > MOSTLY * sum(named.values())
        return KnownKey(is_label, as_name, self._weighed(of, meant) if len(meant) > len(named) else as_name)

    def _weighed(self, of: str, counts: Mapping[int, float]) -> Takers:
        total = sum(counts.values())
        if not total:
            return 0, of, {}, 0.0
        at_large = UNSEEN + AT_LARGE * total / self._whole
        weights = {place: log(1 + count / at_large) for place, count in counts.items()}
        return len(counts), of, weights, log(at_large * self._whole / total)

    def _labelled_as(self, form: str) -> dict[int, float]:
        """Count, for each template, the parameters that a name or a label in this form means there."""
        counts = dict(self._counts.get(form, {}))
        for place, written in self._labels.get(form, ()):
            count = self._meant(place, written)
            if count:
                counts[place] = max(count, counts.get(place, 0.0))
        written = self._general.get(form, "")
        looser = LOOSE if form in self._labels else 1.0
        for meaning in meanings_of(written) if written else ():
            for name in meaning.families():
                for place, count in self._counts.get(name, {}).items():
                    counts.setdefault(place, looser * count)
            looser *= LOOSER
        return counts

    def _meant(self, place: int, written: str) -> float:
        names = (name for meaning in meanings_of(written) for name in meaning.families())
        return max((self._counts.get(name, {}).get(place, 0.0) for name in names), default=0.0)


@prepared_table("labels-of-templates", list[tuple[int, str]])
def labels(catalogue: Catalogue) -> Mapping[str, Sequence[tuple[int, str]]]:
    """Return the labels of single templates by their words: the templates' places, and what a label means there."""
    found = defaultdict[str, list[tuple[int, str]]](list)
    for place, template in enumerate(catalogue.templates):
        for form, written in by_wording(template.labels).items():
            found[form].append((place, written))
    for place, template in enumerate(catalogue.templates):
        for each in template.parameters:
            if each.label:
                found[folded(each.label)].append((place, each.name))
    return dict(found)


@prepared_table("counts", dict[int, float])
def counts(catalogue: Catalogue) -> Mapping[str, Mapping[int, float]]:
    """Return for each family of keys the places of the templates that take it, and how often."""
    found = defaultdict[str, dict[int, float]](dict)
    for place, of_template in enumerate(counts_of_templates(catalogue)):
        for key, count in of_template.items():
            found[key][place] = count
    return dict(found)


def counts_of_templates(catalogue: Catalogue) -> list[dict[str, float]]:
    """Return how often each template takes which families of keys."""
    families = {name: family(name) for name in set(_names(catalogue))}
    return [_counts(template, families) for template in catalogue.templates]


def _names(catalogue: Catalogue) -> Iterator[str]:
    for template in catalogue.templates:
        for parameter in template.parameters:
            yield parameter.name
            yield from parameter.aliases


def _counts(template: Template, families: Mapping[str, str]) -> dict[str, float]:
    """Return the counts of a template's calls by family of keys, including those of other wikis."""
    counts: dict[str, float] = {}
    is_counted = template.uses or any(parameter.share for parameter in template.parameters)
    for parameter in template.parameters:
        count = (parameter.uses + ELSEWHERE * parameter.share or LISTED) if is_counted else ASSUMED
        key = families[parameter.name]
        if counts.get(key, 0.0) < count:
            counts[key] = count
        for name in parameter.aliases:
            key = families[name]
            if counts.get(key, 0.0) < count:
                counts[key] = count
    return counts
