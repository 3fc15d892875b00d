"""Boxes show what readers know from a wiki: labels, order, headings, columns, and nothing that is but looks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

import convert
from convert.infobox.catalogue import Parameter, Template, shipped
from convert.infobox.layout.build import layout_of
from convert.infobox.layout.design import designs
from convert.infobox.layout.model import Heading, Layout, parts_of
from convert.infobox.layout.presentation import is_presentation
from convert.infobox.layout.words import Labels, labels_of, readable
from tests.support.boxes import Rows, boxes_of_page

#: What the most used templates have only for looks.
LOOKS = (
    "Imagesize", "image_size", "Image width", "image_upright", "cover_size", "logo_size", "map_width", "mapsize", "alt",
    "image_alt", "logo_alt", "map_alt", "signature_alt", "Italic title", "italic_title", "bgcolour", "headercolor",
    "party colour", "colour_scheme", "pushpin_map", "pushpin_label_position", "native_name_lang",
    "coordinates_display", "unit_pref", "ImageSize", "Hide header", "Verifiedfields", "pattern_b1", "leftarm1",
    "socks3", "kit_alt1", "boxwidth", "display_title", "titlestyle", "locmapin", "labelposition",
)  # fmt: skip
#: Which say what they say.
FACTS = (
    "Size", "Colour", "Color", "Width", "Height", "Reference", "Image", "Caption", "Colours", "Home colours",
    "Language", "Background", "Border", "Landscape", "Native name", "Title", "Map reference", "OS grid ref", "Island",
    "Issue", "ISBN", "Mapped by", "Coordinates", "Logo designer", "Show", "Module", "Hidden name", "Flag bearer",
    "Pattern",
)  # fmt: skip


def laid_out(name: str) -> Layout:
    template = shipped().find(name)
    assert template
    return layout_of(template, template.parameters, shipped())


def places(layout: Layout) -> Mapping[str, int]:
    """Count how often a layout shows each parameter."""
    shown = [each.name for each in layout.titles[:1]]
    shown += [each.name for line in layout.subtitle for part in line for each in part.parameters]
    shown += [each.parameter.name for each in layout.main]
    for row in layout.rows:
        lines = [row.label.line] if isinstance(row, Heading) else []
        parts = (*(part for line in lines for part in line), *parts_of(row))
        shown += [each.name for part in parts for each in part.parameters]
    return {name: shown.count(name) for name in shown}


@pytest.mark.parametrize("name", LOOKS)
def test_looks_are_no_rows(name: str) -> None:
    assert is_presentation(name, known=False)


@pytest.mark.parametrize("name", FACTS)
def test_facts_are_rows_in_boxes_of_any_kind(name: str) -> None:
    assert not is_presentation(name, known=False)


def test_the_most_used_templates_have_layouts() -> None:
    known = [template.name for template in shipped().templates if template.name in designs()]
    assert len(known) >= 70
    assert len(designs()) - 1 >= len(known)


@pytest.mark.parametrize("name", sorted(name for name in designs() if shipped().find(name) and name != "all"))
def test_nothing_is_shown_twice(name: str) -> None:
    assert {each for each, times in places(laid_out(name)).items() if times > 1} == set()


@pytest.mark.parametrize("template", shipped().templates, ids=lambda template: template.name)
def test_no_label_is_a_name_that_only_a_program_reads(template: Template) -> None:
    labels = labels_of(shipped(), template.name)
    for parameter in template.parameters:
        assert "_" not in labels.label(parameter) or parameter.name.startswith("_")


@pytest.mark.parametrize(
    ("key", "label"),
    [("birth_date", "Birth date"), ("casualties2", "Casualties 2"), ("ISO2", "ISO2"), ("iPhone", "iPhone"), ("", "")],
)
def test_keys_are_made_readable(key: str, label: str) -> None:
    assert readable(key) == label


def test_a_word_that_begins_all_names_is_left_out() -> None:
    names = ("laid down", "launched", "owner", "fate", "class", "name", "badge")
    template = Template("Infobox tug", parameters=tuple(Parameter(f"Tug {name}") for name in names))
    assert [Labels(template).label(parameter) for parameter in template.parameters][:2] == ["Laid down", "Launched"]


# ── What a page shows


def shown(*fields: str, head: str, title: str = "Diana") -> Rows:
    rows = "\n".join(f"- {field}" for field in fields)
    (box,) = boxes_of_page(convert.convert(f"= {title} =\n\nInfobox: {head}\n{rows}\n\nDiana is.", to_format="html"))
    return box


def test_two_sides_stand_side_by_side() -> None:
    fields = (
        "Conflict: Ford",
        "Partof: a feud",
        "Combatant1: A",
        "Combatant2: B",
        "Strength1: 3",
        "Casualties2: 4 dead",
    )
    assert shown(*fields, head="Infobox military conflict") == [
        ("title", "Ford"),
        ("subtitle", "Part of a feud"),
        ("heading", "Belligerents"),
        ("", "A | B"),
        ("heading", "Strength"),
        ("", "3 | -"),
        ("heading", "Casualties and losses"),
        ("", "- | 4 dead"),
    ]


def test_a_third_side_has_a_column() -> None:
    rows = shown("Combatant1: A", "Combatant2: B", "Combatant3: C", head="Infobox military conflict")
    assert rows[-1] == ("", "A | B | C")


def test_works_before_and_after_are_a_line() -> None:
    fields = ("Name: Low", "Type: live", "Artist: Fox", "Prev title: High", "Prev year: 1957", "Next title: Slack")
    assert shown(*fields, head="Infobox album") == [
        ("title", "Low"),
        ("subtitle", "Live album by Fox"),
        ("heading", "Chronology"),
        ("", "Previous | Next; High (1957) | Slack"),
    ]


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        (("Status: VU", "Status system: IUCN3.1"), "Vulnerable (IUCN 3.1)"),
        (("Status: lc",), "Least concern"),
        (("Status: rare",), "rare"),
        (("Status: EX", "Extinct: 1844"), "Extinct (1844)"),
    ],
)
def test_codes_are_words(fields: Sequence[str], told: str) -> None:
    assert ("Conservation status", told) in shown(*fields, head="Speciesbox")


def test_terms_of_office_have_headings() -> None:
    fields = (
        "Office: Provost",
        "Term start: 2001",
        "Term end: 2009",
        "Successor: C. Orr",
        "Office2: Member",
        "Term start2: 1993",
    )
    assert shown(*fields, head="Infobox officeholder")[1:] == [
        ("heading", "Provost"),
        ("In office", "2001 – 2009"),
        ("Succeeded by", "C. Orr"),
        ("heading", "Member"),
        ("In office", "1993"),
    ]


def test_an_office_alone_is_shown() -> None:
    assert shown("Office: Provost", head="Infobox officeholder")[1:] == [("heading", "Provost")]


def test_a_career_is_a_table() -> None:
    fields = ("Years1: 1982–1988", "Clubs1: Malmö", "Caps1: 140", "Goals1: 22", "Years2: 1988", "Clubs2: Park")
    assert shown(*fields, head="Infobox football biography")[1:] == [
        ("heading", "Senior career"),
        ("", "Years | Team | Apps | (Gls); 1982–1988 | Malmö | 140 | (22); 1988 | Park | - | -"),
    ]


def test_measures_have_their_units() -> None:
    fields = ("Area total km2: 1234.5", "Area total sq mi: 476", "Population total: 12846", "Elevation m: about 14 m")
    assert shown(*fields, head="Infobox settlement")[1:] == [
        ("heading", "Area"),
        ("Total", "1,234.5 km² (476 sq mi)"),
        ("Elevation", "about 14 m"),
        ("heading", "Population"),
        ("Total", "12,846"),
    ]


def test_labels_that_a_call_gives_are_shown() -> None:
    fields = ("Leader title: Provost", "Leader name: A. Shaw", "Leader name1: B. Orr")
    assert shown(*fields, head="Infobox settlement")[2:] == [("Provost", "A. Shaw"), ("Leader", "B. Orr")]


def test_birth_is_one_row() -> None:
    fields = ("Birth name: Mara Bell", "Birth date: 3 May 1922", "Birth place: Islay")
    assert shown(*fields, head="Infobox person")[1:] == [("Born", "Mara Bell 3 May 1922 Islay")]


def test_an_image_is_what_it_shows() -> None:
    fields = (
        "Image: File:Pier.jpg",
        "Alt: A pier",
        "Caption: The pier in 1900",
        "Image size: 200px",
        "Signature: Sign.svg",
    )
    assert shown(*fields, head="Infobox person")[1:] == [("image", "A pier The pier in 1900"), ("", "Signature")]


def test_a_box_without_a_template_shows_no_looks() -> None:
    text = "= Diana =\n\nInfobox\n- Name: Diana\n- Bgcolor: #fec\n- Image: D.jpg\n- Image size: 9px\n- Sand: wet\n\nIs."
    (box,) = boxes_of_page(convert.convert(text, to_format="html", infobox="Infobox"))
    assert box == [("title", "Diana"), ("image", "Diana"), ("Sand", "wet")]


def test_what_the_layout_does_not_know_is_shown() -> None:
    fields = ("Director: A", "Weather: rain", "Sequel hook: none")
    rows = dict(shown(*fields, head="Infobox film"))
    assert (rows["Directed by"], rows["Weather"], rows["Sequel hook"]) == ("A", "rain", "none")


def test_a_section_without_rows_has_none_of_the_next() -> None:
    fields = ("Name: A puffin", "Genus: Fratercula", "Range map: Range.png")
    assert shown(*fields, head="Speciesbox")[1:] == [
        ("heading", "Scientific classification"),
        ("Genus", "Fratercula"),
        ("", "Range map"),
    ]
