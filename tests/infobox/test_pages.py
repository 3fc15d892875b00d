"""The pages for a bare wiki: which they are, what they say, and how infoboxes show on a real wiki that has them."""

from __future__ import annotations

import html
import json
import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from unicodedata import normalize

import mwparserfromhell
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml.etree import _Element

from convert.ast import Article
from convert.infobox import kinds, values
from convert.infobox.catalogue import Catalogue, Parameter, Template, merged, shipped
from convert.infobox.pages import MIN_ROWS, PageOptions, WikiPage, template_pages
from convert.profile import WikiProfile
from convert.readers import plain
from convert.writers import export, wikitext
from convert.writers import html as page_of_html
from convert.writers.escape import parameter_name, template_argument
from tests import FIXTURES
from tests.servers.wiki import Wiki
from tests.support.boxes import Rows, boxes_of_page, cells_of, rows_in
from tests.support.contexts import seen
from tests.support.rendered import Rendered, folded, text_of
from tests.support.strategies import lines

PROFILE = WikiProfile()
#: Later than the wiki's own templates, which this import is to replace.
LATER = export.ExportOptions(timestamp="2099-01-01T00:00:00Z")

CATALOGUE = Catalogue(
    (
        Template(
            "Infobox ferry",
            aliases=("Ferry infobox",),
            uses=10,
            parameters=(
                Parameter("ferry_name", aliases=("vessel",), uses=9),
                Parameter("image", kind="image", uses=7),
                Parameter("image_size"),
                Parameter("caption", uses=4),
                Parameter("alt"),
                Parameter("launched", ("launch_date",), "Launched on", "date", 5),
                Parameter("website", kind="url"),
                Parameter("flag", kind="image"),
                Parameter("length_m", kind="number"),
                Parameter("imo_number", kind="number"),
                Parameter("route", label="Route <of> {{it}}", kind="list"),
            ),
        ),
        Template("Infobox person", parameters=(Parameter("name"), Parameter("birth_date", kind="date"))),
    )
)

FERRY = """\
<includeonly>{{Infobox
| title = {{#if:{{{ferry_name|{{{vessel|}}}}}}|{{{ferry_name|{{{vessel|}}}}}}|{{PAGENAME}}}}
| image = {{Infobox/image|{{{image|}}}|alt={{{alt|}}}}}
| caption = {{{caption|}}}
| label1 = Launched on
| data1 = {{{launched|{{{launch_date|}}}}}}
| label2 = Website
| data2 = {{{website|}}}
| label3 = Flag
| data3 = {{Infobox/image|{{{flag|}}}|name=Flag}}
| label4 = Length m
| data4 = {{Infobox/number|{{{length_m|}}}}}
| label5 = Imo number
| data5 = {{{imo_number|}}}
| label6 = Route &lt;of> {&#123;it}&#125;
| data6 = {{{route|}}}
| label7 = Home port
| data7 = {{{home_port|}}}
}}</includeonly><noinclude>
<templatedata>
{
	"description": "An infobox: what is to be known of its subject at a glance.",
	"format": "block",
	"params": {
		"ferry_name": {"label":"Ferry name","type":"string","aliases":["vessel"],"suggested":true},
		"image": {"label":"Image","type":"wiki-file-name","suggested":true},
		"image_size": {"label":"Image size","type":"string"},
		"caption": {"label":"Caption","type":"string"},
		"alt": {"label":"Alt","type":"string"},
		"launched": {"label":"Launched on","type":"date","aliases":["launch_date"],"suggested":true},
		"website": {"label":"Website","type":"url"},
		"flag": {"label":"Flag","type":"wiki-file-name"},
		"length_m": {"label":"Length m","type":"number"},
		"imo_number": {"label":"Imo number","type":"number"},
		"route": {"label":"Route \\u003cof\\u003e {\\u007bit}}","type":"content"},
		"home_port": {"label":"Home port","type":"string"}
	},
	"paramOrder": ["ferry_name","image","image_size","caption","alt","launched","website","flag","length_m",\
"imo_number","route","home_port"]
}
</templatedata>
</noinclude>"""

#: What values that other templates format look like to a reader.
HELPERS = (
    ("{{Start date|2023|1|10}}", "January 10, 2023"),
    ("{{Start date|1583|12|31|df=yes}}", "31 December 1583"),
    ("{{Start date|9999|1}}", "January 9999"),
    ("{{End date|2023}}", "2023"),
    ("{{Birth date|1834|2|8|df=yes}}", "8 February 1834"),
    ("{{Death date|1907|2|2}}", "February 2, 1907"),
    ("{{Death date and age|1907|2|2|1834|2|8|df=yes}}", "2 February 1907 (aged 72)"),
    ("{{Death date and age|1907|2|8|1834|2|8}}", "February 8, 1907 (aged 73)"),
    ("{{coord|55.63|-6.190|display=inline,title}}", "55.63, -6.190"),
    ("{{coord|55.63|N|6.19|W|display=inline,title}}", "55.63°N 6.19°W"),
    ("{{coord|55|38|S|6|11|E|display=inline}}", "55°38′S 6°11′E"),
    ("{{coord|55|37|48|N|6|11|24.5|W|display=inline,title}}", "55°37′48″N 6°11′24.5″W"),
    ("{{URL|https://example.org/a}}", "https://example.org/a"),
    ("{{URL|1=http://example.org/?a=b&c=d}}", "http://example.org/?a=b&c=d"),
    ("{{URL|example.org/path}}", "example.org/path"),
    ("{{plainlist|\n* one\n* &#42; two\n}}", "one * two"),
    ("{{plainlist|1=\n* a=b\n* {{Start date|2023|1}}\n}}", "a=b January 2023"),
)
LINKS = (
    ("{{coord|55.63|-6.190}}", "https://www.openstreetmap.org/?mlat=55.63&mlon=-6.19"),
    ("{{coord|55.63|S|6.19|W}}", "https://www.openstreetmap.org/?mlat=-55.63&mlon=-6.19"),
    ("{{coord|55|30|S|6|15|E}}", "https://www.openstreetmap.org/?mlat=-55.5&mlon=6.25"),
    ("{{coord|55|37|48|N|6|11|24|W}}", "https://www.openstreetmap.org/?mlat=55.63&mlon=-6.19"),
    ("{{URL|https://example.org/a}}", "https://example.org/a"),
    ("{{URL|1=HTTP://example.org/?a=b&c=d}}", "HTTP://example.org/?a=b&c=d"),
    ("{{URL|example.org/path}}", "http://example.org/path"),
)  # fmt: skip

NASTY_NAMES = (
    "{", "}", "{x", "x}", "{x}", "a{b", "x]]", "<b>", "[[x", "''i''", "-{x", "{{x", "x}}", "a|b", "a=b", "<!-- c",
    "&amp;", "~~~~", "__TOC__", "*", "#a", ": b", "!c", "<nowiki>", "[http://x.org y]", "A  B", "http://x|y", "1",
    "IUPAC", "é",
)  # fmt: skip


def guard(text: str) -> str:
    return template_argument(normalize("NFC", text), PROFILE)


def named(text: str) -> str:
    return parameter_name(normalize("NFC", text), PROFILE)


def made(used: Mapping[str, Sequence[str]], typed: bool = False) -> dict[str, WikiPage]:
    """Make pages, by their titles."""
    return {each.page.title: each for each in template_pages(used, CATALOGUE, guard, PROFILE, PageOptions(typed))}


def call(template: str, **given: str) -> str:
    return "\n".join([f"{{{{{template}", *(f"| {name} = {value}" for name, value in given.items()), "}}"])


def used_by(texts: Sequence[str]) -> dict[str, list[str]]:
    """Find what templates pages call, each with the parameters that it is given."""
    used: dict[str, list[str]] = {}
    for text in texts:
        for found in mwparserfromhell.parse(text).filter_templates(recursive=False):
            used.setdefault(str(found.name).strip(), []).extend(str(each.name).strip() for each in found.params)
    return used


# ── Which pages, and what they say


def test_pages_are_those_that_a_batch_needs() -> None:
    base = ["Template:Infobox", "Template:Infobox/image", "Template:Infobox/number", "Template:Infobox/row"]
    assert list(made({"Infobox": ["title", "data1"]})) == [*base, "MediaWiki:Common.css"]
    ferry = ["Template:Infobox", "Template:Infobox ferry", *base[1:]]
    assert list(made({"infobox ferry": ["vessel"]})) == [*ferry, "MediaWiki:Common.css"]


def test_no_infobox_needs_no_page() -> None:
    assert template_pages({}, CATALOGUE, guard, PROFILE, PageOptions(typed=True)) == []


def test_formatted_values_need_the_templates_that_they_call() -> None:
    titles = made({"Infobox": []}, typed=True).keys() - made({"Infobox": []}).keys()
    assert titles == {f"Template:{name[0].upper()}{name[1:]}" for name in (*values.TEMPLATES, "coord/link")}


def test_alias_of_a_template_is_a_redirect() -> None:
    both = made({"Ferry infobox": ["tonnage"], "Infobox ferry": ["home_port"]})
    assert both["Template:Ferry infobox"].text == "#REDIRECT [[Template:Infobox ferry]]"
    assert "{{{tonnage|}}}" in both["Template:Infobox ferry"].text
    assert "{{{home_port|}}}" in both["Template:Infobox ferry"].text


def test_template_shows_what_the_catalogue_and_the_batch_know() -> None:
    assert made({"Infobox ferry": ["launch_date", "home_port"]})["Template:Infobox ferry"].text == FERRY


@pytest.mark.parametrize(
    ("template", "parameters", "title"),
    [
        ("Infobox military conflict", ["place", "conflict"], "conflict"),
        ("Infobox football club", ["fullname", "clubname"], "clubname"),
        ("Infobox settlement", ["settlement_type", "official_name"], "official_name"),
        ("Infobox officeholder", ["title", "name"], "name"),
        ("Infobox river", ["length", "nickname"], ""),
    ],
)
def test_title_is_the_parameter_that_names_the_subject(template: str, parameters: list[str], title: str) -> None:
    text = made({template: parameters})[f"Template:{template}"].text
    assert f"| title = {{{{#if:{{{{{{{title}|}}}}}}|" in text if title else "| title = {{PAGENAME}}\n" in text


def test_generic_infobox_has_the_rows_that_are_needed() -> None:
    def rows(used: Mapping[str, Sequence[str]]) -> int:
        return made(used)["Template:Infobox"].text.count("{{Infobox/row|")

    assert rows({"Infobox": ["data1"]}) == MIN_ROWS
    assert rows({"Infobox": ["data1", "label123", "data123"]}) == 123
    assert rows({"Infobox x": [f"p{number}" for number in range(80)]}) == 80


def test_generic_infobox_shows_what_else_it_is_given() -> None:
    text = made({"Infobox": ["title", "data1", "home_port"]})["Template:Infobox"].text
    assert "-->{{Infobox/row|1=Home port|2={{{home_port|}}}}}<!--" in text


def test_pages_have_the_names_that_a_wiki_gives_namespaces() -> None:
    german = WikiProfile(namespaces={**PROFILE.namespaces, 10: "Vorlage"})
    titles = [each.page.title for each in template_pages({"Ferry infobox": []}, CATALOGUE, guard, german)]
    assert titles[0] == "Vorlage:Ferry infobox"
    assert titles[-1] == "MediaWiki:Common.css"


@given(st.lists(lines(3).map(named).filter(bool), unique=True))
def test_form_is_json_whatever_parameters_are_called(names: list[str]) -> None:
    text = made({"Infobox odd": names})["Template:Infobox odd"].text
    form = json.loads(text.partition("<templatedata>")[2].partition("</templatedata>")[0])
    assert list(form["params"]) == form["paramOrder"] == list(dict.fromkeys(names))
    assert "~~~" not in text


# ── On a wiki


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wiki]:
    """Give a wiki of its own, whose templates are replaced by ours, with all the articles of the fixtures."""
    texts = [wikitext.page(article, lambda _: None) for article in _articles()]
    used = {**used_by(texts), "Infobox ferry": ["home_port"], "Ferry infobox": []}
    used["Infobox odd"] = [named(name) for name in NASTY_NAMES]
    with Wiki(tmp_path_factory.mktemp("bare")) as wiki:
        dump = wiki.folder / "templates.xml"
        dump.write_text(
            export.dump(
                template_pages(used, merged(shipped(), CATALOGUE), named, PROFILE, PageOptions(typed=True)), LATER
            ),
            encoding="utf-8",
        )
        wiki.import_dump(dump)
        pictures = wiki.folder / "pictures"
        pictures.mkdir()
        (pictures / "Pier.png").write_bytes(_png())
        (wiki.folder / "images").mkdir(exist_ok=True)
        wiki.maintain("importImages", str(pictures))
        yield wiki


def _articles() -> Iterator[Article]:
    for path in sorted((FIXTURES / "articles").glob("*.txt")):
        for article in plain.read(path.read_text(encoding="utf-8"), lambda _: None, plain.PlainReadOptions(path.stem)):
            if article.infoboxes:
                yield article


def _png() -> bytes:
    """Make an image of one grey dot."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0\x80")) + chunk(b"IEND", b"")


def boxes(shown: Rendered) -> list[_Element]:
    return [table for table in shown.tree.iter("table") if table.get("class") == "infobox"]


def facts(box: _Element) -> Rows:
    """Read an infobox: the values with their labels, ``title`` and ``image``; a row without one has an empty one."""
    return [
        (text_of(row[0]) if len(row) > 1 else PLACES[row[0].get("class", "")], cells_of(row[-1]))
        for row in rows_in(box)
    ]


PLACES = {
    "infobox-title": "title", "infobox-subheader": "subtitle", "infobox-image": "image", "infobox-header": "heading",
    "infobox-wide": "",
}  # fmt: skip


def label(name: str) -> str:
    """Name a parameter of which nothing else is known."""
    words = folded(html.unescape(name).replace("_", " "))
    return "" if words.isdigit() else words[:1].upper() + words[1:]


@pytest.mark.parametrize("article", [pytest.param(each, id=each.title) for each in _articles()])
def test_wiki_shows_what_the_page_shows(bare: Wiki, article: Article) -> None:
    (shown,) = bare.render([wikitext.page(article, lambda _: None)], title=article.title)
    first, *others = [facts(box) for box in boxes(shown)]
    page, *further = boxes_of_page(page_of_html.body(article))
    assert first == page
    # A page calls further boxes by their templates' names, where a wiki repeats its title.
    assert [rows[1:] for rows in others] == [rows[1:] for rows in further]
    assert_clean(bare, shown)


def assert_clean(bare: Wiki, shown: Rendered) -> None:
    """Check that templates left nothing behind: no empty paragraph, no category, no template that is not there."""
    assert [each for each in shown.tree.iter("p") if not text_of(each) and not len(each)] == []
    titles = [name.replace("10:", "Template:", 1).replace("_", " ") for name in shown.templates]
    assert bare.current(titles).keys() == set(titles)
    assert "error" not in {each.get("class") for each in shown.tree.iter()}


def test_style_sheet_is_one(bare: Wiki) -> None:
    (page,) = bare.api(action="query", titles="MediaWiki:Common.css", prop="info")["query"]["pages"]
    assert page["contentmodel"] == "css"
    assert ".infobox" in bare.revisions("MediaWiki:Common.css")[0].text


def test_editors_get_a_form(bare: Wiki) -> None:
    titles = "Template:Infobox ferry|Template:Ferry infobox|Template:Infobox|Template:Infobox odd"
    answer = bare.api(action="templatedata", titles=titles, redirects="1")["pages"]
    forms = {page["title"]: page for page in answer.values()}
    assert forms.keys() == {"Template:Infobox ferry", "Template:Infobox", "Template:Infobox odd"}
    assert forms["Template:Infobox ferry"]["params"]["launched"]["aliases"] == ["launch_date"]
    assert forms["Template:Infobox ferry"]["params"]["route"]["label"] == {"en": "Route <of> {{it}}"}
    assert forms["Template:Infobox"]["paramOrder"][:5] == ["title", "subheader", "image", "caption", "label1"]


def test_odd_names_and_values_are_literal(bare: Wiki) -> None:
    marks = (
        "* a", "# b", ": c", "; d : e", "! f", "!! g", "| h", "|| i", "----", "{| j", "|}", "|-", "= k =", "{{m}}",
        "}}", "{{{n}}}", "[[o]]", "[[File:P.jpg]]", "[[Category:Q]]", "<!-- r -->", "<nowiki>", "</td>", "</table>",
        "<ref>s</ref>", "'''t'''", "~~~~", "__NOTOC__", "-{u}-", "&lt;", "#REDIRECT [[x]]", "</includeonly>", "0",
    )  # fmt: skip
    given = {named(name): f"{marks[number % len(marks)]} {number}" for number, name in enumerate(NASTY_NAMES)}
    (shown,) = bare.render([call("Infobox odd", **{name: guard(value) for name, value in given.items()})])
    assert facts(*boxes(shown)) == [
        ("title", "Rendered"),
        *((label(name), folded(value)) for name, value in given.items()),
    ]
    assert_clean(bare, shown)


def missing(shown: Rendered) -> list[_Element]:
    """Return what stands for images that the wiki does not have."""
    return [span for span in shown.tree.iter("span") if span.get("class") == "infobox-missing"]


def is_no_number(text: str) -> bool:
    return not set("".join(text.split())) <= set("0123456789.")


# MediaWiki's parser keeps U+007F for itself.
@settings(max_examples=10)
@given(st.lists(lines(5).map(lambda line: line.replace("\x7f", "")).filter(is_no_number), min_size=1, max_size=30))
def test_values_are_literal_in_every_place(bare: Wiki, drawn: list[str]) -> None:
    names = ("ferry_name", "image", "caption", "launched", "flag", "length_m", "route", "home_port")
    shown = bare.render([call("Infobox ferry", **dict.fromkeys(names, guard(value))) for value in drawn])
    for value, each in zip(map(seen, drawn), shown, strict=True):
        labels = ("Launched on", "Flag", "Length m", "Route <of> {{it}}", "Home port")
        # What can be a file is a link to upload it, and says what it shows.
        places = dict.fromkeys(labels, value)
        image = value
        if missing(each):
            places["Flag"], image = "Flag", "Rendered"
        rows = [("title", value), ("image", f"{image} {value}"), *places.items()]
        assert facts(*boxes(each)) == (rows if value else [("title", "Rendered")])
        assert_clean(bare, each)


@pytest.mark.parametrize(
    ("given", "shown"),
    [("12345", "12,345"), ("-12345.50", "−12,345.50"), ("12,345", "12,345"), ("about 12345", "about 12345"), ("0", "0"),
     ("12345 m", "12345 m"), ("1994/2", "1994/2"), ("pi", "pi"), ("1+1", "1+1"), ("٣٤٥٦", "٣٤٥٦")],
)  # fmt: skip
def test_quantities_have_separators(bare: Wiki, given: str, shown: str) -> None:
    (page,) = bare.render([call("Infobox ferry", length_m=given, imo_number=given)])
    assert facts(*boxes(page)) == [("title", "Rendered"), ("Length m", shown), ("Imo number", given)]
    assert_clean(bare, page)


def test_list_by_hand_is_a_list(bare: Wiki) -> None:
    (shown,) = bare.render([call("Infobox ferry", route="\n* [[Port Ellen]]\n* ''Kennacraig''")])
    (box,) = boxes(shown)
    assert [text_of(item) for item in box.iter("li")] == ["Port Ellen", "Kennacraig"]
    assert_clean(bare, shown)


def test_empty_parameters_are_hidden(bare: Wiki) -> None:
    (shown,) = bare.render([call("Infobox ferry", ferry_name="", image="", caption="", route="", home_port="")])
    assert facts(*boxes(shown)) == [("title", "Rendered")]


def test_parameter_shows_by_its_other_names(bare: Wiki) -> None:
    (shown,) = bare.render([call("Ferry infobox", vessel="''Finlaggan''", launch_date="2010")])
    assert facts(*boxes(shown)) == [("title", "Finlaggan"), ("Launched on", "2010")]


def test_image_of_the_wiki_is_shown(bare: Wiki) -> None:
    text = call(
        "Infobox ferry", image="Pier.png", image_size="5000px", caption="The pier", alt="A pier", flag="Pier.png"
    )
    (shown,) = bare.render([text])
    assert shown.images == ("Pier.png",)
    assert [image.get("alt") for image in shown.tree.iter("img")] == ["A pier", ""]
    assert facts(*boxes(shown)) == [("title", "Rendered"), ("image", "The pier"), ("Flag", "")]


@pytest.mark.parametrize(("alt", "told"), [("A pier", "A pier"), ("", "Rendered")])
def test_image_that_the_wiki_lacks_is_a_link_to_upload_it(bare: Wiki, alt: str, told: str) -> None:
    (shown,) = bare.render([call("Infobox ferry", image="File:Nowhere.png", caption="The pier", alt=alt)])
    assert list(shown.tree.iter("img")) == []
    assert facts(*boxes(shown)) == [("title", "Rendered"), ("image", f"{told} The pier")]
    assert "Nowhere.png" in str(missing(shown)[0][0].get("href"))


@pytest.mark.parametrize(("value", "text"), HELPERS, ids=[case[0].replace("\n", " ") for case in HELPERS])
def test_formatted_values_say_the_same(bare: Wiki, value: str, text: str) -> None:
    (shown,) = bare.render([call("Infobox ferry", launched=value)])
    assert facts(*boxes(shown)) == [("title", "Rendered"), ("Launched on", text)]
    assert_clean(bare, shown)


@pytest.mark.parametrize(("value", "address"), LINKS, ids=[case[0] for case in LINKS])
def test_formatted_values_link(bare: Wiki, value: str, address: str) -> None:
    (shown,) = bare.render([value])
    assert [link.get("href") for link in shown.tree.iter("a")] == [address]


@pytest.mark.parametrize("month", [1, 6, 12])
def test_age_is_that_of_today(bare: Wiki, month: int) -> None:
    def age() -> int:
        today = datetime.now(UTC)
        return today.year - 1950 - ((today.month, today.day) < (month, 15))

    before = age()
    (shown,) = bare.render([f"{{{{Birth date and age|1950|{month}|15|df=yes}}}}"])
    assert shown.text.partition(" ")[2].split(" ", 2)[2] in {f"(age {before})", f"(age {age()})"}


def test_dates_are_as_the_formatter_writes_them(bare: Wiki) -> None:
    born, died = "8 February 1834", "2 February 1907"
    infobox = {"birth_date": [born], "death_date": [died]}
    written = [kinds.formatted("date", name, [value], infobox, guard) for name, (value,) in infobox.items()]
    shown = bare.render([value or "" for value in written])
    assert [each.text for each in shown] == [born, f"{died} (aged 72)"]
