"""Line numbers put right, where the lines that were read are not those that an editor counts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from msgspec import structs

from convert.ast import Node
from convert.diagnostics import Diagnostic, Report
from convert.expressions import expression

#: The line of each line that was read, as an editor counts, and the number of characters before it.
Places = Sequence[tuple[int, int]]

_Read = TypeVar("_Read", bound=Node)

# The one message that names another line.
_OTHER_LINE = expression(r"(?<=' stands in line )[0-9]+(?= already: put the values under one key\Z)")


def numbered_report(report: Report, places: Places, base: int) -> Report:
    """Return a report that tells the line ``base + index`` as ``places[index]``."""

    def numbered(diagnostic: Diagnostic) -> None:
        message = _OTHER_LINE.sub(lambda other: str(places[int(other[0]) - base][0]), diagnostic.message)
        line, before = places[diagnostic.line - base]
        report(structs.replace(diagnostic, line=line, column=diagnostic.column + before, message=message))

    return numbered


def numbered(node: _Read, places: Places, base: int) -> _Read:
    """Copy a node and all below it with the line ``base + index`` as ``places[index]``."""
    changed: dict[str, object] = {}
    for name in node.__struct_fields__:
        value = getattr(node, name)
        if name == "line":
            changed[name] = places[value - base][0]
        elif isinstance(value, tuple) and value and isinstance(value[0], Node):
            changed[name] = tuple(numbered(below, places, base) for below in value)
    return structs.replace(node, **changed) if changed else node
