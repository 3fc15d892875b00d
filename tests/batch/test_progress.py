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
from tests.support.commands import PROGRAM, articles


def test_lines_come_now_and_then(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    total = progress.Total(lambda: 157_800_000)
    while total.bytes is None:  # a thread counts
        time.sleep(0.001)
    lines = progress.Lines(total)
    lines.update(1, 0, 1)
    now[0] = 10.0
    lines.update(12_345, 6, 78_900_000)
    lines.close()
    said = capfd.readouterr().err
    assert said == "plainwiki: 12,345 read, 6 rejected, 78.9 MB, 1,234 documents/s, 7.9 MB/s, about 0:10 left\n"


def test_a_terminal_has_a_bar_that_goes_away(tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_bytes(articles(2000))
    terminal, its_end = pty.openpty()
    command = [*PROGRAM, "batch", f"{tmp_path}/in.txt", "-j", "1", "-t", "json", "-o", f"{tmp_path}/out.jsonl"]
    with subprocess.Popen(command, stderr=its_end, env={**os.environ, "TERM": "xterm", "COLUMNS": "120"}):
        os.close(its_end)
        said = b"".join(iter(lambda: _read(terminal), b"")).decode()
    os.close(terminal)
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", said)
    assert "━" in text
    assert " 0 rejected" in text
    assert text.rstrip().endswith("plainwiki: 2,000 read = 2,000 written + 0 rejected")


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # how Linux tells that the other end is closed
        return b""
