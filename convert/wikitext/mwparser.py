"""mwparserfromhell, given only what it reads in about linear time.

Where something is opened and not closed, or too deep, it starts anew behind the opening: ten thousand ``{{a|`` take
it a minute.  So what fails is counted beforehand, by one pass over the text.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from convert.errors import UsageError

#: What is opened in vain, times the length of the text that may be read again for each.  Measured: at most seconds.
MOST_REREAD = 40_000_000
#: Nothing deeper than this is read (mwparserfromhell's own limit).
_MAX_DEPTH = 40

_TOKENS = re.compile(r"<!--|-->|</?[^\s/<>!][^<>{}\[\]]*>?|\{\{|\}\}|\{\||\|\}|\[\[|\]\]|\[(?=[\w/])|\]")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_CLOSED_BY = {"-->": "<!--", "}}": "{{", "|}": "{|", "]]": "[[", "]": "["}
#: Tags that nothing has to close.
_SINGLE = frozenset(f"<{name}" for name in "br wbr hr meta link img li dt dd th td tr".split())


def parsed(text: str, extra: str) -> Any | None:
    """Parse wikitext; return ``None`` where that would take too long, or what is in each other is too deep for it.

    Raises UsageError where mwparserfromhell, which ``plainwiki[extra]`` installs, is missing.
    """
    parse = _parser(extra)
    if not is_quick(text):
        return None
    try:
        read = parse(text, skip_style_tags=True)
        str(read)  # which goes as deep as whatever is asked of it
    except RecursionError:
        return None
    return read


def is_quick(text: str) -> bool:
    """Tell whether a text opens little in vain."""
    most = MOST_REREAD // (len(text) + 1)
    opened: list[str] = []
    failed = 0
    for token in _TOKENS.findall(text):
        opening = _CLOSED_BY.get(token)
        if token[0] == "<" and token != "<!--":
            name = "<" + token.strip("</>").partition(" ")[0].strip().lower()
            if token[1] == "/":
                opening = name
            elif token[-1] == ">" and (token[-2] == "/" or name in _SINGLE):
                continue
            token = name if token[-1] == ">" else ""
        if opening:
            if opening in opened:
                while opened.pop() != opening:
                    failed += 1
        elif token and len(opened) < _MAX_DEPTH:
            opened.append(token)
        else:
            failed += 1
        if failed > most:
            return False
    return failed + len(opened) <= most


def without_comments(wikitext: str) -> str:
    """Leave out comments; one that is not closed stays."""
    # Only up to the last end of one: to look behind each opening for an end that never comes is quadratic.
    end = wikitext.rfind("-->") + 3
    return _COMMENT.sub("", wikitext[:end]) + wikitext[end:] if end > 2 else wikitext


@cache
def _parser(extra: str) -> Any:
    try:
        from mwparserfromhell import parse  # an extra, and slow to import
    except ImportError:
        raise UsageError(f"reading wikitext needs mwparserfromhell: pip install 'plainwiki[{extra}]'") from None
    return parse
