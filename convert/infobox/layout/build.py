"""The layout of a template with the parameters at hand: those of the catalogue, or those of one box.

What a design lists stands where it lists it; parameters that it does not list stand where it says, each with its label,
unless they only say how the box looks, or belong to an image.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from msgspec import structs

from convert.infobox.catalogue import Catalogue, Parameter, Template
from convert.infobox.keys import folded
from convert.infobox.layout.design import CellDesign, Design, LineDesign, PartDesign, RowDesign, codes, designs
from convert.infobox.layout.model import Cell, Grid, Heading, Label, Layout, Line, Pair, Part, Picture, Row
from convert.infobox.layout.presentation import is_image, is_presentation, main_images, picture, titles_of
from convert.infobox.layout.words import Labels, labels_of

_NO_DESIGN = "all"


def layout_of(
    template: Template, parameters: Iterable[Parameter], catalogue: Catalogue, keys: Mapping[str, str] | None = None
) -> Layout:
    """Lay out a box with some parameters of a template; ``keys`` are those of which unknown parameters were made."""
    return _Builder(template, parameters, catalogue, keys or {}).layout()


def design_of(template: Template) -> Design:
    """Return the design of a template, by its name or another one, or that of templates at large."""
    known = designs()
    return next((known[name] for name in (template.name, *template.aliases) if name in known), known[_NO_DESIGN])


class _Builder:
    """Builds the layout of one box."""

    def __init__(
        self, template: Template, parameters: Iterable[Parameter], catalogue: Catalogue, keys: Mapping[str, str]
    ) -> None:
        self.template = template
        self.design = design_of(template)
        self.labels: Labels = labels_of(catalogue, template.name)
        self.keys = keys
        known = {parameter.name for parameter in template.parameters}
        self.known = known
        self.parameters = [
            structs.replace(parameter, kind="image") if is_image(parameter, parameter.name in known) else parameter
            for parameter in parameters
        ]
        self.by_name: dict[str, Parameter] = {}
        #: Parameters whose names differ from another's only in punctuation.
        self.twins: dict[str, list[Parameter]] = defaultdict(list)
        for parameter in self.parameters:  # a name comes before an alias
            if self.by_name.setdefault(folded(parameter.name), parameter) is not parameter:
                self.twins[folded(parameter.name)].append(parameter)
        for parameter in self.parameters:
            for alias in parameter.aliases:
                self.by_name.setdefault(folded(alias), parameter)
        self.by_name.pop("", None)  # a name of nothing but punctuation
        self.placed: set[str] = set()
        self.of_pictures: set[str] = set()
        self.pictures: dict[str, Picture] = {}

    def layout(self) -> Layout:
        """Build the layout."""
        design = self.design
        titles = titles_of(self.template.name, design.title, self.by_name) if design.title != "-" else ()
        caption = folded(design.caption)
        images = [
            parameter
            for parameter in self.parameters
            if parameter.kind == "image" and folded(parameter.name) != caption
        ]
        main = main_images(images, design.image) if design.image != "-" else []
        self.pictures = {image.name: picture(image, self.by_name, image in main, design.caption) for image in images}
        self.placed |= {parameter.name for parameter in (*titles, *main)}
        for shown in self.pictures.values():
            self.of_pictures |= {parameter.name for parameter in shown.parts}
        self.placed |= self.of_pictures
        subtitle = self.cell(design.subtitle, None)
        rows = self.with_rest(list(self.rows(design.rows, None)))
        return Layout(
            self.parameters,
            titles,
            design.heading,
            subtitle,
            [self.pictures[image.name] for image in main],
            self.pictures,
            rows,
        )

    def rows(self, designed: Iterable[RowDesign], number: str | None) -> Iterator[Row | None]:
        """Build rows with their parameters; ``None`` is the place of the rest."""
        for design in designed:
            match design.kind:
                case "*":
                    yield None
                case "repeat":
                    for repeated in self.numbers(design):
                        yield from self.rows(design.block, repeated)
                case "#":
                    # Without a text, it ends the section before it.
                    yield Heading(Label(design.text, self.line(design.label, number)))
                case "|":
                    grid = [[self.cell(cell, own) for cell in design.cells] for own in self.numbers_in(design, number)]
                    if grid := [cells for cells in grid if any(cells)]:
                        yield Grid(design.headings, grid)
                case _:
                    yield from self.pairs(design, number)

    def pairs(self, design: RowDesign, number: str | None) -> Iterator[Pair]:
        """Build a row, or one for each number."""
        for own in self.numbers_in(design, number):
            cell = self.cell(design.cells[0], own)
            if not cell:
                continue
            text = design.text.strip() if design.text else self.label(cell[0][0].parameter)
            yield Pair(Label(text, self.line(design.label, own)), cell)

    def label(self, parameter: Parameter) -> str:
        """Return the label of a parameter; one that is a number has none."""
        label = self.labels.label(parameter, self.keys.get(parameter.name, ""))
        return "" if label.isdigit() and not parameter.label else label

    def numbers_in(self, design: RowDesign, number: str | None) -> Sequence[str | None]:
        """Return the numbers for which a line is built: that of the block that it is in, or all."""
        return self.numbers(design) if number is None and "#" in "".join(design.names()) else [number]

    def numbers(self, design: RowDesign) -> list[str]:
        """Return the numbers that parameters have in place of ``#``, in order; none comes first."""
        pattern = _numbered(tuple(name for name in design.names() if "#" in name))
        numbers = {
            next(filter(None, matched.groups()), "")
            for name in self.by_name
            if (matched := pattern.fullmatch(name)) and self.by_name[name].name not in self.placed
        }
        return sorted(numbers, key=lambda number: (int(number or -1), number))

    def named(self, name: str, number: str | None) -> Sequence[Parameter]:
        """Return the parameters of a name with a number."""
        name = _key(name, number or "")
        return [self.by_name[name], *self.twins.get(name, ())] if name in self.by_name else []

    def cell(self, design: CellDesign, number: str | None) -> Cell:
        """Build a cell; lines without parameters are left out, and other names for a whole line are lines more."""
        lines: list[Line] = []
        for line in design:
            parts = self.line(line, number)
            if len(parts) == 1 == len(line) and parts[0].others:
                (part,) = parts
                lines += ((structs.replace(part, parameter=parameter, others=()),) for parameter in part.parameters)
            elif parts:
                lines.append(parts)
        return tuple(lines)

    def line(self, design: LineDesign, number: str | None) -> Line:
        """Build a line."""
        return tuple(filter(None, (self.part(part, number) for part in design)))

    def part(self, design: PartDesign, number: str | None) -> Part | None:
        """Build a part of the parameters that there are of its names."""
        named = (parameter for name in design.names for parameter in self.named(name, number))
        own = [parameter for parameter in dict.fromkeys(named) if parameter.name not in self.placed]
        if not own:
            return None
        self.placed |= {parameter.name for parameter in own}
        return Part(own[0], tuple(own[1:]), design.before, design.after, design.unit, codes(design.codes))

    def with_rest(self, rows: Sequence[Row | None]) -> Sequence[Row]:
        """Put the parameters that are not placed where the design says, or before its first heading."""
        rest = [
            Pair(Label(self.label(parameter)), self.alone(parameter))
            for parameter in self.parameters
            if parameter.name not in self.placed
            and folded(parameter.name) not in self.design.hidden
            and not is_presentation(parameter.name, parameter.name in self.known)
        ]
        if None in rows:
            place = rows.index(None)
        else:
            place = next((at for at, row in enumerate(rows) if isinstance(row, Heading)), len(rows))
        return [row for row in (*rows[:place], *rest, *rows[place:]) if row is not None]

    def alone(self, parameter: Parameter) -> Cell:
        """Make a cell of one value."""
        line: Line = (Part(parameter),)
        return (line,)


@lru_cache(maxsize=1 << 14)
def _key(name: str, number: str) -> str:
    """Fold a name of a design, with a number in it."""
    return folded(name.replace("#", number))


@lru_cache(maxsize=1 << 10)
def _numbered(names: Sequence[str]) -> re.Pattern[str]:
    """Return the pattern of names with numbers."""
    forms = (re.escape(folded(name.replace("#", "0x0"))).replace("0x0", "([0-9]{0,3})") for name in names)
    return re.compile("|".join(forms))
