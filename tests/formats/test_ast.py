"""Nodes compare by what they say, whichever way they are compared."""

from __future__ import annotations

from hypothesis import given

from convert.ast import Article, Field, Node, Paragraph, Text, map_strings
from tests.support.strategies import articles


def test_same_words_in_other_lines_are_equal() -> None:
    for first, second in (
        (Field("a", ("b",), line=1), Field("a", ("b",), line=2)),
        (Text("a"), Text("a")),
        (Paragraph((Text("a"),), 3), Paragraph((Text("a"),))),
        (Article("a", line=7), Article("a", line=8)),
    ):
        assert first == second
        assert not first != second  # noqa: SIM202
        assert hash(first) == hash(second)


def test_other_words_and_other_nodes_differ() -> None:
    for first, second in (
        (Field("a"), Field("b")),
        (Field("a"), Field("a", ("b",))),
        (Text("a"), "a"),
        (Text("a"), None),
    ):
        assert first != second
        assert not first == second  # noqa: SIM201


@given(articles(), articles())
def test_comparisons_agree(first: Article, second: Article) -> None:
    copy: Node = map_strings(first, str)
    assert first == copy
    assert not first != copy  # noqa: SIM202
    assert hash(first) == hash(copy)
    assert (first != second) is not (first == second)
