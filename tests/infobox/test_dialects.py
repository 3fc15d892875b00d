"""Template pages for wikis with portable infoboxes, with Cargo and with Semantic MediaWiki."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from lxml.etree import _Element

from convert.infobox.catalogue import shipped
from convert.infobox.layout.design import designs
from convert.infobox.pages import PageOptions, lost, template_pages
from convert.infobox.pages.stores import property_of
from convert.profile import WikiProfile
from convert.writers import escape
from tests.infobox.test_pages import CATALOGUE, NASTY_NAMES, named
from tests.support.strategies import lines

PROFILE = WikiProfile()
GUARD = escape.guard(escape.parameter_name, PROFILE, literal=True)
#: What the extension reads: its nodes with their attributes and children.
NODES: Mapping[str, tuple[set[str], set[str]]] = {
    "infobox": (set(), {"title", "image", "data", "group", "header"}),
    "title": ({"source"}, {"default"}),
    "image": ({"source"}, {"alt", "caption"}),
    "alt": ({"source"}, {"default"}),
    "caption": ({"source"}, {"default"}),
    "data": ({"source"}, {"label", "format", "default"}),
    "group": ({"layout", "show"}, {"header", "data", "group", "image"}),
    **{name: (set(), set()) for name in ("default", "format", "label", "header")},
}


def made(used: Mapping[str, Sequence[str]], options: PageOptions, known: bool = False) -> dict[str, str]:
    catalogue = CATALOGUE if known else shipped()
    return {page.page.title: page.text for page in template_pages(used, catalogue, GUARD, PROFILE, options)}


def box_of(text: str) -> _Element:
    """Read an infobox as the extension does: contents are character data, and references are decoded once."""
    xml = text.partition("</infobox>")[0] + "</infobox>"
    etree.fromstring(xml)  # well-formed also for others
    for tag in ("default", "label", "format", "header"):
        xml = re.sub(rf"(?s)(<{tag}[^>]*>)(.*?)(</{tag}>)", r"\1<![CDATA[\2]]>\3", xml)
    return etree.fromstring(html.unescape(xml).replace("&", "&amp;"))


def assert_valid(box: _Element) -> None:
    for node in box.iter():
        attributes, children = NODES[str(node.tag)]
        assert set(node.attrib) <= attributes
        assert {str(child.tag) for child in node} <= children
        assert node.tag != "group" or any(child.tag != "header" for child in node)


PORTABLE = PageOptions(dialect="portable")


@pytest.mark.parametrize("name", sorted(name for name in designs() if name != "all" and shipped().find(name)))
def test_portable_infoboxes_are_what_the_extension_reads(name: str) -> None:
    template = shipped().find(name)
    assert template
    box = box_of(made({name: []}, PORTABLE)[f"Template:{template.name[0].upper()}{template.name[1:]}"])
    assert_valid(box)


@given(st.lists(lines(3).map(named).filter(bool), unique=True))
def test_portable_infoboxes_are_valid_whatever_parameters_are_called(names: list[str]) -> None:
    assert_valid(box_of(made({"Infobox odd": names}, PORTABLE)["Template:Infobox odd"]))


def test_names_that_are_left_out_are_known() -> None:
    names = [named(name) for name in NASTY_NAMES]
    text = html.unescape(made({"Infobox odd": names}, PORTABLE)["Template:Infobox odd"])
    left = [name for name in names if f"{{{{{{{name}|}}}}}}" not in text and f'source="{name}"' not in text]
    assert left == [name for _, name in lost({"Infobox odd": names}, PORTABLE)]
    assert all("&" in name or "]]>" in name for name in left)


def test_portable_infobox_of_a_conflict() -> None:
    used = {"Infobox war game": ["name", "image", "caption", "director", "weather"]}
    text = made(used, PORTABLE)["Template:Infobox war game"]
    assert text.partition("<noinclude>")[0] == (
        "<infobox>\n"
        '<title source="name"><default>{{#if:{{{name|}}}|{{{name|}}}|{{PAGENAME}}}}</default></title>\n'
        '<image source="image"><alt><default>{{PAGENAME}}</default></alt><caption source="caption"></caption></image>\n'
        '<data source="director"><label>Director</label></data>\n'
        '<data source="weather"><label>Weather</label></data>\n'
        "</infobox>"
    )


def test_sides_are_horizontal_groups() -> None:
    box = box_of(made({"Infobox military conflict": []}, PORTABLE)["Template:Infobox military conflict"])
    groups = {str(group[0].text): group for group in box.iter("group") if group[0].tag == "header"}
    strength = groups["Strength"][1]
    assert (strength.get("layout"), strength.get("show")) == ("horizontal", "incomplete")
    assert [data.get("source") for data in strength] == ["strength1", "strength2"]


def test_portable_infoboxes_need_no_style_sheet() -> None:
    titles = made({"Infobox film": []}, PORTABLE)
    assert "MediaWiki:Common.css" not in titles
    assert "Template:Infobox" not in titles
    generic = made({"Infobox": ["title", "data99"]}, PORTABLE)["Template:Infobox"]
    assert_valid(box_of(generic))
    assert '<data source="data99"><label>{{{label99|}}}</label></data>' in generic


# ── Cargo and Semantic MediaWiki


def test_cargo_stores_fields_by_their_kinds() -> None:
    text = made({"Infobox ferry": ["order"]}, PageOptions(stores=("cargo",)), known=True)["Template:Infobox ferry"]
    declared = text.partition("{{#cargo_declare:")[2].partition("\n}}")[0].split("\n|")
    assert declared == [
        "_table=Infobox_ferry", "ferry_name=String", "image=File", "launched=Date", "website=URL", "flag=File",
        "length_m=Float", "imo_number=Float", "route=List (<br>) of String", "field_order=String",
    ]  # fmt: skip
    stored = text.partition("{{#cargo_store:")[2].partition("\n}}")[0].split("\n|")
    assert stored[:2] == ["_table=Infobox_ferry", "ferry_name={{{ferry_name|{{{vessel|}}}}}}"]
    assert text.index("{{#cargo_store:") < text.index("</includeonly>") < text.index("{{#cargo_declare:")


@pytest.mark.parametrize("name", sorted(name for name in designs() if name != "all" and shipped().find(name)))
def test_cargo_accepts_every_name(name: str) -> None:
    pages = made({name: []}, PageOptions(stores=("cargo",)))
    declared = [text for text in pages.values() if "{{#cargo_declare:" in text]
    for text in declared:
        fields = [
            line.partition("=")[0] for line in text.partition("{{#cargo_declare:")[2].partition("\n}}")[0].split("\n|")
        ]
        assert len({field.lower() for field in fields}) == len(fields)
        for field in fields[1:]:
            assert re.fullmatch(r"[^\W_](?:_?[^\W_]+)*", field)


def test_pages_are_stored_as_pages() -> None:
    text = made({"Infobox film": []}, PageOptions(stores=("cargo",)))["Template:Infobox film"]
    assert "\n|director=Page" in text or "\n|director=List (<br>) of Page" in text


def test_properties_have_types() -> None:
    pages = made({"Infobox ferry": []}, PageOptions(stores=("smw",)), known=True)
    types = {
        title: text.partition("[[Has type::")[2].partition("]]")[0] for title, text in pages.items() if ":" in title
    }
    assert types["Property:Launched"] == "Date"
    assert types["Property:Website"] == "URL"
    assert types["Property:Length m"] == "Number"
    assert types["Property:Route"] == "Text"
    assert "\n|Route={{{route|}}}\n|+sep=<br>" in pages["Template:Infobox ferry"]
    assert "{{#set:Ferry name={{{ferry_name|{{{vessel|}}}}}}\n|" in pages["Template:Infobox ferry"]


def test_stores_go_with_portable_infoboxes() -> None:
    options = PageOptions(dialect="portable", stores=("cargo", "smw"))
    text = made({"Infobox film": []}, options)["Template:Infobox film"]
    assert text.index("</infobox>") < text.index("<includeonly>{{#cargo_store:") < text.index("{{#set:")


@given(lines(20))
def test_properties_have_names_that_a_wiki_takes(label: str) -> None:
    name = property_of(label)
    assert name == "" or not set(name) & set("#<>[]{}|:/\n")
