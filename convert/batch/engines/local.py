"""Who works off the shards: this process, or several.

An engine takes shards in order, has each worked, and yields the outcomes in the same order.  It asks for the next shard
only when somebody can work it, so neither what waits for work nor what waits for its turn can grow.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from itertools import chain, islice

from convert.batch.model import ShardOutcome
from convert.inputs.piece import Shard

Work = Callable[[Shard], ShardOutcome]


def run(shards: Iterator[Shard], work: Work, jobs: int) -> Generator[ShardOutcome, None, None]:
    """Work shards in as many processes; in this one if one is wanted, or if there is one shard only.

    Raises EnvironmentFailed if a process dies, and whatever PlainwikiError the work raises.
    """
    first = list(islice(shards, 2)) if jobs > 1 else []
    if len(first) < 2:
        yield from map(work, chain(first, shards))
        return
    # Loaded here, because what it takes to start processes takes longer to load than a small run lasts.
    from convert.batch.engines.processes import processes

    yield from processes(chain(first, shards), work, jobs)
