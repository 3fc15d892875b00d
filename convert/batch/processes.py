"""Shards worked in several processes, and their outcomes in the order of the shards.

Workers are programs started anew, not forks: a fork copies locks that other threads hold, and a program that imports us
need not guard its main module.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from mmap import PROT_READ, mmap
from resource import RLIM_INFINITY, RLIMIT_NOFILE, getrlimit, setrlimit
from selectors import EVENT_READ, BaseSelector, DefaultSelector
from socket import MSG_WAITALL, socket, socketpair
from struct import Struct

from convert.batch.outputs import writing
from convert.batch.shards import Outcome, Shard
from convert.errors import EnvironmentFailed, PlainwikiError

Work = Callable[[Shard], Outcome]

# How many shards, for each worker, may be handed out before the one whose turn it is comes back.
_AHEAD = 3

# A shard is sent to a busy worker only if the pipe can hold it: else each might wait for the other to read.
_SENT_AHEAD_BYTES = 1 << 15

# A slot keeps as much memory for the next part; more is given back.
_KEPT_BYTES = 1 << 22

# A message begins with the size of what is pickled in it and a number: which slot a shard's part is for, or how many
# bytes of that slot an outcome's part takes.
_HEADER = Struct("=QQ")

# What is open for a worker: its connection, its slots, and what looks at these.  Others are open besides.
_FILES_PER_WORKER = 1 + 2 * _AHEAD
_OTHER_FILES = 64


def processes(shards: Iterator[Shard], work: Work, jobs: int) -> Generator[Outcome, None, None]:
    """Work shards in as many processes; yield the outcomes in order, as ``engines.run`` does."""
    _allow_files(jobs * _FILES_PER_WORKER + _OTHER_FILES)
    slots = [_Slot() for _ in range(jobs * _AHEAD)]
    free = list(range(len(slots)))
    workers = [_Worker(work, slots) for _ in range(jobs)]
    selector = DefaultSelector()
    for worker in workers:
        selector.register(worker.connection, EVENT_READ, worker)
    order: deque[int] = deque()
    done: dict[int, tuple[Outcome, int]] = {}
    shard: Shard | None = None
    packed = b""
    more = True
    try:
        while True:
            # What is done comes first: the next shard may be long in coming.
            if order and order[0] in done:
                outcome, slot = done.pop(order.popleft())
                yield outcome
                del outcome
                slots[slot].clear()
                free.append(slot)
                continue
            if more and not shard and len(order) < jobs * _AHEAD:
                shard = next(shards, None)
                more = shard is not None
                packed = pickle.dumps(shard)
            if shard and _handed_out(shard, packed, free, workers):
                order.append(shard.number)
                shard, packed = None, b""
                _receive(selector, slots, done, 0)
            elif order:
                _receive(selector, slots, done, None)
            else:
                return
    finally:
        selector.close()
        for worker in workers:
            worker.stop()
        for worker in workers:
            worker.process.wait()
        for each in slots:
            each.close()


def _allow_files(count: int) -> None:
    """Have the system let us open as many files, so far as it may be asked to: by default it is a thousand."""
    soft, hard = getrlimit(RLIMIT_NOFILE)
    if soft != RLIM_INFINITY and soft < count:
        setrlimit(RLIMIT_NOFILE, (count if hard == RLIM_INFINITY else min(count, hard), hard))


def _receive(
    selector: BaseSelector, slots: Sequence[_Slot], done: dict[int, tuple[Outcome, int]], timeout_s: float | None
) -> None:
    """Take what workers have done; wait for one of them if there is no time out."""
    for key, _ in selector.select(timeout_s):
        outcome, slot, size = key.data.receive()
        done[outcome.number] = outcome._replace(part=slots[slot].view(size)) if size else outcome, slot


def _handed_out(shard: Shard, packed: bytes, free: list[int], workers: list[_Worker]) -> bool:
    """Send a shard, and the number of a free slot, to whoever has least to do; tell whether anybody could take it."""
    worker = min(workers, key=lambda each: len(each.shards))
    if len(worker.shards) > (len(packed) <= _SENT_AHEAD_BYTES):
        return False
    worker.send(shard, packed, free.pop())
    return True


class _Slot:
    """Memory in which a worker leaves the part of an outcome: to send it would be to copy it four times more."""

    def __init__(self) -> None:
        self._map: mmap | None = None
        if sys.platform == "linux":
            self.descriptor = os.memfd_create("plainwiki")
        else:
            from tempfile import TemporaryFile

            with TemporaryFile() as file:
                self.descriptor = os.dup(file.fileno())

    def view(self, size: int) -> memoryview:
        """Look at the first bytes."""
        if self._map is None or len(self._map) < size:
            self._map = mmap(self.descriptor, size, prot=PROT_READ)
        return memoryview(self._map)[:size]

    def clear(self) -> None:
        """Give back what a large part took."""
        if self._map and len(self._map) > _KEPT_BYTES:
            self._map = None
            os.truncate(self.descriptor, 0)

    def close(self) -> None:
        """Give back everything."""
        self._map = None
        os.close(self.descriptor)


class _Worker:
    """A process, and the shards that it was sent and has not worked yet: first and last sources, and slots."""

    def __init__(self, work: Work, slots: Sequence[_Slot]) -> None:
        self.shards: deque[tuple[str, str, int]] = deque()
        self.connection, theirs = socketpair()
        places = [each.descriptor for each in slots]
        served = f"from convert.batch.processes import serve; serve({theirs.fileno()}, {places})"
        program = f"import sys; sys.path[:] = {sys.path!r}\n{served}"
        # A process group of its own: Ctrl-C is for us, who then end the workers.
        self.process = subprocess.Popen(
            [sys.executable, "-c", program],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=[theirs.fileno(), *places],
            process_group=0,
        )
        theirs.close()
        self._send(pickle.dumps(work), 0)

    def send(self, shard: Shard, packed: bytes, slot: int) -> None:
        """Hand out a shard."""
        # Not all of it is kept here: it may hold what was unpacked.
        self.shards.append((shard.pieces[0].source, shard.pieces[-1].source, slot))
        self._send(packed, slot)

    def _send(self, packed: bytes, number: int) -> None:
        try:
            _send(self.connection, packed, number)
        except OSError:
            raise self._died() from None

    def receive(self) -> tuple[Outcome, int, int]:
        """Take the outcome of the shard handed out first, its slot, and how many bytes its part takes there."""
        try:
            packed, size = _received(self.connection)
        except (EOFError, OSError):
            raise self._died() from None
        outcome = pickle.loads(packed)
        if isinstance(outcome, PlainwikiError):
            raise outcome
        assert isinstance(outcome, Outcome)
        return outcome, self.shards.popleft()[2], size

    def _died(self) -> EnvironmentFailed:
        status = self.process.wait()
        how = f"was killed by {signal.Signals(-status).name}" if status < 0 else f"ended with status {status}"
        where = ""
        if self.shards:
            first, last, _ = self.shards[0]
            where = f" while it converted {first}" + (f" to {last}" if last != first else "")
        advice = "; is there enough memory? try fewer --jobs" if status == -signal.SIGKILL else ""
        return EnvironmentFailed(f"a worker process {how}{where}{advice}")

    def stop(self) -> None:
        """Have the process end: at once if it is at work, else by closing the connection."""
        if self.shards:
            self.process.kill()
        self.connection.close()


def serve(descriptor: int, slots: Sequence[int]) -> None:
    """Be a worker: receive the work, then shards, and send outcomes, until the connection is closed."""
    connection = socket(fileno=descriptor)
    try:
        work: Work = pickle.loads(_received(connection)[0])
        while True:
            packed, slot = _received(connection)
            outcome, size = _outcome(work, pickle.loads(packed), slots[slot])
            _send(connection, pickle.dumps(outcome), size)
    except (EOFError, BrokenPipeError, ConnectionResetError):
        # Whoever started us has ended, or wants no more.  Putting away what we hold would take a while.
        os._exit(0)


def _outcome(work: Work, shard: Shard, slot: int) -> tuple[Outcome | PlainwikiError, int]:
    """Work a shard; leave the part in its slot, and tell how many bytes it has."""
    try:
        outcome = work(shard)
        at = 0
        with writing("what was converted to memory"), memoryview(outcome.part) as part:
            while at < len(part):
                at += os.pwrite(slot, part[at:], at)
        return outcome._replace(part=b""), len(outcome.part)
    except PlainwikiError as error:
        return error, 0
    except MemoryError:
        where = f"{shard.pieces[0].source} to {shard.pieces[-1].source}"
        return EnvironmentFailed(f"not enough memory for {where}"), 0


def _send(connection: socket, packed: bytes, number: int) -> None:
    connection.sendall(_HEADER.pack(len(packed), number) + packed)


def _received(connection: socket) -> tuple[bytes, int]:
    """Receive a message; raise EOFError if the other side has ended."""
    size, number = _HEADER.unpack(_exactly(connection, _HEADER.size))
    return _exactly(connection, size), number


def _exactly(connection: socket, size: int) -> bytes:
    """Receive as many bytes, in one piece where the system gives them so."""
    found = connection.recv(size, MSG_WAITALL)
    while len(found) < size:
        more = connection.recv(size - len(found), MSG_WAITALL)
        if not more:
            raise EOFError
        found += more
    return found
