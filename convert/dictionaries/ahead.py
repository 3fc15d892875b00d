"""What is learnt of the pages of a dump's file, with another process that reads ahead.

It unpacks and parses, and sends pages; when more are sent than this process has learnt from, it reads them for links
itself.  So both work until the dump is read, whichever of the two takes longer, and what comes is the same.
"""

from __future__ import annotations

import fcntl
import sys
import termios
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from functools import partial

import msgspec
from msgspec import Struct

from convert.diagnostics import Diagnostic, Report
from convert.dictionaries.dumps import pages_of
from convert.dictionaries.helpers import Helper, can_help, helping
from convert.errors import EnvironmentFailed
from convert.io.atomic import write_all
from convert.links.learn.pages import Learnt, PageReader, is_text
from convert.wikitext.dumps import DumpPage, DumpSite

# Characters of pages that are sent at once, and bytes that may wait in the pipe.
_SENT_AT_ONCE = 1 << 16
_PIPE_BYTES = 1 << 20
# With more of them the other process is busy enough.
_WAITING_BYTES = _PIPE_BYTES // 4
_SIZE_BYTES = 8


class _Event(Struct, frozen=True, array_like=True):
    """What reading a dump gives: one of these."""

    page: DumpPage | None = None
    learnt: Learnt | None = None
    is_nothing: bool = False
    site: DumpSite | None = None
    remark: Diagnostic | None = None
    read: int = 0
    failure: str = ""


_ENCODER, _DECODER = msgspec.msgpack.Encoder(), msgspec.msgpack.Decoder(list[_Event])


def pages_ahead(
    path: str, reader: PageReader, report: Report, read: Callable[[int], None], jobs: int
) -> Generator[Learnt | None]:
    """Yield what is learnt of each page of a dump; with several ``jobs``, one reads ahead.

    What is damaged is reported; ``read`` is told the bytes of the file as they are read.  Raises EnvironmentFailed
    where the file cannot be read.
    """
    if jobs < 2 or not can_help():
        yield from map(reader.read, pages_of(path, report, reader.site, read))
        return
    with helping([partial(_send, path, reader)]) as (helper,):
        for event in _received(helper):
            if event.page:
                yield reader.read(event.page)
            elif event.learnt or event.is_nothing:
                yield event.learnt
            elif event.read:
                read(event.read)
            elif event.site:
                reader.site(event.site)
            elif event.remark:
                report(event.remark)
            elif event.failure:
                raise EnvironmentFailed(event.failure)


def _send(path: str, reader: PageReader, pipe: int) -> None:
    """Send what reading a dump gives, in this order."""
    sender = _Sender(reader, pipe)
    try:
        for page in pages_of(path, sender.report, sender.site, sender.read):
            sender.page(page)
    except EnvironmentFailed as error:
        sender.fail(str(error))
    sender.finish()


class _Sender:
    """Sends events through a pipe, many at a time."""

    def __init__(self, reader: PageReader, pipe: int) -> None:
        self._reader, self._pipe = reader, pipe
        self._events: list[_Event] = []
        self._size = 0
        if hasattr(fcntl, "F_SETPIPE_SZ"):
            # Where so much is not allowed, this process only reads ahead, a little.
            with suppress(OSError):
                fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)

    def page(self, page: DumpPage) -> None:
        """Send a page; of others than articles, that there was one."""
        if not is_text(page):
            self._events.append(_Event(is_nothing=True))
            return
        self._events.append(_Event(page))
        self._size += len(page.text)
        if self._size >= _SENT_AT_ONCE:
            self._flush()

    def site(self, site: DumpSite) -> None:
        """Send a site, behind the pages that are read as those of the last one."""
        self._flush()
        self._reader.site(site)
        self._events.append(_Event(site=site))

    def report(self, remark: Diagnostic) -> None:
        """Send a remark."""
        self._events.append(_Event(remark=remark))

    def read(self, size: int) -> None:
        """Send how much was read."""
        if size:
            self._events.append(_Event(read=size))

    def fail(self, message: str) -> None:
        """Send why nothing more can be read."""
        self._events.append(_Event(failure=message))

    def finish(self) -> None:
        """Send all that is left, and that nothing follows."""
        self._flush()
        self._write([])

    def _flush(self) -> None:
        if not self._events:
            return
        if _waiting(self._pipe) > _WAITING_BYTES:
            self._events = list(map(self._learnt, self._events))
        self._write(self._events)
        self._events, self._size = [], 0

    def _learnt(self, event: _Event) -> _Event:
        """Return what is learnt of a page instead of it."""
        if not event.page:
            return event
        learnt = self._reader.read(event.page)
        return _Event(learnt=learnt) if learnt else _Event(is_nothing=True)

    def _write(self, events: list[_Event]) -> None:
        content = _ENCODER.encode(events)
        write_all(self._pipe, len(content).to_bytes(_SIZE_BYTES, "little"))
        write_all(self._pipe, content)


def _waiting(pipe: int) -> int:
    """Return how many bytes are in a pipe."""
    return int.from_bytes(fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)), sys.byteorder)


def _received(helper: Helper) -> Iterator[_Event]:
    """Yield what a process sends; the last thing is nothing."""
    while True:
        size = int.from_bytes(helper.received(_SIZE_BYTES, "read a dump"), "little")
        events = _DECODER.decode(helper.received(size, "read a dump"))
        if not events:
            return
        yield from events
