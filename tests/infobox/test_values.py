"""Values by kind: every form that is read says the same as before, and every other stays."""

from __future__ import annotations

import html
from collections.abc import Sequence
from datetime import date
from typing import get_args

import mwparserfromhell
import pytest
from hypothesis import given
from hypothesis import strategies as st

from convert.infobox.catalogue import Kind
from convert.infobox.kinds import KINDS, KINDS_BY_TYPE, TYPES, formatted
from convert.infobox.values import TEMPLATES, ValueOptions
from convert.profile import WikiProfile
from convert.writers.escape import template_argument
from tests.support.strategies import lines

PROFILE = WikiProfile()
NAMES = [kind.name for kind in KINDS]
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip

FORMATTED = (
    ("date", "date", "January 10, 2023", "{{Start date|2023|1|10}}"),
    ("date", "date", "10 January 2023", "{{Start date|2023|1|10|df=yes}}"),
    ("date", "date", "2023-01-10", "{{Start date|2023|1|10}}"),
    ("date", "date", "Sept. 5, 2023", "{{Start date|2023|9|5}}"),
    ("date", "date", "1 feb 2024", "{{Start date|2024|2|1|df=yes}}"),
    ("date", "released", "January 2023", "{{Start date|2023|1}}"),
    ("date", "released", "2023", "{{Start date|2023}}"),
    ("date", "end_date", "2023", "{{End date|2023}}"),
    ("date", "EndDate", "2023", "{{End date|2023}}"),
    ("date", "last_aired", "2 May 1999", "{{End date|1999|5|2|df=yes}}"),
    ("date", "legend_date", "2023", "{{Start date|2023}}"),
    ("date", "birth_date", "8 February 1934", "{{Birth date and age|1934|2|8|df=yes}}"),
    ("date", "Date of birth", "February 8, 1934", "{{Birth date and age|1934|2|8}}"),
    ("date", "birth_date", "8 February 1834", "{{Birth date|1834|2|8|df=yes}}"),
    ("date", "death_date", "20 January 1907", "{{Death date|1907|1|20|df=yes}}"),
    ("coordinates", "coordinates", "55.63, −6.19", "{{coord|55.63|-6.19|display=inline,title}}"),
    ("coordinates", "coordinates", "55.630°; -6.190°", "{{coord|55.630|-6.190|display=inline,title}}"),
    ("coordinates", "coordinates", "55.63° N, 6.19° W", "{{coord|55.63|N|6.19|W|display=inline,title}}"),
    ("coordinates", "coordinates", "55°38′N 6°11′W", "{{coord|55|38|N|6|11|W|display=inline,title}}"),
    ("coordinates", "coordinates", "55° 37' 48.5\" N 6° 11' 24\" W",
     "{{coord|55|37|48.5|N|6|11|24|W|display=inline,title}}"),
    ("url", "website", "https://example.org/path", "{{URL|https://example.org/path}}"),
    ("url", "website", "example.org/path", "{{URL|example.org/path}}"),
    ("url", "website", "http://example.org/?a=b", "{{URL|1=http://example.org/?a=b}}"),
    ("number", "population_total", "1,234,567", "1234567"),
    ("number", "population_total", "1\u202f234\u202f567.25", "1234567.25"),
    ("number", "elevation_m", "−12", "-12"),
    ("image", "image", "File:Old pier.jpg", "Old pier.jpg"),
    ("image", "image", "image: A ''ferry''.PNG", "A '&#39;ferry'&#39;.PNG"),
)  # fmt: skip

UNREAD = (
    ("date", "03/04/2023"), ("date", "3.4.2023"), ("date", "30 February 2023"), ("date", "2023-02-29"),
    ("date", "2023-13-01"), ("date", "0 May 2023"), ("date", "00 May 2023"), ("date", "1990–1992"),
    ("date", "10–12 January 2023"), ("date", "January 10 2023"), ("date", "10 January 2023 (aged 5)"),
    ("date", "c. 1834"), ("date", "476"), ("date", "1582"), ("date", "4 September 1476"), ("date", "10 Foo 2023"),
    ("date", "January 10, 2023, 8:00"), ("date", "2023-01"), ("date", "२०२३"), ("date", ""),
    ("coordinates", "91.5, 0.5"), ("coordinates", "55.5, 181.5"), ("coordinates", "90°0′1″N 0°0′0″E"),
    ("coordinates", "55°60′N 6°0′W"), ("coordinates", "55.5°30′N 6.5°0′W"), ("coordinates", "55°30′N 6°11′24″W"),
    ("coordinates", "6.19 W, 55.63 N"), ("coordinates", "-55.6 N, 6.1 W"), ("coordinates", "55.63 6.19"),
    ("coordinates", "55, 6"), ("coordinates", "55.63"), ("coordinates", "near 55.63, 6.19"),
    ("url", "see https://example.org"), ("url", "https://example.org."), ("url", "https://example.org/|x"),
    ("url", "https://example.org/~~~~"), ("url", "https://example.org/{{x}}"), ("url", "https://example.org/__TOC__"),
    ("url", "https://example.org/&lt;"), ("url", "none"), ("url", "me@example.org"), ("url", "http://[::1]/"),
    ("url", "https://"), ("url", "https:///x"),
    ("number", "1,23"), ("number", "1,234.5.6"), ("number", "12 345"), ("number", "£5"), ("number", "1234"),
    ("number", "about 1,234"), ("number", "1,234 km"), ("number", "1,234\u202f567"), ("number", "٣٬٤٥٦"),
    ("image", "Old pier.jpg"), ("image", "File:notes"), ("image", "[[File:Old pier.jpg]]"),
    ("image", "Talk:Old pier.jpg"), ("image", "File:a/b.jpg"), ("image", "File:Talk:a.jpg"),
    ("text", "10 January 2023"), ("list", "one, two"),
)  # fmt: skip


def guard(text: str) -> str:
    return template_argument(text, PROFILE)


def written(kind: str, name: str, *values: str, **others: Sequence[str]) -> str | None:
    return formatted(kind, name, values, {name: values, **others}, guard)


@pytest.mark.parametrize(("kind", "name", "value", "expected"), FORMATTED, ids=[case[2] for case in FORMATTED])
def test_value_becomes_what_editors_write(kind: str, name: str, value: str, expected: str) -> None:
    assert expected == written(kind, name, value)


@pytest.mark.parametrize(("kind", "value"), UNREAD, ids=[" ".join(case) for case in UNREAD])
def test_value_that_is_not_read_stays(kind: str, value: str) -> None:
    assert written(kind, "population" if kind == "number" else kind, value) is None


def test_every_kind_has_one_entry_in_the_table() -> None:
    assert sorted(NAMES) == sorted(get_args(Kind))
    assert len(KINDS_BY_TYPE) == sum(kind.exact for kind in KINDS), "a type implies one kind at most"
    assert all(TYPES[kind] == type for type, kind in KINDS_BY_TYPE.items())


@pytest.mark.parametrize("kind", NAMES)
def test_no_values_stay_no_values(kind: str) -> None:
    assert written(kind, kind) is None


def test_birth_of_the_dead_has_no_age() -> None:
    expected = "{{Birth date|1934|2|8|df=yes}}"
    assert expected == written("date", "birth_date", "8 February 1934", death_date=["1999"])
    assert expected == written("date", "birth_date", "8 February 1934", resting_place=["Islay"])
    assert expected != written("date", "birth_date", "8 February 1934", death_date=[])


def test_death_has_an_age_where_the_birth_is_known_to_the_day() -> None:
    death = "20 January 1907"
    expected = "{{Death date and age|1907|1|20|1834|2|8|df=yes}}"
    assert expected == written("date", "death_date", death, birth_date=["February 8, 1834"])
    for birth in (["1834"], ["8 February 1934"], ["c. 1834"], ["8 February 1834", "9 February 1834"], []):
        assert written("date", "death_date", death, birth_date=birth) == "{{Death date|1907|1|20|df=yes}}"


@pytest.mark.parametrize("value", ["1834", "May 1834"])
@pytest.mark.parametrize("name", ["birth_date", "death_date"])
def test_births_and_deaths_need_the_day(name: str, value: str) -> None:
    assert written("date", name, value) is None


def test_several_items_are_a_list() -> None:
    assert written("text", "towns", "Upper Odd", "* Nether") == "{{plainlist|\n* Upper Odd\n* &#42; Nether\n}}"
    assert written("list", "towns", "a=b", "c|d") == "{{plainlist|1=\n* a=b\n* c&#124;d\n}}"
    assert written("url", "website", "https://a.org", "none") == "{{plainlist|\n* {{URL|https://a.org}}\n* none\n}}"


def test_several_dates_are_a_list_of_plain_ones() -> None:
    assert written("date", "released", "2001", "2002") == "{{plainlist|\n* 2001\n* 2002\n}}"


def test_several_coordinates_leave_the_title_alone() -> None:
    expected = "{{plainlist|1=\n* {{coord|1.5|2.5|display=inline}}\n* {{coord|3.5|4.5|display=inline}}\n}}"
    assert expected == written("coordinates", "coordinates", "1.5, 2.5", "3.5, 4.5")


def test_items_can_be_broken_lines_instead() -> None:
    options = ValueOptions(lists="br")
    assert formatted("text", "towns", ["a", "b"], {}, guard, options) is None
    assert formatted("url", "site", ["a.org", "<b>"], {}, guard, options) == "{{URL|a.org}}<br>&lt;b>"


@pytest.mark.parametrize("name", ["num_employees", "population_as_of", "imdb_id", "km", "formed_in", "lat_minutes"])
def test_numbers_that_are_only_shown_stay(name: str) -> None:
    assert written("number", name, "1,234") is None


def test_commas_part_thousands_in_english_only() -> None:
    german = ValueOptions(profile=WikiProfile(language="de"))
    assert formatted("number", "area_km2", ["1,234"], {}, guard, german) is None
    assert formatted("number", "area_km2", ["1\u202f234"], {}, guard, german) == "1234"


@given(st.dates(min_value=date(1583, 1, 1)), st.sampled_from("mdy dmy iso short".split()))
def test_every_day_is_read_in_every_form(day: date, form: str) -> None:
    month = MONTHS[day.month - 1]
    text = {
        "mdy": f"{month} {day.day}, {day.year}",
        "dmy": f"{day.day} {month} {day.year}",
        "iso": day.isoformat(),
        "short": f"{day.day:02} {month[:3]} {day.year}",
    }[form]
    order = "|df=yes" if form in ("dmy", "short") else ""
    assert written("date", "date", text) == f"{{{{Start date|{day.year}|{day.month}|{day.day}{order}}}}}"


@given(st.sampled_from([case for case in FORMATTED if case[0] != "number"]), lines(3), lines(3))
def test_value_with_anything_around_it_stays(case: tuple[str, str, str, str], before: str, after: str) -> None:
    kind, name, value, _ = case
    around = f"{before} {value} {after}".strip()
    if around != value:
        assert written(kind, name, around) is None


@given(st.sampled_from(NAMES), st.lists(lines(4), min_size=1, max_size=3))
def test_whatever_is_written_says_what_was_given(kind: str, values: list[str]) -> None:
    text = written(kind, kind, *values)
    if text is None:
        return
    code = mwparserfromhell.parse(text)
    assert all(str(call.name) in TEMPLATES for call in code.filter_templates())
    if len(values) == 1:
        return
    (call, *_) = code.filter_templates()
    items = str(call.get(1).value).strip("\n").split("\n")
    assert len(items) == len(values)
    for item, value in zip(items, values, strict=True):
        said = html.unescape(item.removeprefix("*")).split()
        assert said == value.split() or (kind == "url" and value.strip() in item) or kind in ("number", "image")
