"""What workers make comes back whole and in order, however large, and what it took is given back."""

from __future__ import annotations

import os
import resource
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from convert.batch.engines.processes import processes
from convert.batch.model import ShardOutcome
from convert.inputs.piece import Piece, Shard
from tests.support.commands import PROGRAM, articles

#: Three for each of two processes.
SLOTS = 6

SIZES = (0, 1, 9 << 20, 3, 0, 5 << 20, 2 << 20, *range(60), 6 << 20, 7)


def part(number: int) -> bytes:
    return bytes([number % 251]).ljust(SIZES[number], b"~")[: SIZES[number]]


def made(shard: Shard) -> ShardOutcome:
    return ShardOutcome(shard.number, [], {}, 0, {}, {}, {}, [], part(shard.number))


def shards() -> Iterator[Shard]:
    for number in range(len(SIZES)):
        yield Shard(number, (Piece(f"{number}", "", "plain"),))


def held() -> dict[int, int]:
    """The memory files that this process has open, with their sizes."""
    found = {}
    for name in os.listdir("/proc/self/fd"):
        with suppress(FileNotFoundError):  # it was open to list the others
            if "memfd:plainwiki" in os.readlink(f"/proc/self/fd/{name}"):
                told = os.stat(int(name))
                found[told.st_ino] = told.st_size
    return found


def test_parts_of_every_size_come_back_in_order() -> None:
    outcomes = processes(shards(), made, 2)
    for number, outcome in enumerate(outcomes):
        assert outcome.number == number
        assert outcome.part == part(number)
    assert number == len(SIZES) - 1


def test_memory_of_large_parts_is_given_back() -> None:
    outcomes = processes(shards(), made, 2)
    most = []
    for outcome in outcomes:
        del outcome  # what looks at memory keeps it
        assert len(held()) == SLOTS
        most.append(sum(held().values()))
    assert max(most) > 9 << 20
    assert most[40] < 3 << 20
    assert held() == {}


def test_who_stops_early_leaves_nothing_open() -> None:
    outcomes = processes(shards(), made, 2)
    next(outcomes)
    assert held()
    outcomes.close()
    assert held() == {}


@pytest.mark.slow
def test_more_processes_than_the_system_lets_open_files(tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_bytes(articles(600))
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    ran = subprocess.run(
        [*PROGRAM, "batch", tmp_path / "in.txt", "-j", "12", "-o", tmp_path / "out.jsonl"],
        capture_output=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (50, hard)),
    )
    assert ran.stderr.decode() == "plainwiki: 600 read = 600 written + 0 rejected\n"
