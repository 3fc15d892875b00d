"""Article boundaries within one JSON object that maps titles to texts, or to records: between its members.

A stretch between two cuts gets a member in front that marks it as a part of a map, so that no page that is called Text
is taken for a field.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice

import msgspec

from convert.expressions import expression
from convert.inputs.bounds.element_bounds import CLOSING, Cut, JsonBounds, Text, end_of
from convert.inputs.piece import Frame
from convert.readers.records.options import RecordOptions
from convert.readers.records.shapes import MAP_MARK, is_map

#: What stands around a part of a map.
MAP_FRAME: Frame = (f'{{"{MAP_MARK}": true, ', "}")

_OBJECT = expression(rb'(?:\xef\xbb\xbf)?\s*+\{\s*+"')
_TO_SIGN = expression(rb'(?:[^"\[\]{},]++|"(?:[^"\\]++|\\.)*+")*+', re.DOTALL)
# More white space parts no members here, so that none is looked at again and again.
_NEXT_MEMBER = expression(rb',\s{0,200}+(?:(")|\Z)')
_COMMA = ord(",")
# So many members tell whether an object is a map.
_MEMBERS = 50


class MapBounds(JsonBounds):
    """Cuts at the commas between the members of one object."""

    def __init__(self, frame: Frame) -> None:
        super().__init__(frame)
        self.frame = MAP_FRAME

    def needed_from(self, held: Text) -> int:
        """Nothing is kept but the place."""
        return self._at if self._is_cuttable else len(held)

    def cuts(self, held: Text) -> Iterator[Cut]:
        """Yield each comma between two members."""
        while self._is_cuttable and self._to_bracket(held):
            at = self._at
            if held[at] == _COMMA and self._depth == 1:
                following = _NEXT_MEMBER.match(held, at)
                if following and not following[1]:
                    return  # the next member is not held yet
                self._at += 1
                if following:
                    yield at, at + 1
                continue
            self._at += 1
            if held[at] in CLOSING:
                self._depth -= 1
                self._is_cuttable = self._depth > 0
            else:
                self._depth += held[at] != _COMMA

    def _pass_over(self, held: Text) -> int:
        return end_of(_TO_SIGN, held, self._at) if self._depth == 1 else super()._pass_over(held)


def is_map_head(head: Text) -> bool:
    """Return whether a text begins as a map from titles, by the first members that are all there."""
    if not _OBJECT.match(head):
        return False
    cuts = list(islice(MapBounds(("", "")).cuts(head), _MEMBERS))
    if not cuts:
        return False
    with suppress(msgspec.DecodeError, UnicodeDecodeError):
        value = msgspec.json.decode(bytes(head[: cuts[-1][0]]).removeprefix(b"\xef\xbb\xbf") + b"}")
        return is_map(value, RecordOptions())
    return False
