"""Rows of tables are read as records, whatever the types of their columns."""

from __future__ import annotations

import bz2
import gzip
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet
import pytest

from convert.ast import Article, Field, Infobox
from convert.batch.converter import Converter
from convert.batch.model import Task
from convert.errors import UsageError
from convert.inputs import sources
from convert.inputs.sources import Selection
from convert.options import named, options_for
from convert.readers.json import read
from convert.readers.records.options import RecordOptions
from tests.support.commands import in_own_process, plainwiki

ROWS = {"title": ["A", "B"], "text": ["one", "two"]}


def _written(path: Path, columns: dict[str, Any]) -> Path:
    pyarrow.parquet.write_table(pa.table(columns), path)
    return path


def _read(path: Path, **given: Any) -> tuple[list[Article], list[tuple[int, str]]]:
    """Read the articles of a file, and the place and the code of what is told but for infos."""
    options = named(**given)
    converter = Converter(Task("json", "item", options))
    selection = Selection(fields=options_for(RecordOptions, options))
    articles, remarks = [], []
    for shard in sources.shards(sources.pieces([str(path)], selection)):
        for document in converter.convert(shard, map(sources.fetch, shard.pieces)):
            remarks += [(each.line, each.code) for each in document.remarks if each.severity > 1]
            articles += list(read(document.text.decode(), remarks.append)) if document.text else []  # type: ignore[arg-type]
    return articles, remarks


def _texts(path: Path, **given: Any) -> dict[str, str]:
    found, remarks = _read(path, **given)
    assert remarks == []
    return {article.title: article.lead[0].content[0].text for article in found}  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("columns", "given"),
    [
        ({"title": ["A", "B"], "text": pa.array([b"one", b"two"], pa.binary())}, {}),
        ({"title": pa.array([b"A", b"B"], pa.large_binary()), "text": pa.array(["one", "two"], pa.large_string())}, {}),
        ({"title": pa.array(["A", "B"]).dictionary_encode(), "text": pa.array(["one", "two"]).dictionary_encode()}, {}),
        ({"title": ["A", "B"], "text": pa.array([b"one", b"two"], pa.binary(3))}, {}),
        ({"title": ["A", "B"], "text": [["one"], ["two"]]}, {}),
        ({"title": ["A", "B"], "content": ["one", "two"]}, {}),
        ({"Title": ["A", "B"], "TEXT": ["one", "two"], "id": [1, 2]}, {}),
        ({"id": [1, 2], "metadata": [{"title": "A", "n": 1}, {"title": "B", "n": 2}], "text": ["one", "two"]}, {}),
        (
            {"d": [{"t": "A", "x": {"y": "one"}}, {"t": "B", "x": {"y": "two"}}]},
            {"text_field": "d.x.y", "title_field": "d.t"},
        ),
        ({"d.t": ["A", "B"], "x.d": ["one", "two"]}, {"text_field": "x.d", "title_field": "d.t"}),
    ],
    ids=lambda value: ",".join(value),
)
def test_texts_are_read_from_columns_of_every_type(
    tmp_path: Path, columns: dict[str, Any], given: dict[str, str]
) -> None:
    path = _written(tmp_path / "t.parquet", columns)
    assert _texts(path, **given) == {"A": "one", "B": "two"}
    assert _texts(path, **given, metadata=True) == {"A": "one", "B": "two"}


def test_numbers_are_titles(tmp_path: Path) -> None:
    path = _written(tmp_path / "t.parquet", {"title": [1984, 12], "text": ["one", "two"]})
    assert _texts(path) == {"1984": "one", "12": "two"}


def test_bytes_that_are_no_text_reject_their_row(tmp_path: Path) -> None:
    values = [b"one", b"\xff\xfe", None, b"four", b"five\xe4"]
    columns = {"title": list("ABCDE"), "text": pa.array(values, pa.binary())}
    found, remarks = _read(_written(tmp_path / "t.parquet", columns))
    assert [article.title for article in found] == ["A", "D"]
    assert remarks == [(2, "encoding"), (3, "json-shape"), (5, "encoding")]


def test_infoboxes_and_categories_are_columns(tmp_path: Path) -> None:
    fields = (Field("Name", ("x",)), Field("Works", ("a", "b")))
    pairs = pa.array([[("Name", ["x"]), ("Works", ["a", "b"])], []], pa.map_(pa.string(), pa.list_(pa.string())))
    members = [{"Name": "x", "Age": None, "Works": ["a", "b"]}, None]
    for infobox in (pairs, members, ["Name: x\nWorks:\n", None], pa.array([json.dumps(members[0]), ""])):
        columns = {**ROWS, "infobox": infobox, "categories": [["c", "d"], None]}
        (first, second), remarks = _read(_written(tmp_path / "t.parquet", columns))
        (box,) = first.infoboxes
        assert remarks == []
        assert box == Infobox(fields) or isinstance(infobox, list)
        assert (first.categories, second.infoboxes, second.categories) == (("c", "d"), (), ())


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"text_field": "txet"}, r"t\.parquet: no column 'txet': --text-field names another \(title, text\)"),
        ({"title_field": "titel"}, r"t\.parquet: no column 'titel': --title-field names another \(title, text\)"),
        ({"text_field": "text.raw"}, "no column 'text.raw'"),
        ({"infobox_field": "box"}, "no column 'box'"),
        ({"categories_field": "cats"}, "no column 'cats'"),
        ({"text_field": "txet", "metadata": True}, "no column 'txet'"),
    ],
    ids=str,
)
def test_a_column_that_is_missing_is_wrong_usage(tmp_path: Path, given: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        _read(_written(tmp_path / "t.parquet", ROWS), **given)


def test_nothing_is_written_where_a_column_is_missing(tmp_path: Path) -> None:
    _written(tmp_path / "t.parquet", ROWS)
    for command in ("convert", "check", "batch"):
        options = ("-o", tmp_path / "out.jsonl") if command == "batch" else ()
        ran = plainwiki(command, tmp_path / "t.parquet", "--text-field", "txet", *options)
        assert (ran.returncode, ran.stdout) == (2, b"")
    assert [path.name for path in tmp_path.iterdir()] == ["t.parquet"]


def test_a_table_in_a_folder_without_the_column_is_rejected_and_the_rest_goes_on(tmp_path: Path) -> None:
    _written(tmp_path / "a.parquet", {"q": ["x"], "a": ["y"]})
    _written(tmp_path / "b.parquet", ROWS)
    found, remarks = _read(tmp_path)
    assert [article.title for article in found] == ["A", "B"]
    assert remarks == [(0, "record-field")]


def test_long_texts_in_columns_that_are_not_read_are_told_once(tmp_path: Path) -> None:
    columns = {**ROWS, "plot": [f"{number} words " * 100 for number in range(2)], "url": ["http://a", "http://b"]}
    path = _written(tmp_path / "t.parquet", columns)
    assert _read(path)[1] == [(1, "record-unread")]
    assert _read(path, metadata=True)[1] == []


@pytest.mark.parametrize("name", ["t.json", "t.jsonl", "t.json.gz", "t.jsonl.gz"])
def test_a_null_byte_costs_no_other_record(tmp_path: Path, name: str) -> None:
    between = b",\n" if "jsonl" not in name else b"\n"
    content = between.join([b'{"title": "A", "text": "o\0ne"}', b'{"title": "B", "text": "two"}'])
    content = content if "jsonl" in name else b"[" + content + b"]"
    path = _csv(tmp_path / name, gzip.compress(content, mtime=0) if name.endswith("gz") else content)
    found, remarks = _read(path)
    assert [article.title for article in found] == ["A", "B"]
    assert remarks == [(1, "control-character")]


# ── CSV and TSV


def _csv(path: Path, text: str | bytes) -> Path:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("t.csv", "title,text\nA,one\nB,two\n"),
        ("t.csv", "\ufefftitle,text\r\nA,one\r\n\r\nB,two"),
        ("t.csv", "text,title\none,A\ntwo,B,,\n,,\n"),
        ("t.csv", "Title;Text\nA;one\nB;two\n"),
        ("t.csv", "sep=|\ntitle|text\nA|one\nB|two\n"),
        ("t.csv", '"title","text"\n"A","one"\n"B","two"\n'),
        ("t.csv", b"title,text\rA,one\rB,two\r"),
        ("t.csv", "\n\ntitle\ttext\nA\tone\nB\ttwo\n"),
        ("t.tsv", "title\ttext\nA\tone\nB\ttwo\n"),
        ("t.TSV", "id\ttitle\tcontent\n1\tA\tone\n2\tB\ttwo\n"),
        ("t.tsv", "title,text\nA,one\nB,two\n"),
        ("t.csv", "\ufefftitle,text\nA,one\nB,two\n".encode("utf-16-le")),
        ("t.csv.gz", gzip.compress(b"title,text\nA,one\nB,two\n", mtime=0)),
        ("t.tsv.bz2", bz2.compress(b"title\ttext\nA\tone\nB\ttwo\n")),
    ],
)
@pytest.mark.parametrize("block_bytes", [1, 1 << 16])
def test_rows_of_a_text_are_pages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, content: str | bytes, block_bytes: int
) -> None:
    monkeypatch.setattr(sources, "SHARD_BYTES", block_bytes)
    monkeypatch.setattr("convert.inputs.tables.text_lines._BLOCK_BYTES", max(64, block_bytes))
    assert _texts(_csv(tmp_path / name, content)) == {"A": "one", "B": "two"}


def test_columns_are_fields_of_an_infobox(tmp_path: Path) -> None:
    text = 'id,url,title,Born,"Known, as",text,categories,infobox\n1,u,A,1922,,one,"c, d",person\n2,u,B,,,two,,\n'
    path = _csv(tmp_path / "t.csv", text)
    (first, second), remarks = _read(path)
    assert first.infoboxes == (Infobox((Field("Born", ("1922",)),), "Infobox person"),)
    assert (first.categories, second.infoboxes, remarks) == (("c", "d"), (), [])
    (first, _), _ = _read(path, metadata=True)
    assert first.metadata == {"id": "1", "url": "u", "Born": "1922", "Known, as": ""}
    (first, _), _ = _read(path, title_field="id", text_field="Known, as", infobox_field="Born")
    assert first.title == "1"


def test_a_table_without_texts_makes_pages_of_infoboxes(tmp_path: Path) -> None:
    (first,), remarks = _read(_csv(tmp_path / "t.csv", "title,Born\nA,1922\nB,\n"))
    assert first == Article("A", (Infobox((Field("Born", ("1922",)),)),))
    assert remarks == [(3, "record-field")]


def test_rows_that_are_wrong_are_refused_one_by_one(tmp_path: Path) -> None:
    rows = [
        b"A,one",
        b"short",
        b"B,two,more",
        b'C,"three\n\nlines"',
        b'D,"x"y',
        b"E,\xe4",
        b"F,n\0ul",
        b'G,""""',
        b'H,"open',
        b"I,x",
    ]
    path = _csv(tmp_path / "t.csv", b"\n".join([b"title,text", *rows]))
    found, remarks = _read(path)
    assert [(article.title, article.line) for article in found] == [("A", 1), ("C", 1), ("F", 1), ("G", 1)]
    assert remarks == [
        (3, "table-row"), (4, "table-row"), (8, "table-row"),
        (9, "encoding"), (10, "control-character"), (12, "table-row"),
    ]  # fmt: skip


def test_rows_know_their_lines(tmp_path: Path) -> None:
    path = _csv(tmp_path / "t.csv", 'sep=;\n\ntitle;text\n\nA;"a\nb\nc"\n\n\nB;b\n')
    found = [
        document.line
        for shard in sources.shards(sources.pieces([str(path)], Selection()))
        for document in Converter(Task("json", "item")).convert(shard, map(sources.fetch, shard.pieces))
    ]
    assert found == [5, 10]


@pytest.mark.parametrize(
    ("text", "given", "message"),
    [
        ("nom,born\nA,1\n", {}, r"no column 'title' or 'text': .*\(nom, born\)"),
        ("title,text\nA,1\n", {"text_field": "txet"}, r"no column 'txet': --text-field names another \(title, text\)"),
        ("title,text\nA,1\n", {"title_field": "titel"}, "no column 'titel'"),
    ],
)
def test_a_missing_column_of_a_text_is_wrong_usage(
    tmp_path: Path, text: str, given: dict[str, str], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        _read(_csv(tmp_path / "t.csv", text), **given)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"\n\n", "empty"),
        (b"title,text\n", "empty"),
        (b"title,text,title\nA,b,c\n", "table-row"),
        (b"title,text\n" + b"A,\0\0\0\0\0\0\0\0\0", "binary"),
        ("title,text\nA,b c\n".encode("utf-16-le"), "encoding"),
        (b'title,"te"xt\n', "table-row"),
        (gzip.compress(b"title,text\nA,one\n", mtime=0), "binary"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path: Path, content: bytes, code: str) -> None:
    found, remarks = _read(_csv(tmp_path / "t.csv", content))
    assert (found, [each for _, each in remarks]) == ([], [code])


def test_a_cell_without_an_end_takes_no_more_than_a_document(tmp_path: Path) -> None:
    path = _csv(tmp_path / "t.csv", b'title,text\nA,one\nB,"' + b"word\n" * 1_000_000)
    # The csv module has one limit for the whole process, and others have raised it here.
    ran = in_own_process("check", path, "--max-document", "1")
    assert ran.returncode == 1
    assert b"t.csv:3: error:" in ran.stdout
    assert ran.stdout.count(b"error:") == 1
    assert b"a field has no end" in ran.stdout
