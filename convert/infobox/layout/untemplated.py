"""A box without a template: its rows as the author wrote them, apart from an image and what only says how it looks."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from msgspec import Struct

from convert.ast import Field, Infobox
from convert.infobox.catalogue import Parameter
from convert.infobox.keys import MEMORABLE, folded
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
    # No longer key says anything, and a memory of them would have no bounds.
    telling = [(field, roles) for field in fields if len(field.key) <= MEMORABLE and (roles := _roles(field.key))]
    if not telling:  # as in most
        return Untemplated(None, None, None, None, fields, ())
    image = next((field for field, roles in telling if "image" in roles and _is_file(field)), None)
    caption = next((field for field, roles in telling if "caption" in roles), None) if image else None
    alt = next((field for field, roles in telling if "alt" in roles), None) if image else None
    name = next((field for field, roles in telling if "name" in roles and field.values == (title,)), None)
    apart = {id(field) for field in (image, caption, alt, name)}
    looks = [field for field, roles in telling if "looks" in roles and id(field) not in apart]
    apart.update(map(id, looks))
    return Untemplated(image, caption, alt, name, [field for field in fields if id(field) not in apart], looks)


@lru_cache(maxsize=1 << 12)
def _roles(key: str) -> frozenset[str]:
    """Return what a key can be but that of a row."""
    letters = folded(key)
    has = {
        "image": is_image(Parameter(key), known=False),
        "caption": letters in _CAPTIONS,
        "alt": letters in _ALTS,
        "name": letters in _NAMES,
        "looks": bool(key) and is_presentation(key, known=False),
    }
    return frozenset(role for role, is_one in has.items() if is_one)


def _is_file(field: Field) -> bool:
    return len(field.values) == 1 and bool(file_of(field.values[0]))
