"""Names of members of archives are read as they were written, or it is said that they may not be."""

from __future__ import annotations

import io
import struct
import tarfile
import zipfile
import zlib
from pathlib import Path

import pytest

from convert.inputs.archives.names import member_name, unicode_path
from convert.inputs.selection import Selection
from tests.inputs.test_containers import records

NAMES = {
    "gbk": "中文很长的文件名字",
    "shift_jis": "日本語の長い名前",
    "cp866": "Очень длинное имя",
    "utf-8": "Café Zürich",
    "cp437": "Café",
}


def zip_with(name: bytes, extra: bytes = b"") -> bytes:
    """Make a zip whose only member has a name without the flag that says UTF-8."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        member = zipfile.ZipInfo("x" * len(name))
        member.extra = extra
        archive.writestr(member, "Text.\n")
    return buffer.getvalue().replace(b"x" * len(name), name)


def tar_with(name: bytes) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(
        fileobj=buffer, mode="w", format=tarfile.GNU_FORMAT, errors="surrogateescape", encoding="utf-8"
    ) as archive:
        member = tarfile.TarInfo(name.decode("utf-8", "surrogateescape"))
        member.size = 6
        archive.addfile(member, io.BytesIO(b"Text.\n"))
    return buffer.getvalue()


@pytest.mark.parametrize("encoding", NAMES)
@pytest.mark.parametrize("kind", ["a.zip", "a.tar"])
@pytest.mark.parametrize("by_names", [True, False])
def test_names_are_read_in_the_encoding_that_is_named(tmp_path: Path, encoding: str, kind: str, by_names: bool) -> None:
    name = f"{NAMES[encoding]}.txt".encode(encoding)
    (tmp_path / kind).write_bytes(zip_with(name) if kind == "a.zip" else tar_with(name))
    selection = Selection(names_encoding=encoding) if by_names else Selection(encoding=encoding)
    (found,) = records(tmp_path / kind, selection=selection)
    assert found.title == NAMES[encoding]
    assert [each.code for each in found.remarks] == ["title-missing"]


@pytest.mark.parametrize("encoding", NAMES)
@pytest.mark.parametrize("kind", ["a.zip", "a.tar"])
def test_a_name_that_is_guessed_is_told(tmp_path: Path, encoding: str, kind: str) -> None:
    name = f"{NAMES[encoding]}.txt".encode(encoding)
    (tmp_path / kind).write_bytes(zip_with(name) if kind == "a.zip" else tar_with(name))
    (found,) = records(tmp_path / kind)
    told = [each.code for each in found.remarks if each.code != "title-missing"]
    assert told == ([] if encoding == "utf-8" else ["member-name"])
    if encoding in ("utf-8", "cp437") and (kind == "a.zip" or encoding == "utf-8"):
        assert found.title == NAMES[encoding]


def test_the_name_that_info_zip_stores_beside_another_is_taken(tmp_path: Path) -> None:
    raw, name = "Größe.txt".encode("cp850"), "Größe.txt".encode()
    field = struct.pack("<BI", 1, zlib.crc32(raw)) + name
    extra = struct.pack("<2H", 0x7075, len(field)) + field
    assert unicode_path(extra, raw) == "Größe.txt"
    assert unicode_path(extra, b"other") is None
    for end in range(len(extra)):
        unicode_path(extra[:end], raw)
    (tmp_path / "a.zip").write_bytes(zip_with(raw, extra))
    (found,) = records(tmp_path / "a.zip")
    assert (found.title, [each.code for each in found.remarks]) == ("Größe", ["title-missing"])


def test_a_name_in_another_encoding_than_is_named_is_told() -> None:
    assert member_name("中".encode("gbk"), "ascii").remark
    assert member_name(b"plain", "gbk") == ("plain", None)
