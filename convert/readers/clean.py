"""Characters that no wiki and no XML can hold become U+FFFD, as MediaWiki's API does.

Those are the control characters of ASCII but tab and line feed (U+007F, too: MediaWiki's parser keeps it for itself),
lone surrogates, and U+FFFE and U+FFFF.  The rule is the same for every reader, and for characters that are written as
escapes (``\\u007f`` in JSON, ``&#127;`` in XML).

Source: https://www.w3.org/TR/xml/#charsets
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from convert.diagnostics import Diagnostic, Report, shown

_CONTROLS = frozenset((*range(9), 11, 12, *range(14, 32), 127))
#: What texts in another markup have at least one of, and most plain articles none.
MARKUP_SIGNS = b"&*<\\]^{"
_OTHERS = bytes(sorted(set(range(256)) - _CONTROLS - set(MARKUP_SIGNS)))


def signs_in(content: bytes) -> bytes | None:
    """Return the signs of markup in a text in UTF-8; ``None`` unless every character of it can be kept.

    To take out all but them takes a sixth of the time that an expression takes to search for what cannot be kept.
    """
    signs = content.translate(None, _OTHERS)
    if signs and not _CONTROLS.isdisjoint(signs):
        return None
    if 0xEF in content and (b"\xef\xbf\xbe" in content or b"\xef\xbf\xbf" in content):
        return None
    return signs


@cache
def _unholdable() -> re.Pattern[str]:
    # When it is first needed: it takes a millisecond, and most texts need none of it.
    return re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


@cache
def _unholdable_but_breaks() -> re.Pattern[str]:
    return re.compile("[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def signs_in_text(text: str) -> bytes | None:
    """Return the signs of markup in a text; ``None`` unless every character of it can be kept."""
    try:
        return signs_in(text.encode())
    except UnicodeEncodeError:  # a lone surrogate
        return None


def holdable_text(text: str) -> bool:
    """Return whether every character of a text can be kept."""
    return signs_in_text(text) is not None


def is_holdable(number: int) -> bool:
    """Return whether a code point that is written as an escape can be kept; a CR is a line break."""
    return not _unholdable().match(chr(number)) or number == 13 if number < 0x110000 else False


def clean(text: str, report: Report, line: int, breaks: bool = False) -> str:
    """Replace what cannot be held, with one diagnostic at the first place; not those that are ``breaks`` of lines."""
    if holdable_text(text):
        return text
    unholdable = _unholdable_but_breaks() if breaks else _unholdable()
    matched = unholdable.search(text)
    if matched is None:
        return text
    cleaned, count = unholdable.subn("\ufffd", text)
    report(_replaced(f"U+{ord(matched[0]):04X}", count, text, matched.start(), line))
    return cleaned


def clean_escapes(
    text: str, escape: re.Pattern[str], kept: Callable[[re.Match[str]], str], report: Report, line: int
) -> str:
    """Replace what ``escape`` finds by what is ``kept`` of it, with one diagnostic at the first that changes."""
    escapes: list[re.Match[str]] = []

    def replacement(each: re.Match[str]) -> str:
        new = kept(each)
        if new != each[0]:
            escapes.append(each)
        return new

    cleaned = escape.sub(replacement, text)
    if escapes:
        report(_replaced(shown(escapes[0][0]), len(escapes), text, escapes[0].start(), line))
    return cleaned


def clean_line(text: str) -> str:
    """Make a title that did not stand in a text one line that can be held: one of a file's name, or of a record."""
    if not holdable_text(text):
        text = _unholdable().sub("\ufffd", text.replace("\r", "\n"))
    return " ".join(text.split()) if "\n" in text else text


def clean_metadata(text: str) -> str:
    """Make what a record says beside its text such as can be held."""
    return text if holdable_text(text) else _unholdable().sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))


def _replaced(what: str, count: int, text: str, at: int, line: int) -> Diagnostic:
    became = f"{count} such characters became" if count > 1 else "it became"
    message = f"{what} cannot be kept: {became} U+FFFD; remove what is not text from the source"
    column = at - text.rfind("\n", 0, at)
    return Diagnostic("control-character", line + text.count("\n", 0, at), column, message)
