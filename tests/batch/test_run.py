"""A batch makes the same bytes however many work at it, loses nothing, and does not grow with its input."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.commands import articles, contents, plainwiki
from tests.support.running import ran

FORMATS = {"folder/": "wikitext", "lines.jsonl": "wikitext", "dump.xml": "export"}


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with a stream of several shards and small files, some of them bad."""
    folder = tmp_path_factory.mktemp("inputs")
    (folder / "stream.txt").write_bytes(articles(1500))
    (folder / "more").mkdir()
    for number in range(300):
        (folder / "more" / f"{number}.txt").write_bytes(articles(1, 50, 1400 + number))
    (folder / "more" / "latin.txt").write_bytes(b"= Caf\xe9 =\n")
    (folder / "more" / "empty.txt").write_bytes(b"")
    (folder / "more" / "title.txt").write_bytes(b"= A|B =\n")
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("dest", FORMATS)
def test_one_worker_and_three_make_the_same_bytes(inputs: Path, tmp_path: Path, dest: str) -> None:
    for jobs in ("1", "3"):
        (tmp_path / jobs).mkdir()
        done = plainwiki("batch", inputs, "-t", FORMATS[dest], "-j", jobs, "-o", f"{tmp_path / jobs}/{dest}")
        assert done.returncode == 1
        assert b"1,803 read = 1,700 written + 103 rejected" in done.stderr
    one, three = contents(tmp_path / "1"), contents(tmp_path / "3")
    assert one == three
    assert len(one) == 1 + (1700 if dest == "folder/" else 1)


def test_rejects_tell_all_that_was_not_written(inputs: Path, tmp_path: Path) -> None:
    done = plainwiki("batch", inputs, "-t", "wikitext", "-q", "-o", tmp_path / "out.jsonl")
    told = [json.loads(line) for line in (tmp_path / "out.jsonl.rejects.jsonl").read_text().splitlines()]
    codes = [each["code"] for each in told]
    assert {code: codes.count(code) for code in codes} == {
        "title-repeated": 100, "encoding": 1, "empty": 1, "title-invalid": 1,
    }  # fmt: skip
    (repeated,) = (each for each in told if each["title"] == "Title 1450")
    assert repeated == {
        "source": f"{inputs}/stream.txt",
        "line": 1450 * 4 + 1,
        "title": "Title 1450",
        "code": "title-repeated",
        "reason": f"'Title 1450' is the page of {inputs}/more/50.txt:1 already: give one of the two another title",
    }
    assert len(done.stderr.splitlines()) == len(told)


@pytest.mark.slow
def test_a_stream_is_not_held_in_memory(tmp_path: Path) -> None:
    """Forty-five megabytes more of input, and hardly more than the two that SQLite keeps of the titles."""
    peaks = []
    for count in (2_500, 25_000):
        (tmp_path / "stream.txt").write_bytes(articles(count))
        command = ["batch", f"{tmp_path}/stream.txt", "-t", "json", "-q", "-j", "1", "-o", f"{tmp_path}/o.jsonl"]
        # What getrusage tells of a child begins with what its parent had.
        program = f"from convert.cli import main; main({command}); print(open('/proc/self/status').read())"
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True)
        peaks.append(int(done.stdout.split("VmHWM:")[1].split()[0]))
    assert peaks[1] - peaks[0] < 9_000


@pytest.mark.parametrize(("dest", "counts"), [("out/", b"3 written + 1 rejected"), ("out.jsonl", b"4 written + 0")])
def test_the_output_of_a_run_is_not_its_input(tmp_path: Path, dest: str, counts: bytes) -> None:
    (tmp_path / "a.txt").write_bytes(articles(3, 50) + articles(1, 50))
    for _ in range(2):
        done = plainwiki("batch", tmp_path, "-t", "json", "-o", f"{tmp_path}/{dest}")
        assert b"4 read = " + counts in done.stderr


@pytest.mark.parametrize("dest", ["dump.xml", "lines.jsonl", "table.parquet", "folder/"])
def test_a_title_is_one_page_however_it_is_stored(tmp_path: Path, dest: str) -> None:
    target = "export" if dest == "dump.xml" else "wikitext"
    done = plainwiki("batch", "-", "-t", target, "-o", f"{tmp_path}/{dest}", given=b"= A =\n\nOne.\n\n= A =\n\nTwo.\n")
    assert (done.returncode, b"'A' is the page of <stdin>:1 already" in done.stderr) == (1, True)


@pytest.mark.parametrize(
    ("dest", "target"),
    [("all.jsonl", "json"), ("all.jsonl", "plain"), ("all.xml", "xml"), ("all.parquet", "json"), ("all.jsonl", "html")],
)
def test_articles_that_are_no_pages_may_share_a_title(tmp_path: Path, dest: str, target: str) -> None:
    """They are told with --verbose, are counted once, and stay so when shards are reused or added."""
    paths = [tmp_path / f"{name}.txt" for name in "abc"]
    for path in paths:
        path.write_text(f"= A =\n\nFrom {path.name}.\n")
    summary = tmp_path / "summary.json"
    command: list[str | Path] = ["batch", "-t", target, "-v", "-o", tmp_path / dest, "--summary", summary]
    for count in (2, 2, 3):
        done = plainwiki(*command, *paths[:count])
        assert done.returncode == 0, done.stderr
        told = json.loads(summary.read_text())
        assert (told["written"], told["diagnostics"]["title-shared"]) == (count, count - 1)
    assert b"c.txt:1:1: info: 'A' is the title of " in done.stderr


@pytest.mark.parametrize("target", ["json", "plain", "xml", "html"])
def test_convert_keeps_articles_that_share_a_title(target: str) -> None:
    done = plainwiki("convert", "-t", target, given=b"= A =\n\nOne.\n\n= A =\n\nTwo.\n")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.count(b"One.") == done.stdout.count(b"Two.") == 1


def test_folder_gives_a_title_to_one_file(tmp_path: Path) -> None:
    done = plainwiki("batch", "-", "-t", "json", "-o", f"{tmp_path}/out/", given=b"= A =\n\nOne.\n\n= A =\n\nTwo.\n")
    assert (done.returncode, b"'A' is the file of <stdin>:1 already" in done.stderr) == (1, True)


def test_ids_of_pages_do_not_depend_on_how_the_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "q" / "in").mkdir(parents=True)
    for number in range(300):
        (tmp_path / "q" / "in" / f"{number:03}.txt").write_text(f"= Title {number} =\n\nText.\n")
        os.utime(tmp_path / "q" / "in" / f"{number:03}.txt", (10**9, 10**9))
    archive = tmp_path / "q" / "in.tar"
    subprocess.run(["tar", "-cf", archive, "-C", tmp_path / "q" / "in", "."], check=True)
    files = [f"q/in/{number:03}.txt" for number in range(300)]
    named: dict[str, list[str]] = {
        ".": ["q/in"], "q": ["in/"], "q/in": ["."], "/": [f"{tmp_path}/q/in"], "q/in/..": ["./../q/in"], "": files,
    }  # fmt: skip
    dumps = {_dump(tmp_path / folder, inputs, tmp_path / "out.xml") for folder, inputs in named.items()}
    assert len(dumps) == 1
    tars = {
        _dump(tmp_path / folder, [name], tmp_path / "out.xml") for folder, name in ((".", "q/in.tar"), ("q", "in.tar"))
    }
    assert len(tars) == 1


def _dump(folder: Path, inputs: list[str], out: Path) -> bytes:
    done = ran(folder, "batch", *inputs, "-q", "-j", "1", "--restart", "-o", str(out))
    assert done.status == 0, done.err
    return out.read_bytes()


def test_standard_input_is_a_stream_too(tmp_path: Path) -> None:
    stream = articles(1000)
    (tmp_path / "stream.txt").write_bytes(stream)
    plainwiki("batch", tmp_path / "stream.txt", "-j", "2", "-t", "json", "-o", tmp_path / "file.jsonl")
    plainwiki("batch", "-", "-j", "2", "-t", "json", "-o", tmp_path / "stdin.jsonl", given=stream)
    assert (tmp_path / "file.jsonl").read_bytes() == (tmp_path / "stdin.jsonl").read_bytes()
    assert (tmp_path / "file.jsonl").read_bytes().count(b"\n") == 1000


def test_json_lines_read_what_they_wrote(tmp_path: Path) -> None:
    plainwiki("batch", "-", "-t", "json", "-o", tmp_path / "one.jsonl", given=articles(1000))
    lines = (tmp_path / "one.jsonl").read_bytes().splitlines(keepends=True)
    (tmp_path / "one.jsonl").write_bytes(b"".join([*lines[:500], b'{"broken\n', *lines[500:]]))
    done = plainwiki("batch", tmp_path / "one.jsonl", "-o", tmp_path / "two.jsonl")
    assert b":501:2: error: not JSON" in done.stderr
    assert b"1,001 read = 1,000 written + 1 rejected" in done.stderr
    assert (tmp_path / "two.jsonl").read_bytes() == b"".join(lines)


def test_times_are_those_of_the_sources(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("= A =\n\na\n")
    os.utime(tmp_path / "a.txt", (86_400, 86_400))
    done = plainwiki("convert", tmp_path / "a.txt", "-t", "export")
    assert b"<timestamp>1970-01-02T00:00:00Z<" in done.stdout
    done = plainwiki("convert", "-t", "export", given=b"= A =\n\na\n")
    assert b"<timestamp>1970-01-01T00:00:00Z<" in done.stdout


def test_names_that_differ_in_case_do_not_meet(tmp_path: Path) -> None:
    plainwiki("batch", "-", "-t", "json", "-o", tmp_path / "out/", given=b"= Nato =\n\n= NATO =\n\n= nato =\n")
    titles = {name: json.loads(text)["title"] for name, text in contents(tmp_path / "out").items()}
    assert titles == {"Nato.json": "Nato", "NATO%~2.json": "NATO", "nato%~3.json": "nato"}


def test_a_title_longer_than_a_name_makes_a_path(tmp_path: Path) -> None:
    long = "\N{GRINNING FACE}" * 100
    too_long = "y" * 4000
    text = f"= {long} =\n\n= {too_long} =\n"
    done = plainwiki("batch", "-", "-t", "json", "-o", tmp_path / "out/", given=text.encode())
    assert b"no file can have a title of 4000 bytes: shorten it [title-invalid]" in done.stderr
    (name,) = contents(tmp_path / "out")
    assert name == f"{long[:50]}%/{long[50:]}.json"


def test_a_summary_tells_what_was_done_by_all_runs(inputs: Path, tmp_path: Path) -> None:
    told = []
    for _ in range(2):
        plainwiki("batch", inputs, "-q", "-t", "wikitext", "-o", tmp_path / "o.jsonl", "--summary", tmp_path / "s.json")
        told.append(json.loads((tmp_path / "s.json").read_text()))
    first, again = told
    assert (first["read"], first["written"], first["rejected"]) == (1803, 1700, 103)
    assert first["diagnostics"]["title-repeated"] == 100
    assert set(first["seconds"]) == {"end", "fetch", "put", "read", "save", "sync", "write"}
    assert first["bytes_read"] == sum(path.stat().st_size for path in inputs.rglob("*.txt"))
    sizes = [each["size"] for each in first["largest"]]
    assert sizes == sorted(sizes, reverse=True)
    assert len(sizes) == len(first["slowest"]) == 5
    assert (first.pop("reused"), again.pop("reused")) == (0, 1803)
    assert first.pop("elapsed_seconds") >= 0 <= again.pop("elapsed_seconds")
    assert first == again


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--shard", "0/3"], "'0/3' is no share: the first of sixteen is 1/16, the last 16/16"),
        (["--shard", "4/3"], "'4/3' is no share"),
        (["--split", "some"], "'some' is no size: give a number and a unit, as in 500MB or 64MiB"),
        (["--split", "5MB", "-o", "folder/"], "folder/ cannot be split: name NAME.xml or NAME.jsonl"),
    ],
)
def test_what_cannot_be_meant_is_told(tmp_path: Path, options: list[str], said: str) -> None:
    done = plainwiki("batch", "-", "-o", tmp_path / "o.jsonl", *options)
    assert done.returncode == 2
    assert said in done.stderr.decode()
    assert not list(tmp_path.iterdir())
