"""What is never linked, whatever it is the title of."""

from __future__ import annotations

import pytest

from convert.links.finding.everyday import is_everyday, is_grammar


@pytest.mark.parametrize(
    "text",
    [
        "", "A", "π", "...", "2001", "10,000", "The", "it", "It", "of the", "The 7", "😀", "May", "5 May 2001", "May 5",
        "19th century", "1st", "AD 70", "1990s", "the 1990’s", "mid-1990s", "1980er", "Années 1990", "1er mai",
        "1º de maio", "2010-е", "XIX век", "20th Century", "XX century", "1990年", "1990年5月3日", "1990年代", "20世紀",
        "1990년", "12:30", "2001–02", "№ 5",
    ],
)  # fmt: skip
def test_numbers_dates_and_words_of_every_sentence_are_no_names(text: str) -> None:
    assert is_everyday(text)


@pytest.mark.parametrize(
    "text",
    [
        "IT", "WHO", "The Who", "7 Up", "Se7en", "U2", "S-300", "C4", "50 Cent", "3月のライオン", "日本", "Mix",
        "Civil", "1. FC Köln", "Islay", "dog", "Victory Day", "24 Hours", "B-52s",
    ],
)  # fmt: skip
def test_names_are_none_of_these(text: str) -> None:
    assert not is_everyday(text)


def test_words_of_grammar_are_known_in_capitals() -> None:
    assert [is_grammar(word) for word in ("The", "the", "Dans", "Port")] == [True, True, True, False]
