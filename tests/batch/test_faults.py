"""What goes wrong outside is told in one line, and leaves nothing half done."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.support.commands import PROGRAM, TIMEOUT_S, articles, contents, plainwiki, started

pytestmark = pytest.mark.slow

DESTINATIONS = ("folder/", "lines.jsonl", "dump.xml")


def children(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def waited(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + TIMEOUT_S
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


@contextmanager
def running(dest: Path | str) -> Iterator[subprocess.Popen[bytes]]:
    """Start a batch that has begun to work and waits for more input."""
    process = started("batch", "-", "-t", "json", "-j", "2", "-o", dest)
    assert process.stdin
    process.stdin.write(articles(3000))
    process.stdin.flush()
    waited(lambda: len(children(process.pid)) == 2)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def ended(process: subprocess.Popen[bytes]) -> tuple[int, str]:
    _, said = process.communicate(timeout=TIMEOUT_S)
    return process.returncode, said.decode()


def written(folder: Path) -> dict[str, bytes]:
    """What has its final name."""
    return {name: text for name, text in contents(folder).items() if not Path(name).name.startswith(".")}


def whole(folder: Path) -> bool:
    return all(text.startswith(b"{") and text.endswith(b"}\n") for text in written(folder).values())


def waiting(folder: Path) -> list[str]:
    """What an interrupted run keeps for the next, without its manifest."""
    return [path.name for path in folder.rglob(".*") if not path.name.endswith(".manifest.plainwiki")]


@pytest.mark.parametrize("dest", ["folder/", "lines.jsonl"])
@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_interrupted_run_leaves_what_is_whole(tmp_path: Path, dest: str, number: int, status: int) -> None:
    with running(f"{tmp_path}/{dest}") as process:
        if dest == "folder/":
            waited(lambda: any((tmp_path / dest).glob("*.json")))
        workers = children(process.pid)
        process.send_signal(number)
        code, said = ended(process)
    assert code == status
    kept = "\nplainwiki: what is finished is kept: the same command goes on from there\nplainwiki: interrupted\n"
    assert said == (kept if number == signal.SIGINT else "")
    assert not any(Path(f"/proc/{worker}").exists() for worker in workers)
    assert whole(tmp_path)
    assert waiting(tmp_path) in ([], [".lines.jsonl.plainwiki"])
    assert dest == "folder/" or not written(tmp_path)


def test_killed_worker_ends_the_run_with_a_message(tmp_path: Path) -> None:
    with running(f"{tmp_path}/out/") as process:
        os.kill(children(process.pid)[0], signal.SIGKILL)
        assert process.stdin
        with suppress(BrokenPipeError):  # it may have ended before it read all
            process.stdin.write(articles(3000, first=3000))
        code, said = ended(process)
    assert code == 3
    assert "plainwiki: a worker process was killed by SIGKILL" in said
    assert said.endswith("is there enough memory? try fewer --jobs\n")
    assert whole(tmp_path)
    assert not waiting(tmp_path)


def test_killed_run_takes_its_workers_along_and_the_next_one_clears_up(tmp_path: Path) -> None:
    with running(f"{tmp_path}/out/") as process:
        workers = children(process.pid)
        process.kill()
        process.wait()
    waited(lambda: not any(_alive(worker) for worker in workers))
    assert (tmp_path / "out" / ".plainwiki").exists()
    ran = plainwiki("batch", "-", "-t", "json", "-o", f"{tmp_path}/out/", given=articles(3))
    assert ran.returncode == 0
    assert not (tmp_path / "out" / ".plainwiki").exists()
    assert whole(tmp_path)


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("dest", ["out/", "out.jsonl"])
def test_second_run_on_the_same_output_is_told(tmp_path: Path, dest: str) -> None:
    with running(f"{tmp_path}/{dest}"):
        ran = plainwiki("batch", "-", "-t", "json", "-o", f"{tmp_path}/{dest}", given=b"= A =\n")
    assert ran.returncode == 3
    path = f"{tmp_path}/{dest.rstrip('/')}"
    assert ran.stderr.decode() == f"plainwiki: another run is writing {path}: wait for it, or choose another output\n"


@pytest.mark.parametrize("dest", DESTINATIONS)
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_full_disk_ends_the_run_with_a_message(tmp_path: Path, dest: str, jobs: str) -> None:
    """A limit on the size of files stands for the disk: the system refuses to write in the middle of a file."""
    (tmp_path / "in.txt").write_bytes(articles(700) + articles(1, 200_000, 700) + articles(700, first=701))
    # What workers leave in memory is a file to the system, too, of no more than a shard's bytes.
    limit = 100_000 if dest == "folder/" else 2_000_000
    ran = subprocess.run(
        [*PROGRAM, "batch", tmp_path / "in.txt", "-q", "-j", jobs, "-o", f"{tmp_path}/{dest}"],
        capture_output=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )
    assert ran.returncode == 3
    assert ran.stderr.decode() == f"plainwiki: cannot write {tmp_path}/{dest.rstrip('/')}: File too large\n"
    assert set(waiting(tmp_path)) <= {f".{dest}.plainwiki"}
    assert "Title 700.wiki" not in contents(tmp_path)
    assert dest == "folder/" or set(written(tmp_path)) == {"in.txt"}


def test_closed_pipe_ends_quietly(tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_bytes(articles(3000))
    process = started("convert", tmp_path / "in.txt")
    assert process.stdout
    process.stdout.read(100)
    process.stdout.close()
    assert process.wait(TIMEOUT_S) == 128 + signal.SIGPIPE
    assert process.stderr
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.stdin
    process.stdin.close()


def test_unreadable_file_is_one_reject(tmp_path: Path) -> None:
    """Also for the superuser, whom no permission stops: the file is a link to nowhere."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_bytes(articles(2))
    (tmp_path / "in" / "b.txt").symlink_to("nowhere")
    ran = plainwiki("batch", tmp_path / "in", "missing", "-o", tmp_path / "out.jsonl")
    assert ran.returncode == 3
    assert b"4 read = 2 written + 2 rejected" in ran.stderr
    assert (tmp_path / "out.jsonl").exists()
