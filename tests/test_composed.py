"""What is taken for NFC without a look at each character is in NFC, in every script."""

from __future__ import annotations

import re
from itertools import chain
from unicodedata import combining, decomposition, normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convert.composed import composed, composed_lines

#: All characters but surrogates.
CHARACTERS = [chr(number) for number in range(0x110000) if not 0xD800 <= number < 0xE000]
#: What joins a character before it, changes places with it, or becomes another.
RESTLESS = [each for each in CHARACTERS if combining(each) or normalize("NFC", each) != each]
RESTLESS += sorted({chr(int(parts[1], 16)) for each in CHARACTERS if len(parts := decomposition(each).split()) == 2})
#: What composes with something behind it.
FIRST = sorted(
    {
        chr(int(parts[0], 16))
        for each in CHARACTERS
        if len(parts := decomposition(each).split()) == 2 and parts[0][0] != "<"
    }
)

_texts = st.lists(st.sampled_from(RESTLESS) | st.sampled_from(FIRST) | st.characters(max_codepoint=0x10FF), max_size=8)


def test_every_character_by_itself() -> None:
    """Between letters, where nothing composes."""
    assert [each for each in CHARACTERS if composed(f"a{each}a") != normalize("NFC", f"a{each}a")] == []


@pytest.mark.parametrize("before", [*FIRST, "\u0995", "\u0e01", "a"], ids=lambda each: f"{ord(each):04X}")
def test_every_mark_behind(before: str) -> None:
    """Behind whatever may compose with it."""
    assert [each for each in RESTLESS if composed(before + each) != normalize("NFC", before + each)] == []


@given(_texts)
def test_marks_in_any_order(texts: list[str]) -> None:
    """However many of them stand together."""
    text = "".join(texts)
    assert composed(text) == normalize("NFC", text)
    assert list(composed_lines(texts)) == [normalize("NFC", each) for each in texts]


@given(st.lists(st.lists(st.sampled_from(RESTLESS), min_size=64, max_size=80) | _texts, max_size=3))
def test_marks_without_end(texts: list[list[str]]) -> None:
    """They are put in order beforehand, which changes nothing."""
    text = "".join(chain.from_iterable(texts))
    assert composed(text) == normalize("NFC", text)


def test_every_mark_can_be_one_of_many() -> None:
    """None is taken for a letter, a digit or a space."""
    assert [each for each in CHARACTERS if combining(each) and re.fullmatch(r"[\w\s]", each)] == []
    assert composed("a" + "\u0338\u0323" * 500_000) == "ạ" + "\u0338" * 500_000 + "\u0323" * 499_999
