"""JSON Lines with a document in each record: an object with its text in one field and its title in another.

A record is one line, and every diagnostic about it names that line.  A record that is an article in JSON, as our own
``json`` format writes it, is read as that.

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


class RecordOptions(Struct, frozen=True):
    """Which fields of a record are read; with ``metadata`` the others become the article's metadata."""

    text_field: str = "text"
    title_field: str = "title"
    metadata: bool = False


class RecordReader:
    """Reads records whose texts are in one format, with that format's reader and options."""

    def __init__(self, read: formats.Read, read_options: Any, options: RecordOptions) -> None:
        self._read, self._read_options, self._options = read, read_options, options
        # Of a record only these fields are decoded, whatever else it has.
        wanted = [("text", str | UnsetType, UNSET), ("title", str | None, None)]
        names = {"text": options.text_field, "title": options.title_field}
        self._row = msgspec.json.Decoder(msgspec.defstruct("Row", wanted, rename=names))

    def read(self, text: str, report: Report, line: int, name: str) -> Iterator[Article]:
        """Read the articles of all records; ``line`` is the number of the first.

        What has no title gets the ``name`` and the number of its line.
        """
        for number, record in enumerate(text.split("\n"), line):
            if record and not record.isspace():
                yield from self._record(record.removeprefix("\ufeff"), report, number, name)

    def _record(self, record: str, report: Report, line: int, name: str) -> Iterator[Article]:
        try:
            row: Any = self._row.decode(record)
        except msgspec.ValidationError as error:
            report(Diagnostic("json-shape", line, 1, f"no record with a text: {str(error).replace('`', '')}"))
            return
        except (msgspec.DecodeError, RecursionError, UnicodeError):
            # Half a surrogate pair is what a decoder does not take and a reader does.
            cleaned = clean_json(record, line, report)
            if cleaned != record:
                yield from self._record(cleaned, report, line, name)
                return
            row = None
        if row is None or row.text is UNSET:
            yield from self._article(record, report, line)
            return
        title = (row.title or "").strip()
        options = structs.replace(self._read_options, title=title or f"{name} {line}")
        for article in self._read(row.text, _at(line, report, title), options):
            if self._options.metadata:
                article = structs.replace(article, metadata={**article.metadata, **self._others(record)})
            yield structs.replace(article, line=line)

    def _article(self, record: str, report: Report, line: int) -> Iterator[Article]:
        """Read a record that has no text: as an article, or whatever is wrong with that."""
        yield from formats.load(_read_json)(record, report, formats.load(_JSON_OPTIONS)(line=line))

    def _others(self, record: str) -> dict[str, str]:
        read = (self._options.text_field, self._options.title_field)
        found: dict[str, Any] = msgspec.json.decode(record)
        return {
            clean_metadata(name): clean_metadata(_as_text(value)) for name, value in found.items() if name not in read
        }


def _at(line: int, report: Report, title: str) -> Callable[[Diagnostic], None]:
    """Report with the line of the record; that a text has no title says nothing where the record has one."""

    def placed(found: Diagnostic) -> None:
        if found.code != "title-missing" or not title:
            report(structs.replace(found, line=line, column=0))

    return placed


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
