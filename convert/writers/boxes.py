"""Infoboxes to HTML tables, as a wiki with our template pages shows them.

    <table class="infobox">
    <caption>             the subject
    <td class="subtitle">
    <td class="picture">  what the image shows, as a page loads none, and its caption
    <th class="section">  the heading of rows
    <th> <td>             a label and its value
    <table class="columns">   values side by side

Where no template is known, rows stand as the author wrote them, without those that only say how a box looks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from convert.ast import Article, Field, Infobox, Link
from convert.expressions import expression
from convert.infobox import GENERIC
from convert.infobox.catalogue import Parameter, Template
from convert.infobox.layout.build import layout_of
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
    sections,
)
from convert.infobox.layout.untemplated import file_of, untemplated
from convert.infobox.layout.words import Labels, labels_of, readable
from convert.infobox.match import TemplateChoice, match
from convert.infobox.values import is_quantity
from convert.writers import direction
from convert.writers.page import address_links, escaped, quoted
from convert.writers.parts.linked_values import TEXTS, Linked, with_links

_NUMBER = expression(r"[-−]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,30})(?:\.[0-9]+)?")

Values = Mapping[str, Sequence[str]]


class Box(NamedTuple):
    """An infobox for the page: its layout, the values of its parameters, and their labels."""

    layout: Layout
    values: Values
    labels: Labels


def box_of(infobox: Infobox, article: Article, choice: TemplateChoice) -> Box:
    """Lay out an infobox by its template, or as it was written."""
    chosen = match(infobox, article, choice, names_all=False)
    if chosen.template is None:
        return _generic(infobox, article, choice)
    template = choice.templates.find(chosen.template) or Template(chosen.template)
    known = {parameter.name: parameter for parameter in template.parameters}
    values: dict[str, list[str]] = {}
    for name, row in (*chosen.parameters, *chosen.leftovers):
        values.setdefault(name, []).extend(with_links(row))
    keys = {name: row.key for name, row in chosen.leftovers} | (
        {} if known else {name: row.key for name, row in chosen.parameters}
    )
    values = {name: given for name, given in values.items() if any(map(str.strip, given))}
    parameters = [known.get(name) or Parameter(name) for name in values]
    return Box(
        layout_of(template, parameters, choice.templates, keys), values, labels_of(choice.templates, template.name)
    )


def _generic(infobox: Infobox, article: Article, choice: TemplateChoice) -> Box:
    """Lay out an infobox without a template: rows by their keys, in the author's order."""
    sorted_fields = untemplated(infobox, article.title)
    values: dict[str, Sequence[str]] = {}

    def parameter(field: Field) -> Parameter:
        name = str(len(values))
        values[name] = with_links(field)
        return Parameter(name)

    rows = [
        Pair(Label(readable(field.key)), ((Part(parameter(field)),),)) for field in sorted_fields.rows if field.values
    ]
    main = []
    if sorted_fields.image:
        captions, alts = (
            tuple(map(parameter, filter(None, (field,)))) for field in (sorted_fields.caption, sorted_fields.alt)
        )
        main = [Picture(parameter(sorted_fields.image), captions, alts)]
    pictures = {each.parameter.name: each for each in main}
    layout = Layout((), (), "", (), main, pictures, rows)
    return Box(layout, values, labels_of(choice.templates, GENERIC))


class BoxWriter:
    """Writes one box; ``title`` is that of the page, ``link`` writes a link."""

    def __init__(self, box: Box, title: str, is_rtl: bool, is_english: bool, link: Callable[[Link], str]) -> None:
        self.layout, self.values, self.labels = box
        self.title, self.link = title, link
        self.is_rtl = is_rtl
        self.is_english = is_english

    def lines(self) -> Iterator[str]:
        """Yield the lines of the table."""
        yield '<table class="infobox">'
        yield self.element("caption", escaped(self.heading()))
        yield "<colgroup><col/><col/></colgroup>"
        if subtitle := self.cell(self.layout.subtitle):
            yield "<tr>" + self.wide("td", subtitle, "subtitle") + "</tr>"
        if picture := "".join(map(self.picture, self.layout.main)):
            yield f'<tr><td colspan="2" class="picture">{picture}</td></tr>'
        for heading, rows in sections(self.layout.rows):
            written = list(filter(None, map(self.row, rows)))
            label = self.label(heading.label) if heading and (written or self.line(heading.label.line)) else ""
            if label:
                yield "<tr>" + self.wide("th", label, "section") + "</tr>"
            yield from written
        yield "</table>"

    def heading(self) -> str:
        """Return the title of the box."""
        given = (", ".join(map(str.strip, self.values.get(each.name, ()))) for each in self.layout.titles)
        return next(filter(None, given), self.layout.heading.strip() or self.title)

    def element(self, tag: str, content: str, attributes: str = "") -> str:
        """Write an element with text."""
        return f"<{tag}{attributes}{direction.attribute(content, self.is_rtl)}>{content}</{tag}>"

    def wide(self, tag: str, content: str, kind: str) -> str:
        """Write a cell of the whole width."""
        return self.element(tag, content, f' colspan="2" class="{kind}"')

    def row(self, row: Row) -> str:
        """Write a row; empty without a value."""
        match row:
            case Pair(label, cell):
                value = self.cell(cell)
                head = self.label(label)
                if not value:
                    return ""
                if not head:
                    return "<tr>" + self.wide("td", value, "wide") + "</tr>"
                return "<tr>" + self.element("th", head, ' scope="row"') + self.element("td", value) + "</tr>"
            case Grid():
                grid = self.grid(row)
                return f'<tr><td colspan="2" class="wide">{grid}</td></tr>' if grid else ""
            case Heading():
                raise AssertionError("headings are written before their rows")

    def label(self, label: Label) -> str:
        """Write a label: the value of its parameter, or its text."""
        return self.line(label.line) or escaped(label.text.strip())

    def grid(self, grid: Grid) -> str:
        """Write values side by side."""
        rows = [cells for cells in ([self.cell(cell) for cell in cells] for cells in grid.rows) if any(cells)]
        if not rows:
            return ""
        always = 0 if grid.headings else SIDES
        used = [at for at in range(len(rows[0])) if at < always or any(cells[at] for cells in rows)]
        headings = "".join(
            self.column("th", escaped(grid.headings[at]), ' scope="col"') for at in used if grid.headings
        )
        body = "".join(f"<tr>{''.join(self.column('td', cells[at]) for at in used)}</tr>" for cells in rows)
        head = f"<tr>{headings}</tr>" if headings else ""
        return f'<table class="columns">{head}{body}</table>'

    def column(self, tag: str, content: str, attributes: str = "") -> str:
        """Write a cell of a column, which is aligned with the others whatever the direction of its text."""
        isolated = f"<bdi>{content}</bdi>" if direction.attribute(content, self.is_rtl) else content
        return f"<{tag}{attributes}>{isolated}</{tag}>"

    def cell(self, cell: Cell) -> str:
        """Write the lines of a cell."""
        lines = [line for line in map(self.line, cell) if line]
        return lines[0] if len(lines) == 1 else "".join(f"<div>{line}</div>" for line in lines)

    def line(self, line: Line) -> str:
        """Write the parts of a line."""
        return "".join(map(self.part, line)).strip()

    def part(self, part: Part) -> str:
        """Write the values of a part, with what belongs to them."""
        given = [value for each in part.parameters for value in self.values.get(each.name, ())]
        if not given:
            return escaped(part.codes[""]) if "" in part.codes else ""
        if part.parameter.kind == "image":
            return self.picture(self.layout.pictures[part.parameter.name])
        words = [part.codes.get(value.strip().lower(), value) for value in given]
        if part.unit or (part.parameter.kind == "number" and is_quantity(part.parameter.name)):
            words = [self.number(word, part.unit) for word in words]
        write = self.linked if part.parameter.kind in TEXTS else address_links
        return f"{escaped(part.before)}{_values(words, write)}{escaped(part.after)}"

    def linked(self, value: str) -> str:
        """Write a value; one that leads to a page is a link."""
        return self.link(Link(value.target, value)) if isinstance(value, Linked) else address_links(value)

    def number(self, text: str, unit: str) -> str:
        """Write a number with its unit, and in English with separators; other texts stay."""
        if not _NUMBER.fullmatch(text):
            return text
        whole, point, fraction = text.partition(".")
        digits = whole.lstrip("-−")
        if self.is_english and digits.isdigit():
            whole = f"{'−' if digits != whole else ''}{int(digits):,}"
        return f"{whole}{point}{fraction}" + ("" if unit.startswith(("/", "%")) or not unit else "\xa0") + unit

    def picture(self, picture: Picture) -> str:
        """Write what stands for an image: a page loads none."""
        files = self.values.get(picture.parameter.name, ())
        caption = [value for each in picture.captions for value in self.values.get(each.name, ())]
        alt = [value for each in picture.alts for value in self.values.get(each.name, ())]
        names = [value for value in files if file_of(value)]
        is_main = picture in self.layout.main
        told = alt[0] if alt else self.title if is_main else self.labels.picture(picture.parameter)
        kind = "image" if is_main else "image is-small"
        shown = f'<div class="{kind}" role="img" aria-label={quoted(told)} title={quoted(names[0])}>' if names else ""
        shown += f"{self.element('span', escaped(told))}</div>" if names else ""
        rest = [value for value in files if value not in names]
        return shown + _values(rest) + (self.element("div", _values(caption), ' class="caption"') if caption else "")


def _values(values: Sequence[str], write: Callable[[str], str] = address_links) -> str:
    """Write the values of a row: several are a list."""
    if len(values) == 1:
        return write(values[0])
    return f"<ul>{''.join(f'<li>{write(value)}</li>' for value in values)}</ul>" if values else ""
