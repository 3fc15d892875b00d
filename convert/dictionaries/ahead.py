"""The pages of a dump's file, read ahead by another process: unpacked and parsed while those before are learnt from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import msgspec
from msgspec import Struct

from convert.diagnostics import Diagnostic, Report
from convert.dictionaries.dumps import pages_of
from convert.dictionaries.helpers import Helper, can_help, helping
from convert.errors import EnvironmentFailed
from convert.io.atomic import write_all
from convert.wikitext.dumps import DumpPage, DumpSite

# Characters of pages that are sent at once.
_SENT_AT_ONCE = 1 << 17
_SIZE_BYTES = 8


class _Event(Struct, frozen=True, array_like=True):
    """What reading a dump gives: one of these."""

    page: DumpPage | None = None
    site: DumpSite | None = None
    remark: Diagnostic | None = None
    read: int = 0
    failure: str = ""


_ENCODER, _DECODER = msgspec.msgpack.Encoder(), msgspec.msgpack.Decoder(list[_Event])


def pages_ahead(
    path: str, report: Report, site: Callable[[DumpSite], None], read: Callable[[int], None], jobs: int
) -> Iterator[DumpPage]:
    """Yield the pages of a dump, as ``pages_of`` does; with several ``jobs``, one reads ahead."""
    if jobs < 2 or not can_help():
        yield from pages_of(path, report, site, read)
        return
    with helping([partial(_send, path)]) as (helper,):
        for event in _received(helper):
            if event.page:
                yield event.page
            elif event.read:
                read(event.read)
            elif event.site:
                site(event.site)
            elif event.remark:
                report(event.remark)
            elif event.failure:
                raise EnvironmentFailed(event.failure)


def _send(path: str, pipe: int) -> None:
    """Send what reading a dump gives, in this order."""
    events: list[_Event] = []
    size = 0
    try:
        for page in pages_of(
            path,
            lambda remark: events.append(_Event(remark=remark)),
            lambda site: events.append(_Event(site=site)),
            lambda read: events.append(_Event(read=read)),
        ):
            events.append(_Event(page))
            size += len(page.text)
            if size >= _SENT_AT_ONCE:
                _send_events(events, pipe)
                events.clear()
                size = 0
    except EnvironmentFailed as error:
        events.append(_Event(failure=str(error)))
    _send_events(events, pipe)
    _send_events([], pipe)


def _send_events(events: list[_Event], pipe: int) -> None:
    content = _ENCODER.encode(events)
    write_all(pipe, len(content).to_bytes(_SIZE_BYTES, "little"))
    write_all(pipe, content)


def _received(helper: Helper) -> Iterator[_Event]:
    """Yield what a process sends; the last thing is nothing."""
    while True:
        size = int.from_bytes(helper.received(_SIZE_BYTES, "read a dump"), "little")
        events = _DECODER.decode(helper.received(size, "read a dump"))
        if not events:
            return
        yield from events
