"""TOML files, read safely: with limits on size, depth and dotted keys; and line numbers for messages.

Without the limits, ``tomllib`` takes minutes for some files of a megabyte, and raises exceptions of four types.
"""

from __future__ import annotations

import os
import stat
from typing import Any

from convert.errors import EnvironmentFailed, UsageError
from convert.expressions import expression

MAX_BYTES = 1 << 20
#: Maximum nesting of tables and lists.
MAX_DEPTH = 16
_TOO_DEEP = "nested deeper than any configuration: take out what does not belong there"
_PART = r"""(?:(?<![\w-])[\w-]++|"(?:[^"\\\n]++|\\.)*+"|'[^'\n]*+')"""
# The parser is quadratic in the number of parts of a dotted key.
_MANY_PARTS = expression(rf"(?:{_PART}[ \t]*+\.[ \t]*+){{{2 * MAX_DEPTH}}}")
_HEAD = expression(r"[ \t]*\[+[ \t]*[\"']?([\w-]+)")
_LIST_HEAD = expression(r"[ \t]*\[\[[ \t]*[\"']?([\w-]+)[\"']?[ \t]*\]\]")
_KEY = expression(r"[ \t]*[\"']?([\w-]+)[\"']?[ \t]*[=.]")


def text_of(path: str) -> str:
    """Return the text of a file.  Raises EnvironmentFailed if it cannot be read, UsageError if it is not UTF-8 text.

    Only regular files are opened, because a pipe would block, and the null device, as an empty file.
    """
    try:
        if not stat.S_ISREG(os.stat(path).st_mode) and path != os.devnull and not os.path.isdir(path):
            raise UsageError(f"{path} is no regular file: save the configuration as one")
        with open(path, "rb") as file:
            content = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise EnvironmentFailed(f"cannot read {path}: {getattr(error, 'strerror', None) or error}") from error
    if len(content) > MAX_BYTES:
        raise UsageError(f"{path}: larger than {MAX_BYTES >> 20} MiB: this is no configuration")
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: byte {error.start} is not UTF-8: save the file as UTF-8") from error


def parsed(text: str, source: str) -> dict[str, Any]:
    """Parse a text.  Raises UsageError, naming the ``source``, if it is not TOML."""
    # Imported here, because most runs have no such file.
    import tomllib

    if _MANY_PARTS.search(text):
        raise UsageError(f"{source}: {_TOO_DEEP}")
    try:
        content = tomllib.loads(text)
    except ValueError as error:  # also of numbers that are too long
        raise UsageError(f"{source}: {error}") from error
    except RecursionError:
        raise UsageError(f"{source}: {_TOO_DEEP}") from None
    if _is_deep(content):
        raise UsageError(f"{source}: {_TOO_DEEP}")
    return content


def _is_deep(content: dict[str, Any]) -> bool:
    level: list[Any] = [content]
    for _ in range(MAX_DEPTH):
        level = [
            inner
            for parent in level
            for inner in (parent.values() if isinstance(parent, dict) else parent)
            if isinstance(inner, dict | list)
        ]
    return bool(level)


def line_of(text: str, table: str, name: str) -> int:
    """Return the number, from 1, of the line of a key in a table, or of a table's head; 1 where it is not found.

    The parser does not tell positions.  Keys in inline tables and in quotes with escapes are not found.
    """
    current = ""
    for number, line in enumerate(text.split("\n"), 1):
        head, key = _HEAD.match(line), _KEY.match(line)
        current = head[1] if head else current
        if (key and key[1] == name and current == table) or (head and head[1] == name and not table):
            return number
    return 1


def list_heads(text: str, name: str) -> list[int]:
    """Return the numbers, from 1, of the lines that begin a table of a list: ``[[name]]``.

    A line within a multi-line string can look the same.
    """
    heads = ((number, _LIST_HEAD.match(line)) for number, line in enumerate(text.split("\n"), 1))
    return [number for number, head in heads if head and head[1] == name]
