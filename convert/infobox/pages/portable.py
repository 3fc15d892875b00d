"""A layout as a portable infobox: the XML of the extension PortableInfobox, as Fandom, Miraheze and wiki.gg have it.

    <infobox>
      <title source="name"><default>{{PAGENAME}}</default></title>
      <image source="image"><caption source="caption"/></image>
      <data source="director"><label>Directed by</label></data>
      <group><header>Strength</header>
        <group layout="horizontal" show="incomplete"><data source="strength1"/><data source="strength2"/></group>
      </group>
    </infobox>

A value with something beside it has a ``format``, and a ``default`` of the same expression for the case that only
another part is given.  The extension decodes entities once, before it reads XML, and takes the contents of ``default``,
``format``, ``label`` and ``header`` for wikitext; so these are escaped here once, and quoted names have none.

Sources: https://www.mediawiki.org/wiki/Extension:PortableInfobox, https://community.fandom.com/wiki/Help:Infoboxes/Tags
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from convert.expressions import expression
from convert.infobox.catalogue import Parameter
from convert.infobox.layout.model import SIDES, Cell, Grid, Heading, Label, Layout, Pair, Picture, Row, sections
from convert.infobox.pages.wikitext import Calls, any_of, given

#: Names that an attribute cannot hold, because the extension decodes entities before it reads XML.
_NO_SOURCE = expression('[<>&"]')
# Joins the end of a tag before it when the wiki normalises texts.
_JOINED = "\u0338"
_MARKUP = expression(r"[\[\]{}<>'~_&|*#:;=-]")


def portable(layout: Layout, calls: Calls) -> str:
    """Write a portable infobox."""
    return "\n".join(["<infobox>", *_Writer(layout, calls).nodes(), "</infobox>"])


def generic(rows: int) -> str:
    """Write the generic infobox: a title, an image, and rows of label and data."""
    numbered = (
        f"<header>{{{{{{header{number}|}}}}}}</header>\n"
        f'<data source="data{number}"><label>{{{{{{label{number}|}}}}}}</label></data>'
        for number in range(1, rows + 1)
    )
    head = (
        '<title source="title"><default>{{PAGENAME}}</default></title>',
        '<data source="subheader"/>',
        '<image source="image"><caption source="caption"/></image>',
    )
    return "\n".join(["<infobox>", *head, *numbered, "</infobox>"])


def can_show(name: str) -> bool:
    """Return whether a portable infobox can show a parameter: the extension decodes references in names."""
    return "&" not in name and "]]>" not in name


class _Writer:
    def __init__(self, layout: Layout, calls: Calls) -> None:
        self.layout = layout
        self.calls = calls

    def nodes(self) -> Iterator[str]:
        """Yield the nodes of the infobox."""
        layout = self.layout
        source = _source(layout.titles[0]) if layout.titles else ""
        yield f"<title{source}><default>{_escaped(self.calls.title())}</default></title>"
        yield from (self.data(Label(), (line,)) for line in layout.subtitle)
        yield from map(self.image, layout.main)
        for heading, rows in sections(layout.rows):
            nodes = [node for row in rows for node in self.row(row)]
            if heading is None or not (heading.label.text or heading.label.line):
                yield from nodes
            elif heading.label.line:  # a value, which stands also without rows
                yield from (f"<header>{self.label(heading.label)}</header>", *nodes)
            else:
                yield from (f"<group><header>{self.label(heading.label)}</header>", *nodes, "</group>")

    def row(self, row: Row) -> Iterator[str]:
        """Yield the nodes of a row."""
        match row:
            case Pair(label, cell):
                yield self.data(label, cell)
            case Grid():
                yield from self.grid(row)
            case Heading():
                raise AssertionError("headings are written before their rows")

    def grid(self, grid: Grid) -> Iterator[str]:
        """Yield the groups of values side by side; the first row has the headings."""
        for number, cells in enumerate(grid.rows):
            labels = [Label(heading) if number == 0 else Label() for heading in grid.headings] or [Label()] * len(cells)
            columns = [(label, cell) for label, cell in zip(labels, cells, strict=False) if cell]
            whole = columns[:SIDES] if not grid.headings else columns
            yield self.group(whole, incomplete=len(whole) == SIDES and not grid.headings)
            if columns[len(whole) :]:
                yield self.group(columns[len(whole) :], incomplete=False)

    def group(self, columns: Sequence[tuple[Label, Cell]], incomplete: bool) -> str:
        """Write values side by side; ``incomplete``: those that are not given have a place, too."""
        show = ' show="incomplete"' if incomplete else ""
        return f'<group layout="horizontal"{show}>{"".join(self.data(*column) for column in columns)}</group>'

    def data(self, label: Label, cell: Cell) -> str:
        """Write a value with its label."""
        parameters = [each for line in cell for part in line for each in part.parameters]
        first = parameters[0]
        if len(parameters) == 1 and first.kind == "image":
            return self.image(self.layout.pictures[first.name])
        source = _source(first)
        value = _escaped(self.calls.cell(cell))
        text = self.label(label)
        inside = f"<label>{text}</label>" if text else ""
        if source and value != _escaped(given(first)):
            inside += f"<format>{value}</format>"
        if not source or len(parameters) > 1 or first.aliases:
            inside += f"<default>{value}</default>"
        return f"<data{source}>{inside}</data>" if inside else f"<data{source}/>"

    def label(self, label: Label) -> str:
        """Write a label; what could be markup in a text is none."""
        text = label.text.strip()
        if _MARKUP.search(text):
            text = f"<nowiki>{text.replace('</nowiki', '&lt;/nowiki')}</nowiki>"
        if text.startswith(_JOINED):
            text = f"\xa0{text}"
        if not label.line:
            return _escaped(text)
        shown = any_of(each for part in label.line for each in part.parameters)
        value = self.calls.line(label.line)
        return _escaped(f"{{{{#if:{shown}|{value}|{text}}}}}" if text else value)

    def image(self, picture: Picture) -> str:
        """Write an image, with what it shows and its caption."""
        alt = _part("alt", picture.alts, "{{PAGENAME}}" if picture in self.layout.main else "")
        return f"<image{_source(picture.parameter)}>{alt}{_part('caption', picture.captions, '')}</image>"


def _part(tag: str, parameters: Sequence[Parameter], default: str) -> str:
    """Write what belongs to an image: the value of the first of some parameters that has one."""
    if not parameters:
        return f"<{tag}><default>{default}</default></{tag}>" if default else ""
    first, *others = parameters
    default = any_of(others) or default
    inside = f"<default>{_escaped(default)}</default>" if default else ""
    return f"<{tag}{_source(first)}>{inside}</{tag}>"


def _source(parameter: Parameter) -> str:
    """Write the attribute that names a parameter, if it can be named."""
    return "" if _NO_SOURCE.search(parameter.name) else f' source="{parameter.name}"'


def _escaped(wikitext: str) -> str:
    """Escape wikitext, which the extension decodes once: references become characters first."""
    text = wikitext.replace("&#32;", "\xa0").replace("&nbsp;", "\xa0").replace("]]>", "]]\u200b>")
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
