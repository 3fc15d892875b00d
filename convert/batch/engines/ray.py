"""Shards worked by a Ray cluster: on as many machines as there are, with the same outcomes in the same order.

Each shard is a task.  One whose worker or machine is lost is worked anew elsewhere, and so is one whose outcome was
lost with the machine that held it.  Few more tasks are handed out than the cluster has processors, so neither what
waits for work nor what waits for its turn can grow.

Inputs and outputs lie on a file system that all machines share under the same paths, or at addresses; every machine has
the same plainwiki installed.

Source: https://docs.ray.io/en/latest/ray-core/fault_tolerance/tasks.html
"""

from __future__ import annotations

import os
import pickle
import re
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
from convert.inputs.piece import Shard
from convert.io import console
from convert.io.remote import is_remote

#: The address that means a Ray of one's own, on this machine and for this run.
LOCAL = "local"

# How many shards, for each processor, may be handed out before the one whose turn it is comes back.
_AHEAD = 4

# A shard that ends so many workers, or machines, is taken for the reason.
_TRIES = 4

_REACHABLE_S = 10
_STOPPED_S = 10

_COLOUR = re.compile("\x1b\\[[0-9;]*m")
_SHARE = "all machines must share the file system of the inputs and outputs, under the same paths"


class _Answer(NamedTuple):
    """What became of a shard on the machine ``node``; ``missing`` is a file that was not found there."""

    outcome: ShardOutcome | PlainwikiError
    node: str
    missing: str


def run(
    shards: Iterator[Shard], work: Work, address: str = LOCAL, jobs: int | None = None
) -> Generator[ShardOutcome, None, None]:
    """Work shards on the cluster at an address, as many at once as it has processors.

    ``address`` is HOST:PORT, ``auto`` for the cluster that this machine belongs to, or ``local``; ``jobs`` is how many
    processors the last has.  Raises UsageError if Ray is not installed, EnvironmentFailed if the cluster cannot be
    reached or a shard ends one worker after the other, and whatever PlainwikiError the work raises.
    """
    first = next(shards, None)
    if first is None:
        return  # Ray takes seconds to start
    shards = chain([first], shards)
    with _connected(address, jobs) as ray:
        limit = _AHEAD * int(ray.cluster_resources().get("CPU", 1))
        task = ray.remote(_answered).options(name="plainwiki", max_retries=_TRIES - 1, scheduling_strategy="SPREAD")
        packed = ray.put(pickle.dumps(work))
        given: deque[tuple[Shard, Any]] = deque()
        more = True
        try:
            while given or more:
                # What is done comes first: the next shard may be long in coming.
                wait_s = 0 if more and len(given) < limit else None
                if given and ray.wait([given[0][1]], timeout=wait_s)[0]:
                    yield _outcome(ray, *given.popleft())
                elif shard := next(shards, None):
                    given.append((shard, task.remote(packed, shard, os.getcwd(), __version__)))
                else:
                    more = False
        finally:
            _stop(ray, [each for _, each in given])


@contextmanager
def _connected(address: str, jobs: int | None) -> Iterator[Any]:
    """Give Ray, connected; a program that is connected already stays so."""
    # Ray tells its makers of each cluster, tries for five minutes to reach one, and tries forever what takes more
    # memory than a machine has.
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
    """Takes what Ray prints to standard output, where we print nothing, and tells the gist of it on standard error."""

    def write(self, text: str) -> int:
        """Tell the first two sentences: advice follows them, and a page of a machine's last words."""
        sentences = _COLOUR.sub("", text.strip()).partition("\n")[0].split(". ")[:2]
        if sentences[0]:
            console.say(f"Ray: {'. '.join(sentences)}")
        return len(text)


def _check_address(address: str) -> None:
    """Raise unless somebody listens at the address: Ray itself would try for minutes."""
    if address in (LOCAL, "auto"):
        return
    host, _, port = address.rpartition("://")[2].rpartition(":")
    if not host or not port.isdigit():
        raise UsageError(f"'{address}' is no address of Ray: give HOST:PORT, auto or {LOCAL}")
    try:
        socket.create_connection((host.strip("[]"), int(port)), _REACHABLE_S).close()
    except (OSError, OverflowError) as error:
        why = getattr(error, "strerror", None) or error
        raise EnvironmentFailed(f"no Ray at {address}: {why}; is the address that which 'ray start' told?") from None


def _answered(packed: bytes, shard: Shard, folder: str, version: str) -> _Answer:
    """Work a shard on whatever machine this is."""
    node = socket.gethostname()
    try:
        if version != __version__:
            raise EnvironmentFailed(f"{node} has plainwiki {__version__}, but it is {version} here: install the same")
        read = (each.path for each in shard.pieces if each.content is None and not each.refusal)
        paths = [each for each in read if not is_remote(each)]
        try:
            os.chdir(folder)
        except OSError as error:
            if paths:
                raise EnvironmentFailed(f"{node} cannot enter {folder}: {error.strerror}; {_SHARE}") from None
        missing = next((path for path in paths if not os.path.exists(path)), "")
        return _Answer(_unpacked(packed)(shard), node, missing)
    except PlainwikiError as error:
        return _Answer(error, node, "")


@lru_cache(maxsize=1)
def _unpacked(packed: bytes) -> Work:
    """Give the work that all shards share; it keeps what it has loaded."""
    work: Work = pickle.loads(packed)
    return work


def _outcome(ray: Any, shard: Shard, answer: Any) -> ShardOutcome:
    """Take the outcome of a shard that is done."""
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
        raise EnvironmentFailed(f"{node} does not see {missing}: {_SHARE}")
    assert isinstance(outcome, ShardOutcome)
    return outcome


def _stop(ray: Any, answers: list[Any]) -> None:
    """End the tasks whose answers nobody wants any more, so that none writes a file behind our back."""
    for each in answers:
        ray.cancel(each, force=True)
    if answers:
        ray.wait(answers, num_returns=len(answers), timeout=_STOPPED_S, fetch_local=False)
