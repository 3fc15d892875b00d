"""What is taken for NFC without a look at each character is in NFC, in every script."""

from __future__ import annotations

import re
from functools import cache
from itertools import chain
from unicodedata import combining, decomposition, normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convert.nfc import to_nfc


@cache
def characters() -> list[str]:
    """Return all characters but surrogates."""
    return [chr(number) for number in range(0x110000) if not 0xD800 <= number < 0xE000]


@cache
def pairs() -> list[tuple[str, str]]:
    """Return every canonical decomposition into two characters."""
    found = [parts for each in characters() if len(parts := decomposition(each).split()) == 2 and parts[0][0] != "<"]
    return [(chr(int(first, 16)), chr(int(second, 16))) for first, second in found]


@cache
def restless() -> list[str]:
    """Return what joins a character before it, changes places with it, or becomes another."""
    found = {each for each in characters() if combining(each) or normalize("NFC", each) != each}
    return sorted(found.union(second for _, second in pairs()))


@cache
def first() -> list[str]:
    """Return what composes with something behind it."""
    return sorted({first for first, _ in pairs()})


_texts = st.deferred(
    lambda: st.lists(
        st.sampled_from(restless()) | st.sampled_from(first()) | st.characters(max_codepoint=0x10FF), max_size=8
    )
)
_runs = st.deferred(lambda: st.lists(st.sampled_from(restless()), min_size=64, max_size=80))


@pytest.mark.slow
def test_every_character_by_itself() -> None:
    """Between letters, where nothing composes."""
    assert [each for each in characters() if to_nfc(f"a{each}a") != normalize("NFC", f"a{each}a")] == []


@pytest.mark.slow
def test_every_mark_behind_whatever_may_compose_with_it() -> None:
    for before in [*first(), "\u0995", "\u0e01", "a"]:
        assert [each for each in restless() if to_nfc(before + each) != normalize("NFC", before + each)] == [], before


@given(_texts)
def test_marks_in_any_order(texts: list[str]) -> None:
    """However many of them stand together."""
    text = "".join(texts)
    assert to_nfc(text) == normalize("NFC", text)


@given(st.lists(_runs | _texts, max_size=3))
def test_marks_without_end(texts: list[list[str]]) -> None:
    """They are put in order beforehand, which changes nothing."""
    text = "".join(chain.from_iterable(texts))
    assert to_nfc(text) == normalize("NFC", text)


def test_every_mark_can_be_one_of_many() -> None:
    """None is taken for a letter, a digit or a space."""
    assert [each for each in characters() if combining(each) and re.fullmatch(r"[\w\s]", each)] == []
    assert to_nfc("a" + "\u0338\u0323" * 500_000) == "ạ" + "\u0338" * 500_000 + "\u0323" * 499_999
