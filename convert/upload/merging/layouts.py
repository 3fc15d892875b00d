"""The layout of a call as a template's description in TemplateData wants it: where a page has none to follow.

Source: https://www.mediawiki.org/wiki/Help:TemplateData (Custom formats)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from convert.expressions import expression
from convert.upload.merging.rows import SPACE, Row

#: The formats that have names.
_NAMED = {"inline": "{{_|_=_}}", "block": "{{_\n| _ = _\n}}"}
_FORMAT = expression(
    r"\n?\{\{ *_+(?P<behind>\n? *)\|(?P<lead>\n? *)(?P<name>_+)(?P<pad> *)=(?P<before> *)_+(?P<end>\n? *)\}\}\n?"
)


def laid_out_as(format: str, head: str, rows: Sequence[Row]) -> tuple[str, list[Row]]:
    """Lay out a call's name and its arguments; unnamed ones, and a format that is none, leave all as it is."""
    found = _FORMAT.fullmatch(_NAMED.get(format, format))
    if not found or any(row.name is None for row in rows):
        return head, list(rows)
    between = found["behind"]
    last = len(rows) - 1
    laid_out = [
        replace(
            row,
            lead=found["lead"],
            pad=" " * max(0, len(found["name"]) - len(row.name or "")) + found["pad"],
            before=found["before"] if row.value else found["before"].rstrip(" "),
            after=found["end"] if at == last else between,
        )
        for at, row in enumerate(rows)
    ]
    return head.rstrip(SPACE) + between, laid_out
