"""Processes that help to learn: what remains of them, and what is said, when one of them or the whole run is ended."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from convert.diagnostics import Diagnostic
from convert.dictionaries.ahead import pages_ahead
from convert.dictionaries.helpers import helping
from convert.errors import EnvironmentFailed
from convert.links.learn.pages import Learnt, PageReader
from convert.wikitext.dumps import DumpPage, DumpSite
from tests.support.commands import started
from tests.support.dumps import dump

PAGES = {f"Page {number}": f"[[Islay]] {number} [[{number}|a]] " + "and more words " * 500 for number in range(200)}


def is_running(number: int) -> bool:
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


@contextmanager
def learning(folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], int, int]]:
    """Learn from a dump of which half has come; yield the run, the process that reads, and where the rest can go."""
    source = folder / "dump.xml"
    os.mkfifo(source)
    with started("links", "learn", source, "-o", folder / "a.links", "-q", "-j", "2") as run:
        writing = os.open(source, os.O_WRONLY)
        try:
            content = dump(PAGES)
            os.write(writing, content[: len(content) // 2])
            (reader,) = Path(f"/proc/{run.pid}/task/{run.pid}/children").read_text().split()
            yield run, int(reader), writing
        finally:
            run.kill()
            os.close(writing)


def test_a_process_that_was_killed_is_told_and_nothing_is_left(tmp_path: Path) -> None:
    with learning(tmp_path) as (run, reader, _):
        os.kill(reader, signal.SIGKILL)
        _, said = run.communicate(timeout=60)
    assert run.returncode == 3
    assert b"a process that read a dump has ended, as without enough memory: give it more, or try fewer --jobs" in said
    assert [path.name for path in tmp_path.iterdir()] == ["dump.xml"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_leaves_no_process_and_no_file(tmp_path: Path, number: int) -> None:
    with learning(tmp_path) as (run, reader, _):
        run.send_signal(number)
        run.communicate(timeout=60)
        assert not is_running(reader)
    assert run.returncode in (128 + number, -number)
    assert [path.name for path in tmp_path.iterdir()] == ["dump.xml"]


def test_what_reads_for_a_killed_run_ends_as_well(tmp_path: Path) -> None:
    with learning(tmp_path) as (run, reader, writing):
        run.kill()
        run.wait(60)
        end = time.monotonic() + 60
        while is_running(reader) and time.monotonic() < end:
            try:
                os.write(writing, dump(PAGES))
            except BrokenPipeError:
                time.sleep(0.01)
        assert not is_running(reader)


def test_a_process_that_ends_early_is_told_by_what_it_did() -> None:
    def work(pipe: int) -> None:
        os.write(pipe, b"half")
        os.kill(os.getpid(), signal.SIGKILL)

    with helping([work]) as (helper,), pytest.raises(EnvironmentFailed, match="a process that counted links has ended"):
        helper.received(8, "counted links")
    assert not is_running(helper.number)


class Reader(PageReader):
    """Tells which pages this process reads."""

    def __init__(self, events: list[object]) -> None:
        super().__init__()
        self.events, self.here = events, 0

    def site(self, site: DumpSite) -> None:
        super().site(site)
        self.events.append(site)

    def read(self, page: DumpPage) -> Learnt | None:
        self.here += 1
        return super().read(page)


def _read(path: Path, jobs: int, pause: float = 0.0) -> tuple[list[object], int]:
    """Return all that reading gives in its order, and how many pages were read here; after the first is a pause."""
    events: list[object] = []
    reader = Reader(events)
    for page in pages_ahead(str(path), reader, events.append, events.append, jobs):
        events.append(page)
        time.sleep(pause)
        pause = 0.0
    return [event for event in events if event != 0], reader.here


@pytest.mark.parametrize("cut", [0, 30, 5000])
def test_another_process_reads_what_this_one_reads_in_the_same_order(tmp_path: Path, cut: int) -> None:
    first, second = dump(PAGES | {"Jura": "é — 水 [[Ä|b]]", "Mull": "#REDIRECT [[Jura]]"}), dump(PAGES, "tr")
    content = first.replace(b"<title>Page 7</title>", b"<title>Page 7<title>") + second
    path = tmp_path / "dump.xml"
    content = content.replace(b"<title>Page 9</title><ns>0", b"<title>Page 9</title><ns>1")
    path.write_bytes(content[: len(content) - cut])
    alone, number = _read(path, 1)
    assert {type(event) for event in alone} == {int, DumpSite, Learnt, type(None), Diagnostic}
    assert number > 390
    for pause in (0.0, 0.5):
        helped, here = _read(path, 2, pause)
        assert helped == alone
        assert here < number - 50 or not pause


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_dump_that_is_not_there_is_a_failure_by_any_number_of_processes(tmp_path: Path, jobs: int) -> None:
    with pytest.raises(EnvironmentFailed, match=r"cannot read .*none\.xml: No such file"):
        _read(tmp_path / "none.xml", jobs)
