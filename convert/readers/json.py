"""Articles and records as JSON to trees: one object, an array of objects, or JSON Lines.

An article has the form of ``convert/schema/article.schema.json``; any other object is read as a record
(``convert.readers.records``), whose text is a plain article.  A record that cannot be read is one error, and the others
go on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec
from msgspec import structs

from convert.ast import Article
from convert.diagnostics import Diagnostic, Report
from convert.expressions import expression
from convert.readers import plain
from convert.readers.clean import clean
from convert.readers.records.articles import read_article, says_article
from convert.readers.records.options import RecordOptions
from convert.readers.records.reader import RecordReader
from convert.readers.records.syntax import clean_json, syntax

_GOING_ON = ("{", "[", ",", ":")
_NEXT = expression(r"\s*(\S)")
_TOKEN = expression(r'"(?:[^"\\]|\\.)*+"?|[\[\]{},]', re.DOTALL)


class JsonReadOptions(RecordOptions, frozen=True):
    """How JSON is read: which fields records have, and how their texts are read.

    ``title`` serves the first article if its own is empty, ``line`` is the first line's number.
    """


def read(text: str, report: Report, options: JsonReadOptions = JsonReadOptions()) -> Iterator[Article]:
    """Read every article of a text, in order."""
    text = clean(text.removeprefix("\ufeff"), report, options.line)
    if not text or text.isspace():
        report(Diagnostic("empty", options.line, 1, "there is no article: the text is empty"))
    # Escapes may stand for what cannot be held.
    reader = RecordReader(plain.read, structs.replace(options, checked=None), options)
    title = options.title
    for record, line in _records(text, options.line, report):
        if says_article(record):
            article = read_article(clean_json(record, line, report), line, title, report)
            if article:
                yield article
        else:
            yield from reader.read(record, report, line, title or f"{options.title or 'Record'} {line}")
        title = ""


def _records(text: str, line: int, report: Report) -> Iterator[tuple[str, int]]:
    """Part a text into objects, each with the number of its first line."""
    start = len(text) - len(text.lstrip())
    if text[start : start + 1] == "[":
        yield from _array(text, line, report)
    elif _is_lines(text[start:]):
        for number, record in enumerate(text.split("\n"), line):
            if record and not record.isspace():
                yield record, number
    elif start < len(text):
        yield from _values(text, start, line + text.count("\n", 0, start))


def _is_lines(text: str) -> bool:
    """Distinguish JSON Lines from one object: their second line begins an object, or their first is a whole one.

    A first line that must go on may be a broken record, unless all lines together are one.
    """
    first, _, rest = text.partition("\n")
    second = _NEXT.match(rest)
    if second and second[1] == "{":
        record = rest[second.start(1) :].partition("\n")[0].rstrip()
        if record.endswith(_GOING_ON) and not record.endswith("},"):
            return False
        return not (first.rstrip().endswith(_GOING_ON) and _is_json(text))
    return second is not None and _is_json(first)


def _is_json(text: str) -> bool:
    try:
        msgspec.json.decode(text, type=msgspec.Raw)
    except (msgspec.DecodeError, RecursionError):
        return False
    return True


def _values(text: str, start: int, line: int) -> Iterator[tuple[str, int]]:
    """Part a text into its objects, if there are several one behind another."""
    if _is_json(text[start:]):
        yield text[start:], line
        return
    depth = 0
    for token in _TOKEN.finditer(text, start):
        sign = token[0]
        if sign in ("{", "["):
            depth += 1
        elif sign in ("}", "]"):
            depth = max(0, depth - 1)
            following = None if depth else _NEXT.match(text, token.end())
            if following and following[1] == "{":
                yield text[start : token.end()], line
                line += text.count("\n", start, following.start(1))
                start = following.start(1)
    yield text[start:], line


def _array(text: str, line: int, report: Report) -> Iterator[tuple[str, int]]:
    encoded = text.encode()
    try:
        records = msgspec.json.decode(encoded, type=list[msgspec.Raw])
    except (msgspec.DecodeError, RecursionError) as error:
        yield from _broken_array(text, line, report, error)
        return
    if not records:
        report(Diagnostic("empty", line, 1, "there is no article: the array is empty"))
    end = 0
    for raw in records:
        record = bytes(raw)
        start = encoded.index(record, end)
        line += encoded.count(b"\n", end, start)
        yield record.decode(), line
        end = start + len(record)
        line += record.count(b"\n")


def _broken_array(text: str, line: int, report: Report, error: Exception) -> Iterator[tuple[str, int]]:
    """Part an array that is not JSON by its brackets and commas, so that only what is broken is lost."""
    start = text.index("[") + 1
    line += text.count("\n", 0, start)
    content = ""
    if not text[start:].lstrip().startswith("{"):
        report(syntax(text, line, error))
        return
    for end in _ends(text, start):
        record = text[start:end]
        content = record.lstrip()
        blank = len(record) - len(content)
        if content:
            # Whole lines: the columns of messages are those of the text.
            begin = record.rfind("\n", 0, blank) + 1
            yield record[begin:], line + record.count("\n", 0, begin)
        elif text[end : end + 1]:
            message = f"not JSON: nothing stands between a comma and {text[end]!r}: leave the comma out"
            report(Diagnostic("json-syntax", line + record.count("\n"), 1, message))
        line += text.count("\n", start, end + 1)
        start = end + 1
    if start > len(text) and content.rstrip().endswith("}"):
        report(Diagnostic("json-syntax", line, 1, "not JSON: the array has no end: is the text all there?"))
    if text[start:].strip():
        report(Diagnostic("json-syntax", line, 1, "not JSON: something stands behind the array"))


def _ends(text: str, start: int) -> Iterator[int]:
    """Yield where the items of an array end: at its commas, and at its end or that of the text."""
    depth = 0
    for token in _TOKEN.finditer(text, start):
        sign = token[0]
        if sign in ("{", "["):
            depth += 1
        elif sign in ("}", "]"):
            depth -= 1
            if depth < 0:
                yield token.start()
                return
        elif sign == "," and not depth:
            yield token.start()
    yield len(text)
