"""The values of infoboxes that lead to a page, as every writer of links takes them."""

from __future__ import annotations

from collections.abc import Sequence

from convert.ast import Field

#: The kinds of parameters whose values may be links; of others a template makes something else.
TEXTS = ("text", "list")


class Linked(str):
    """A value that leads to a page."""

    target: str
    line: int


def with_links(row: Field) -> Sequence[str]:
    """Return the values of a row, those that lead to a page as ``Linked``."""
    return tuple(_with_link(value, row) for value in row.values) if row.links else row.values


def _with_link(value: str, row: Field) -> str:
    if value not in row.links or not value.strip():
        return value
    linked = Linked(value)
    linked.target, linked.line = row.links[value], row.line
    return linked
