"""A MediaWiki export dump to its pages, as a stream in constant memory.

Parsed with expat: lxml's iterparse is as fast, but builds a tree of a page with all its revisions and of anything else
in a dump.  A dump has no document type, so one with a DOCTYPE is refused before any entity is expanded.

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
    """A page: its full title, its namespace's number, the target if it is a redirect, and its text."""

    title: str
    text: str
    namespace: int = MAIN
    redirect: str = ""


class _Refused(Exception):
    """Raised to stop expat."""


def dump_pages(stream: BinaryIO, report: Report) -> Iterator[DumpPage]:
    """Yield the pages of a dump, plain or bzip2; of several revisions the last.

    A truncated or malformed dump is reported with the line (``dump-truncated``), after the pages before it.
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
    """A stream with a prefix pushed back."""

    def __init__(self, head: bytes, stream: BinaryIO) -> None:
        self.head, self.stream = head, stream

    def read(self, size: int = -1) -> bytes:
        """Read bytes, like a file."""
        head, self.head = self.head, b""
        return head or self.stream.read(size)


class _Reader:
    """Collects complete pages from expat's events."""

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
        """Return the complete pages and forget them."""
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
