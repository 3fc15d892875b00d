"""A batch may be killed at any moment, and its inputs may change: what is there in the end is what one run makes."""

from __future__ import annotations

import itertools
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tarfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import pytest

from convert.batch.job import runner
from convert.cli import main
from convert.io.own_files import make_empty
from tests.support.commands import articles, contents, in_own_process, plainwiki, started

SINKS = {
    "folder/": "wikitext",
    "lines.jsonl": "json",
    "lines.jsonl.gz": "wikitext",
    "table.parquet": "wikitext",
    "dump.xml": "export",
    "dump.xml.zst --split 20kB": "export",
}
#: What a run does to files; a run that ends before or behind any of these calls is killed.
CALLS = ("write", "replace", "unlink", "ftruncate", "fdatasync", "makedirs", "mkdir")
KILLED = 99


def made_inputs(folder: Path, files: int = 60) -> None:
    """Make files of one and of several articles, repeated titles, damaged ones, and an archive."""
    folder.mkdir()
    for number in range(files):
        (folder / f"{number:03}.txt").write_bytes(articles(1 + number % 3, 200, number * 3))
    (folder / "again.txt").write_bytes(articles(2, 100, 7))
    (folder / "broken.txt").write_bytes(b"= Caf\xe9 =\n")
    (folder / "spellings.txt").write_text("= nato =\n\n= NATO =\n\n= ../../etc/passwd =\n\n= CON =\n")
    (folder / "records.jsonl").write_text(
        '{"title": "R1", "text": "a"}\n{"title": "R2"\n{"title": "R3", "text": "b"}\n'
    )
    with tarfile.open(folder / "zipped.tar.gz", "w:gz") as archive:
        archive.add(folder / "001.txt", "member.txt")
    for path in folder.iterdir():
        os.utime(path, (0, 0))


def command(inputs: Path, target: Path, sink: str, *more: str) -> list[str]:
    dest, *options = sink.split()
    return ["batch", str(inputs), "-t", SINKS[sink], "-o", f"{target}/{dest}", "-q", "-j", "1", *options, *more]


def forked(action: Callable[[], int]) -> int:
    """Run something in a process of its own; give its exit status."""
    pid = os.fork()
    if not pid:
        try:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
            os._exit(action())
        finally:
            os._exit(70)
    try:
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    except BaseException:  # such as a test's time limit: nothing is to keep open what the process has inherited
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        raise


def finished(arguments: Sequence[str]) -> int:
    """Run a command to its end."""
    return forked(lambda: main(arguments))


def killed_at(number: int, arguments: Sequence[str], every: int = 1, calls: Sequence[str] = CALLS) -> int:
    """Run a command that is gone at the numbered call to the system; give its exit status."""

    def action() -> int:
        left = number

        def counted(call: Callable[..., object]) -> Callable[..., object]:
            def counting(*given: object, **named: object) -> object:
                nonlocal left
                left -= 1
                if left < 0:
                    os._exit(KILLED)
                return call(*given, **named)

            return counting

        for name in calls:
            setattr(os, name, counted(getattr(os, name)))
        runner.FLUSH_SHARDS = every
        return main(arguments)

    return forked(action)


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("resume") / "in"
    made_inputs(folder)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("sink", SINKS)
def test_killed_at_any_call_it_resumes_to_the_same_bytes(inputs: Path, tmp_path: Path, sink: str) -> None:
    whole, target = tmp_path / "whole", tmp_path / "killed"
    whole.mkdir()
    assert finished(command(inputs, whole, sink)) == 1
    expected = contents(whole)
    step = int(os.environ.get("PLAINWIKI_KILL_STEP", "23"))
    at = random.Random(sink).randrange(step)
    status = KILLED
    while status == KILLED:
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir()
        status = killed_at(at, command(inputs, target, sink))
        # The next run is killed as well, a little later than where it begins.
        if status == KILLED and killed_at(at % 7, command(inputs, target, sink)) == KILLED:
            assert finished(command(inputs, target, sink)) == 1
        assert expected == contents(target), f"killed at call {at}"
        at += step


@pytest.mark.slow
@pytest.mark.parametrize("sink", SINKS)
def test_killed_by_the_system_it_resumes_to_the_same_bytes(inputs: Path, tmp_path: Path, sink: str) -> None:
    """As a person would see it: two workers, and a signal that cannot be caught."""
    kills = int(os.environ.get("PLAINWIKI_KILLS", "1"))
    many = tmp_path / "in"
    made_inputs(many, 60 if kills == 1 else 1500)
    (tmp_path / "whole").mkdir()
    start = time.monotonic()
    assert in_own_process(*command(many, tmp_path / "whole", sink, "-j", "2")).returncode == 1
    took = time.monotonic() - start
    moments = random.Random(sink)
    for _ in range(kills):
        target = tmp_path / "killed"
        target.mkdir()
        process = started(*command(many, target, sink, "-j", "2"))
        time.sleep(moments.uniform(0, took))
        process.kill()
        process.communicate()
        assert plainwiki(*command(many, target, sink, "-j", "2")).returncode == 1
        assert contents(tmp_path / "whole") == contents(target)
        shutil.rmtree(target)


def test_folder_is_emptied_while_a_worker_of_a_killed_run_writes_to_it(tmp_path: Path) -> None:
    """It ends with its shard, a moment after the run."""
    for attempt in range(5):
        folder = tmp_path / str(attempt)
        folder.mkdir()
        for number in range(200):
            (folder / f"{number}").touch()
        emptied = threading.Event()

        def write(folder: Path = folder, emptied: threading.Event = emptied) -> None:
            with suppress(FileNotFoundError):
                for number in itertools.takewhile(lambda _: not emptied.is_set(), range(2000)):
                    (folder / f"late {number}").touch()

        worker = threading.Thread(target=write)
        worker.start()
        make_empty(str(folder))
        emptied.set()
        worker.join()
        assert not (folder / "0").exists()


def edits(folder: Path) -> Iterator[str]:
    """Change inputs one way after the other."""
    yield "nothing"
    (folder / "020.txt").write_text("= New =\n\nAnother text.\n")
    yield "a file has another article"
    (folder / "021.txt").unlink()
    yield "a file is gone"
    (folder / "0205.txt").write_bytes(articles(3, 300, 9000))
    yield "a file is new"
    (folder / "002.txt").unlink()
    yield "the first of two with one title is gone"
    (folder / "000.txt").write_bytes(articles(1, 100, 90))
    yield "a title is that of a later file now"
    (folder / "a.txt").write_text("= nATO =\n\nText.\n")
    yield "a spelling comes first"
    (folder / "broken.txt").write_text("= Café =\n")
    yield "what was rejected is whole"
    for path in folder.iterdir():
        os.utime(path, (86_400, 86_400))
    yield "all files have another time"


@pytest.mark.slow
@pytest.mark.parametrize("sink", SINKS)
def test_changed_inputs_make_what_a_first_run_makes_of_them(tmp_path: Path, sink: str) -> None:
    made_inputs(tmp_path / "in")
    (tmp_path / "target").mkdir()
    for number, edit in enumerate(edits(tmp_path / "in")):
        arguments = command(tmp_path / "in", tmp_path / "target", sink)
        if number % 2:
            killed_at(5 + number, arguments)
        assert finished(arguments) in (0, 1)
        fresh = tmp_path / f"fresh-{number}"
        fresh.mkdir()
        finished(command(tmp_path / "in", fresh, sink))
        assert contents(fresh) == contents(tmp_path / "target"), edit


def worked(arguments: Sequence[str], folder: Path) -> tuple[int, dict[str, int]]:
    """Run a command; give its status and summary."""
    ran = plainwiki(*arguments, "--summary", folder / "summary.json")
    return ran.returncode, json.loads((folder / "summary.json").read_text())


def test_a_changed_file_redoes_its_shard_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made_inputs(tmp_path / "in", 300)
    monkeypatch.chdir(tmp_path)  # paths decide where shards end, so they must be the same in every run
    arguments = command(Path("in"), tmp_path, "lines.jsonl")
    assert worked(arguments, tmp_path)[1]["reused"] == 0
    (tmp_path / "in" / "100.txt").write_text("= Changed =\n\nText.\n")
    told = worked(arguments, tmp_path)[1]
    assert told["read"] * 0.6 < told["reused"] < told["read"]


def test_nothing_is_done_twice(tmp_path: Path) -> None:
    made_inputs(tmp_path / "in")
    arguments = command(tmp_path / "in", tmp_path, "lines.jsonl")
    first = worked(arguments, tmp_path)
    before = (tmp_path / "lines.jsonl").stat()
    again = worked(arguments, tmp_path)
    assert again[0] == first[0] == 1
    assert again[1]["reused"] == again[1]["read"] == first[1]["read"]
    assert (tmp_path / "lines.jsonl").stat() == before
    assert not list(tmp_path.glob(".*"))


def test_an_output_that_was_touched_is_made_anew(tmp_path: Path) -> None:
    made_inputs(tmp_path / "in")
    arguments = command(tmp_path / "in", tmp_path, "lines.jsonl")
    plainwiki(*arguments)
    expected = contents(tmp_path)
    (tmp_path / "lines.jsonl").write_text("something else\n")
    plainwiki(*arguments)
    assert expected == contents(tmp_path)
    (tmp_path / "lines.jsonl").unlink()
    plainwiki(*arguments)
    assert expected == contents(tmp_path)


@pytest.mark.parametrize("option", [["--markup", "passthrough"], ["--paragraphs", "line"], ["--split", "1MB"]])
def test_other_options_ask_for_a_restart(inputs: Path, tmp_path: Path, option: list[str]) -> None:
    arguments = command(inputs, tmp_path, "lines.jsonl")
    killed_at(60, arguments)
    for _ in range(2):
        ran = plainwiki(*arguments, *option)
        assert ran.returncode == 2
        assert f"and now it is {option[0]}" in ran.stderr.decode()
        assert b"give --restart" in ran.stderr
        plainwiki(*arguments)
    plainwiki(*arguments, *option, "--restart")
    (tmp_path / "fresh").mkdir()
    plainwiki(*command(inputs, tmp_path / "fresh", "lines.jsonl"), *option)
    shutil.move(tmp_path / "fresh", inputs.parent / f"fresh{option[0]}")
    assert contents(inputs.parent / f"fresh{option[0]}") == contents(tmp_path)


def test_what_is_refused_leaves_nothing_behind(inputs: Path, tmp_path: Path) -> None:
    plainwiki(*command(inputs, tmp_path, "lines.jsonl"))
    before = sorted(path.name for path in tmp_path.iterdir())
    assert plainwiki(*command(inputs, tmp_path, "lines.jsonl"), "--markup", "passthrough").returncode == 2
    assert plainwiki(*command(inputs, tmp_path, "table.parquet"), "--retry-rejects").returncode == 2
    assert plainwiki("batch", inputs, "-o", f"{tmp_path}/none/lines.jsonl").returncode == 3
    assert before == sorted(path.name for path in tmp_path.iterdir())


def test_tables_need_an_extra(inputs: Path, tmp_path: Path) -> None:
    """Of which one is told, where it is missing."""
    arguments = command(inputs, tmp_path, "table.parquet")
    program = f"import sys; sys.modules['pyarrow'] = None; from convert.cli import main; sys.exit(main({arguments}))"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    assert ran.returncode == 2
    assert ran.stderr == b"plainwiki: Parquet needs pyarrow: install 'plainwiki[parquet]'\n"
    assert not list(tmp_path.iterdir())


def test_rejects_are_tried_again_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("= A|B =\n\nOne.\n\n= C =\n\nTwo '' quotes.\n")
    (tmp_path / "b.txt").write_text("= D =\n\nThree '' quotes.\n\n= E] =\n\nFour.\n")
    for dest in ("out/", "out.jsonl"):
        arguments = ["batch", f"{tmp_path}/a.txt", f"{tmp_path}/b.txt", "-t", "wikitext", "-o", f"{tmp_path}/{dest}"]
        assert plainwiki(*arguments, "--retry-rejects").returncode == 2
        assert plainwiki(*arguments).returncode == 1
        options = ["--retry-rejects", "--titles", "replace", "--markup", "passthrough"]
        ran = plainwiki(*arguments, *options)
        assert b"4 read = 4 written + 0 rejected" in ran.stderr
        assert not list(tmp_path.glob("*.rejects.jsonl"))
        assert b"4 read = 4 written + 0 rejected" in plainwiki(*arguments).stderr
    texts = [json.loads(line)["text"] for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert "''" not in texts[1].replace("'&#39;", "").replace("<nowiki/>", "")
    assert texts[0] == "One.\n"
    assert len(list((tmp_path / "out").iterdir())) == 4


def test_standard_input_is_known_by_what_it_says(tmp_path: Path) -> None:
    arguments = ["batch", "-", "-t", "json", "-o", f"{tmp_path}/out.jsonl", "-j", "1"]
    plainwiki(*arguments, given=articles(2000))
    ran = plainwiki(*arguments, given=articles(2000))
    assert b"2,000 read = 2,000 written + 0 rejected; all of it was done before" in ran.stderr
    plainwiki(*arguments, given=articles(2001))
    assert (tmp_path / "out.jsonl").read_bytes().count(b"\n") == 2001


def titles(path: Path) -> set[str]:
    return {json.loads(line)["title"] for line in path.read_text().splitlines()}


def test_shares_of_the_work_are_all_of_it(tmp_path: Path) -> None:
    made_inputs(inputs := tmp_path / "in", 200)
    plainwiki(*command(inputs, tmp_path, "lines.jsonl"))
    for number in (1, 2, 3):
        target = tmp_path / str(number)
        target.mkdir()
        plainwiki(*command(inputs, target, "lines.jsonl", "--shard", f"{number}/3"))
    shares = [titles(tmp_path / str(number) / "lines.jsonl") for number in (1, 2, 3)]
    assert all(shares)
    assert set.union(*shares) == titles(tmp_path / "lines.jsonl")


def test_a_folder_keeps_what_is_not_ours(inputs: Path, tmp_path: Path) -> None:
    made_inputs(tmp_path / "in", 5)
    arguments = command(tmp_path / "in", tmp_path, "folder/")
    plainwiki(*arguments)
    (tmp_path / "folder" / "mine.wiki").write_text("mine")
    (tmp_path / "in" / "000.txt").unlink()
    plainwiki(*arguments)
    assert (tmp_path / "folder" / "mine.wiki").exists()
    assert not (tmp_path / "folder" / "Title 0.wiki").exists()


@pytest.mark.parametrize("taken", ["NATO%~2.html", "index.html", "everything"])
def test_what_was_taken_away_is_made_again(tmp_path: Path, taken: str) -> None:
    inputs, site = tmp_path / "inputs", tmp_path / "site"
    made_inputs(inputs, 6)
    again = ("batch", inputs, "-t", "html", "-o", f"{site}/", "-q", "-j", "1")
    assert plainwiki(*again).returncode == 1
    whole = contents(site)
    if taken == "everything":
        shutil.rmtree(site)
        site.mkdir()
    else:
        (site / taken).unlink()
    assert plainwiki(*again).returncode == 1
    assert contents(site) == whole
