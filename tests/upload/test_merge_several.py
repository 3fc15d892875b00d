"""Several infoboxes of one template: each of the article's is put where it is on the page, or the page is refused."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from convert.infobox.catalogue import Catalogue, Parameter, Template
from convert.profile import WikiProfile
from convert.upload.merging.call import Clash
from convert.upload.merging.merge import Merged, merge
from convert.upload.merging.names import MergeRules
from convert.upload.merging.pairs import MOST_PAIRS, Likeness, paired
from convert.upload.merging.places import Hidden
from convert.upload.plan import told

WIKI = WikiProfile()
_SHIP = Template("Infobox ship", ("Ship box",), (Parameter("name"), Parameter("year", ("built",)), Parameter("crew")))
RULES = MergeRules(Catalogue((_SHIP,)))
WINNING = structs.replace(RULES, prefer={"year": "ours"})


def _page(*boxes: str, template: str = "Infobox ship") -> str:
    return "\n".join(f"{{{{{template}|{box}}}}}" for box in boxes)


#: Infoboxes of an article, of a page, and of the page merged; values of the year are ours where they differ.
MERGED: dict[str, tuple[Sequence[str], Sequence[str], Sequence[str]]] = {
    "in order": (
        ["name=Moya|year=1", "name=Talyn|year=2"],
        ["name=Moya|year=3", "name=Talyn|year=4"],
        ["name=Moya|year=1", "name=Talyn|year=2"],
    ),
    "in another order": (
        ["name=Moya|year=1", "name=Talyn|year=2"],
        ["name=Talyn|year=4", "name=Moya|year=3"],
        ["name=Talyn|year=2", "name=Moya|year=1"],
    ),
    "one more on the page": (
        ["name=Moya|year=1", "name=Talyn|year=2"],
        ["name=Rygel|year=9", "name=Talyn|year=4", "name=Moya"],
        ["name=Rygel|year=9", "name=Talyn|year=2", "name=Moya|year=1"],
    ),
    "nothing said yet": (
        ["name=Moya|year=1", "name=Talyn|year=2"],
        ["name=|year=", "name=|year="],
        ["name= Moya|year= 1", "name= Talyn|year= 2"],
    ),
    "one that says nothing yet": (
        ["name=Moya|year=1", "name=Talyn|year=2"],
        ["name=|year=", "name=Moya|year="],
        ["name= Talyn|year= 2", "name=Moya|year=1"],
    ),
    "one in another": (
        ["name=Moya|year=1", "name=Talyn|year=2"],
        ["name=Moya|part={{Infobox ship|name=Talyn|year=4}}|year=3"],
        ["name=Moya|part={{Infobox ship|name=Talyn|year=2}}|year=1"],
    ),
    "twice the same": (
        ["name=Moya|year=1", "name=Moya|year=1"],
        ["name=Moya", "name=Moya"],
        ["name=Moya|year=1", "name=Moya|year=1"],
    ),
    "the others tell the order": (
        ["name=A|kind=x|year=1", "kind=y|year=2", "kind=y|year=3"],
        ["name=A|kind=x|year=7", "kind=y|year=8", "kind=y|year=9"],
        ["name=A|kind=x|year=1", "kind=y|year=2", "kind=y|year=3"],
    ),
}

#: Infoboxes of an article and of a page that is refused, and a part of the reason.
REFUSED: dict[str, tuple[Sequence[str], Sequence[str], str]] = {
    "others": (
        ["name=Moya|year=1", "name=Talyn|year=2"],
        ["name=Rygel|year=3", "name=Zhaan|year=4"],
        "2 times, and the article 2 times: which one infobox 1 and 2 of the article is cannot be known",
    ),
    "one is another": (
        ["name=Moya|year=1", "name=Talyn|year=2"],
        ["name=Moya|year=3", "name=Zhaan|year=4"],
        "which one infobox 2 of the article is cannot be known",
    ),
    "fewer on the page": (
        ["name=Moya|year=1", "name=Talyn|year=2", "name=Zhaan"],
        ["name=Talyn|year=4"],
        "calls 'Template:Infobox ship' 1 time, and the article 3 times: put infobox 1 and 3 there by hand",
    ),
    "alike but for the names": (
        ["name=Moya (ship)|year=1", "name=Talyn (ship)|year=1"],
        ["name=Talyn|year=1", "name=Moya|year=1"],
        "which one infobox 1 and 2 of the article is cannot be known",
    ),
    "more of one, and a greater share of the other": (
        ["name=Moya|kind=Leviathan|size=9|crew=1"],
        ["name=Moya", "name=Talyn|kind=Leviathan|size=9|crew=1"],
        "2 times, and which one is meant cannot be known",
    ),
    "too many": (["name=Moya"], ["name=Moya"] * (MOST_PAIRS + 1), "is called too often"),
}


@pytest.mark.parametrize(("ours", "page", "merged"), MERGED.values(), ids=MERGED)
def test_each_is_merged_into_its_own(ours: Sequence[str], page: Sequence[str], merged: Sequence[str]) -> None:
    found = merge("", _page(*page), _page(*ours), WIKI, WINNING)
    assert found == Merged(_page(*merged))
    assert merge("", _page(*merged), _page(*ours), WIKI, WINNING) == found


@pytest.mark.parametrize(("ours", "page", "why"), REFUSED.values(), ids=REFUSED)
def test_what_is_ambiguous_is_refused(ours: Sequence[str], page: Sequence[str], why: str) -> None:
    """Also where our values would win: a person's infobox never gets the values of another one."""
    found = merge("", _page(*page), _page(*ours), WIKI, structs.replace(RULES, prefer={"": "ours"}))
    assert isinstance(found, Hidden)
    assert why in found.why


def test_what_we_wrote_last_tells_them_apart() -> None:
    """A value that only we changed is ours, in each of them, whatever people did to the rest."""
    base = _page("name=Moya|year=1", "name=Talyn|year=2")
    page = _page("name=Talyn|year=2|note=b", "name=Moya|year=1|note=a")
    ours = _page("name=Leviathan|year=1", "name=Talyn|year=3")
    merged = _page("name=Talyn|year=3|note=b", "name=Leviathan|year=1|note=a")
    assert merge(base, page, ours, WIKI, RULES) == Merged(merged)


def test_template_may_change_for_all_of_them() -> None:
    base = _page("name=Moya|year=1", "name=Talyn|year=2", template="Infobox boat")
    ours = _page("name=Moya|year=1", "name=Talyn|year=3")
    assert merge(base, base, ours, WIKI, RULES) == Merged(ours)


def test_templates_under_several_names_are_one_family() -> None:
    ours = "{{Infobox ship|name=Moya|year=1}}\n{{Ship box|name=Talyn|year=2}}"
    page = "{{Ship box|name=Moya}}\n{{Infobox ship|name=Talyn}}"
    merged = "{{Ship box|name=Moya|year=1}}\n{{Infobox ship|name=Talyn|year=2}}"
    assert merge("", page, ours, WIKI, RULES) == Merged(merged)


def test_clash_says_in_which_infobox() -> None:
    """And a person's answer holds for that one."""
    ours = _page("name=Moya|year=1", "name=Talyn|year=2")
    page = _page("name=Moya|built=3", "name=Talyn|built=4")
    found = merge("", page, ours, WIKI, RULES)
    assert found == (Clash("built", None, "3", "1", box="infobox 1"), Clash("built", None, "4", "2", box="infobox 2"))
    assert told(found[1]) == "built of infobox 2 is '4' on the page and '2' in the article"
    answered = structs.replace(RULES, answers={"infobox 1": {"built": "ours"}, "infobox 2": {"built": "theirs"}})
    assert merge("", page, ours, WIKI, answered) == Merged(page.replace("built=3", "built=1"))


def test_those_that_the_page_lacks_are_inserted_together() -> None:
    ours = _page("name=Moya", "name=Talyn")
    rules = structs.replace(RULES, insert=True)
    assert merge("", "Text.", ours, WIKI, rules) == Merged(f"{ours}\nText.")


_NAMES = st.sampled_from(["name", "year", "crew", "port", "note"])
_boxes = st.lists(st.dictionaries(_NAMES, st.sampled_from("abc"), min_size=1), min_size=1, max_size=5)


def _paired(ours: list[dict[str, str]], page: list[dict[str, str]]) -> list[int | None]:
    def likeness(own: dict[str, str], other: dict[str, str]) -> Likeness:
        shared = own.keys() & other.keys()
        same = sum(own[name] == other[name] for name in shared)
        return Likeness(same, len(shared), len(shared) - same)

    return paired([[likeness(own, other) for other in page] for own in ours])


@given(ours=_boxes, page=_boxes)
def test_no_infobox_of_the_page_is_taken_twice(ours: list[dict[str, str]], page: list[dict[str, str]]) -> None:
    """And a page that has ours already has each of them in its place."""
    taken = [at for at in _paired(ours, page) if at is not None]
    assert len(set(taken)) == len(taken)
    assert _paired(ours, ours) == list(range(len(ours)))
