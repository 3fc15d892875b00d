"""Rules written into ``plainwiki.toml`` and taken out, with everything else in the file kept byte for byte.

    [[infobox]]
    template = "Infobox ship"
    title = "HMS Beagle"

The first rule that matches decides, so a new rule is appended, unless an earlier rule would hide it; then it is
inserted before that rule.

Not written with tomlkit, which reorders scattered tables, parts a comment from its rule, mixes line ends, joins lines
into invalid TOML, and is quadratic: over a minute for a megabyte that tomllib reads in seconds.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress

from convert.errors import UsageError
from convert.expressions import expression
from convert.infobox.match import Rule
from convert.io import toml
from convert.io.atomic import AtomicFile

_TABLE = "infobox"
_WILDCARD = expression(r"[*?\[]")
# What begins a table or another rule.
_HEAD = expression(r"[ \t]*\[")


def literal(text: str) -> str:
    """Return the pattern that matches a text and nothing else."""
    return _WILDCARD.sub(lambda wildcard: f"[{wildcard[0]}]", text)


def add_to_file(path: str, rule: Rule, before: int | None = None) -> None:
    """Add a rule to a file, which is created if missing; ``before`` is the index of the rule that is to follow it.

    Not safe for concurrent calls: the file is read, changed, and replaced atomically.
    Raises UsageError where the file cannot take a rule.
    """
    text = text_of(path)
    replace(path, add_to_text(text or "", rule, before, path))


def text_of(path: str) -> str | None:
    """Return the text of a file that may be replaced; ``None`` where there is none."""
    if os.path.islink(path):
        # The file was found beside the articles, so whoever made that folder chose the link's target.
        raise UsageError(f"{path} is a link, which may lead anywhere: name the file itself with --config")
    return toml.text_of(path) if os.path.lexists(path) else None


def replace(path: str, text: str) -> None:
    """Replace a file atomically."""
    with AtomicFile(path) as file:
        file.write(text.encode())


def add_to_text(text: str, rule: Rule, before: int | None, source: str) -> str:
    """Add a rule to the text of a file: at its end, or before another rule and the comment above that.

    Each candidate is parsed, and counts only if it says what the text said, with the rule in its place.
    """
    content = toml.parsed(text, source)
    rules = content.get(_TABLE, [])
    if not isinstance(rules, list):
        raise UsageError(f"{source}: '{_TABLE}' is no list of tables: take it out, then rules can stand in the file")
    end = "\r\n" if "\r\n" in text else "\n"
    keys = _keys(rule)
    lines = [f"[[{_TABLE}]]", *(f"{name} = {_value(value)}" for name, value in keys.items())]
    table = "".join(line + end for line in lines)
    index = len(rules) if before is None else before
    expected = {**content, _TABLE: [*rules[:index], keys, *rules[index:]]}
    for offset in (*([_rule_offset(text, index)] if index < len(rules) else []), len(text)):
        changed = _inserted(text, offset, table, end)
        with suppress(UsageError):  # it is no TOML any more
            if toml.parsed(changed, source) == expected:
                return changed
    raise UsageError(f"{source}: a rule cannot be added to what stands there: write it by hand:{end}{table}".rstrip())


def remove_from_text(text: str, index: int, source: str) -> str:
    """Remove a rule from the text of a file, with the blank lines below it.

    Raises UsageError if the text is not what it was without that rule alone.
    """
    content = toml.parsed(text, source)
    rules = content[_TABLE]
    left = {name: value for name, value in content.items() if name != _TABLE}
    expected = {**content, _TABLE: [*rules[:index], *rules[index + 1 :]]} if len(rules) > 1 else left
    lines = text.split("\n")
    heads = toml.list_heads(text, _TABLE)
    start = heads[index] - 1 if index < len(heads) else len(lines)
    for end in range(start + 1, len(lines) + 1):
        if end < len(lines) and not _HEAD.match(lines[end]):
            continue
        kept = end
        while kept > start + 1 and lines[kept - 1].lstrip().startswith("#"):
            kept -= 1  # the comment of what follows
        changed = "\n".join([*lines[:start], *lines[kept:]])
        if kept == len(lines):
            changed = _without_last_blank(changed)
        with suppress(UsageError):
            if toml.parsed(changed, source) == expected:
                return changed
        break
    raise UsageError(f"{source}: that rule cannot be taken out of what stands there: take it out by hand")


def _without_last_blank(text: str) -> str:
    """Drop the blank lines at the end of a text, which parted its last table from what is gone."""
    kept = text.rstrip("\r\n")
    return kept + ("\r\n" if "\r\n" in text else "\n") if kept else ""


def _keys(rule: Rule) -> dict[str, str | list[str]]:
    keys: dict[str, str | list[str]] = {
        "template": rule.template, "key": rule.key, "title": rule.title, "category": rule.category,
        "keys": list(rule.keys),
    }  # fmt: skip
    return {name: value for name, value in keys.items() if value}


def shown(rule: Rule) -> list[tuple[str, str]]:
    """Return what a rule says, as names and values of TOML."""
    return [(name, _value(value)) for name, value in _keys(rule).items()]


def _inserted(text: str, offset: int, table: str, end: str) -> str:
    """Insert a table, with one blank line on either side of it."""
    above, below = text[:offset], text[offset:]
    gap = "" if not above.strip() or above.endswith(end * 2) else end if above.endswith("\n") else end * 2
    return above + gap + table + (end if below else "") + below


def _rule_offset(text: str, index: int) -> int:
    """Return the offset of a rule, or of the comment right above it; the end of the text where it is not found."""
    heads = toml.list_heads(text, _TABLE)
    if index >= len(heads):
        return len(text)
    lines = text.split("\n")
    line = heads[index] - 1
    while line and lines[line - 1].lstrip().startswith("#"):
        line -= 1
    return sum(len(line_text) + 1 for line_text in lines[:line])


def _value(value: str | list[str]) -> str:
    return quoted(value) if isinstance(value, str) else f"[{', '.join(map(quoted, value))}]"


def quoted(text: str) -> str:
    """Return a TOML string; unlike JSON, TOML has DEL escaped."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
