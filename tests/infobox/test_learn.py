"""Lessons hold what calls have in common, whatever the pages; a dump is read as far as it goes."""

from __future__ import annotations

import bz2
import io
import re
import tracemalloc
from collections.abc import Iterator
from xml.sax.saxutils import escape

import pytest

from convert.ast import Article, Field, Infobox
from convert.diagnostics import Diagnostic
from convert.infobox.calibrate import LEAST, LEAST_MEASURED, calibrated
from convert.infobox.catalogue import Catalogue, Parameter, Quality, Template
from convert.infobox.examples import MAX_CALLS, infobox_calls
from convert.infobox.kinds import kind_of
from convert.infobox.learn import INFOBOX, Example, LearnOptions, Lessons
from convert.infobox.match import TemplateChoice, match
from convert.profile import TEMPLATE
from convert.wikitext.dumps import DumpPage, dump_pages
from convert.wikitext.page import lead_of, redirect_of

PATTERN = re.compile(INFOBOX, re.IGNORECASE)

SHIP = """{{About|a ship}}
{{Infobox ship <!-- one -->
| name   = ''Vasa''
| launched = {{Start date|1627|03}}<!-- or so -->
| flag   =
| image = [[File:Vasa.jpg|thumb]]
| fate | sunk
| module = {{Infobox museum | name = Vasa Museum | url = {{URL|example.org}} }}
}}
'''Vasa''' is a Swedish [[warship]] that sank on her maiden voyage.<ref>{{cite|x}}</ref>

{{Navbox ships | name = nothing }}
"""


def _calls(wikitext: str) -> list[tuple[str, dict[str, tuple[str, ...]]]]:
    return [(name, {row.key: row.values for row in box.fields}) for name, box, _ in infobox_calls(wikitext, PATTERN)]


def test_calls_of_infoboxes_are_found_with_their_fields() -> None:
    assert _calls(SHIP) == [
        (
            "Infobox ship",
            {
                "name": ("''Vasa''",),
                "launched": ("{{Start date|1627|03}}",),
                "flag": (),
                "image": ("[[File:Vasa.jpg|thumb]]",),
                "module": ("{{Infobox museum | name = Vasa Museum | url = {{URL|example.org}} }}",),
            },
        ),
        ("Infobox museum", {"name": ("Vasa Museum",), "url": ("{{URL|example.org}}",)}),
    ]


@pytest.mark.parametrize(
    "name",
    [
        "Infobox film", "infobox_film", "Football club infobox", "Taxobox", "Automatic taxobox", "Картка:Країна",
        "基礎情報 国", "তথ্যছক ব্যক্তি", "Infotaula persona", "Bilgi kutusu", "Thông tin nhân vật", "Տեղեկաքարտ երկիր",
    ],
)  # fmt: skip
def test_infoboxes_are_known_by_name_in_many_languages(name: str) -> None:
    assert [found for found, _ in _calls(f"{{{{{name}\n| a = b\n}}}}")] == [name]


@pytest.mark.parametrize("name", ["Cite web", "Navbox", "Userbox", "Authority control", "Quote box"])
def test_other_templates_are_no_infoboxes(name: str) -> None:
    assert _calls(f"{{{{{name}\n| a = b\n}}}}") == []


@pytest.mark.parametrize(
    "wikitext",
    ["{{Infobox a | b = c", "{{Infobox a | b = {{c}}", "{{Infobox a|b=<nowiki>}}</nowiki>", "{{Infobox a|b=<!--}}-->"],
)
def test_call_without_an_end_is_none(wikitext: str) -> None:
    assert _calls(wikitext) == []


def test_page_full_of_calls_is_bounded() -> None:
    assert len(_calls("{{Infobox a|b=c}}" * 3 * MAX_CALLS)) == MAX_CALLS
    assert _calls(f"{{{{Infobox a|b={'<!--' * 500_000}}}}}") == []
    assert _calls("{{Infobox a|b=" * 20_000) == []


def test_lead_is_the_first_running_text() -> None:
    [(_, _, end), *_] = infobox_calls(SHIP, PATTERN)
    assert lead_of(SHIP, end) == "Vasa is a Swedish warship that sank on her maiden voyage."
    assert lead_of("short", 0) == ""


@pytest.mark.parametrize(
    ("wikitext", "target"),
    [
        ("#REDIRECT [[Template:Infobox film]]", "Template:Infobox film"),
        ("#redirect:[[A|b]]", "A"),
        ("\n#ПЕРЕНАПРАВЛЕНИЕ [[Шаблон:Фильм#x]]", "Шаблон:Фильм"),
        ("# a list of [[things]]", ""),
        ("text", ""),
    ],
)
def test_redirects_are_seen(wikitext: str, target: str) -> None:
    assert redirect_of(wikitext) == target


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("{{Start date|2001|1|2}}", "date"), ("10 January 2023", "date"), ("January 2023", "date"),
        ("2001-02-03", "date"),
        ("1999", None), ("1,234", "number"), ("-", None), ("{{coord|1|2}}", "coordinates"),
        ("57°3.5", "coordinates"),
        ("http://example.org", "url"), ("{{URL|example.org}}", "url"), ("see http://example.org", None),
        ("File:X.png", "image"), ("Some thing.JPG", "image"), ("a<br />b", "list"), ("{{ubl|a|b}}", "list"),
        ("text", None),
    ],
)  # fmt: skip
def test_kinds_are_told_by_form(value: str, kind: str | None) -> None:
    assert kind_of(value) == kind


# ── Lessons


def _taught(template: str, *keys: str, title: str = "T") -> Example:
    rows = tuple(Field(key.rstrip("-"), () if key.endswith("-") else ("x",)) for key in keys)
    return Example(template, Article(title, (Infobox(rows),)))


def _catalogue(*examples: Example, known: Catalogue = Catalogue(), options: LearnOptions = LearnOptions()) -> Catalogue:
    lessons = Lessons(options)
    for each in examples:
        lessons.add(each)
    return lessons.catalogue(known)


def test_parameters_are_counted_where_they_have_a_value() -> None:
    learnt = _catalogue(_taught("infobox x", "a", "b-"), _taught("Infobox_x", "a", "b"), _taught("Infobox y", "a-"))
    assert learnt.templates == (
        Template("Infobox x", parameters=(Parameter("a", uses=2), Parameter("b", uses=1)), uses=2),
        Template("Infobox y", uses=1),
    )


def test_order_is_the_one_that_calls_agree_on() -> None:
    learnt = _catalogue(
        _taught("Infobox x", "c", "e"),
        _taught("Infobox x", "a", "b", "c"),
        _taught("Infobox x", "b", "d"),
        _taught("Infobox x", "c", "d", "e"),
        _taught("Infobox x", "e", "f"),
        _taught("Infobox x", "a", "f"),
    )
    assert [each.name for each in learnt.templates[0].parameters] == ["a", "b", "c", "d", "e", "f"]


def test_spellings_of_a_parameter_are_one_and_lower_case_is_preferred() -> None:
    examples = [_taught("Infobox x", "Birth date")] * 2 + [_taught("Infobox x", "birth_date")]
    [parameter] = _catalogue(*examples).templates[0].parameters
    assert parameter == Parameter("birth_date", ("Birth date",), uses=3)
    [slip] = _catalogue(*[_taught("Infobox x", "a b")] * 50, _taught("Infobox x", "A b")).templates[0].parameters
    assert slip.aliases == ()


def test_what_is_rare_is_left_out_if_asked() -> None:
    examples = [*[_taught("Infobox x", "a")] * 9, _taught("Infobox x", "a", "b"), _taught("Infobox y", "a")]
    options = LearnOptions(least_calls=2, least_share=0.2)
    [template] = _catalogue(*examples, options=options).templates
    assert template == Template("Infobox x", parameters=(Parameter("a", uses=10),), uses=10)


def test_what_is_known_stays_and_is_added_to() -> None:
    known = Template(
        "Infobox film", ("Infobox movie",), (Parameter("name", label="Name", share=0.5), Parameter("gross", share=0.1))
    )
    learnt = _catalogue(_taught("infobox movie", "name", "cast"), known=Catalogue((known,), "by hand"))
    assert learnt.about == "by hand"
    assert learnt.templates == (
        Template(
            "Infobox film",
            ("Infobox movie",),
            (
                Parameter("name", label="Name", uses=1, share=0.5),
                Parameter("cast", uses=1),
                Parameter("gross", share=0.1),
            ),
            1,
        ),
    )


def test_redirects_become_aliases_and_circles_do_not_matter() -> None:
    lessons = Lessons()
    lessons.page(DumpPage("Template:Infobox old", "#REDIRECT [[Template:Infobox older]]", TEMPLATE))
    lessons.page(DumpPage("Template:Infobox older", "", TEMPLATE, "Template:Infobox new"))
    lessons.page(DumpPage("Template:Infobox a", "", TEMPLATE, "Template:Infobox b"))
    lessons.page(DumpPage("Template:Infobox b", "", TEMPLATE, "Template:Infobox a"))
    lessons.page(DumpPage("Template:Infobox new", "{{Infobox|title={{{name}}}}}", TEMPLATE))
    lessons.page(DumpPage("Vasa", "{{Infobox old|name=Vasa}}"))
    lessons.page(DumpPage("Mary Rose", "{{Infobox new|name=Mary Rose}} {{Infobox a|b=c}}"))
    lessons.page(DumpPage("Other", "#REDIRECT [[Vasa]]"))
    found = {each.name: (set(each.aliases), each.uses) for each in lessons.catalogue().templates}
    assert found == {"Infobox new": ({"Infobox old", "Infobox older"}, 2), "Infobox a": (set(), 1)}


def test_another_language_is_learnt_the_same_way() -> None:
    lessons = Lessons()
    for title, capital in (("Україна", "Київ"), ("Польща", "Варшава")):
        lessons.page(DumpPage(title, f"{{{{Картка:Країна\n| назва = {title}\n| столиця = {capital}\n}}}}"))
    lessons.page(DumpPage("Дніпро", "{{Картка:Річка\n| назва = Дніпро\n| довжина = 2201\n}}"))
    article = Article("Чехія", (Infobox((Field("Столиця", ("Прага",)), Field("Назва", ("Чехія",)))),))
    matched = match(article.infoboxes[0], article, TemplateChoice(catalogue=lessons.catalogue()))
    assert matched.template == "Картка:Країна"
    assert [name for name, _ in matched.parameters] == ["назва", "столиця"]


def test_sample_does_not_depend_on_the_order_of_pages() -> None:
    examples = [_taught("Infobox x", "a", title=f"Page {number}") for number in range(50)]
    forth, back = Lessons(), Lessons()
    for each in examples:
        forth.add(each)
    for each in reversed(examples):
        back.add(each)
    assert forth.examples() == back.examples()


def _population() -> Iterator[Example]:
    """Ships and mills, which have keys of their own, and towns and villages, which have the same."""
    for number in range(LEAST):
        title = f"Thing {number}"
        kind = ("ship", "mill", "town", "village")[number % 4]
        own = {"ship": ("length", "crew"), "mill": ("sails", "miller")}.get(kind, ("mayor", "area"))
        yield _taught(f"Infobox {kind}", "name", *own, title=title)


def test_guesses_are_believed_as_far_as_they_are_right() -> None:
    lessons = Lessons()
    for each in _population():
        lessons.add(each)
    catalogue = calibrated(lessons.catalogue(), lessons)
    sure, unsure = (
        match(example.article.infoboxes[0], example.article, TemplateChoice(catalogue=catalogue))
        for example in (_taught("", "name", "crew", "length"), _taught("", "name", "mayor", "area"))
    )
    assert sure.template == "Infobox ship"
    assert sure.probability > 0.95
    assert catalogue.quality
    assert catalogue.quality.calls == len(lessons.examples())
    assert 0.5 < catalogue.quality.right < 1
    assert 0.3 < unsure.probability < 0.7


def test_of_few_calls_nothing_is_measured() -> None:
    lessons = Lessons()
    lessons.add(_taught("Infobox x", "a"))
    catalogue = calibrated(lessons.catalogue(), lessons)
    assert (catalogue.calibration, catalogue.quality) == (None, None)


def test_calls_that_are_too_few_to_calibrate_tell_how_good_guesses_are() -> None:
    lessons = Lessons()
    for number in range(LEAST_MEASURED):
        kind = "ab"[number % 2]
        lessons.add(_taught(f"Infobox {kind}", f"{kind}_key", f"{kind}_other", title=f"Thing {number}"))
    catalogue = calibrated(lessons.catalogue(), lessons)
    assert (catalogue.calibration, catalogue.quality) == (None, Quality(LEAST_MEASURED, 1.0))


# ── Dumps


def _dump(*written: str) -> bytes:
    head = (
        '<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/">\n<siteinfo><sitename>W</sitename></siteinfo>\n'
    )
    return (head + "".join(written) + "</mediawiki>\n").encode()


def _page(title: str, *texts: str, namespace: int = 0, redirect: str = "") -> str:
    to = f'<redirect title="{escape(redirect)}" />' if redirect else ""
    revisions = "".join(f"<revision><id>1</id><text>{escape(text)}</text></revision>" for text in texts)
    return f"<page><title>{escape(title)}</title><ns>{namespace}</ns>{to}{revisions}</page>\n"


def _read(dump: bytes) -> tuple[list[DumpPage], list[str]]:
    found: list[Diagnostic] = []
    read = list(dump_pages(io.BytesIO(dump), found.append))
    return read, [each.code for each in found]


DUMP = _dump(
    _page("A & B", "old", "new <text>\nof two lines"),
    _page("Template:Infobox x", "", namespace=10, redirect="Template:Infobox & y"),
    _page("Empty", ""),
)
PAGES = [
    DumpPage("A & B", "new <text>\nof two lines"),
    DumpPage("Template:Infobox x", "", 10, "Template:Infobox & y"),
    DumpPage("Empty", ""),
]


@pytest.mark.parametrize("dump", [DUMP, bz2.compress(DUMP), bz2.compress(DUMP[:200]) + bz2.compress(DUMP[200:])])
def test_dump_is_read_packed_or_not(dump: bytes) -> None:
    assert _read(dump) == (PAGES, [])


@pytest.mark.parametrize("dump", [DUMP[:-60], bz2.compress(DUMP[:-60]), DUMP[:-60] + b"\x00</mediawiki>"])
def test_dump_that_ends_in_the_middle_gives_what_it_has_and_says_so(dump: bytes) -> None:
    assert _read(dump) == (PAGES[:2], ["dump-truncated"])


def test_packing_that_ends_in_the_middle_gives_what_it_has_and_says_so() -> None:
    dump = _dump(*(_page(f"Page {number}", bz2.compress(bytes([number % 251] * 99)).hex()) for number in range(9_000)))
    packed = bz2.compress(dump, compresslevel=1)
    read, said = _read(packed[: len(packed) // 2])
    assert 100 < len(read) < 9_000
    assert said == ["dump-truncated"]


@pytest.mark.parametrize(
    "dump",
    [
        b'<!DOCTYPE m [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>' + DUMP,
        b'<!DOCTYPE mediawiki SYSTEM "file:///etc/passwd">' + DUMP,
        b"<!--" + b" " * 70_000 + b"-->" + b"<!DOCTYPE mediawiki>" + DUMP,
        b"no dump",
        b"",
        b"BZh91AY",
    ],
)
def test_what_is_no_dump_is_refused(dump: bytes) -> None:
    assert _read(dump) == ([], ["dump-truncated"])


class _Endless(io.RawIOBase):
    """A dump of so many pages, made while it is read."""

    def __init__(self, number: int) -> None:
        head, end = _dump("\n").split(b"\n\n")
        page = _page("Vasa", SHIP + "text " * 1_000).encode()
        self._parts = iter([head, *[page] * number, end])

    def read(self, size: int = -1, /) -> bytes:
        return next(self._parts, b"")


def test_memory_does_not_grow_with_the_dump() -> None:
    peaks = []
    for number in (40, 400):
        tracemalloc.start()
        for page in dump_pages(_Endless(number), _unheard):  # type: ignore[arg-type]
            assert page.title == "Vasa"
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.5


def _unheard(diagnostic: Diagnostic) -> None:
    raise AssertionError(diagnostic)
