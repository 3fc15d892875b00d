"""What Ray costs on one machine: ``python -m tests.tools.bench.ray``.

The same job, of about a minute, in processes and on a Ray of its own, in turn: the median of the ratios of the time by
the clock, with everything that either starts and ends.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from tests.tools.bench.batch import corpus, in_stream
from tests.tools.bench.speed import ARTICLES, PLAINWIKI, run, say

JOBS = min(2, os.cpu_count() or 1)
JOB_S = 60
PROBE_MB = 200
PAIRS = 3
BAR = 1.25


def seconds(source: Path, engine: str) -> float:
    """Run a batch; give its time by the clock."""
    command = ["batch", str(source), "-t", "wikitext", "-j", str(JOBS), "--engine", engine, "--restart", "--quiet"]
    made = source.with_suffix(".jsonl")
    made.unlink(missing_ok=True)
    start = perf_counter()
    run([*PLAINWIKI, *command, "-o", str(made)])
    took = perf_counter() - start
    if not made.exists():
        sys.exit(f"{engine}: nothing was written")
    return took


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as name:
        source = Path(name) / "stream.txt"
        in_stream(corpus(ARTICLES, PROBE_MB), source)
        size = PROBE_MB * JOB_S / seconds(source, "local")
        in_stream(corpus(ARTICLES, size), source)
        pairs = [(seconds(source, "local"), seconds(source, "ray")) for _ in range(PAIRS)]
    local, ray = (statistics.median(times) for times in zip(*pairs, strict=True))
    say(f"{size:,.0f} MB in {JOBS} processes", f"{local:.1f} s")
    say(f"the same on Ray with {JOBS} processors, with its start", f"{ray:.1f} s")
    ratio = statistics.median(ray / local for local, ray in pairs)
    say("Ray in terms of the processes", f"{ratio:.2f}", f"at most {BAR}")


if __name__ == "__main__":
    main()
