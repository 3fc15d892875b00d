"""What a batch writes is whole in every part, and named so that any system and any reader takes it."""

from __future__ import annotations

import bz2
import gzip
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pyarrow.parquet
import pytest

from convert.batch.sinks import folder
from convert.cli import main
from convert.io.compression import unpack
from convert.names import title_of_name
from tests.batch.test_faults import waited
from tests.support.commands import PROGRAM, TIMEOUT_S, articles, contents, plainwiki, started

UNPACKED: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    ".gz": gzip.decompress,
    ".bz2": bz2.decompress,
    ".zst": lambda packed: unpack(packed, "zst"),
}


@pytest.mark.slow
@pytest.mark.parametrize("suffix", UNPACKED)
@pytest.mark.parametrize("name", ["lines.jsonl", "dump.xml"])
def test_packed_output_is_the_plain_one_packed(tmp_path: Path, name: str, suffix: str) -> None:
    given = articles(600)
    for path in (name, name + suffix):
        assert plainwiki("batch", "-", "-q", "-j", "2", "-o", tmp_path / path, given=given).returncode == 0
    packed = (tmp_path / (name + suffix)).read_bytes()
    assert UNPACKED[suffix](packed) == (tmp_path / name).read_bytes()


@pytest.mark.slow
def test_packed_output_is_read_by_the_usual_programs(tmp_path: Path) -> None:
    plainwiki("batch", "-", "-q", "-o", tmp_path / "d.xml.gz", given=articles(1500))
    plainwiki("batch", "-", "-q", "-o", tmp_path / "d.xml.bz2", given=articles(1500))
    unpacked = [
        subprocess.run([program, "-dc", tmp_path / name], capture_output=True, check=True).stdout
        for program, name in (("gzip", "d.xml.gz"), ("bzip2", "d.xml.bz2"))
    ]
    assert unpacked[0] == unpacked[1]
    assert len(ElementTree.fromstring(unpacked[0])) == 1501


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_each_part_of_a_split_dump_is_whole(tmp_path: Path, suffix: str) -> None:
    given = articles(300) + articles(1, 100_000, 300) + articles(300, first=301)
    command = ["batch", "-", "-q", "-t", "export", "-o", f"{tmp_path}/my.dump.xml{suffix}", "--split", "60kB"]
    assert plainwiki(*command, given=given).returncode == 0
    parts = sorted(tmp_path.glob("*.xml" + suffix))
    assert parts[0].name == f"my.dump-00001.xml{suffix}"
    titles = []
    for part in parts:
        dump = ElementTree.fromstring(UNPACKED[suffix](part.read_bytes()))
        titles += [each.text for each in dump.iter() if each.tag.endswith("}title")]
        pages = sum(each.tag.endswith("}page") for each in dump)
        assert pages == 1 or part.stat().st_size <= 60_000
    assert titles == [f"Title {number}" for number in range(601)]
    # Fewer parts the next time: none of the others is left.
    assert plainwiki(*command, given=articles(3)).returncode == 0
    assert [path.name for path in tmp_path.glob("*.xml" + suffix)] == [f"my.dump-00001.xml{suffix}"]


def test_a_table_has_titles_texts_and_sources(tmp_path: Path) -> None:
    plainwiki("batch", "-", "-q", "-o", tmp_path / "t.parquet", given=articles(900))
    plainwiki("batch", tmp_path / "t.parquet", "-q", "-t", "json", "-o", tmp_path / "again.jsonl")
    rows = pyarrow.parquet.read_table(tmp_path / "t.parquet").to_pylist()
    assert (tmp_path / "t.parquet").read_bytes()[:4] == b"PAR1"
    assert [row["title"] for row in rows] == [f"Title {number}" for number in range(900)]
    assert {row["source"] for row in rows} == {"<stdin>"}
    assert rows[7]["text"].startswith("7 word")
    assert (tmp_path / "again.jsonl").read_bytes().count(b"\n") == 900


def test_an_empty_batch_is_an_empty_output(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"")
    for name in ("l.jsonl", "l.jsonl.zst", "d.xml", "d.xml.gz", "t.parquet"):
        assert plainwiki("batch", tmp_path / "a.txt", "-q", "-o", tmp_path / name).returncode == 1
        assert (tmp_path / name).exists()
    ElementTree.parse(tmp_path / "d.xml")
    assert pyarrow.parquet.read_table(tmp_path / "t.parquet").num_rows == 0


def test_many_files_are_spread_over_folders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(folder, "FILES_PER_FOLDER", 10)
    (tmp_path / "in.txt").write_bytes(articles(35, 20) + f"= {'x' * 300} =\n\nx\n".encode())
    assert main(["batch", str(tmp_path / "in.txt"), "-q", "-j", "1", "-t", "plain", "-o", f"{tmp_path}/out/"]) == 0
    names = sorted(contents(tmp_path / "out"))
    assert [sum(name.startswith(f"000{number}/") for name in names) for number in range(5)] == [0, 10, 10, 6, 0]
    titles = {title_of_name(name.removesuffix(".txt")) for name in names}
    assert titles == {*(f"Title {number}" for number in range(35)), "x" * 300}


@pytest.mark.parametrize(
    "title", ["../../etc/passwd", "CON", "a/b", "NUL.txt", "\N{GRINNING FACE}" * 100, ".", "a\\b:c*?", "con", "x."]
)
def test_any_title_is_a_file_inside_the_folder(tmp_path: Path, title: str) -> None:
    plainwiki("batch", "-", "-q", "-t", "plain", "-o", tmp_path / "out/", given=f"= {title} =\n\nx\n".encode())
    (name,) = contents(tmp_path / "out")
    assert title_of_name(name.removesuffix(".txt")) == title
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "out.manifest"]


def test_a_second_interrupt_ends_at_once(tmp_path: Path) -> None:
    """The first is held up: a worker's end is waited for, and the worker is stopped."""
    process = started("batch", "-", "-t", "json", "-j", "2", "-o", tmp_path / "out.jsonl")
    assert process.stdin
    process.stdin.write(articles(3000))
    process.stdin.flush()
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    waited(lambda: len(children.read_text().split()) == 2)
    start = time.monotonic()
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=TIMEOUT_S)
    assert process.returncode in (130, -signal.SIGINT)
    assert time.monotonic() - start < TIMEOUT_S / 2


def test_a_full_disk_is_told_and_the_run_goes_on_when_there_is_room(tmp_path: Path) -> None:
    """On a file system of one megabyte, where the superuser may mount one; else on one that is as small for files."""
    disk = tmp_path / "disk"
    disk.mkdir()
    (tmp_path / "in.txt").write_bytes(articles(1500))
    command = ["batch", f"{tmp_path}/in.txt", "-q", "-j", "1", "-t", "json", "-o", f"{disk}/out.jsonl"]
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "none", disk], capture_output=True, check=False)
    limited = [] if mounted.returncode == 0 else ["sh", "-c", 'ulimit -f 1000; exec "$@"', "sh"]
    try:
        ran = subprocess.run([*limited, *PROGRAM, *command], capture_output=True, timeout=TIMEOUT_S, check=False)
        assert ran.returncode == 3
        assert ran.stderr.startswith(f"plainwiki: cannot write {disk}/out.jsonl: ".encode())
        if not limited:
            subprocess.run(["mount", "-o", "remount,size=64m", disk], check=True)
        assert plainwiki(*command).returncode == 0
        assert (disk / "out.jsonl").read_bytes().count(b"\n") == 1500
    finally:
        if not limited:
            subprocess.run(["umount", disk], check=True)


@pytest.mark.slow
def test_a_folder_that_changes_while_it_is_read_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for number in range(600):
        (tmp_path / "in" / f"{number:03}.txt").write_bytes(articles(1, 3000, number))
    process = started("batch", tmp_path / "in", "-t", "json", "-j", "2", "-o", tmp_path / "out/")
    waited(lambda: any((tmp_path / "out").glob("*.json")))
    for number in range(599, 300, -3):
        (tmp_path / "in" / f"{number:03}.txt").unlink()
        os.replace(tmp_path / "in" / f"{number - 1:03}.txt", tmp_path / "in" / f"{number - 1:03}.moved.txt")
        (tmp_path / "in" / f"{number - 2:03}.txt").write_text("= Another =\n\nText.\n")
    _, said = process.communicate(timeout=TIMEOUT_S)
    assert process.returncode in (0, 1, 3)
    assert b"Traceback" not in said
    assert plainwiki("batch", tmp_path / "in", "-t", "json", "-q", "-o", tmp_path / "out/").returncode == 1
    (tmp_path / "fresh").mkdir()
    plainwiki("batch", tmp_path / "in", "-t", "json", "-q", "-o", tmp_path / "fresh" / "out/")
    assert contents(tmp_path / "fresh" / "out") == contents(tmp_path / "out")
    told = json.loads((tmp_path / "out.rejects.jsonl").read_text().splitlines()[0])
    assert told["code"] == "title-repeated"
