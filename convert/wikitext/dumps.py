"""A MediaWiki export dump to its pages, however long it is, one after another.

Read with expat: lxml's iterparse is as fast, but holds a page with all its revisions, and whatever else stands in a
dump, as a tree.  A dump has no document type, so one that declares any is refused before an entity is expanded.

Format: https://www.mediawiki.org/wiki/Help:Export
"""

from __future__ import annotations

import bz2
import re
from collections.abc import Iterator
from typing import BinaryIO, cast
from xml.parsers import expat

from msgspec import Struct

from convert.diagnostics import Diagnostic, Report
from convert.profile import MAIN

_CHUNK = 1 << 16


class DumpPage(Struct, frozen=True):
    """A page: its full title, its namespace's number, where it leads if it is a redirect, and its text."""

    title: str
    text: str
    namespace: int = MAIN
    redirect: str = ""


class _Refused(Exception):
    """What expat is stopped with."""


def dump_pages(stream: BinaryIO, report: Report) -> Iterator[DumpPage]:
    """Yield the pages of a dump, packed with bzip2 or not; where several revisions stand, the last of them.

    What ends in the middle, or is no XML from some place on, is reported with the line (``dump-truncated``); the pages
    before it are yielded.
    """
    head = stream.read(3)
    rest = _Joined(head, stream)
    source = bz2.BZ2File(cast(BinaryIO, rest)) if head == b"BZh" else rest
    reader = _Reader()
    try:
        while chunk := source.read(_CHUNK):
            reader.parser.Parse(chunk, False)
            yield from reader.taken()
        reader.parser.Parse(b"", True)
    except (expat.ExpatError, EOFError, OSError, _Refused) as error:
        line = reader.parser.CurrentLineNumber
        message = f"the dump cannot be read any further: {error}; what stands before was read"
        report(Diagnostic("dump-truncated", line, 1, message))
    yield from reader.taken()


class _Joined:
    """A stream with what was read of it put back."""

    def __init__(self, head: bytes, stream: BinaryIO) -> None:
        self.head, self.stream = head, stream

    def read(self, size: int = -1) -> bytes:
        """Read as a file does."""
        head, self.head = self.head, b""
        return head or self.stream.read(size)


class _Reader:
    """Takes expat's events and keeps the pages that are complete."""

    def __init__(self) -> None:
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.path: list[str] = []
        self.pieces: list[str] = []
        self.page: dict[str, str] = {}
        self.done: list[DumpPage] = []

    def taken(self) -> list[DumpPage]:
        """Hand over the pages that are complete."""
        done, self.done = self.done, []
        return done

    def _doctype(self, *declared: object) -> None:
        raise _Refused("it declares a document type, as no dump does")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        name = name.rpartition(":")[2]
        self.path.append(name)
        self.pieces.clear()
        if name == "page":
            self.page = {}
        elif name == "redirect":
            self.page["redirect"] = attributes.get("title", "")

    def _text(self, text: str) -> None:
        if self.path and self.path[-1] in _KEPT:
            self.pieces.append(text)

    def _end(self, name: str) -> None:
        name = self.path.pop()
        if name in _KEPT and self.path and self.path[-1] in ("page", "revision"):
            self.page[name] = "".join(self.pieces)
        elif name == "page":
            namespace = self.page.get("ns", "0")
            number = int(namespace) if _NUMBER.fullmatch(namespace) else MAIN
            title, text, redirect = (self.page.get(tag, "") for tag in ("title", "text", "redirect"))
            self.done.append(DumpPage(title, text, number, redirect))
        self.pieces.clear()


_KEPT = frozenset({"title", "ns", "text"})
_NUMBER = re.compile("-?[0-9]{1,9}")
