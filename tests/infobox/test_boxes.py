"""Boxes with labels for keys, as pages show them, become the templates and parameters that they were made of."""

import tomllib
from collections import Counter
from pathlib import Path

import pytest

from convert.ast import Article, Field, Infobox
from convert.infobox.catalogue import shipped
from convert.infobox.keys import folded
from convert.infobox.match import Match, match

BOXES: dict[str, list[tuple[str, str]]] = tomllib.loads(Path(__file__).with_name("boxes.toml").read_text("utf-8"))
#: So many rows of a long box are a short one.
FEW = 5


def _box(rows: str, most: int | None = None, template: str | None = None) -> tuple[Infobox, list[str]]:
    """Make the infobox of the labels, each with a value, and return the parameters that are right."""
    pairs = [row.strip().split(" = ") for row in rows.split(";")][:most]
    fields = tuple(Field(label, ("A 1",), line) for line, (label, _) in enumerate(pairs))
    return Infobox(fields, template), [name for _, name in pairs]


def _matched(title: str, infobox: Infobox) -> Match:
    return match(infobox, Article(title, (infobox,)))


@pytest.mark.parametrize("template", BOXES)
def test_labels_are_the_parameters_that_they_show(template: str) -> None:
    for title, rows in BOXES[template]:
        infobox, names = _box(rows, template=template)
        by_line: dict[int, set[str]] = {}
        for name, field in _matched(title, infobox).parameters:
            by_line.setdefault(field.line, set()).add(folded(name))
        assert [line for line, name in enumerate(names) if folded(name) not in by_line.get(line, set())] == []


def test_boxes_are_the_templates_that_they_were_made_of() -> None:
    counts: Counter[str] = Counter()
    for template, boxes in BOXES.items():
        for title, rows in boxes:
            for most in (None, FEW):
                found = _matched(title, _box(rows, most)[0]).template
                truth = shipped().find(template)
                counts["none" if found is None else "right" if shipped().find(found) is truth else "wrong"] += 1
    assert counts["right"] >= 0.93 * counts.total()
    assert counts["wrong"] <= 0.03 * (counts["right"] + counts["wrong"])


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
    infobox = Infobox(tuple(Field(key, ("A",), line) for line, key in enumerate(keys)))
    matched = _matched("Mara Quill", infobox)
    assert matched.template is None
    assert len(matched.leftovers) == len(keys)
