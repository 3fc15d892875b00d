"""Characters that no wiki and no XML can hold become U+FFFD, as MediaWiki's API does.

Those are the control characters of ASCII but tab and line feed (U+007F, too: MediaWiki's parser keeps it for itself),
lone surrogates, and U+FFFE and U+FFFF.

Source: https://www.w3.org/TR/xml/#charsets
"""

from __future__ import annotations

import re

from convert.diagnostics import Diagnostic, Report

_UNHOLDABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_CONTROLS = tuple(map(chr, [*range(9), 11, 12, *range(14, 32), 127]))


def holdable(text: str) -> bool:
    """Tell whether every character of a text can be kept.

    Thirty searches for one character each take a tenth of the time of one for the class.
    """
    for character in _CONTROLS:
        if character in text:
            return False
    if text.isascii():
        return True
    try:
        text.encode("utf-16-le")  # as UTF-8 would, it refuses lone surrogates, in half the time
    except UnicodeEncodeError:
        return False
    return "\ufffe" not in text and "\uffff" not in text


def clean(text: str, report: Report, line: int) -> str:
    """Replace what cannot be held, with one diagnostic at the first place."""
    if holdable(text):
        return text
    found = _UNHOLDABLE.search(text)
    assert found is not None
    before = text[: found.start()]
    cleaned, count = _UNHOLDABLE.subn("\ufffd", text)
    told = f"{count} such characters became" if count > 1 else "it became"
    report(
        Diagnostic(
            "control-character",
            line + before.count("\n"),
            found.start() - before.rfind("\n"),
            f"U+{ord(found[0]):04X} cannot be kept: {told} U+FFFD; remove what is not text from the source",
        )
    )
    return cleaned
