"""The lines of an infobox block to an infobox.

Fields go on in indented lines, and in other lines where nothing else can be meant: a list below a key without a value,
a value below its key, a line in lower case between fields.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter

from msgspec import structs

from convert.ast import Field, Infobox
from convert.diagnostics import Diagnostic, Report, shown
from convert.readers.categories import opens_categories
from convert.readers.characters import BULLETS
from convert.readers.infoboxes import fields as field_lines
from convert.readers.infoboxes.fields import (
    EMPHASIS_SIGNS,
    IN_A_ROW,
    FieldLine,
    dashed,
    field_of,
    is_canonical_field,
    is_key,
    is_phrase,
    split,
    unmarked,
)
from convert.readers.infoboxes.groups import LABEL_NOUNS, heading_level, heads_fields, keys_below, label_of
from convert.readers.infoboxes.heads import NO_NAME, canonical_head, is_end, is_heading
from convert.readers.infoboxes.open_field import OpenField
from convert.readers.infoboxes.openings import Opening, goes_on, opening_at
from convert.readers.infoboxes.tables import table_fields
from convert.readers.layout.marks import indent_of

_BULLETS = frozenset(BULLETS)
#: What a key begins with that is not as most are.
_ODD_SIGNS = EMPHASIS_SIGNS | {"[", '"'}
# Bare words that label a group are few.
_LABEL_WORDS = 3


def read_infobox(lines: Sequence[str], at: int, opening: Opening, base: int, report: Report) -> tuple[Infobox, int]:
    """Read the block whose head is ``lines[at]``; return it and the index of the first line after it."""
    fields, end = _usual_fields(lines, opening.first, base) if opening.is_canonical else ([], opening.first)
    if not fields or not _ends_as_usual(lines, end, fields[-1]):
        block = _Block(lines, at, opening, fields, base, report)
        end = block.read_table() if opening.table else block.read(end)
        fields = [field.closed() if isinstance(field, OpenField) else field for field in block.fields]
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
    odd = _ODD_SIGNS
    for at in range(start, len(lines)):
        raw = lines[at]
        key, colon, value = raw.partition(":")
        if not colon or key[:2] != "- " or value[:2] in ("//", "= ") or "：" in key or raw[2] in odd:
            return fields, at
        value = value.strip()
        fields.append(Field(key[2:].strip(), (value,) if value else (), line=at + base))
    return fields, len(lines)


def _ends_as_usual(lines: Sequence[str], at: int, last: Field) -> bool:
    """Return whether the fields that end at ``lines[at]`` surely do not go on below."""
    following = lines[at : at + 2]
    if not following or (not following[0] and len(following) < 2):
        return True
    return not following[0] and following[1][:1] not in _BULLETS and bool(last.values or not following[1][:1].isspace())


class _Block:
    """A block being read; ``forms`` are what is not canonical in it."""

    def __init__(
        self, lines: Sequence[str], at: int, opening: Opening, fields: Sequence[Field], base: int, report: Report
    ) -> None:
        self.lines, self.opening, self.base, self.report = lines, opening, base, report
        self.fields: list[Field | OpenField] = [*fields]
        self.forms = dict.fromkeys(opening.forms)
        self.head = lines[at].strip()
        #: How far fields are indented; within a group, further than its label.
        self.indent = self.margin = 0
        #: The bullet of the fields, and of those that stand in no group.
        self.bullet = self.own_bullet = ""
        #: What the keys of a group mean, whose fields are indented.
        self.keys: dict[str, str] = {}
        #: The lines of labels.
        self.labels: set[int] = set()
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
        self.bullet = self.own_bullet = "-" if self.opening.is_canonical else self._first_bullet(first)
        while at < len(lines):
            raw = lines[at]
            stripped = raw.strip()
            if not stripped:
                is_more = goes_on(lines, at + 1, self.own_bullet, self.opening.is_parted) or self._has_label(at + 1)
                if not (is_more or self._has_value(at + 1)):
                    break
                self.forms["blank lines between fields"] = None
            elif is_end(stripped, self.head):
                return at + 1
            elif not self._reads(raw, stripped, at):
                break
            at += 1
        return at

    def _first_bullet(self, at: int) -> str:
        for place in range(at, at + 3):
            line = self._field_of(self.lines[place].strip()) if place < len(self.lines) else None
            if line and not (place == at and self._is_bare_label(line, at)):
                self.has_equals = line.separator == "="
                return line.bullet
        return unmarked(self.lines[at].strip())[0]

    def _is_bare_label(self, line: FieldLine, at: int) -> bool:
        """Return whether a key without a value and a bullet stands above a field with one."""
        start = at + 2 if line.is_emphasised and not "".join(self.lines[at + 1 : at + 2]).strip() else at + 1
        below = self.lines[start] if start < len(self.lines) else ""
        following = self._field_of(below.strip())
        if line.bullet or line.value or following is None or not following.bullet:
            return False
        return indent_of(below) == indent_of(self.lines[at])

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
            return self._has_label(at) and self._label(label_of(stripped), at)
        if indent <= self.margin:
            self.indent, self.bullet, self.keys = self.margin, self.own_bullet, {}
        if self.fields and indent > self.indent and not self._opens_group(at, indent):
            self._opened().add(raw, stripped, at + self.base, self.report)
            return True
        if self.fields and opens_block(self.lines, at, stripped):
            return False
        bullet, text = unmarked(stripped)
        if bool(bullet) == bool(self.bullet):
            line = self._field_of(stripped)
            if line and (line.bullet == "-" or is_key(line.key)):
                self._note(line)
                key = self.keys.get(line.key, line.key)
                self.fields.append(field_lines.field(structs.replace(line, key=key), at + self.base))
                return True
        return self._reads_marked(stripped, text, at) if bullet else self._reads_bare(stripped, at)

    def _has_value(self, at: int) -> bool:
        """Return whether the value of the last field, which has none yet, stands indented at ``lines[at]``."""
        last = self.fields[-1] if self.fields else None
        if last is None or last.values or at >= len(self.lines) or not self.lines[at].strip():
            return False
        return indent_of(self.lines[at]) > self.indent and heading_level(self.lines[at].strip()) == 0

    def _has_label(self, at: int) -> bool:
        """Return whether a heading or an emphasised line at ``lines[at]`` heads more fields of the block."""
        stripped = self.lines[at].strip() if at < len(self.lines) else ""
        if not stripped or not label_of(stripped) or opens_block(self.lines, at, stripped):
            return False
        level = heading_level(stripped)
        if not heads_fields(self.lines, at):
            return False
        if not level or self.opening.level:
            return not level or level > self.opening.level
        return level > 2 and bool(self.lines[at - 1].strip()) and bool(self.lines[at + 1].strip())

    def _opens_group(self, at: int, indent: int) -> bool:
        """Make the last field the label of a group, if ``lines[at]``, which is indented, begins its fields."""
        last = self.fields[-1]
        if not isinstance(last, Field) or last.values or not last.key or self.indent != self.margin:
            return False
        keys = keys_below(last.key, self.lines, at)
        if keys is None:
            return False
        self.fields.pop()
        self.bullet = unmarked(self.lines[at].strip())[0]
        return self._open_group(last.key, last.line - self.base, indent, keys)

    def _open_group(self, label: str, at: int, indent: int, keys: dict[str, str]) -> bool:
        """Read a label above fields that are indented; it is no row where it is a part of all their keys."""
        self.indent, self.keys = indent, keys
        if keys and all(key != meant for key, meant in keys.items()):
            self.forms["groups"] = None
            return True
        return self._label(label, at)

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
        label = text.strip("*_`':： ")
        if self._heads_indented(label, at):
            return True
        last = self.fields[-1] if self.fields else None
        if last and ((isinstance(last, OpenField) and last.is_list) or not (last.values or not last.key)):
            opened = self._opened()
            opened.is_list = True
            opened.values.append([text])
            self.forms["lists that are not indented"] = None
            return True
        if not self.bullet:
            return False
        if self._begins_with_label() and is_key(label) and self._is_field(at + 1) and not dashed(stripped):
            return self._label(label, at)
        self._warn(stripped, at)
        self.fields.append(Field("", (text,), line=at + self.base))
        return True

    def _heads_indented(self, label: str, at: int) -> bool:
        """Read a line without a colon as a label, if fields stand below it that are further indented."""
        below = self.lines[at + 1] if at + 1 < len(self.lines) else ""
        line = self._field_of(below.strip())
        if line is None or not is_key(label) or not is_key(line.key) or indent_of(below) <= indent_of(self.lines[at]):
            return False
        self.bullet = line.bullet
        return self._open_group(label, at, indent_of(below), keys_below(label, self.lines, at + 1) or {})

    def _reads_bare(self, stripped: str, at: int) -> bool:
        """Read a line without a bullet or a key: a label, more of the value above, or what comes after the block."""
        is_followed = self._is_field(at + 1)
        last = self.fields[-1] if self.fields else None
        label = label_of(stripped) or stripped.strip("*_:： ")
        if self._heads_indented(label, at):
            return True
        if not is_followed and stripped[0] in EMPHASIS_SIGNS and self._has_label(at):
            return self._label(label, at)
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
        elif is_key(label) and (label != stripped or self._is_label(label, last, at)):
            self._label(label, at)
        else:
            self._warn(stripped, at)
            line = split("-", stripped) or FieldLine("", stripped, "", "", False)
            self.fields.append(field_lines.field(line, at + self.base))
        return True

    def _ends(self, at: int, stripped: str) -> bool:
        """Return whether a line can be the value of the last field, as nothing else follows."""
        return is_phrase(stripped) and (at + 1 == len(self.lines) or not self.lines[at + 1].strip())

    def _begins_with_label(self) -> bool:
        return not self.fields or self.fields[0].line in self.labels

    def _is_label(self, label: str, last: Field | OpenField | None, at: int) -> bool:
        """Return whether bare words head the fields below them, and are not more of the value above."""
        words = label.split()
        if len(words) > _LABEL_WORDS or not (len(words) == 1 or words[-1] in LABEL_NOUNS or label.istitle()):
            return False
        if self._begins_with_label():
            return True
        if not self.bullet or (last and last.values and str(last.values[-1]).rstrip("]'")[-1:] in ",;-–"):
            return False
        return heads_fields(self.lines, at)

    def _label(self, label: str, at: int) -> bool:
        """Read a line as the label of a group, which is a field without a value; return true."""
        self.forms["groups"] = None
        self.labels.add(at + self.base)
        self.fields.append(Field(label, (), line=at + self.base))
        return True

    def _warn(self, stripped: str, at: int) -> None:
        message = f"not a '- Key: value' line: {shown(stripped)}"
        self.report(Diagnostic("infobox-line", at + self.base, indent_of(self.lines[at]) + 1, message))

    def _opened(self) -> OpenField:
        """The last field, open for more."""
        last = self.fields[-1]
        if isinstance(last, Field):
            self.fields[-1] = last = OpenField(last)
        return last


_values = attrgetter("values")


def _check_fields(fields: tuple[Field, ...], report: Report) -> None:
    if len(fields) == 1 and fields[0].values and len(IN_A_ROW.findall(fields[0].values[0])) > 1:
        message = f"{shown(fields[0].values[0])} looks like several fields: write each on a line of its own"
        report(Diagnostic("infobox-line", fields[0].line, 1, message))
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
