"""Records that hold a page each, as it is: lines of JSON Lines and rows of tables.

A field ``wikitext`` holds a page, and so does the text of what ``batch -t wikitext`` has written: records of a title, a
text and a source of which none begins as a plain article does, and some have markup.  Any other record whose text
begins with markup may be either; that is for a person to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

import msgspec
from msgspec import UNSET, Struct

from convert.diagnostics import Diagnostic, Report, shown
from convert.expressions import expression
from convert.readers.clean import clean
from convert.readers.records.fields import (
    MARKUP_NAME,
    Fields,
    Unreadable,
    kind_of,
    missing,
    name_of_text,
    name_of_title,
    scalar,
    value_at,
)
from convert.readers.records.options import RecordOptions
from convert.readers.records.shapes import records_of
from convert.readers.records.syntax import NotJson, clean_json, decoded

#: The fields of what ``batch`` writes.
_OWN_FIELDS = ("title", "text", "source")
#: So many records of a source are looked at.
_LOOKED_AT = 500
_DEFAULTS = RecordOptions()

_HEADING = expression(r"\s*=[^=\n][^\n]*=[ \t]*(?:\n|\Z)")
_DUMP = expression(r"\s*<mediawiki[\s>]")
#: What no plain article begins with.
_BEGINNING = expression(r"\s*(?:\{\{[^{}|\n<>]+(?:\||\n|\}\})|#redirect\s*:?\s*\[\[|\[\[[^\[\]\n]+\]\])", re.IGNORECASE)
_MARKUP = expression(
    r"^\{\{[^{}|\n<>]+(?:\||\n|\}\})|\[\[[^\[\]\n]+\]\]|'''|^\{\||</?ref[\s>]|&#\d+;|<nowiki", re.MULTILINE
)
#: Bytes of a line whose text may begin so.
_SUSPECT = expression(rb'"\s*:\s*"(?:\\[nrt]|\s)*(?:\{\{|\[\[|#[Rr][Ee])')


class PageRecord(Struct, frozen=True):
    """A page of a record: its title and its text, which may be a whole dump."""

    title: str
    text: str
    line: int

    @property
    def is_dump(self) -> bool:
        """Whether its text is that of a dump."""
        return bool(_DUMP.match(self.text))


def hold_pages(content: bytes, options: RecordOptions) -> bool:
    """Whether the records of a source, by its first ones, hold pages as they are."""
    records = [record for line in islice(content.splitlines(), _LOOKED_AT) if (record := _record(line))]
    if not records:
        return False
    if options.text_field in (_DEFAULTS.text_field, MARKUP_NAME) and all(MARKUP_NAME in record for record in records):
        return any(isinstance(record[MARKUP_NAME], str) for record in records)
    if any(tuple(record) != _OWN_FIELDS or not isinstance(record["text"], str) for record in records):
        return False
    texts = [record["text"] for record in records]
    if any(_HEADING.match(text) for text in texts):
        return False
    return all(map(_DUMP.match, texts)) or any(map(_MARKUP.search, texts))


def unsure_lines(content: bytes, first: int, options: RecordOptions) -> Iterator[Diagnostic]:
    """Yield an error for each record that is to be an article and begins with the markup of a page."""
    if not _SUSPECT.search(content):
        return
    for number, line in enumerate(content.split(b"\n"), first):
        record = _record(line) if _SUSPECT.search(line) else None
        text = value_at(record, options.text_field) if record else UNSET
        if isinstance(text, str) and _BEGINNING.match(text):
            message = (
                f"its text is wikitext, as {shown(text.strip(), 30)} shows: give -f wikitext where records are pages, "
                "to be taken as they are, or -f plain where they are articles, whose markup is shown as text"
            )
            yield Diagnostic("markup-unsure", number, 0, message)


def _record(line: bytes) -> dict[str, Any] | None:
    try:
        value = msgspec.json.decode(line)
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return None
    return value if isinstance(value, dict) else None


def page_records(text: str, first: int, options: RecordOptions, report: Report) -> Iterator[PageRecord]:
    """Yield the pages of lines with a record each, or of one array; report what is none."""
    whole = text.lstrip("\ufeff \t\r\n")
    if whole.startswith("["):
        yield from _pages_of(whole, first + text.count("\n", 0, len(text) - len(whole)), options, report)
        return
    for line, record in enumerate(text.removeprefix("\ufeff").split("\n"), first):
        if record and not record.isspace():
            yield from _pages_of(record, line, options, report)


def _pages_of(text: str, line: int, options: RecordOptions, report: Report) -> Iterator[PageRecord]:
    cleaned = clean_json(clean(text, report, line), line, report)
    try:
        value = decoded(cleaned, line, report)
        for record in records_of(value, options, line, report):
            try:
                if isinstance(record, Unreadable):
                    raise record
                yield _page(record.fields, options, line)
            except Unreadable as error:
                report(Diagnostic(error.code, line, 1, str(error)))
    except NotJson as error:
        report(error.diagnostic(line))
    except RecursionError:
        report(Diagnostic("json-shape", line, 1, "nested too deeply to be a page"))


def _page(fields: Fields, options: RecordOptions, line: int) -> PageRecord:
    """Return the page of a record.  Raises Unreadable."""
    title_name = name_of_title(fields, options)
    title = scalar(value_at(fields, title_name)) if title_name else None
    if title is None or not title.strip():
        raise Unreadable("record-field", missing(fields, options.title_field, "--title-field"))
    name = options.text_field
    if name == _DEFAULTS.text_field and MARKUP_NAME in fields:
        name = MARKUP_NAME
    else:
        name = name_of_text(fields, options, has_title=True)
    text = value_at(fields, name) if name else UNSET
    if text is UNSET:
        raise Unreadable("record-field", missing(fields, options.text_field, "--text-field"))
    if isinstance(text, Mapping) or scalar(text) is None:
        raise Unreadable("record-field", f"{shown(name)} is no text, but {kind_of(text)}")
    return PageRecord(title.strip(), str(text), line)
