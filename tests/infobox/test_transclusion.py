"""An infobox is one call, whatever its options: each parameter is there once, and no value gets out of it."""

from __future__ import annotations

import tracemalloc

import mwparserfromhell
import pytest
from hypothesis import given
from hypothesis import strategies as st

from convert.ast import Article, Field, Infobox
from convert.diagnostics import Diagnostic
from convert.infobox.catalogue import Catalogue, Parameter, Template
from convert.infobox.match import TemplateChoice
from convert.writers.transclusion import InfoboxOptions, Transclusion, transclusion
from tests.support.strategies import articles

KINDS = Catalogue(
    (
        Template(
            "Infobox well",
            ("Well",),
            (
                Parameter("name"),
                Parameter("dug", kind="date"),
                Parameter("owners", kind="list"),
                Parameter("site", kind="url"),
                Parameter("depth_m", kind="number"),
                Parameter("where", kind="coordinates"),
            ),
        ),
    )
)


def _call(infobox: Infobox, options: InfoboxOptions) -> tuple[Transclusion, list[Diagnostic]]:
    said: list[Diagnostic] = []
    return transclusion(infobox, Article("A", (infobox,)), said.append, options), said


@given(articles(), st.sampled_from(["plain", "typed"]), st.booleans(), st.sampled_from([0.0, 0.6, 1.0]))
def test_every_infobox_is_one_call_with_every_parameter_once(
    article: Article, values: str, align: bool, threshold: float
) -> None:
    options = InfoboxOptions(values=values, align=align, choice=TemplateChoice(threshold=threshold))  # type: ignore[arg-type]
    for infobox in article.infoboxes:
        call, _ = _call(infobox, options)
        names = [name for name, _ in call.arguments]
        assert len(names) == len(set(names))
        if call.template.isspace():
            continue  # mwparserfromhell takes U+0085 for a space, a wiki does not
        page = "\n".join(call.lines(align))
        (found,) = mwparserfromhell.parse(page).filter_templates(recursive=False)
        assert str(found) == page
        assert [str(each.name).strip() for each in found.params] == names
        assert [str(each.value).strip() for each in found.params] == [value.strip() for _, value in call.arguments]


def test_equals_signs_are_aligned() -> None:
    infobox = Infobox((Field("Name", ("A",)), Field("Depth m", ("7",)), Field("Dug")), "Well")
    call, _ = _call(infobox, InfoboxOptions(choice=TemplateChoice(catalogue=KINDS)))
    assert list(call.lines(align=True)) == ["{{Well", "| name    = A", "| dug     =", "| depth_m = 7", "}}"]
    assert list(call.lines()) == ["{{Well", "| name = A", "| dug =", "| depth_m = 7", "}}"]


@pytest.mark.parametrize(
    "options",
    [
        InfoboxOptions(choice=TemplateChoice(catalogue=KINDS), values="typed"),
        InfoboxOptions(choice=TemplateChoice(catalogue=KINDS), typed=("Infobox well",)),
    ],
)
def test_values_are_written_for_their_kinds(options: InfoboxOptions) -> None:
    fields = {
        "Dug": ("3 May 1922",), "Owners": ("Ann", "{{Bob}}"), "Site": ("https://example.org/?a=b",),
        "Depth m": ("1,200",), "Where": ("55.5, -6.25",),
    }  # fmt: skip
    call, _ = _call(Infobox(tuple(Field(*each) for each in fields.items()), "Well"), options)
    assert dict(call.arguments) == {
        "dug": "{{Start date|1922|5|3|df=yes}}",
        "owners": "{{plainlist|\n* Ann\n* {&#123;Bob}&#125;\n}}",
        "site": "{{URL|1=https://example.org/?a=b}}",
        "depth_m": "1200",
        "where": "{{coord|55.5|-6.25|display=inline,title}}",
    }


def test_templates_that_are_not_named_keep_their_values() -> None:
    infobox = Infobox((Field("Dug", ("3 May 1922",)),), "Well")
    call, _ = _call(infobox, InfoboxOptions(choice=TemplateChoice(catalogue=KINDS), typed=("Infobox person",)))
    assert call.arguments == [("dug", "3 May 1922")]


def test_nothing_is_typed_in_a_generic_infobox() -> None:
    infobox = Infobox((Field("Dug", ("3 May 1922",)), Field("", ("x",))), "Infobox")
    call, said = _call(infobox, InfoboxOptions(values="typed"))
    assert call == Transclusion("Infobox", [("title", "A"), ("label1", "Dug"), ("data1", "3 May 1922"), ("data2", "x")])
    assert said == []


def test_looks_of_a_generic_infobox_are_no_rows() -> None:
    fields = (
        Field("Name", ("A",)),
        Field("Image", ("File:Pier.jpg",)),
        Field("Alt", ("A pier",)),
        Field("Caption", ("1900",)),
        Field("Image size", ("90px",)),
        Field("Sand", ("wet",)),
    )
    call, said = _call(Infobox(fields, "Infobox"), InfoboxOptions())
    assert call.arguments == [
        ("title", "A"), ("image", "[[File:Pier.jpg|frameless|alt=A pier]]"), ("caption", "1900"), ("label1", "Sand"),
        ("data1", "wet"), ("Image size", "90px"),
    ]  # fmt: skip
    assert said == []


def test_an_image_without_a_file_is_a_row() -> None:
    call, _ = _call(Infobox((Field("Image", ("a pier",)), Field("Caption", ("1900",))), "Infobox"), InfoboxOptions())
    assert call.arguments[1:] == [("label1", "Image"), ("data1", "a pier"), ("label2", "Caption"), ("data2", "1900")]


def test_keys_that_are_the_same_name_become_one() -> None:
    infobox = Infobox((Field("Cafe\u0301", ("a",)), Field("Caf\u00e9", ("b",))), "Well")
    call, _ = _call(infobox, InfoboxOptions(choice=TemplateChoice(catalogue=KINDS)))
    assert call.arguments == [("caf\u00e9", "a<br>b")]


def test_what_the_author_wrote_as_wikitext_is_left_alone() -> None:
    infobox = Infobox((Field("Name", ("[[A]] {{b|c}}",)),), "Well")
    call, _ = _call(infobox, InfoboxOptions(choice=TemplateChoice(catalogue=KINDS), markup="passthrough"))
    assert call.arguments == [("name", "[[A]] {{b|c}}")]


def test_long_keys_are_not_remembered() -> None:
    """What an article says takes no memory when its page is written, however many articles there are."""
    options = InfoboxOptions(choice=TemplateChoice(catalogue=KINDS))
    _call(Infobox((Field("Name", ("A",)), Field("Dug", ("B",)))), options)
    tracemalloc.start()
    try:
        for number in range(50):
            _call(
                Infobox((Field("Name", ("A",)), Field("Dug", ("B",)), Field(f"{'k' * 50_000}{number}", ("C",)))),
                options,
            )
        assert tracemalloc.get_traced_memory()[0] < 500_000
    finally:
        tracemalloc.stop()
