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
from collections.abc import Callable, Iterator
from selectors import EVENT_READ, BaseSelector, DefaultSelector
from socket import MSG_WAITALL, socket, socketpair
from struct import Struct

from convert.batch.shards import Outcome, Shard
from convert.errors import EnvironmentFailed, PlainwikiError

Work = Callable[[Shard], Outcome]

# How many shards, for each worker, may be handed out before the one whose turn it is comes back.
_AHEAD = 3

# A shard is sent to a busy worker only if the pipe can hold it: else each might wait for the other to read.
_SENT_AHEAD_BYTES = 1 << 15

# A message begins with the sizes of its halves: what is pickled, and the part of an outcome, which is large, so that
# each copy of it costs.
_SIZES = Struct("=QQ")


def processes(shards: Iterator[Shard], work: Work, jobs: int) -> Iterator[Outcome]:
    """Work shards in as many processes; yield the outcomes in order, as ``engines.run`` does."""
    workers = [_Worker(work) for _ in range(jobs)]
    selector = DefaultSelector()
    for worker in workers:
        selector.register(worker.connection, EVENT_READ, worker)
    order: deque[int] = deque()
    done: dict[int, Outcome] = {}
    shard: Shard | None = None
    packed = b""
    more = True
    try:
        while True:
            # What is done comes first: the next shard may be long in coming.
            if order and order[0] in done:
                yield done.pop(order.popleft())
                continue
            if more and not shard and len(order) < jobs * _AHEAD:
                shard = next(shards, None)
                more = shard is not None
                packed = pickle.dumps(shard)
            if shard and _handed_out(shard, packed, workers):
                order.append(shard.number)
                shard, packed = None, b""
                _receive(selector, done, 0)
            elif order:
                _receive(selector, done, None)
            else:
                return
    finally:
        selector.close()
        for worker in workers:
            worker.stop()
        for worker in workers:
            worker.process.wait()


def _receive(selector: BaseSelector, done: dict[int, Outcome], timeout_s: float | None) -> None:
    """Take what workers have done; wait for one of them if there is no time out."""
    for key, _ in selector.select(timeout_s):
        outcome = key.data.receive()
        done[outcome.number] = outcome


def _handed_out(shard: Shard, packed: bytes, workers: list[_Worker]) -> bool:
    """Send a shard to whoever has least to do; tell whether anybody could take it."""
    worker = min(workers, key=lambda each: len(each.shards))
    if len(worker.shards) > (len(packed) <= _SENT_AHEAD_BYTES):
        return False
    worker.send(shard, packed)
    return True


class _Worker:
    """A process, and the first and last sources of the shards that it was sent and has not worked yet."""

    def __init__(self, work: Work) -> None:
        self.shards: deque[tuple[str, str]] = deque()
        self.connection, theirs = socketpair()
        served = f"from convert.batch.processes import serve; serve({theirs.fileno()})"
        program = f"import sys; sys.path[:] = {sys.path!r}\n{served}"
        # A process group of its own: Ctrl-C is for us, who then end the workers.
        self.process = subprocess.Popen(
            [sys.executable, "-c", program],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
            process_group=0,
        )
        theirs.close()
        self._send(pickle.dumps(work))

    def send(self, shard: Shard, packed: bytes) -> None:
        """Hand out a shard."""
        self.shards.append((shard.pieces[0].source, shard.pieces[-1].source))  # it may hold what was unpacked
        self._send(packed)

    def _send(self, packed: bytes) -> None:
        try:
            _send(self.connection, packed)
        except OSError:
            raise self._died() from None

    def receive(self) -> Outcome:
        """Take the outcome of the shard handed out first."""
        try:
            packed, part = _received(self.connection)
        except (EOFError, OSError):
            raise self._died() from None
        outcome = pickle.loads(packed)
        if isinstance(outcome, PlainwikiError):
            raise outcome
        assert isinstance(outcome, Outcome)
        self.shards.popleft()
        return outcome._replace(part=part)

    def _died(self) -> EnvironmentFailed:
        status = self.process.wait()
        how = f"was killed by {signal.Signals(-status).name}" if status < 0 else f"ended with status {status}"
        where = ""
        if self.shards:
            first, last = self.shards[0]
            where = f" while it converted {first}" + (f" to {last}" if last != first else "")
        advice = "; is there enough memory? try fewer --jobs" if status == -signal.SIGKILL else ""
        return EnvironmentFailed(f"a worker process {how}{where}{advice}")

    def stop(self) -> None:
        """Have the process end: at once if it is at work, else by closing the connection."""
        if self.shards:
            self.process.kill()
        self.connection.close()


def serve(descriptor: int) -> None:
    """Be a worker: receive the work, then shards, and send outcomes, until the connection is closed."""
    connection = socket(fileno=descriptor)
    try:
        work: Work = pickle.loads(_received(connection)[0])
        while True:
            outcome = _outcome(work, pickle.loads(_received(connection)[0]))
            part = b""
            if isinstance(outcome, Outcome):
                outcome, part = outcome._replace(part=b""), outcome.part
            _send(connection, pickle.dumps(outcome), part)
    except (EOFError, BrokenPipeError, ConnectionResetError):
        # Whoever started us has ended, or wants no more.  Putting away what we hold would take a while.
        os._exit(0)


def _send(connection: socket, packed: bytes, part: bytes = b"") -> None:
    connection.sendall(_SIZES.pack(len(packed), len(part)) + packed)
    connection.sendall(part)


def _received(connection: socket) -> tuple[bytes, bytes]:
    """Receive a message; raise EOFError if the other side has ended."""
    packed, part = _SIZES.unpack(_exactly(connection, _SIZES.size))
    return _exactly(connection, packed), _exactly(connection, part)


def _exactly(connection: socket, size: int) -> bytes:
    """Receive as many bytes, in one piece where the system gives them so."""
    found = connection.recv(size, MSG_WAITALL)
    while len(found) < size:
        more = connection.recv(size - len(found), MSG_WAITALL)
        if not more:
            raise EOFError
        found += more
    return found


def _outcome(work: Work, shard: Shard) -> Outcome | PlainwikiError:
    try:
        return work(shard)
    except PlainwikiError as error:
        return error
    except MemoryError:
        return EnvironmentFailed(f"not enough memory for {shard.pieces[0].source} to {shard.pieces[-1].source}")
