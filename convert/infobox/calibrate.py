"""How far a catalogue's guesses are to be believed, measured on calls of which the template is known.

Each call is guessed by what the others teach.  A logistic regression then turns what the matcher sees, how far the best
template is ahead of the others and how many of the keys it does not take, into the share of guesses that are right.
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

# With fewer calls nothing is measured.
LEAST = 200
FOLDS = 10

_STEPS = 12
_RIDGE = 0.1


def calibrated(catalogue: Catalogue, lessons: Lessons, known: Catalogue = Catalogue()) -> Catalogue:
    """Put the calibration of what was learnt into a catalogue; ``known`` is what it was learnt on top of.

    Of fewer calls than ``LEAST`` nothing can be told, and the catalogue stays as it is.
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
    """Guess an example's template, and say how sure that was and whether it was right."""
    fields = tuple(field for field in example.article.infoboxes[0].fields if field.values)
    evidence = evidence_of(Infobox(fields), example.article, catalogue)
    if evidence:
        best = catalogue.templates[evidence.shares[0][0]]
        yield evidence.score, evidence.unmatched, best is catalogue.find(example.template)


def _fitted(rows: Sequence[tuple[float, float, bool]]) -> Calibration:
    """Fit a logistic regression by Newton's method; a little ridge keeps it finite where nothing is ever wrong."""
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
