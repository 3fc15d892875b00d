"""Batches of any size: ``python -m tests.tools.bench.batch [--size MB] [--pairs] [FOLDER]``.

The corpus is made of the plain articles below FOLDER (of the fixtures, if none is given), repeated under other titles
until it has the size.  Each figure is a ratio within one run, with the bar that it is to reach.  With ``--pairs`` every
source goes into every sink, and documents are counted on both sides.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from convert.io.compression import pack
from tests import ROOT
from tests.tools.bench.speed import ARTICLES, PLAINWIKI, Run, articles_under, one_file, paired, run, say, up_to

#: What is packed in one go.
BLOCK_BYTES = 1 << 20
#: pandoc takes a second and more for each of them.
PANDOC_MB = 3

SINKS = {
    "folder/": "wikitext",
    "lines.jsonl": "json",
    "lines.jsonl.zst": "wikitext",
    "table.parquet": "wikitext",
    "dump.xml": "export",
    "dump.xml.gz": "export",
    "dump.xml --split 20MB": "export",
}


def corpus(folder: Path, megabytes: float) -> Iterator[tuple[str, bytes]]:
    """Yield titles and texts until they have the size together."""
    texts = [path.read_text("utf-8", "replace") for path in articles_under(folder)]
    texts = [text for text in texts if text.startswith("= ")]
    left = megabytes * 1e6
    for turn in range(sys.maxsize):
        for number, text in enumerate(texts):
            _, _, rest = text.partition("\n")
            title = f"Article {turn}-{number}"
            made = f"= {title} =\n{rest}\n\n".encode()
            left -= len(made)
            if left < 0 and (turn or number):
                return
            yield title, made


def in_folder(articles: Iterator[tuple[str, bytes]], target: Path) -> None:
    target.mkdir()
    for title, text in articles:
        (target / f"{title}.txt").write_bytes(text)


def in_stream(articles: Iterator[tuple[str, bytes]], target: Path) -> None:
    _packed((text for _, text in articles), target)


def in_records(articles: Iterator[tuple[str, bytes]], target: Path) -> None:
    _packed((json.dumps({"title": title, "text": text.decode()}).encode() + b"\n" for title, text in articles), target)


def _packed(texts: Iterator[bytes], target: Path) -> None:
    packing = {".gz": "gz", ".zst": "zst", ".bz2": "bz2"}.get(target.suffix, "")
    held: list[bytes] = []
    size = 0
    with target.open("wb") as file:
        for text in texts:
            held.append(text)
            size += len(text)
            if size > BLOCK_BYTES:
                file.write(pack(b"".join(held), packing))
                held, size = [], 0
        file.write(pack(b"".join(held), packing))


def in_tar(articles: Iterator[tuple[str, bytes]], target: Path) -> None:
    with tarfile.open(target, "w:gz" if target.suffix == ".gz" else "w") as archive:
        for title, text in articles:
            member = tarfile.TarInfo(f"{title}.txt")
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text))
            archive.members = []  # type: ignore[attr-defined]  # it would keep them all


def in_zip(articles: Iterator[tuple[str, bytes]], target: Path) -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for title, text in articles:
            archive.writestr(f"{title}.txt", text)


def in_table(articles: Iterator[tuple[str, bytes]], target: Path) -> None:
    import pyarrow
    import pyarrow.parquet

    schema = pyarrow.schema([("title", pyarrow.string()), ("text", pyarrow.string())])
    with pyarrow.parquet.ParquetWriter(target, schema) as writer:
        rows: list[dict[str, str]] = []
        for title, text in articles:
            rows.append({"title": title, "text": text.decode()})
            if len(rows) == 500:
                writer.write_table(pyarrow.Table.from_pylist(rows, schema))
                rows = []
        writer.write_table(pyarrow.Table.from_pylist(rows, schema))


SOURCES: dict[str, Callable[[Iterator[tuple[str, bytes]], Path], None]] = {
    "folder": in_folder,
    "stream.txt": in_stream,
    "stream.txt.zst": in_stream,
    "files.tar": in_tar,
    "files.tar.gz": in_tar,
    "files.zip": in_zip,
    "records.jsonl": in_records,
    "records.jsonl.zst": in_records,
    "table.parquet": in_table,
}


def peaks(command: list[str]) -> tuple[int, int]:
    """Run a command of ours; give the peak of its memory and that of its largest worker, 0 if it has none.

    Unlike those of ``getrusage``, they are its own, and not those of whoever started it.
    """
    arguments = command[len(PLAINWIKI) :]
    program = f"from convert.cli import main; main({arguments}); print(open('/proc/self/status').read())"
    workers: dict[str, int] = {}
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=ROOT
    ) as process:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        while process.poll() is None:
            # The last figure counts: until a worker has begun its own program, it has that of whoever starts it.
            workers.update((child, peak) for child in children.read_text().split() if (peak := _peak_of(child)))
            time.sleep(0.05)
        assert process.stdout is not None
        status = process.stdout.read()
    if process.returncode:
        sys.exit(f"{' '.join(command)}: exit status {process.returncode}")
    return _peak(status), max(workers.values(), default=0)


def _peak_of(process: str) -> int:
    """Read the peak of a process that runs, or 0: it may have ended by now."""
    try:
        return _peak(Path(f"/proc/{process}/status").read_text())
    except (FileNotFoundError, ProcessLookupError):
        return 0


def _peak(status: str) -> int:
    _, _, figure = status.partition("VmHWM:")
    return int(figure.split()[0]) * 1024 if figure else 0


def by_the_clock(command: Sequence[str]) -> Run:
    """Run a command; its seconds are those that one waits."""
    start = time.monotonic()
    memory = run(command).memory
    return Run(time.monotonic() - start, memory)


class Bench:
    """Runs of one corpus."""

    def __init__(self, folder: Path, work: Path, size: float) -> None:
        self.folder, self.work, self.size = folder, work, size

    def source(self, kind: str, megabytes: float = 0) -> Path:
        """Make a source of a size, once."""
        target = self.work / f"{megabytes or self.size:g}" / kind
        if not target.exists():
            target.parent.mkdir(exist_ok=True)
            SOURCES[kind](corpus(self.folder, megabytes or self.size), target)
        return target

    def command(self, source: Path, sink: str, *more: str) -> list[str]:
        """Give the command that converts a source, to a sink that is empty."""
        shutil.rmtree(self.work / "out", ignore_errors=True)
        (self.work / "out").mkdir()
        dest, *options = sink.split()
        out = f"{self.work}/out/{dest}"
        return [*PLAINWIKI, "batch", str(source), "-t", SINKS[sink], "-o", out, "--quiet", *options, *more]

    def processes(self) -> None:
        """Two processes against one, by the clock."""

        def timed(jobs: str) -> Run:
            return by_the_clock(self.command(self.source("folder"), "dump.xml", "-j", jobs))

        _, _, ratio = paired(lambda: timed("1"), lambda: timed("2"), 3)
        say("speed of two processes in terms of one", f"{ratio:.2f}", "at least 1.8")

    def growth(self, articles: int) -> None:
        """Time for ten times as many articles."""
        files = [self.work / f"{count}.txt" for count in (articles, articles * 10)]
        for path, count in zip(files, (articles, articles * 10), strict=True):
            with path.open("wb") as file:
                for number in range(count):
                    file.write(b"= Title %d =\n\nA short text, number %d.\n\n" % (number, number))
        few, many = (run(self.command(path, "dump.xml", "-j", "1")).seconds for path in files)
        say(f"time of {articles * 10:,} articles in terms of {articles:,}", f"{many / few:.1f}", "at most 10.5")

    def again(self) -> None:
        """A second run, with nothing to do."""
        command = self.command(self.source("folder"), "dump.xml", "-j", "1")
        first = run(command)
        second = run(command)
        say("cost of a second run with nothing to do", f"{100 * second.seconds / first.seconds:.1f} %", "at most 3 %")

    def memory(self) -> None:
        """Peak memory of a tenth of the corpus and of all of it, of one process, and of one with its workers."""
        pairs = [(kind, "lines.jsonl") for kind in SOURCES] + [("stream.txt", sink) for sink in SINKS]
        for kind, sink in pairs:
            sizes = (self.size / 10, self.size)
            for jobs, whose in (("1", ("one process",)), ("2", ("main process", "larger worker"))):
                few, all_ = (peaks(self.command(self.source(kind, size), sink, "-j", jobs)) for size in sizes)
                for who, small, large in zip(whose, few, all_, strict=False):
                    figure = f"{small / 1e6:.0f} → {large / 1e6:.0f} MB"
                    say(f"peak, {kind} → {sink}, {who}, ten times the input", figure, "at most 1.1 times")

    def pandoc(self) -> None:
        """Tables and packed records to a dump, against pandoc: as one runs them, and in one process."""
        sample = self.work / "sample.txt"
        one_file(list(up_to(articles_under(self.folder), PANDOC_MB)), sample)
        command = ["pandoc", "-f", "commonmark", "-t", "mediawiki", "-o", os.devnull, str(sample)]
        pandoc = sample.stat().st_size / by_the_clock(command).seconds
        for kind in ("table.parquet", "records.jsonl.zst"):
            for jobs, bar in (((), "at least 40"), (("-j", "1"), "")):
                seconds = by_the_clock(self.command(self.source(kind), "dump.xml", *jobs)).seconds
                name = f"{kind} → dump.xml in terms of pandoc, {'one process' if jobs else 'all processors'}"
                say(name, f"{self.size * 1e6 / seconds / pandoc:.0f}", bar)

    def pairs(self) -> None:
        """Every source to every sink, with what is counted on both sides."""
        expected = sum(1 for _ in corpus(self.folder, self.size))
        for kind in SOURCES:
            for sink in SINKS:
                summary = self.work / "summary.json"
                start = time.monotonic()
                run(self.command(self.source(kind), sink, "--summary", str(summary)))
                counters: dict[str, Any] = json.loads(summary.read_text())
                counts = counters["read"], counters["written"] + counters["rejected"]
                if counts != (expected, expected):
                    sys.exit(f"{kind} → {sink}: {expected} documents went in, {counts} were counted")
                speed = self.size / (time.monotonic() - start)
                say(
                    f"{kind} → {sink}", f"{counters['written']:,}", f"{counters['rejected']} rejected, {speed:.1f} MB/s"
                )


def main() -> None:
    """Print every figure."""
    parser = argparse.ArgumentParser(prog="python -m tests.tools.bench.batch")
    parser.add_argument("folder", nargs="?", type=Path, default=ARTICLES, help="plain articles to repeat")
    parser.add_argument("--size", type=float, default=50, help="megabytes")
    parser.add_argument("--pairs", action="store_true", help="every source to every sink instead")
    parser.add_argument("--work", help="where to put the corpus; in memory, if there is room")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.work) as name:
        bench = Bench(arguments.folder, Path(name), arguments.size)
        if arguments.pairs:
            bench.pairs()
            return
        bench.again()
        bench.processes()
        bench.growth(10_000)
        bench.pandoc()
        bench.memory()


if __name__ == "__main__":
    main()
