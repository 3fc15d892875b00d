"""Calibration of a catalogue's guesses, by cross-validation on calls with known templates.

The template of each call is guessed by a catalogue learnt from the other folds: from the call as it is, with labels for
keys, without a third of them, with keys that no template takes, and from one to five keys only.  A logistic regression
then maps the matcher's features, the margin of the best template, the shares of unmatched keys and the number of the
others, to the probability that a guess is right.  The catalogue tells how many of the calls, as they are, were so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import exp
from zlib import crc32

from msgspec import structs

from convert.ast import Field, Infobox
from convert.infobox.catalogue import Calibration, Catalogue, Quality, Template
from convert.infobox.guess.evidence import evidence_of
from convert.infobox.keys import loose
from convert.infobox.labels import meanings_of
from convert.infobox.learn import Example, Lessons

# Too few calls cannot be calibrated.
LEAST = 200
#: With fewer, no share of right guesses means anything.
LEAST_MEASURED = 20
FOLDS = 10

#: What ``variants`` yields, in its order.
VARIANTS = (
    "as it is",
    "labels for keys",
    "a third of the keys left out",
    "unknown keys added",
    "three to five keys",
    "one or two keys",
)

#: The features of a guess, and whether it is right.
_Row = tuple[tuple[float, ...], bool]

_STEPS = 12
_RIDGE = 0.1


def calibrated(catalogue: Catalogue, lessons: Lessons, known: Catalogue = Catalogue()) -> Catalogue:
    """Add the calibration of what was learnt to a catalogue; ``known`` is the catalogue that learning started from.

    With fewer calls than ``LEAST_MEASURED`` the catalogue is returned unchanged, and with fewer than ``LEAST`` it tells
    but how many guesses are right.
    """
    examples = lessons.examples()
    if len(examples) < LEAST_MEASURED:
        return catalogue
    right = 0
    parts = [crc32(example.article.title.encode()) % FOLDS for example in examples]
    rows: list[_Row] = []
    for part in range(FOLDS):
        remaining = Lessons(lessons.options)
        for example, of in zip(examples, parts, strict=True):
            if of != part:
                remaining.add(example)
        taught = remaining.catalogue(known, ordered=False)
        for example, of in zip(examples, parts, strict=True):
            if of == part:
                right += _is_right(example, taught)
                rows += _rows(example, taught)
    quality = Quality(len(examples), round(right / len(examples), 4))
    if len(examples) < LEAST:
        return structs.replace(catalogue, quality=quality)
    return structs.replace(catalogue, calibration=_fitted(rows), quality=quality)


def _is_right(example: Example, catalogue: Catalogue) -> bool:
    """Return whether the template of an example is guessed from the call as it is."""
    fields = tuple(field for field in example.article.infoboxes[0].fields if field.values)
    evidence = evidence_of(Infobox(fields), example.article, catalogue)
    return evidence is not None and catalogue.templates[evidence.shares[0][0]] is catalogue.find(example.template)


def _rows(example: Example, catalogue: Catalogue) -> Iterator[_Row]:
    """Guess the template of an example as it is and changed; return each guess's features and whether it is right."""
    fields = tuple(field for field in example.article.infoboxes[0].fields if field.values)
    truth = catalogue.find(example.template)
    for changed in variants(fields, truth, catalogue, crc32(example.article.title.encode())):
        evidence = evidence_of(Infobox(changed), example.article, catalogue)
        if evidence:
            best = catalogue.templates[evidence.shares[0][0]]
            features = (evidence.score, evidence.unmatched, evidence.unheard, evidence.few, evidence.noun)
            yield (1.0, *features), best is truth


def variants(
    fields: Sequence[Field], template: Template | None, catalogue: Catalogue, seed: int
) -> Iterator[tuple[Field, ...]]:
    """Yield fields as people might have written them; ``seed`` chooses which are left out."""
    yield tuple(fields)
    yield labelled(fields, template, catalogue)
    yield tuple(field for number, field in enumerate(fields) if (number + seed) % 3)
    yield (*fields, *(Field(f"{_UNHEARD} {number}", ("x",)) for number in range(1 + len(fields) // 6)))
    mixed = sorted(range(len(fields)), key=lambda number: crc32(f"{seed} {number}".encode()))
    yield tuple(fields[number] for number in sorted(mixed[: 3 + seed % 3]))
    yield tuple(fields[number] for number in sorted(mixed[: 1 + seed % 2]))


#: The name of a key that no template takes.
_UNHEARD = "Unheard of thing"


def labelled(fields: Sequence[Field], template: Template | None, catalogue: Catalogue) -> tuple[Field, ...]:
    """Give fields the labels for keys that readers see beside their values."""
    labels = _labels_of(template, catalogue) if template else {}
    return tuple(structs.replace(field, key=labels.get(loose(field.key), field.key)) for field in fields)


def _labels_of(template: Template, catalogue: Catalogue) -> dict[str, str]:
    """Return a label of each parameter of a template that has one: the template's own first."""
    names = {
        loose(name): parameter for parameter in template.parameters for name in (*parameter.aliases, parameter.name)
    }
    found: dict[str, str] = {}
    for label, written in (*template.labels.items(), *catalogue.labels.items()):
        meaning = next((each for each in meanings_of(written) if loose(each.names[0]) in names), None)
        if meaning and not meaning.title:
            for name in meaning.names:
                for other in (
                    (name, *names[loose(name)].aliases, names[loose(name)].name) if loose(name) in names else ()
                ):
                    found.setdefault(loose(other), label)
    return found


def _fitted(rows: Sequence[_Row]) -> Calibration:
    """Fit a logistic regression by Newton's method; ridge regularization keeps it finite for separable data."""
    size = len(rows[0][0])
    weights = [0.0] * size
    for _ in range(_STEPS):
        gradient = [-_RIDGE * weight for weight in weights]
        curve = [[_RIDGE * (row == column) for column in range(size)] for row in range(size)]
        for features, right in rows:
            probability = 1 / (1 + exp(-max(-30.0, min(30.0, sum(map(float.__mul__, weights, features))))))
            doubt = probability * (1 - probability)
            for row, feature in enumerate(features):
                gradient[row] += (right - probability) * feature
                for column, other in enumerate(features):
                    curve[row][column] += doubt * feature * other
        weights = [weight + step for weight, step in zip(weights, _solved(curve, gradient), strict=True)]
    return Calibration(*(round(weight, 3) for weight in weights))


def _solved(matrix: Sequence[Sequence[float]], right: Sequence[float]) -> list[float]:
    """Solve linear equations by elimination; the matrix is positive definite, so that no pivot is zero."""
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    for place, pivot in enumerate(rows):
        pivot[:] = [value / pivot[place] for value in pivot]
        for row in rows:
            if row is not pivot:
                row[:] = [value - row[place] * part for value, part in zip(row, pivot, strict=True)]
    return [row[-1] for row in rows]
