"""Tables, code, line breaks and notes of plain articles: what is one, and what is none."""

from __future__ import annotations

from typing import Any

import pytest

import convert
from convert.ast import Article, LineBreak, List, Note, Paragraph, Preformatted, Table, Text
from convert.diagnostics import Diagnostic


def _read(text: str, **options: Any) -> tuple[Article, list[str]]:
    diagnostics: list[Diagnostic] = []
    (article,) = convert.read(f"= T =\n\n{text}", report=diagnostics.append, **options)
    return article, [diagnostic.code for diagnostic in diagnostics]


def _cells(table: object) -> list[list[str]]:
    assert isinstance(table, Table)
    rows = [row for row in (table.header, *table.rows) if row]
    return [
        ["".join(part.text if isinstance(part, Text) else "/" for part in cell.content) for cell in row] for row in rows
    ]


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("| a | b |\n|---|---|\n| 1 | 2 |", [["a", "b"], ["1", "2"]]),
        ("|a|b|\n|-|:-:|\n|1|2|", [["a", "b"], ["1", "2"]]),
        ("| a | b |\n|---+---|\n| 1 | 2", [["a", "b"], ["1", "2"]]),
        ("| a |\n| --- |", [["a"]]),
        ("|  |  |\n|---|---|\n| 1 | 2 |", [["1", "2"]]),
        ("| a | b |\n|---|---|\n| x \\| y | 1<br>2 |", [["a", "b"], ["x | y", "1/2"]]),
        ("| a | b |\n|---|---|\n| \\\\| | `c` |", [["a", "b"], ["\\|", "`c`"]]),
    ],
)
def test_tables(text: str, cells: list[list[str]]) -> None:
    article, codes = _read(f"Text.\n{text}\nMore.")
    above, table, below = article.lead
    assert isinstance(above, Paragraph)
    assert isinstance(below, Paragraph)
    assert _cells(table) == cells
    assert codes == []


@pytest.mark.parametrize(
    "text",
    [
        "a | b\n--- | ---\n1 | 2", "| a | b |\n| - | - |\n| 1 | 2 |", "|---|---|\n| a | b |", "| a | b |\n| 1 | 2 |",
        "{| class=x\n|-\n| a\n|}", "| a\n|---", "a |\n|---|",
    ],
)  # fmt: skip
def test_lines_that_are_no_table(text: str) -> None:
    article, _ = _read(f"Text.\n\n{text}")
    assert all(isinstance(block, Paragraph) for block in article.lead)


def test_ragged_rows_are_told() -> None:
    article, codes = _read("Text.\n\n| a | b |\n|---|---|\n| 1 |\n| 1 | 2 | 3 |")
    assert _cells(article.lead[1]) == [["a", "b"], ["1"], ["1", "2", "3"]]
    assert codes == ["table-ragged"]


def test_wide_head_above_short_rows_makes_no_large_page() -> None:
    text = "= T =\n\nText.\n\n" + "| a " * 1000 + "|\n" + "|---" * 1000 + "|\n" + "| b |\n" * 1000
    assert len(convert.convert(text)) < 3 * len(text)
    assert len(convert.convert(text, to_format="html")) < 20 * len(text)


def test_code_is_kept_as_it_is() -> None:
    article, codes = _read("```{.python}\nx = 1  \n\n\ty\n= no =\n```\nText.")
    assert article.lead == (Preformatted("x = 1  \n\n\ty\n= no =", "python"), Paragraph((Text("Text."),)))
    assert codes == []


def test_code_in_an_item_and_text_below_it() -> None:
    article, _ = _read("- Run:\n  ```\n  a\n    b\n  ```\n  and wait.\n- Done.")
    (block,) = article.lead
    assert isinstance(block, List)
    assert block.items[0].blocks == (Preformatted("a\n  b"), Paragraph((Text("and wait."),)))


def test_fence_that_nothing_closes_is_told() -> None:
    article, codes = _read("```python\nx = 1")
    assert article.lead == (Paragraph((Text("```python\nx = 1"),)),)
    assert "fence-unclosed" in codes


@pytest.mark.parametrize(
    ("text", "is_break"),
    [("a\\\nb", True), ("a \\\nb", False), ("C:\\a\\\nb", False), ("x\\\\\nb", False), ("\\\nb", True)],
)
def test_backslash_keeps_a_break(text: str, is_break: bool) -> None:
    article, _ = _read(text, paragraphs="blank-line")
    (block,) = article.lead
    assert isinstance(block, Paragraph)
    assert (LineBreak() in block.content) == is_break


def test_notes_are_read_if_asked_for() -> None:
    text = "A.[1] B.[1][^c] 1990.[1990] None.[5]\n\n== Notes ==\n[1] One\nmore.\n[2] Two.\n[^c]: [1]"
    article, codes = _read(text, notes=True)
    (block,) = article.lead
    assert isinstance(block, Paragraph)
    notes = [part for part in block.content if isinstance(part, Note)]
    assert notes == [Note((Text("One more."),), "1"), Note((), "1"), Note((Text("[1]"),), "c")]
    assert article.sections[0].blocks == (Paragraph((Text("[2] Two."),)),)
    assert {"note-missing", "note-unused"} <= set(codes)
    assert _read(text)[0].lead == (Paragraph((Text("A.[1] B.[1][^c] 1990.[1990] None.[5]"),)),)


def test_list_of_notes_stands_in_the_section_for_it() -> None:
    page = convert.convert("= T =\n\nA.[1]\n\n== References ==\n[1] B.\n\n== Links ==\nC.", notes=True)
    assert page == "A.<ref>B.</ref>\n\n== References ==\n<references />\n\n== Links ==\nC.\n"


def test_heading_and_note_have_different_anchors() -> None:
    page = convert.convert("= T =\n\nA.[1]\n\n== note-1 ==\nB.\n\n[1] C.", to_format="html", notes=True)
    assert page.count('id="note-1"') == 1
    assert 'id="note-1_"' in page


def test_tabs_part_cells_if_asked_for() -> None:
    text = "Text.\n\n\tx\ty\na\t1\t2\nb\t3\t4\nMore."
    article, _ = _read(text, tables="tabs-headed")
    assert _cells(article.lead[1]) == [["", "x", "y"], ["a", "1", "2"], ["b", "3", "4"]]
    assert all(isinstance(block, Paragraph) for block in _read(text)[0].lead)
