"""The separator of a table's fields: by the suffix of its name, or by its first line.

Excel writes semicolons where the comma is in numbers, and says so in a first line ``sep=;``.
"""

from __future__ import annotations

from typing import NamedTuple

from convert.expressions import expression

_NAMES = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_TOLD = expression(r"(?i)\ufeff?sep=(.)\s*\Z")
_QUOTED = expression(r'"(?:[^"]|"")*+"?')


class Separator(NamedTuple):
    """The character between fields; whether the first line only declares it; the remark if it is not the usual one."""

    sign: str
    is_told: bool = False
    remark: str = ""


def separator_of(head: str, usual: str) -> Separator:
    """Return what separates the fields of a table whose first line is ``head``, and usually ``usual``."""
    declared = _TOLD.match(head)
    if declared:
        return Separator(declared[1], True)
    names = _QUOTED.sub("", head)
    counts = {sign: names.count(sign) for sign in _NAMES}
    most = max(counts, key=lambda sign: (counts[sign], sign == usual))
    if not counts[most] or most == usual:
        return Separator(usual)
    return Separator(most, remark=f"fields seem to be separated by {_NAMES[most]}, not {_NAMES[usual]}")
