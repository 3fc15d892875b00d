"""The infoboxes that a page calls, as examples to learn from."""

from __future__ import annotations

import re
from collections.abc import Iterator

from convert.ast import Field, Infobox
from convert.expressions import expression
from convert.wikitext.scan import Call, calls, without_comments

#: Limits of what is learnt from a page: infoboxes, and their characters.
MAX_CALLS = 50
_MAX_CHARACTERS = 1 << 16

# The window keeps a page of open braces linear.
_CALLED = expression(r"\{\{([^{}|]{1,300})")
_TEMPLATE_NAME = expression(r"[^{}|<>\[\]\n#]{1,255}")
_PARAMETER_NAME = expression(r"[^|={}<>\[\]\n]{1,60}")


def infobox_calls(wikitext: str, infobox: re.Pattern[str]) -> Iterator[tuple[str, Infobox, int]]:
    """Yield the infoboxes that a page calls: the template's name, its fields, and the offset of the call's end.

    ``infobox`` is the pattern of their names.  They come in the order of their starts, including nested ones; a field
    with an empty value has no values.
    """
    last = max((match.start() for match in _CALLED.finditer(wikitext) if _is_infobox(match[1], infobox)), default=-1)
    if last < 0:
        return
    infoboxes = [call for call in calls(wikitext, enough=last) if _is_infobox(call.name, infobox)]
    left = _MAX_CHARACTERS
    for call in sorted(infoboxes, key=lambda call: call.start)[:MAX_CALLS]:
        left -= call.end - call.start
        if left < 0:
            return
        if _TEMPLATE_NAME.fullmatch(name := _plain(call.name)):
            yield name, Infobox(tuple(_fields(call))), call.end


def _is_infobox(name: str, infobox: re.Pattern[str]) -> bool:
    return bool(infobox.search(_plain(name).replace("_", " ")))


def _plain(wikitext: str) -> str:
    return without_comments(wikitext).strip()


def _fields(call: Call) -> Iterator[Field]:
    for part, equals in zip(call.parts, call.equals, strict=True):
        name, value = _plain(part[: max(equals, 0)]), _plain(part[equals + 1 :])
        if _PARAMETER_NAME.fullmatch(name):
            yield Field(name, (value,) if value else ())
