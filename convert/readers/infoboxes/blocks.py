"""The lines of an infobox block to an infobox.

Fields go on in indented lines, and in other lines where nothing else can be meant: a list below a key without a value,
a value below its key, a line in lower case between fields.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter

from convert.ast import Field, Infobox
from convert.diagnostics import Diagnostic, Report, shown
from convert.readers.categories import opens_categories
from convert.readers.characters import BULLETS
from convert.readers.infoboxes import fields as field_lines
from convert.readers.infoboxes.fields import (
    EMPHASIS_SIGNS,
    FieldLine,
    dashed,
    field_of,
    is_canonical_field,
    is_key,
    is_phrase,
    split,
    unmarked,
)
from convert.readers.infoboxes.heads import NO_NAME, canonical_head, is_heading
from convert.readers.infoboxes.openings import Opening, goes_on, opening_at
from convert.readers.infoboxes.tables import table_fields
from convert.readers.layout.marks import indent_of, item_of

_BULLETS = frozenset(BULLETS)


class _OpenField:
    """A field under construction: continuation lines and items add to its values."""

    def __init__(self, field: Field) -> None:
        self.key, self.line = field.key, field.line
        self.values = [[value] for value in field.values]
        self.item_indent = -1
        self.nested = False
        #: Its values are items that are not indented.
        self.is_list = False

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


def read_infobox(lines: Sequence[str], at: int, opening: Opening, base: int, report: Report) -> tuple[Infobox, int]:
    """Read the block whose head is ``lines[at]``; return it and the index of the first line after it."""
    fields, end = _usual_fields(lines, opening.first, base) if opening.is_canonical else ([], opening.first)
    if not fields or not _ends_as_usual(lines, end):
        block = _Block(lines, opening, fields, base, report)
        end = block.read_table() if opening.table else block.read(end)
        fields = [field.closed() if isinstance(field, _OpenField) else field for field in block.fields]
        if block.forms:
            *others, last = block.forms
            forms = f"{', '.join(others)} and {last}" if others else last
            message = f"read as an infobox, though it has {forms}: write 'Infobox' and '- Key: value' lines below it"
            report(Diagnostic("infobox-form", at + base, 1, message))
    closed = tuple(fields)
    _check_fields(closed, report)
    return Infobox(closed, opening.template, at + base), end


def _usual_fields(lines: Sequence[str], start: int, base: int) -> tuple[list[Field], int]:
    """Read fields as most are: a dash, a space, and a key that is not emphasised; return where they end."""
    fields: list[Field] = []
    emphasis = EMPHASIS_SIGNS
    for at in range(start, len(lines)):
        raw = lines[at]
        key, colon, value = raw.partition(":")
        if not colon or key[:2] != "- " or value[:2] == "//" or "：" in key or raw[2] in emphasis:
            return fields, at
        value = value.strip()
        fields.append(Field(key[2:].strip(), (value,) if value else (), at + base))
    return fields, len(lines)


def _ends_as_usual(lines: Sequence[str], at: int) -> bool:
    """Return whether the fields that end at ``lines[at]`` surely do not go on below."""
    following = lines[at : at + 2]
    return not following or (not following[0] and (len(following) < 2 or following[1][:1] not in _BULLETS))


class _Block:
    """A block being read; ``forms`` are what is not canonical in it."""

    def __init__(
        self, lines: Sequence[str], opening: Opening, fields: Sequence[Field], base: int, report: Report
    ) -> None:
        self.lines, self.opening, self.base, self.report = lines, opening, base, report
        self.fields: list[Field | _OpenField] = [*fields]
        self.forms = dict.fromkeys(opening.forms)
        #: How far fields are indented; within a group, further than its label.
        self.indent = self.margin = 0
        self.bullet = ""
        self.has_equals = False

    def read_table(self) -> int:
        """Read a table; return the index of the first line after it."""
        assert self.opening.table
        rows, end = table_fields(self.opening.table, self.lines, self.base)
        self.fields += rows
        return end

    def read(self, at: int) -> int:
        """Read the lines from ``lines[at]`` on; return the index of the first line after the block."""
        lines, first = self.lines, self.opening.first
        self.indent = self.margin = indent_of(lines[first])
        self.bullet = "-" if self.opening.is_canonical else self._first_bullet(first)
        while at < len(lines):
            raw = lines[at]
            stripped = raw.strip()
            if not stripped:
                if not goes_on(lines, at + 1, self.bullet, self.opening.is_parted):
                    break
                self.forms["blank lines between fields"] = None
            elif not self._reads(raw, stripped, at):
                break
            at += 1
        return at

    def _first_bullet(self, at: int) -> str:
        for place in (at, at + 1):
            line = self._field_of(self.lines[place].strip()) if place < len(self.lines) else None
            if line:
                self.has_equals = line.separator == "="
                return line.bullet
        return unmarked(self.lines[at].strip())[0]

    def _field_of(self, stripped: str) -> FieldLine | None:
        line = field_of(stripped, self.has_equals) if stripped else None
        return line or (dashed(stripped) if self.opening.is_dashed and stripped else None)

    def _is_field(self, at: int) -> bool:
        """Return whether a field of the block stands in ``lines[at]``."""
        line = self._field_of(self.lines[at].strip()) if at < len(self.lines) else None
        return line is not None and bool(line.bullet) == bool(self.bullet)

    def _reads(self, raw: str, stripped: str, at: int) -> bool:
        """Read a line; tell whether it belongs to the block."""
        indent = indent_of(raw)
        if is_heading(stripped):
            return False
        if indent <= self.margin:
            self.indent = self.margin
        if self.fields and indent > self.indent:
            self._opened().add(raw, stripped, at + self.base, self.report)
            return True
        if self.fields and opens_block(self.lines, at, stripped):
            return False
        bullet, text = unmarked(stripped)
        if bool(bullet) == bool(self.bullet):
            line = self._field_of(stripped)
            if line and (line.bullet == "-" or is_key(line.key)):
                self._note(line)
                self.fields.append(field_lines.field(line, at + self.base))
                return True
        return self._reads_marked(stripped, text, at) if bullet else self._reads_bare(stripped, at)

    def _note(self, line: FieldLine) -> None:
        if line.is_canonical:
            return
        bullets = {"": "fields without a dash", "1": "numbers for dashes", "|": "pipes for dashes", "-": ""}
        separators = {"=": "equals signs for colons", "tab": "tabs for colons", "dash": "dashes for colons", ":": ""}
        emphasis = "emphasised keys" if line.is_emphasised else ""
        for form in (bullets.get(line.bullet, "other bullets"), emphasis, separators[line.separator]):
            if form:
                self.forms[form] = None

    def _reads_marked(self, stripped: str, text: str, at: int) -> bool:
        """Read a line with a bullet that has no key: a group's label, an item below a key, or a row without a key."""
        following = self.lines[at + 1] if at + 1 < len(self.lines) else ""
        if indent_of(following) > indent_of(self.lines[at]) and self._is_field(at + 1):
            self.indent = indent_of(following)
            self._label(text, at)
            return True
        last = self.fields[-1] if self.fields else None
        if last and ((isinstance(last, _OpenField) and last.is_list) or not (last.values or not last.key)):
            opened = self._opened()
            opened.is_list = True
            opened.values.append([text])
            self.forms["lists that are not indented"] = None
            return True
        if not self.bullet:
            return False
        self._warn(stripped, at)
        self.fields.append(Field("", (text,), at + self.base))
        return True

    def _reads_bare(self, stripped: str, at: int) -> bool:
        """Read a line without a bullet or a key: a label, more of the value above, or what comes after the block."""
        is_followed = self._is_field(at + 1)
        last = self.fields[-1] if self.fields else None
        label = stripped.strip("*_:： ")
        if last and last.key and not last.values and (is_followed or self._ends(at, stripped)):
            self._opened().values.append([stripped])
            self.forms["values below their keys"] = None
            return True
        if not is_followed:
            self._warn(stripped, at)
            return False
        if last and last.values and stripped[0].islower() and not split("", stripped):
            self._opened().values[-1].append(stripped)
            self.forms["values that go on without indentation"] = None
        elif label != stripped and is_key(label):
            self._label(label, at)
        else:
            self._warn(stripped, at)
            line = split("-", stripped) or FieldLine("", stripped, "", "", False)
            self.fields.append(field_lines.field(line, at + self.base))
        return True

    def _ends(self, at: int, stripped: str) -> bool:
        """Return whether a line can be the value of the last field, as nothing else follows."""
        return is_phrase(stripped) and (at + 1 == len(self.lines) or not self.lines[at + 1].strip())

    def _label(self, label: str, at: int) -> None:
        self.forms["groups"] = None
        self.fields.append(Field("", (label,), at + self.base))

    def _warn(self, stripped: str, at: int) -> None:
        message = f"not a '- Key: value' line: {shown(stripped)}"
        self.report(Diagnostic("infobox-line", at + self.base, indent_of(self.lines[at]) + 1, message))

    def _opened(self) -> _OpenField:
        """The last field, open for more."""
        last = self.fields[-1]
        if isinstance(last, Field):
            self.fields[-1] = last = _OpenField(last)
        return last


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
    """Return whether a block begins at ``lines[at]``: of an infobox, or of categories."""
    return opens_categories(lines, at, stripped) or opening_at(lines, at, stripped) is not None


def check_infobox_name(lines: Sequence[str], at: int, stripped: str, base: int, report: Report) -> None:
    """Report a line that would begin an infobox block, if it did not name what no template can be called."""
    head = canonical_head(stripped)
    if head and head.template and NO_NAME.search(head.template) and at + 1 < len(lines):
        name = shown(head.template)
        message = f"{name} can be no template's name, so this is text: write 'Infobox' or 'Infobox: Name'"
        if is_canonical_field(lines[at + 1].strip()):
            report(Diagnostic("infobox-name", at + base, 1, message))
