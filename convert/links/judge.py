"""How likely an editor is to link a stretch of text to a page: a logistic regression over features in steps.

Each feature adds a weight, by the step that its value falls into, and so do a few pairs of features; the sum is the
logarithm of the odds.  So a probability is explained by what its features add.  Of entries that were never counted,
such as the titles of a batch, less is known: they have a judge of their own.  ``judges.json`` was learnt by
``make links`` from articles and the links that people made in them; the last step makes stated probabilities true.

Source: https://doi.org/10.1145/1458082.1458150 (Milne and Witten, Learning to link with Wikipedia)
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from math import exp

import msgspec
from msgspec import Struct

#: What is known of an entry, and of a page that it may mean, wherever the text has it.
OF_TEXT = ("likelihood", "seen", "other", "words", "characters", "capitals")
OF_PAGE = ("share", "title", "disambiguated")
#: What is known of a place: of all of it, and of the words beside it; context comes last.
OF_PLACE = ("position", "kind", "count", "length", "longer")
OF_NEIGHBOURS = ("following", "before", "opening")
CONTEXT = "context"
#: What is added for titles of articles that name each other often.
BATCH = "batch"
FEATURES = (*OF_TEXT, *OF_PAGE, *OF_PLACE, *OF_NEIGHBOURS, CONTEXT)
#: The first of a pair is known of the entry.
PAIRS = (("likelihood", CONTEXT), ("likelihood", "length"), ("capitals", "words"))

#: What each feature says, for people.
MEANINGS = {
    "likelihood": "how often articles that have the text link it",
    "seen": "how many articles have the text",
    "other": "how often it has the other first letter",
    "share": "how many of its links lead there",
    "title": "whether the text is the title",
    "disambiguated": "whether the title is one of several of a name",
    "words": "the number of words",
    "characters": "its length",
    "capitals": "its capital letters",
    "following": "whether a name goes on behind it",
    "before": "whether a name begins before it",
    "opening": "whether a sentence begins with it",
    "position": "its place in the article",
    "kind": "whether it stands in a paragraph, an item or a table",
    "count": "how often the article has it",
    "length": "the length of the article",
    "longer": "whether a longer text is known there",
    "context": "whether articles that link there link what this one names",
    BATCH: "how often the articles name each other",
}


def meaning_of(name: str) -> str:
    """Return what a feature or a pair of them is, in words."""
    return " and ".join(MEANINGS[each] for each in name.split())


class Curve(Struct, frozen=True):
    """Weights by the steps of a feature, or of two: then those of the second within each of the first."""

    edges: tuple[float, ...]
    weights: tuple[float, ...]
    others: tuple[float, ...] = ()


class Judge(Struct, frozen=True):
    """A learnt judge; ``knots`` lead from probabilities that it states to those that are true."""

    base: float = 0.0
    curves: Mapping[str, Curve] = {}
    pairs: Mapping[str, Curve] = {}
    knots: tuple[tuple[float, float], ...] = ()

    def odds(self, values: Sequence[float]) -> float:
        """Return the logarithm of the odds for the values of ``FEATURES``."""
        return self.base + sum(weight for _, weight in self.parts(values))

    def parts(self, values: Sequence[float]) -> list[tuple[str, float]]:
        """Return what each feature and pair adds."""
        by_name = dict(zip(FEATURES, values, strict=True))
        parts = [(name, curve.weights[bisect_right(curve.edges, by_name[name])]) for name, curve in self.curves.items()]
        for name, curve in self.pairs.items():
            first, _, second = name.partition(" ")
            row, column = bisect_right(curve.edges, by_name[first]), bisect_right(curve.others, by_name[second])
            parts.append((name, curve.weights[row * (len(curve.others) + 1) + column]))
        return parts

    def probability(self, odds: float) -> float:
        """Return the probability that is true where the odds are stated."""
        stated = 1 / (1 + exp(-max(-30.0, min(30.0, odds))))
        return interpolated(self.knots, stated) if self.knots else stated

    def least_odds(self, probability: float) -> float:
        """Return odds below which no probability is as great as the one given."""
        low, high = -30.0, 30.0
        for _ in range(40):
            middle = (low + high) / 2
            low, high = (middle, high) if self.probability(middle) < probability else (low, middle)
        return low


def interpolated(knots: Sequence[tuple[float, float]], value: float) -> float:
    """Return the value at a point between knots, which rise."""
    at = bisect_right(knots, (value, 2.0))
    if not at:
        return knots[0][1]
    if at == len(knots):
        return knots[-1][1]
    (left, low), (right, high) = knots[at - 1], knots[at]
    return low + (high - low) * (value - left) / (right - left)


class Judges(Struct, frozen=True):
    """Judges of entries whose links were counted, of titles that are known to be named, and of mere titles."""

    counted: Judge = Judge()
    named: Judge = Judge()
    titles: Judge = Judge()


@cache
def shipped() -> Judges:
    """Return the judges that come with the package."""
    content = files("convert.links").joinpath("judges.json").read_bytes()
    return msgspec.json.decode(content, type=Judges)
