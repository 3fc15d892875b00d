"""One worker process: how it is started and spoken to, how it is told that it died, and what it does itself.

Messages go over a connection that only the two of them have, so that its end is the end of the other, whatever ended
it and wherever: a worker that is killed in the middle of an answer leaves nobody waiting.
"""

from __future__ import annotations

import os
import pickle
import re
import signal
import subprocess
import sys
import traceback
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from socket import MSG_WAITALL, socket, socketpair
from struct import Struct

from convert.batch.model import ShardOutcome
from convert.errors import NO_MEMORY, EnvironmentFailed, PlainwikiError
from convert.inputs.piece import Shard
from convert.io import console
from convert.io.atomic import writing

Work = Callable[[Shard], ShardOutcome]

#: An outcome, or why there is none.
Answer = ShardOutcome | PlainwikiError

# A message begins with the size of what is pickled in it and a number: which slot a shard's part is for, or how many
# bytes of that slot an outcome's part takes.
_HEADER = Struct("=QQ")

# The status of a worker that ran out of memory: telling it takes none.
_NO_MEMORY = 12

# How Python, a library, or what loads libraries says that there is none.
_SAYS_NO_MEMORY = re.compile(
    "MemoryError|(?i:out of memory|not enough memory|memory alloc|cannot allocate|bad_alloc|failed to map segment)"
)
_SAID_BYTES = 1 << 16

_ENDING_S = 10


def memory(name: str) -> int:
    """Open a file that has no name, in memory where the system can do that."""
    if sys.platform == "linux":
        return os.memfd_create(name)
    else:  # noqa: RET505  # type checkers know what else is unreachable
        from tempfile import TemporaryFile

        with TemporaryFile() as file:
            return os.dup(file.fileno())


class Worker:
    """A process, and the shards that it was sent and has not worked yet: their names, numbers and slots."""

    def __init__(self, packed: bytes, slots: Sequence[int]) -> None:
        self.shards: deque[tuple[str, int, int]] = deque()
        self.connection, theirs = socketpair()
        # Held back: what a library says of a want of memory is said in our message.
        self._errors = memory("worker-errors")
        served = f"from convert.batch.engines.worker_process import serve; serve({theirs.fileno()}, {slots})"
        program = f"import sys; sys.path[:] = {sys.path!r}\n{served}"
        # A process group of its own: Ctrl-C is for us, who then end the workers.
        self.process = subprocess.Popen(
            [sys.executable, "-c", program],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._errors,
            pass_fds=[theirs.fileno(), *slots],
            process_group=0,
        )
        theirs.close()
        self._send(packed, 0)

    def send(self, shard: Shard, packed: bytes, slot: int) -> None:
        """Hand out a shard."""
        # Not all of it is kept here: it may hold what was unpacked.
        self.shards.append((shard.named, shard.number, slot))
        self._send(packed, slot)

    def _send(self, packed: bytes, number: int) -> None:
        # Whether a worker has died shows when its answer is received.
        with suppress(BrokenPipeError, ConnectionResetError):
            _send(self.connection, packed, number)

    def receive(self) -> tuple[Answer, int, int, int]:
        """Take the answer to the shard handed out first, its number, its slot, and how many bytes its part takes there.

        Raises EnvironmentFailed if the process has died.
        """
        try:
            packed, size = _received(self.connection)
        except (EOFError, ConnectionResetError):
            raise self._died() from None
        answer: Answer = pickle.loads(packed)
        _, number, slot = self.shards.popleft()
        return answer, number, slot, size

    def _died(self) -> EnvironmentFailed:
        """Say how the process has ended."""
        status, said = self._status(), self._said()
        where = f" while it converted {self.shards[0][0]}" if self.shards else ""
        if status == _NO_MEMORY or _SAYS_NO_MEMORY.search(said):
            return EnvironmentFailed(f"a worker process ran out of memory{where}: {NO_MEMORY}")
        self._tell(said)
        if status < 0:
            how = f"was killed by {signal.Signals(-status).name}{where}; is there enough memory? try fewer --jobs"
        else:
            how = f"ended with status {status}{where}"
        return EnvironmentFailed(f"a worker process {how}")

    def _status(self) -> int:
        """Wait for the exit status of a process that has closed its connection."""
        try:
            return self.process.wait(_ENDING_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()

    def _said(self) -> str:
        size = os.fstat(self._errors).st_size
        return os.pread(self._errors, _SAID_BYTES, max(0, size - _SAID_BYTES)).decode(errors="replace").strip()

    def _tell(self, said: str) -> None:
        """Show what was said on standard error: warnings, or how a mistake of ours came about."""
        for line in said.splitlines():
            console.line(line, err=True)

    def stop(self, tells: bool) -> None:
        """End the process at once, whatever it is at: nothing that it holds is wanted any more."""
        self.process.kill()
        self.process.wait()
        self.connection.close()
        if tells:
            self._tell(self._said())
        os.close(self._errors)


def serve(descriptor: int, slots: Sequence[int]) -> None:
    """Be a worker: receive the work, then shards, and send answers, until the connection is closed."""
    connection = socket(fileno=descriptor)
    try:
        work: Work = pickle.loads(_received(connection)[0])
        while True:
            packed, slot = _received(connection)
            answer, size = _answer(work, pickle.loads(packed), slots[slot])
            _send(connection, pickle.dumps(answer), size)
    except (EOFError, BrokenPipeError, ConnectionResetError):
        # Whoever started us has ended, or wants no more.  Putting away what we hold would take a while.
        os._exit(0)
    except MemoryError:
        os._exit(_NO_MEMORY)
    except BaseException:
        # Leaving in the usual way would wait for the threads of libraries.
        for line in traceback.format_exc().splitlines():
            console.line(line, err=True)
        os._exit(1)


def _answer(work: Work, shard: Shard, slot: int) -> tuple[Answer, int]:
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
