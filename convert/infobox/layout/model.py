"""A layout: what a box shows, from top to bottom."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from convert.infobox.catalogue import Parameter


class Part(Struct, frozen=True):
    """A value in a cell: with text around it if there is one, a unit if it is a number, or words for its codes.

    The values of several parameters that mean the same stand one after the other.
    """

    parameter: Parameter
    others: Sequence[Parameter] = ()
    before: str = ""
    after: str = ""
    unit: str = ""
    codes: Mapping[str, str] = {}

    @property
    def parameters(self) -> Sequence[Parameter]:
        """All parameters that have a value here."""
        return (self.parameter, *self.others)


#: Of values side by side, so many have a column even without a value.
SIDES = 2

#: The parts of a line, and the lines of a cell.
Line = Sequence[Part]
Cell = Sequence[Line]


class Label(Struct, frozen=True):
    """The label of a row: values of parameters, or a text where they have none."""

    text: str = ""
    line: Line = ()


class Heading(Struct, frozen=True):
    """The heading of the rows that follow, up to the next one."""

    label: Label


class Pair(Struct, frozen=True):
    """A label and a value; without a label, the value takes the whole width."""

    label: Label
    cell: Cell


class Grid(Struct, frozen=True):
    """Values side by side, under headings or none."""

    headings: Sequence[str]
    rows: Sequence[Sequence[Cell]]


Row = Heading | Pair | Grid


class Picture(Struct, frozen=True):
    """An image's parameter and those that belong to it, such as ``logo_alt`` and ``logo_size`` for ``logo``."""

    parameter: Parameter
    captions: Sequence[Parameter] = ()
    alts: Sequence[Parameter] = ()
    sizes: Sequence[Parameter] = ()

    @property
    def parts(self) -> Sequence[Parameter]:
        """All that belongs to the image."""
        return (*self.captions, *self.alts, *self.sizes)


class Layout(Struct, frozen=True):
    """The layout of a box.

    The title is the first value of ``titles``, ``heading`` where there is none, or the title of the page.
    ``pictures`` has all images by the names of their parameters, ``main`` those of the subject: mostly one has a value.
    """

    parameters: Sequence[Parameter]
    titles: Sequence[Parameter]
    heading: str
    subtitle: Cell
    main: Sequence[Picture]
    pictures: Mapping[str, Picture]
    rows: Sequence[Row]


def parts_of(row: Row) -> Iterator[Part]:
    """Yield all values of a row."""
    match row:
        case Pair(cell=cell):
            cells: Sequence[Cell] = (cell,)
        case Grid(rows=rows):
            cells = [cell for cells in rows for cell in cells]
        case _:
            cells = ()
    for cell in cells:
        for line in cell:
            yield from line


def sections(rows: Sequence[Row]) -> Iterator[tuple[Heading | None, Sequence[Row]]]:
    """Yield the rows under each heading; the first may have none, and only a heading that is a value stands alone."""
    heading: Heading | None = None
    own: list[Row] = []
    for row in rows:
        if isinstance(row, Heading):
            if own or (heading and heading.label.line):
                yield heading, own
            heading, own = row, []
        else:
            own.append(row)
    if own or (heading and heading.label.line):
        yield heading, own
