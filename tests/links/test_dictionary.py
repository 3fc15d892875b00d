"""Dictionaries of titles and anchors, in memory and together."""

from __future__ import annotations

import pytest

from convert.links.dictionary import Anchor, Linkers, combined, of_links, of_titles, undisambiguated
from convert.links.folding import capitalised, first_letter_changed


def test_titles_are_entries_in_either_case_of_their_first_letter() -> None:
    flowers = of_titles(["Thrift (plant)", "Sea", "Sea pink"])
    assert flowers.prefixes("sea pinks grow") == ["Sea", "Sea pink"]
    assert flowers.prefixes("Thrift grows") == ["Thrift"]
    assert flowers.anchor("Thrift") == Anchor(targets=(("Thrift (plant)", 0),))
    assert flowers.anchor("thrift") is None
    assert flowers.page("sea_pink") == "Sea pink"
    assert flowers.page("Thrift") is None


def test_redirects_lead_to_their_pages_and_cycles_nowhere() -> None:
    redirects = {"Armeria": "sea pink", "Cliff clover": "Armeria", "A": "B", "B": "A", "Lost": "Nowhere"}
    flowers = of_titles(["Sea pink"], redirects)
    assert [flowers.page(title) for title in redirects] == ["Sea pink", "Sea pink", None, None, None]
    assert flowers.anchor("Cliff clover") == Anchor(targets=(("Sea pink", 0),))
    assert flowers.prefixes("Lost") == []


def test_a_title_comes_before_a_name_with_a_disambiguator() -> None:
    both = of_titles(["Thrift (plant)", "Thrift (virtue)", "Thrift"])
    assert both.anchor("Thrift") == Anchor(targets=(("Thrift", 0), ("Thrift (plant)", 0), ("Thrift (virtue)", 0)))


@pytest.mark.parametrize(
    ("title", "name"),
    [("Thrift (plant)", "Thrift"), ("水 (曖昧さ回避)", "水"), ("水（曖昧）", "水"), ("Thrift", ""), ("(plant)", ""),
     ("A (b) c", ""), ("f(x)", ""), ("A (b) (c)", "A (b)")],
)  # fmt: skip
def test_names_before_disambiguators(title: str, name: str) -> None:
    assert undisambiguated(title) == name


def test_links_are_counted_by_target() -> None:
    pairs = [("mercury", "Mercury (element)"), ("mercury", "Mercury (planet)"), ("mercury", "Quicksilver")]
    titles = ["Mercury (element)", "Mercury (planet)"]
    links = of_links(pairs, {"mercury": 9}, titles, {"Quicksilver": "Mercury (element)"})
    assert links.anchor("mercury") == Anchor(3, 9, (("Mercury (element)", 2), ("Mercury (planet)", 1)))
    assert links.prefixes("Mercury is") == ["Mercury", "mercury"]


def test_several_dictionaries_are_one() -> None:
    titles = of_titles(["Sea pink"], {"Sea thrift": "Sea pink"}, language="")
    links = of_links([("thrift", "Sea thrift"), ("sea", "Sea")], language="en")
    both = combined([titles, links])
    assert both.language == "en"
    assert both.prefixes("sea thrift") == ["sea", "Sea", "Sea thrift"]
    assert both.anchor("thrift") == Anchor(1, 1, (("Sea pink", 1),))
    assert [both.page("sea"), both.page("Sea thrift"), both.page("Moon")] == ["Sea", "Sea pink", None]
    assert both.linkers("Sea") == Linkers()
    with pytest.raises(ValueError, match="no dictionary"):
        combined([])


@pytest.mark.parametrize(
    ("language", "small", "large"),
    [("en", "island", "Island"), ("tr", "istanbul", "İstanbul"), ("tr", "ısparta", "Isparta"), ("en", "ßa", "ßa"),
     ("ka", "თბილისი", "თბილისი"), ("uk", "київ", "Київ"), ("en", "", ""), ("en", "ŉa", "ŉa")],
)  # fmt: skip
def test_first_letters_change_by_language(language: str, small: str, large: str) -> None:
    assert capitalised(small, language) == large
    if small != large:
        assert first_letter_changed(small, language) == large
        assert first_letter_changed(large, language) == small
    assert len(first_letter_changed("İx", "en")) == 2
