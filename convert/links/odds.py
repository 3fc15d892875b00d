"""The weights of a judge, added up as far as they are known: first those of an entry, then those of its places.

What is known of an entry and a page is added once, and remembered with the weights that are still to be chosen, one
for each feature of the place.  Context comes last, because it costs the most: what has no chance with the best of all
contexts needs none.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from operator import getitem

from msgspec import Struct

from convert.links.judge import OF_ENTRY, OF_PLACE, Judge


class Odds(Struct, frozen=True):
    """The odds of an entry for a page, without its place: the sum so far, and the weights by feature of the place.

    ``context`` are the weights of the last feature, ``most`` the greatest of them, ``ever`` odds that no place exceeds.
    """

    fixed: float
    rows: tuple[tuple[float, ...], ...]
    context: tuple[float, ...]
    most: float
    ever: float


class Scale:
    """A judge at work."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self._edges = [
            tuple(sorted({*_edges(judge, name), *(edge for pair in _pairs(judge, name) for edge in pair[1])}))
            for name in OF_PLACE
        ]  # fmt: skip
        self._most_of_places = sum(max(curve.weights) for name, curve in judge.curves.items() if name in OF_PLACE)
        self._of_entry = [
            (OF_ENTRY.index(name), curve.edges, curve.weights) for name, curve in judge.curves.items()
            if name in OF_ENTRY
        ]  # fmt: skip
        self._pairs_of_entry = [
            (OF_ENTRY.index(first), curve.edges, OF_ENTRY.index(second) if second in OF_ENTRY else -1, curve)
            for name, curve in judge.pairs.items()
            for first, _, second in [name.partition(" ")]
        ]
        self._rows: dict[tuple[int, ...], tuple[tuple[tuple[float, ...], ...], tuple[float, ...], float, float]] = {}

    def of_entry(self, values: Sequence[float]) -> Odds:
        """Return the odds for the values of ``OF_ENTRY``."""
        fixed = self._judge.base
        for at, edges, weights in self._of_entry:
            fixed += weights[bisect_right(edges, values[at])]
        steps = []
        for at, edges, other, curve in self._pairs_of_entry:
            step = bisect_right(edges, values[at])
            steps.append(step)
            if other >= 0:
                fixed += curve.weights[step * (len(curve.others) + 1) + bisect_right(curve.others, values[other])]
        key = tuple(steps)
        try:
            rows, context, most, ever = self._rows[key]
        except KeyError:
            *first, context = (self._row(at, name, key) for at, name in enumerate(OF_PLACE))
            rows, most = tuple(first), max(context)
            ever = most + sum(map(max, rows))
            self._rows[key] = rows, context, most, ever
        return Odds(fixed, rows, context, most, fixed + ever)

    def most(self, known: Sequence[float]) -> float:
        """Return odds that no entry exceeds anywhere, for the values of the first of ``OF_ENTRY``."""
        odds = self._judge.base
        for at, edges, weights in self._of_entry:
            odds += weights[bisect_right(edges, known[at])] if at < len(known) else max(weights)
        for at, edges, _, curve in self._pairs_of_entry:
            size = len(curve.others) + 1
            row = size * bisect_right(edges, known[at]) if at < len(known) else 0
            odds += max(curve.weights[row : row + size] if at < len(known) else curve.weights)
        return odds + self._most_of_places

    def steps(self, values: Sequence[float]) -> list[int]:
        """Return into which steps the values of ``OF_PLACE`` fall, but for the last."""
        return list(map(bisect_right, self._edges, values))

    def at_place(self, odds: Odds, steps: Sequence[int]) -> float:
        """Return odds in a place."""
        return odds.fixed + sum(map(getitem, odds.rows, steps))

    def in_context(self, odds: Odds, context: float) -> float:
        """Return what the last feature adds."""
        return odds.context[bisect_right(self._edges[-1], context)]

    def _row(self, at: int, name: str, steps: tuple[int, ...]) -> tuple[float, ...]:
        """Return the weights of a feature of the place, for the steps that the pairs have by the entry."""
        edges = self._edges[at]
        curve = self._judge.curves.get(name)
        row = [curve.weights[bisect_right(curve.edges, low)] if curve else 0.0 for low in (float("-inf"), *edges)]
        for pair_name, others in _pairs(self._judge, name):
            pair = self._judge.pairs[pair_name]
            first = steps[list(self._judge.pairs).index(pair_name)] * (len(others) + 1)
            for number, low in enumerate((float("-inf"), *edges)):
                row[number] += pair.weights[first + bisect_right(others, low)]
        return tuple(row)


def _edges(judge: Judge, name: str) -> tuple[float, ...]:
    return judge.curves[name].edges if name in judge.curves else ()


def _pairs(judge: Judge, name: str) -> list[tuple[str, tuple[float, ...]]]:
    """Return the pairs of a feature of the entry with one of the place, and the steps of the latter."""
    return [(pair, curve.others) for pair, curve in judge.pairs.items() if pair.endswith(f" {name}")]
