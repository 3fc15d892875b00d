"""What learning links costs: ``python -m tests.tools.bench.learning FOLDER [MEGABYTES]`` (``make bench-learning``).

From the dumps of a folder, ``pages-*.xml.bz2``, dumps of 100 MB and of MEGABYTES (1,000 by default) are made: their
pages again and again, each time under other titles and with a word of its own at the end of every tenth word, so that
entries grow as they do in a longer dump.  For each: ``plainwiki links learn`` with one process, and as many as it takes
by default, and what reads the same dump and does nothing with it (bz2 and the iterparse of lxml).  Printed are
megabytes of XML a second of processor time and by the clock, how many times as long learning takes, and the most memory
of a process; the last line is how memory grows.
"""

from __future__ import annotations

import bz2
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.tools.bench.speed import Run, run

SMALL_MB = 100
_PEER = """
import bz2, sys
from lxml.etree import iterparse
with bz2.open(sys.argv[1]) as dump:
    for _, element in iterparse(dump, events=("end",), tag="{*}page"):
        element.clear()
        while element.getprevious() is not None:
            del element.getparent()[0]
"""
_PAGE = re.compile(rb"<page>.*?</page>", re.DOTALL)
_TITLE = re.compile(rb"<title>(.*?)</title>")
_TENTH = re.compile(rb"((?:[^\s\[\]{}<>|]++\s){9}[a-z]{4,})(?= )")


def pages(folder: Path) -> Iterator[tuple[int, bytes]]:
    """Yield pages without an end, with the number of the round."""
    number = 0
    while True:
        for path in sorted(folder.glob("pages-*.xml.bz2")):
            rest = b""
            with bz2.open(path) as dump:
                while part := dump.read(1 << 22):
                    rest += part
                    end = 0
                    for found in _PAGE.finditer(rest):
                        yield number, found[0]
                        end = found.end()
                    rest = rest[end:]
        number += 1


def varied(page: bytes, number: int) -> bytes:
    """Return a page as another one, of a round."""
    if not number:
        return page
    sign = b"%d" % number
    page = _TITLE.sub(rb"<title>\1 (" + sign + rb")</title>", page, count=1)
    return _TENTH.sub(rb"\1" + sign.translate(bytes.maketrans(b"0123456789", b"abcdefghij")), page)


def made(folder: Path, path: Path, megabytes: int) -> int:
    """Make a dump; return how many bytes of XML it has."""
    size = 0
    with bz2.open(path, "wb", 1) as dump:
        dump.write(b'<mediawiki xml:lang="en">\n')
        for number, page in pages(folder):
            size += dump.write(varied(page, number) + b"\n")
            if size >= megabytes * 1_000_000:
                break
        dump.write(b"</mediawiki>\n")
    return size


def show(name: str, size: int, cost: Run) -> None:
    """Print what a process took."""
    speeds = f"{size / 1e6 / cost.seconds:6.1f} MB/s of processor time {size / 1e6 / cost.clock:6.1f} MB/s by the clock"
    print(f"  {name:28} {speeds} {cost.memory / 1e6:6.0f} MB of memory", flush=True)


def main() -> None:
    """Measure."""
    folder = Path(sys.argv[1])
    large = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000
    peaks = []
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch, "dump.xml.bz2")
        for megabytes in (SMALL_MB, large):
            size = made(folder, path, megabytes)
            print(f"{size / 1e6:,.0f} MB of XML")
            learn = [sys.executable, "-m", "convert", "links", "learn", str(path), "-o", f"{scratch}/learnt", "--quiet"]
            peer, alone, shared = (
                run([sys.executable, "-c", _PEER, str(path)]), run([*learn, "--jobs", "1"]), run(learn)
            )  # fmt: skip
            for name, cost in (("bz2 and lxml alone", peer), ("learn --jobs 1", alone), ("learn", shared)):
                show(name, size, cost)
            times = f"{alone.seconds / peer.seconds:.1f} times as long as reading, of processor time"
            print(f"  learning takes {times}; by the clock {shared.clock / peer.clock:.1f} times")
            peaks.append(alone.memory)
    print(f"Memory grows by {peaks[1] / peaks[0] - 1:.0%} from {SMALL_MB} MB to {large:,} MB.")


if __name__ == "__main__":
    main()
