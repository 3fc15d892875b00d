"""A template at a glance: what it is for, its main parameters, and which keys of an infobox it takes."""

from __future__ import annotations

from collections.abc import Sequence
from heapq import nlargest
from typing import NamedTuple

from msgspec import structs

from convert.ast import Article
from convert.infobox.match import TemplateChoice, match

#: So many are named of each.
_NOUNS = 6
_PARAMETERS = 12
_ALIASES = 4
_KEYS = 12


class Glance(NamedTuple):
    """What there is to know of a template that the catalogue knows.

    ``subjects`` are what its articles are about, ``parameters`` the most used, each with its label; ``more`` is how
    many others there are.  ``taken`` of the infobox's ``keys`` have a parameter, ``left`` have none.
    """

    name: str
    subjects: Sequence[str]
    broader: str
    aliases: Sequence[str]
    parameters: Sequence[tuple[str, str]]
    more: int
    taken: int
    keys: int
    left: Sequence[str]


def glance(name: str, article: Article, number: int, choice: TemplateChoice) -> Glance | None:
    """Look at a template for an infobox of an article; ``None`` where the catalogue does not know it."""
    template = choice.templates.find(name)
    if template is None or number not in range(len(article.infoboxes)):
        return None
    infobox = structs.replace(article.infoboxes[number], template=template.name)
    keys = [row.key for row in infobox.fields if row.key]
    left = [row.key for _, row in match(infobox, article, choice).leftovers if row.key]
    used = [parameter for parameter in template.parameters if parameter.uses] or list(template.parameters)
    main = nlargest(_PARAMETERS, used, key=lambda parameter: parameter.uses)
    return Glance(
        template.name,
        nlargest(_NOUNS, template.nouns, key=lambda noun: template.nouns[noun]),
        template.broader,
        template.aliases[:_ALIASES],
        [(parameter.name, parameter.label) for parameter in main],
        len(template.parameters) - len(main),
        len(keys) - len(left),
        len(keys),
        left[:_KEYS],
    )
