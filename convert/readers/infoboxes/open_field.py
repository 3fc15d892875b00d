"""A field whose lines are being read."""

from __future__ import annotations

from convert.ast import Field
from convert.diagnostics import Diagnostic, Report, shown
from convert.readers.infoboxes.fields import field_of, is_key
from convert.readers.layout.marks import item_of


class OpenField:
    """A field under construction: continuation lines and items add to its values."""

    def __init__(self, field: Field) -> None:
        self.key, self.line = field.key, field.line
        self.values = [[value] for value in field.values]
        self.item_indent = -1
        self.nested = self.is_told = False
        #: Its values are items that are not indented.
        self.is_list = False

    def add(self, raw: str, stripped: str, line: int, report: Report) -> None:
        """Read an indented line: an item is a further value, anything else continues the last one."""
        item = item_of(raw, stripped)
        if item is None and self.values:
            self.values[-1].append(stripped)
            return
        if item:
            inner = field_of(f"- {item.text}") if self.values and not self.is_told else None
            if inner and inner.value and is_key(inner.key) and self.item_indent < 0:
                self.is_told = True
                value = f"{shown(item.text)} is read as a value of {shown(self.key)}"
                message = f"{value}: take out its indentation if it is a field"
                report(Diagnostic("infobox-line", line, item.place[0] + 1, message))
            if self.item_indent < 0:
                self.item_indent = item.place[0]
            if (item.place[0] > self.item_indent or item.place[1] > 1) and not self.nested:
                self.nested = True
                message = f"the items of {shown(self.key)} were put on one level: a field holds one list"
                report(Diagnostic("value-nested", line, item.place[0] + 1, message))
        self.values.append([item.text if item else stripped])

    def closed(self) -> Field:
        return Field(self.key, tuple([" ".join(value) for value in self.values]), line=self.line)
