"""What a record says of its categories: a list of names or of objects, or one string.

["Flowers", "Category:Coast"], [{"title": "Category:Flowers"}], "Flowers, Coast", "Flowers|Coast", "['a', 'b']"
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from convert.expressions import expression
from convert.readers.records.syntax import Number

_PREFIX = expression(r"(?i)(?:\[\[)?\s*:?category\s*:\s*")
_QUOTED = r"""(?:'(?:[^'\\]|\\.)*+'|"(?:[^"\\]|\\.)*+")"""
_LIST = expression(rf"\[\s*+(?:{_QUOTED}\s*+,?\s*+)*+\]", re.DOTALL)
_STRING = expression(_QUOTED, re.DOTALL)
_NAME_KEYS = ("title", "name", "category", "label")


def categories_of(value: Any) -> tuple[str, ...] | None:
    """Read categories, each once; ``None`` where the value names none in any of the ways known."""
    if value is None:
        return ()
    if isinstance(value, Mapping):  # of a map the keys are names
        value = list(value)
    if isinstance(value, str) and not isinstance(value, Number):
        value = _parted(value)
    if not isinstance(value, list):
        return None
    names = [_name(item) for item in value if item is not None]
    if None in names:
        return None
    return tuple(dict.fromkeys(name for name in names if name))


def _parted(text: str) -> list[str]:
    text = text.strip()
    if text.startswith("[") and _LIST.fullmatch(text):
        return [quoted[1:-1] for quoted in _STRING.findall(text)]
    sign = next((sign for sign in "\n|;" if sign in text), ",")
    return text.split(sign)


def _name(item: Any) -> str | None:
    if isinstance(item, Mapping):
        item = next((item[key] for key in _NAME_KEYS if isinstance(item.get(key), str)), None)
    if not isinstance(item, str):
        return None
    name = _PREFIX.sub("", item.strip(), count=1)
    return " ".join(name.removesuffix("]]").replace("_", " ").split())
