"""A process pool: shards converted in several processes, outcomes in the order of the shards.

Workers are new interpreters, not forks: a fork copies locks that other threads hold, and spawning would require a
``__main__`` guard in programs that import this package.

Written by hand because ``concurrent.futures.ProcessPoolExecutor`` hangs where a worker is killed in the middle of a
large answer: all its workers share one result pipe, whose end of file never comes.  Here each has a connection of its
own.
"""

from __future__ import annotations

import os
import pickle
from collections import deque
from collections.abc import Generator, Iterator
from contextlib import closing
from mmap import PROT_READ, mmap
from resource import RLIM_INFINITY, RLIMIT_NOFILE, getrlimit, setrlimit
from selectors import EVENT_READ, DefaultSelector

from convert.batch.engines.worker_process import Answer, Work, Worker, memory
from convert.batch.model import ShardOutcome
from convert.errors import EnvironmentFailed, PlainwikiError
from convert.inputs.piece import Shard

# How many shards per worker may be under way, counted from the one whose outcome is next in order.
_SHARDS_AHEAD = 3

# A shard is sent to a busy worker only if the pipe's buffer can hold it: else both might wait for the other to read.
_SENT_AHEAD_BYTES = 1 << 15

# A slot keeps at most so much memory for the next part.
_MAX_KEPT_BYTES = 1 << 22

# Open files per worker: its connection, its standard error, its slots, and their maps.
_FILES_PER_WORKER = 2 + 2 * _SHARDS_AHEAD
_OTHER_FILES = 64


def processes(shards: Iterator[Shard], work: Work, jobs: int) -> Generator[ShardOutcome, None, None]:
    """Convert shards in ``jobs`` processes; yield the outcomes in order, as ``engines.local.run`` does.

    Where a shard fails, those before it are still yielded, so that what is kept does not depend on a race.
    """
    _allow_files(jobs * _FILES_PER_WORKER + _OTHER_FILES)
    order: deque[int] = deque()
    shard: Shard | None = None
    packed = b""
    more = True
    with closing(_Pool(work, jobs)) as pool:
        while True:
            # Finished outcomes come first: the next shard may take long to arrive.
            if order and order[0] in pool.done:
                outcome, slot = pool.take(order.popleft())
                yield outcome
                del outcome
                slot.clear()
                continue
            if pool.has_failed:
                shard, more = None, False
            if more and not shard and len(order) < jobs * _SHARDS_AHEAD:
                shard = next(shards, None)
                more = shard is not None
                packed = pickle.dumps(shard)
            if shard and pool.hand_out(shard, packed):
                order.append(shard.number)
                shard, packed = None, b""
                pool.receive(0)
            elif order:
                pool.receive(None)
            else:
                return


def _allow_files(count: int) -> None:
    """Raise the limit of open files, usually about a thousand, as far as the system permits."""
    soft, hard = getrlimit(RLIMIT_NOFILE)
    if soft != RLIM_INFINITY and soft < count:
        setrlimit(RLIMIT_NOFILE, (count if hard == RLIM_INFINITY else min(count, hard), hard))


class _Pool:
    """The workers, and finished answers with their slots, by shard number."""

    def __init__(self, work: Work, jobs: int) -> None:
        self.done: dict[int, tuple[Answer, int]] = {}
        self.has_failed = False
        self._workers: list[Worker] = []
        self._selector = DefaultSelector()
        self._slots: list[_Slot] = []
        try:
            self._slots += (_Slot() for _ in range(jobs * _SHARDS_AHEAD))
            self._free = list(range(len(self._slots)))
            packed, descriptors = pickle.dumps(work), [slot.descriptor for slot in self._slots]
            for _ in range(jobs):
                self._workers.append(Worker(packed, descriptors))
            for worker in self._workers:
                self._selector.register(worker.connection, EVENT_READ, worker)
        except BaseException:
            self.close()
            raise

    def hand_out(self, shard: Shard, packed: bytes) -> bool:
        """Send a shard and the number of a free slot to the least busy worker; return whether there was room."""
        worker = min(self._workers, key=lambda candidate: len(candidate.shards))
        if len(worker.shards) > (len(packed) <= _SENT_AHEAD_BYTES):
            return False
        worker.send(shard, packed, self._free.pop())
        return True

    def receive(self, timeout_s: float | None) -> None:
        """Receive finished answers; wait for one if the timeout is ``None``."""
        for key, _ in self._selector.select(timeout_s):
            worker: Worker = key.data
            try:
                answer, number, slot, size = worker.receive()
            except EnvironmentFailed as error:
                self._bury(worker, error)
                continue
            if isinstance(answer, PlainwikiError):
                self.has_failed = True
            elif size:
                answer = answer._replace(part=self._slots[slot].view(size))
            self.done[number] = answer, slot

    def _bury(self, worker: Worker, error: EnvironmentFailed) -> None:
        """Let all shards of a dead worker fail when their turn comes."""
        if not (worker.shards or self.has_failed):
            raise error
        self.has_failed = True
        self._selector.unregister(worker.connection)
        self.done.update((number, (error, slot)) for _, number, slot in worker.shards)

    def take(self, number: int) -> tuple[ShardOutcome, _Slot]:
        """Return an outcome, and the slot to be cleared once it is no longer used.

        Raises the shard's error if it failed.
        """
        answer, slot = self.done.pop(number)
        if isinstance(answer, PlainwikiError):
            raise answer
        self._free.append(slot)
        return answer, self._slots[slot]

    def close(self) -> None:
        """Kill all processes and release their resources."""
        self._selector.close()
        for worker in self._workers:
            worker.stop(show_stderr=not self.has_failed)
        for slot in self._slots:
            slot.close()


class _Slot:
    """Shared memory for the part of an outcome: sending it over the connection would copy it four more times."""

    def __init__(self) -> None:
        self._map: mmap | None = None
        self.descriptor = memory("plainwiki")

    def view(self, size: int) -> memoryview:
        """Return the first bytes, not copied."""
        if self._map is None or len(self._map) < size:
            self._map = mmap(self.descriptor, size, prot=PROT_READ)
        return memoryview(self._map)[:size]

    def clear(self) -> None:
        """Release the memory of a large part."""
        if self._map and len(self._map) > _MAX_KEPT_BYTES:
            self._map = None
            os.truncate(self.descriptor, 0)

    def close(self) -> None:
        """Release everything."""
        self._map = None
        os.close(self.descriptor)
