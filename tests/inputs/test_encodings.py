"""Texts in other encodings are the same articles as in UTF-8, and wrong bytes cost one article."""

from __future__ import annotations

import codecs
import lzma
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convert.inputs import sources
from convert.inputs.encodings import Transcoded, codec_of, encoded_size, encoding_of, to_utf8, unmarked_encoding
from convert.inputs.selection import Selection
from convert.io.compression import pack
from tests.inputs.test_containers import records, refusals, tarred, texts, zipped

TEXT = "= Zürich =\n\nDas „Café“ ist groß – sehr.\n\n= 東京 =\n\nText: \U0001f600.\n"
MARKS = {
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
    "utf-32-le": codecs.BOM_UTF32_LE,
    "utf-32-be": codecs.BOM_UTF32_BE,
}


def stream(count: int) -> str:
    return "".join(f"= Größe {number} =\n\nDas ist größer.\n\n" for number in range(count))


@pytest.mark.parametrize("encoding", MARKS)
@pytest.mark.parametrize("block", [64, 1 << 20])
def test_a_byte_order_mark_says_what_a_text_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoding: str, block: int
) -> None:
    """Whether it is small, and read by a worker, or cut."""
    (tmp_path / "utf8.txt").write_text(TEXT)
    (tmp_path / "other.txt").write_bytes(MARKS[encoding] + TEXT.encode(encoding))
    expected = texts(records(tmp_path / "utf8.txt"))
    monkeypatch.setattr(sources, "SHARD_BYTES", block)
    found = records(tmp_path / "other.txt")
    assert texts(found) == expected
    assert [each.code for each in found[0].remarks] == ["encoding-mark"]
    assert [each.line for each in found] == [1, 5]


@pytest.mark.parametrize("name", ["a.tar", "a.zip", "a.txt.gz", "a.tar.xz"])
def test_members_have_encodings_too(tmp_path: Path, name: str) -> None:
    marked, named = codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), "= Größe =\n\nText.\n".encode("cp1252")
    members = {"a.txt": marked, "b.txt": named}
    content = {
        "a.tar": tarred(members),
        "a.zip": zipped(members),
        "a.txt.gz": pack(named, "gz"),
        "a.tar.xz": lzma.compress(tarred(members)),
    }[name]
    (tmp_path / name).write_bytes(content)
    found = records(tmp_path / name, selection=Selection(encoding="cp1252"))
    assert [each.title for each in found if not each.refusal][-1] == "Größe"
    assert len(texts(found)) == (1 if name == "a.txt.gz" else 3)


@pytest.mark.parametrize("encoding", MARKS)
@pytest.mark.parametrize("text", [TEXT, "= 東京 =\n\n日本の首都。\n"])
def test_a_text_without_a_mark_is_refused_and_named(tmp_path: Path, encoding: str, text: str) -> None:
    (tmp_path / "a.txt").write_bytes(text.encode(encoding))
    (found,) = records(tmp_path / "a.txt")
    assert found.refusal
    assert f"give --encoding {encoding}" in found.refusal.message
    read = records(tmp_path / "a.txt", selection=Selection(encoding=encoding))
    assert texts(read) == [(each.title, each.line, each.text) for each in read]
    assert read[0].title in text


@pytest.mark.parametrize(
    "content", [b"\x7fELF\0\0", b"\x89PNG\r\n\0\0\0\rIHDR", bytes(300), b"abc\0def", b"GIF89a\0\1\0\1"]
)
def test_binary_files_look_like_no_encoding(content: bytes) -> None:
    assert unmarked_encoding(content) == ""


@pytest.mark.parametrize("block", [64, 1 << 20])
def test_wrong_bytes_cost_one_article(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    content = stream(30).encode("cp1252") + b"= Bad =\n\nx\x81y\n\n" + stream(1).replace("0", "30").encode("cp1252")
    (tmp_path / "a.txt").write_bytes(content)
    monkeypatch.setattr(sources, "SHARD_BYTES", block)
    found = records(tmp_path / "a.txt", selection=Selection(encoding="cp1252"))
    assert refusals(found) == [("a.txt", "Bad", "encoding")]
    assert len(found) == 32
    (bad,) = (each.refusal for each in found if each.refusal)
    at = content.index(b"\x81")
    assert (bad.line, bad.column) == (content.count(b"\n", 0, at) + 1, 2)
    assert bad.message.startswith("byte 0x81")
    assert block == 64 or f"at offset {at} is not cp1252" in bad.message


def test_half_a_surrogate_pair_is_a_wrong_byte(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"\xff\xfe" + "= A =\n\na".encode("utf-16-le") + b"\x00\xd8x\0")
    assert refusals(records(tmp_path / "a.txt")) == [("a.txt", "A", "encoding")]
    (tmp_path / "b.txt").write_bytes(b"\xff\xfe" + "= A =\n\na".encode("utf-16-le") + b"x")
    assert refusals(records(tmp_path / "b.txt")) == [("b.txt", "A", "encoding")]


@pytest.mark.parametrize("name", ["rot13", "base64", "idna", "unicode_escape", "utf-99", "a\0b", ""])
def test_what_is_no_encoding_of_texts_is_none(name: str) -> None:
    assert codec_of(name) is None


@pytest.mark.parametrize(
    ("name", "codec"),
    [("UTF8", ""), ("utf-8-sig", ""), ("UTF-16", "utf-16-le"), ("windows-1252", "cp1252"), ("Shift_JIS", "shift-jis")],
)
def test_encodings_have_one_name(name: str, codec: str) -> None:
    assert codec_of(name) == codec


class _Pipe:
    """A stream that gives few bytes at a time."""

    def __init__(self, content: bytes, most: int) -> None:
        self._content, self._most = content, most

    def read(self, size: int = -1, /) -> bytes:
        count = min(self._most, size if size >= 0 else self._most)
        taken, self._content = self._content[:count], self._content[count:]
        return taken


@given(
    st.binary(max_size=200),
    st.sampled_from([*MARKS, "cp1252", "gbk", "shift-jis", "euc-kr", "big5"]),
    st.integers(1, 9),
)
def test_a_stream_is_decoded_as_a_whole_text(content: bytes, encoding: str, most: int) -> None:
    """Wrong bytes are kept apart from all characters, and every byte is counted."""
    whole = to_utf8(content, encoding)
    file = Transcoded(_Pipe(content, most), encoding)
    assert b"".join(iter(lambda: file.read(most), b"")) == whole
    strict: str | None
    try:
        strict = content.decode(encoding)
    except UnicodeDecodeError:
        strict = None
    if strict is None:
        with pytest.raises(UnicodeDecodeError):
            whole.decode()
    else:
        assert whole.decode() == strict
    if encoding in MARKS:
        assert encoded_size(whole, encoding) == len(content)


@given(st.binary(max_size=12), st.sampled_from(["", "cp1252"]))
def test_a_mark_counts_more_than_a_name(head: bytes, named: str) -> None:
    for encoding, mark in MARKS.items():
        if not (encoding == "utf-16-le" and head.startswith(b"\0\0")):
            assert encoding_of(mark + head, named) == encoding
    assert encoding_of(codecs.BOM_UTF8 + head, named) == ""
