"""What Ray costs on one machine: ``python -m tests.bench_ray``.

The same job, of about a minute, in processes and on a Ray of its own, in turn: the median of the ratios of the time by
the clock, with everything that either starts and ends.
"""

from __future__ import annotations

import os
import statistics
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from time import perf_counter

from tests.bench import FIXTURES, PLAINWIKI, run, say

JOBS = min(2, os.cpu_count() or 1)
JOB_S = 60
PROBE_BYTES = 60_000_000
PAIRS = 3
BAR = 1.25


def articles() -> Iterator[bytes]:
    """Give the fixtures again and again, each time under other titles."""
    texts = [path.read_text("utf-8") for path in sorted(FIXTURES.glob("*.txt"))]
    texts = [text for text in texts if text.startswith("= ")]
    for turn in count():
        for number, text in enumerate(texts):
            title, _, rest = text.partition("\n")
            yield f"= {turn}–{number} {title.strip('= ')} =\n{rest}\n\n".encode()


def made(path: Path, size: int) -> None:
    """Write a stream of articles of about so many bytes."""
    with path.open("wb") as stream:
        for article in articles():
            stream.write(article)
            if stream.tell() >= size:
                return


def seconds(source: Path, engine: str) -> float:
    """Run a batch; give its time by the clock."""
    command = ["batch", str(source), "-t", "wikitext", "-j", str(JOBS), "--engine", engine, "--restart", "--quiet"]
    start = perf_counter()
    run([*PLAINWIKI, *command, "-o", str(source.with_suffix(".jsonl"))])
    return perf_counter() - start


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as name:
        source = Path(name) / "stream.txt"
        made(source, PROBE_BYTES)
        size = int(PROBE_BYTES * JOB_S / seconds(source, "local"))
        made(source, size)
        pairs = [(seconds(source, "local"), seconds(source, "ray")) for _ in range(PAIRS)]
    local, ray = (statistics.median(each) for each in zip(*pairs, strict=True))
    say(f"{size / 1e6:,.0f} MB in {JOBS} processes", f"{local:.1f} s")
    say(f"the same on Ray with {JOBS} processors, with its start", f"{ray:.1f} s")
    ratio = statistics.median(ray / local for local, ray in pairs)
    say("Ray in terms of the processes", f"{ratio:.2f}", f"at most {BAR}")


if __name__ == "__main__":
    main()
