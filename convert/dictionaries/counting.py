"""Counting what occurs in the running texts, by several processes: each takes its share of the blocks.

The processes are forks, which have the tables in memory as they are; where there is no fork, this one counts alone.
"""

from __future__ import annotations

import os
import signal
from array import array
from operator import add

from msgspec import Struct

from convert.dictionaries.spool import Spool
from convert.errors import NO_MEMORY, EnvironmentFailed
from convert.io.atomic import write_all
from convert.links.learn.occurrences import Occurrences

_READ_BYTES = 1 << 20


class _Helper(Struct, frozen=True):
    """A process that counts, and the pipe that its counts come through."""

    number: int
    pipe: int


def count(occurrences: Occurrences, spool: Spool, jobs: int) -> None:
    """Count the texts of a spool.  Raises EnvironmentFailed where a process has ended before its time."""
    shares = jobs if hasattr(os, "fork") else 1
    helpers = [_started(occurrences, spool, share, shares) for share in range(1, shares)]
    try:
        for text in spool.texts(0, shares):
            occurrences.add(text)
        for helper in helpers:
            counts = _received(helper, len(occurrences.counts))
            occurrences.counts = array("I", map(add, occurrences.counts, counts))
    except BaseException:
        for helper in helpers:
            os.kill(helper.number, signal.SIGKILL)
        raise
    finally:
        for helper in helpers:
            os.close(helper.pipe)
            os.waitpid(helper.number, 0)


def _started(occurrences: Occurrences, spool: Spool, share: int, shares: int) -> _Helper:
    """Start a process that counts a share."""
    reading, writing = os.pipe()
    number = os.fork()
    if number:
        os.close(writing)
        return _Helper(number, reading)
    status = 1
    try:
        for signal_number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(signal_number, signal.SIG_DFL)
        os.close(reading)
        for text in spool.texts(share, shares):
            occurrences.add(text)
        write_all(writing, occurrences.counts.tobytes())
        status = 0
    finally:
        # At once: all else is the other process's, and so is saying that this one has failed.
        os._exit(status)


def _received(helper: _Helper, entries: int) -> array[int]:
    """Return the counts of a process."""
    parts = []
    while part := os.read(helper.pipe, _READ_BYTES):
        parts.append(part)
    content = b"".join(parts)
    if len(content) != entries * array("I").itemsize:
        raise EnvironmentFailed(f"a process that counted links has ended, as without enough memory: {NO_MEMORY}")
    counts = array("I")
    counts.frombytes(content)
    return counts
