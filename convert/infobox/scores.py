"""The score of each template of a catalogue for the keys of an infobox: naive Bayes over key families.

The weight of a key for a template that takes it is a log-likelihood ratio: how many times likelier the key is in the
template's calls than in infoboxes at large, with additive smoothing.  A key that the template does not take has weight
0, and each key of a template with long calls counts for less.  Keys are not independent (where there is a
``birth_date`` there is a ``birth_place``), so the sum is divided by the square root of their number.

Keys are compared by their families (``convert.infobox.keys``).
"""

from __future__ import annotations

import re
from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from math import log, sqrt
from typing import TypeVar

from convert.infobox.catalogue import Catalogue, Template
from convert.infobox.keys import MEMORABLE, family

# Priors and smoothing, chosen by `make quality`.  Counts of calls, unless they say otherwise.
#: The weight of a parameter's share on other wikis, in calls.
ELSEWHERE = 1.0
#: Smoothing: keys of a template's calls that are as frequent as in infoboxes at large…
AT_LARGE = 0.3
#: …and that were never seen there.
UNSEEN = 0.001
#: Assumed calls of a template without counted calls.
UNCOUNTED = 0.1
#: Assumed uses of a parameter that is listed but was never counted.
LISTED = 0.3
#: Assumed share of the calls that have a parameter, for a template without counts.
ASSUMED = 0.3
#: Share of a parameter's uses under its label.
LABELLED = 0.1
#: Bonus for a template whose name occurs in the article.
NAMED = 1.2

# Candidates are chosen by the rarest keys, until these have so many templates in total and so many are candidates.
# Scoring every template for every key makes conversion 1.6 times slower.
VOICES = 32
CANDIDATES = 8
# A candidate that is this far behind after those keys is dropped.
BEHIND = 20.0

# Size of a cache; it is cleared when full.
_MOST_CACHED = 1 << 14

#: A family of keys: the number of templates that take it, its name, their indexes, and its weight for each.
Takers = tuple[int, str, tuple[int, ...], tuple[float, ...]]

K = TypeVar("K")
V = TypeVar("V")

_WORD = re.compile(r"[^\W\d_]{3,}")


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


def words(texts: Iterable[str]) -> set[str]:
    """Return the words of texts for ``Scores.named``: three letters and more, with and without a plural's ``s``."""
    vocabulary = set(_WORD.findall(" ".join(texts).casefold()))
    return vocabulary | {word[:-1] for word in vocabulary if word[-1] == "s"}


class Scores:
    """A catalogue's templates, prepared for scoring; templates are identified by their index in the catalogue.

    What every score needs is computed at once, the rest lazily.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        families = {name: family(name) for name in set(_names(catalogue))}
        self._counts = [_counts(template, families) for template in catalogue.templates]
        #: For each key: its count, and the templates that take it.
        self._total = total = defaultdict[str, float](float)
        self._places = places = defaultdict[str, list[int]](list)
        for place, of_template in enumerate(self._counts):
            for key, count in of_template.items():
                total[key] += count
                places[key].append(place)
        self._whole = sum(total.values()) or 1.0
        spare = AT_LARGE + UNSEEN * len(total)
        self.sizes = array("d", [log(sum(counts.values()) + spare) for counts in self._counts])
        self.priors = array("d", [log(template.uses or UNCOUNTED) for template in catalogue.templates])
        #: How often a family is met in infoboxes at large, what each weighs for each template, and the templates that
        #: take a key, and a family.
        self._elsewhere = _Cache(self._met)
        self.weights = _Cache(self._weights)
        self._takers = _Cache(self._takers_of)
        self._families = _Cache(self._takers_of_family)

    def _met(self, key: str) -> float:
        return UNSEEN + AT_LARGE * self._total[key] / self._whole

    def _weights(self, place: int) -> dict[str, float]:
        elsewhere = self._elsewhere
        return {key: log(1 + count / elsewhere[key]) for key, count in self._counts[place].items()}

    def _takers_of(self, key: str) -> Takers:
        of = family(key)
        return self._families[of] if of in self._places else (0, of, (), ())

    def _takers_of_family(self, of: str) -> Takers:
        counts, places, elsewhere = self._counts, self._places[of], self._elsewhere[of]
        return len(places), of, tuple(places), tuple([log(1 + counts[place][of] / elsewhere) for place in places])

    @cached_property
    def _names(self) -> list[set[str]]:
        return [words([template.name]) for template in self._catalogue.templates]

    @cached_property
    def _words(self) -> dict[str, float]:
        common = Counter(word for name in self._names for word in name)
        return {word: 1 / sqrt(count) for word, count in common.items()}

    def templates_by_key(self, keys: Iterable[str]) -> dict[str, Takers]:
        """Return the templates that take the keys, by family; keys without a letter or digit have no family."""
        takers = self._takers
        by_family = {takers_of_key[1]: takers_of_key for takers_of_key in [takers[key] for key in keys]}
        by_family.pop("", None)
        return by_family

    def ranked(self, by_family: Mapping[str, Takers]) -> list[tuple[float, int]]:
        """Score the candidates for what ``templates_by_key`` returns; the best come first."""
        known = [takers for takers in by_family.values() if takers[0]]
        if not known:
            return []
        known.sort()
        sums, asked = _sums(known)
        sizes, priors = self.sizes, self.priors
        ahead = [(weight + priors[place] - asked * sizes[place], place) for place, weight in sums.items()]
        enough = max(ahead)[0] - BEHIND
        ahead = [candidate for candidate in ahead if candidate[0] > enough]
        ahead.sort(reverse=True)
        rest = [takers[1] for takers in known[asked:]]
        unmatched = len(by_family) - asked
        root = sqrt(len(by_family))
        scores = []
        for score, place in ahead[:CANDIDATES]:
            score -= unmatched * sizes[place]
            weight = self.weights[place].get
            for key in rest:
                score += weight(key, 0.0)
            scores.append((score / root, place))
        scores.sort(reverse=True)
        return scores

    def named(self, place: int, words: set[str]) -> float:
        """Return the share of a template's name that is among ``words``; common words count less."""
        name = self._names[place]
        hits = name & words
        if not hits:
            return 0.0
        weights = self._words
        return sum([weights[word] for word in hits]) / sum([weights[word] for word in name])

    def reasons(self, place: int, keys: Sequence[tuple[str, str]]) -> list[tuple[str, float]]:
        """Return the log-likelihood ratio of each key that a template takes, against infoboxes at large.

        ``keys`` come with their families.
        """
        weights, size = self.weights[place], self.sizes[place]
        shifts = {of: log(self._elsewhere[of] * self._whole / self._total[of]) for _, of in keys if of in weights}
        return [(key, weights[of] + shifts[of] - size) for key, of in keys if of in weights]

    def unmatched_share(self, place: int, keys: Collection[str]) -> float:
        """Return the share of families of keys that a template does not take."""
        weights = self.weights[place]
        return sum([key not in weights for key in keys]) / len(keys)


@lru_cache(maxsize=8)
def scores_of(catalogue: Catalogue) -> Scores:
    """Return the scores of a catalogue, prepared once."""
    return Scores(catalogue)


def _sums(known: Sequence[Takers]) -> tuple[dict[int, float], int]:
    """Sum the weights of the rarest keys for each template; return also how many keys were used."""
    sums: dict[int, float] = defaultdict(float)
    voices = asked = 0
    for number, _, places, weights in known:
        voices += number
        if voices > VOICES and len(sums) >= CANDIDATES:
            break
        asked += 1
        for place, weight in zip(places, weights, strict=True):
            sums[place] += weight
    return sums, asked


def _names(catalogue: Catalogue) -> Iterator[str]:
    for template in catalogue.templates:
        for parameter in template.parameters:
            yield parameter.name
            yield from parameter.aliases
            if parameter.label:
                yield parameter.label


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
        if parameter.label:
            counts.setdefault(families[parameter.label], LABELLED * count)
    return counts
