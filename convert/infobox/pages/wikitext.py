"""A layout as an infobox template in wikitext: a call of the generic infobox, with the parameters for values.

{{Infobox
| title = {{#if:{{{name|}}}|{{{name}}}|{{PAGENAME}}}}
| header1 = {{#if:{{{combatant1|}}}{{{combatant2|}}}|Belligerents}}
| data2 = …                                 a table, for values side by side
| label3 = Result
| data3 = {{{result|}}}
}}
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from convert.infobox import GENERIC, values
from convert.infobox.catalogue import Parameter
from convert.infobox.layout.model import (
    SIDES,
    Cell,
    Grid,
    Heading,
    Label,
    Layout,
    Line,
    Pair,
    Part,
    Picture,
    Row,
    parts_of,
    sections,
)
from convert.infobox.layout.words import Labels
from convert.infobox.values import Guard


def given(parameter: Parameter) -> str:
    """Write the expression for a parameter's value, under any of its names."""
    names = (parameter.name, *parameter.aliases)
    # The comment separates a brace in the name from the braces of the call.
    opened = "".join([f"{{{{{{{'<!---->' if name.startswith('{') else ''}{name}|" for name in names])
    return opened + "}}}" * len(names)


def any_of(parameters: Iterable[Parameter]) -> str:
    """Write the expression that has a text if one of some parameters has a value."""
    return "".join(map(given, dict.fromkeys(parameters)))


class Calls:
    """Writes the values of one layout."""

    def __init__(self, layout: Layout, labels: Labels, guard: Guard) -> None:
        self.layout = layout
        self.labels = labels
        self.guard = guard

    def lines(self) -> Iterator[str]:
        """Yield the lines of the call of the generic infobox."""
        layout = self.layout
        yield "{{" + GENERIC
        yield f"| title = {self.title()}"
        if layout.subtitle:
            yield f"| subheader = {self.cell(layout.subtitle)}"
        if layout.main:
            yield f"| image = {''.join(self.picture(each, False) for each in layout.main)}"
            captions = list(dict.fromkeys(caption for each in layout.main for caption in each.captions))
            if captions:
                yield f"| caption = {any_of(captions)}"
        for number, row in enumerate(self.numbered(), 1):
            for name, value in row:
                yield f"| {name}{number} = {value}"
        yield "}}"

    def count(self) -> int:
        """Return how many rows the generic infobox must have."""
        return sum(1 for _ in self.numbered())

    def title(self) -> str:
        """Write the title: the first value, or the title of the page."""
        title = self.guard(self.layout.heading) if self.layout.heading else "{{PAGENAME}}"
        for parameter in reversed(self.layout.titles):
            title = f"{{{{#if:{given(parameter)}|{given(parameter)}|{title}}}}}"
        return title

    def numbered(self) -> Iterator[Sequence[tuple[str, str]]]:
        """Yield the arguments of each row; headings have numbers of their own."""
        for heading, rows in sections(self.layout.rows):
            if heading and (text := self.label(heading.label)):
                parts = (*heading.label.line, *(part for row in rows for part in parts_of(row)))
                shown = any_of(each for part in parts for each in part.parameters)
                yield [("header", f"{{{{#if:{shown}|{text}}}}}")]
            for row in rows:
                yield self.row(row)

    def row(self, row: Row) -> Sequence[tuple[str, str]]:
        """Return the arguments of a row."""
        match row:
            case Pair(label, cell):
                text = self.label(label)
                return [*([("label", text)] if text else []), ("data", self.cell(cell))]
            case Grid():
                return [("data", self.grid(row))]
            case Heading():
                raise AssertionError("headings are written before their rows")

    def label(self, label: Label) -> str:
        """Write a label."""
        text = self.guard(label.text.strip())
        if not label.line:
            return text
        shown = any_of(each for part in label.line for each in part.parameters)
        return f"{{{{#if:{shown}|{self.line(label.line)}|{text}}}}}" if text else self.line(label.line)

    def grid(self, grid: Grid) -> str:
        """Write a table of values side by side; rows without a value, and tables without rows, are not shown."""
        shown = any_of(each for part in parts_of(grid) for each in part.parameters)
        columns = self.columns(grid)
        heads = "".join(
            f"{{{{#if:{shown}|<th>{self.guard(heading)}</th>}}}}"
            for shown, heading in zip(columns, grid.headings, strict=False)
        )
        rows = [self.grid_row(cells, columns) for cells in grid.rows]
        kind = "infobox-table" if heads else "infobox-columns"
        opened = f'<table class="{kind}">' + (f"<tr>{heads}</tr>" if heads else "")
        return f"{{{{#if:{shown}|{opened}{''.join(rows)}</table>}}}}"

    def columns(self, grid: Grid) -> Sequence[str]:
        """Return for each column the expression that has a text if it is to be there; empty if it always is."""
        columns = [
            any_of(each for cells in grid.rows for line in cells[at] for part in line for each in part.parameters)
            for at in range(len(grid.rows[0]))
        ]
        return columns if grid.headings else ["", "", *columns[SIDES:]]

    def grid_row(self, cells: Sequence[Cell], columns: Sequence[str]) -> str:
        """Write a row of a table."""
        shown = any_of(each for cell in cells for line in cell for part in line for each in part.parameters)
        data = ""
        for column, cell in zip(columns, cells, strict=False):
            written = f"<td>\n{self.cell(cell)}\n</td>"
            data += f"{{{{#if:{column}|{written}}}}}" if column else written
        return f"{{{{#if:{shown}|<tr>{data}</tr>}}}}"

    def cell(self, cell: Cell) -> str:
        """Write the lines of a cell."""
        if len(cell) == 1:
            return self.line(cell[0])
        return "".join(
            f"{{{{#if:{any_of(each for part in line for each in part.parameters)}|<div>\n{self.line(line)}\n</div>}}}}"
            for line in cell
        )

    def line(self, line: Line) -> str:
        """Write the parts of a line."""
        return "".join(map(self.part, line))

    def part(self, part: Part) -> str:
        """Write the values of a part, with what belongs to them."""
        first, *others = (self.value(parameter, part) for parameter in part.parameters)
        written = first
        for parameter, value in zip(part.others, others, strict=True):
            written += f"{{{{#if:{given(parameter)}|&#32;{value}}}}}"
        before, after = map(self.spaced, (part.before, part.after))
        if not before and not after:
            return written
        return f"{{{{#if:{any_of(part.parameters)}|{before}{written}{after}}}}}"

    def picture(self, picture: Picture, below: bool) -> str:
        """Write an image; one ``below`` the main one has its caption with it."""
        value = given(picture.parameter)
        alt = f"|alt={any_of(picture.alts)}" if picture.alts else ""
        name = f"|name={self.guard(self.labels.picture(picture.parameter))}" if below else ""
        shown = f"{{{{Infobox/image|{value}{alt}{name}}}}}"
        if not below or not picture.captions:
            return shown
        captions = any_of(picture.captions)
        caption = f'<div class="infobox-caption">{captions}</div>'
        return f"{shown}{{{{#if:{value}|{{{{#if:{captions}|{caption}}}}}}}}}"

    def spaced(self, text: str) -> str:
        """Guard a text, and keep the spaces at its ends, which parser functions drop."""
        inside = text.strip()
        before, after = (text[:1].isspace(), text[-1:].isspace())
        return f"{'&#32;' if before else ''}{inside and self.guard(inside)}{'&#32;' if after else ''}"

    def value(self, parameter: Parameter, part: Part | None = None) -> str:
        """Write the wikitext that shows a parameter's value."""
        value = given(parameter)
        if parameter.kind == "image":
            return self.picture(self.layout.pictures[parameter.name], part is not None)
        if part and part.codes:
            cases = "".join(f"|{self.guard(code)}={self.guard(word)}" for code, word in part.codes.items())
            return f"{{{{#switch:{{{{lc:{value}}}}}{cases}|#default={value}}}}}"
        unit = part.unit if part else ""
        if unit or (parameter.kind == "number" and values.is_quantity(parameter.name)):
            return f"{{{{Infobox/number|{value}{f'|{_space_before(unit)}{unit}' if unit else ''}}}}}"
        return value


def _space_before(unit: str) -> str:
    return "" if unit.startswith(("/", "%")) else "&nbsp;"
