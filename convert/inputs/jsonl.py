"""JSON Lines with a record per line, read as ``convert.readers.records`` does.

A record is one line, and every diagnostic about it has that line's number.  A record that is an article in JSON, as the
``json`` format writes it, is read as such.

    {"title": "Port Ellen", "text": "A town on Islay.", "lang": "en"}
"""

from __future__ import annotations

from collections.abc import Iterator

from convert.ast import Article
from convert.diagnostics import Report
from convert.readers.records.reader import RecordReader


def read_lines(reader: RecordReader, text: str, report: Report, line: int, name: str) -> Iterator[Article]:
    """Read the articles of all records; ``line`` is the number of the first line.

    The fallback title is ``name`` and the line number.
    """
    for number, record in enumerate(text.split("\n"), line):
        if record and not record.isspace():
            yield from reader.read(record.removeprefix("\ufeff"), report, number, f"{name} {number}")
