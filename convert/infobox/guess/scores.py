"""The score of each template of a catalogue for the keys of an infobox: naive Bayes over key families.

The weights of keys are those of ``takers``.  A key that the template does not take has weight 0, and each key of a
template with long calls counts for less.  Keys are not independent (where there is a ``birth_date`` there is a
``birth_place``), so the sum is divided by the square root of their number.
"""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property, lru_cache
from math import fsum, log, sqrt

from convert.expressions import expression
from convert.infobox.catalogue import Catalogue
from convert.infobox.guess.nouns import NounScores
from convert.infobox.guess.outlines import outlines
from convert.infobox.guess.takers import AT_LARGE, UNSEEN, KeyTakers, Takers
from convert.infobox.keys import family

# Priors and smoothing, chosen by `make quality`.  Counts of calls, unless they say otherwise.
#: Assumed calls of a template without counted calls.
UNCOUNTED = 0.6
#: An infobox of which more than this share of the keys are rather labels has labels, as readers see them, for keys.
SPEAKING = 0.25
#: So has one of which the best template takes this share more of the keys if they are labels.
MISFIT = 0.12
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

_WORD = expression(r"[^\W\d_]{3,}")


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
        families, self._outlines = outlines(catalogue)
        spare = AT_LARGE + UNSEEN * families
        self._takers = KeyTakers(catalogue, fsum([template.size for template in self._outlines]) or 1.0)
        #: The logarithm of each template's size: of the keys in its calls, smoothed.
        self.sizes = array("d", [log(template.size + spare) for template in self._outlines])
        self.priors = array("d", [log(template.uses or UNCOUNTED) for template in self._outlines])

    @cached_property
    def _names(self) -> list[set[str]]:
        return [words([template.name]) for template in self._outlines]

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
        kinds = {place: template.broader for place, template in enumerate(self._outlines) if template.broader >= 0}
        return kinds | {place: place for place in kinds.values()}

    @cached_property
    def nouns(self) -> NounScores:
        """The nouns of the templates' articles."""
        return NounScores(self._catalogue, [template.articles for template in self._outlines])

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
        common = max(2.0, COMMON * len(self._outlines))
        numbers = range(1, len(self._outlines) + 1)
        return [1.0, *[max(0.0, 1 - log(number) / log(common)) for number in numbers]]

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
