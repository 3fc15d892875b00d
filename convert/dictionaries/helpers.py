"""Processes that help: forks of this one, which have what it has in memory, each with a pipe for what it makes.

Where there is no fork, there are none, and this process does all.  They end with the block that they are for: killed
where it fails, as by Ctrl-C, and by themselves where this process was killed, since nobody reads their pipes.
"""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from msgspec import Struct

from convert.errors import EnvironmentFailed

#: What a helper does: it writes to a pipe.
Work = Callable[[int], None]


class Helper(Struct, frozen=True):
    """A process that helps, and the pipe that what it makes comes through."""

    number: int
    pipe: int

    def received(self, size: int, what: str) -> bytearray:
        """Return the next bytes.  Raises EnvironmentFailed where it has ended before; ``what`` it did is told."""
        content = bytearray(size)
        left = memoryview(content)
        while left and (read := os.readv(self.pipe, [left])):
            left = left[read:]
        if left:
            remedy = "give it more, or try fewer --jobs"
            raise EnvironmentFailed(f"a process that {what} has ended, as without enough memory: {remedy}")
        return content


def can_help() -> bool:
    """Return whether there can be processes that help."""
    return hasattr(os, "fork")


@contextmanager
def helping(works: Sequence[Work]) -> Iterator[list[Helper]]:
    """Run each work in a process of its own while the block runs."""
    helpers: list[Helper] = []
    try:
        helpers.extend(map(_started, works))  # those that were started are in the list if another one fails
        yield helpers
    except BaseException:
        for helper in helpers:
            os.kill(helper.number, signal.SIGKILL)
        raise
    finally:
        for helper in helpers:
            os.close(helper.pipe)
            os.waitpid(helper.number, 0)


def _started(work: Work) -> Helper:
    reading, writing = os.pipe()
    number = os.fork()
    if number:
        os.close(writing)
        return Helper(number, reading)
    status = 1
    try:
        gc.disable()  # what there is now is no garbage
        for signal_number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(signal_number, signal.SIG_DFL)
        os.close(reading)
        work(writing)
        status = 0
    finally:
        # At once: all else is the other process's, and so is saying that this one has failed.
        os._exit(status)
