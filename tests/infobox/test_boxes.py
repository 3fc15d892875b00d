"""Boxes with labels for keys, as pages show them, become the templates and parameters that they were made of."""

import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from convert.ast import Article, Field, Infobox
from convert.infobox.catalogue import Template, shipped
from convert.infobox.keys import folded
from convert.infobox.match import Match, match


def _boxes(name: str) -> dict[str, list[tuple[str, str]]]:
    return tomllib.loads(Path(__file__).with_name(name).read_text("utf-8"))


#: Boxes that were looked at while the labels were written down, those of kinds that were not, and of yet others.
BOXES, APART, LATER = map(_boxes, ("boxes.toml", "boxes-apart.toml", "boxes-later.toml"))
#: One kind of thing has several templates, by how much of its name is said.
TAXA = {"Taxobox", "Speciesbox", "Automatic taxobox"}
#: So many rows of a long box are a short one.
FEW = 5


def _box(rows: str, most: int | None = None, template: str | None = None) -> tuple[Infobox, list[str]]:
    """Make the infobox of the labels, each with a value, and return the parameters that are right."""
    pairs = [row.strip().split(" = ") for row in rows.split(";")][:most]
    fields = tuple(Field(label, ("A 1",), line=line) for line, (label, _) in enumerate(pairs))
    return Infobox(fields, template), [name for _, name in pairs]


def _matched(title: str, infobox: Infobox) -> Match:
    return match(infobox, Article(title, (infobox,)))


def _missed(template: str, boxes: Sequence[tuple[str, str]]) -> list[str]:
    """Return the labels that do not mean the right parameters when the template is named."""
    missed = []
    aliases = {folded(name): folded(each.name) for each in _known(template).parameters for name in each.aliases}
    for title, rows in boxes:
        infobox, names = _box(rows, template=template)
        by_line: dict[int, set[str]] = {}
        for name, field in _matched(title, infobox).parameters:
            by_line.setdefault(field.line, set()).add(folded(name))
        for field, name in zip(infobox.fields, map(folded, names), strict=True):
            if not {name, aliases.get(name)} & by_line.get(field.line, set()):
                missed.append(field.key)
    return missed


def _known(template: str) -> Template:
    known = shipped().find(template)
    assert known, template
    return known


def _counts(kinds: Mapping[str, Sequence[tuple[str, str]]], most: int | None) -> Counter[str]:
    """Count the boxes whose template is guessed right, wrong, or not at all; the broader one is right as well."""
    counts: Counter[str] = Counter()
    for template, boxes in kinds.items():
        truth = _known(template)
        for title, rows in boxes:
            found = _matched(title, _box(rows, most)[0]).template
            is_right = found in (truth.name, truth.broader) or {found, truth.name} <= TAXA
            counts["none" if found is None else "right" if is_right else "wrong"] += 1
    return counts


@pytest.mark.parametrize("template", BOXES)
def test_labels_are_the_parameters_that_they_show(template: str) -> None:
    assert _missed(template, BOXES[template]) == []


def test_labels_written_down_before_are_parameters() -> None:
    rows = sum(len(rows.split(";")) for kinds in (APART, LATER) for boxes in kinds.values() for _, rows in boxes)
    missed = sum(len(_missed(template, boxes)) for kinds in (APART, LATER) for template, boxes in kinds.items())
    assert missed <= 0.04 * rows


@pytest.mark.parametrize(
    ("kinds", "most", "right", "wrong"),
    [(BOXES, None, 0.95, 0.03), (BOXES, FEW, 0.9, 0.05), (APART, None, 0.93, 0.03), (APART, FEW, 0.87, 0.07)],
    ids=["boxes", "few rows", "boxes apart", "few rows apart"],
)
def test_boxes_are_the_templates_that_they_were_made_of(
    kinds: Mapping[str, Sequence[tuple[str, str]]], most: int | None, right: float, wrong: float
) -> None:
    counts = _counts(kinds, most)
    assert counts["right"] >= right * counts.total()
    assert counts["wrong"] <= wrong * (counts["right"] + counts["wrong"])


@pytest.mark.parametrize(
    "keys",
    [
        ["Born"],
        [f"Key {number}" for number in range(5000)],
        ["She was born in a small house by the sea, and never left it again", "He laughed."],
        ["1", "2", "3"],
        ["\N{GRINNING FACE}", "\N{SHIP}\N{SHIP}", "•"],
    ],
    ids=["one", "many", "sentences", "numbers", "emoji"],
)
def test_keys_that_say_nothing_make_a_generic_box_and_lose_nothing(keys: list[str]) -> None:
    infobox = Infobox(tuple(Field(key, ("A",), line=line) for line, key in enumerate(keys)))
    matched = _matched("Mara Quill", infobox)
    assert matched.template is None
    assert len(matched.leftovers) == len(keys)
