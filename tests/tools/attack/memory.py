"""Workers with a memory limit, and documents that need much: each run ends with one message.

The limit is random, and so is the place of failure: while a shard is received, read, converted or compressed, while the
answer is written, or while the failure is reported.
"""

from __future__ import annotations

import os
import random
import resource
from collections.abc import Iterator
from pathlib import Path

from convert.batch.engines.processes import processes
from convert.batch.job.worker import Worker
from convert.batch.model import OutputTarget, ShardOutcome, Task
from convert.diagnostics import Severity
from convert.errors import EnvironmentFailed
from convert.inputs.piece import Piece, Shard

TOKENS = ("word ", "* item\n", "\n\n", "== Heading ==\n", "[[", "{{", "\U0001f600", "'''", "a | b\n", "&amp;", "\t")
TARGETS = (("json", "line"), ("wikitext", "line"), ("export", "item"), ("html", "line"))
SHARDS = 4


class Starved(Worker):
    """A worker whose memory is limited, from its second shard on, to its current size plus some bytes."""

    def __init__(self, task: Task, packing: str, room: int) -> None:
        super().__init__(task, OutputTarget("", packing), Severity.ERROR)
        self.room = room
        self._began = False

    def __reduce__(self) -> tuple[type[Starved], tuple[Task, str, int]]:
        assert self.target.packing is not None
        return Starved, (self.task, self.target.packing, self.room)

    def __call__(self, shard: Shard) -> ShardOutcome:
        if self._began:
            size = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGESIZE")
            resource.setrlimit(resource.RLIMIT_AS, (size + self.room, resource.RLIM_INFINITY))
        self._began = True
        return super().__call__(shard)


def shards(chance: random.Random) -> Iterator[Shard]:
    """Make shards named by their number of documents; the first of each worker is small."""
    for number in range(SHARDS):
        tokens = chance.choices(TOKENS, k=8)
        size = chance.randrange(1, 200_000) if number >= 2 else 8
        text = f"= Title {number} =\n\n" + "".join(tokens) * (size // 8)
        yield Shard(number, (Piece(f"{number}.txt", "", "plain", content=text.encode()),))


def attack(chance: random.Random, folder: Path) -> None:
    """Run two starved workers; each outcome comes in order, or one message ends the run."""
    task = Task(*chance.choice(TARGETS))  # type: ignore[arg-type]
    work = Starved(task, chance.choice(("", "gz", "bz2", "zst")), int(2 ** chance.uniform(10, 26)))
    done = 0
    try:
        for outcome in processes(shards(chance), work, 2):
            assert outcome.number == done
            assert [record.source for record in outcome.records] == [f"{done}.txt"]
            assert not outcome.records[0].refusal or outcome.records[0].refusal.code == "too-large"
            done += 1
    except EnvironmentFailed as error:
        message = str(error)
        assert f"{done}.txt" in message, message
        assert "memory" in message, message
        assert "\n" not in message, message
    else:
        assert done == SHARDS
