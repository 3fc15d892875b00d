r"""The layouts of the most used templates, as ``layouts.toml`` has them.

A line of ``rows`` is:

    # Text                          a heading; ``# <param ?? Text>``: the value of a parameter, if it has one
    #                               the end of what stands under a heading
    param; Label: param             rows; without a label, the first one that the catalogue has for the parameter
    <param ?? Label>: param         a row whose label is the value of a parameter, if it has one
    = param                         a value of the whole width
    A / B >> param | param          values side by side, under headings; without ``>>``, under none
    *                               the place of parameters that are not listed; before the first heading, if none is
    repeat … end                    lines for each number that stands for ``#`` in the names

A cell has lines between ``+``, and a line parts: ``<param>``, or ``[text <param> text]``, whose text goes with the
value.  A part may be ``<one/another>``, the first that the template has; ``<param~unit>``; ``<param@codes>``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pkgutil import get_data
from typing import NamedTuple

from convert.expressions import expression

_PART = expression(r"\[(?P<before>[^\[\]<>]*)<(?P<bracketed>[^<>]+)>(?P<after>[^\[\]<>]*)\]|<(?P<bare>[^<>]+)>")
_LABEL = expression(r"(?P<label><[^<>]+>|[^<>:|]+): (?P<cell>.+)")


class PartDesign(NamedTuple):
    """A part: the names that a parameter may have, and what is written around its value."""

    names: Sequence[str]
    before: str
    after: str
    unit: str
    codes: str


LineDesign = Sequence[PartDesign]
CellDesign = Sequence[LineDesign]


class RowDesign(NamedTuple):
    """A line of a design: ``#`` a heading, ``=`` a row, ``|`` a grid, ``*`` the rest, ``repeat`` a block."""

    kind: str
    text: str = ""
    #: The parameters that say the label or heading, if some do.
    label: LineDesign = ()
    cells: Sequence[CellDesign] = ()
    headings: Sequence[str] = ()
    block: Sequence[RowDesign] = ()

    def names(self) -> Iterator[str]:
        """Yield the names of all parameters."""
        for line in (self.label, *(line for cell in self.cells for line in cell)):
            for part in line:
                yield from part.names
        for row in self.block:
            yield from row.names()


class Design(NamedTuple):
    """The design of a template's box."""

    title: str = ""
    heading: str = ""
    subtitle: CellDesign = ()
    image: str = ""
    caption: str = ""
    rows: Sequence[RowDesign] = ()
    hidden: frozenset[str] = frozenset()


@cache
def _tables() -> Mapping[str, Mapping[str, str]]:
    content = get_data(__package__, "layouts.toml")
    assert content is not None
    return tomllib.loads(content.decode())


@cache
def designs() -> Mapping[str, Design]:
    """Return the designs by the names of templates; that of other templates is ``all``."""
    return {
        name: _design(table)
        for heading, table in _tables().items()
        if not heading.startswith("codes ")
        for name in heading.split(" | ")
    }


@cache
def codes(name: str) -> Mapping[str, str]:
    """Return the words for codes, which are in lower case; the empty one stands for none."""
    return _tables()[f"codes {name}"] if name else {}


def _design(table: Mapping[str, str]) -> Design:
    return Design(
        title=table.get("title", ""),
        heading=table.get("heading", ""),
        subtitle=_cell(table["subtitle"]) if "subtitle" in table else (),
        image=table.get("image", ""),
        caption=table.get("caption", ""),
        rows=tuple(_rows(iter(table.get("rows", "").splitlines()))),
        hidden=frozenset(filter(None, table.get("hidden", "").split("; "))),
    )


def _rows(lines: Iterator[str]) -> Iterator[RowDesign]:
    for line in map(str.strip, lines):
        if line == "end":
            return
        if line == "repeat":
            yield RowDesign("repeat", block=tuple(_rows(lines)))
        elif line == "*":
            yield RowDesign("*")
        elif line == "#" or line.startswith("# "):
            yield RowDesign("#", *_label(line[2:]))
        elif "|" in line:
            headings, _, cells = line.removeprefix("| ").rpartition(" >> ")
            yield RowDesign(
                "|", headings=headings.split(" / ") if headings else (), cells=tuple(map(_cell, cells.split(" | ")))
            )
        else:
            yield from (_pair(each) for each in line.split("; ") if each)


def _pair(written: str) -> RowDesign:
    if written.startswith("= "):
        return RowDesign("=", text=" ", cells=(_cell(written[2:]),))
    labelled = _LABEL.fullmatch(written)
    if not labelled:
        return RowDesign("=", cells=(_cell(written),))
    return RowDesign("=", *_label(labelled["label"]), (_cell(labelled["cell"]),))


def _label(written: str) -> tuple[str, LineDesign]:
    """Return the text of a label, and the parameters that come before it."""
    if not written.startswith("<"):
        return written, ()
    line, _, text = written.partition(" ?? ")
    return text.removesuffix(">"), tuple(_line(line if line.endswith((">", "]")) else f"{line}>"))


def _cell(written: str) -> CellDesign:
    return tuple(tuple(_line(line)) for line in written.split(" + "))


def _line(written: str) -> Iterator[PartDesign]:
    parts = list(_PART.finditer(written))
    if not parts:
        yield _part(written.strip(), "", "")
    for part in parts:
        yield _part(part["bare"] or part["bracketed"], part["before"] or "", part["after"] or "")


def _part(written: str, before: str, after: str) -> PartDesign:
    written, _, codes = written.partition("@")
    written, _, unit = written.partition("~")
    return PartDesign(tuple(written.split("/")), before, after, unit, codes)
