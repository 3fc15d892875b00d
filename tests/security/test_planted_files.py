"""What strangers put beside an output, or in place of it, is refused or replaced, and never followed."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convert.batch.job.runner import Job
from convert.batch.sinks.output_names import Names, part
from convert.cli import main
from convert.errors import EnvironmentFailed, UsageError
from convert.infobox.match import Rule
from convert.io.atomic import AtomicFile
from convert.io.own_files import foreign
from convert.names import name_of, numbered
from convert.preview.edits import rules
from convert.upload.state.state import State
from tests.support.commands import articles, contents, in_own_process

HEAD = ["head", {}, {}, True]
LONG = "Long " * 45
TARGETS = {
    "out/": "wikitext", "site/": "html", "out.jsonl": "wikitext", "out.jsonl.zst": "wikitext",
    "out.parquet": "wikitext", "out.xml": "export",
}  # fmt: skip


@pytest.fixture
def inputs(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(3):
        (folder / f"{number}.txt").write_bytes(articles(2, 200, number * 2))
    (folder / "long.txt").write_text(f"= {LONG} =\n\nLong.\n")
    (folder / "again.txt").write_bytes(articles(1, 100, 1))
    return folder


@pytest.fixture
def precious(tmp_path: Path) -> Path:
    path = tmp_path / "home" / ".bashrc"
    path.parent.mkdir()
    path.write_text("precious")
    return path


def batch(inputs: Path, dest: str, *more: str) -> int:
    name = dest.rstrip("/").rpartition("/")[2]
    target = TARGETS.get(name, TARGETS.get(f"{name}/", "json"))
    return main(["batch", str(inputs), "-t", target, "-o", dest, "-j", "1", *more])


def changed(manifest: Path, change: Callable[[list[Any]], None]) -> None:
    """Change the lines of a manifest."""
    lines = [json.loads(line) for line in manifest.read_bytes().splitlines()]
    change(lines)
    manifest.write_bytes(b"".join(json.dumps(line).encode() + b"\n" for line in lines))


def killed(arguments: Callable[[], int], patch: pytest.MonkeyPatch, call: str = "replace") -> None:
    """Run a batch that is gone when it would give the last file its name, or with another call to the end."""

    def gone(*given: object) -> None:
        raise KeyboardInterrupt

    with patch.context() as inner:
        inner.setattr(Job, "finish", gone) if call == "finish" else inner.setattr(os, call, gone)
        assert arguments() == 130


# ── Manifests


@pytest.mark.parametrize("options", [[], ["--restart"]], ids=["resumed", "restarted"])
@pytest.mark.parametrize("dest", ["out/", "out.jsonl"])
def test_planted_journal_publishes_nothing(
    inputs: Path, tmp_path: Path, precious: Path, dest: str, options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    name = dest.rstrip("/")
    journal, evil = tmp_path / f".{name}.manifest.plainwiki", tmp_path / "evil"
    evil.write_text("evil")
    end = ["end", HEAD, [["evil", "home/.bashrc"]], [str(precious)], "", {}, {}]
    lines = [HEAD, ["stale", [f"{name}/../home/.bashrc", str(precious)]], end]
    journal.write_bytes(b"".join(json.dumps(line).encode() + b"\n" for line in lines))
    status = batch(inputs, f"{tmp_path}/{dest}", *options)
    assert (precious.read_text(), evil.read_text()) == ("precious", "evil")
    assert status == (1 if options else 3)
    if not options:
        assert f"plainwiki: {journal} is not as a run has left it" in capsys.readouterr().err


@pytest.mark.parametrize(
    "name",
    ["/etc/passwd", "../mine.wiki", "..", "", "mine.wiki", "out.manifest", "0001/../../mine.wiki", "out/index.wiki"],
)
def test_manifest_names_no_file_of_others(
    inputs: Path, tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = tmp_path / "mine.wiki"
    mine.write_text("mine")
    dest = f"{tmp_path}/out.jsonl"
    assert batch(inputs, dest) == 1

    def other(lines: list[Any]) -> None:
        lines[1][2][0][-1] = name or "."

    changed(tmp_path / "out.jsonl.manifest", other)
    (inputs / "0.txt").write_bytes(articles(1, 100, 50))
    assert batch(inputs, dest) == 3
    assert "out.jsonl.manifest is not as a run has left it" in capsys.readouterr().err
    assert mine.read_text() == "mine"
    assert batch(inputs, dest, "--restart") == 0


def test_stale_files_outside_the_folder_are_kept(inputs: Path, tmp_path: Path, precious: Path) -> None:
    dest = f"{tmp_path}/out/"
    assert batch(inputs, dest) == 1
    before = contents(tmp_path / "out")

    def outside(lines: list[Any]) -> None:
        for line in lines:
            if line[0] == "shard":
                line[2] = [[*row[:-1], "../home/.bashrc"] if row[0] == "w" else row for row in line[2]]

    changed(tmp_path / "out.manifest", outside)
    for path in inputs.iterdir():
        path.unlink()
    (inputs / "new.txt").write_bytes(articles(1, 100, 70))
    assert batch(inputs, dest) == 3
    assert batch(inputs, dest, "--restart") == 0
    assert precious.read_text() == "precious"
    assert before.items() < contents(tmp_path / "out").items()


@pytest.mark.parametrize(
    "line",
    [b"{}", b'["end"]', b"[" * 100_000, b'["end",' + b"[" * 9000, b"\xff", b'["head",{},{},true]', b"9" * 5000, b""],
)
@pytest.mark.parametrize("name", ["out.jsonl.manifest", ".out.jsonl.manifest.plainwiki"])
def test_damaged_manifest_is_one_refusal(
    inputs: Path, tmp_path: Path, name: str, line: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / name).write_bytes(b'["end"]\n' + line + b"\n")
    assert batch(inputs, f"{tmp_path}/out.jsonl", "-q") == 3
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert f"{tmp_path / name} is not as a run has left it" in said
    assert batch(inputs, f"{tmp_path}/out.jsonl", "--restart") == 1


@pytest.mark.parametrize("number", [-1, 1 << 59, 1 << 64, 1 << 3000, 0.5])
def test_numbers_of_no_run_are_refused(
    inputs: Path, tmp_path: Path, number: float, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    dest = f"{tmp_path}/out.jsonl"
    killed(lambda: batch(inputs, dest), monkeypatch, "finish")
    partial = tmp_path / ".out.jsonl.plainwiki"
    before = partial.read_bytes()

    def far(lines: list[Any]) -> None:
        lines[-1][4][1] = number

    changed(tmp_path / ".out.jsonl.manifest.plainwiki", far)
    capsys.readouterr()
    assert batch(inputs, dest, "-q") == 3
    assert "plainwiki is not as a run has left it" in capsys.readouterr().err
    assert partial.read_bytes() == before


def test_other_options_publish_nothing(inputs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dest = f"{tmp_path}/out.jsonl"
    killed(lambda: batch(inputs, dest), monkeypatch)
    assert batch(inputs, dest, "--values", "typed") == 2
    assert not (tmp_path / "out.jsonl").exists()
    assert batch(inputs, dest) == 1
    assert (tmp_path / "out.jsonl").exists()


def test_restart_of_what_was_about_to_be_published_leaves_nothing_of_it(
    inputs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dest, whole = tmp_path / "killed", tmp_path / "whole"
    dest.mkdir()
    whole.mkdir()
    count = 0
    usual = os.replace

    def gone(*given: Any) -> None:
        nonlocal count
        count += 1
        if count > 3:
            raise KeyboardInterrupt
        usual(*given)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", gone)
        assert batch(inputs, f"{dest}/out.jsonl", "--split", "300") == 130
    assert list(dest.glob("out-*"))
    assert batch(inputs, f"{dest}/out.jsonl", "--restart") == 1
    assert batch(inputs, f"{whole}/out.jsonl") == 1
    assert contents(dest) == contents(whole)


@pytest.mark.parametrize("dest", TARGETS)
def test_killed_with_other_inputs_it_is_what_a_first_run_makes(
    inputs: Path, tmp_path: Path, dest: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("killed", "whole"):
        (tmp_path / name).mkdir()
    killed(lambda: batch(inputs, f"{tmp_path}/killed/{dest}"), monkeypatch, "finish")
    (inputs / "0.txt").write_bytes(articles(1, 100, 1))
    for name in ("killed", "whole"):
        assert batch(inputs, f"{tmp_path}/{name}/{dest}") == 1
    assert contents(tmp_path / "killed") == contents(tmp_path / "whole")


def test_reused_texts_that_are_not_as_the_manifest_says_are_made_again(inputs: Path, tmp_path: Path) -> None:
    (tmp_path / "whole").mkdir()
    dest, path = f"{tmp_path}/out.jsonl.zst", tmp_path / "out.jsonl.zst"
    assert batch(inputs, dest) == 1
    times = path.stat()
    path.write_bytes(b"x" * times.st_size)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    more = tmp_path / "more.txt"
    more.write_bytes(articles(1, 100, 60))
    assert main(["batch", str(inputs), str(more), "-t", "wikitext", "-o", dest, "-j", "1"]) == 1
    assert (
        main(["batch", str(inputs), str(more), "-t", "wikitext", "-o", f"{tmp_path}/whole/out.jsonl.zst", "-j", "1"])
        == 1
    )
    assert path.read_bytes() == (tmp_path / "whole" / "out.jsonl.zst").read_bytes()


# ── Names


@given(st.text(), st.integers(1, 12), st.sampled_from(["", "0001/", "12345/"]))
def test_every_name_that_is_given_counts(title: str, number: int, shelf: str) -> None:
    names = Names.of("/somewhere/out", True, ".wiki")
    if name := name_of(title):
        assert names.is_text(f"{shelf}{numbered(name, number)}.wiki")
        assert names.is_stale(f"out/{shelf}{numbered(name, number)}.wiki")


@given(st.lists(st.sampled_from(["/", "..", ".", "a", "%", "%2E", "%/", "%~2", "0001", "\0", "\n", ".wiki", "CON"])))
def test_no_name_leads_out_of_the_folder(parts: list[str]) -> None:
    name = "".join(parts)
    if Names.of("/somewhere/out", True, ".wiki").is_text(name):
        assert not name.startswith("/")
        assert not {"", ".", ".."} & set(name.split("/"))
        assert "\0" not in name


@pytest.mark.parametrize("name", ["out.jsonl", "out.jsonl.gz", "a-00001.xml"])
def test_parts_are_told_from_other_files(name: str) -> None:
    names = Names.of(f"/somewhere/{name}", False, ".json")
    numbers = (0, 1, 99_998, 99_999, 123_456)
    assert all(names.is_output(part(name, number)) for number in numbers)
    assert names.are_outputs([part(name, number) for number in range(3)])
    assert not names.are_outputs([part(name, number) for number in (0, 2)])
    others = [part(name, -1), f"../{name}", f"x/{part(name, 0)}", f"{name}.manifest", part(f"x{name}", 0), "", ".", "/"]
    assert not any(names.is_output(each) for each in others)


# ── Temporary files


def plant(kind: str, path: Path, precious: Path) -> None:
    path.parent.mkdir(exist_ok=True)
    if kind == "link":
        path.symlink_to(precious)
    elif kind == "dangling":
        path.symlink_to(precious.parent / "created")
    elif kind == "hard":
        os.link(precious, path)
    else:
        os.mkfifo(path)


KINDS = ["link", "dangling", "hard", "pipe"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("dest", "name"),
    [
        ("out.jsonl", ".out.jsonl.manifest.plainwiki"),
        ("out.jsonl", ".out.jsonl.plainwiki"),
        ("out.jsonl", ".out.jsonl.rejects.jsonl.plainwiki"),
        ("out.jsonl --split 300", ".out-00002.jsonl.plainwiki"),
        ("out.parquet", ".out.parquet.table.plainwiki"),
        ("out/", "out/.plainwiki"),
        ("site/", "site/.index.html.plainwiki"),
    ],
)
def test_planted_temporary_file_of_a_batch_is_refused(
    inputs: Path, tmp_path: Path, precious: Path, dest: str, name: str, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    plant(kind, tmp_path / name, precious)
    dest, *more = dest.split()
    status = batch(inputs, f"{tmp_path}/{dest}", *more)
    assert precious.read_text() == "precious"
    assert os.listdir(precious.parent) == [".bashrc"]
    if more:
        assert status == 1  # what a killed run left behind the last part is removed
    else:
        assert status == 3
        assert f"{tmp_path / name} is " in capsys.readouterr().err


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("command", "name"),
    [
        (["convert", "in/0.txt", "-o", "made"], "made"),
        (["batch", "in", "-o", "out.jsonl", "-j", "1", "--summary", "made"], "made"),
        (["batch", "in", "-o", "out.jsonl", "-j", "1", "--report", "made"], "made"),
        (["templates", "pages", "in/0.txt", "-o", "made"], "made"),
        (["preview", "in", "--export", "made"], "made/index.html"),
    ],
)
def test_planted_temporary_file_of_a_command_is_refused(
    inputs: Path, tmp_path: Path, precious: Path, command: list[str], name: str, kind: str,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    temporary = (tmp_path / name).with_name(f".{Path(name).name}.plainwiki")
    plant(kind, temporary, precious)
    assert main(command) == 3
    assert temporary.name in capsys.readouterr().err
    assert precious.read_text() == "precious"
    assert os.listdir(precious.parent) == [".bashrc"]


def test_another_users_file_is_none_of_ours(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"")
    found = path.stat()
    assert not foreign(found)
    mode, number, device, links, user, *rest = found
    assert foreign(os.stat_result((mode, number, device, links, user + 1, *rest))) == "another user's file"


def test_planted_lock_of_the_upload_state_is_refused(tmp_path: Path, precious: Path) -> None:
    (tmp_path / "state.db.lock").symlink_to(precious.parent / "created")
    with pytest.raises(EnvironmentFailed, match=r"state\.db\.lock is a link"):
        State(str(tmp_path / "state.db"), "https://wiki.example/api.php")
    assert os.listdir(precious.parent) == [".bashrc"]


# ── Files in folders


@pytest.mark.parametrize("kind", ["link", "dangling", "pipe"])
def test_links_in_an_output_folder_are_replaced(inputs: Path, tmp_path: Path, precious: Path, kind: str) -> None:
    for name in ("site/index.html", "site/Title 1.html", "site.manifest", "site.rejects.jsonl"):
        if name != "site.manifest":
            plant(kind, tmp_path / name, precious)
    assert batch(inputs, f"{tmp_path}/site/", "--report", f"{tmp_path}/report.html") == 1
    plant(kind, tmp_path / "shown" / "index.html", precious)
    assert main(["preview", str(inputs), "--export", str(tmp_path / "shown")]) in (0, 1)
    for name in ("site/index.html", "site/Title 1.html", "site.rejects.jsonl", "shown/index.html"):
        assert (tmp_path / name).is_file()
        assert not (tmp_path / name).is_symlink()
    assert precious.read_text() == "precious"
    assert os.listdir(precious.parent) == [".bashrc"]


def test_links_among_the_folders_of_an_output_are_refused(
    inputs: Path, tmp_path: Path, precious: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = (name_of(LONG.strip()) or "").partition("/")[0]
    for name in ("out", "shown"):
        (tmp_path / name).mkdir()
    (tmp_path / "out" / first).symlink_to(precious.parent)
    (tmp_path / "shown" / "article").symlink_to(precious.parent)
    assert batch(inputs, f"{tmp_path}/out/") == 3
    assert "is no folder, but a link or a file: remove it" in capsys.readouterr().err
    assert main(["preview", str(inputs), "--export", str(tmp_path / "shown")]) == 3
    assert os.listdir(precious.parent) == [".bashrc"]


def test_files_behind_a_link_are_not_removed(inputs: Path, tmp_path: Path, precious: Path) -> None:
    dest = tmp_path / "out"
    assert batch(inputs, f"{dest}/") == 1
    name = f"{name_of(LONG.strip())}.wiki"
    first, _, below = name.partition("/")
    (dest / first).rename(tmp_path / "elsewhere")
    (dest / first).symlink_to(tmp_path / "elsewhere")
    (inputs / "long.txt").unlink()
    assert batch(inputs, f"{dest}/") == 1
    assert (tmp_path / "elsewhere" / below).is_file()


def test_rules_are_not_written_through_a_link(tmp_path: Path) -> None:
    path = tmp_path / "plainwiki.toml"
    path.symlink_to(tmp_path / "created")
    with pytest.raises(UsageError, match="is a link"):
        rules.add_to_file(str(path), Rule(template="A", title="B"))
    assert not (tmp_path / "created").exists()


# ── Outputs that fail


def test_report_that_fails_leaves_the_last_good_one(
    inputs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dest, report = f"{tmp_path}/out.jsonl", tmp_path / "report.html"
    assert batch(inputs, dest, "--report", str(report)) == 1
    good = report.read_bytes()
    for damaged in (b"not JSON\n", b"[" * 100_000 + b"\n", b"\xff\n", b'{"source": 1}\n'):
        (tmp_path / "out.jsonl.rejects.jsonl").write_bytes(damaged)
        assert batch(inputs, dest, "--report", str(report)) == 3
        assert "cannot read" in capsys.readouterr().err
        assert report.read_bytes() == good
    (tmp_path / "out.jsonl.rejects.jsonl").unlink()
    os.mkfifo(tmp_path / "out.jsonl.rejects.jsonl")
    assert batch(inputs, dest, "--report", str(report)) == 3
    assert report.read_bytes() == good


def test_file_is_complete_or_gone(tmp_path: Path) -> None:
    path = tmp_path / "a"
    with AtomicFile(str(path)) as file:
        file.write(b"whole")
    file = AtomicFile(str(path))
    file.write(b"ha")
    assert len(os.listdir(tmp_path)) == 2
    with pytest.raises(ZeroDivisionError), file:
        raise ZeroDivisionError
    assert path.read_bytes() == b"whole"
    assert os.listdir(tmp_path) == ["a"]


def test_output_to_a_pipe_behind_a_link(tmp_path: Path) -> None:
    done = in_own_process("convert", "-t", "plain", "-o", "/dev/stdout", given=b"= A =\n\na\n")
    assert (done.returncode, done.stdout) == (0, b"= A =\n\na\n")
