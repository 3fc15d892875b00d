"""Front matter: facts between lines ``---`` or ``+++`` above a text, or an object of JSON.

Of YAML a strict subset is read: keys with scalars, lists and mappings, three levels of them, in both styles, and block
scalars.  A line of anything else (anchors, tags, deeper nesting) is told and left out, so that a hostile text costs no
more than its length.  ``+++`` is TOML.

Sources: https://yaml.org/spec/1.2.2/ and https://toml.io/en/v1.0.0
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from convert.expressions import expression
from convert.readers.heads.facts import MOST_LINES, Facts

_KEY = expression(
    r"""(?:"([^"\\]*)"|'([^']*)'|([^\s"'#&*!|>%@`{}\[\],?:-](?:[^:]|:(?!\s|\Z)){0,100}?))[ ]{0,3}:(?:\s+(.*))?"""
)
_ASSIGNED = expression(r"""("(?:[^"\\]|\\.)*+"|[^\s"'=:{}\[\],][^"'=:{}\[\],]*+)(\s*[:=])?""")
_COMMENT = expression(r"\s#.*\Z")
_BLOCK = expression(r"[|>][+-]?[0-9]?\s*(?:#.*)?")
# Keys that nobody knows are of such words, and several; running text between rules is not.
_WORD = expression(r"[^\W\d]\w*(?:[-.]\w+)*")
_FEWEST_KEYS = 2
_NULL = frozenset({"", "~", "null", "Null", "NULL"})

#: Lines longer than this are no front matter, and TOML of more characters is not parsed.
_LONGEST_LINE = 2_000
_LONGEST_TOML = 16_000
#: So many mappings stand one in another, below the one of all keys.
_DEEPEST = 2


def front_matter_end(lines: Sequence[str], at: int) -> int | None:
    """Return the index of the line that closes the front matter which ``lines[at]`` opens; ``None`` if none does."""
    opening = lines[at].rstrip()
    if opening not in ("---", "+++"):
        return None
    closing = ("---", "...") if opening == "---" else ("+++",)
    for end in range(at + 1, min(len(lines), at + MOST_LINES)):
        line = lines[end].rstrip()
        if line in closing:
            return end
        if len(line) > _LONGEST_LINE:
            return None
    return None


def read_front_matter(lines: Sequence[str], at: int, base: int) -> Facts | None:
    """Read the front matter that begins at ``lines[at]``; ``None`` if that is text."""
    close = front_matter_end(lines, at)
    if close is None:
        return None
    is_yaml = lines[at].rstrip() == "---"
    facts = Facts(close + 1, base, f"front matter between '{lines[at].rstrip()}' lines")
    if is_yaml:
        _YamlReader([line.rstrip() for line in lines[at + 1 : close]], at + 1, facts).read()
    elif not _read_toml(lines, at, close, facts):
        return None
    facts.settle()
    is_known = facts.title or facts.categories or facts.infobox or len(facts.metadata) > len(facts.hidden)
    is_known = is_known or (len(facts.hidden) >= _FEWEST_KEYS and all(map(_WORD.fullmatch, facts.hidden)))
    return facts if is_known and (facts.title or not facts.unread) else None


def _read_toml(lines: Sequence[str], at: int, close: int, facts: Facts) -> bool:
    import tomllib  # front matter in TOML is rare

    text = "\n".join(lines[at + 1 : close]) + "\n"
    if len(text) > _LONGEST_TOML:
        return False
    try:
        read = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return False
    for key, value in read.items():
        facts.add(key, _plain(value), at + 1, _rows_at(lines, at, close))
    return True


def _rows_at(lines: Sequence[str], at: int, close: int) -> dict[str, int]:
    """Return the index of the last line in which each key stands, in JSON or TOML."""
    return {
        key.strip(" \"'"): place for place in range(at, close) for key, sign in _ASSIGNED.findall(lines[place]) if sign
    }


def read_object(lines: Sequence[str], at: int, base: int) -> Facts | None:
    """Read an object of JSON from a line ``{`` to a line ``}``, above a blank one; ``None`` if that is text."""
    import json  # few articles have such facts

    last = min(len(lines), at + MOST_LINES)
    close = next((end for end in range(at + 1, last) if lines[end].rstrip() == "}"), None)
    if close is None or (close + 1 < len(lines) and lines[close + 1].strip()):
        return None
    text = "\n".join(lines[at : close + 1])
    try:
        read = json.loads(text) if len(text) <= _LONGEST_TOML else None
    except (ValueError, RecursionError):
        return None
    if not isinstance(read, dict):
        return None
    facts = Facts(close + 1, base, "an object of JSON")
    for key, value in read.items():
        facts.add(key, _plain(value), at, _rows_at(lines, at, close))
    return facts if facts.title else None


def _plain(value: Any, depth: int = _DEEPEST) -> Any:
    """Make strings of scalars, and of what is nested deeper than mappings of lists of them."""
    if isinstance(value, dict) and depth:
        return {key: _plain(below, depth - 1) for key, below in value.items()}
    return list(map(_scalar, value)) if isinstance(value, list) else _scalar(value)


def _scalar(value: Any) -> str:
    import json  # few articles have such facts

    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, dict | list) else str(value)


class _YamlReader:
    """Reads the lines of front matter; ``base`` is the index of the first in the text."""

    def __init__(self, lines: Sequence[str], base: int, facts: Facts) -> None:
        self.lines, self.base, self.facts = lines, base, facts
        self.at = self.depth = 0
        #: Where the rows of the last mapping stand in the text.
        self.rows_at: dict[str, int] = {}

    def read(self) -> None:
        """Read every key at the left margin with what stands under it."""
        while self.at < len(self.lines):
            start = self.at
            line = self.lines[start]
            self.at += 1
            if not line or line.lstrip().startswith("#"):
                continue
            matched = None if line[0].isspace() else _KEY.fullmatch(line)
            value = self._value(matched, 0) if matched else None
            if matched and value is not None:
                self.facts.add(_key(matched), value, self.base + start, self.rows_at)
            else:
                self._skip(start)

    def _skip(self, start: int) -> None:
        self.facts.unread.append(self.base + start)

    def _value(self, matched: re.Match[str], indent: int) -> Any:
        """Return the value of a key whose line was read; ``None`` if it is none of the subset."""
        text = matched[4] or ""
        if _BLOCK.fullmatch(text):
            return self._block_scalar(text[0], indent)
        scalar = _inline(text)
        if scalar == "" and not text.startswith(('"', "'")):
            below = self._below(indent)
            return below if below is not None else ""
        return self._continued(scalar, indent) if isinstance(scalar, str) else scalar

    def _continued(self, scalar: str, indent: int) -> str:
        while self.at < len(self.lines) and _indent(self.lines[self.at]) > indent and not _opens(self.lines[self.at]):
            scalar = f"{scalar} {self.lines[self.at].strip()}"
            self.at += 1
        return scalar

    def _block_scalar(self, style: str, indent: int) -> str:
        taken: list[str] = []
        while self.at < len(self.lines) and (not self.lines[self.at] or _indent(self.lines[self.at]) > indent):
            taken.append(self.lines[self.at].strip())
            self.at += 1
        return ("\n" if style == "|" else " ").join(taken).strip()

    def _below(self, indent: int) -> list[str] | dict[str, Any] | None:
        """Read the list or mapping under a key; ``None`` if there is none."""
        while self.at < len(self.lines) and not self.lines[self.at].split("#")[0].strip():
            self.at += 1
        if self.at == len(self.lines):
            return None
        own = _indent(self.lines[self.at])
        if self.lines[self.at].lstrip().startswith("- ") and own >= indent:
            return self._list(own)
        return self._mapping(own) if own > indent and self.depth < _DEEPEST else None

    def _list(self, indent: int) -> list[str]:
        items: list[str] = []
        while self.at < len(self.lines):
            line = self.lines[self.at]
            if line and not (_indent(line) == indent and line.lstrip().startswith("- ")):
                break
            self.at += 1
            value = _inline(line.lstrip()[2:]) if line else ""
            if isinstance(value, str):
                items += [self._continued(value, indent)] if value else []
            else:
                self._skip(self.at - 1)
        return items

    def _mapping(self, indent: int) -> dict[str, Any]:
        rows: dict[str, Any] = {}
        self.depth += 1
        self.rows_at = {} if self.depth == 1 else self.rows_at
        while self.at < len(self.lines):
            line = self.lines[self.at]
            if line and _indent(line) < indent:
                break
            start = self.at
            self.at += 1
            if not line or line.lstrip().startswith("#"):
                continue
            matched = _KEY.fullmatch(line.lstrip()) if _indent(line) == indent else None
            value = self._value(matched, indent) if matched else None
            if matched and value is not None:
                rows[_key(matched)] = value
                self.rows_at[_key(matched)] = self.base + start
            else:
                self._skip(self.at - 1)
        self.depth -= 1
        return rows


def _key(matched: re.Match[str]) -> str:
    return next(key for key in matched.groups()[:3] if key is not None).strip()


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _opens(line: str) -> bool:
    stripped = line.lstrip()
    return stripped.startswith(("- ", "#")) or _KEY.fullmatch(stripped) is not None


def _inline(text: str) -> str | list[str] | dict[str, str] | None:
    """Read what stands behind a colon or a dash in one line; ``None`` if it is none of the subset."""
    text = text.strip()
    if text[:1] in ('"', "'"):
        return _quoted(text)
    if text[:1] == "#":
        return ""
    text = _COMMENT.sub("", text)
    if text[:1] == "[":
        return _flow_list(text)
    if text[:1] == "{":
        return _flow_mapping(text)
    if text[:1] in tuple("&*!|>%@`") or text.startswith("? "):
        return None
    return "" if text in _NULL else text


_DOUBLE = expression(r'"((?:[^"\\]|\\.)*)"\s*(?:#.*)?')
_SINGLE = expression(r"'((?:[^']|'')*)'\s*(?:#.*)?")


def _quoted(text: str) -> str | None:
    import json  # few articles have such facts

    matched = _DOUBLE.fullmatch(text)
    if matched:
        try:
            return str(json.loads(f'"{matched[1]}"', strict=False))
        except ValueError:  # an escape that JSON has not
            return matched[1]
    matched = _SINGLE.fullmatch(text)
    return matched[1].replace("''", "'") if matched else None


_PART = expression(r"""\s*("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^,"'\[\]{}][^,\[\]{}]*|)\s*(?:,|\Z)""")


def _flow_parts(text: str, closing: str) -> list[str] | None:
    if text[-1] != closing or len(text) < 2:
        return None
    inner, at, parts = text[1:-1].strip(), 0, []
    while at < len(inner):
        matched = _PART.match(inner, at)
        if not matched or matched.end() == at:
            return None
        if matched[1].strip():
            parts.append(matched[1].strip())
        at = matched.end()
    return parts


def _flow_list(text: str) -> list[str] | None:
    parts = _flow_parts(text, "]")
    read = None if parts is None else list(map(_inline, parts))
    return [item for item in read if isinstance(item, str)] if read is not None else None


def _flow_mapping(text: str) -> dict[str, str] | None:
    parts = _flow_parts(text, "}")
    rows: dict[str, str] = {}
    for part in parts or ():
        matched = _KEY.fullmatch(part)
        value = _inline(matched[4] or "") if matched else None
        if not matched or not isinstance(value, str):
            return None
        rows[_key(matched)] = value
    return None if parts is None else rows
