"""What guessing needs of every template of a catalogue, whichever are likely."""

from __future__ import annotations

from math import fsum
from typing import NamedTuple

from convert.infobox.catalogue import Catalogue
from convert.infobox.guess.takers import counts_of_templates
from convert.infobox.prepared import prepared


class Outline(NamedTuple):
    """A template: its name, the keys in its calls, its calls, and the articles whose nouns are known.

    ``broader`` is the place of the template of the broader kind, -1 if there is none.
    """

    name: str
    size: float
    uses: int
    articles: int
    broader: int


class Outlines(NamedTuple):
    """All templates of a catalogue, and how many families of keys they have."""

    families: int
    templates: list[Outline]


@prepared("outlines", Outlines)
def outlines(catalogue: Catalogue) -> Outlines:
    """Return the outlines of a catalogue's templates."""
    places = {template.name: place for place, template in enumerate(catalogue.templates)}
    counts = counts_of_templates(catalogue)
    templates = [
        Outline(
            template.name,
            fsum(of_template.values()),
            template.uses,
            sum(count for noun, count in template.nouns.items() if " " not in noun),
            places.get(template.broader, -1),
        )
        for template, of_template in zip(catalogue.templates, counts, strict=True)
    ]
    return Outlines(len({key for of_template in counts for key in of_template}), templates)
