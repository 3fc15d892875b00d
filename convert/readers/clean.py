"""Characters that no wiki and no XML can hold become U+FFFD, as MediaWiki's API does.

Those are the control characters of ASCII but tab and line feed (U+007F, too: MediaWiki's parser keeps it for itself),
lone surrogates, and U+FFFE and U+FFFF.

Source: https://www.w3.org/TR/xml/#charsets
"""

from __future__ import annotations

import re
from functools import cache

from convert.diagnostics import Diagnostic, Report

_CONTROLS = bytes((*range(9), 11, 12, *range(14, 32), 127))


def holdable(content: bytes) -> bool:
    """Tell whether every character of a text in UTF-8 can be kept.

    To take them out takes a quarter of the time that an expression takes to search for them.
    """
    if len(content.translate(None, _CONTROLS)) < len(content):
        return False
    return 0xEF not in content or (b"\xef\xbf\xbe" not in content and b"\xef\xbf\xbf" not in content)


@cache
def _unholdable() -> re.Pattern[str]:
    # When it is first needed: it takes a millisecond, and most texts need none of it.
    return re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def _is_holdable(text: str) -> bool:
    try:
        return holdable(text.encode())
    except UnicodeEncodeError:  # a lone surrogate
        return False


def clean(text: str, report: Report, line: int) -> str:
    """Replace what cannot be held, with one diagnostic at the first place."""
    if _is_holdable(text):
        return text
    unholdable = _unholdable()
    found = unholdable.search(text)
    assert found is not None
    before = text[: found.start()]
    cleaned, count = unholdable.subn("\ufffd", text)
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
