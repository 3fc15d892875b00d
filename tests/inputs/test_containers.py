"""Archives, packed files, records, tables and addresses hold the same articles as the files that they were made of."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import os
import random
import tarfile
import threading
import zipfile
from collections.abc import Iterator, Sequence
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import fsspec
import pyarrow
import pyarrow.parquet
import pytest

from convert.batch.converter import Converter
from convert.batch.model import ConvertedDocument, Task
from convert.inputs import sources
from convert.inputs.containers import CONTAINERS, Container, cutter_of, fetcher_of
from convert.inputs.files.file_types import file_type_of
from convert.inputs.sources import Selection
from convert.io.compression import pack as packed_as
from convert.options import ConversionOptions
from convert.readers.records.options import RecordOptions
from tests.support.commands import articles, plainwiki

TASK = Task("plain", "item")
TEXTS = {f"{number:02}.txt": articles(1 + number % 3, 300, number * 10) for number in range(12)}
PACKINGS = {"": "", ".gz": "gz", ".bz2": "bz2", ".zst": "zst", ".xz": "xz"}


def pack(content: bytes, packing: str) -> bytes:
    """Compress bytes as what is read may be."""
    return lzma.compress(content) if packing == "xz" else packed_as(content, packing)


def records(*paths: Path | str, selection: Selection = Selection(), task: Task = TASK) -> list[ConvertedDocument]:
    converter = Converter(task)
    found = sources.pieces([str(path) for path in paths], selection)
    return [
        record
        for shard in sources.shards(found)
        for record in converter.convert(shard, map(sources.fetch, shard.pieces))
    ]


def texts(found: Sequence[ConvertedDocument]) -> list[tuple[str, int, bytes]]:
    assert not [each.refusal for each in found if each.refusal]
    return [(each.title, each.line, each.text) for each in found]


def refusals(found: Sequence[ConvertedDocument]) -> list[tuple[str, str, str]]:
    return [(Path(each.source).name, each.title, each.refusal.code) for each in found if each.refusal]


def message(found: Sequence[ConvertedDocument]) -> str:
    (refusal,) = (each.refusal for each in found if each.refusal)
    assert refusal
    return refusal.message


@pytest.mark.parametrize("container", CONTAINERS, ids=lambda container: container.name)
def test_every_container_of_the_table_can_be_loaded(container: Container) -> None:
    assert callable(cutter_of(container.name))
    assert not container.fetch or callable(fetcher_of(container.name))
    for suffix, packing in {container.suffix: "", **(container.compressed or {})}.items():
        file_type, title = file_type_of(f"A b{suffix}")
        assert file_type is not None
        assert (file_type.container, file_type.packing, title) == (container.name, packing, "A b")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("texts")
    for name, text in TEXTS.items():
        (folder / name).write_bytes(text)
        os.utime(folder / name, (86_400, 86_400))
    return folder


@pytest.fixture
def expected(folder: Path) -> list[tuple[str, int, bytes]]:
    return texts(records(folder))


def tarred(members: dict[str, bytes], format: int = tarfile.PAX_FORMAT, **told: Any) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=format) as archive:
        for name, text in members.items():
            member = tarfile.TarInfo(name)
            member.size, member.mtime = len(text), 86_400
            for key, value in told.items():
                setattr(member, key, value)
            archive.addfile(member, io.BytesIO(text))
    return buffer.getvalue()


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return buffer.getvalue()


@pytest.mark.parametrize("suffix", PACKINGS)
@pytest.mark.parametrize("format", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT])
def test_tar(tmp_path: Path, expected: list[object], suffix: str, format: int) -> None:
    path = tmp_path / f"texts.tar{suffix}"
    path.write_bytes(pack(tarred({f"./deep/{name}": text for name, text in TEXTS.items()}, format), PACKINGS[suffix]))
    found = records(path)
    assert texts(found) == expected
    assert found[0].source == f"{path}/./deep/00.txt"
    pieces = list(sources.pieces([str(path)], Selection()))
    assert all((each.content is None) == (suffix == "") for each in pieces)
    assert {each.timestamp for each in pieces} == {"1970-01-02T00:00:00Z"}


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_zip(tmp_path: Path, expected: list[object], method: int) -> None:
    (tmp_path / "texts.zip").write_bytes(zipped(TEXTS, method))
    assert texts(records(tmp_path / "texts.zip")) == expected


@pytest.mark.parametrize("suffix", [".tar", ".tar.gz", ".tar.xz", ".zip", ".parquet", ".parquet.gz"])
def test_containers_are_read_from_standard_input(tmp_path: Path, folder: Path, suffix: str) -> None:
    if ".parquet" in suffix:
        table(tmp_path / "a.parquet", 40, 7)
        content = pack((tmp_path / "a.parquet").read_bytes(), PACKINGS[suffix.removeprefix(".parquet")])
        kept = tmp_path / "a.parquet"
    else:
        content = zipped(TEXTS) if suffix == ".zip" else pack(tarred(TEXTS), PACKINGS[suffix.removeprefix(".tar")])
        kept = _saved(tmp_path / f"a{suffix}", content)
    piped = plainwiki("convert", "-t", "plain", "-", given=content)
    named = plainwiki("convert", "-t", "plain", kept)
    assert piped.returncode == named.returncode == 0
    assert piped.stdout == named.stdout
    assert b"\n= " in piped.stdout


@pytest.mark.slow
def test_zip_with_many_members_has_a_longer_directory(tmp_path: Path) -> None:
    members = {f"{number}.txt": f"= T{number} =\n\nt\n".encode() for number in range(66_000)}
    (tmp_path / "many.zip").write_bytes(zipped(members, zipfile.ZIP_STORED))
    assert sum(1 for _ in sources.pieces([str(tmp_path / "many.zip")], Selection())) == len(members)


def test_members_of_a_zip_count_as_unpacked(tmp_path: Path) -> None:
    size = sources.SHARD_BYTES // 4
    (tmp_path / "tight.zip").write_bytes(zipped({f"{number}.txt": b"a" * size for number in range(8)}))
    found = sources.shards(sources.pieces([str(tmp_path / "tight.zip")], Selection()))
    assert max(size * len(each.pieces) for each in found) <= sources.SHARD_BYTES


def test_zip_with_long_numbers(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "long.zip", "w") as archive, archive.open("a.txt", "w", force_zip64=True) as member:
        member.write(b"= A =\n\na\n")
    assert texts(records(tmp_path / "long.zip")) == [("A", 1, b"= A =\n\na\n")]


@pytest.mark.parametrize("suffix", list(PACKINGS)[1:])
@pytest.mark.parametrize("members", [1, 5])
def test_packed_stream(tmp_path: Path, folder: Path, suffix: str, members: int) -> None:
    """Packed in one go, or in several one behind the other, as many tools do."""
    stream = articles(400)
    (tmp_path / "stream.txt").write_bytes(stream)
    step = len(stream) // members + 1
    parts = [pack(stream[at : at + step], PACKINGS[suffix]) for at in range(0, len(stream), step)]
    (tmp_path / f"stream.txt{suffix}").write_bytes(b"".join(parts))
    assert texts(records(tmp_path / f"stream.txt{suffix}")) == texts(records(tmp_path / "stream.txt"))


def test_packed_by_other_programs(tmp_path: Path) -> None:
    (tmp_path / "a.txt.gz").write_bytes(gzip.compress(b"= A =\n\na\n") + bytes(500))
    (tmp_path / "b.txt.bz2").write_bytes(bz2.compress(b"= B =\n\nb\n"))
    assert [each.title for each in records(tmp_path)] == ["A", "B"]


@pytest.mark.parametrize("suffix", PACKINGS)
def test_records(tmp_path: Path, suffix: str) -> None:
    lines = [
        {"title": "One", "text": "First.\n\nSecond.", "n": 1},
        {"title": "", "text": "= Two =\n\nText."},
        {"text": "No title.", "title": None},
        json.loads('{"format":"plainwiki-article-1","title":"Three"}'),
    ]
    text = "".join(json.dumps(line) + "\n" for line in lines)
    (tmp_path / f"r.jsonl{suffix}").write_bytes(pack(text.encode(), PACKINGS[suffix]))
    found = records(tmp_path / f"r.jsonl{suffix}", task=Task("json", "item", ConversionOptions(metadata=True)))
    read = [json.loads(each.text) for each in found]
    assert [(each["title"], each.get("metadata", {})) for each in read] == [
        ("One", {"n": "1"}), ("Two", {}), ("r 3", {}), ("Three", {}),
    ]  # fmt: skip
    assert [each.line for each in found] == [1, 2, 3, 4]
    assert [each.code for each in found[0].remarks if each.code == "title-missing"] == []


def test_fields_have_the_names_that_one_gives(tmp_path: Path) -> None:
    (tmp_path / "r.jsonl").write_text('{"name": "A", "body": "Text.", "text": 1}\n')
    options = ConversionOptions(title_field="name", text_field="body")
    (found,) = records(tmp_path / "r.jsonl", task=Task("plain", "item", options))
    assert found.text == b"= A =\n\nText.\n"


def test_bad_records_are_rejected_one_by_one(tmp_path: Path) -> None:
    lines = [
        b'{"title": "A", "text": "a"}',
        b'{"title": "B", "te',
        b"[]",
        b'{"title": "C", "text": 7}',
        b'{"a": "\xff"}',
    ]
    (tmp_path / "r.jsonl").write_bytes(b"\n".join([*lines, b'{"title": "D", "text": "d"}', b""]))
    found = records(tmp_path / "r.jsonl")
    assert [each.title for each in found if not each.refusal] == ["A", "D"]
    assert [(each.line, each.refusal.code) for each in found if each.refusal] == [
        (2, "json-syntax"), (3, "json-shape"), (4, "json-shape"), (5, "encoding"),
    ]  # fmt: skip


def table(path: Path, count: int, group: int) -> None:
    columns = {
        "title": [f"T{number}" for number in range(count)],
        "text": [f"Text {number}.\n" + "word " * 40 for number in range(count)],
        "other": list(range(count)),
    }
    pyarrow.parquet.write_table(pyarrow.table(columns), path, row_group_size=group)


@pytest.mark.parametrize("limit", [0, 1 << 30])
def test_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: int) -> None:
    """Whether row groups are small, and read by who works them, or large, and cut."""
    from convert.inputs.parquet import reader

    monkeypatch.setattr(reader, "MAX_GROUP_BYTES", limit)
    monkeypatch.setattr(sources, "SHARD_BYTES", 4096)
    table(tmp_path / "t.parquet", 250, 100)
    found = records(tmp_path / "t.parquet")
    assert [(each.title, each.line) for each in found] == [(f"T{number}", number + 1) for number in range(250)]
    selection = Selection(fields=RecordOptions(metadata=True))
    (first, *_) = records(
        tmp_path / "t.parquet", selection=selection, task=Task("json", "item", ConversionOptions(metadata=True))
    )
    assert json.loads(first.text)["metadata"] == {"other": "0"}


def test_hostile_names_are_data_only(tmp_path: Path) -> None:
    names = [
        "../../etc/passwd.txt",
        "/etc/shadow.txt",
        "a\nb.txt",
        "C:\\x.txt",
        "x" * 300 + ".txt",
        ".hidden.txt",
        "n.png",
    ]
    (tmp_path / "h.tar").write_bytes(tarred(dict.fromkeys(names, b"Text.\n")))
    (tmp_path / "h.zip").write_bytes(zipped(dict.fromkeys(names, b"Text.\n")))
    for path in (tmp_path / "h.tar", tmp_path / "h.zip"):
        found = records(path)
        assert [each.title for each in found] == ["passwd", "shadow", "a\ufffdb", "C:\\x", "x" * 300]
    assert sorted(each.name for each in tmp_path.iterdir()) == ["h.tar", "h.zip"]
    ran = plainwiki("batch", tmp_path / "h.tar", "-t", "plain", "-o", tmp_path / "out")
    assert b"5 read = 5 written" in ran.stderr
    assert not (tmp_path.parent / "etc").exists()


def test_links_in_archives_lead_nowhere(tmp_path: Path) -> None:
    link = tarred({"l.txt": b""}, type=tarfile.SYMTYPE, linkname="/etc/passwd")
    (tmp_path / "l.tar").write_bytes(link)
    with zipfile.ZipFile(tmp_path / "l.zip", "w") as archive:
        member = zipfile.ZipInfo("l.txt")
        member.external_attr = 0o120777 << 16
        archive.writestr(member, "/etc/passwd")
    for path in (tmp_path / "l.tar", tmp_path / "l.zip"):
        assert "links in archives are not followed" in message(records(path))


def sparse_tar(size: int) -> bytes:
    """Make a member as GNU tar does of a file with a hole: it claims a size and stores a block."""
    header = bytearray(tarred({"s.txt": b"= S =\n" + bytes(506)}, tarfile.GNU_FORMAT))
    header[156:157] = tarfile.GNUTYPE_SPARSE
    header[386:398], header[398:410] = b"00000000000\0", b"00000001000\0"
    header[483:495] = tarfile.itn(size, 12, tarfile.GNU_FORMAT)  # type: ignore[attr-defined]
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header[:512])
    return bytes(header)


def test_a_sparse_claim_is_refused(tmp_path: Path) -> None:
    (tmp_path / "s.tar").write_bytes(sparse_tar(100 << 30))
    found = records(tmp_path / "s.tar")
    assert refusals(found) == [("s.txt", "s", "too-large")]
    assert message(found) == "a sparse file that claims 107,374,182,400 bytes: raise --max-document to have it read"
    found = records(tmp_path / "s.tar", selection=Selection(max_bytes=1 << 40))
    assert refusals(found) == [("s.txt", "s", "binary")]


def test_a_sparse_file_is_no_text(tmp_path: Path) -> None:
    with (tmp_path / "s.txt").open("wb") as file:
        file.truncate(100 << 30)
    assert refusals(records(tmp_path / "s.txt")) == [("s.txt", "s", "binary")]


@pytest.mark.slow
@pytest.mark.parametrize("suffix", list(PACKINGS)[1:])
def test_a_bomb_is_refused_unless_the_option_allows_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    from convert.inputs import decompress

    monkeypatch.setattr(decompress, "HARMLESS_BYTES", 1 << 20)
    long = b"= A =\n\n" + b"word " * 600_000
    (tmp_path / f"b.txt{suffix}").write_bytes(pack(long, PACKINGS[suffix]))
    few = Selection(max_expansion=20)
    found = records(tmp_path / f"b.txt{suffix}", selection=few)
    assert "as in an archive bomb: raise --max-expansion if it is none" in message(found)
    (tmp_path / f"b.tar{suffix}").write_bytes(pack(tarred({"a.txt": long}), PACKINGS[suffix]))
    assert "as in an archive bomb" in message(records(tmp_path / f"b.tar{suffix}", selection=few))
    assert not refusals(records(tmp_path / f"b.txt{suffix}", selection=Selection(max_expansion=10**6)))


def test_a_zip_bomb_is_refused_by_its_directory(tmp_path: Path) -> None:
    (tmp_path / "b.zip").write_bytes(zipped(dict.fromkeys(["a.txt", "b.txt", "c.txt"], bytes(40 << 20))))
    found = records(tmp_path / "b.zip")
    assert [each.refusal.code for each in found if each.refusal] == ["binary", "too-large"]


@pytest.mark.parametrize("suffix", list(PACKINGS)[1:])
def test_of_what_is_cut_off_the_whole_articles_are_read(tmp_path: Path, suffix: str) -> None:
    moments = random.Random(suffix)
    body = "".join(chr(moments.randrange(97, 123)) for _ in range(4000))
    stream = "".join(f"= T{number} =\n\n{body[number:]}\n\n" for number in range(500)).encode()
    stream = bytes(moments.choice(stream) if each == 113 else each for each in stream)
    packed = pack(stream, PACKINGS[suffix])
    (tmp_path / f"s.txt{suffix}").write_bytes(packed[: len(packed) * 2 // 3])
    found = records(tmp_path / f"s.txt{suffix}")
    assert [each.refusal.code for each in found if each.refusal] == ["damaged"]
    assert found[-1].refusal
    assert len(found) > 50 or suffix == ".zst"
    whole = {each.title: each.text for each in records(_saved(tmp_path / "whole.txt", stream))}
    assert all(whole[each.title] == each.text for each in found if not each.refusal)
    damaged = bytearray(packed)
    damaged[len(packed) // 2] ^= 0xFF
    (tmp_path / f"d.txt{suffix}").write_bytes(damaged)
    assert {each.refusal.code for each in records(tmp_path / f"d.txt{suffix}") if each.refusal} <= {
        "damaged",
        "encoding",
    }


def _saved(path: Path, text: bytes) -> Path:
    path.write_bytes(text)
    return path


@pytest.mark.parametrize("suffix", [".tar", ".tar.gz", ".tar.zst", ".zip", ".parquet"])
def test_an_archive_cut_off_anywhere_is_told_and_never_raises(tmp_path: Path, suffix: str) -> None:
    if suffix == ".parquet":
        table(tmp_path / "t.parquet", 60, 20)
        whole = (tmp_path / "t.parquet").read_bytes()
    else:
        whole = zipped(TEXTS) if suffix == ".zip" else pack(tarred(TEXTS), PACKINGS[suffix[4:]])
    every = {each.title for each in records(_saved(tmp_path / f"whole{suffix}", whole))}
    for size in range(1, len(whole), max(1, len(whole) // 40)):
        found = records(_saved(tmp_path / f"cut{suffix}", whole[:size]))
        assert {each.title for each in found if not each.refusal} <= every
        assert {each.refusal.code for each in found if each.refusal} <= {"damaged"}
        damaged = bytearray(whole)
        damaged[size] ^= 0x5A
        records(_saved(tmp_path / f"bad{suffix}", bytes(damaged)))


def test_a_large_member_is_cut_like_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "SHARD_BYTES", 8192)
    members = {"a.txt": articles(30), "b.txt": articles(30, first=30)}
    (tmp_path / "a.tar").write_bytes(tarred(members))
    (tmp_path / "a.tar.gz").write_bytes(pack(tarred(members), "gz"))
    (tmp_path / "a.zip").write_bytes(zipped(members))
    for name in ("a.tar", "a.tar.gz", "a.zip"):
        found = list(sources.pieces([str(tmp_path / name)], Selection()))
        assert len(found) > 10
        assert [each.title for each in records(tmp_path / name)] == [f"Title {number}" for number in range(60)]


def test_folders_hold_containers_too(tmp_path: Path) -> None:
    (tmp_path / "a.tar").write_bytes(tarred({"x.txt": b"= A =\n"}))
    (tmp_path / "b.txt.gz").write_bytes(pack(b"= B =\n", "gz"))
    (tmp_path / "c.export.xml.gz").write_bytes(pack(b"<mediawiki/>", "gz"))
    table(tmp_path / "d.parquet", 1, 1)
    assert [each.title for each in records(tmp_path)] == ["A", "B", "T0"]


@pytest.fixture
def served(folder: Path) -> Iterator[str]:
    """Serve the folder over HTTP on loopback."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_addresses_are_read_through_fsspec(folder: Path, expected: list[object], served: str) -> None:
    memory = fsspec.filesystem("memory")
    for name, text in TEXTS.items():
        memory.pipe(f"/corpus/{name}", text)
    memory.pipe("/packed/a.tar.gz", pack(tarred(TEXTS), "gz"))
    memory.pipe("/packed.zip", zipped(TEXTS))
    assert texts(records("memory://corpus")) == expected
    assert texts(records("memory://packed/")) == expected
    assert texts(records("memory://packed.zip")) == expected
    assert texts(records(f"file://{folder}")) == expected
    assert texts(records(f"{served}/00.txt", f"{served}/01.txt")) == expected[:3]
    (missing,) = records(f"{served}/none.txt")
    assert missing.refusal
    assert missing.refusal.code == "unreadable"
    memory.rm("/corpus", recursive=True)


def test_an_address_that_nothing_reads_is_told(tmp_path: Path) -> None:
    ran = plainwiki("batch", "nosuch://bucket/x", "-o", tmp_path / "out.jsonl")
    assert ran.returncode == 2
    assert ran.stderr.decode().splitlines() == ["plainwiki: nosuch://bucket/x: Protocol not known: nosuch"]
