"""Planted manifests, journals and temporary files beside an output, derived from those of a real run.

Whatever they contain, plainwiki changes only files of its output, ends with a documented status, and prints no
traceback.
"""

from __future__ import annotations

import atexit
import io
import json
import os
import random
import shutil
import stat
import tempfile
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from functools import cache
from pathlib import Path
from typing import Any

from convert.batch.job import runner
from convert.cli import main
from convert.inputs import sources
from convert.names import name_of

SINKS = {
    "out/": "wikitext",
    "site/": "html",
    "out.jsonl": "json",
    "out.jsonl.zst": "wikitext",
    "out.jsonl.gz --split 400": "json",
    "out.parquet": "wikitext",
    "out.xml --split 900": "export",
}

_NUMBERS: tuple[Any, ...] = (
    -1, 0, 1, 2, 7, 1 << 31, 1 << 62, 1 << 63, 1 << 64, 1 << 200, -(1 << 63), 0.5, "1", None, True, [], {}, 1e308,
)  # fmt: skip

#: A long title, whose file is in a folder of its own.
_LONG = "Long " * 50

_Files = dict[str, tuple[int, str]]


def attack(chance: random.Random, folder: Path) -> None:
    """Plant something beside an output, and run a batch to it."""
    sink = chance.choice(list(SINKS))
    work, canary = folder / "work", folder / "canary"
    canary.mkdir()
    if chance.random() < 0.1:
        _attack_elsewhere(chance, folder, sink)
        return
    shutil.copytree(_left(sink), work, symlinks=True)
    (canary / "precious").write_bytes(b"precious")
    (canary / "sub").mkdir()
    (work / "mine.txt").write_bytes(b"mine")
    inputs = _left(sink).parent / "in"
    (folder / "more.txt").write_text("= More =\n\nMore.\n")
    planted = [_plant(chance, work, canary, sink) for _ in range(chance.choice((1, 1, 2, 3)))]
    before = _others(work, sink), _seen(canary)
    for options in _commands(chance):
        about = _checked(folder, inputs, sink, options, planted)
        assert before == (_others(work, sink), _seen(canary)), about


def _checked(folder: Path, inputs: Path, sink: str, options: Sequence[str], planted: Sequence[str]) -> str:
    """Run a batch, and check how it ends; return a description for later assertions."""
    status, output = _run(folder, inputs, sink, *options)
    about = f"{sink} {options} {planted}: {status}\n{output[-3000:]}"
    assert status in (0, 1, 2, 3), about
    assert "Traceback" not in output, about
    assert status < 2 or output.strip(), about
    return about


def _attack_elsewhere(chance: random.Random, folder: Path, sink: str) -> None:
    """Attack what a run to an address leaves there and in the cache of this machine."""
    work, canary = folder / "work", folder / "canary"
    (canary / "precious").write_bytes(b"precious")
    work.mkdir()
    usual = os.environ.get("XDG_CACHE_HOME")
    os.environ["XDG_CACHE_HOME"] = str(folder / "cache")
    inputs = _left(sink).parent / "in"
    try:
        if chance.random() < 0.5:
            _run(folder, inputs, sink, "elsewhere")
        else:
            _killed(folder, inputs, sink, "elsewhere")
        (work / "mine.txt").write_bytes(b"mine")
        (work / "killed").mkdir()
        name = f"{_name(sink)}.manifest"
        there = [*(folder / "cache").rglob(f".{name}.plainwiki"), *work.glob(name), *work.glob(f".{name}.plainwiki")]
        planted = [_mutate(chance, path, canary, sink) for path in there if chance.random() < 0.8]
        before = _others(work, sink), _seen(canary)
        for options in _commands(chance):
            about = _checked(folder, inputs, sink, ["elsewhere", *options], planted)
            assert before == (_others(work, sink), _seen(canary)), about
    finally:
        os.environ.pop("XDG_CACHE_HOME")
        if usual is not None:
            os.environ["XDG_CACHE_HOME"] = usual


def _commands(chance: random.Random) -> list[list[str]]:
    """Choose the runs; with one more input, the shards of the others are reused."""
    first = chance.choice(([], [], ["--restart"], ["--retry-rejects"], ["--report", "report.html"]))
    second = chance.choice(([], ["--restart"], ["--report", "report.html"]))
    more = chance.choice(([], ["more.txt"]))
    return [[*more, *first], [*more, *second]]


def _run(folder: Path, inputs: Path, sink: str, *options: str) -> tuple[int, str]:
    dest, *more = sink.split()
    options = tuple(str(folder / option) if option.startswith(("report", "more")) else option for option in options)
    place = f"{folder}/work/{dest}"
    if "elsewhere" in options:
        place = f"file://{place}"
        options = tuple(option for option in options if option != "elsewhere")
    arguments = ["batch", str(inputs), "-t", SINKS[sink], "-o", place, "-j", "1", *more, *options]
    output = io.StringIO()
    usual = sources.SHARD_PIECES, runner.FLUSH_SHARDS
    sources.SHARD_PIECES, runner.FLUSH_SHARDS = 2, 1
    try:
        with redirect_stderr(output), redirect_stdout(output):
            status = main(arguments)
    finally:
        sources.SHARD_PIECES, runner.FLUSH_SHARDS = usual
    return status, output.getvalue()


def _inputs(folder: Path) -> None:
    folder.mkdir()
    for number in range(6):
        text = f"= Title {number} =\n\nText {number}.\n\n= {_LONG}{number} =\n\nLong.\n"
        (folder / f"{number}.txt").write_text(text)
    (folder / "again.txt").write_text("= Title 1 =\n\nAgain.\n")
    for path in folder.iterdir():
        os.utime(path, (0, 0))


@cache
def _left(sink: str) -> Path:
    """Make the files of a finished run to a sink, and those of an unfinished one in a folder beside it."""
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder)
    _inputs(folder / "in")
    (folder / "work").mkdir()
    _killed(folder, folder / "in", sink)
    shutil.move(folder / "work", folder / "killed")
    (folder / "work").mkdir()
    status, output = _run(folder, folder / "in", sink)
    assert status == 1, output
    shutil.move(folder / "killed", folder / "work" / "killed")
    return folder / "work"


def _killed(folder: Path, inputs: Path, sink: str, *options: str) -> None:
    """Run a batch that is interrupted right before it renames its files."""
    usual = runner.Job.finish

    def broken(*arguments: object) -> None:
        raise KeyboardInterrupt

    try:
        runner.Job.finish = broken  # type: ignore[method-assign,assignment]
        _run(folder, inputs, sink, *options)
    finally:
        runner.Job.finish = usual  # type: ignore[method-assign]


# ── Planting


def _plant(chance: random.Random, work: Path, canary: Path, sink: str) -> str:
    act = chance.choice((_mutated, _mutated, _mutated, _unfinished, _published, _linked, _linked, _cut, _garbage))
    return f"{act.__name__} {act(chance, work, canary, sink)}"


def _name(sink: str) -> str:
    return sink.split()[0].rstrip("/")


def _finished(work: Path, sink: str) -> Path:
    return work / f"{_name(sink)}.manifest"


def _journal(work: Path, sink: str) -> Path:
    return work / f".{_name(sink)}.manifest.plainwiki"


def _unfinished(chance: random.Random, work: Path, canary: Path, sink: str) -> str:
    """Plant the files of a killed run, possibly with a mutated journal."""
    killed = work / "killed"
    if not killed.exists():
        return ""
    for path in work.iterdir():
        if path not in (killed, work / "mine.txt"):
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    for path in killed.iterdir():
        shutil.move(path, work / path.name)
    killed.rmdir()
    return _mutate(chance, _journal(work, sink), canary, sink) if chance.random() < 0.8 else ""


def _mutated(chance: random.Random, work: Path, canary: Path, sink: str) -> str:
    path = chance.choice((_finished(work, sink), _journal(work, sink)))
    return _mutate(chance, path if path.exists() else _finished(work, sink), canary, sink)


def _published(chance: random.Random, work: Path, canary: Path, sink: str) -> str:
    """Turn the finished manifest into one about to be published, with names that lead elsewhere."""
    if not _finished(work, sink).is_file() or _journal(work, sink).exists():
        return ""
    shutil.copy(_finished(work, sink), _journal(work, sink))
    (work / ".waiting").write_bytes(b"evil")
    lines = _lines(_journal(work, sink))
    end = lines[-1]
    if not isinstance(end, list) or len(end) < 4:
        return ""
    for at in chance.sample((2, 3, "stale"), chance.randrange(1, 4)):
        if at == 2:
            end[2] = [[chance.choice((_a_name(chance, canary, sink), ".waiting")), _a_name(chance, canary, sink)]]
        elif at == 3:
            end[3] = [_a_name(chance, canary, sink)]
        else:
            lines.insert(-1, ["stale", [_a_name(chance, canary, sink)]])
    _write(_journal(work, sink), lines)
    return json.dumps(lines[-2:])


def _mutate(chance: random.Random, path: Path, canary: Path, sink: str) -> str:
    if not path.is_file() or path.is_symlink():
        return ""
    lines = _lines(path)
    actions = []
    for _ in range(chance.choice((1, 1, 1, 2, 5))):
        if not lines:
            break
        act = chance.choice((_change_value, _change_value, _change_value, _change_value, _move_line))
        actions.append(act(chance, lines, canary, sink))
    _write(path, lines)
    return f"{path.name}: {actions}"


def _move_line(chance: random.Random, lines: list[Any], canary: Path, sink: str) -> str:
    at = chance.randrange(len(lines))
    line = lines.pop(at)
    change = chance.choice(("gone", "moved", "twice", "cut"))
    if change in ("moved", "twice"):
        lines.insert(chance.randrange(len(lines) + 1), line)
    if change == "twice":
        lines.insert(at, line)
    if change == "cut":
        lines.insert(at, ["cut", chance.choice(_NUMBERS), ["head", {}, {}, chance.random() < 0.5]])
    return f"line {at} {change}"


def _change_value(chance: random.Random, lines: list[Any], canary: Path, sink: str) -> str:
    """Replace one value anywhere by one that an attacker might try."""
    places: list[tuple[Any, Any]] = []
    _walk(lines, places)
    holder, key = chance.choice(places)
    old = holder[key]
    if isinstance(old, str):
        new: Any = _a_name(chance, canary, sink) if chance.random() < 0.8 else chance.choice(_NUMBERS)
    elif isinstance(old, (int, float)):
        new = chance.choice(_NUMBERS)
    else:
        new = chance.choice((*_NUMBERS, [_a_name(chance, canary, sink)], [[_a_name(chance, canary, sink)] * 2]))
    holder[key] = new
    if isinstance(holder, dict) and chance.random() < 0.5:
        holder[_a_name(chance, canary, sink)] = holder.pop(key)
    return f"{str(old)[:60]!r} → {str(new)[:90]!r}"


def _walk(value: Any, places: list[tuple[Any, Any]]) -> None:
    for key, child in list(enumerate(value) if isinstance(value, list) else value.items()):
        places.append((value, key))
        if isinstance(child, (list, dict)):
            _walk(child, places)


def _a_name(chance: random.Random, canary: Path, sink: str) -> str:
    name = _name(sink)
    long = name_of(_LONG + "0") or ""
    return chance.choice(
        (
            f"{canary}/precious", "../canary/precious", f"{name}/../../canary/precious", f"{name}/../mine.txt",
            "mine.txt", "..", ".", "", "/", name, f"{name}.manifest", f"{name}.rejects.jsonl", f".{name}.plainwiki",
            f".{name}.manifest.plainwiki", f".{name}.rejects.jsonl.plainwiki", f".{name}.table.plainwiki",
            f".{name}.index.plainwiki", "out-00001.jsonl", "out-00002.xml", ".out-00001.xml.plainwiki",
            "out-99999999999999999999.xml", f"{name}/index.html", "index.html", "Title 1.wiki", "Title 1.html",
            f"{name}/Title 1.wiki", "0001/Title 1.wiki", "0000/Title 1.wiki", f"{long}.wiki", f"{name}/{long}.wiki",
            f"{name}/x%/Title 1.wiki", "A\0B.wiki", "x" * 5000 + ".wiki", "\x1b[31mred", "%2E%2E/x.wiki",
            "é\u202e.wiki", "title-repeated", "no-such-code", "taken for 'X', 99999% sure",
        )
    )  # fmt: skip


def _linked(chance: random.Random, work: Path, canary: Path, sink: str) -> str:
    """Plant a link, a pipe or a folder where a run writes."""
    name = _name(sink)
    parts = [f"{stem}-0000{number}{end}" for number in (1, 2, 3) for stem, end in [_stem(name)]]
    final = [f"{name}.manifest", f"{name}.rejects.jsonl", *parts]
    if sink.endswith("/"):
        long = (name_of(_LONG + "0") or "").partition("/")[0]
        final += [
            f"{name}/{file_name}"
            for file_name in (".plainwiki", "Title 1.wiki", "Title 1.html", "index.html", long, "0001")
        ]
    waiting = [f".{stem}.plainwiki" for stem in (name, f"{name}.table", f"{name}.index", *final[: 2 + len(parts)])]
    path = work / chance.choice((*final, *waiting, f"{name}/.index.html.plainwiki"))
    if not path.parent.is_dir() or path.parent.is_symlink():
        return ""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    elif path.is_symlink() or path.exists():
        path.unlink()
    kind = chance.choice(("file", "new", "folder", "hard", "pipe", "directory"))
    if kind == "hard":
        os.link(canary / "precious", path)
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "directory":
        path.mkdir()
    else:
        path.symlink_to(canary / {"file": "precious", "new": "created", "folder": "sub"}[kind])
    return f"{path.relative_to(work)} {kind}"


def _stem(name: str) -> tuple[str, str]:
    stem = name.partition(".")[0]
    return stem, name[len(stem) :]


def _cut(chance: random.Random, work: Path, canary: Path, sink: str) -> str:
    """Corrupt any file that a run has written."""
    files = [path for path in sorted(work.rglob("*")) if path.is_file() and not path.is_symlink()]
    path = chance.choice([path for path in files if path.name != "mine.txt"] or [work / "mine.txt"])
    if path.name == "mine.txt" or path.stat().st_nlink > 1 or not path.stat().st_size:
        return ""
    content = bytearray(path.read_bytes())
    at = chance.randrange(len(content))
    if chance.random() < 0.5:
        del content[at:]
    else:
        content[at : at + chance.randrange(9)] = chance.randbytes(chance.randrange(9))
    times = path.stat()
    path.write_bytes(content)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    return f"{path.relative_to(work)} at {at}"


def _garbage(chance: random.Random, work: Path, canary: Path, sink: str) -> str:
    path = chance.choice((_finished(work, sink), _journal(work, sink)))
    if path.is_symlink() or (path.exists() and (not path.is_file() or path.stat().st_nlink > 1)):
        return ""
    old = path.read_bytes() if path.exists() else b""
    new = chance.choice(
        (b"", b"\n", b"[" * 200_000 + b"\n", b'["head"' + b"[" * 99_999 + b"\n", b"\0" * 9999, b'["end"]\n', b"{}\n",
         b'["head",{},{},true]\n["shard"]\n', b'["head",{},{},true]\n', b"\xff\xfe\n", b'["end",' + b"[" * 5000 + b"\n",
         b'"head"\n', b"9" * 5000 + b"\n")
    )  # fmt: skip
    path.write_bytes(chance.choice((new, old + new, new + old)))
    return f"{path.name} {new[:40]!r}"


def _lines(path: Path) -> list[Any]:
    entries = []
    for line in path.read_bytes().splitlines():
        try:
            entries.append(json.loads(line))
        except (ValueError, RecursionError):
            entries.append("garbage")
    return entries


def _write(path: Path, lines: list[Any]) -> None:
    path.write_bytes(b"".join(json.dumps(line).encode() + b"\n" for line in lines))


# ── Snapshots


def _seen(folder: Path) -> _Files:
    """Return the type and the content of everything below a folder, without following links."""
    files: _Files = {}
    for path in sorted(folder.rglob("*")):
        mode = path.lstat().st_mode
        content = path.read_bytes().hex() if stat.S_ISREG(mode) else os.readlink(path) if stat.S_ISLNK(mode) else ""
        files[str(path.relative_to(folder))] = stat.S_IFMT(mode), content
    return files


def _others(work: Path, sink: str) -> _Files:
    """Return the files beside an output that are not part of it."""
    name, (stem, _) = _name(sink), _stem(_name(sink))
    ours = (name, f".{name}", f"{stem}-0", f".{stem}-0", ".waiting")
    return {path: content for path, content in _seen(work).items() if not path.startswith(ours)}
