"""Inputs become the same articles however they are cut, in an order that nothing but their names decides."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import astuple

import convert
from convert.ast import Article, Paragraph, Text
from convert.batch.converter import Converter
from convert.batch.model import ConvertedDocument, Task
from convert.batch.observer import Observer
from convert.batch.progress import Silent
from convert.diagnostics import Diagnostic, Severity
from convert.inputs import sources
from convert.inputs.bounds.article_bounds import stretches
from convert.inputs.cutter import pieces_of
from convert.inputs.files import folders
from convert.inputs.piece import Piece, Shard
from convert.inputs.selection import CutOptions
from convert.inputs.sources import Selection
from convert.options import ConversionOptions
from convert.profile import WikiProfile
from convert.upload.desired.desired_pages import DesiredPages, Inputs
from convert.writers.xml import NAMESPACE
from tests.support import strategies
from tests.support.commands import plainwiki

TASK = Task("json", "item")


def pieces(path: Path, selection: Selection = Selection()) -> list[Piece]:
    return list(sources.pieces([str(path)], selection))


def records(found: Iterable[Piece], task: Task = TASK) -> list[ConvertedDocument]:
    converter = Converter(task)
    return [
        record
        for shard in sources.shards(found)
        for record in converter.convert(shard, map(sources.fetch, shard.pieces))
    ]


def plain_articles(text: str, line: int = 1) -> list[tuple[Article, int]]:
    return [(each, each.line) for each in convert.read(text, "plain", lambda found: None, line=line)]


def names(path: Path) -> list[str]:
    return names_of(path, Selection())


def names_of(path: Path, selection: Selection) -> list[str]:
    return [os.path.relpath(each.path, path) for each in pieces(path, selection)]


@given(st.one_of(strategies.plain_texts(), st.lists(strategies.plain_texts()).map("\n\n= T =\n\n".join)))
@example("= A =\n\n\u200e- x\n\n= B =\n\nInfobox ship\n- ferry: \n\u200b\nx\n")
def test_stretches_read_to_the_same_articles_at_the_same_lines(text: str) -> None:
    content = text.encode()
    found = []
    for start, stretch, _ in stretches(content, "plain"):
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
        made = records(pieces(tmp_path), Task(target, "text", ConversionOptions(metadata=True)))
        read = [article for each in made for article in convert.read(each.text.decode(), target)]
        expected = Article("a\ufffd\ufffd b", lead=(Paragraph((Text("c\ufffd"),)),), metadata={"k\ufffd": "v\ufffd\n"})
        assert read == [expected, Article("b\ufffd", lead=(Paragraph((Text("d"),)),))]


def test_title_given_to_a_reader_is_one_line_that_can_be_held() -> None:
    for source, text in (
        ("plain", "a"),
        ("json", '{"format":"plainwiki-article-1","title":""}'),
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


@pytest.mark.slow
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
    expected = ["A.TXT", "a/B.json", "a/b.xml", "a/z.txt", "a.txt", "b.txt", "c.jsonl", "c.md", "ä.txt"]
    assert expected == names(tmp_path)
    assert sorted({each.format for each in pieces(tmp_path)} - {"xml"}) == ["json", "markdown", "plain"]
    every = [*expected[:6], "c.export.xml", "c.jsonl", "c.md", "c.wiki", "ä.txt"]
    assert names_of(tmp_path, Selection("json")) == every
    assert names_of(tmp_path, Selection("xml")) == [name for name in every if name != "c.jsonl"]


def test_many_names_are_sorted_on_disk_alike(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    odd = [os.fsdecode(b"\xff.txt"), "ä.txt", "\N{GRINNING FACE}.txt", "\ufffd.txt"]
    for name in [*odd, *(f"{number}.txt" for number in range(50))]:
        (tmp_path / name).write_text("= T =\n")
    few = names(tmp_path)
    monkeypatch.setattr(folders, "MAX_NAMES_HELD", 7)
    assert few == names(tmp_path)


def linked(folder: Path) -> Path:
    """Make a folder with links of all kinds; those called ``out…`` lead out of it."""
    (folder / "in" / "deep").mkdir(parents=True)
    (folder / "in2").mkdir()
    (folder / "in" / "a.txt").write_text("= A =\n")
    (folder / "in" / "deep" / "b.txt").write_text("= B =\n")
    (folder / "in2" / "c.txt").write_text("= C =\n")
    links = {
        "in/again": "deep",
        "in/deep/up": f"{folder}/in",
        "in/d.txt": "deep/../deep/b.txt",
        "in/outfile.txt": f"{folder}/in2/c.txt",
        "in/outfolder": "../in2",
        "in/outchain.txt": "outfile.txt",
        "in/deep/outup.txt": "../../in2/c.txt",
        "in/outlost.txt": "/nowhere/at/all.txt",
        "in/self.txt": "self.txt",
    }
    for name, place in links.items():
        (folder / name).symlink_to(place)
    os.link(folder / "in2" / "c.txt", folder / "in" / "hard.txt")
    return folder / "in"


def test_links_within_a_folder_are_followed_and_rings_end(tmp_path: Path) -> None:
    told: list[tuple[str, Diagnostic]] = []
    folder = linked(tmp_path)
    found = list(sources.pieces([str(folder)], Selection(), lambda *each: told.append(each)))
    read = {os.path.relpath(each.path, folder): each.refusal and each.refusal[0] for each in found}
    assert read == {
        "a.txt": None, "again/b.txt": None, "d.txt": None, "deep/b.txt": None, "hard.txt": None,
        "self.txt": "unreadable",
    }  # fmt: skip
    assert {os.path.relpath(source, folder): remark.code for source, remark in told} == dict.fromkeys(
        ["again/outup.txt", "deep/outup.txt", "outchain.txt", "outfile.txt", "outfolder", "outlost.txt"], "link-outside"
    )
    (message,) = (remark.message for source, remark in told if source.endswith("/outfolder"))
    assert message == (
        f"it leads out of the folder, to {tmp_path}/in2: name that itself, or give --follow-links to have it read"
    )


def test_links_out_of_a_folder_are_followed_for_who_wants_it(tmp_path: Path) -> None:
    found = names_of(linked(tmp_path), Selection(follow_links=True))
    assert {"outfile.txt", "outfolder/c.txt", "outchain.txt", "deep/outup.txt"} <= set(found)


def test_a_link_that_is_named_is_followed(tmp_path: Path) -> None:
    folder = linked(tmp_path)
    assert [each.title for each in records(pieces(folder / "outfile.txt"))] == ["C"]
    assert [each.title for each in records(pieces(folder / "outfolder"))] == ["C"]


@pytest.mark.parametrize("command", ["batch", "check", "convert", "match"])
def test_every_command_names_and_counts_the_links_that_it_does_not_follow(tmp_path: Path, command: str) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text("= A =\n\na\n")
    (tmp_path / "b.txt").write_text("= B =\n\nb\n")
    (tmp_path / "in" / "out.txt").symlink_to(tmp_path / "b.txt")
    arguments = {
        "batch": ["batch", "-o", str(tmp_path / "out"), "--summary", str(tmp_path / "summary.json"), "-t", "plain"],
        "match": ["templates", "match"],
    }.get(command, [command])
    ran = plainwiki(*arguments, str(tmp_path / "in"), "--verbose")
    assert ran.returncode == 0
    said = (ran.stdout + ran.stderr).decode()
    assert f"{tmp_path}/in/out.txt: warning: it leads out of the folder, to {tmp_path}/b.txt: " in said
    assert plainwiki(*arguments, str(tmp_path / "in"), "--strict").returncode == 1
    if command == "batch":
        counted = json.loads((tmp_path / "summary.json").read_text())
        assert (counted["read"], counted["written"], counted["diagnostics"]["link-outside"]) == (1, 1, 1)
        assert b"warnings: 1 link-outside" in ran.stderr
        assert b"2 read = 2 written" in plainwiki(*arguments, str(tmp_path / "in"), "--follow-links").stderr


@pytest.mark.parametrize("follow", [False, True])
def test_links_among_pages_to_upload_are_not_followed_either(tmp_path: Path, follow: bool) -> None:
    (tmp_path / "in.wiki").mkdir()
    (tmp_path / "in.wiki" / "A.wiki").write_text("a")
    (tmp_path / "B.wiki").write_text("b")
    (tmp_path / "in.wiki" / "B.wiki").symlink_to(tmp_path / "B.wiki")
    task = Task("wikitext", "text", ConversionOptions())
    inputs = Inputs([str(tmp_path / "in.wiki")], Selection(follow_links=follow), task)
    desired = DesiredPages(inputs, WikiProfile(), Observer(lambda source, remark: None, Severity.ERROR, Silent()))
    read = [page.title for page in desired]
    assert (read, desired.summary.codes) == ((["A", "B"], {}) if follow else (["A"], {"link-outside": 1}))


def test_links_at_addresses_are_not_followed(tmp_path: Path) -> None:
    folder = linked(tmp_path)
    told: list[str] = []
    found = sources.pieces([f"file://{folder}/deep"], Selection(), lambda source, remark: told.append(remark.code))
    assert [each.path for each in found] == [f"file://{folder}/deep/b.txt"]
    assert told == ["link-outside", "link-outside"]  # where a link without a suffix leads to is not known


@pytest.mark.parametrize("name", ["a.txt", "a.tar", "a.zip", "a.jsonl.gz", "long.txt"])
def test_a_file_replaced_by_a_link_is_not_read(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "SHARD_BYTES", 64)
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / name).write_bytes(b"= A =\n\n" + b"honest " * (20 if name == "long.txt" else 1))
    (tmp_path / "secret").write_bytes(b"= B =\n\nsecret\n" * 20)
    walk = sources.Walk(Selection())
    (source,) = walk.sources([str(tmp_path / "in")])
    whole = Piece(name, source.path, "plain", end=source.size, stamp=source.stamp)
    (tmp_path / "in" / name).unlink()
    (tmp_path / "in" / name).symlink_to(tmp_path / "secret")
    options = CutOptions(Selection(), "", 64, 64)
    found = sources.fetch(whole)
    assert isinstance(found, Diagnostic)
    assert found.message == "it was changed while it was read: run this again"
    if name != "a.txt":
        with pytest.raises(OSError, match="changed while it was read"):
            list(pieces_of(source, options))


def test_a_new_link_and_other_permissions_do_not_change_a_file(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("= A =\n")
    (found,) = pieces(tmp_path / "a.txt")
    os.link(tmp_path / "a.txt", tmp_path / "b")
    (tmp_path / "a.txt").chmod(0o600)
    assert sources.fetch(found) == b"= A =\n"


def test_a_file_whose_time_was_set_back_is_new_to_the_next_run(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("= A =\n")
    before = (tmp_path / "a.txt").stat()
    (first,) = pieces(tmp_path / "a.txt")
    (tmp_path / "a.txt").write_text("= B =\n")
    os.utime(tmp_path / "a.txt", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert pieces(tmp_path / "a.txt")[0].stamp != first.stamp


def test_a_folder_replaced_by_a_link_is_not_entered(tmp_path: Path) -> None:
    (tmp_path / "in" / "deep").mkdir(parents=True)
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "b.txt").write_text("= B =\n")
    (tmp_path / "in" / "deep" / "a.txt").write_text("= A =\n")
    (tmp_path / "in" / "deep" / "b.txt").write_text("= A =\n")
    walk = sources.Walk(Selection()).sources([str(tmp_path / "in")])
    first = next(walk)
    (tmp_path / "in" / "deep").rename(tmp_path / "gone")
    (tmp_path / "in" / "deep").symlink_to(tmp_path / "secret")
    found = [first, *walk]
    assert [os.path.basename(each.path) for each in found] == ["a.txt", "b.txt"]
    options = CutOptions(Selection(), "", 64, 64)
    assert isinstance(sources.fetch(next(pieces_of(found[1], options))), Diagnostic)


def test_folders_deep_inside_one_another_are_told(tmp_path: Path) -> None:
    deep = tmp_path
    for _ in range(folders.MAX_DEPTH + 3):
        deep /= "d"
    deep.mkdir(parents=True)
    (tmp_path / "a.txt").write_text("= A =\n")
    found = records(pieces(tmp_path))
    assert [each.refusal.code if each.refusal else "" for each in found] == ["", "unreadable"]
    assert "folders are inside one another" in str(found[1].refusal)


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
    converter = Converter(Task("export", "item"))
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
