"""JSON Lines with a document per record: an object with the text in one field and the title in another.

A record is one line, and every diagnostic about it has that line's number.  A record that is an article in JSON, as the
``json`` format writes it, is read as such.

    {"title": "Port Ellen", "text": "A town on Islay.", "lang": "en"}
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import msgspec
from msgspec import UNSET, Struct, UnsetType, structs

from convert import formats
from convert.ast import Article
from convert.diagnostics import Diagnostic, Report
from convert.readers.clean import clean_metadata
from convert.readers.json import clean_json

_read_json = "convert.readers.json:read"
_JSON_OPTIONS = "convert.readers.json:JsonReadOptions"
_tell_repeated = "convert.readers.json:tell_repeated"


class RecordOptions(Struct, frozen=True):
    """Which fields of a record are read; with ``metadata`` all others become the article's metadata."""

    text_field: str = "text"
    title_field: str = "title"
    metadata: bool = False


class JsonlReader:
    """Reads records with the reader and options of their texts' format."""

    def __init__(self, read: formats.Read, read_options: Any, options: RecordOptions) -> None:
        self._read, self._read_options, self._options = read, read_options, options
        # Only these fields of a record are decoded.
        wanted = [("text", str | UnsetType, UNSET), ("title", str | None, None)]
        names = {"text": options.text_field, "title": options.title_field}
        self._row = msgspec.json.Decoder(msgspec.defstruct("Row", wanted, rename=names))
        self._text_key, self._title_key = (msgspec.json.encode(each).decode() for each in names.values())

    def read(self, text: str, report: Report, line: int, name: str) -> Iterator[Article]:
        """Read the articles of all records; ``line`` is the number of the first line.

        The fallback title is ``name`` and the line number.
        """
        for number, record in enumerate(text.split("\n"), line):
            if record and not record.isspace():
                yield from self._record(record.removeprefix("\ufeff"), report, number, name)

    def _record(self, record: str, report: Report, line: int, name: str) -> Iterator[Article]:
        try:
            row: Any = self._row.decode(record)
            members: dict[str, Any] = msgspec.json.decode(record) if self._options.metadata else {}
        except msgspec.ValidationError as error:
            report(Diagnostic("json-shape", line, 1, f"no record with a text: {str(error).replace('`', '')}"))
            return
        except (msgspec.DecodeError, RecursionError, UnicodeError):
            # The decoder rejects lone surrogates, which the reader of JSON replaces.
            cleaned = clean_json(record, line, report)
            if cleaned != record:
                yield from self._record(cleaned, report, line, name)
                return
            row = None
        if row is None or row.text is UNSET:
            yield from self._article(record, report, line)
            return
        if self._may_repeat(record, row.text, len(members)):
            formats.load(_tell_repeated)(record, line, report)
        title = (row.title or "").strip()
        options = structs.replace(self._read_options, title=title or f"{name} {line}")
        for article in self._read(row.text, _at(line, report, title), options):
            if self._options.metadata:
                article = structs.replace(article, metadata={**article.metadata, **self._others(members)})
            yield structs.replace(article, line=line)

    def _may_repeat(self, record: str, text: str, members: int) -> bool:
        """Whether a key may be repeated in a record; ``members`` is the number of all its members if known, else 0.

        A cheap test with false positives.  The text, which is most of a record, is not searched: in the record it takes
        at least as many characters as it has.
        """
        key, title = self._text_key, self._title_key
        start = record.find(key)
        end = start + len(key)
        # Whichever of two texts this one is, so many characters follow the second key.
        if record.find(key, end, len(record) - len(text)) >= 0:
            return True
        if record.count(title, 0, start) + record.count(title, end + len(text)) > 1:
            return True
        if not members:
            return False
        # Nested objects, or quotes near the end of the text, are false positives.
        rest = record[:end] + record[end + len(text) :]
        colons = 1 + rest.count('":')
        return members != colons and members != colons - rest.count('\\":')

    def _article(self, record: str, report: Report, line: int) -> Iterator[Article]:
        """Read a record without a text field as an article in JSON."""
        yield from formats.load(_read_json)(record, report, formats.load(_JSON_OPTIONS)(line=line))

    def _others(self, members: dict[str, Any]) -> dict[str, str]:
        read = (self._options.text_field, self._options.title_field)
        return {
            clean_metadata(name): clean_metadata(_as_text(value)) for name, value in members.items() if name not in read
        }


def _at(line: int, report: Report, title: str) -> Callable[[Diagnostic], None]:
    """Return a report that sets the line of the record, and drops ``title-missing`` if the record has a title."""

    def placed(diagnostic: Diagnostic) -> None:
        if diagnostic.code != "title-missing" or not title:
            report(structs.replace(diagnostic, line=line, column=0))

    return placed


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
