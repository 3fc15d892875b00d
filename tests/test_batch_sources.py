"""Inputs become the same articles however they are cut, in an order that nothing but their names decides."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import astuple

import convert
from convert.ast import Article, Paragraph, Text
from convert.batch import folders, sources
from convert.batch.cuts import stretches
from convert.batch.shards import Converter, Piece, Record, Shard, Task
from convert.batch.sources import Selection
from convert.diagnostics import Diagnostic
from convert.writers.xml import NAMESPACE
from tests import strategies

TASK = Task("json", "item", {})


def pieces(path: Path, selection: Selection = Selection()) -> list[Piece]:
    return list(sources.pieces([str(path)], selection))


def records(found: Iterable[Piece], task: Task = TASK) -> list[Record]:
    converter = Converter(task)
    return [
        record
        for shard in sources.shards(found)
        for record in converter.convert(shard, map(sources.fetch, shard.pieces))
    ]


def plain_articles(text: str, line: int = 1) -> list[tuple[Article, int]]:
    return [(each, each.line) for each in convert.read(text, "plain", lambda found: None, line=line)]


def names(path: Path) -> list[str]:
    return [os.path.relpath(each.path, path) for each in pieces(path)]


@given(st.one_of(strategies.plain_texts(), st.lists(strategies.plain_texts()).map("\n\n= T =\n\n".join)))
def test_stretches_read_to_the_same_articles_at_the_same_lines(text: str) -> None:
    content = text.encode()
    found = []
    for start, stretch in stretches(content, "plain"):
        # The reader takes a lone carriage return for a line's end, too.
        before = content[:start].decode().replace("\r\n", "\n").replace("\r", "\n")
        found += plain_articles(stretch.decode(), 1 + before.count("\n")) if stretch.strip() else []
    assert found == plain_articles(text)


def test_titles_and_metadata_of_records_hold_what_can_be_held(tmp_path: Path) -> None:
    """They stand in no text that a reader cleans, and every format must be able to say them."""
    record = {"title": "a\x00\x7f\nb", "text": "c\x01", "k\x02": "v\ud800\n"}
    (tmp_path / "a.jsonl").write_text(json.dumps(record), "utf-8")
    (tmp_path / "b\x7f.txt").write_text("d", "utf-8")
    for target in ("xml", "json"):
        made = records(pieces(tmp_path), Task(target, "text", {"metadata": True}))
        read = [article for each in made for article in convert.read(each.text.decode(), target)]
        expected = Article("a\ufffd\ufffd b", lead=(Paragraph((Text("c\ufffd"),)),), metadata={"k\ufffd": "v\ufffd\n"})
        assert read == [expected, Article("b\ufffd", lead=(Paragraph((Text("d"),)),))]


def test_title_given_to_a_reader_is_one_line_that_can_be_held() -> None:
    for source, text in (
        ("plain", "a"),
        ("json", '{"title":""}'),
        ("xml", f"<article xmlns='{NAMESPACE}'><title/></article>"),
    ):
        [article] = convert.read(text, source, lambda found: None, title="a\x00\r\nb")
        assert article.title == "a\ufffd b"


@given(st.lists(st.integers(1, 400), min_size=1, max_size=12), st.sampled_from(["plain", "json"]))
def test_long_files_read_as_short_ones(tmp_path_factory: pytest.TempPathFactory, sizes: list[int], format: str) -> None:
    articles = [f"= T{number} =\n\n{'word ' * size}\n\n" for number, size in enumerate(sizes)]
    text = "".join(articles) if format == "plain" else convert.convert("".join(articles), "plain", "json")
    path = tmp_path_factory.mktemp("long") / f"long.{format}"
    path.write_text(text)
    selection = Selection(format)
    whole = records(pieces(path, selection))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sources, "SHARD_BYTES", 256)
        cut = pieces(path, selection)
        assert [astuple(each)[:5] for each in whole] == [astuple(each)[:5] for each in records(cut)]
    assert len(text) == sum(each.end - each.start for each in cut)
    assert all(one.end == other.start for one, other in pairwise(cut))


def test_stream_is_cut_before_titles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "SHARD_BYTES", 64)
    text = "\n".join(f"= T{number} =\n\n== Section ==\nText of it.\n" for number in range(20))
    (tmp_path / "stream.txt").write_text(text)
    found = pieces(tmp_path / "stream.txt")
    assert len(found) > 10
    assert all(text[each.start :].startswith("= T") for each in found)
    assert [text.count("\n", 0, each.start) + 1 for each in found] == [each.line for each in found]


def test_what_can_be_read_again_is_not_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "SHARD_BYTES", 64)
    text = "\n".join(f"= T{number} =\n\nText of it.\n" for number in range(20)).encode()
    (tmp_path / "stream.txt").write_bytes(text)
    (tmp_path / "stream.txt.gz").write_bytes(gzip.compress(text))
    assert all(each.content is None for each in pieces(tmp_path / "stream.txt"))
    assert b"".join(each.content or b"" for each in pieces(tmp_path / "stream.txt.gz")) == text


def test_article_that_never_ends_is_rejected_and_the_next_one_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "SHARD_BYTES", 4096)
    long = "x" * 300_000
    (tmp_path / "a.txt").write_text(f"= A =\n\na\n\n= Long =\n\n{long}\n{long}\n\n= B =\n\nb\n\n= C =\n\nc\n")
    found = records(pieces(tmp_path / "a.txt", Selection(max_bytes=100_000)))
    told = [(each.title, each.refusal.code if each.refusal else "", each.line) for each in found]
    assert told == [("A", "", 1), ("Long", "too-large", 5), ("B", "", 10), ("C", "", 14)]


def test_folders_are_read_in_the_order_of_names(tmp_path: Path) -> None:
    for name in (
        "b.txt",
        "a/z.txt",
        "a/B.json",
        "a/b.xml",
        "ä.txt",
        "a.txt",
        "c.jsonl",
        "A.TXT",
        ".hid.txt",
        ".git/x.txt",
        "c.md",
        "c.wiki",
        "c.export.xml",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("= T =\n")
    expected = ["A.TXT", "a/B.json", "a/b.xml", "a/z.txt", "a.txt", "b.txt", "c.jsonl", "ä.txt"]
    assert expected == names(tmp_path)
    assert sorted({each.format for each in pieces(tmp_path)} - {"xml"}) == ["json", "plain"]
    assert [os.path.relpath(each.path, tmp_path) for each in pieces(tmp_path, Selection("json"))] == [
        "a/B.json",
        "c.jsonl",
    ]


def test_many_names_are_sorted_on_disk_alike(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    odd = [os.fsdecode(b"\xff.txt"), "ä.txt", "\N{GRINNING FACE}.txt", "\ufffd.txt"]
    for name in [*odd, *(f"{number}.txt" for number in range(50))]:
        (tmp_path / name).write_text("= T =\n")
    few = names(tmp_path)
    monkeypatch.setattr(folders, "MAX_NAMES_HELD", 7)
    assert few == names(tmp_path)


def test_links_are_followed_and_rings_end(tmp_path: Path) -> None:
    (tmp_path / "in" / "deep").mkdir(parents=True)
    (tmp_path / "far").mkdir()
    (tmp_path / "far" / "a.txt").write_text("= A =\n")
    (tmp_path / "in" / "far").symlink_to(tmp_path / "far")
    (tmp_path / "in" / "deep" / "up").symlink_to(tmp_path / "in")
    (tmp_path / "in" / "b.txt").symlink_to(tmp_path / "far" / "a.txt")
    assert names(tmp_path / "in") == ["b.txt", "far/a.txt"]


def test_what_cannot_be_read_is_told_and_the_rest_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo.txt")
    (tmp_path / "good.txt").write_text("= Good =\n")
    (tmp_path / "lost.txt").symlink_to("nowhere")
    found = records(pieces(tmp_path))
    assert [(Path(each.source).name, each.refusal.code if each.refusal else "") for each in found] == [
        ("fifo.txt", "unreadable"),
        ("good.txt", ""),
        ("lost.txt", "unreadable"),
    ]


def test_a_file_that_vanishes_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("= A =\n")
    found = pieces(tmp_path / "a.txt")
    (tmp_path / "a.txt").unlink()
    (record,) = records(found)
    assert record.refusal
    assert (record.refusal.code, record.refusal.message) == ("unreadable", "No such file or directory")


def test_a_folder_deeper_than_any_path_is_told(tmp_path: Path) -> None:
    home = os.getcwd()
    try:
        os.chdir(tmp_path)
        for _ in range(40):
            os.mkdir("d" * 120)
            os.chdir("d" * 120)
    finally:
        os.chdir(home)
    (record,) = records(pieces(tmp_path))
    assert record.refusal
    assert record.refusal.message == "File name too long"


def test_shards_are_cut_by_size_and_number() -> None:
    small = [Piece("", "", "plain", end=10)] * (sources.SHARD_PIECES + 1)
    large = [Piece("", "", "plain", end=sources.SHARD_BYTES // 2)] * 2
    found = list(sources.shards([*small, *large]))
    assert [len(each.pieces) for each in found] == [sources.SHARD_PIECES, 2, 1]
    assert [each.number for each in found] == [0, 1, 2]


def test_only_the_articles_with_wrong_bytes_are_lost() -> None:
    content = b"= A =\n\na\n\n= B\xff =\n\nb\n\n= C =\n\n\xc3\xa4\xe9\n\n= D =\n\nd\n"
    piece = Piece("x", "", "plain", start=100, line=11, content=content)
    found = list(Converter(TASK).convert(Shard(0, (piece,)), [content]))
    assert [each.title for each in found] == ["A", "B\ufffd", "C", "D"]
    assert [_place(each.refusal) for each in found] == [None, (15, 4, 113), (21, 2, 130), None]
    assert [each.line for each in found] == [11, 15, 19, 23]


def _place(refusal: Diagnostic | None) -> tuple[int, int, int] | None:
    if refusal is None:
        return None
    return refusal.line, refusal.column, int(refusal.message.split("offset ")[1].split()[0])


def test_numbers_are_given_by_position() -> None:
    converter = Converter(Task("export", "item", {}))
    texts = [b"= A =\n\na\n\n= B =\n\nb\n", b"= C =\n\nc\n"]
    shards = [Shard(number, (Piece("x", "", "plain", content=text),)) for number, text in enumerate(texts)]
    found = [each for shard in shards for each in converter.convert(shard, map(sources.fetch, shard.pieces))]
    ids = [int(each.text.split(b"<id>")[1].split(b"<")[0]) for each in found]
    assert ids == [1, 2, (1 << 20) + 1]


def test_names_of_files_are_shown_on_one_line(tmp_path: Path) -> None:
    odd = {
        "a\nb\x1b.txt": "a\ufffdb\ufffd",
        "\u6771\u4eac\u3000\u99c5.txt": "\u6771\u4eac\u3000\u99c5",
        os.fsdecode(b"\xff.txt"): "\ufffd",
    }
    for name in odd:
        (tmp_path / name).write_text("= T =\n")
    assert {os.path.basename(each.path): each.title for each in pieces(tmp_path)} == odd
    assert all(each.source == f"{tmp_path}/{each.title}.txt" for each in pieces(tmp_path))
