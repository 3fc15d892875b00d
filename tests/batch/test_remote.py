"""A batch to an address ends as one to this machine does, whatever is killed, changed or gone in the middle."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import pytest

from tests.batch.test_faults import ended, waited
from tests.batch.test_resume import CALLS, KILLED, finished, killed_at, made_inputs
from tests.batch.test_resume import SINKS as SINKS_HERE
from tests.servers.objects import BUCKET, ObjectStore
from tests.servers.sftp import PASSWORD, SftpServer
from tests.support.commands import articles, contents, plainwiki, started

pytestmark = pytest.mark.slow

SINKS = {**SINKS_HERE, "site/": "html"}
#: What a run does elsewhere, if that is a folder of this machine.
CALLS_THERE = (*CALLS, "rename", "remove", "sendfile")


@pytest.fixture(scope="module")
def server() -> Iterator[ObjectStore]:
    """Give an object store, the same one to all tests."""
    import s3fs  # noqa: F401  # loaded before a test forks, which would load it each time

    with ObjectStore() as server, pytest.MonkeyPatch.context() as patch:
        for name, value in server.environment.items():
            patch.setenv(name, value)
        yield server


@pytest.fixture(scope="module")
def sftp() -> Iterator[SftpServer]:
    """Give a server of this machine's files."""
    with SftpServer() as server:
        yield server


@contextmanager
def running(arguments: Sequence[str]) -> Iterator[tuple[subprocess.Popen[bytes], IO[bytes]]]:
    """Start a command; give it and its standard input.  In the end it is killed."""
    process = started(*arguments)
    assert process.stdin
    try:
        yield process, process.stdin
    finally:
        process.kill()
        process.communicate()


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a place of our own for what is not yet put where it will be."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def below(request: pytest.FixtureRequest) -> str:
    """Give a folder of the bucket to each test."""
    return "".join(each if each.isalnum() else "-" for each in request.node.name) + "/"


def command(inputs: Path | str, target: Path | str, sink: str, *more: str) -> list[str]:
    dest, *options = sink.split()
    return ["batch", str(inputs), "-t", SINKS[sink], "-o", f"{target}/{dest}", "-q", "-j", "1", *options, *more]


def at(below: str) -> str:
    return f"s3://{BUCKET}/{below.rstrip('/')}"


def worked(arguments: Sequence[str], folder: Path) -> dict[str, int]:
    """Run a command; give its summary."""
    assert finished([*arguments, "--summary", f"{folder}/summary.json"]) == 1
    summary: dict[str, int] = json.loads((folder / "summary.json").read_text())
    return summary


def staged(cache: Path) -> list[str]:
    """What is kept on this machine."""
    return [path.name for path in cache.rglob("*") if path.is_file()]


def here(folder: Path, inputs: Path, sink: str, *more: str) -> dict[str, bytes]:
    """Say what the same run makes on this machine."""
    folder.mkdir()
    finished(command(inputs, folder, sink, *more))
    return contents(folder)


@pytest.mark.parametrize("sink", [sink for sink in SINKS if sink != "lines.jsonl.gz"])
def test_what_is_there_is_what_a_first_run_makes_here(
    server: ObjectStore, cache: Path, tmp_path: Path, below: str, sink: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # where shards end depends on names
    made_inputs(inputs := Path("in"), 20)
    (inputs / "010.long.txt").write_bytes(articles(4, 400_000, 5000))  # shards of their own
    arguments = command(inputs, at(below), sink)
    assert worked(arguments, tmp_path)["reused"] == 0
    assert server.contents(below) == here(tmp_path / "first", inputs, sink)
    assert staged(cache) == []
    before = server.states(below)
    summary = worked(arguments, tmp_path)
    assert summary["reused"] == summary["read"]
    assert server.states(below) == before
    (inputs / "012.txt").write_text("= New =\n\nAnother text.\n")
    (inputs / "0125.txt").write_bytes(articles(3, 300, 9000))
    (inputs / "013.txt").unlink()
    (inputs / "a.txt").write_text("= nATO =\n\nText.\n")
    summary = worked(arguments, tmp_path)
    assert 0 < summary["reused"] < summary["read"]
    assert server.contents(below) == here(tmp_path / "second", inputs, sink)
    shutil.rmtree(cache)
    assert worked(arguments, tmp_path)["reused"] == summary["read"]


@pytest.mark.parametrize("sink", ["folder/", "site/", "lines.jsonl", "dump.xml.zst --split 20kB"])
def test_killed_at_any_call_it_resumes_to_the_same_bytes(tmp_path: Path, cache: Path, sink: str) -> None:
    made_inputs(inputs := tmp_path / "in", 20)
    expected = here(tmp_path / "whole", inputs, sink)
    arguments = command(inputs, f"file://{tmp_path}/killed", sink)
    number = random.Random(sink).randrange(step := int(os.environ.get("PLAINWIKI_KILL_STEP", "37")))
    status = KILLED
    while status == KILLED:
        for folder in (tmp_path / "killed", cache):
            shutil.rmtree(folder, ignore_errors=True)
        status = killed_at(number, arguments, calls=CALLS_THERE)
        # The next run is killed as well, a little later than where it begins.
        if status == KILLED and killed_at(number % 7, arguments, calls=CALLS_THERE) == KILLED:
            assert finished(arguments) == 1
        assert contents(tmp_path / "killed") == expected, f"killed at call {number}"
        assert staged(cache) == []
        number += step


@pytest.mark.parametrize("sink", ["folder/", "lines.jsonl.gz"])
def test_killed_by_the_system_it_goes_on(
    server: ObjectStore, cache: Path, tmp_path: Path, below: str, sink: str
) -> None:
    (inputs := tmp_path / "in.txt").write_bytes(articles(120, 50_000))
    (tmp_path / "here").mkdir()
    arguments = command("-", at(below), sink)
    with running(arguments) as (_, stdin):
        stdin.write(inputs.read_bytes()[:-100])
        stdin.flush()
        if sink == "folder/":
            waited(lambda: len(server.states(below)) > 20)
        else:
            waited(lambda: any(path.stat().st_size > 1000 for path in cache.rglob(".lines.jsonl.gz.plainwiki")))
            assert list(server.states(below)) == [".lines.jsonl.gz.manifest.plainwiki"]
        second = plainwiki(*arguments, given=b"")
        assert second.returncode == 3
        said = second.stderr.decode()
        assert said.startswith(f"plainwiki: another run is writing {at(below)}/{sink.rstrip('/')}: wait for it")
    assert plainwiki(*arguments, given=inputs.read_bytes()).returncode == 0
    plainwiki(*command("-", tmp_path / "here", sink), given=inputs.read_bytes())
    assert server.contents(below) == contents(tmp_path / "here") != {}


def test_killed_while_it_puts_files_there_it_goes_on(server: ObjectStore, tmp_path: Path, below: str) -> None:
    made_inputs(inputs := tmp_path / "in", 90)
    sink = "dump.xml.zst --split 20kB"
    expected = here(tmp_path / "here", inputs, sink, "--split", "2kB")
    arguments = command(inputs, at(below), sink, "--split", "2kB")
    with running(arguments):
        waited(lambda: any(name.endswith(".zst") for name in server.states(below)))
    there = server.contents(below)
    assert 1 < len(there) < len(expected)
    assert there.keys() - expected.keys() == {".dump.xml.zst.manifest.plainwiki"}
    assert all(expected[name] == content for name, content in there.items() if name in expected)
    assert "dump.xml.zst.manifest" not in server.states(below)
    assert finished(arguments) == 1
    assert server.contents(below) == expected


@pytest.mark.parametrize("sink", ["folder/", "lines.jsonl"])
def test_where_nothing_answers_in_the_middle_it_is_told(
    server: ObjectStore, tmp_path: Path, below: str, sink: str
) -> None:
    (tmp_path / "here").mkdir()
    arguments = command("-", at(below), sink)
    with running(arguments) as (process, stdin):
        stdin.write(articles(120, 50_000))
        stdin.flush()
        waited(lambda: len(server.states(below)) > (sink == "folder/"))
        with server.gone():
            with suppress(BrokenPipeError):  # it may have ended before it read all
                stdin.write(articles(60, 50_000, 120))
            status, said = ended(process)
    assert status == 3, said
    assert said.startswith(f"plainwiki: cannot write {at(below)}/{sink.rstrip('/')}: ")
    assert said.count("\n") == 1
    assert sink == "folder/" or sink not in server.states(below)
    assert plainwiki(*arguments, given=articles(180, 50_000)).returncode == 0
    plainwiki(*command("-", tmp_path / "here", sink), given=articles(180, 50_000))
    assert server.contents(below) == contents(tmp_path / "here")


def test_what_was_begun_on_another_machine_is_told(
    server: ObjectStore, tmp_path: Path, below: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another cache stands for the other machine."""
    made_inputs(inputs := tmp_path / "in", 12)
    arguments = command(inputs, at(below), "folder/")
    assert finished(arguments) == 1
    (inputs / "001.txt").unlink()
    (inputs / "002.txt").write_text("= New =\n")
    with running([*arguments, "--restart"]):
        waited(lambda: ".folder.manifest.plainwiki" in server.states(below))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "other"))
    ran = plainwiki(*arguments)
    assert ran.returncode == 3
    assert ran.stderr.decode().endswith("give the same command there, or --restart to do all of it here\n")
    assert plainwiki(*arguments, "--restart").returncode == 1
    expected = here(tmp_path / "here", inputs, "folder/")
    assert server.contents(below) == expected
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert finished(arguments) == 1
    assert server.contents(below) == expected


@pytest.mark.parametrize("sink", ["site/", "lines.jsonl"])
def test_what_was_taken_away_or_touched_is_made_again(
    server: ObjectStore, tmp_path: Path, below: str, sink: str
) -> None:
    made_inputs(inputs := tmp_path / "in", 6)
    arguments = command(inputs, at(below), sink)
    assert finished(arguments) == 1
    expected = server.contents(below)
    name = next(name for name in expected if "rejects" not in name)
    server.remove(below + name)
    assert finished(arguments) == 1
    assert server.contents(below) == expected
    if not sink.endswith("/"):
        server.write(below + name, b"something else\n")
        assert finished(arguments) == 1
        assert server.contents(below) == expected


@pytest.mark.parametrize("dest", ["out/", "out.jsonl"])
def test_rejects_are_tried_again_and_options_are_kept(tmp_path: Path, dest: str) -> None:
    (tmp_path / "a.txt").write_text("= A|B =\n\nOne.\n\n= C =\n\nTwo '' quotes.\n")
    for place in (f"file://{tmp_path}/there", f"{tmp_path}/here"):
        os.makedirs(tmp_path / "here", exist_ok=True)
        arguments = ["batch", f"{tmp_path}/a.txt", "-t", "wikitext", "-o", f"{place}/{dest}"]
        assert finished([*arguments, "--retry-rejects"]) == 2
        assert finished(arguments) == 1
        assert finished([*arguments, "--markup", "passthrough"]) == 2
        assert finished([*arguments, "--retry-rejects", "--titles", "replace", "--markup", "passthrough"]) == 0
    assert contents(tmp_path / "there") == contents(tmp_path / "here")
    assert finished([*arguments, "--markup", "passthrough", "--titles", "replace", "--restart"]) == 0


def test_what_is_written_is_not_read(server: ObjectStore, tmp_path: Path, below: str) -> None:
    server.write(f"{below}a.txt", articles(3))
    for dest in ("out.jsonl", "out/"):
        for turn in range(2):
            arguments = ["batch", f"{at(below)}/", "-t", "plain", "-o", f"{at(below)}/{dest}"]
            ran = plainwiki(*arguments, "--report", f"{tmp_path}/report.html")
            assert f"plainwiki: {3 if dest == 'out.jsonl' else 6} read" in ran.stderr.decode(), turn
    assert server.contents(f"{below}out/").keys() == {f"Title {number}.txt" for number in range(3)}


@pytest.mark.parametrize("source", ["in/", "in.tar.gz", "in.zip"])
@pytest.mark.parametrize("sink", ["folder/", "dump.xml"])
def test_where_a_host_is_named_it_is_read_and_written(sftp: SftpServer, tmp_path: Path, source: str, sink: str) -> None:
    (tmp_path / "in").mkdir()
    for number in range(4):
        (tmp_path / "in" / f"{number}.txt").write_bytes(articles(3, 200, number * 3))
    (tmp_path / "in" / "broken.txt").write_bytes(b"= Caf\xe9 =\n")
    shutil.make_archive(str(tmp_path / "in"), "gztar", tmp_path, "in")
    shutil.make_archive(str(tmp_path / "in"), "zip", tmp_path, "in")
    (tmp_path / "out").mkdir()
    there = f"{sftp.address}{tmp_path}"
    arguments = command(f"{there}/{source}", f"{there}/out", sink)
    summary = worked(arguments, tmp_path)
    assert (summary["written"], summary["rejected"], summary["reused"]) == (12, 1, 0)
    first = contents(tmp_path / "out")
    assert f"sftp://me@127.0.0.1:{sftp.port}{tmp_path}/in".encode() in first[f"{sink.rstrip('/')}.rejects.jsonl"]
    assert not any(PASSWORD.encode() in text for text in first.values())
    assert worked(arguments, tmp_path)["reused"] == 13
    assert contents(tmp_path / "out") == first


def test_where_a_host_is_named_what_is_written_is_not_read(sftp: SftpServer, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(articles(3))
    there = f"{sftp.address}{tmp_path}"
    for _ in range(2):
        ran = plainwiki("batch", f"{there}/", "-t", "plain", "-o", f"{there}/out.jsonl", "--report", "/dev/null")
        assert "plainwiki: 3 read" in ran.stderr.decode()


def test_a_cluster_reads_and_writes_there(server: ObjectStore, tmp_path: Path, below: str) -> None:
    for number in range(12):
        server.write(f"{below}in/{number:02}.txt", articles(3, 100_000, number * 3))
    server.write(f"{below}in/broken.txt", b"= Caf\xe9 =\n")
    made = {}
    for engine in ("local", "ray"):
        inputs, target = f"{at(below)}/in/", f"{at(below)}/{engine}"
        # In a process of its own: Ray does not start in the fork of one in which it ran.
        arguments = command(inputs, target, "folder/", "--engine", engine, "-j", "2")
        assert plainwiki(*arguments, "--summary", tmp_path / "summary.json").returncode == 1
        summary = json.loads((tmp_path / "summary.json").read_text())
        assert (summary["read"], summary["written"], summary["rejected"]) == (37, 36, 1)
        made[engine] = server.contents(f"{below}{engine}/")
    assert made["ray"] == made["local"]
    assert {f"folder/Title {number}.wiki" for number in range(36)} < made["ray"].keys()


REFUSED = {
    "http://127.0.0.1/x.jsonl": (2, "http://127.0.0.1/x.jsonl: http can only be read"),
    "nosuch://bucket/x.jsonl": (2, "nosuch://bucket/x.jsonl: Protocol not known: nosuch"),
    "smb://me:secret@host/x.jsonl": (2, "smb://me@host/x.jsonl: SMB requires"),
    "ftp://me:secret@127.0.0.1:1/x.jsonl": (3, "cannot reach ftp://me@127.0.0.1:1/x.jsonl: Connection refused"),
    "filecache::s3://bucket/x.jsonl": (2, "filecache::s3://bucket/x.jsonl: a chain of file systems"),
    "s3://bucket/": (2, "s3://bucket is no folder that something can stand beside"),
    "s3://no-bucket/out/": (3, "cannot write s3://no-bucket/out: The specified bucket does not exist"),
    "s3://bucket/refused/a.txt/": (2, "s3://bucket/refused/a.txt is a file: name a folder"),
    "s3://bucket/refused/b.jsonl": (2, "s3://bucket/refused/b.jsonl is a folder: name a file"),
    "s3://bucket/refused/": (2, "s3://bucket/refused is read and written"),
    "file:///proc/none/x.jsonl": (3, "cannot write file:///proc/none/x.jsonl: No such file or directory"),
}


def test_the_password_of_an_input_is_not_shown(tmp_path: Path) -> None:
    ran = plainwiki("batch", "ftp://me:secret@127.0.0.1:1/x.txt", "-o", tmp_path / "out.jsonl")
    assert b"ftp://me@127.0.0.1:1/x.txt" in ran.stderr
    assert b"secret" not in ran.stderr
    assert not [path for path in tmp_path.iterdir() if b"secret" in path.read_bytes()]


@pytest.mark.parametrize("dest", REFUSED)
def test_what_cannot_be_written_to_is_told(server: ObjectStore, cache: Path, dest: str) -> None:
    server.write("refused/a.txt", b"= A =\n")
    server.write("refused/b.jsonl/c.txt", b"= A =\n")
    ran = plainwiki("batch", f"s3://{BUCKET}/refused", "-t", "json", "-o", dest)
    said = ran.stderr.decode()
    assert (ran.returncode, said.count("\n")) == (REFUSED[dest][0], 1), said
    assert said.startswith(f"plainwiki: {REFUSED[dest][1]}")
    assert staged(cache) == []
    assert server.states("refused/").keys() == {"a.txt", "b.jsonl/c.txt"}
