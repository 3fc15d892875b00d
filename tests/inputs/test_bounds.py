"""A long text is cut between articles only: what is read of its parts is what is read of the whole."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from convert.ast import Article
from convert.inputs.bounds.article_bounds import before_titles, stretches
from convert.readers.plain import PlainReadOptions, read

_LINES = st.sampled_from(
    [
        "= T =",
        "",
        "",
        "```",
        "```x",
        "````",
        "~~~",
        "~~~ y",
        "  ```",
        "\xa0```",
        "```\xa0",
        " ",
        "a",
        "- b",
        "Infobox",
        "- k: v",
    ]
)
_ENDS = st.sampled_from(["\n", "\n", "\n", "\r\n", "\r"])


def _articles(text: str, title: str = "") -> list[Article]:
    return list(read(text, lambda said: None, PlainReadOptions(title=title)))


@given(st.lists(st.tuples(_LINES, _ENDS).map("".join), max_size=20).map("".join))
@example("= T =\n\n```\n\n= U =\n\n```\n\n= V =\n\na")
@example("\x0b```\n\n= T =\n\n```\n")
@example("\n\u200b\n\n\n= T =\n\n```\n\u200b\n```\n")
@example("= T =\n\n- k:\n  ```\n\n```\n\n= U =\n\n```\n")
def test_cut_text_is_read_as_the_whole(text: str) -> None:
    parts = [part.decode() for _, part, _ in stretches(text.encode(), "plain")]
    assert "".join(parts) == text
    assert _articles(text) == [article for part in parts if part.strip() for article in _articles(part)]


def test_title_in_code_is_no_boundary() -> None:
    text = b"= T =\n\n```\n\n= U =\n\n```\n\n= V =\n\nText."
    assert [text[at : at + 5] for at in before_titles(text, 0)] == [b"= V ="]


def test_code_that_may_still_end_is_not_cut() -> None:
    text = b"= T =\n\n```\n\n= U =\n\nText."
    assert list(before_titles(text, 0)) == []
    closed = text + b"\n" * 500 + b"\n\n= V =\n\nText."
    assert [closed[at : at + 5] for at in before_titles(closed, 0)] == [b"= U =", b"= V ="]
