"""Rows of Arrow, pandas and datasets become rows of articles: all of them, in order, whatever is in them."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from itertools import chain
from typing import Any

import pyarrow
import pytest

import convert
from convert.batch import arrow
from convert.batch.arrow import Rows
from convert.errors import UsageError

INFOBOX = "= Port Ellen =\n\nInfobox ship\n- Name: Port Ellen\n\nA [[town]].\n"
TEXTS = [INFOBOX, "= A =\n\na\n\n= B|C =\n\nb\n\n= D =\n\nd\n", None, "no title\n\nhere\n", "= E =\n\n\x00"]
NAMES = ["title", "text", "code", "reason", "line", "diagnostics"]
TITLES = [None, "unused", "nothing", "F", None]
EXPECTED = [
    (1, "Port Ellen", None), (2, "A", None), (2, "B|C", "title-invalid"), (2, "D", None), (3, "nothing", "empty"),
    (4, "F", None), (5, "", "binary"),
]  # fmt: skip

Row = dict[str, Any]


def batches(size: int) -> list[pyarrow.RecordBatch]:
    table = pyarrow.table({"id": range(1, 1 + len(TEXTS)), "text": TEXTS, "title": TITLES})
    return list(table.to_batches(max_chunksize=size))


def from_arrow(rows: Rows, size: int) -> list[Row]:
    return list(chain.from_iterable(each.to_pylist() for each in rows.arrow(batches(size))))


def from_pandas(rows: Rows, size: int) -> list[Row]:
    import pandas

    made = pandas.concat(rows.pandas(each.to_pandas() for each in batches(size)))
    return list(made.astype(object).where(made.notna(), None).to_dict("records"))


def from_table(rows: Rows, size: int) -> list[Row]:
    return list(rows.table(pyarrow.Table.from_batches(batches(size))).to_pylist())


def from_columns(rows: Rows, size: int) -> list[Row]:
    tables = (rows.table(each.to_pydict()) for each in batches(size))
    return list(chain.from_iterable(each.to_pylist() for each in tables))


@pytest.mark.parametrize("size", [1, 2, 10])
@pytest.mark.parametrize("converted", [from_arrow, from_pandas, from_table, from_columns])
def test_every_row_comes_out_in_order(converted: Callable[[Rows, int], list[Row]], size: int) -> None:
    made = converted(Rows(keep=["id"]), size)
    assert [(row["id"], row["title"], row["code"]) for row in made] == EXPECTED
    assert all((row["text"] is None) == (row["reason"] is not None) == (row["code"] is not None) for row in made)
    assert [row["line"] for row in made] == [1, 1, 5, 9, 1, 1, 0]
    assert made[0]["text"] == convert.convert(INFOBOX)
    (remark,) = made[5]["diagnostics"]
    assert remark["code"] == "title-missing"
    assert made[2]["reason"] == made[2]["diagnostics"][0]["message"]


@pytest.mark.parametrize("converted", [from_arrow, from_pandas])
def test_what_comes_out_is_bounded(
    converted: Callable[[Rows, int], list[Row]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arrow, "_BATCH_BYTES", 1)
    made = converted(Rows(keep=["id"]), 10)
    assert [(row["id"], row["title"], row["code"]) for row in made] == EXPECTED


def test_options_reach_reader_and_writer() -> None:
    rows = Rows("export", infobox="Infobox ship", paragraphs="line", timestamp="2001-01-15T00:00:00Z")
    (made,) = rows.table({"text": ["= A =\n\nInfobox\n- Name: A\n\na\nb\n"]}).to_pylist()
    assert "{{Infobox ship\n| name = A" in made["text"]
    assert "\na\n\nb<" in made["text"]
    assert "<timestamp>2001-01-15T00:00:00Z<" in made["text"]


def test_what_is_not_utf8_is_rejected_as_in_a_file() -> None:
    texts = [b"= A =\n\n\xff\n", "= B =\n\n\ud800\n", "= C =\n\nc\n"]
    import pandas

    (made,) = Rows("plain").pandas([pandas.DataFrame({"text": texts, "title": ["\udcff", None, None]}, dtype=object)])
    assert made["code"].tolist()[:2] == ["encoding", "encoding"]
    assert made["text"].tolist()[2] == "= C =\n\nc\n"


def test_no_rows_make_columns_all_the_same() -> None:
    made = Rows(keep=["id"]).table(pyarrow.table({"id": [1], "text": [""]}).slice(0, 0))
    assert made.num_rows == 0
    assert made.column_names == ["id", *NAMES]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"infobx": "a"}, "plain to wikitext has no option 'infobx': choose from .*, infobox, "),
        ({"target": "docx"}, "unknown output format 'docx'"),
        ({"source": "wikitext"}, "unknown input format 'wikitext'"),
        ({"keep": ["id", "title"]}, "a column 'title' comes out anyway"),
        ({"text": "body"}, "the rows have no column 'body', but id, text, title"),
        ({"text": "id"}, "column 'id' holds int, not text"),
        ({"keep": ["url"]}, "the rows have no column 'url'"),
    ],
)  # fmt: skip
def test_wrong_usage_is_told(given: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        list(Rows(**given).arrow(batches(10)))


@pytest.mark.slow
def test_datasets_map_them(tmp_path: Any) -> None:
    import datasets
    import pandas

    frame = pandas.DataFrame({"id": range(1, 1 + len(TEXTS)), "text": TEXTS, "title": TITLES})
    frame.to_parquet(tmp_path / "in.parquet")
    given = datasets.Dataset.from_parquet(str(tmp_path / "in.parquet"), cache_dir=str(tmp_path / "cache"))
    rows = Rows(keep=["id"])
    batched = {"batched": True, "batch_size": 2}
    made = given.with_format("arrow").map(rows.table, **batched)
    assert made.column_names == ["id", *NAMES]
    assert [(row["id"], row["title"], row["code"]) for row in made.with_format(None)] == EXPECTED
    again = given.with_format("arrow").map(pickle.loads(pickle.dumps(rows)).table, **batched)
    assert again.cache_files == made.cache_files
    several = given.with_format("arrow").map(rows.table, num_proc=2, **batched)
    assert several.with_format(None).to_list() == made.with_format(None).to_list()
    streamed = given.to_iterable_dataset().with_format("arrow").map(rows.table, **batched)
    assert list(streamed.with_format(None)) == made.with_format(None).to_list()
