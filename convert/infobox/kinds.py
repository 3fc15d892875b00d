"""Kinds of values: how each is recognised and formatted, and its TemplateData type.

    KINDS        one entry each, in the order in which values are recognised
    kind_of      a value of a call to its kind
    formatted    a parameter's values to wikitext, by their kind

A new kind is a name in ``catalogue.Kind`` and an entry here.

Source: https://www.mediawiki.org/wiki/Help:TemplateData#Type
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from convert.expressions import expression
from convert.infobox import BETWEEN_VALUES
from convert.infobox.catalogue import Kind
from convert.infobox.values import (
    Formatter,
    Guard,
    ValueContext,
    ValueOptions,
    called,
    format_coordinates,
    format_date,
    format_image,
    format_number,
    format_url,
)

_DATE_TEMPLATE = r"^\{\{ *(?:start|end|birth|death|release|film|dob|bda|dda)\b[ _-]?(?:year|date|da)?\b"
_DATE = r"^\d{4}-\d\d-\d\d$|^(?:\d{1,2} )?\[{0,2}[a-z]{3,9}\.?(?: \d{1,2})?\]{0,2},? \[{0,2}\d{4}\]{0,2}$"
_YEAR = expression(r"\d{4}")


class ValueKind(NamedTuple):
    """One kind of values.

    ``type`` is its TemplateData type; ``exact``: that type implies this kind.  ``pattern`` recognises a value in a
    call; ``format`` formats one value.  Without a pattern nothing is recognised, without a format values stay
    unchanged.
    """

    name: Kind
    type: str
    exact: bool = False
    pattern: re.Pattern[str] | None = None
    format: Formatter | None = None


#: All kinds, in the order of recognition.
KINDS: tuple[ValueKind, ...] = (
    ValueKind(
        "coordinates", "line",
        pattern=expression(r"\{\{ *+coord\b|^\d+(?:\.\d+)?[°;, ]+\d+[.′']", re.IGNORECASE),
        format=format_coordinates,
    ),
    ValueKind(
        "url", "url", exact=True,
        pattern=expression(r"^\{\{ *(?:url|official)\b|^\[?(?:https?:)?//\S++[^\]\n]*\]?$|^www\.\S+$", re.IGNORECASE),
        format=format_url,
    ),
    ValueKind(
        "image", "wiki-file-name", exact=True,
        pattern=expression(
            r"^(?:\[\[)?(?:file|image):|^[^|\n]*\.(?:jpe?g|png|svg|gif|tiff?|webp)(?:$|\||\]\])", re.IGNORECASE
        ),
        format=format_image,
    ),
    ValueKind(
        "date", "date", exact=True,
        pattern=expression(f"{_DATE_TEMPLATE}|{_DATE}", re.IGNORECASE),
        format=format_date,
    ),
    ValueKind(
        "list", "content",
        pattern=expression(
            r"\{\{ *(?:plain ?list|ubl|unbulleted|flat ?list|hlist|collapsible)\b|<br|\n *\*", re.IGNORECASE
        ),
    ),
    ValueKind("number", "number", exact=True, pattern=expression(r"^[\d., ]*\d$"), format=format_number),
    ValueKind("text", "string"),
)  # fmt: skip

#: The TemplateData type of each kind.
TYPES: Mapping[Kind, str] = {kind.name: kind.type for kind in KINDS}
#: The kind that a TemplateData type implies.
KINDS_BY_TYPE: Mapping[str, Kind] = {kind.type: kind.name for kind in KINDS if kind.exact}

_PATTERNS = tuple((kind.name, kind.pattern) for kind in KINDS if kind.pattern)
_FORMATTERS: Mapping[str, Formatter] = {kind.name: kind.format for kind in KINDS if kind.format}


def kind_of(value: str) -> Kind | None:
    """Recognise the kind of a value by its form; a year alone may be a number or a date."""
    if _YEAR.fullmatch(value):
        return None
    return next((kind for kind, pattern in _PATTERNS if pattern.search(value)), None)


def formatted(
    kind: str,
    name: str,
    values: Sequence[str],
    infobox: Mapping[str, Sequence[str]],
    guard: Guard,
    options: ValueOptions = ValueOptions(),
) -> str | None:
    """Format the values of the parameter ``name`` by their kind; ``None`` if they stay unchanged.

    ``infobox`` has the values of every parameter by name.
    """
    format = _FORMATTERS.get(kind, _unchanged)
    context = ValueContext(name, len(values) == 1, infobox, guard, options)
    items = [format(value.strip(), context) for value in values]
    if context.alone:
        return items[0]
    if not values or (options.lists == "br" and not any(items)):
        return None
    written = [item or guard(value) for item, value in zip(items, values, strict=True)]
    return _plainlist(written) if options.lists == "plainlist" else BETWEEN_VALUES.join(written)


def _unchanged(value: str, context: ValueContext) -> None:
    """Leave a value unchanged."""


def _plainlist(items: Sequence[str]) -> str:
    lines = "\n".join(f"* {item}" for item in items)
    return called("plainlist", f"\n{lines}\n")
