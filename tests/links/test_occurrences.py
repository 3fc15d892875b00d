"""Occurrences of entries in texts: as by trying every entry at every word, wherever in a long text."""

from __future__ import annotations

import random

import pytest

from convert.links.learn.hashes import PART
from convert.links.learn.occurrences import Keys, Occurrences


def seen(entries: list[str], *texts: str) -> list[int]:
    keys = Keys(entries, len(entries))
    occurrences = Occurrences(keys)
    occurrences.add(PART.join(texts))
    return [int(occurrences.counts[number]) for numbers in keys.of(entries) for number in numbers]


def test_the_longest_entry_counts_and_none_within_it() -> None:
    entries = ["New York", "York City Hall", "New York City", "Hall", "City"]
    assert seen(entries, "New York City Hall", "new York-City Hall", "New York, city") == [1, 1, 1, 1, 0]


def test_a_text_counts_once_and_nothing_goes_across_texts() -> None:
    assert seen(["a b", "b"], "a b a b", "a", "b", "", "b a") == [1, 2]


def test_entries_without_words_or_with_too_many_are_not_looked_for() -> None:
    assert seen(["...", "", "a " * 11, "a " * 10], "... a a a a a a a a a a a") == [0, 0, 0, 1]
    assert seen([], "Islay") == []
    assert seen(["Islay"], "") == seen(["Islay"]) == [0]


@pytest.mark.parametrize("before", range(65525, 65540))
def test_entries_are_found_wherever_they_stand_in_a_long_text(before: int) -> None:
    entries = ["New York City", "York City Hall", "x", "City", "Hall"]
    assert seen(entries, "x " * before + "New York City Hall York City Hall") == [1, 1, 1, 0, 1]


@pytest.mark.parametrize("seed", range(10))
def test_long_texts_are_counted_as_word_by_word(seed: int) -> None:
    draw = random.Random(seed)
    entries = sorted({" ".join(draw.choices("abc", k=draw.randint(1, 5))) for _ in range(30)})
    words = draw.choices("abcd", k=70_000)
    found, at = set(), 0
    sizes = {entry: entry.count(" ") + 1 for entry in entries}
    while at < len(words):
        size = next((n for n in range(5, 0, -1) if sizes.get(" ".join(words[at : at + n])) == n), 0)
        found |= {" ".join(words[at : at + size])} if size else set()
        at += max(size, 1)
    assert seen(entries, " ".join(words)) == [int(entry in found) for entry in entries]


def test_a_text_of_one_word_takes_linear_time() -> None:
    assert seen(["a a", "a a a", "a"], "a " * 1_000_001) == [1, 1, 0]
