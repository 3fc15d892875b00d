"""Articles as JSON to trees: one object, an array of objects, or JSON Lines.

The form is that of ``convert/schema/article.schema.json``.  A record that is no article is one error, and the others go
on.  Escapes of characters that no wiki and no XML can hold (``"\\u0000"``, half a surrogate pair) become U+FFFD.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import msgspec
from msgspec import Struct, structs

from convert.ast import Article
from convert.diagnostics import Diagnostic, Report, shown
from convert.readers.clean import clean, clean_escapes, is_holdable
from convert.readers.trees import WrongShape, tidied

_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})(\\u[Dd][C-Fc-f][0-9A-Fa-f]{2})?|.)", re.DOTALL)
_GOING_ON = ("{", "[", ",", ":")
_NEXT = re.compile(r"\s*(\S)")
_decoder = msgspec.json.Decoder(Article)
_encoder = msgspec.json.Encoder()


class JsonReadOptions(Struct, frozen=True):
    """How JSON is read: ``title`` serves the first article if its own is empty, ``line`` is the first line's number."""

    title: str = ""
    line: int = 1


def read(text: str, report: Report, options: JsonReadOptions = JsonReadOptions()) -> Iterator[Article]:
    """Read every article of a text, in order."""
    text = clean(text.removeprefix("\ufeff"), report, options.line)
    if not text or text.isspace():
        report(Diagnostic("empty", options.line, 1, "there is no article: the text is empty"))
    title = options.title
    for record, line in _records(text, options.line, report):
        article = _article(record, line, title, report)
        if article:
            yield article
        title = ""


def _records(text: str, line: int, report: Report) -> Iterator[tuple[str, int]]:
    """Part a text into objects, each with the number of its first line."""
    start = len(text) - len(text.lstrip())
    if text[start : start + 1] == "[":
        yield from _array(text, line, report)
    elif _is_lines(text[start:]):
        for number, each in enumerate(text.split("\n"), line):
            if each and not each.isspace():
                yield each, number
    elif start < len(text):
        yield text[start:], line + text.count("\n", 0, start)


def _is_lines(text: str) -> bool:
    """Distinguish JSON Lines from one object: their second line begins an object, or their first is a whole one.

    A first line that must go on may be a broken record, unless all lines together are one.
    """
    first, _, rest = text.partition("\n")
    second = _NEXT.match(rest)
    if second and second[1] == "{":
        return not (first.rstrip().endswith(_GOING_ON) and _is_json(text))
    return second is not None and _is_json(first)


def _is_json(text: str) -> bool:
    try:
        msgspec.json.decode(text, type=msgspec.Raw)
    except (msgspec.DecodeError, RecursionError):
        return False
    return True


def _array(text: str, line: int, report: Report) -> Iterator[tuple[str, int]]:
    encoded = text.encode()
    try:
        records = msgspec.json.decode(encoded, type=list[msgspec.Raw])
    except (msgspec.DecodeError, RecursionError) as error:
        report(_syntax(text, line, error))
        return
    if not records:
        report(Diagnostic("empty", line, 1, "there is no article: the array is empty"))
    end = 0
    for each in records:
        record = bytes(each)
        start = encoded.index(record, end)
        line += encoded.count(b"\n", end, start)
        yield record.decode(), line
        end = start + len(record)
        line += record.count(b"\n")


def _article(record: str, line: int, title: str, report: Report) -> Article | None:
    record = clean_json(record, line, report)
    try:
        article = _decoder.decode(record)
        if not _is_canonical(record, article):
            tell_repeated(record, line, report)
        return tidied(article if article.line else structs.replace(article, line=line), report, title)
    except msgspec.ValidationError as error:
        problem = str(error)
    except (msgspec.DecodeError, RecursionError) as error:
        report(_syntax(record, line, error))
        return None
    except WrongShape as error:
        problem = str(error)
    message = f"not an article: {problem.replace('`', '')}; the schema tells the form"
    report(Diagnostic("json-shape", line, 1, message))
    return None


def _is_canonical(record: str, article: Article) -> bool:
    """Return whether a text is what the writer makes of its article, but for white space: then no key stands twice.

    It takes a tenth of the time in which the keys of every object are compared.
    """
    encoded = _encoder.encode(article)
    return record.strip().encode() == encoded or msgspec.json.format(record.encode(), indent=-1) == encoded


def tell_repeated(record: str, line: int, report: Report) -> None:
    """Report the first key that an object of a JSON text names twice, if any does."""
    repeated: list[str] = []

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        kept: dict[str, Any] = {}
        for name, value in pairs:
            if name in kept:
                repeated.append(name)
            kept[name] = value
        return kept

    with suppress(ValueError, RecursionError):
        json.loads(record, object_pairs_hook=members)
    if repeated:
        message = f"{shown(repeated[0])} stands twice in one object, and the last one counts: leave out the others"
        report(Diagnostic("json-key-repeated", line, 1, message))


def _syntax(text: str, line: int, error: Exception) -> Diagnostic:
    """Report where a text stops being JSON; the standard library's decoder locates it better."""
    try:
        json.loads(text)
    except json.JSONDecodeError as syntax:
        return Diagnostic("json-syntax", line + syntax.lineno - 1, syntax.colno, f"not JSON: {syntax.msg}")
    except RecursionError:
        return Diagnostic("json-syntax", line, 1, "nested too deeply to be an article")
    return Diagnostic("json-syntax", line, 1, f"not JSON: {error}")


def clean_json(record: str, line: int, report: Report) -> str:
    """Replace the escapes of characters that cannot be held."""
    if "\\u" not in record and "\\b" not in record and "\\f" not in record:
        return record
    return clean_escapes(record, _ESCAPE, _kept, report, line)


def _kept(escape: re.Match[str]) -> str:
    digits, low = escape.groups()
    if digits is None:
        return "\\ufffd" if escape[0] in ("\\b", "\\f") else escape[0]
    number = int(digits, 16)
    if 0xD800 <= number < 0xDC00 and low:
        return escape[0]
    return (f"\\u{digits}" if is_holdable(number) else "\\ufffd") + ("\\ufffd" if low else "")
