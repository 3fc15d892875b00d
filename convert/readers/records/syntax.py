"""JSON decoded as it is written, and the cause where a text is no JSON.

Numbers keep their digits (``3.50``, and any length).  Escapes of characters that no wiki and no XML can hold
(``"\\u0000"``, half a surrogate pair) become U+FFFD.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from typing import Any

from convert.diagnostics import Diagnostic, Report, shown
from convert.expressions import expression
from convert.readers.clean import clean_escapes, is_holdable

_ESCAPE = expression(r"\\(?:u([0-9A-Fa-f]{4})(\\u[Dd][C-Fc-f][0-9A-Fa-f]{2})?|.)", re.DOTALL)
_STRING_OR_CONSTANT = expression(r'"(?:[^"\\]|\\.)*+"?|(-?(?:NaN|Infinity))', re.DOTALL)
_WORDS = {"True": "true", "False": "false", "None": "null", "undefined": "null"}
_GOING_ON = ("{", "[", ",", ":")
_TOO_DEEP = "nested too deeply to be an article"


class Number(str):
    """The digits of a number."""

    __slots__ = ()


class NotJson(Exception):
    """A text is not JSON: where, counted from its own first line, and why."""

    def __init__(self, line: int, column: int, reason: str) -> None:
        super().__init__(reason)
        self.line, self.column = line, column

    def diagnostic(self, line: int) -> Diagnostic:
        """Return the diagnostic for a text that begins in a line."""
        return Diagnostic("json-syntax", line + self.line - 1, self.column, str(self))


def decoded(text: str, line: int, report: Report) -> Any:
    """Decode a text; report the first key that an object names twice.  Raises NotJson."""
    repeated: list[str] = []

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        kept = dict(pairs)
        if len(kept) < len(pairs) and not repeated:
            seen: set[str] = set()
            repeated.append(next(name for name, _ in pairs if name in seen or seen.add(name)))  # type: ignore[func-returns-value]
        return kept

    try:
        value = json.loads(
            text, parse_int=Number, parse_float=Number, parse_constant=_constant, object_pairs_hook=members
        )
    except json.JSONDecodeError as error:
        raise NotJson(error.lineno, error.colno, f"not JSON: {_cause(text, error)}") from None
    except _Constant as error:
        raise _no_number(text, str(error)) from None
    except RecursionError:
        raise NotJson(1, 1, _TOO_DEEP) from None
    if repeated:
        message = f"{shown(repeated[0])} stands twice in one object, and the last one counts: leave out the others"
        report(Diagnostic("json-key-repeated", line, 1, message))
    return value


def syntax(text: str, line: int, error: Exception) -> Diagnostic:
    """Return the diagnostic for a text that another decoder has refused with an error."""
    try:
        decoded(text, line, _unheard)
    except NotJson as cause:
        return cause.diagnostic(line)
    return Diagnostic("json-syntax", line, 1, f"not JSON: {error}")


def tell_repeated(record: str, line: int, report: Report) -> None:
    """Report the first key that an object of a JSON text names twice, if any does."""
    with suppress(NotJson):
        decoded(record, line, report)


def _unheard(_: Diagnostic) -> None:
    pass


class _Constant(Exception):
    """A constant that JSON does not have."""


def _constant(name: str) -> Any:
    raise _Constant(name)


def _no_number(text: str, name: str) -> NotJson:
    at = next((match.start() for match in _STRING_OR_CONSTANT.finditer(text) if match[1]), 0)
    line, column = text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
    return NotJson(line, column, f"not JSON: {name} is no number of JSON: write null")


def _cause(text: str, error: json.JSONDecodeError) -> str:
    """Say why a text is not JSON where that is known, else what the decoder says."""
    at, reason = error.pos, error.msg
    sign = text[at : at + 1]
    if reason.startswith("Unterminated string") or (sign and reason.startswith("Invalid c") and not text[at:].strip()):
        return "the text ends within a string: is it all there?"
    if not text[at:].strip() and text.rstrip().endswith(_GOING_ON) and "\n" not in text.strip():
        return "it goes on in the next line: JSON Lines has a whole record in each; -f json reads others"
    if not text[at:].strip():
        return f"{reason}: the text ends here; is it all there?" if text[:at].strip() else reason
    if reason == "Extra data":
        if sign == ",":
            return "a comma follows the object: leave it out, or make all of them an array in brackets"
        return "two values stand in one line: give each a line of its own" if sign in "{[" else f"{reason}: {sign!r}"
    if reason.startswith("Invalid control character"):
        return f"U+{ord(sign):04X} stands in a string: write \\u{ord(sign):04x}"
    if reason.startswith("Invalid \\escape"):
        return "a backslash in a string is written \\\\"
    return _cause_of_value(text, at, sign) or reason


def _cause_of_value(text: str, at: int, sign: str) -> str:
    if sign == "'":
        return 'single quotes: strings stand in double ones ("), as json.dumps writes them'
    if sign in "}]" and text[:at].rstrip().endswith(","):
        return f"a comma stands before {sign!r}: leave it out"
    if sign == "/":
        return "there are no comments in JSON: leave it out"
    word = next((word for word in _WORDS if text.startswith(word, at)), "")
    return f"{word} is written {_WORDS[word]}" if word else ""


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
