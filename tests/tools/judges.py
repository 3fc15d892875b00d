"""Fitting of the judges of links: weights for steps of features, by backfitting with a ridge, and true probabilities.

A row is the values of ``judge.FEATURES`` and whether people made the link.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from convert.links.judge import FEATURES, PAIRS, Curve, Judge

STEPS, FEW_STEPS = 16, 7
#: Steps that say more than equal shares of the rows would.
_LIKELIHOOD = (0.001, 0.005, 0.01, 0.02, 0.03, 0.045, 0.065, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.65, 0.8, 0.9)
_FEW_LIKELIHOODS = (0.005, 0.02, 0.065, 0.15, 0.3, 0.5, 0.8)
#: The same of the share that has the other first letter; below 0 it is not known.
_SHARES, _FEW_SHARES = (0.0, 0.001, 0.01, 0.05, 0.1, 0.3, 0.6), (0.0, 0.01, 0.1, 0.5)
_PASSES, _RIDGE, _RATE = 30, 20.0, 0.5
_KNOTS = 60

Matrix = Any


def fitted(
    values: Matrix, right: Matrix, pairs: Sequence[tuple[str, str]] = PAIRS, names: Sequence[str] = FEATURES
) -> Judge:
    """Fit a judge to rows of values and whether each is right; ``names`` are the features that it looks at."""
    base = float(np.log(right.mean() / (1 - right.mean())))
    odds = np.full(len(right), base)
    curves = {name: _edges(name, values[:, FEATURES.index(name)], STEPS) for name in names}
    grids = [
        tuple(_edges(name, values[:, FEATURES.index(name)], FEW_STEPS) for name in (first, second))
        for first, second in pairs
    ]
    bins = [np.searchsorted(edges, values[:, FEATURES.index(name)], side="right") for name, edges in curves.items()]
    for (first, second), (edges, others) in zip(pairs, grids, strict=True):
        row = np.searchsorted(edges, values[:, FEATURES.index(first)], side="right")
        column = np.searchsorted(others, values[:, FEATURES.index(second)], side="right")
        bins.append(row * (len(others) + 1) + column)
    sizes = [len(edges) + 1 for edges in curves.values()]
    sizes += [(len(edges) + 1) * (len(others) + 1) for edges, others in grids]
    weights = [np.zeros(size) for size in sizes]
    for _ in range(_PASSES):
        for at, (own, size) in enumerate(zip(bins, sizes, strict=True)):
            stated = 1 / (1 + np.exp(-odds))
            gradient = np.bincount(own, right - stated, size) - 0.1 * _RIDGE * weights[at]
            step = _RATE * gradient / (np.bincount(own, stated * (1 - stated), size) + _RIDGE)
            weights[at] += step
            odds += step[own]
        shift = float((right - 1 / (1 + np.exp(-odds))).sum() / (np.exp(-odds) / (1 + np.exp(-odds)) ** 2).sum())
        base += shift
        odds += shift
    rounded = [tuple(round(float(weight), 3) for weight in each) for each in weights]
    return Judge(
        round(base, 3),
        {
            name: Curve(tuple(map(_short, edges)), own)
            for (name, edges), own in zip(curves.items(), rounded, strict=False)
        },
        {
            f"{first} {second}": Curve(tuple(map(_short, edges)), own, tuple(map(_short, others)))
            for (first, second), (edges, others), own in zip(pairs, grids, rounded[len(curves) :], strict=True)
        },
    )


def _short(value: float) -> float:
    return float(f"{value:.5g}")


def _edges(name: str, values: Matrix, steps: int) -> Matrix:
    if name == "likelihood":
        return np.array(_LIKELIHOOD if steps == STEPS else _FEW_LIKELIHOODS)
    if name == "other" and values.min() < 0:
        return np.array(_SHARES if steps == STEPS else _FEW_SHARES)
    zero = values.min() == 0 and (values == 0).mean() > 0.2
    spread = values[values > 0] if zero else values
    if not len(spread):
        return np.array([])
    edges = np.unique(np.quantile(spread, np.linspace(0, 1, steps + 1)[1:-1]))
    edges = np.unique([_short(edge) for edge in edges])
    if zero:
        edges = np.unique([1e-9, *edges])
    return edges[(edges > values.min()) & (edges <= values.max())]


def odds_of(judge: Judge, values: Matrix) -> Matrix:
    """Return the odds of many rows at once, as ``Judge.odds`` does for one."""
    odds = np.full(len(values), judge.base)
    for name, curve in judge.curves.items():
        steps = np.searchsorted(curve.edges, values[:, FEATURES.index(name)], side="right")
        odds += np.array(curve.weights)[steps]
    for name, curve in judge.pairs.items():
        first, second = (FEATURES.index(each) for each in name.split())
        row = np.searchsorted(curve.edges, values[:, first], side="right")
        column = np.searchsorted(curve.others, values[:, second], side="right")
        odds += np.array(curve.weights)[row * (len(curve.others) + 1) + column]
    return odds


def knots_of(stated: Matrix, right: Matrix) -> tuple[tuple[float, float], ...]:
    """Return what is true where a probability is stated: the means of equal shares, made to rise."""
    order = np.argsort(stated, kind="stable")
    blocks: list[list[float]] = []
    for share in np.array_split(order, _KNOTS):
        blocks.append([float(stated[share].sum()), float(right[share].sum()), float(len(share))])
        while len(blocks) > 1 and blocks[-2][1] / blocks[-2][2] >= blocks[-1][1] / blocks[-1][2]:
            last = blocks.pop()
            blocks[-1] = [one + other for one, other in zip(blocks[-1], last, strict=True)]
    inner = [(round(stated / size, 4), round(true / size, 4)) for stated, true, size in blocks]
    return ((0.0, 0.0), *inner, (1.0, 1.0))
