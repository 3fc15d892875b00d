"""A run tells how far it is: on a terminal by a bar, elsewhere by a line now and then."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import time
from pathlib import Path

import pytest

from convert.batch import progress
from convert.inputs.sources import Size
from tests.support.commands import PROGRAM, articles


def test_lines_come_now_and_then(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    total = progress.Total(lambda: Size(157_800_000, 24_690))
    while total.size is None:  # a thread counts
        time.sleep(0.001)
    lines = progress.Lines(total)
    lines.update(1, 0, 1)
    now[0] = 10.0
    lines.update(12_345, 6, 78_900_000)
    lines.close()
    said = capfd.readouterr().err
    assert said == "plainwiki: 12,345 of 24,690 · 50 % · 0:10 left · 6 rejected · 1,234 documents/s · 7.9 MB/s\n"


def test_a_terminal_has_a_bar_that_goes_away(tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_bytes(articles(2000))
    command = [*PROGRAM, "batch", f"{tmp_path}/in.txt", "-j", "1", "-t", "json", "-o", f"{tmp_path}/out.jsonl"]
    text = _on_a_terminal(command, 120)
    assert "━" in text
    assert "2,000 read = 2,000 written + 0 rejected" in text
    assert re.search(r"plainwiki: wrote \S+/out.jsonl: [0-9.]+ MB in [0-9:]+\s*$", text)


@pytest.mark.parametrize("columns", [40, 80, 120])
def test_diagnostics_stand_above_the_bar(tmp_path: Path, columns: int) -> None:
    (tmp_path / "in").mkdir()
    for number in range(40):
        (tmp_path / "in" / f"{number:02}.txt").write_text(f"= Bad [{number:02}] =\n\nText.\n")
    command = [*PROGRAM, "batch", f"{tmp_path}/in", "-j", "1", "-o", f"{tmp_path}/out"]
    text = _on_a_terminal(command, columns)
    lines = [line for line in text.splitlines() if ": error: " in line]
    assert len(lines) == 40
    assert all(line.endswith("[title-invalid]") and "━" not in line for line in lines), lines
    assert ("━" in text) == (columns >= progress.NARROW)


@pytest.mark.parametrize(
    ("read", "done", "size", "expected"),
    [
        (116, 42, Size(100, 13_860), "116 of 13,860 · 42 % · 1:23 left"),
        (116, 42, Size(100, 1), "116 read · 42 % · 1:23 left"),
        (0, 0, Size(100, 5), "0 of 5 · 0 %"),
        (7, 42, None, "7 read"),
        (7, 42, Size(41, 5), "7 read"),
    ],
)
def test_how_far_a_run_is(read: int, done: int, size: Size | None, expected: str) -> None:
    assert " · ".join(progress.figures(read, done, size, 60.0)) == expected


def test_misspelt_input_leaves_nothing_behind(tmp_path: Path) -> None:
    done = subprocess.run(
        [*PROGRAM, "batch", "nosuch", "-o", "out"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, list(tmp_path.iterdir())) == (3, [])
    assert (
        done.stderr == "plainwiki: nosuch: there is no such file or folder, and nothing else to read: check its name\n"
    )


def _on_a_terminal(command: list[str], columns: int) -> str:
    """Run a command whose standard error is a terminal; return what it says there, without movements."""
    terminal, its_end = pty.openpty()
    with subprocess.Popen(command, stderr=its_end, env={**os.environ, "TERM": "xterm", "COLUMNS": str(columns)}):
        os.close(its_end)
        said = b"".join(iter(lambda: _read(terminal), b"")).decode()
    os.close(terminal)
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", said)


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # how Linux tells that the other end is closed
        return b""
