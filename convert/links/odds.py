"""The weights of a judge, added up as far as they are known: of an entry, of the pages it may mean, of its places.

What is known of an entry is added once, and remembered with the weights that are still to be chosen, one for each
feature of the place.  They are chosen in the order of what they cost: what has no chance with the best of all contexts
needs none, and what has none with the best of all neighbours is not looked at.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from operator import getitem

from msgspec import Struct

from convert.links.judge import CONTEXT, OF_NEIGHBOURS, OF_PAGE, OF_PLACE, OF_TEXT, Judge

_Row = tuple[float, ...]


class Weights(Struct, frozen=True, gc=False):
    """The weights of an entry's places, a row for each feature with one for each of its steps.

    ``neighbours_most`` is more than none of the neighbours' weights, ``most`` than those and the context's, and
    ``ever`` than all.
    """

    place: tuple[_Row, ...]
    neighbours: tuple[_Row, ...]
    context: _Row
    neighbours_most: float
    most: float
    ever: float


class Scale:
    """A judge at work."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self._text = _Curves(judge, OF_TEXT)
        self._page = _Curves(judge, OF_PAGE)
        self._edges = {name: _edges(judge, name) for name in (*OF_PLACE, *OF_NEIGHBOURS, CONTEXT)}
        self._place, self._neighbours = ([self._edges[name] for name in names] for names in (OF_PLACE, OF_NEIGHBOURS))
        self._context = self._edges[CONTEXT]
        self._pairs = [
            (OF_TEXT.index(first), curve.edges, OF_TEXT.index(second) if second in OF_TEXT else -1, curve)
            for name, curve in judge.pairs.items()
            for first, _, second in [name.partition(" ")]
        ]
        self._weights: dict[tuple[int, ...], Weights] = {}

    def of_text(self, values: Sequence[float]) -> tuple[float, Weights]:
        """Return the odds for the values of ``OF_TEXT``, and the weights of places."""
        odds = self._judge.base + self._text.odds(values)
        steps = []
        for at, edges, other, curve in self._pairs:
            step = bisect_right(edges, values[at])
            steps.append(step)
            if other >= 0:
                odds += curve.weights[step * (len(curve.others) + 1) + bisect_right(curve.others, values[other])]
        key = tuple(steps)
        try:
            return odds, self._weights[key]
        except KeyError:
            weights = self._weights[key] = self._weights_for(key)
            return odds, weights

    def of_page(self, values: Sequence[float]) -> float:
        """Return what the values of ``OF_PAGE`` add."""
        return self._page.odds(values)

    def of_place(self, weights: Weights, values: Sequence[float]) -> float:
        """Return what the values of ``OF_PLACE`` add."""
        return sum(map(getitem, weights.place, map(bisect_right, self._place, values)))

    def of_neighbours(self, weights: Weights, values: Sequence[float]) -> float:
        """Return what the values of ``OF_NEIGHBOURS`` add."""
        return sum(map(getitem, weights.neighbours, map(bisect_right, self._neighbours, values)))

    def of_context(self, weights: Weights, value: float) -> float:
        """Return what the context adds."""
        return weights.context[bisect_right(self._context, value)]

    def _weights_for(self, steps: tuple[int, ...]) -> Weights:
        place, neighbours = (
            tuple(self._row(name, steps) for name in names) for names in (OF_PLACE, OF_NEIGHBOURS)
        )  # fmt: skip
        context = self._row(CONTEXT, steps)
        neighbours_most = sum(map(max, neighbours))
        most = neighbours_most + max(context)
        return Weights(place, neighbours, context, neighbours_most, most, most + sum(map(max, place)))

    def _row(self, name: str, steps: tuple[int, ...]) -> _Row:
        """Return the weights of a feature of the place, for the steps that the pairs have by the entry."""
        edges = self._edges[name]
        curve = self._judge.curves.get(name)
        row = [curve.weights[bisect_right(curve.edges, low)] if curve else 0.0 for low in (float("-inf"), *edges)]
        for pair_name, others in _pairs(self._judge, name):
            pair = self._judge.pairs[pair_name]
            first = steps[list(self._judge.pairs).index(pair_name)] * (len(others) + 1)
            for number, low in enumerate((float("-inf"), *edges)):
                row[number] += pair.weights[first + bisect_right(others, low)]
        return tuple(row)


class _Curves:
    """The curves of a judge for some features, by their places among them."""

    def __init__(self, judge: Judge, names: Sequence[str]) -> None:
        curves = [(at, judge.curves[name]) for at, name in enumerate(names) if name in judge.curves]
        self._curves = [(at, curve.edges, curve.weights) for at, curve in curves]

    def odds(self, values: Sequence[float]) -> float:
        return sum([weights[bisect_right(edges, values[at])] for at, edges, weights in self._curves])


def _edges(judge: Judge, name: str) -> tuple[float, ...]:
    """Return the steps of a feature of the place, by itself and in pairs."""
    own = judge.curves[name].edges if name in judge.curves else ()
    return tuple(sorted({*own, *(edge for _, others in _pairs(judge, name) for edge in others)}))


def _pairs(judge: Judge, name: str) -> list[tuple[str, tuple[float, ...]]]:
    """Return the pairs of a feature of the entry with one of the place, and the steps of the latter."""
    return [(pair, curve.others) for pair, curve in judge.pairs.items() if pair.endswith(f" {name}")]
