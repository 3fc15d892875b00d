"""Names that are never linked, written into ``plainwiki.toml`` and taken out, with everything else kept byte for byte.

    links-never = ["Scotland"]

The key stands above all tables.  As with rules, each candidate for the new text is parsed, and counts only if it says
what the text said, with that one name more or less.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from itertools import islice
from typing import Any

from convert.errors import UsageError
from convert.expressions import expression
from convert.io import toml
from convert.preview.edits.rules import quoted

KEY = "links-never"
#: Tables of a command, which may have the key as well; that of the preview comes before the one above.
_OWN_TABLE = "preview"
#: Places that are tried.
_MAX_PLACES = 50

_STATEMENT = expression(rf"^[ \t]*[\"']?{KEY}[\"']?[ \t]*=[ \t]*", re.MULTILINE)
_STRING = expression(r'"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'')
_HEAD = expression(r"^[ \t]*\[", re.MULTILINE)
_BEHIND = expression(r"[ \t]*,[ \t]*(?:\r?\n[ \t]*)?")


def _listed(table: Mapping[str, Any]) -> list[Any]:
    value = table.get(KEY, [])
    return value if isinstance(value, list) else [value]


def add_to_text(text: str, name: str, source: str) -> str:
    """Add a name to the text of a file.  Raises UsageError where the file cannot take one."""
    content = _content(text, source)
    expected = {**content, KEY: [name, *_listed(content)]}
    return _changed(_with(text, name, KEY in content), expected, source, f"write it by hand: {KEY} = [{quoted(name)}]")


def remove_from_text(text: str, name: str, source: str) -> str:
    """Remove a name from the text of a file.  Raises UsageError if the text is not what it was without it."""
    content = _content(text, source)
    names = _listed(content)
    if name not in names:
        raise UsageError(f"{source}: {quoted(name)} does not stand there: look at it again")
    at = names.index(name)
    left = [*names[:at], *names[at + 1 :]]
    expected = {**content, KEY: left}
    if not left:
        del expected[KEY]
    return _changed(_without(text, name, bool(left)), expected, source, "take it out by hand")


def _content(text: str, source: str) -> dict[str, Any]:
    content = toml.parsed(text, source)
    own = content.get(_OWN_TABLE)
    if isinstance(own, dict) and KEY in own:
        raise UsageError(f"{source}: [{_OWN_TABLE}] has a '{KEY}' of its own, which comes first: change that one")
    return content


def _changed(candidates: Iterator[str], expected: Mapping[str, Any], source: str, advice: str) -> str:
    for changed in islice(candidates, _MAX_PLACES):
        with suppress(UsageError):  # it is no TOML any more
            if toml.parsed(changed, source) == expected:
                return changed
    raise UsageError(f"{source}: what is never linked cannot be changed in what stands there: {advice}")


def _with(text: str, name: str, is_there: bool) -> Iterator[str]:
    """Yield the text with a name: at the front of the list, or in a new one above the first table."""
    end = "\r\n" if "\r\n" in text else "\n"
    item = quoted(name)
    if not is_there:
        line = f"{KEY} = [{item}]{end}"
        for head in _HEAD.finditer(text):
            at = _above_note(text, head.start())
            yield text[:at] + line + end + text[at:]
        yield text + (end if text and not text.endswith("\n") else "") + line
        yield line + text
        return
    for statement in _STATEMENT.finditer(text):
        rest = text[statement.end() :]
        if value := _STRING.match(rest):
            yield f"{text[: statement.end()]}[{item}, {rest[: value.end()]}]{rest[value.end() :]}"
        inside = rest[1:].lstrip(" \t")
        if inside.startswith(("\n", "\r\n")):
            indent = re.match(r"[ \t]*", inside.lstrip("\r\n"))
            yield f"{text[: statement.end()]}[{end}{indent[0] if indent else ''}{item},{rest[1:]}"
        yield f"{text[: statement.end()]}[{item}{'' if inside.startswith(']') else ', '}{rest[1:]}"


def _above_note(text: str, at: int) -> int:
    """Return where the comment begins that stands right above a line, or that line."""
    while at and text[text.rfind("\n", 0, at - 1) + 1 : at].lstrip().startswith("#"):
        at = text.rfind("\n", 0, at - 1) + 1
    return at


def _without(text: str, name: str, is_list: bool) -> Iterator[str]:
    """Yield the text without a name, or without the list if that is all that it has."""
    for statement in _STATEMENT.finditer(text):
        yield from _without_item(text, name, statement.end()) if is_list else _without_list(text, statement.start())


def _without_list(text: str, start: int) -> Iterator[str]:
    above, stop = text[:start], start
    is_parted = not above.strip() or above.endswith(("\n\n", "\n\r\n"))
    while stop := text.find("\n", stop) + 1:
        below = text[stop:]
        yield above + (below.removeprefix("\r").removeprefix("\n") if is_parted else below)
    yield above


def _without_item(text: str, name: str, start: int) -> Iterator[str]:
    for literal in (quoted(name), f"'{name}'"):
        at = text.find(literal, start)
        while at >= 0:
            stop, before = at + len(literal), text[:at].rstrip()
            if behind := _BEHIND.match(text, stop):
                yield text[:at] + text[behind.end() :]
            if before.endswith(","):
                yield before[:-1] + text[stop:]
            at = text.find(literal, stop)
