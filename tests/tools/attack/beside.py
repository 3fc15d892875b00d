"""A hostile file in a folder with two honest ones: these are always written, and everything is counted."""

from __future__ import annotations

import contextlib
import io
import json
import resource
import sys
import time
from pathlib import Path

from convert.cli import main

HONEST = {"a.txt": "= First honest =\n\nText.\n", "z.txt": "= Last honest =\n\nText.\n"}
MAX_SECONDS = 30.0
MAX_OUTPUT_BYTES = 256 << 20
MAX_MEMORY_KIB = 700 << 10


def check(folder: Path, name: str, content: bytes, *options: str) -> dict[str, object]:
    """Run a batch over the folder; return its summary.  Raises AssertionError if a promise is broken."""
    (folder / "in").mkdir(exist_ok=True)
    for honest, text in HONEST.items():
        (folder / "in" / honest).write_text(text)
    (folder / "in" / name).write_bytes(content)
    arguments = [
        "batch", str(folder / "in"), "-t", "plain", "-o", str(folder / "out.jsonl"), "--restart", "-j", "1",
        "--summary", str(folder / "summary.json"), *options,
    ]  # fmt: skip
    errors, before, started = io.StringIO(), _peak(), time.process_time()
    with contextlib.redirect_stderr(errors):
        status = main(arguments)
    assert time.process_time() - started < MAX_SECONDS
    assert _peak() - before < MAX_MEMORY_KIB, f"{_peak() - before:,} KiB more"
    assert status in (0, 1), (status, errors.getvalue()[-2000:])
    assert "Traceback" not in errors.getvalue()
    summary: dict[str, object] = json.loads((folder / "summary.json").read_text())
    lines = (folder / "out.jsonl").read_bytes().splitlines()
    titles = [json.loads(line)["title"] for line in lines]
    assert {"First honest", "Last honest"} <= set(titles)
    rejects = folder / "out.jsonl.rejects.jsonl"
    rejected = len(rejects.read_bytes().splitlines()) if rejects.exists() else 0
    assert (summary["written"], summary["rejected"]) == (len(lines), rejected)
    assert summary["read"] == len(lines) + rejected
    assert (status == 1) == bool(rejected)
    assert sum(path.stat().st_size for path in folder.iterdir() if path.is_file()) < MAX_OUTPUT_BYTES
    assert sorted(path.name for path in (folder / "in").iterdir()) == sorted([*HONEST, name])
    return summary


def _peak() -> int:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak >> 10 if sys.platform == "darwin" else peak
