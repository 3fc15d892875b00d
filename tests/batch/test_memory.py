"""A run that is out of memory ends with one message, in all tries, and goes on from there when it has more."""

from __future__ import annotations

import errno
import os
import resource
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from convert.batch.engines.processes import processes
from convert.batch.model import ShardOutcome
from convert.errors import EnvironmentFailed, PlainwikiError
from convert.inputs.fetch import reason
from convert.inputs.piece import Piece, Shard
from tests.batch.test_faults import children, ended, running
from tests.support.commands import articles, contents, plainwiki

pytestmark = pytest.mark.slow

DESTINATIONS = ("lines.jsonl", "folder/")
COMMAND = ("batch", "-", "-t", "json", "-j", "2", "-q", "-o")

#: What comes in when workers may take no more memory: one article is large.
GIVEN = articles(1, 4_000_000, 4000) + articles(20, first=5000)

HELP = "give it more, try fewer --jobs, or refuse large documents by a smaller --max-document\n"


def limit(pid: int, more: int) -> None:
    """Let a process take so many bytes more than it has, and no more."""
    status = Path(f"/proc/{pid}/status").read_text()
    size = int(status.partition("VmSize:")[2].split()[0]) << 10
    resource.prlimit(pid, resource.RLIMIT_AS, (size + more, size + more))


class Ends:
    """Work that ends its process at the shard 7 as it is told, and is slow at those before it."""

    def __init__(self, how: str) -> None:
        self.how = how

    def __call__(self, shard: Shard) -> ShardOutcome:
        if shard.number == 7:
            match self.how:
                case "exit":
                    os._exit(0)
                case "abort":
                    os.write(2, b"terminate called after throwing an instance of 'std::bad_alloc'\n")
                    os.abort()
                case "mistake":
                    raise ValueError("\x1b[31mred")
                case "exhaustion":
                    limit(os.getpid(), 0)
                    assert bytearray(1 << 30)
                case "error":
                    raise EnvironmentFailed("no such luck")
                case signals:
                    os.kill(os.getpid(), signal.Signals[signals])
        return ShardOutcome(shard.number, [], {}, 0, {}, {}, {}, [], bytes(1 << 20))


def shards(count: int = 20) -> Iterator[Shard]:
    for number in range(count):
        yield Shard(number, (Piece(f"{number}.txt", "", "plain"),))


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ("SIGKILL", "was killed by SIGKILL while it converted 7.txt; is there enough memory? try fewer --jobs"),
        (
            "SIGBUS",
            "was killed by SIGBUS while it converted 7.txt; was a dictionary of links written over? "
            "put another in its place by mv",
        ),
        ("SIGSEGV", "was killed by SIGSEGV while it converted 7.txt; is there enough memory? try fewer --jobs"),
        ("abort", f"ran out of memory while it converted 7.txt: {HELP.strip()}"),
        ("exhaustion", f"ran out of memory while it converted 7.txt: {HELP.strip()}"),
        ("exit", "ended with status 0 while it converted 7.txt"),
        ("mistake", "ended with status 1 while it converted 7.txt"),
        ("error", "no such luck"),
    ],
)
def test_all_before_a_shard_that_fails_is_kept(how: str, told: str, capfd: pytest.CaptureFixture[str]) -> None:
    before = children(os.getpid())  # of other tests
    outcomes = processes(shards(), Ends(how), 3)
    assert [next(outcomes).number for _ in range(7)] == list(range(7))
    with pytest.raises(PlainwikiError) as failed:
        next(outcomes)
    assert str(failed.value).removeprefix("a worker process ") == told
    assert set(children(os.getpid())) <= set(before)
    said = capfd.readouterr().err
    assert ("ValueError: \\x1b[31mred\n" in said) == (how == "mistake")
    assert said.startswith("Traceback") if how == "mistake" else not said


class HalfAnswered:
    """Work whose process is gone in the middle of its answer."""

    def __call__(self, shard: Shard) -> ShardOutcome:
        for name in os.listdir("/proc/self/fd"):
            with suppress(OSError):  # it was open to list the others
                if stat.S_ISSOCK(os.fstat(int(name)).st_mode):
                    os.write(int(name), (1 << 20).to_bytes(8, sys.byteorder) + bytes(8 + shard.number))
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError


def test_worker_killed_in_the_middle_of_an_answer_leaves_nobody_waiting() -> None:
    with pytest.raises(EnvironmentFailed, match=r"was killed by SIGKILL while it converted 0.txt"):
        list(processes(shards(), HalfAnswered(), 2))


@pytest.mark.parametrize("kilobytes", [10_000, 14_000, 17_000, 20_000, 23_000])
def test_worker_that_has_no_memory_to_start_is_told(
    kilobytes: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    starved = tmp_path / "python"
    starved.write_text(f'#!/bin/sh\nulimit -v {kilobytes}\nexec "{sys.executable}" "$@"\n')
    starved.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(starved))
    with pytest.raises(EnvironmentFailed, match="a worker process ran out of memory"):
        list(processes(shards(), Ends(""), 2))
    assert capfd.readouterr().err == ""


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Convert what the starved runs are given, in peace, to both destinations."""
    folder = tmp_path_factory.mktemp("peace")
    for dest in DESTINATIONS:
        assert plainwiki(*COMMAND, f"{folder}/{dest}", given=articles(3000) + GIVEN).returncode == 0
    return contents(folder)


@pytest.mark.parametrize("dest", DESTINATIONS)
@pytest.mark.parametrize("room", [0, 4, 12])
def test_starved_run_ends_and_goes_on_with_more(
    tmp_path: Path, expected: dict[str, bytes], dest: str, room: int
) -> None:
    """``room`` is how many megabytes a worker may take beyond what it has when it waits for work."""
    with running(f"{tmp_path}/{dest}") as process:
        for worker in children(process.pid):
            limit(worker, room << 20)
        assert process.stdin
        with suppress(BrokenPipeError):  # it may have ended before it read all
            process.stdin.write(GIVEN)
        code, said = ended(process)
    assert code == 3
    *progress, told = said.splitlines()
    assert all("documents/s" in line for line in progress)
    assert told.startswith(("plainwiki: not enough memory for <stdin>: give", "plainwiki: a worker process "))
    assert "memory" in told
    assert plainwiki(*COMMAND, f"{tmp_path}/{dest}", given=articles(3000) + GIVEN).returncode == 0
    assert {name: text for name, text in expected.items() if name.startswith(dest)} == contents(tmp_path)


def starved(call: str, *arguments: str) -> str:
    """Run an expression in a process that may take hardly any memory more; return what it prints."""
    limited = (
        "import resource; from tests.batch.test_memory import limit; import os, sys\n"
        "from convert.inputs import decompress; from convert.inputs.parquet import reader\n"
        f"{call}"
    )
    ran = subprocess.run([sys.executable, "-c", limited, *arguments], capture_output=True, check=False, text=True)
    return ran.stdout + ran.stderr


def test_want_of_memory_is_no_fault_of_an_input(tmp_path: Path) -> None:
    """Which would be noted as damaged, and left out of what is written."""
    import pyarrow
    from pyarrow import parquet

    from convert.io.compression import pack

    table = tmp_path / "table.parquet"
    parquet.write_table(pyarrow.table({"text": ["word " * 4_000_000]}), table)
    packed = tmp_path / "packed.zst"
    packed.write_bytes(pack(os.urandom(1 << 20) * 8, "zst"))
    read_table = "reader.row_group(sys.argv[1], '', 0, (), 1, 1 << 40)"
    unpack = "decompress.Decompressed(open(sys.argv[1], 'rb'), 'zst', 100).read()"
    for call, path in (read_table, table), (unpack, packed):
        program = f"limit(os.getpid(), 4 << 20)\ntry: {call}\nexcept MemoryError: print('no memory')"
        assert starved(program, str(path)) == "no memory\n"


def test_system_without_memory_is_no_fault_of_an_input() -> None:
    with pytest.raises(MemoryError):
        reason(OSError(errno.ENOMEM, "Cannot allocate memory"))
    assert reason(OSError(errno.EACCES, "Permission denied")) == "Permission denied"
