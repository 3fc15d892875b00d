"""A MediaWiki export dump to its pages, as a stream in constant memory.

Parsed with expat: lxml's iterparse is as fast, but builds a tree of a page with all its revisions and of anything else
in a dump.  A dump has no document type, so one with a DOCTYPE is refused before any entity is expanded.

Several dumps may follow one another.  Behind a page that is damaged, reading goes on at the next one.

Format: https://www.mediawiki.org/wiki/Help:Export
"""

from __future__ import annotations

import bz2
from collections.abc import Callable, Iterator
from typing import BinaryIO, cast
from xml.parsers import expat

from convert.diagnostics import Diagnostic, Report, shown
from convert.expressions import expression
from convert.wikitext.dump_events import DumpPage as DumpPage
from convert.wikitext.dump_events import DumpSite as DumpSite
from convert.wikitext.dump_events import PageEvents, Refused

#: The longest text of a page that is read, in characters.
MAX_TEXT = 32 << 20

_CHUNK = 1 << 16
# After damage a parser is given little at first: there may be more damage.
_FIRST_BYTES = 1 << 8
_PAGE = expression(rb"<(?:[A-Za-z][\w.-]{0,20}:)?page[\s>]")
#: More bytes than the beginning of a page's tag has.
_TAG_BYTES = 32


def dump_pages(
    stream: BinaryIO, report: Report, max_text: int = MAX_TEXT, encoding: str | None = None,
    site: Callable[[DumpSite], None] | None = None,
) -> Iterator[DumpPage]:  # fmt: skip
    """Yield the pages of a dump, or of several in a row, plain or bzip2.

    What is damaged is reported with the line (``dump-damaged``) and left out; where nothing more can be read, that
    (``dump-truncated``), after the pages before it.  An ``encoding`` counts more than what a dump declares.
    ``site`` is told of which wiki a dump is, before its pages come.
    """
    head = stream.read(3)
    rest = _Joined(head, stream)
    source = bz2.BZ2File(cast(BinaryIO, rest)) if head == b"BZh" else rest
    dump = _Dump(PageEvents(report, max_text, encoding, site), report)
    try:
        for chunk in _chunks(source):
            for _ in dump.feed(chunk):
                yield from dump.reader.taken()
        dump.end()
    except (expat.ExpatError, EOFError, OSError, Refused) as error:
        dump.tell_end(error)
    yield from dump.reader.rest()


class _Joined:
    """A stream with a prefix pushed back."""

    def __init__(self, head: bytes, stream: BinaryIO) -> None:
        self.head, self.stream = head, stream

    def read(self, size: int = -1) -> bytes:
        """Read bytes, like a file."""
        head, self.head = self.head, b""
        return head or self.stream.read(size)


def _chunks(source: _Joined | bz2.BZ2File) -> Iterator[bytes]:
    """Yield a stream in chunks of ``_CHUNK`` bytes or more, except the last: a pipe gives fewer at a time."""
    while chunk := source.read(_CHUNK):
        parts, size = [chunk], len(chunk)
        while size < _CHUNK and (more := source.read(_CHUNK)):
            parts.append(more)
            size += len(more)
        yield b"".join(parts)


class _Dump:
    """Gives a stream to one parser after another: a new one for each dump, and behind what is damaged.

    Offsets count from the beginning of the stream.
    """

    def __init__(self, reader: PageEvents, report: Report) -> None:
        self.reader = reader
        self._report = report
        self._parser = self._begun(b"")
        #: The bytes before the current chunk, its own, where it begins, and how many lines are before that.
        self._before, self._chunk, self._base, self._lines = b"", b"", 0, 0
        #: Where the parser began, less the bytes that it was given in front, and the lines before that.
        self._start, self._first_line, self._step = 0, 0, _CHUNK
        #: What damage was met, and where the next page is looked for from; until it is found.
        self._damage: tuple[int, str] | None = None
        self._searched = 0

    def feed(self, chunk: bytes) -> Iterator[None]:
        """Parse a chunk; yield whenever there may be pages."""
        self._chunk = chunk
        at = self._base
        while at < self._base + len(self._chunk):
            at = self._found() if self._damage else self._parsed(at)
            if at < self._base:
                self._take_back(self._base - at)
            yield
        self._base += len(self._chunk)
        self._lines += self._chunk.count(b"\n")
        self._before = self._chunk[-_CHUNK:]

    def end(self) -> None:
        """Raise ExpatError where the last dump is not all there."""
        if not self._damage:
            self._parser.Parse(b"", True)
        else:
            self._tell(*self._damage)

    def tell_end(self, error: Exception) -> None:
        """Report that nothing more can be read."""
        self._tell(*self._damage or (self._parser.CurrentLineNumber + self._first_line, _cause(error)))

    def _tell(self, line: int, why: str) -> None:
        message = f"the dump cannot be read any further: {why}; what stands before was read"
        self._report(Diagnostic("dump-truncated", line, 1, message))

    def _begun(self, front: bytes) -> expat.XMLParserType:
        parser = self.reader.parser()
        parser.Parse(front, False)
        return parser

    def _take_back(self, size: int) -> None:
        """Put the last bytes before the chunk to the chunk."""
        taken, self._before = self._before[-size:], self._before[:-size]
        self._chunk = taken + self._chunk
        self._base -= size
        self._lines -= taken.count(b"\n")

    def _parsed(self, at: int) -> int:
        """Parse a few bytes from an offset on, and return where to go on."""
        end = at + self._step
        with memoryview(self._chunk)[at - self._base : end - self._base] as view:
            try:
                self._parser.Parse(view, False)
            except expat.ExpatError as error:
                return self._failed(error)
        self._step = min(2 * self._step, _CHUNK)
        return min(end, self._base + len(self._chunk))

    def _failed(self, error: expat.ExpatError) -> int:
        """Begin the next dump where the last one has ended; otherwise note the damage.  Return where to go on."""
        at = max(self._start + self._parser.ErrorByteIndex, self._base - len(self._before))
        is_over = not self.reader.path and self.reader.has_root
        if is_over and (self._before + self._chunk).startswith(b"<", at - self._base + len(self._before)):
            self._begin(at, b"")
            return at
        self._damage = self._parser.ErrorLineNumber + self._first_line, _cause(error)
        self._searched = at + 1
        return max(self._base, at + 1)

    def _found(self) -> int:
        """Look for the next page, and begin there; return where to go on."""
        begin = max(self._searched - self._base, -len(self._before))
        if begin < 0:
            tag = _PAGE.search(self._before[begin:] + self._chunk[:_TAG_BYTES])
            if tag and begin + tag.start() < 0:
                return self._resumed(self._base + begin + tag.start())
        tag = _PAGE.search(self._chunk, max(0, begin))
        if tag:
            return self._resumed(self._base + tag.start())
        end = self._base + len(self._chunk)
        self._searched = max(self._searched, end - _TAG_BYTES)
        return end

    def _resumed(self, at: int) -> int:
        assert self._damage
        line, why = self._damage
        title = self.reader.page.get("title", "")
        lost = f"the page {shown(title)}" if title else "a page"
        self._report(Diagnostic("dump-damaged", line, 1, f"{lost} cannot be read: {why}; the pages behind it were"))
        self._damage = None
        self._begin(at, b"<mediawiki>")
        return at

    def _begin(self, at: int, front: bytes) -> None:
        """Begin with a new parser at an offset."""
        self.reader.restart(keep=bool(front))
        self._parser = self._begun(front)
        self._start = at - len(front)
        offset = at - self._base
        lines = self._chunk.count(b"\n", 0, offset) if offset >= 0 else -self._before.count(b"\n", offset)
        self._first_line = self._lines + lines
        self._step = _FIRST_BYTES


def _cause(error: Exception) -> str:
    """Return what expat says without its place, which counts from where the parser began."""
    return str(error).partition(": line ")[0]
