"""The Ray engine: shards converted on a cluster, with the same outcomes in the same order.

Each shard is a task.  It is retried elsewhere when its worker or machine is lost, also when its outcome was lost with
the machine that held it.  Only a few more tasks are submitted than the cluster has processors (backpressure).

Inputs and outputs must be on a file system that all machines share under the same paths, or at addresses; every machine
must have the same version of plainwiki installed.

Source: https://docs.ray.io/en/latest/ray-core/fault_tolerance/tasks.html
"""

from __future__ import annotations

import os
import pickle
import signal
import socket
from collections import deque
from collections.abc import Generator, Iterator
from contextlib import contextmanager, redirect_stdout
from functools import lru_cache
from io import TextIOBase
from itertools import chain
from typing import Any, NamedTuple

from convert import __version__
from convert.batch.engines.local import Work
from convert.batch.model import ShardOutcome
from convert.errors import NO_MEMORY, EnvironmentFailed, PlainwikiError, UsageError
from convert.expressions import expression
from convert.inputs.piece import Shard
from convert.io import console
from convert.io.remote import is_remote

#: The address that means a private Ray on this machine, for this run only.
LOCAL = "local"

# How many shards per processor may be under way, counted from the one whose outcome is next in order.
_SHARDS_AHEAD = 4

# A shard that has killed so many workers or machines is not retried.
_TRIES = 4

_CONNECT_TIMEOUT_S = 10
_STOP_TIMEOUT_S = 10

_COLOR = expression("\x1b\\[[0-9;]*m")
_SHARED_PATHS_ADVICE = "all machines must share the file system of the inputs and outputs, under the same paths"


class _Answer(NamedTuple):
    """The outcome of a shard on the machine ``node``; ``missing`` is a file that was not found there."""

    outcome: ShardOutcome | PlainwikiError
    node: str
    missing: str


def run(
    shards: Iterator[Shard], work: Work, address: str = LOCAL, jobs: int | None = None
) -> Generator[ShardOutcome, None, None]:
    """Convert shards on the cluster at an address, one at a time on each of its processors.

    ``address`` is HOST:PORT, ``auto`` for the cluster that this machine belongs to, or ``local``, which has ``jobs``
    processors.  Raises UsageError if Ray is not installed, EnvironmentFailed if the cluster cannot be reached or a
    shard kills one worker after the other, and whatever PlainwikiError the work raises.
    """
    first = next(shards, None)
    if first is None:
        return  # Ray takes seconds to start
    shards = chain([first], shards)
    with _connected(address, jobs) as ray:
        limit = _SHARDS_AHEAD * int(ray.cluster_resources().get("CPU", 1))
        task = ray.remote(_answered).options(name="plainwiki", max_retries=_TRIES - 1, scheduling_strategy="SPREAD")
        packed = ray.put(pickle.dumps(work))
        pending: deque[tuple[Shard, Any]] = deque()
        more = True
        try:
            while pending or more:
                # Finished outcomes come first: the next shard may take long to arrive.
                wait_s = 0 if more and len(pending) < limit else None
                if pending and ray.wait([pending[0][1]], timeout=wait_s)[0]:
                    yield _outcome(ray, *pending.popleft())
                elif shard := next(shards, None):
                    pending.append((shard, task.remote(packed, shard, os.getcwd(), __version__)))
                else:
                    more = False
        finally:
            _stop(ray, [answer for _, answer in pending])


@contextmanager
def _connected(address: str, jobs: int | None) -> Iterator[Any]:
    """Yield Ray, connected; an existing connection is used and stays open."""
    # By default Ray sends usage statistics, tries for five minutes to connect, and retries forever what runs out of
    # memory.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_NUM_REDIS_GET_RETRIES", "1")
    os.environ.setdefault("RAY_task_oom_retries", "0")
    try:
        import ray
    except ImportError:
        raise UsageError("the engine ray needs Ray, which is not installed: pip install 'plainwiki[ray]'") from None
    if ray.is_initialized():
        yield ray
        return
    own = {"num_cpus": jobs, "include_dashboard": False, "_node_ip_address": "127.0.0.1"} if address == LOCAL else {}
    _check_address(address)
    terminated = signal.getsignal(signal.SIGTERM)
    with redirect_stdout(_Remarks()):
        try:
            ray.init(address=address, log_to_driver=False, logging_level="error", **own)
        except (OSError, RuntimeError, ValueError, SystemExit) as error:
            raise EnvironmentFailed(f"no connection to Ray at {address}: {' '.join(str(error).split())}") from None
        finally:
            if signal.getsignal(signal.SIGTERM) != terminated:
                signal.signal(signal.SIGTERM, terminated)  # Ray's own would change our exit status
        try:
            yield ray
        finally:
            ray.shutdown()


class _Remarks(TextIOBase):
    """Standard output for Ray: the gist of what it prints goes to standard error."""

    def write(self, text: str) -> int:
        """Print the first two sentences: advice and a page of a machine's logs follow them."""
        sentences = _COLOR.sub("", text.strip()).partition("\n")[0].split(". ")[:2]
        if sentences[0]:
            console.say(f"Ray: {'. '.join(sentences)}")
        return len(text)


def _check_address(address: str) -> None:
    """Raise unless something listens at the address: Ray itself would retry for minutes."""
    if address in (LOCAL, "auto"):
        return
    host, _, port = address.rpartition("://")[2].rpartition(":")
    if not host or not port.isdigit():
        raise UsageError(f"'{address}' is no address of Ray: give HOST:PORT, auto or {LOCAL}")
    try:
        socket.create_connection((host.strip("[]"), int(port)), _CONNECT_TIMEOUT_S).close()
    except (OSError, OverflowError) as error:
        why = getattr(error, "strerror", None) or error
        raise EnvironmentFailed(f"no Ray at {address}: {why}; is it the address that 'ray start' printed?") from None


def _answered(packed: bytes, shard: Shard, folder: str, version: str) -> _Answer:
    """Convert a shard on this machine of the cluster."""
    node = socket.gethostname()
    try:
        if version != __version__:
            raise EnvironmentFailed(f"{node} has plainwiki {__version__}, but it is {version} here: install the same")
        read = (piece.path for piece in shard.pieces if piece.content is None and not piece.refusal)
        paths = [piece for piece in read if not is_remote(piece)]
        try:
            os.chdir(folder)
        except OSError as error:
            if paths:
                raise EnvironmentFailed(
                    f"{node} cannot enter {folder}: {error.strerror}; {_SHARED_PATHS_ADVICE}"
                ) from None
        missing = next((path for path in paths if not os.path.exists(path)), "")
        return _Answer(_unpacked(packed)(shard), node, missing)
    except PlainwikiError as error:
        return _Answer(error, node, "")


@lru_cache(maxsize=1)
def _unpacked(packed: bytes) -> Work:
    """Return the work, unpickled once per process, so that it keeps what it has loaded."""
    work: Work = pickle.loads(packed)
    return work


def _outcome(ray: Any, shard: Shard, answer: Any) -> ShardOutcome:
    """Return the outcome of a finished shard."""
    try:
        outcome, node, missing = ray.get(answer)
    except ray.exceptions.RayTaskError as error:
        if isinstance(error.cause, ModuleNotFoundError):
            lacking = f"a machine of the cluster lacks {error.cause.name}: install plainwiki {__version__} on all"
            raise EnvironmentFailed(lacking) from None
        if isinstance(error.cause, MemoryError):
            raise EnvironmentFailed(f"not enough memory for {shard.named}: {NO_MEMORY}") from None
        raise
    except ray.exceptions.OutOfMemoryError:
        raise EnvironmentFailed(f"not enough memory for {shard.named}, in {_TRIES} tries: {NO_MEMORY}") from None
    except ray.exceptions.RayError as error:
        why = " ".join(str(error).split())
        raise EnvironmentFailed(f"Ray gave up {shard.named} after {_TRIES} tries: {why}") from None
    if isinstance(outcome, PlainwikiError):
        raise outcome
    if missing and os.path.exists(missing):
        raise EnvironmentFailed(f"{node} does not see {missing}: {_SHARED_PATHS_ADVICE}")
    assert isinstance(outcome, ShardOutcome)
    return outcome


def _stop(ray: Any, answers: list[Any]) -> None:
    """Cancel unfinished tasks and wait for them, so that none writes a file later."""
    for answer in answers:
        ray.cancel(answer, force=True)
    if answers:
        ray.wait(answers, num_returns=len(answers), timeout=_STOP_TIMEOUT_S, fetch_local=False)
