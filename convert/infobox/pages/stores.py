"""Declarations that store the values of a template: tables of Cargo, properties of Semantic MediaWiki.

    {{#cargo_declare:_table=Infobox_film|director=List (<br>) of Page|released=Date}}    on the template
    {{#cargo_store:_table=Infobox_film|director={{{director|}}}|…}}                      on its pages
    {{#set:Director={{{director|}}}|+sep=<br>|Released={{{released|}}}}}                 on its pages
    [[Has type::Date]]                                                                   on Property:Released

A field is stored by its kind: dates, numbers, addresses, coordinates, files, lists, pages, texts.

Sources: https://www.mediawiki.org/wiki/Extension:Cargo/Storing_data,
https://www.semantic-mediawiki.org/wiki/Help:Setting_values
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

from convert.expressions import expression
from convert.infobox import BETWEEN_VALUES
from convert.infobox.catalogue import Kind, Parameter
from convert.infobox.keys import folded
from convert.infobox.layout.model import Layout, parts_of
from convert.infobox.layout.words import Labels
from convert.infobox.pages.wikitext import given

#: Where values are stored.
Store = Literal["cargo", "smw"]

_CARGO: Mapping[Kind, str] = {
    "text": "String", "date": "Date", "number": "Float", "url": "URL", "coordinates": "Coordinates", "image": "File",
    "list": "String",
}  # fmt: skip
_SMW: Mapping[Kind, str] = {
    "text": "Text", "date": "Date", "number": "Number", "url": "URL", "coordinates": "Geographic coordinates",
    "image": "Page", "list": "Text",
}  # fmt: skip
# What names other subjects, each of which has a page or may have one.
_PAGES = expression(
    r"(?:director|producer|writer|author|artist|composer|starring|developer|publisher|distributor|studio|label|creator"
    r"|country|nation|nationality|spouse|partner|parents?|children|predecessor|successor|preceded(?:by)?|followed(?:by)?"
    r"|succeeded|prevtitle|nexttitle|lastalbum|nextalbum|owner|operator|builder|manufacturer|founders?|almamater|employer"
    r"|location|place|birthplace|deathplace|combatant|commander|genre|language|party|subdivisionname|series|team|clubs"
    r"|genus|family|architect|designer|parent|subsid)[0-9]*"
)
_UNSAFE = expression(r"\W+")
# Names that databases keep for themselves.
_RESERVED = frozenset(
    """add all alter and as asc before between both by call case change character check column condition convert create
    cross database default delete desc describe distinct div double drop each else exists explain false fetch float for
    force foreign from fulltext generated get grant group having holds if ignore in index inner insert int integer
    interval into is join key keys kill leading leave left like limit lines load lock long loop match matches mod near
    not null numeric of on option or order out outer partition precision primary procedure range rank read real
    references release rename repeat replace require return right row rows schema select set show signal spatial sql
    starting system table then to trailing trigger true undo union unique unlock update usage use using values varying
    virtual when where while window with within write""".split()
)
_LONGEST_NAME = 50


class Field(NamedTuple):
    """A value to store: its parameter, and whether it may be several, or the names of pages."""

    parameter: Parameter
    several: bool
    pages: bool


def fields_of(layout: Layout) -> Sequence[Field]:
    """Return what a layout shows: titles, images and values; what only says how the box looks is not stored."""
    shown = dict.fromkeys(layout.titles)
    shown |= dict.fromkeys(picture.parameter for picture in layout.main)
    lines = [*layout.subtitle, *(row.label.line for row in layout.rows if not hasattr(row, "rows"))]
    shown |= dict.fromkeys(each for line in lines for part in line for each in part.parameters)
    shown |= dict.fromkeys(each for row in layout.rows for part in parts_of(row) for each in part.parameters)
    return [
        Field(each, each.kind == "list", each.kind in ("text", "list") and bool(_PAGES.fullmatch(folded(each.name))))
        for each in shown
    ]


def cargo(template: str, fields: Iterable[Field]) -> tuple[str, str]:
    """Return the declaration of a template's table, and the call that stores a row."""
    table = _identifier(template, {})
    taken: dict[str, None] = {}
    declared, stored = [f"_table={table}"], [f"_table={table}"]
    for field in fields:
        name = _identifier(field.parameter.name, taken)
        kind = "Page" if field.pages else _CARGO[field.parameter.kind]
        declared.append(f"{name}={f'List ({BETWEEN_VALUES}) of {kind}' if field.several else kind}")
        stored.append(f"{name}={given(field.parameter)}")
    return "{{#cargo_declare:" + "\n|".join(declared) + "\n}}", "{{#cargo_store:" + "\n|".join(stored) + "\n}}"


def _identifier(name: str, taken: dict[str, None]) -> str:
    """Make a name for a table or a field: letters, digits and single underscores, not a word of SQL, and unique."""
    words = re.sub("_{2,}", "_", _UNSAFE.sub("_", name)).strip("_")[:_LONGEST_NAME].rstrip("_")
    if not words or words[0].isdigit() or words.lower() in _RESERVED:
        words = f"field_{words}".rstrip("_")
    made, number = words, 2
    while made.lower() in taken:
        made, number = f"{words}_{number}", number + 1
    taken[made.lower()] = None
    return made


def semantic(fields: Iterable[Field], labels: Labels) -> tuple[str, Mapping[str, str]]:
    """Return the call that sets properties, and the types of the properties by their names."""
    types: dict[str, str] = {}
    arguments: list[str] = []
    for field in fields:
        name = property_of(labels.readable(field.parameter.name))
        if not name or name in types:
            continue
        types[name] = "Page" if field.pages else _SMW[field.parameter.kind]
        arguments.append(f"{name}={given(field.parameter)}")
        if field.several:
            arguments.append(f"+sep={BETWEEN_VALUES}")
    return "{{#set:\n|".replace("\n|", "") + "\n|".join(arguments) + "\n}}", types


def property_of(label: str) -> str:
    """Make a label the name of a property: without what would be markup, and with a first letter in upper case."""
    name = " ".join(re.sub(r"[^\w ().,%–-]+|__+", " ", label).split())[:_LONGEST_NAME].strip(" -.")
    return name[:1].upper() + name[1:]


def property_page(kind: str) -> str:
    """Write the page of a property."""
    return f"A property of infoboxes. Its values are of the type [[Has type::{kind}]]."
