"""A choice that is kept: a rule written into ``plainwiki.toml``, with all else in it as it was.

    [[infobox]]
    template = "Infobox ship"
    title = "HMS Beagle"

The first rule that fits decides, so a new one stands last, unless an earlier one would keep it from taking effect; then
it stands before that one.
"""

from __future__ import annotations

import json
import os
import re

from convert.errors import UsageError
from convert.infobox.match import Rule
from convert.io import toml
from convert.io.atomic import AtomicFile

_TABLE = "infobox"
_HEAD = re.compile(rf"[ \t]*\[\[[ \t]*{_TABLE}[ \t]*\]\]")
_WILD = re.compile(r"[*?\[]")


def literal(text: str) -> str:
    """Make the pattern that fits a text and nothing else."""
    return _WILD.sub(lambda found: f"[{found[0]}]", text)


def keep(path: str, rule: Rule, before: int | None = None) -> None:
    """Add a rule to a file, which is made where there is none; ``before`` is the number, from 0, of the next rule.

    Raises UsageError where the file is none that rules can be added to.
    """
    if os.path.islink(path):
        # It was found beside the articles, and so whoever made the folder chose where it leads.
        raise UsageError(f"{path} is a link, which may lead anywhere: name the file itself with --config")
    text = _read(path)
    written = added(text, rule, before, path)
    with AtomicFile(path) as file:
        file.write(written.encode())


def _read(path: str) -> str:
    return toml.text_of(path) if os.path.lexists(path) else ""


def added(text: str, rule: Rule, before: int | None, source: str) -> str:
    """Add a rule to the text of a file: at its end, or before another rule and the comment that stands over it."""
    content = toml.parsed(text, source)
    rules = content.get(_TABLE, [])
    if not isinstance(rules, list):
        raise UsageError(f"{source}: '{_TABLE}' is no list of tables: take it out, then rules can stand in the file")
    end = "\r\n" if "\r\n" in text else "\n"
    lines = [f"[[{_TABLE}]]", *(f"{name} = {_quoted(value)}" for name, value in _given(rule).items())]
    table = "".join(line + end for line in lines)
    at = len(rules) if before is None else before
    wanted = {**content, _TABLE: [*rules[:at], _given(rule), *rules[at:]]}
    for place in (*([_head(text, at)] if at < len(rules) else []), len(text)):
        above, below = text[:place], text[place:]
        gap = "" if not above.strip() else end if above.endswith("\n") else end * 2
        if above.endswith(end * 2):
            gap = ""
        changed = above + gap + table + (end if below else "") + below
        if toml.parsed(changed, source) == wanted:
            return changed
    raise UsageError(f"{source}: a rule cannot be added to what stands there: write it by hand:{end}{table}".rstrip())


def _given(rule: Rule) -> dict[str, str]:
    told = {"template": rule.template, "key": rule.key, "title": rule.title, "category": rule.category}
    return {name: value for name, value in told.items() if value}


def _head(text: str, number: int) -> int:
    """Find where the head of a rule stands, or the comment over it."""
    lines = text.splitlines(keepends=True)
    heads = [at for at, line in enumerate(lines) if _HEAD.match(line)]
    if number >= len(heads):
        return len(text)
    at = heads[number]
    while at and lines[at - 1].lstrip().startswith("#"):
        at -= 1
    return len("".join(lines[:at]))


def _quoted(text: str) -> str:
    """Write a string of TOML; unlike JSON it does not take a delete character as it is."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
