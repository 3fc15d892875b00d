"""Speed and memory, each against a peer in the same run: ``python -m tests.tools.bench.speed [FOLDER]``.

FOLDER holds plain articles (``*.txt``, at any depth); the default is the fixtures, repeated under other titles.
Figures are medians of interleaved pairs of runs, which cancels the drift of the machine's speed.  Seconds are CPU time
(user and system) of whole processes, including their start.  Files are in memory (tmpfs) if possible, because on some
disks creating a file costs more than converting it, for all alike.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from convert.infobox import GENERIC
from tests import FIXTURES, ROOT

ARTICLES = FIXTURES / "articles"
#: What is made of the fixtures, and at most given to pandoc, which takes a second for each of them.  Its memory grows
#: with its text, and with that its time: of less it would do more a second than it does of all.
MADE_MB = 24
PAIRS = 5

PLAINWIKI = (sys.executable, "-m", "convert")

#: The floor: the minimal work of any converter of files.
FLOOR = """
import os, sys
source, target = sys.argv[1:]
for folder, _, names in os.walk(source):
    for name in names:
        with open(os.path.join(folder, name), "rb") as file:
            text = file.read().decode()
        with open(os.path.join(target, name), "wb") as file:
            file.write("\\n".join(text.split("\\n")).encode())
"""


@dataclass(frozen=True)
class Run:
    """What a process and those that it starts cost: seconds of CPU time and by the clock, peak memory in bytes."""

    seconds: float
    memory: int
    clock: float = 0.0


def run(command: Sequence[str], stdin: Path | None = None) -> Run:
    """Run a command, discarding its output; a failure ends the benchmark, a rejected article does not."""
    # What pip installs comes with its bytecode, so ours is kept as well, whatever the environment says.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    pipe, nowhere = subprocess.PIPE, subprocess.DEVNULL
    began = time.perf_counter()
    with open(stdin or os.devnull, "rb") as source:
        process = subprocess.Popen(command, stdin=source, stdout=nowhere, stderr=pipe, cwd=ROOT, env=environment)
        assert process.stderr is not None
        errors = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):
        sys.exit(f"{' '.join(command)}: exit status {process.returncode}\n{errors.decode(errors='replace')}")
    return Run(usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, time.perf_counter() - began)


def in_turn(*commands: Callable[[], Run], turns: int = PAIRS) -> list[list[float]]:
    """Run commands in turn, several times; return the seconds of each."""
    for command in commands:
        command()  # warms the caches of files and bytecode
    turned = [[command().seconds for command in commands] for _ in range(turns)]
    return [list(seconds) for seconds in zip(*turned, strict=True)]


def ratio(first: Sequence[float], second: Sequence[float]) -> float:
    """Return the median of the ratios of runs in the same turn."""
    return statistics.median(a / b for a, b in zip(first, second, strict=True))


def paired(first: Callable[[], Run], second: Callable[[], Run], pairs: int = PAIRS) -> tuple[float, float, float]:
    """Run two commands in turn; return the median seconds of each, and the median ratio of the pairs."""
    first_seconds, second_seconds = in_turn(first, second, turns=pairs)
    return statistics.median(first_seconds), statistics.median(second_seconds), ratio(first_seconds, second_seconds)


def say(name: str, figure: str, bar: str = "") -> None:
    """Print one figure, with its target."""
    print(f"{name:<66} {figure:>14}   {bar}", flush=True)


def articles_under(folder: Path) -> list[Path]:
    """Return all plain articles below a folder, in order."""
    return sorted(path for path in folder.rglob("*.txt") if path.is_file())


def made_articles(target: Path) -> None:
    """Fill a folder with repetitions of the fixtures, each with other titles."""
    texts = [path.read_text("utf-8") for path in sorted(ARTICLES.glob("*.txt"))]
    texts = [text for text in texts if text.startswith("= ")]
    written, turn = 0, 0
    while written < MADE_MB * 1_000_000:
        turn += 1
        for number, text in enumerate(texts):
            title, _, rest = text.partition("\n")
            renamed = f"= {turn}–{number} {title.strip('= ')} =\n{rest}".encode()
            (target / f"{turn}-{number}.txt").write_bytes(renamed)
            written += len(renamed)


def copied(paths: Sequence[Path], target: Path) -> int:
    """Copy files to a new folder, with unique names; return their size in bytes."""
    target.mkdir()
    for number, path in enumerate(paths):
        shutil.copyfile(path, target / f"{number:06}.txt")
    return sum(path.stat().st_size for path in paths)


def one_file(paths: Sequence[Path], target: Path) -> int:
    """Join files to one stream of articles; return its size in bytes."""
    with target.open("wb") as stream:
        for path in paths:
            stream.write(path.read_bytes() + b"\n\n")
    return target.stat().st_size


def up_to(paths: Sequence[Path], megabytes: float) -> Iterator[Path]:
    """The first files of a list, spread over all of it, until they have that size together."""
    left = megabytes * 1_000_000
    for path in (path for start in range(16) for path in paths[start::16]):
        left -= path.stat().st_size
        if left < 0:
            return
        yield path


def bench_speed(paths: Sequence[Path], work: Path) -> None:
    """Plain to wikitext in one process, files in and files out, against pandoc and against the floor."""
    folder, target = work / "in", work / "out"
    size = copied(paths, folder) / 1e6

    def fresh() -> str:
        for made in work.glob("out*"):  # and what a batch notes beside it
            shutil.rmtree(made) if made.is_dir() else made.unlink()
        target.mkdir()
        return str(target)

    def ours(kind: str = "wikitext", *options: str) -> Run:
        command = [*PLAINWIKI, "batch", str(folder), "-t", kind, "-o", fresh(), "--jobs", "1", "--quiet"]
        return run([*command, *options])

    def generic() -> Run:
        return ours("wikitext", "--infobox", GENERIC)

    def floor() -> Run:
        return run([sys.executable, "-c", FLOOR, str(folder), fresh()])

    sample = work / "sample.txt"
    sample_size = one_file(list(up_to(paths, MADE_MB)), sample) / 1e6

    def pandoc() -> Run:
        return run(["pandoc", "-f", "commonmark", "-t", "mediawiki", "-o", os.devnull, str(sample)])

    *kinds, least, peer = in_turn(generic, ours, floor, pandoc)
    say("the floor: read, decode, split, join, encode, write", f"{size / statistics.median(least):.0f} MB/s")
    say(
        f"pandoc -f commonmark -t mediawiki, {sample_size:.0f} MB of it",
        f"{sample_size / statistics.median(peer):.2f} MB/s",
    )
    for template_choice, seconds in zip(("the generic infobox", "templates guessed"), kinds, strict=True):
        say(f"plain → wikitext, {template_choice}, one process", f"{size / statistics.median(seconds):.1f} MB/s")
        say("cost in terms of the floor", f"{ratio(seconds, least):.1f}", "at most 5")
        say("speed in terms of pandoc's", f"{size / sample_size / ratio(seconds, peer):.0f}", "at least 40")
    for kind in ("export", "xml", "json", "plain", "html"):
        say(f"plain → {kind}", f"{size / statistics.median(ours(kind).seconds for _ in range(3)):.1f} MB/s")
    _, _, html_ratio = paired(lambda: ours("html"), ours)
    say("plain → html in terms of plain → wikitext", f"{html_ratio:.2f}", "at most 2")


def bench_escaping(paths: Sequence[Path], work: Path) -> None:
    """Measure the cost of escaping: with and without, in one process, from one stream to one file."""
    stream = work / "stream.txt"
    one_file(paths, stream)

    def written(markup: str) -> Run:
        target = work / f"{markup}.jsonl"
        command = [*PLAINWIKI, "batch", str(stream), "-t", "wikitext", "-o", str(target), "--markup", markup]
        return run([*command, "--jobs", "1", "--quiet", "--restart"])

    _, _, ratio = paired(lambda: written("literal"), lambda: written("passthrough"))
    say("escaping's part of plain → wikitext", f"{100 * (1 - 1 / ratio):.0f} %", "at most 10 %")


def bench_memory(paths: Sequence[Path], work: Path) -> None:
    """Measure the peak memory of a batch when its input grows tenfold, as files and as one stream."""
    part = list(up_to(paths, sum(path.stat().st_size for path in paths) / 10e6))
    for name, make in (("a folder", copied), ("one stream", one_file)):
        peaks = []
        for number, some in enumerate((part, paths)):
            source = work / f"memory-{number}.txt"
            size = make(some, source) / 1e6
            target = work / "memory.jsonl"
            command = [*PLAINWIKI, "batch", str(source), "-t", "wikitext", "-o", str(target), "--jobs", "1", "--quiet"]
            command.append("--restart")
            peaks.append(run(command).memory)
            say(f"peak memory of a process, {name} of {size:.0f} MB", f"{peaks[-1] / 1e6:.0f} MB")
            shutil.rmtree(source) if source.is_dir() else source.unlink()
        say(f"growth of the peak, {name}, ten times the input", f"{peaks[1] / peaks[0]:.2f}", "about 1")


def main(folders: Sequence[str]) -> None:
    """Print every figure."""
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=memory) as name:
        work = Path(name)
        source = Path(folders[0]) if folders else work / "made"
        if not folders:
            source.mkdir()
            made_articles(source)
        paths = articles_under(source)
        if not paths:
            sys.exit(f"{source}: there are no *.txt articles below it")
        size = sum(path.stat().st_size for path in paths) / 1e6
        print(f"{len(paths):,} articles, {size:.1f} MB\n")
        for bench in (bench_speed, bench_escaping, bench_memory):
            with tempfile.TemporaryDirectory(dir=memory) as part:
                bench(paths, Path(part))


if __name__ == "__main__":
    main(sys.argv[1:])
