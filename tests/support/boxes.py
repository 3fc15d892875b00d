"""Infoboxes as readers see them: their rows, each with a label or the place of its value."""

from __future__ import annotations

import lxml.html
from lxml.etree import _Element

from tests.support.rendered import text_of

#: Labels and values.
Rows = list[tuple[str, str]]

_PLACES = {"subtitle": "subtitle", "picture": "image", "section": "heading", "wide": ""}


def boxes_of_page(body: str) -> list[Rows]:
    """Read the infoboxes of an HTML page."""
    tree = lxml.html.fragment_fromstring(body, create_parent="body")
    return [
        [("title", text_of(box.xpath("./caption")[0])), *_rows(box)] for box in tree.xpath(".//table[@class='infobox']")
    ]


def _rows(box: _Element) -> Rows:
    return [
        (text_of(row[0]) if len(row) > 1 else _PLACES[row[0].get("class", "")], cells_of(row[-1]))
        for row in rows_in(box)
    ]


def rows_in(table: _Element) -> list[_Element]:
    """Return the rows of a table, without those of tables in it."""
    return [row for part in table for row in (part if part.tag == "tbody" else (part,)) if row.tag == "tr"]


def cells_of(cell: _Element) -> str:
    """Read a value; values side by side stand between bars."""
    rows = [row for table in cell.iter("table") for row in rows_in(table)]
    return "; ".join(" | ".join(text_of(each) or "-" for each in row) for row in rows) if rows else text_of(cell)
