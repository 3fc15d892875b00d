"""Calibration of a catalogue's guesses, by cross-validation on calls with known templates.

The template of each call is guessed by a catalogue learnt from the other folds.  A logistic regression then maps the
matcher's features, the margin of the best template and the share of unmatched keys, to the probability that a guess is
right.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import exp
from zlib import crc32

from msgspec import structs

from convert.ast import Infobox
from convert.infobox.catalogue import Calibration, Catalogue
from convert.infobox.learn import Example, Lessons
from convert.infobox.match import evidence_of

# Too few calls cannot be calibrated.
LEAST = 200
FOLDS = 10

_STEPS = 12
_RIDGE = 0.1


def calibrated(catalogue: Catalogue, lessons: Lessons, known: Catalogue = Catalogue()) -> Catalogue:
    """Add the calibration of what was learnt to a catalogue; ``known`` is the catalogue that learning started from.

    With fewer calls than ``LEAST`` the catalogue is returned unchanged.
    """
    examples = lessons.examples()
    if len(examples) < LEAST:
        return catalogue
    parts = [crc32(example.article.title.encode()) % FOLDS for example in examples]
    rows: list[tuple[float, float, bool]] = []
    for part in range(FOLDS):
        remaining = Lessons(lessons.options)
        for example, of in zip(examples, parts, strict=True):
            if of != part:
                remaining.add(example)
        taught = remaining.catalogue(known, ordered=False)
        for example, of in zip(examples, parts, strict=True):
            if of == part:
                rows += _row(example, taught)
    return structs.replace(catalogue, calibration=_fitted(rows))


def _row(example: Example, catalogue: Catalogue) -> Iterator[tuple[float, float, bool]]:
    """Guess the template of an example; return the features of the guess and whether it is right."""
    fields = tuple(field for field in example.article.infoboxes[0].fields if field.values)
    evidence = evidence_of(Infobox(fields), example.article, catalogue)
    if evidence:
        best = catalogue.templates[evidence.shares[0][0]]
        yield evidence.score, evidence.unmatched, best is catalogue.find(example.template)


def _fitted(rows: Sequence[tuple[float, float, bool]]) -> Calibration:
    """Fit a logistic regression by Newton's method; ridge regularization keeps it finite for separable data."""
    weights = [0.0, 0.0, 0.0]
    for _ in range(_STEPS):
        gradient = [-_RIDGE * weight for weight in weights]
        curve = [[_RIDGE * (row == column) for column in range(3)] for row in range(3)]
        for score, unknown, right in rows:
            features = (1.0, score, unknown)
            probability = 1 / (1 + exp(-max(-30.0, min(30.0, sum(map(float.__mul__, weights, features))))))
            for row in range(3):
                gradient[row] += (right - probability) * features[row]
                for column in range(3):
                    curve[row][column] += probability * (1 - probability) * features[row] * features[column]
        weights = [weight + step for weight, step in zip(weights, _solved(curve, gradient), strict=True)]
    bias, score, unknown = (round(weight, 3) for weight in weights)
    return Calibration(bias, score, unknown)


def _solved(matrix: Sequence[Sequence[float]], right: Sequence[float]) -> list[float]:
    """Solve three equations by Cramer's rule."""

    def determinant(m: Sequence[Sequence[float]]) -> float:
        return sum(
            m[0][i] * (m[1][(i + 1) % 3] * m[2][(i + 2) % 3] - m[1][(i + 2) % 3] * m[2][(i + 1) % 3]) for i in range(3)
        )

    whole = determinant(matrix)
    return [
        determinant([[right[row] if index == column else matrix[row][index] for index in range(3)] for row in range(3)])
        / whole
        for column in range(3)
    ]
