"""One worker process: start, messages, detection of its death, and its main loop.

Each worker has a connection of its own, so that its end of file means that the other side has died, whatever the reason
and the moment: a worker killed in the middle of an answer leaves nobody waiting.
"""

from __future__ import annotations

import os
import pickle
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
from convert.expressions import expression
from convert.inputs.piece import Shard
from convert.io import console
from convert.io.atomic import writing

Work = Callable[[Shard], ShardOutcome]

#: An outcome, or why there is none.
Answer = ShardOutcome | PlainwikiError

# Header of a message: size of its pickle, and a number: the slot for a shard's part, or the size of an outcome's part.
_HEADER = Struct("=QQ")

# Exit status of a worker that ran out of memory: it takes no memory to report.
_NO_MEMORY = 12

# How Python, libraries, and the loader of libraries report that there is no memory.
# SystemError among them: an allocation that fails within the interpreter may set no exception.
_SAYS_NO_MEMORY = expression(
    "MemoryError|SystemError: .* without (?:setting an )?exception"
    "|(?i:out of memory|not enough memory|memory alloc|cannot allocate|bad_alloc|failed to map segment)"
)
_STDERR_BYTES = 1 << 16

_EXIT_TIMEOUT_S = 10


def memory(name: str) -> int:
    """Open an anonymous file, in memory where the system supports it."""
    if sys.platform == "linux":
        return os.memfd_create(name)
    else:  # noqa: RET505  # type checkers know what else is unreachable
        from tempfile import TemporaryFile

        with TemporaryFile() as file:
            return os.dup(file.fileno())


class Worker:
    """A process, and the shards sent to it and not yet answered: their names, numbers and slots."""

    def __init__(self, packed: bytes, slots: Sequence[int]) -> None:
        self.shards: deque[tuple[str, int, int]] = deque()
        self.connection, theirs = socketpair()
        # Captured: what a library says about missing memory becomes part of our message.
        self._errors = memory("worker-errors")
        served = f"from convert.batch.engines.worker_process import serve; serve({theirs.fileno()}, {slots})"
        program = f"import sys; sys.path[:] = {sys.path!r}\n{served}"
        # A process group of its own: Ctrl-C reaches only the parent, which then kills the workers.
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
        """Send a shard."""
        # The shard itself is not kept: it may hold uncompressed content.
        self.shards.append((shard.named, shard.number, slot))
        self._send(packed, slot)

    def _send(self, packed: bytes, number: int) -> None:
        # A dead worker is detected when its answer is received.
        with suppress(BrokenPipeError, ConnectionResetError):
            _send(self.connection, packed, number)

    def receive(self) -> tuple[Answer, int, int, int]:
        """Return the answer to the first shard sent, its number, its slot, and the size of its part there.

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
        """Return an error that says how the process has ended."""
        status, stderr = self._status(), self._stderr()
        where = f" while it converted {self.shards[0][0]}" if self.shards else ""
        if status == _NO_MEMORY or _SAYS_NO_MEMORY.search(stderr):
            return EnvironmentFailed(f"a worker process ran out of memory{where}: {NO_MEMORY}")
        self._show(stderr)
        if status == -signal.SIGBUS:
            end = f"was killed by SIGBUS{where}; was a dictionary of links written over? put another in its place by mv"
        elif status < 0:
            end = f"was killed by {signal.Signals(-status).name}{where}; is there enough memory? try fewer --jobs"
        else:
            end = f"ended with status {status}{where}"
        return EnvironmentFailed(f"a worker process {end}")

    def _status(self) -> int:
        """Wait for the exit status of a process that has closed its connection; kill it if it does not exit."""
        try:
            return self.process.wait(_EXIT_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()

    def _stderr(self) -> str:
        size = os.fstat(self._errors).st_size
        return os.pread(self._errors, _STDERR_BYTES, max(0, size - _STDERR_BYTES)).decode(errors="replace").strip()

    def _show(self, stderr: str) -> None:
        """Print captured standard error: warnings, or the traceback of a bug."""
        for line in stderr.splitlines():
            console.line(line, err=True)

    def stop(self, show_stderr: bool) -> None:
        """Kill the process."""
        self.process.kill()
        self.process.wait()
        self.connection.close()
        if show_stderr:
            self._show(self._stderr())
        os.close(self._errors)


def serve(descriptor: int, slots: Sequence[int]) -> None:
    """Run as a worker: receive the work, then shards, and send answers, until the connection is closed."""
    connection = socket(fileno=descriptor)
    try:
        work: Work = pickle.loads(_received(connection)[0])
        while True:
            packed, slot = _received(connection)
            answer, size = _answer(work, pickle.loads(packed), slots[slot])
            _send(connection, pickle.dumps(answer), size)
    except (EOFError, BrokenPipeError, ConnectionResetError):
        # The parent has ended or is done.  An orderly exit would take a while.
        os._exit(0)
    except MemoryError:
        os._exit(_NO_MEMORY)
    except BaseException:
        # An orderly exit would wait for threads of libraries.
        for line in traceback.format_exc().splitlines():
            console.line(line, err=True)
        os._exit(1)


def _answer(work: Work, shard: Shard, slot: int) -> tuple[Answer, int]:
    """Convert a shard; write the part to its slot and return its size."""
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
    """Receive exactly ``size`` bytes."""
    received = connection.recv(size, MSG_WAITALL)
    while len(received) < size:
        more = connection.recv(size - len(received), MSG_WAITALL)
        if not more:
            raise EOFError
        received += more
    return received
