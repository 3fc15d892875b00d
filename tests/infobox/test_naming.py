"""The name of a template is understood in the forms that people write, and a name that is misspelt is asked about."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convert.ast import Article, Field, Infobox
from convert.diagnostics import Diagnostic
from convert.infobox.catalogue import Catalogue, Parameter, Template, shipped
from convert.infobox.match import TemplateChoice, match, remark
from convert.infobox.naming import Kinds, known_as, likely_meant

CATALOGUE = Catalogue(
    (
        Template("Infobox person", parameters=(Parameter("name"),), uses=9),
        Template("Infobox ship career", uses=5),
        Template("Infobox zoo", uses=5),
        Template("Taxobox", uses=2),
    )
)


@pytest.mark.parametrize(
    "name",
    [
        "INFOBOX PERSON", "infobox PERSON", "Infobox_Person", "Infobox-person", "infobox - Person", "InfoboxPerson",
        "Info box person", "Infobox (person)", "Infobox [Person]", "{{Infobox person}}", "Template:Infobox person",
        "Person infobox", "person", "Infobox persons",
    ],
)  # fmt: skip
def test_name_in_another_form_is_understood(name: str) -> None:
    known = known_as(name, CATALOGUE)
    assert known
    assert known.name == "Infobox person"
    matched = match(Infobox((Field("Name", ("x",)),), name), Article("A"), TemplateChoice(catalogue=CATALOGUE))
    assert matched.template == "Infobox person"
    assert matched.parameters == (("name", Field("Name", ("x",))),)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("Infobox persn", "Infobox person"),
        ("Infobox preson", "Infobox person"),
        ("persom", "Infobox person"),
        ("Infobox shp carreer", "Infobox ship career"),
        ("Infobox foo", None),  # so short a name is as near to many
        ("Infobox starship", None),
        ("Yacht data", None),
        ("Infobox", None),
        ("", None),
    ],
)
def test_misspelt_name_is_asked_about(name: str, meant: str | None) -> None:
    like = likely_meant(name, CATALOGUE)
    assert (like.name if like else None) == meant
    assert known_as(name, CATALOGUE) is None


@pytest.mark.parametrize("choice", [TemplateChoice(infobox="Infobox militry conflict"), TemplateChoice()])
def test_misspelt_name_is_written_as_it_is_and_told(choice: TemplateChoice) -> None:
    infobox = Infobox((Field("Date", ("1322",)),), None if choice.infobox else "Infobox militry conflict")
    said: list[Diagnostic] = []
    matched = match(infobox, Article("A", (infobox,)), choice)
    remark(matched, infobox, said.append)
    assert matched.template == "Infobox militry conflict"
    assert [(each.code, "'Infobox military conflict'" in each.message) for each in said] == [("template-unknown", True)]


def test_no_name_of_the_catalogue_is_taken_for_another() -> None:
    for template in shipped().templates:
        known = known_as(template.name, shipped())
        assert known
        assert known.name == template.name


_KINDS = Kinds(shipped())


@given(st.data())
def test_names_are_alike_whether_compared_or_found_in_the_index(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from([kind for kind, _ in _KINDS.known]))
    for _ in range(data.draw(st.integers(0, 3))):
        at = data.draw(st.integers(0, len(name)))
        name = name[:at] + data.draw(st.sampled_from(("", "x", "e", "7"))) + name[at + data.draw(st.integers(0, 1)) :]
    assert _KINDS.compared(name) == _KINDS.indexed(name)
