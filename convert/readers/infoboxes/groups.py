"""Groups of fields: which lines are the label of one, and which fields stand below it.

    - Life:                    - Life             **Life**              ### Life
      - Birth date: 1931         - Born: 1931     - Birth date: 1931    - Birth date: 1931

A key without a value also heads the values of a field, which may have colons.  Only where infoboxes usually have such
keys, the lines below are fields.
"""

from __future__ import annotations

from collections.abc import Sequence

from convert.expressions import expression
from convert.infobox.keys import MEASURED, folded
from convert.infobox.labels import is_key_of_any, is_usual_key
from convert.readers.headings import heading_of
from convert.readers.infoboxes.fields import field_of, is_key
from convert.readers.layout.marks import indent_of

# Keys that say nothing without what stands above them.
_GENERAL = frozenset(
    "date place name title type year time location source note notes image caption first second third fourth "
    "left right north south east west home away gold silver bronze".split()
)
#: What labels end with that are more than one word.
LABEL_NOUNS = frozenset(
    "background career characteristics data details education facts family figures history information life record "
    "service statistics stats summary work years".split()
)
_EMPHASIS = "*_`'"
_FRAMED = expression(r"\[([^\[\]]+)\]|[-–—~=]{2,}\s*([^-–—~=]+?)\s*[-–—~=]{2,}")
_WINDOW = 4


def heading_level(stripped: str) -> int:
    """Return the level of a heading with equals or number signs, 0 if a line is none."""
    heading = heading_of(stripped)
    if heading:
        return heading[0]
    signs = len(stripped) - len(stripped.lstrip("#"))
    return signs if signs > 1 and stripped[signs : signs + 1].isspace() else 0


def label_of(stripped: str) -> str:
    """Return what a heading, or a line that is emphasised or framed, says, if it may label a group; empty if not."""
    heading = heading_of(stripped)
    text = heading[1] if heading else stripped.strip("#").strip() if heading_level(stripped) else ""
    if not text and stripped[0] in _EMPHASIS and stripped.rstrip(":： ")[-1] == stripped[0]:
        text = stripped
    framed = None if text else _FRAMED.fullmatch(stripped)
    label = (framed[1] or framed[2] if framed else text).strip("*_`':： ")
    return label if label and is_key(label) and ":" not in label else ""


def heads_fields(lines: Sequence[str], at: int) -> bool:
    """Return whether fields with bullets and usual keys stand below ``lines[at]``, or below the blank line there."""
    start = at + 1
    if start < len(lines) and not lines[start].strip():
        start += 1
    keys = []
    for raw in lines[start : start + _WINDOW]:
        line = field_of(raw.strip()) if raw.strip() else None
        if line is None or not (line.bullet or line.is_emphasised):
            break
        keys.append(line.key)
    return bool(keys) and sum(map(is_usual_key, keys)) * 2 >= len(keys)


def keys_below(label: str, lines: Sequence[str], at: int) -> dict[str, str] | None:
    """Return the keys of the indented lines from ``lines[at]`` on, and what they mean below a label.

    ``None``: they are the values of a field.
    """
    indent = indent_of(lines[at])
    keys: dict[str, str] = {}
    for place in range(at, len(lines)):
        own = indent_of(lines[place])
        stripped = lines[place].strip()
        if not stripped or own < indent:
            break
        if own > indent:
            continue
        line = field_of(stripped)
        if line is None or not is_key(line.key) or line.key in keys:
            return None
        keys[line.key] = key_below(label, line.key)
    usual = sum([is_usual_key(meant) or meant != key for key, meant in keys.items()])
    if usual * 2 < len(keys):
        return None
    if is_usual_key(label) and any(key == meant and folded(key) in _GENERAL for key, meant in keys.items()):
        return None
    return keys


def key_below(label: str, key: str) -> str:
    """Return what a key means below a label, which may be a part of it: ``Birth``, ``Date`` means ``Birth Date``."""
    if folded(label) in MEASURED:
        return f"{label} • {key}"
    if folded(key) in _GENERAL and is_key_of_any(f"{label} {key}"):
        return f"{label} {key}"
    return key
