"""The local engine: shards converted in this process, or in several.

An engine takes shards in order and yields their outcomes in the same order.  It requests a shard only when a worker is
free for it, so that neither queue, of shards or of outcomes, can grow (backpressure).
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from itertools import chain, islice

from convert.batch.model import ShardOutcome
from convert.inputs.piece import Shard

Work = Callable[[Shard], ShardOutcome]


def run(shards: Iterator[Shard], work: Work, jobs: int) -> Generator[ShardOutcome, None, None]:
    """Convert shards in ``jobs`` processes; in this one for one job, or if there is only one shard.

    Raises EnvironmentFailed if a process dies, and whatever PlainwikiError the work raises.
    """
    first = list(islice(shards, 2)) if jobs > 1 else []
    if len(first) < 2:
        yield from map(work, chain(first, shards))
        return
    # Imported here, because that takes longer than a small run.
    from convert.batch.engines.processes import processes

    yield from processes(chain(first, shards), work, jobs)
