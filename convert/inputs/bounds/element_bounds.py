"""Article boundaries within one XML document or one JSON array: between the children of the root.

A stretch between two cuts is no document by itself: ``frame`` is what must stand before it and behind it.  Each byte is
scanned about once, whatever it is, and no more than a few numbers are kept: a comment, a section of CDATA or a string
may go on through any number of blocks.

Only the end of a child is searched for: what is wrong within it, the reader reports for that child alone.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator

from convert.expressions import expression
from convert.inputs.piece import Frame

Text = bytes | bytearray

#: Where a stretch ends, and where the next one begins.
Cut = tuple[int, int]

# What is longer is no tag, and no name.
_MAX_TAG_BYTES = 1 << 16
_MAX_ROOT_BYTES = 1 << 12
_ROOT = b"articles"

_MARKUP = expression(rb"""<(?:!--|!\[CDATA\[|\?|(/?)([^\s<>/!?"'=]++))""")
_TAG = expression(rb"""<[^\s<>/!?"'=]++(?:[^<>"']++|"[^"<]*+"|'[^'<]*+')*+>""")
_ENDS = {b"<!--": b"-->", b"<![CDATA[": b"]]>", b"<?": b"?>"}
_DOCTYPE = expression(rb"<!(?!--|-?\Z|\[)")
_LINE_BREAKS = expression(rb"[\r\n]+")

_ARRAY = expression(rb"(?:\xef\xbb\xbf)?\s*+\[")
_TO_BRACKET = expression(rb'(?:[^"\[\]{}]++|"(?:[^"\\]++|\\.)*+")*+', re.DOTALL)
_REST_OF_STRING = expression(rb'(?:[^"\\]++|\\.)*+', re.DOTALL)
_BETWEEN = expression(rb"\s*+(,)\s*+")
CLOSING = b"]}"
_QUOTE = ord('"')


class ElementBounds(ABC):
    """Finds the cuts of a stream, given the part of it that is held; there is a ``frame`` when there is a cut."""

    def __init__(self, frame: Frame) -> None:
        """``frame`` is that of a stretch to be cut further."""
        self.frame = frame
        #: The input is of a kind that no reader reads, however long it is.
        self.is_refused = False
        self._is_cuttable = True
        self._at = 0

    @abstractmethod
    def cuts(self, held: Text) -> Iterator[Cut]:
        """Yield the cuts that were not found before."""

    def last(self, held: Text) -> Cut | None:
        """Return the last cut; ``None`` if there is none."""
        last = None
        for last in self.cuts(held):  # noqa: B007
            pass
        return last

    def needed_from(self, held: Text) -> int:
        """Return the offset from which on bytes are needed to find further cuts."""
        return self._at if self._is_cuttable else len(held)

    def removed(self, size: int) -> None:
        """Adjust the offsets: so many bytes were removed from the front."""
        self._at = max(0, self._at - size)

    def searched(self, held: Text) -> None:  # noqa: B027  a scanner that keeps its place has nothing to do
        """Go on from here with the next block."""


class XmlBounds(ElementBounds):
    """Cuts before each child of ``articles`` but the first; a document with another root has none."""

    def __init__(self, frame: Frame) -> None:
        super().__init__(frame)
        #: What ends the comment or the like that has begun.
        self._end = b""
        #: The child that has begun, and how many elements of its name are open.
        self._child, self._open = b"", 0
        self._has_children = False

    def cuts(self, held: Text) -> Iterator[Cut]:
        """Yield the start of each further child of the root."""
        while self._is_cuttable and (at := self._next(held)) >= 0:
            markup = _MARKUP.match(held, at)
            assert markup
            is_child = bool(self.frame[0]) and not self._child and not markup[1]
            is_scanned = self._within(held, markup) if self._child else self._beside(held, markup)
            if not is_scanned:
                return
            if is_child and self._at > at + 1:
                if self._has_children:
                    yield at, at
                self._has_children = True

    def _next(self, held: Text) -> int:
        """Return the offset of the next tag, having passed over comments and the like; -1 if it is not held yet."""
        while True:
            if self._end:
                end = held.find(self._end, self._at)
                if end < 0:
                    self._at = max(self._at, len(held) - len(self._end) + 1)
                    return -1
                self._at, self._end = end + len(self._end), b""
            markup = _MARKUP.search(held, self._at)
            if not self.frame[0] and _DOCTYPE.search(held, self._at, markup.start() if markup else len(held)):
                self._is_cuttable, self.is_refused = False, True
                return -1
            if markup is None or (markup.end() == len(held) and len(held) - markup.start() < _MAX_TAG_BYTES):
                # The last sign may begin what is not all there.
                begun = held.rfind(b"<", max(self._at, len(held) - _MAX_TAG_BYTES))
                self._at = begun if begun >= 0 else len(held)
                return -1
            if markup[0] not in _ENDS:
                return markup.start()
            self._at, self._end = markup.end(), _ENDS[markup[0]]

    def _within(self, held: Text, markup: re.Match[bytes]) -> bool:
        """Pass over a tag within a child; return False where it is not all there."""
        if markup[2] != self._child:
            self._at = markup.end()
        elif markup[1]:
            self._at = markup.end()
            self._open -= 1
        else:
            tag = self._tag(held, markup.start())
            if tag is None:
                return False
            self._open += bool(tag) and not tag.endswith(b"/>")
        if not self._open:
            self._child = b""
        return True

    def _beside(self, held: Text, markup: re.Match[bytes]) -> bool:
        """Pass over the root's tag, or a tag beside its children; return False where it is not all there."""
        if markup[1]:
            self._at, self._is_cuttable = markup.end(), self.frame[1] != f"{markup[0].decode('utf-8', 'replace')}>"
            return True
        tag = self._tag(held, markup.start())
        if tag is None:
            return False
        if self.frame[0]:
            self._child, self._open = (markup[2], 1) if tag and not tag.endswith(b"/>") else (b"", 0)
            return True
        self._is_cuttable = (
            markup[2].rpartition(b":")[2] == _ROOT and 0 < len(tag) <= _MAX_ROOT_BYTES and not tag.endswith(b"/>")
        )
        if self._is_cuttable:
            root = _LINE_BREAKS.sub(b" ", tag).decode("utf-8", "replace")
            self.frame = f"{root}\n", f"</{markup[2].decode('utf-8', 'replace')}>"
        return True

    def _tag(self, held: Text, at: int) -> bytes | None:
        """Return a whole tag, and go on behind it; empty if there is none, ``None`` if it is not all there."""
        tag = _TAG.match(held, at)
        if tag:
            self._at = tag.end()
            return bytes(tag[0])
        if held.find(b"<", at + 1) < 0 and len(held) - at < _MAX_TAG_BYTES:
            self._at = at
            return None
        self._at = at + 1
        return b""


class JsonBounds(ElementBounds):
    """Cuts at the commas between the objects, or arrays, of one array."""

    def __init__(self, frame: Frame) -> None:
        super().__init__(("[\n", "]"))
        self._depth = 1 if frame[0] else 0
        self._in_string = False
        #: Where the last element of the array ended; -1 if there is none.
        self._element_end = -1

    def needed_from(self, held: Text) -> int:
        """Between elements, the end of the last one is needed."""
        return self._element_end if self._depth == 1 and self._element_end >= 0 else super().needed_from(held)

    def removed(self, size: int) -> None:
        """Count from the new front."""
        super().removed(size)
        self._element_end = max(-1, self._element_end - size)

    def cuts(self, held: Text) -> Iterator[Cut]:
        """Yield each comma between two elements."""
        while self._is_cuttable and self._to_bracket(held):
            at = self._at
            self._at += 1
            if held[at] in CLOSING:
                self._depth -= 1
                self._is_cuttable = self._depth > 0
                if self._depth == 1:
                    self._element_end = self._at
                continue
            self._depth += 1
            if self._depth == 2 and self._element_end >= 0:
                between = _BETWEEN.fullmatch(held, self._element_end, at)
                if between:
                    yield between.start(1), between.end(1)

    def _to_bracket(self, held: Text) -> bool:
        """Pass over everything up to a bracket; return False where none is held yet."""
        while True:
            if self._in_string:
                self._at = end_of(_REST_OF_STRING, held, self._at)
                if self._at == len(held) or held[self._at] != _QUOTE:
                    return False
                self._at, self._in_string = self._at + 1, False
            self._at = self._pass_over(held)
            if self._at == len(held):
                return False
            if held[self._at] != _QUOTE:
                return True
            self._at, self._in_string = self._at + 1, True

    def _pass_over(self, held: Text) -> int:
        """Return where all that is held ends up to a bracket, or to a string that goes on."""
        return end_of(_TO_BRACKET, held, self._at)


def end_of(pattern: re.Pattern[bytes], held: Text, at: int) -> int:
    """Return where what a pattern matches ends."""
    match = pattern.match(held, at)
    assert match
    return match.end()


def element_bounds(format: str, head: Text, frame: Frame) -> ElementBounds | None:
    """Return the scanner that finds the cuts of a stream that begins with ``head``; ``None`` if it has no cuts."""
    if format == "xml":
        return XmlBounds(frame)
    if format == "json" and (frame[0] or _ARRAY.match(head)):
        return JsonBounds(frame)
    return None
