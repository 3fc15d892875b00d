"""Archives, packed files and tables that lie spoil nothing but themselves: one line each, the rest is read."""

from __future__ import annotations

import json
import random
import struct
import subprocess
import sys
import tarfile
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow
import pytest

from convert.batch.model import Task
from convert.inputs import decompress, sources
from convert.inputs.archives import tar
from convert.inputs.decompress import Decompressed
from convert.inputs.sources import Selection
from convert.io.compression import pack, unpacker_of
from convert.options import ConversionOptions
from tests.inputs.test_containers import PACKINGS, message, records, refusals, tarred, zipped
from tests.support.commands import PROGRAM, contents
from tests.tools.attack import tables, thrift

TEXT = b"= A =\n\na\n"

# ── tar


def header(archive: bytes, start: int, end: int, value: bytes) -> bytes:
    """Change a field of the first header, and make its checksum right."""
    found = bytearray(archive)
    found[start:end] = value.ljust(end - start, b"\0")
    found[148:156] = b" " * 8
    found[148:156] = b"%06o\0 " % sum(found[:512])
    return bytes(found)


def wide(number: int, size: int) -> bytes:
    """Write a number in base 256, as GNU tar does."""
    return bytes([0xFF if number < 0 else 0x80]) + (number % (1 << 8 * (size - 1))).to_bytes(size - 1, "big")


def extended(key: str, value: str) -> bytes:
    return tarred({"a.txt": TEXT}, pax_headers={key: value})


TARS = {
    "a size of -512": header(tarred({"a.txt": TEXT}, tarfile.GNU_FORMAT), 124, 136, wide(-512, 12)),
    "a size of 2 ** 80": header(tarred({"a.txt": TEXT}, tarfile.GNU_FORMAT), 124, 136, wide(1 << 80, 12)),
    "a size of 2 ** 63 - 1": header(tarred({"a.txt": TEXT}, tarfile.GNU_FORMAT), 124, 136, wide((1 << 63) - 1, 12)),
    "a size in words": header(tarred({"a.txt": TEXT}, tarfile.GNU_FORMAT), 124, 136, b"many"),
    "an extended size below 0": extended("size", "-512"),
    "an extended size above all": extended("size", str(1 << 63)),
    "an extended size of 5,000 digits": extended("size", "9" * 5000),
    "an extended size that is none": extended("size", "nan"),
    "a sparse size of 5,000 digits": extended("GNU.sparse.realsize", "9" * 5000),
    "a sparse size in words": header(
        header(tarred({"a.txt": TEXT}, tarfile.GNU_FORMAT), 156, 157, tarfile.GNUTYPE_SPARSE), 483, 495, b"many"
    ),
    "nothing": b"",
}


@pytest.mark.parametrize("suffix", ["", ".gz"])
@pytest.mark.parametrize("archive", TARS.values(), ids=TARS)
def test_a_tar_whose_sizes_cannot_be_is_damaged(tmp_path: Path, archive: bytes, suffix: str) -> None:
    (tmp_path / f"a.tar{suffix}").write_bytes(pack(archive, PACKINGS[suffix]))
    (tmp_path / "b.txt").write_bytes(TEXT)
    found = records(tmp_path)
    # What a member is said to hold beyond its text are the zeros that end the archive.
    assert {code for _, _, code in refusals(found)} & {"damaged", "binary"}
    assert found[-1].text == TEXT


@pytest.mark.parametrize("field", [wide(1 << 80, 12), wide(-1, 12), b"9" * 12], ids=["huge", "negative", "wrong"])
def test_a_member_with_an_impossible_time_has_none(tmp_path: Path, field: bytes) -> None:
    (tmp_path / "a.tar").write_bytes(header(tarred({"a.txt": TEXT}, tarfile.GNU_FORMAT), 136, 148, field))
    (piece,) = sources.pieces([str(tmp_path / "a.tar")], Selection())
    assert piece.timestamp == "1970-01-01T00:00:00Z"
    assert records(tmp_path / "a.tar")[0].text == TEXT


def pax_lines(count: int) -> bytes:
    """Make the shortest records of an extended header, with keys that nobody asks for."""
    return b"".join(b"12 k%06d=\n" % number for number in range(count))


def test_extended_headers_are_read_in_linear_time() -> None:
    def seconds(content: bytes) -> float:
        times = []
        for _ in range(3):
            start = time.process_time()
            assert sum(1 for _ in tar._pax(content)) == len(content) // 12
            times.append(time.process_time() - start)
        return min(times)

    assert seconds(pax_lines(80_000)) < 10 * seconds(pax_lines(20_000))


def test_what_nobody_asks_for_is_not_kept(tmp_path: Path) -> None:
    lines = pax_lines(20_000)
    member = tarfile.TarInfo("pax")
    member.type, member.size = tarfile.XHDTYPE, len(lines)
    block = member.tobuf(tarfile.USTAR_FORMAT) + lines + bytes(-len(lines) % 512)
    (tmp_path / "a.tar").write_bytes(block * 4 + tarred({"a.txt": TEXT}))
    assert [each.title for each in records(tmp_path / "a.tar")] == ["A"]


def test_what_follows_a_member_of_an_unknown_type_is_read(tmp_path: Path) -> None:
    odd = header(tarred({"a.txt": TEXT}, tarfile.GNU_FORMAT), 156, 157, b"D")[:1024]
    (tmp_path / "a.tar").write_bytes(odd + tarred({"b.txt": TEXT}))
    found = records(tmp_path / "a.tar")
    assert refusals(found) == [("a.txt", "a", "archive-member")]
    assert found[-1].text == TEXT


# ── zip


def changed(archive: bytes, signature: bytes, offset: int, layout: str, value: int) -> bytes:
    """Change a field of the last record with a signature."""
    found = bytearray(archive)
    struct.pack_into(layout, found, found.rindex(signature) + offset, value)
    return bytes(found)


ENTRY, END = b"PK\1\2", b"PK\5\6"
ZIPPED = zipped({"a.txt": TEXT})
LONG = zipped({"a.txt": TEXT})[:-22] + struct.pack("<4sQ2H2I4Q", b"PK\6\6", 44, 45, 45, 0, 0, 1, 1, 51, 47)
PLACE = struct.pack("<4sIQI", b"PK\6\7", 0, len(ZIPPED) - 22, 1)
LONG_END = struct.pack("<4s4H2IH", END, 0, 0, 0xFFFF, 0xFFFF, 51, 0xFFFFFFFF, 0)


@pytest.mark.parametrize("date", [0, 0x20, 0x1A1, 0xFFFF], ids=["no month", "no day", "month 13", "month 15"])
def test_a_zip_without_a_date_is_read(tmp_path: Path, date: int) -> None:
    (tmp_path / "a.zip").write_bytes(changed(changed(ZIPPED, ENTRY, 14, "<H", date), ENTRY, 12, "<H", 0xFFFF))
    (piece,) = sources.pieces([str(tmp_path / "a.zip")], Selection())
    assert piece.timestamp == "1970-01-01T00:00:00Z"
    assert records(tmp_path / "a.zip")[0].text == TEXT


ZIPS = {
    "a directory behind the end": changed(ZIPPED, END, 16, "<I", 1 << 30),
    "a member behind the end": changed(ZIPPED, ENTRY, 42, "<I", 1 << 30),
    "no long directory": LONG[: len(ZIPPED) - 22] + PLACE + LONG_END,
    "a long directory cut off": LONG[:-20] + PLACE + LONG_END,
    "a long directory behind all": LONG + struct.pack("<4sIQI", b"PK\6\7", 0, (1 << 64) - 1, 1) + LONG_END,
    "a start behind 2 ** 63": changed(LONG, b"PK\6\6", 48, "<Q", (1 << 63) + 5) + PLACE + LONG_END,
    "more members than there are": changed(LONG, b"PK\6\6", 32, "<Q", (1 << 64) - 1) + PLACE + LONG_END,
}


@pytest.mark.parametrize("archive", ZIPS.values(), ids=ZIPS)
def test_a_zip_whose_places_cannot_be_is_damaged(tmp_path: Path, archive: bytes) -> None:
    (tmp_path / "a.zip").write_bytes(archive)
    (tmp_path / "b.txt").write_bytes(TEXT)
    found = records(tmp_path)
    assert {code for _, _, code in refusals(found)} == {"damaged"}
    assert found[-1].text == TEXT


@pytest.mark.parametrize("length", [0, 1, 8, 0xFFFF])
def test_an_extra_field_that_is_too_short_is_none(tmp_path: Path, length: int) -> None:
    extra = struct.pack("<2H", 1, length)
    at = ZIPPED.rindex(ENTRY)
    entry = changed(ZIPPED, ENTRY, 30, "<H", len(extra))
    name_end = at + 46 + len("a.txt")
    archive = entry[:name_end] + extra + entry[name_end:]
    (tmp_path / "a.zip").write_bytes(archive)
    assert records(tmp_path / "a.zip")[0].text == TEXT


def test_members_that_stand_in_one_another_are_a_bomb(tmp_path: Path) -> None:
    """A directory names one member many times: each would be read from the same bytes."""
    text = random.Random(0).randbytes(5000).hex().encode()
    archive = zipped({"a.txt": text})
    at = archive.rindex(ENTRY)
    entry = archive[at:-22]
    many = archive[:at] + entry * 50 + struct.pack("<4s4H2IH", END, 0, 0, 50, 50, 50 * len(entry), at, 0)
    (tmp_path / "a.zip").write_bytes(many)
    found = records(tmp_path / "a.zip")
    assert len(found) < 4
    assert "members stand in one another" in str(found[-1].refusal)


def test_a_member_that_cannot_be_read_is_no_failure_of_the_environment(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(changed(ZIPPED, ENTRY, 10, "<H", 12))
    assert refusals(records(tmp_path / "a.zip")) == [("a.txt", "a", "archive-member")]


# ── In archives


@pytest.mark.parametrize("name", ["b.zip", "b.tar", "b.tgz", "b.tar.zst", "b.tar.xz"])
def test_an_archive_in_an_archive_is_told(tmp_path: Path, name: str) -> None:
    members = {"a.txt": TEXT, name: b"\0", "n.png": b"\0"}
    for path, archive in ((tmp_path / "a.tar", tarred(members)), (tmp_path / "a.zip", zipped(members))):
        path.write_bytes(archive)
        assert [(where, code) for where, _, code in refusals(records(path))] == [(name, "archive-nested")]


def test_a_name_of_a_megabyte_is_shown_in_part(tmp_path: Path) -> None:
    name = "x" * 1_000_000 + ".txt"
    (tmp_path / "a.tar").write_bytes(tarred({name: TEXT}, tarfile.GNU_FORMAT))
    (found,) = records(tmp_path / "a.tar")
    assert found.text == TEXT
    assert len(found.source) < 2000


def test_names_turn_no_terminal_around(tmp_path: Path) -> None:
    (tmp_path / "a.tar").write_bytes(tarred({"a\u202etxt.\u2028\u2066.txt": TEXT}))
    (piece,) = sources.pieces([str(tmp_path / "a.tar")], Selection())
    assert piece.source.endswith("/a\ufffdtxt.\ufffd\ufffd.txt")


# ── Packed files


class Counting:
    """An unpacker that counts the bytes that it is given."""

    given = 0

    def __init__(self, packing: str) -> None:
        self._unpacker = unpacker_of(packing)

    def __getattr__(self, name: str) -> object:
        return getattr(self._unpacker, name)

    def decompress(self, content: bytes, size: int) -> bytes:
        Counting.given += len(content)
        return self._unpacker.decompress(content, size)


EMPTY = {
    "gz": zlib.compress(b"", wbits=31),
    "bz2": bytes.fromhex("425a683917724538509000000000"),
    "zst": bytes.fromhex("28b52ffd2000010000"),
}


@pytest.mark.parametrize("packing", EMPTY)
def test_empty_members_take_linear_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, packing: str) -> None:
    """What an unpacker leaves is copied, so none is given all that is there."""
    monkeypatch.setattr(decompress, "unpacker_of", lambda packing: Counting(packing))
    monkeypatch.setattr(Counting, "given", 0)
    path = tmp_path / f"a.txt.{packing}"
    path.write_bytes(pack(TEXT, packing) + EMPTY[packing] * 5_000 + pack(b"more\n", packing))
    with path.open("rb") as file:
        assert Decompressed(file, packing, 500).read() == TEXT + b"more\n"
    assert Counting.given < 60 * path.stat().st_size


def test_a_member_with_much_behind_little_is_read(tmp_path: Path) -> None:
    text = b"".join(b"%d " % number for number in range(300_000))
    for packing in EMPTY:
        path = tmp_path / f"a.txt.{packing}"
        path.write_bytes(EMPTY[packing] + bytes(200_000) + pack(text, packing) + bytes(200_000) + pack(text, packing))
        with path.open("rb") as file:
            unpacked = Decompressed(file, packing, 500)
            found = [unpacked.read(size) for size in (1, 7, 100_000)]
            assert b"".join(found) + unpacked.read() == text + text


# ── Tables

MEMORY_KIB = 900 << 10
#: Run a command and print the memory that it took at most.  The peak of a process begins with that of its parent, which
#: is therefore not the one that runs the tests.
_MEASURED = (
    "import resource, subprocess, sys; status = subprocess.call(sys.argv[1:]); "
    "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss); sys.exit(status)"
)


def run(folder: Path, *options: str) -> tuple[int, dict[str, Any], int, str]:
    """Run a batch in a process of its own; return its status, what it counted, its memory in KiB, and what it said."""
    arguments = [
        "batch", str(folder / "in"), "-t", "plain", "-o", str(folder / "out.jsonl"), "-j", "1", *options,
        "--summary", str(folder / "summary.json"),
    ]  # fmt: skip
    command = [sys.executable, "-c", _MEASURED, *PROGRAM, *arguments]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    peak = int(ran.stdout) >> (10 if sys.platform == "darwin" else 0)
    counted = json.loads((folder / "summary.json").read_text())
    return ran.returncode, counted, peak, ran.stderr


def small(content: bytes) -> bytes:
    """Let the row group of a table claim that it has a hundred bytes."""
    body, footer = tables.parted(content)
    tables.changed(thrift.field(footer, 4)[1][0], 2, 100)
    return tables.joined(body, footer)


def claiming(rows: int) -> bytes:
    """Make a table of three rows that claims to have others."""
    table = pyarrow.table({"title": ["A", "B", "C"], "text": ["a", "b", "c"]})
    body, footer = tables.parted(tables.written(table))
    tables.changed(thrift.field(footer, 4)[1][0], 3, rows)
    tables.changed(footer, 3, rows)
    return tables.joined(body, footer)


def repeated_groups(count: int) -> bytes:
    """Make a table all of whose row groups stand at one place."""
    body, footer = tables.parted(tables.bomb(10, 1 << 16))
    groups = thrift.field(footer, 4)
    groups[1] = groups[1] * count
    return tables.joined(body, footer)


def listing(number: int) -> bytes:
    """Make a table whose footer claims a million row groups, or columns, and has one."""
    body, footer = tables.parted(claiming(3))
    groups = thrift.field(footer, 4)
    (groups if number == 4 else thrift.field(groups[1][0], 1)).append(1_000_000)
    return tables.joined(body, footer)


BOMBS = {
    "one text for all rows": lambda: tables.bomb(5000, 1 << 20),
    "one large text for all rows": lambda: tables.bomb(200, 30 << 20),
    "one text for the rows of a group that claims to be small": lambda: small(tables.bomb(5000, 1 << 20)),
    "a page of 200 MB": lambda: tables.bomb(1, 200 << 20),
    "rows without end": lambda: claiming(1 << 40),
    "groups at one place": lambda: repeated_groups(2000),
    "a million groups": lambda: listing(4),
    "a million columns": lambda: listing(1),
    "lengths without end": lambda: tables.lengths(500_000_000, 3, 1 << 29, 6),
    "lengths and prefixes without end": lambda: tables.lengths(500_000_000, 3, 1 << 29, 7),
    "as many values": lambda: tables.lengths(500_000_000, 500_000_000, 1 << 29, 6),
}


@pytest.mark.slow
@pytest.mark.parametrize("make", BOMBS.values(), ids=BOMBS)
def test_a_table_that_is_a_bomb_is_one_reject(tmp_path: Path, make: Callable[[], bytes]) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.parquet").write_bytes(make())
    (tmp_path / "in" / "b.txt").write_bytes(TEXT)
    status, counted, peak, said = run(tmp_path)
    assert "Traceback" not in said
    assert status == 1
    codes = counted["diagnostics"]
    assert codes.get("too-large", 0) + codes.get("damaged", 0) >= 1
    assert TEXT.decode().split()[1] in (tmp_path / "out.jsonl").read_text()
    assert peak < MEMORY_KIB
    assert sum(len(each) for each in contents(tmp_path).values()) < 200 << 20


@pytest.mark.slow
def test_one_text_for_many_rows_is_read_for_who_allows_it(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_bytes(tables.bomb(66, 1 << 20))
    assert {code for _, _, code in refusals(records(tmp_path / "a.parquet"))} == {"too-large"}
    allowed = Selection(max_expansion=10**6)
    assert not refusals(records(tmp_path / "a.parquet", selection=allowed))


def test_a_row_larger_than_a_document_is_rejected_alone(tmp_path: Path) -> None:
    texts = ["a", "long " * 400_000, "c", "d"]
    table = pyarrow.table({"title": ["A", "B", "C", "D"], "text": texts})
    (tmp_path / "a.parquet").write_bytes(tables.written(table, compression="none", use_dictionary=False))
    found = records(tmp_path / "a.parquet", selection=Selection(max_bytes=1 << 20))
    assert [each.title for each in found if not each.refusal] == ["A", "C", "D"]
    assert [(each.line, each.refusal.code) for each in found if each.refusal] == [(2, "too-large")]
    assert not refusals(records(tmp_path / "a.parquet"))


def test_a_damaged_row_group_spoils_no_other(tmp_path: Path) -> None:
    table = pyarrow.table({"title": list("ABC"), "text": list("abc")})
    content = tables.written(table, row_group_size=1, use_dictionary=False)
    body, footer = tables.parted(content)
    column = tables.columns_of(footer)[2]
    tables.changed(column, 9, 1 << 40)
    (tmp_path / "a.parquet").write_bytes(tables.joined(body, footer))
    found = records(tmp_path / "a.parquet")
    assert [each.title for each in found if not each.refusal] == ["A", "C"]
    assert message(found).startswith("row group 1: ")


@pytest.mark.parametrize("encoding", ["DELTA_BYTE_ARRAY", "DELTA_LENGTH_BYTE_ARRAY", "PLAIN"])
@pytest.mark.parametrize("compression", ["none", "snappy", "gzip", "brotli", "zstd", "lz4"])
@pytest.mark.parametrize("version", ["1.0", "2.0"])
def test_honest_tables_of_all_encodings_are_read(tmp_path: Path, encoding: str, compression: str, version: str) -> None:
    texts = [None if number % 7 == 0 else f"Text {number % 50}. " * (1 + number % 90) for number in range(900)]
    table = pyarrow.table({"title": [f"T{number}" for number in range(900)], "text": texts})
    options = {"compression": compression, "data_page_version": version, "data_page_size": 10_000}
    content = tables.written(table, use_dictionary=False, column_encoding={"text": encoding}, **options)
    (tmp_path / "a.parquet").write_bytes(content)
    found = records(tmp_path / "a.parquet")
    assert len(found) == 900
    assert {code for _, _, code in refusals(found)} == {"json-shape"}
    assert sum(1 for each in found if not each.refusal) == sum(each is not None for each in texts)


def test_what_makes_arrow_end_the_process_is_a_reject(tmp_path: Path) -> None:
    """Size statistics for a column that can have none: Arrow raises where nobody catches."""
    body, footer = tables.parted(tables.written(pyarrow.table({"text": ["a"], "n": [1]})))
    for column in tables.columns_of(footer):
        column.append([16, thrift.STRUCT, [[1, thrift.I64, 5]]])
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.parquet").write_bytes(tables.joined(body, footer))
    (tmp_path / "in" / "b.txt").write_bytes(TEXT)
    status, counted, _, said = run(tmp_path, "--metadata")
    assert status in (0, 1), said
    assert counted["written"] >= 1


# ── Records

LONG_TEXT = 'Text, as “ä” \\ says: "text": "title". ' * 40


@pytest.mark.parametrize("metadata", [False, True])
@pytest.mark.parametrize(
    ("record", "keys"),
    [
        ('{"title": "A", "text": TEXT}', ("", "")),
        ('{"text": TEXT, "title": "A", "n": 1}', ("", "")),
        ('{"kind": "text", "text": TEXT, "title": "A", "of": {"title": "x", "text": ["text"]}}', ("", "")),
        ('{"title": "A", "title": "B", "text": TEXT}', ("title", "title")),
        ('{"title": "A", "text": TEXT, "title": "B"}', ("title", "title")),
        ('{"text": TEXT, "title": "A", "title" :"B"}', ("title", "title")),
        ('{"text": TEXT, "title": "A", "text": "short"}', ("text", "text")),
        ('{"text": "short", "title": "A", "text": TEXT}', ("text", "text")),
        ('{"text":"","title": "A","text":TEXT}', ("text", "text")),
        ('{"text":TEXT,"text":TEXT}', ("text", "text")),
        ('{"n": 1, "title": "A", "text": TEXT, "n": 2}', ("", "n")),
        ('{"n": {"a": 1, "a": 2}, "title": "A", "text": TEXT}', ("", "a")),
    ],
)
@pytest.mark.parametrize("ascii", [False, True])
def test_a_key_that_stands_twice_is_told(
    tmp_path: Path, record: str, keys: tuple[str, str], metadata: bool, ascii: bool
) -> None:
    (tmp_path / "a.jsonl").write_text("\n" + record.replace("TEXT", json.dumps(LONG_TEXT, ensure_ascii=ascii)) + "\n")
    (found,) = records(tmp_path / "a.jsonl", task=Task("json", "item", ConversionOptions(metadata=metadata)))
    told = [(each.line, each.message.partition(" ")[0]) for each in found.remarks if each.code == "json-key-repeated"]
    assert told == ([(2, f"'{keys[metadata]}'")] if keys[metadata] else [])


@pytest.mark.parametrize(
    "other",
    ["[" * 100_000 + "]" * 100_000, "1e999", '"\\ud800"', "9" * 5000],
    ids=["deep", "large", "half a character", "long"],
)
def test_a_field_that_nothing_can_hold_spoils_no_other_record(tmp_path: Path, other: str) -> None:
    lines = ['{"title": "A", "text": "a", "other": OTHER}', '{"title": "B", "text": "b"}', ""]
    (tmp_path / "a.jsonl").write_text("\n".join(lines).replace("OTHER", other))
    found = records(tmp_path / "a.jsonl", task=Task("json", "item", ConversionOptions(metadata=True)))
    assert found[-1].title == "B"
    assert not found[-1].refusal
