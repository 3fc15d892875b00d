"""How well the keys of an infobox speak for each template of a catalogue.

Naive Bayes over the keys.  A key weighs, for a template that takes it, the logarithm of how many times likelier it is
there than in infoboxes at large; one that a template does not take weighs nothing, and the longer a template's calls
are, the less each of their keys says.  Keys of one box come together (where there is a ``birth_date`` there is a
``birth_place``), so their sum is divided by the root of their number.

Keys are looked at by their families (``convert.infobox.keys``).
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
from convert.infobox.keys import MEMORABLE, families_all, family

# Measured by `make quality`: so many calls are the word of other wikis worth…
ELSEWHERE = 1.0
# …and so many keys of a template's calls may be such as stand in infoboxes at large, or were never seen there.
AT_LARGE = 0.3
UNSEEN = 0.001
# A template that no counted call named is so often called.
UNCOUNTED = 0.1
# A parameter that a template is said to take, but no call was seen to use, is in so many.
LISTED = 0.3
# Where nothing at all was counted of a template, each of its parameters is in such a part of its calls.
ASSUMED = 0.3
# Of the calls that have a parameter, such a part would name it by its label, as readers see it.
LABELLED = 0.1
# A template whose name the article says gains so much.
NAMED = 1.2

# Which templates are looked at is decided by the rarest keys, until so many have spoken for one, and for so many.
VOICES = 32
CANDIDATES = 8
# One that is so far behind when these have spoken does not catch up.
BEHIND = 20.0

#: How many templates take a family of keys, the family, their places, and what it weighs for each.
Takers = tuple[int, str, tuple[int, ...], tuple[float, ...]]

K = TypeVar("K")
V = TypeVar("V")

_WORD = re.compile(r"[^\W\d_]{3,}")


class _Made(dict[K, V]):
    """Makes values by a function when they are first asked for, as ``cache`` does, but a hit is one look.

    Full, it forgets all: what it is asked for is what articles say.
    """

    def __init__(self, function: Callable[[K], V]) -> None:
        super().__init__()
        self.function = function

    def __missing__(self, key: K) -> V:
        made = self.function(key)
        if isinstance(key, str) and len(key) > MEMORABLE:
            return made
        if len(self) >= _REMEMBERED:
            self.clear()
        self[key] = made
        return made


_REMEMBERED = 1 << 14


def words(texts: Iterable[str]) -> set[str]:
    """Take the words of texts, for ``Scores.named``: of three letters and more, also without a plural's ``s``."""
    found = set(_WORD.findall(" ".join(texts).casefold()))
    return found | {word[:-1] for word in found if word[-1] == "s"}


class Scores:
    """A catalogue's templates, prepared to be scored; templates are known by their place in it.

    What is prepared for all is only what every score needs; the rest is made for whom it is asked.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        names = list(dict.fromkeys(_names(catalogue)))
        families = dict(zip(names, families_all(names), strict=True))
        self._counts = [_counts(template, families) for template in catalogue.templates]
        #: Of each key: how often it was counted, and which templates take it.
        self._total = total = defaultdict[str, float](float)
        self._places = places = defaultdict[str, list[int]](list)
        for place, of_template in enumerate(self._counts):
            for key, count in of_template.items():
                total[key] += count
                places[key].append(place)
        self._whole = sum(total.values()) or 1.0
        spare = AT_LARGE + UNSEEN * len(total)
        self.sizes = array("d", [log(sum(each.values()) + spare) for each in self._counts])
        self.priors = array("d", [log(template.uses or UNCOUNTED) for template in catalogue.templates])
        #: How often a family is met in infoboxes at large, what each weighs for each template, and the templates that
        #: take a key, and a family.
        self._elsewhere = _Made(self._met)
        self.weights = _Made(self._weights)
        self._takers = _Made(self._takers_of)
        self._families = _Made(self._takers_of_family)

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

    def taken(self, keys: Iterable[str]) -> dict[str, Takers]:
        """Tell which templates take keys, by families, each once; keys without a letter or digit are of none."""
        takers = self._takers
        taken = {each[1]: each for each in [takers[key] for key in keys]}
        taken.pop("", None)
        return taken

    def ranked(self, taken: Mapping[str, Takers]) -> list[tuple[float, int]]:
        """Score the templates that come into question for what is ``taken``; the best come first."""
        known = [each for each in taken.values() if each[0]]
        if not known:
            return []
        known.sort()
        sums, asked = _sums(known)
        sizes, priors = self.sizes, self.priors
        ahead = [(weight + priors[place] - asked * sizes[place], place) for place, weight in sums.items()]
        enough = max(ahead)[0] - BEHIND
        ahead = [each for each in ahead if each[0] > enough]
        ahead.sort(reverse=True)
        rest = [each[1] for each in known[asked:]]
        others = len(taken) - asked
        root = sqrt(len(taken))
        scores = []
        for score, place in ahead[:CANDIDATES]:
            score -= others * sizes[place]
            weight = self.weights[place].get
            for key in rest:
                score += weight(key, 0.0)
            scores.append((score / root, place))
        scores.sort(reverse=True)
        return scores

    def named(self, place: int, said: set[str]) -> float:
        """Tell how much of a template's name is among the words ``said``; words that many names have count less."""
        name = self._names[place]
        hits = name & said
        if not hits:
            return 0.0
        weights = self._words
        return sum([weights[word] for word in hits]) / sum([weights[word] for word in name])

    def reasons(self, place: int, keys: Sequence[tuple[str, str]]) -> list[tuple[str, float]]:
        """Tell by what factor the keys that a template takes are likelier there than in infoboxes at large.

        ``keys`` come with their families; the factors are logarithms.
        """
        weights, size = self.weights[place], self.sizes[place]
        shifts = {of: log(self._elsewhere[of] * self._whole / self._total[of]) for _, of in keys if of in weights}
        return [(key, weights[of] + shifts[of] - size) for key, of in keys if of in weights]

    def unknown(self, place: int, keys: Collection[str]) -> float:
        """Tell which part of families of keys a template does not take."""
        weights = self.weights[place]
        return sum([key not in weights for key in keys]) / len(keys)


@lru_cache(maxsize=8)
def scores_of(catalogue: Catalogue) -> Scores:
    """Prepare a catalogue, once."""
    return Scores(catalogue)


def _sums(known: Sequence[Takers]) -> tuple[dict[int, float], int]:
    """Add up what the first keys, the rarest, weigh for each template; tell how many were asked."""
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
        for each in template.parameters:
            yield each.name
            yield from each.aliases
            if each.label:
                yield each.label


def _counts(template: Template, families: Mapping[str, str]) -> dict[str, float]:
    """Count a template's calls by family of keys: those that were counted, and what other wikis say."""
    counts: dict[str, float] = {}
    told = template.uses or any(each.share for each in template.parameters)
    for each in template.parameters:
        count = (each.uses + ELSEWHERE * each.share or LISTED) if told else ASSUMED
        key = families[each.name]
        if counts.get(key, 0.0) < count:
            counts[key] = count
        for name in each.aliases:
            key = families[name]
            if counts.get(key, 0.0) < count:
                counts[key] = count
        if each.label:
            counts.setdefault(families[each.label], LABELLED * count)
    return counts
