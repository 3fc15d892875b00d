"""Where a file system has no locks, a lock file keeps two runs from one output and one state."""

from __future__ import annotations

import errno
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from convert.errors import EnvironmentFailed
from convert.io.locks import hold, release
from tests import ROOT
from tests.servers.no_locks import environment
from tests.support.commands import PROGRAM, TIMEOUT_S

#: Each starts the program as a process.
pytestmark = pytest.mark.slow

TOLD = "plainwiki: this file system has no locks: a lock file keeps other runs away: "
#: Opens a state, and writes to it.
STATE = """
import sys, time
from convert.upload.plan import WrittenPage
from convert.upload.state.state import State
state = State("state.sqlite", "https://wiki.example/w/api.php", False)
state.keep("Moya", WrittenPage(1, "0" * 40, "text"))
print("open", flush=True)
sys.stdin.read()
state.close()
"""


def _run(folder: Path, *command: str, answer: int = errno.ENOSYS, given: str = "") -> subprocess.CompletedProcess[str]:
    there = {**environment(folder, answer), "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        command, cwd=folder, env=there, input=given, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
    )


@pytest.mark.parametrize("answer", [errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP])
@pytest.mark.parametrize("output", ["o.jsonl", "o/", "o.parquet"])
def test_batch_runs_without_locks_and_says_so(tmp_path: Path, answer: int, output: str) -> None:
    (tmp_path / "in.txt").write_text("= Moya =\n\nA ship.\n")
    for _ in range(2):
        done = _run(tmp_path, *PROGRAM, "batch", "in.txt", "-o", output, "-t", "wikitext", answer=answer)
        assert done.returncode == 0, done.stderr
        assert done.stderr.count(TOLD) == 1
    assert (tmp_path / output.rstrip("/")).exists()
    assert not list(tmp_path.glob(".*lock"))


def test_output_of_another_run_is_left_alone_until_that_has_ended(tmp_path: Path) -> None:
    """Also if it was killed."""
    given = {**environment(tmp_path), "PYTHONPATH": str(ROOT)}
    command = [*PROGRAM, "batch", "-", "-o", "o.jsonl", "-t", "wikitext"]
    pipe = subprocess.PIPE
    first = subprocess.Popen(command, cwd=tmp_path, env=given, stdin=pipe, stdout=pipe, stderr=pipe)
    assert first.stderr
    assert TOLD.encode() in first.stderr.readline()
    second = _run(tmp_path, *command)
    assert second.returncode == 3
    assert f"another run is writing o.jsonl (process {first.pid} on " in second.stderr
    first.kill()
    first.communicate()
    assert list(tmp_path.glob(".*lock"))
    third = _run(tmp_path, *command, given="= Moya =\n\nA ship.\n")
    assert third.returncode == 0, third.stderr
    assert not list(tmp_path.glob(".*lock"))


def test_lock_file_of_a_process_that_is_gone_is_replaced(tmp_path: Path) -> None:
    path = str(tmp_path / "lock")
    ours = os.open(tmp_path, os.O_RDONLY)
    other = os.open(tmp_path, os.O_RDONLY)
    hold(ours, path, "another run has it")
    with pytest.raises(EnvironmentFailed, match=f"another run has it .process {os.getpid()} on "):
        hold(other, path, "another run has it")
    holder = json.loads(Path(path).read_text())
    release(ours)
    assert not os.path.exists(path)
    for stale in ({**holder, "process": 1 << 22}, {**holder, "began": "before"}):
        Path(path).write_text(json.dumps(stale))
        ours = os.open(tmp_path, os.O_RDONLY)
        hold(ours, path, "another run has it")
        release(ours)
    for foreign in (json.dumps({**holder, "host": f"not-{socket.gethostname()}"}), ""):
        Path(path).write_text(foreign)
        with pytest.raises(EnvironmentFailed, match="if it has ended, remove "):
            hold(other, path, "another run has it")
    os.unlink(path)
    os.symlink(tmp_path / "elsewhere", path)
    with pytest.raises(EnvironmentFailed, match="is a link"):
        hold(other, path, "another run has it")
    release(other)


def test_state_is_held_by_one_run_without_locks(tmp_path: Path) -> None:
    """And free again after a kill, with what was written."""
    given = {**environment(tmp_path, errno.ENOLCK), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", STATE]
    first = subprocess.Popen(
        command, cwd=tmp_path, env=given, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert first.stdout
    assert first.stdout.readline() == b"open\n"
    second = _run(tmp_path, *command, answer=errno.ENOLCK)
    assert "another run uses state.sqlite (process " in second.stderr
    first.send_signal(signal.SIGKILL)
    first.communicate()
    third = _run(tmp_path, *command, answer=errno.ENOLCK)
    assert (third.stdout, third.returncode) == ("open\n", 0), third.stderr
    # A file system with locks opens it, too; and the other way round.
    there = {**os.environ, "PYTHONPATH": str(ROOT)}
    shared = subprocess.run(command, cwd=tmp_path, env=there, input=b"", capture_output=True, check=False)
    assert shared.returncode == 0, shared.stderr
    assert _run(tmp_path, *command).returncode == 0
