"""Infobox blocks of a plain article: a first line, directly followed by field lines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from operator import attrgetter

from convert.ast import Field, Infobox
from convert.diagnostics import Diagnostic, Report, shown
from convert.readers.categories import opens_categories
from convert.readers.characters import after_bullet
from convert.readers.headings import heading_of
from convert.readers.lists import indent_of, item_of

#: What the first line of every block begins with.
BLOCK_WORDS = ("Infobox", "Categories")

# A colon that begins the rest of an address is none that ends a key.  Chinese and Japanese authors use the wide one.
_COLON = re.compile(r":(?!//)|：")
# What cannot stand in a page's title can be no template's name.
_NO_NAME = re.compile(r"[\[\]{}|<>#]|:\s*\Z")


def infobox_header(line: str) -> tuple[str | None] | None:
    """Read a line as the head of an infobox block: its template in a tuple, ``None`` where it is no such line.

    ``Infobox`` names no template, ``Infobox person`` names itself, ``Infobox: Taxobox`` names what stands behind it.
    """
    if line == "Infobox" or line == "Infobox:":
        return (None,)
    if line.startswith("Infobox: "):
        return (line[9:].strip(),)
    return (line,) if line.startswith("Infobox ") else None


def _infobox_head(lines: Sequence[str], at: int, stripped: str) -> tuple[str | None] | None:
    """Read ``lines[at]`` as ``infobox_header`` does, if a field line follows directly."""
    header = infobox_header(stripped)
    return header if header and at + 1 < len(lines) and _is_field(lines[at + 1].strip()) else None


def check_infobox_name(lines: Sequence[str], at: int, stripped: str, base: int, report: Report) -> None:
    """Report a line that would begin an infobox block, if it did not name what no template can be called."""
    header = _infobox_head(lines, at, stripped)
    if header and header[0] and _NO_NAME.search(header[0]):
        message = f"{shown(header[0])} can be no template's name, so this is text: write 'Infobox' or 'Infobox: Name'"
        report(Diagnostic("infobox-name", at + base, 1, message))


def _is_field(stripped: str) -> bool:
    text = after_bullet(stripped)
    return text is not None and _COLON.search(text) is not None


class _OpenField:
    """A field under construction: continuation lines and items add to its values."""

    def __init__(self, field: Field) -> None:
        self.key, self.line = field.key, field.line
        self.values = [[value] for value in field.values]
        self.item_indent = -1
        self.nested = False

    def add(self, raw: str, stripped: str, line: int, report: Report) -> None:
        """Read an indented line: an item is a further value, anything else continues the last one."""
        item = item_of(raw, stripped)
        if item is None and self.values:
            self.values[-1].append(stripped)
            return
        if item:
            if self.item_indent < 0:
                self.item_indent = item.place[0]
            if (item.place[0] > self.item_indent or item.place[1] > 1) and not self.nested:
                self.nested = True
                message = f"the items of {shown(self.key)} were put on one level: a field holds one list"
                report(Diagnostic("value-nested", line, item.place[0] + 1, message))
        self.values.append([item.text if item else stripped])

    def closed(self) -> Field:
        return Field(self.key, tuple([" ".join(value) for value in self.values]), self.line)


def _field(text: str, line: int) -> Field:
    """Read what stands behind a bullet: a key and a value, or a value alone."""
    key, colon, value = text.partition(":")
    if value.startswith("//") or "：" in text:
        matched = _COLON.search(text)
        key, colon, value = (text[: matched.start()], ":", text[matched.end() :]) if matched else ("", "", text)
    if not colon:
        key, value = "", text
    value = value.strip()
    return Field(key.strip(), (value,) if value else (), line)


def _opened(fields: list[Field | _OpenField]) -> _OpenField:
    """The last field, open for more."""
    last = fields[-1]
    if isinstance(last, Field):
        fields[-1] = last = _OpenField(last)
    return last


def read_infobox(lines: Sequence[str], at: int, base: int, report: Report) -> tuple[Infobox, int]:
    """Read the block whose head is ``lines[at]``; return it and the index of the first line after it."""
    header = infobox_header(lines[at].strip())
    assert header is not None
    start = at
    indent = indent_of(lines[at + 1])
    fields: list[Field | _OpenField] = []
    at += 1
    while at < len(lines):
        raw = lines[at]
        if raw.startswith("- ") and not indent:
            key, colon, value = raw.partition(":")
            if colon and value[:2] != "//" and "：" not in key:  # as below, in short: most lines are like this
                value = value.strip()
                fields.append(Field(key[2:].strip(), (value,) if value else (), at + base))
                at += 1
                continue
        stripped = raw.strip()
        if not stripped or heading_of(stripped):
            break
        if fields and indent_of(raw) > indent:
            _opened(fields).add(raw, stripped, at + base, report)
        elif fields and opens_block(lines, at, stripped):
            break
        else:
            text = after_bullet(stripped)
            if text is None or not _COLON.search(text):
                message = f"not a '- Key: value' line: {shown(stripped)}"
                report(Diagnostic("infobox-line", at + base, indent_of(raw) + 1, message))
            if text is None and not (at + 1 < len(lines) and _is_field(lines[at + 1].strip())):
                break  # the first line of what comes after
            fields.append(_field(stripped if text is None else text, at + base))
        at += 1
    closed = tuple([field if isinstance(field, Field) else field.closed() for field in fields])
    _check_fields(closed, report)
    return Infobox(closed, header[0], start + base), at


_values = attrgetter("values")


def _check_fields(fields: tuple[Field, ...], report: Report) -> None:
    if all(map(_values, fields)) and len({field.key for field in fields}) == len(fields):
        return
    seen: dict[str, int] = {}
    for field in fields:
        if not field.values:
            message = f"{shown(field.key)} has no value: give one or remove the line"
            report(Diagnostic("field-empty", field.line, 1, message))
        if field.key and field.key in seen:
            message = f"{shown(field.key)} stands in line {seen[field.key]} already: put the values under one key"
            report(Diagnostic("field-repeated", field.line, 1, message))
        seen.setdefault(field.key, field.line)


def opens_block(lines: Sequence[str], at: int, stripped: str) -> bool:
    """Return whether a block begins at ``lines[at]``.

    That of an infobox is a head, directly followed by a field line; that of categories the word, directly followed by a
    bullet line.
    """
    if opens_categories(lines, at, stripped):
        return True
    header = _infobox_head(lines, at, stripped)
    return header is not None and not (header[0] and _NO_NAME.search(header[0]))
