"""Titles become names of files that every system takes, and come back from them."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from convert.names import MAX_NAME_BYTES, name_of, numbered, spelling, title_of_name
from tests.support import strategies

TITLES = st.one_of(
    strategies.lines(60),
    st.sampled_from(
        [
            "CON",
            "con.x",
            "-rf",
            "--",
            "a\u202eb",
            "\u2066",
            "\x9b",
            "\u2028",
            "..",
            ".",
            "/",
            "",
            "%",
            "%41",
            "a%~2",
            "x" * 500,
        ]
    ),
)


@given(TITLES, st.integers(1, 3))
@example("\N{FAMILY}" * 100, 2)
@example("/" * 500, 1)
@example("x" * 199 + "../..", 1)
def test_a_name_leads_back_to_its_title(title: str, number: int) -> None:
    name = name_of(title)
    assert name is not None
    assert title == title_of_name(numbered(name, number))


@given(TITLES)
@example("x" * 200 + "..")
@example("x" * 200 + "CON")
@example("x" * 200 + "-" * 200)
@example("\u202e" * 100)
def test_names_are_safe(title: str) -> None:
    name = name_of(title)
    assert name is not None
    parts = name.split("/")
    assert all(part.endswith("%") for part in parts[:-1])
    for part in parts:
        assert len(part.encode()) <= 203
        assert not part.startswith((".", "-"))
        assert not set(part) & set('"*:<>?\\|\0\n\x7f\x85\x9b\u061c\u200e\u200f\u2028\u2029\u202e\u2066\u2069')
        assert part.upper().split(".")[0] not in {"CON", "PRN", "AUX", "NUL", "COM1", "LPT9"}


@given(TITLES, TITLES)
def test_different_titles_have_different_names(one: str, other: str) -> None:
    assert (one == other) == (name_of(one) == name_of(other))


@pytest.mark.parametrize(
    ("one", "other"), [("Nato", "NATO"), ("É", "E\u0301"), ("Straße", "STRASSE"), ("İ", "i\u0307")]
)
def test_spellings_that_a_file_system_may_confuse_are_one(one: str, other: str) -> None:
    assert spelling(one) == spelling(other)


def test_a_title_that_no_path_can_hold_has_no_name() -> None:
    assert name_of("x" * MAX_NAME_BYTES) is not None
    assert name_of("x" * (MAX_NAME_BYTES + 1)) is None
