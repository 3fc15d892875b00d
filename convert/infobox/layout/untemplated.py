"""A box without a template: its rows as the author wrote them, apart from an image and what only says how it looks."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from convert.ast import Field, Infobox
from convert.infobox.catalogue import Parameter
from convert.infobox.keys import folded
from convert.infobox.layout.presentation import is_image, is_presentation
from convert.infobox.values import FILE_NAME

_NAMES = frozenset({"name", "title"})
_CAPTIONS = frozenset({"caption", "imagecaption"})
_ALTS = frozenset({"alt", "imagealt", "alttext"})


class Untemplated(Struct, frozen=True):
    """The fields of a box without a template; ``name`` repeats the title of the article."""

    image: Field | None
    caption: Field | None
    alt: Field | None
    name: Field | None
    rows: Sequence[Field]
    looks: Sequence[Field]


def file_of(value: str) -> str:
    """Return the name of a file, without its namespace; empty if a value is none."""
    name = value.rpartition(":")[2].strip()
    return name if FILE_NAME.fullmatch(name) else ""


def untemplated(infobox: Infobox, title: str) -> Untemplated:
    """Sort the fields of a box without a template."""
    fields = infobox.fields
    image = next(filter(_is_image, fields), None)
    caption = next((each for each in fields if folded(each.key) in _CAPTIONS), None) if image else None
    alt = next((each for each in fields if folded(each.key) in _ALTS), None) if image else None
    name = next((each for each in fields if folded(each.key) in _NAMES and each.values == (title,)), None)
    apart = {id(each) for each in (image, caption, alt, name)}
    others = [each for each in fields if id(each) not in apart]
    looks = [each for each in others if each.key and is_presentation(each.key, known=False)]
    shown = {id(each) for each in looks}
    return Untemplated(image, caption, alt, name, [each for each in others if id(each) not in shown], looks)


def _is_image(field: Field) -> bool:
    return len(field.values) == 1 and is_image(Parameter(field.key), known=False) and bool(file_of(field.values[0]))
