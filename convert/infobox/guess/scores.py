"""The score of each template of a catalogue for the keys of an infobox: naive Bayes over key families.

The weight of a key for a template that takes it is a log-likelihood ratio: how many times likelier the key is in the
template's calls than in infoboxes at large, with additive smoothing.  A key that the template does not take has weight
0, and each key of a template with long calls counts for less.  A label that readers see counts as the parameters that
it may mean (``convert.infobox.labels``).  Keys are not independent (where there is a
``birth_date`` there is a ``birth_place``), so the sum is divided by the square root of their number.

Keys are compared by their families (``convert.infobox.keys``).
"""

from __future__ import annotations

import re
from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from math import log, sqrt
from typing import NamedTuple, TypeVar

from convert.infobox.catalogue import Catalogue, Template
from convert.infobox.guess.nouns import NounScores
from convert.infobox.keys import MEMORABLE, family, folded
from convert.infobox.labels import by_wording, forms_of, meanings_of

# Priors and smoothing, chosen by `make quality`.  Counts of calls, unless they say otherwise.
#: The weight of a parameter's share on other wikis, in calls.
ELSEWHERE = 1.0
#: Smoothing: keys of a template's calls that are as frequent as in infoboxes at large…
AT_LARGE = 0.3
#: …and that were never seen there.
UNSEEN = 0.001
#: Assumed calls of a template without counted calls.
UNCOUNTED = 0.6
#: Assumed uses of a parameter that is listed but was never counted.
LISTED = 0.1
#: Assumed share of the calls that have a parameter, for a template without counts.
ASSUMED = 0.3
#: A key is rather a label if what it may mean as one is used so many times more often than parameters of its name.
MOSTLY = 6.0
#: An infobox of which more than this share of the keys are rather labels has labels, as readers see them, for keys.
SPEAKING = 0.25
#: So has one of which the best template takes this share more of the keys if they are labels.
MISFIT = 0.12
#: A label of templates at large counts so much if single templates have it as their own.
LOOSE = 0.25
#: Each further parameter that a label of templates at large may mean counts so much of the one before.
LOOSER = 0.8
#: Bonus for a template whose name occurs in the article.
NAMED = 0.7
#: Weight of what an article says that its subject is; with so few keys it is twice that.
NOUN = 0.3
FEW = 5

#: A key that this share of the templates take tells nothing.
COMMON = 0.3

# Candidates are chosen by the rarest keys, until these have so many templates in total and so many are candidates.
# Scoring every template for every key makes conversion 1.6 times slower.
VOICES = 32
CANDIDATES = 8
# A candidate that is this far behind after those keys is dropped.
BEHIND = 40.0

# Size of a cache; it is cleared when full.
_MOST_CACHED = 1 << 14

#: A family of keys: the number of templates that take it, its name, its weight by their indexes, and the shift that
#: makes a weight the log-likelihood ratio against infoboxes at large, but for the template's size.
Takers = tuple[int, str, Mapping[int, float], float]


class _Known(NamedTuple):
    """What is known of a key: whether it is rather a label, and which templates take it as a name or as a label."""

    is_label: bool
    as_name: Takers
    as_label: Takers


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
        #: Of each key: which templates take it, and how often each does.
        self._places = places = defaultdict[str, list[int]](list)
        self._whole = 0.0
        for place, of_template in enumerate(self._counts):
            self._whole += sum(of_template.values())
            for key in of_template:
                places[key].append(place)
        self._whole = self._whole or 1.0
        spare = AT_LARGE + UNSEEN * len(places)
        self.sizes = array("d", [log(sum(each.values()) + spare) for each in self._counts])
        self.priors = array("d", [log(template.uses or UNCOUNTED) for template in catalogue.templates])
        #: Which templates take a key, and how often that was counted.
        self._takers = _Cache(self._takers_of)
        self._labelled = _Cache(self._labelled_as)

    def _takers_of(self, key: str) -> _Known:
        of = family(key)
        named = {place: self._counts[place][of] for place in self._places.get(of, ())}
        meant = dict(named)
        for form in forms_of(key):
            for place, count in self._labelled[form].items():
                meant.setdefault(place, count)
        as_name = self._weighed(of, named)
        is_label = sum(meant.values()) > MOSTLY * sum(named.values())
        return _Known(is_label, as_name, self._weighed(of, meant) if len(meant) > len(named) else as_name)

    def _weighed(self, of: str, counts: Mapping[int, float]) -> Takers:
        total = sum(counts.values())
        if not total:
            return 0, of, {}, 0.0
        at_large = UNSEEN + AT_LARGE * total / self._whole
        weights = {place: log(1 + count / at_large) for place, count in counts.items()}
        return len(counts), of, weights, log(at_large * self._whole / total)

    def _labelled_as(self, form: str) -> dict[int, float]:
        """Count, for each template, the parameters that a name or a label in this form means there."""
        counts = {place: self._counts[place][form] for place in self._places.get(form, ())}
        for place, written in self._labels.get(form, ()):
            count = self._meant(place, written)
            if count:
                counts[place] = max(count, counts.get(place, 0.0))
        written = self._general.get(form, "")
        looser = LOOSE if form in self._labels else 1.0
        for meaning in meanings_of(written) if written else ():
            for name in meaning.families():
                for place in self._places.get(name, ()):
                    counts.setdefault(place, looser * self._counts[place][name])
            looser *= LOOSER
        return counts

    def _meant(self, place: int, written: str) -> float:
        counts = self._counts[place]
        names = (name for meaning in meanings_of(written) for name in meaning.families())
        return max((counts.get(name, 0.0) for name in names), default=0.0)

    @cached_property
    def _general(self) -> dict[str, str]:
        return by_wording(self._catalogue.labels)

    @cached_property
    def _labels(self) -> Mapping[str, Sequence[tuple[int, str]]]:
        """The labels of single templates: their places, and what a label means there."""
        labels = defaultdict[str, list[tuple[int, str]]](list)
        for place, template in enumerate(self._catalogue.templates):
            for form, written in by_wording(template.labels).items():
                labels[form].append((place, written))
        folded_labels = {
            each.label: folded(each.label)
            for template in self._catalogue.templates
            for each in template.parameters
            if each.label
        }
        for place, template in enumerate(self._catalogue.templates):
            for each in template.parameters:
                if each.label:
                    labels[folded_labels[each.label]].append((place, each.name))
        return labels

    @cached_property
    def _names(self) -> list[set[str]]:
        return [words([template.name]) for template in self._catalogue.templates]

    @cached_property
    def _words(self) -> dict[str, float]:
        common = Counter(word for name in self._names for word in name)
        return {word: 1 / sqrt(count) for word, count in common.items()}

    def read(self, keys: Iterable[str]) -> tuple[dict[str, Takers], list[tuple[float, int]]]:
        """Return which templates take the keys, by family, and how they are ranked.

        Keys are names, unless enough of them are rather labels, as readers see them, or as labels they fit far better.
        """
        takers = self._takers
        known = [takers[key] for key in keys]
        by_name = {key.as_name[1]: key.as_name for key in known}
        _without_words(by_name)
        if all(key.as_label is key.as_name for key in known):
            return by_name, self.ranked(by_name)
        by_label = {key.as_label[1]: key.as_label for key in known}
        _without_words(by_label)
        if sum([key.is_label for key in known]) > SPEAKING * len(known):
            return by_label, self.ranked(by_label)
        ranking = self.ranked(by_name)
        unmatched = self._unmatched(ranking, by_name)
        if unmatched >= MISFIT:
            speaking = self.ranked(by_label)
            if self._unmatched(speaking, by_label) <= unmatched - MISFIT:
                return by_label, speaking
        return by_name, ranking

    def _unmatched(self, ranking: Sequence[tuple[float, int]], by_family: Mapping[str, Takers]) -> float:
        """Return the share of the keys that the best template does not take."""
        return self.unmatched_share(ranking[0][1], by_family) if ranking else 1.0

    def ranked(self, by_family: Mapping[str, Takers]) -> list[tuple[float, int]]:
        """Score the candidates for keys, by family; the best come first."""
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
        rest = [takers[2] for takers in known[asked:]]
        unmatched = len(by_family) - asked
        root = sqrt(len(by_family))
        scores = []
        for score, place in ahead[:CANDIDATES]:
            score -= unmatched * sizes[place]
            for weights in rest:
                score += weights.get(place, 0.0)
            scores.append((score / root, place))
        scores.sort(reverse=True)
        return scores

    def with_words(
        self,
        ranking: Sequence[tuple[float, int]],
        by_family: Mapping[str, Takers],
        words: set[str],
        nouns: Sequence[Mapping[int, float]],
    ) -> list[tuple[float, int]]:
        """Rank again, with what the article's words and the nouns of its predicate say; nouns add candidates."""
        scored = {place: score for score, place in ranking}
        for of_noun in nouns:
            for place in sorted(of_noun, key=lambda place: -of_noun[place])[:CANDIDATES]:
                if place not in scored:
                    scored[place] = self._score(place, by_family)
        score_of = self.nouns.score
        weight = NOUN * (1 + FEW / len(by_family))
        return sorted(
            [
                (score + NAMED * self.named(place, words) + weight * score_of(place, nouns), place)
                for place, score in scored.items()
            ],
            reverse=True,
        )

    def _score(self, place: int, by_family: Mapping[str, Takers]) -> float:
        """Score one template for all keys."""
        known = [takers[2].get(place, 0.0) for takers in by_family.values() if takers[0]]
        return (self.priors[place] + sum(known) - len(by_family) * self.sizes[place]) / sqrt(len(by_family))

    @cached_property
    def broader(self) -> Mapping[int, int]:
        """The broader template of each template that is of a kind; of itself if it is the broader one."""
        places = {template.name: place for place, template in enumerate(self._catalogue.templates)}
        kinds = {
            place: places[template.broader]
            for place, template in enumerate(self._catalogue.templates)
            if template.broader in places
        }
        return kinds | {place: place for place in kinds.values()}

    @cached_property
    def nouns(self) -> NounScores:
        """The nouns of the templates' articles."""
        return NounScores(self._catalogue.templates)

    def named(self, place: int, words: set[str]) -> float:
        """Return the share of a template's name that is among ``words``; common words count less."""
        name = self._names[place]
        hits = name & words
        if not hits:
            return 0.0
        weights = self._words
        return sum([weights[word] for word in hits]) / sum([weights[word] for word in name])

    def reasons(self, place: int, keys: Sequence[str]) -> list[tuple[str, float]]:
        """Return the log-likelihood ratio of each key that a template takes, against infoboxes at large."""
        size = self.sizes[place]
        by_family, _ = self.read(keys)
        taken = [(key, by_family[of]) for key, of in zip(keys, map(family, keys), strict=True) if of in by_family]
        return [(key, by[2][place] + by[3] - size) for key, by in taken if place in by[2]]

    def fit(self, place: int, by_family: Mapping[str, Takers]) -> tuple[float, float, float]:
        """Return the shares of keys that only other templates take and that none takes, and how much the others tell.

        A key that one template alone takes tells 1; one that many take, such as a name or an image, nothing.
        """
        others = sum([takers[0] > 0 and place not in takers[2] for takers in by_family.values()])
        none = sum([not takers[0] for takers in by_family.values()])
        telling = sum([self._telling[takers[0]] for takers in by_family.values() if place in takers[2]])
        return others / len(by_family), none / len(by_family), telling

    @cached_property
    def _telling(self) -> Sequence[float]:
        """How much a key tells, by the number of the templates that take it."""
        common = max(2.0, COMMON * len(self._counts))
        return [1.0, *[max(0.0, 1 - log(number) / log(common)) for number in range(1, len(self._counts) + 1)]]

    def unmatched_share(self, place: int, by_family: Mapping[str, Takers]) -> float:
        """Return the share of families of keys that a template does not take."""
        return sum([place not in takers[2] for takers in by_family.values()]) / len(by_family)


@lru_cache(maxsize=8)
def scores_of(catalogue: Catalogue) -> Scores:
    """Return the scores of a catalogue, prepared once."""
    return Scores(catalogue)


def _sums(known: Sequence[Takers]) -> tuple[dict[int, float], int]:
    """Sum the weights of the rarest keys for each template; return also how many keys were used."""
    sums: dict[int, float] = defaultdict(float)
    voices = asked = 0
    for number, _, weights, _ in known:
        voices += number
        if voices > VOICES and len(sums) >= CANDIDATES:
            break
        asked += 1
        for place, weight in weights.items():
            sums[place] += weight
    return sums, asked


def _without_words(by_family: dict[str, Takers]) -> None:
    """Leave out keys that are only signs or a number: they say nothing."""
    by_family.pop("", None)
    by_family.pop("#", None)


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
