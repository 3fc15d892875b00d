"""Pages in HTML: what a browser makes of them, and that they run nothing, load nothing and leave nobody out."""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from time import process_time
from typing import TYPE_CHECKING, get_args

import pytest

import convert
from convert.ast import Article, Field, Infobox, Link, List, ListItem, Paragraph, Section, Text
from convert.writers import html, page
from convert.writers.index import TITLES_PER_RANGE, Entry, index, letter_of, sort_key
from tests import FIXTURES
from tests.servers.browser import WIDTHS, Scheme, overflow, violations, visiting, watch
from tests.support.commands import plainwiki

if TYPE_CHECKING:
    from playwright.sync_api import Browser

#: Whatever has ever run a script: each would set ``window.ran``.
PAYLOADS = (
    "<script>window.ran=1</script>",
    "</title></style></script><script>window.ran=1</script>",
    '"><img src=x onerror=window.ran=1>',
    "'><svg/onload=window.ran=1>",
    '" onmouseover="window.ran=1" autofocus onfocus="window.ran=1" x="',
    "javascript:window.ran=1",
    "JaVa\tScRiPt:window.ran=1",
    " javascript:window.ran=1",
    "data:text/html,<script>window.ran=1</script>",
    "//example.org/%0a<script>window.ran=1</script>",
    "https://example.org/\"onclick='window.ran=1'",
    "<iframe srcdoc='<script>parent.ran=1</script>'>",
    "<base href=//example.org><meta http-equiv=refresh content='0;url=javascript:window.ran=1'>",
    "<!--><img src=x onerror=window.ran=1>-->",
    "]]><style>@import 'http://example.org';*{background:url(http://example.org)}</style>",
    "<a href=javascript:window.ran=1>&lt;script&gt;&#x3c;script&#x3e;window.ran=1</script></a>",
    "<details open ontoggle=window.ran=1><math><mtext></table><mglyph><style><img src=x onerror=window.ran=1>",
    "{{constructor.constructor('window.ran=1')()}}${window.ran=1}",
)
# Moves the mouse over everything, and the focus to everything.
_TOUCHED = """() => document.querySelectorAll("body *").forEach(
    each => ["mouseover", "focus", "toggle", "error", "load"].forEach(name => each.dispatchEvent(new Event(name))))"""
_ELEMENTS = "script, img, svg, iframe, object, embed, form, base, math, body style, [onclick], [onerror], [style]"


def hostile() -> Article:
    """Make an article with every payload in every place that holds a text."""
    everywhere = " ".join(PAYLOADS)
    links = tuple(link for each in PAYLOADS for link in (Link(each, each), Link(f"#{each}"), Link("x", each)))
    items = tuple(ListItem((Text(each), *links[:3])) for each in PAYLOADS)
    paragraph = Paragraph((Text(everywhere), *links))
    return Article(
        everywhere,
        tuple(Infobox((Field(each, (each, everywhere)), Field("", (each,))), each) for each in PAYLOADS),
        (paragraph, List(items)),
        tuple(Section(2, each, (paragraph,), (Section(3, each),)) for each in PAYLOADS),
        PAYLOADS,
        {**{each: each for each in PAYLOADS}, "language": 'en" onclick="window.ran=1'},
    )


def fixture(stem: str) -> Article:
    """Read one of the article fixtures."""
    text = (FIXTURES / "articles" / f"{stem}.txt").read_text("utf-8")
    return next(convert.read(text, report=lambda found: None, title=stem))


def saved(folder: Path, *articles: Article) -> str:
    """Write a page with articles; give its address."""
    path = folder / "page.html"
    if len(articles) == 1:
        path.write_text(html.write(articles[0], lambda found: None), "utf-8")
    else:
        items = [html.item(each, lambda found: None) for each in articles]
        path.write_text(html.opening() + "".join(items) + html.closing(), "utf-8")
    return path.as_uri()


# ── For everybody


@pytest.mark.parametrize(("size", "scheme"), [("phone", "light"), ("wide", "dark")])
@pytest.mark.parametrize("stem", ["port-ellen", "isle-of-oddities", "ibn-al-haytham", "wiki-markup"])
def test_a_page_leaves_nobody_out(browser: Browser, tmp_path: Path, stem: str, size: str, scheme: Scheme) -> None:
    with visiting(browser, saved(tmp_path, fixture(stem)), width=WIDTHS[size], scheme=scheme) as shown:
        assert violations(shown) == []
        assert overflow(shown) == 0


def test_a_page_of_several_articles_leaves_nobody_out(browser: Browser, tmp_path: Path) -> None:
    address = saved(tmp_path, fixture("isle-of-oddities"), fixture("port-ellen"), fixture("godan"))
    with visiting(browser, address, width=WIDTHS["tablet"]) as shown:
        assert violations(shown) == []
        assert shown.locator("h1").all_inner_texts() == ["Isle of Oddities =", "Port Ellen", "गोदान"]
        shown.locator("article").nth(1).get_by_role("link", name="Whisky").click()
        assert shown.url.endswith("#Port_Ellen:Whisky")
        assert shown.locator(":target").inner_text() == "Whisky"


def test_the_infobox_stands_at_the_side_or_on_top(browser: Browser, tmp_path: Path) -> None:
    address = saved(tmp_path, fixture("port-ellen"))
    with visiting(browser, address, width=WIDTHS["wide"]) as shown:
        box, text, contents = (shown.locator(each).first.bounding_box() for each in (".infobox", "article p", "nav"))
        assert box
        assert text
        assert contents
        assert contents["x"] + contents["width"] < text["x"]
        assert text["y"] < box["y"] + box["height"]
        assert text["x"] + text["width"] > box["x"] > text["x"] + text["width"] / 2
    with visiting(browser, address, width=WIDTHS["phone"]) as shown:
        box, text, contents = (shown.locator(each).first.bounding_box() for each in (".infobox", "article p", "nav"))
        assert box
        assert text
        assert contents
        assert box["y"] + box["height"] <= text["y"] < contents["y"]
        assert box["width"] == text["width"]


def test_a_page_from_right_to_left_is_laid_out_so(browser: Browser, tmp_path: Path) -> None:
    with visiting(browser, saved(tmp_path, fixture("ibn-al-haytham")), width=WIDTHS["tablet"]) as shown:
        box, text = (shown.locator(each).first.bounding_box() for each in (".infobox", "h1"))
        assert box
        assert text
        assert box["x"] == text["x"]


def test_a_page_follows_the_colours_of_its_reader(browser: Browser, tmp_path: Path) -> None:
    address = saved(tmp_path, fixture("port-ellen"))
    colours = []
    for scheme in ("light", "dark"):
        with visiting(browser, address, scheme=scheme) as shown:
            colours.append(shown.evaluate("() => getComputedStyle(document.body).backgroundColor"))
    assert colours == ["rgb(255, 255, 255)", "rgb(18, 21, 26)"]


def test_paper_is_white_and_holds_the_article_alone(browser: Browser, tmp_path: Path) -> None:
    with visiting(browser, saved(tmp_path, fixture("port-ellen")), scheme="dark") as shown:
        shown.emulate_media(media="print")
        assert shown.evaluate("() => getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert shown.evaluate("() => getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
        assert not shown.locator("nav").is_visible()
        assert shown.locator(".infobox").is_visible()


def test_nothing_needs_a_script(browser: Browser, tmp_path: Path) -> None:
    with visiting(browser, saved(tmp_path, fixture("port-ellen")), java_script_enabled=False) as shown:
        assert shown.locator("h2").all_inner_texts() == ["History", "Whisky", "Transport", "Categories"]
        shown.get_by_text("Contents").click()
        assert not shown.get_by_role("link", name="Whisky").is_visible()


def test_long_words_stay_on_the_page(browser: Browser, tmp_path: Path) -> None:
    long = "Donaudampfschifffahrt" * 20
    article = Article(
        long, (Infobox((Field(long, (long, long)),)),), (Paragraph((Text(long),)), List((ListItem((Text(long),)),))),
        tuple(Section(level, long) for level in (2, 3, 4)), (long,),
    )  # fmt: skip
    for width in WIDTHS.values():
        with visiting(browser, saved(tmp_path, article), width=width) as shown:
            assert overflow(shown) == 0
            assert violations(shown) == []


# ── Nothing runs, nothing is loaded


def test_nothing_that_an_author_writes_runs(browser: Browser, tmp_path: Path) -> None:
    address = saved(tmp_path, hostile())
    with visiting(browser, address) as shown:
        assert shown.locator(_ELEMENTS).count() == 0
        shown.evaluate(_TOUCHED)
        assert shown.evaluate("() => window.ran") is None
        assert shown.title() == " ".join(" ".join(PAYLOADS).split())
        schemes = {each.split(":")[0] for each in shown.evaluate("() => [...document.links].map(link => link.href)")}
        assert schemes == {"file", "http", "https"}
        assert shown.locator("article").get_attribute("lang") is None


def test_several_hostile_articles_run_nothing(browser: Browser, tmp_path: Path) -> None:
    with visiting(browser, saved(tmp_path, hostile(), hostile())) as shown:
        assert shown.locator(_ELEMENTS).count() == 0
        assert shown.evaluate("() => window.ran") is None


def test_what_got_into_a_page_would_not_run(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    intruder = '<script>window.ran=1</script><img src="x.png" onerror="window.ran=1"><p style="color: red">'
    path.write_text(html.write(fixture("port-ellen"), lambda found: None).replace("</main>", intruder + "</main>"))
    with browser.new_context() as context:
        opened = context.new_page()
        oddities: list[str] = []
        watch(opened, path.as_uri(), oddities)
        opened.goto(path.as_uri())
        assert opened.evaluate("() => window.ran") is None
        assert [each for each in oddities if "Content Security Policy" not in each] == []
        assert any("inline script" in each for each in oddities)


def test_the_policy_lets_in_the_style_sheet_alone() -> None:
    text = html.write(Article("A"), lambda found: None)
    style = re.findall("<style>(.*?)</style>", text, re.DOTALL)
    digest = b64encode(sha256(style[0].encode()).digest()).decode()
    assert style == [page.style_sheet()]
    assert f"default-src 'none'; style-src 'sha256-{digest}';" in text
    assert "url(" not in page.style_sheet()
    assert "@import" not in page.style_sheet()


# ── Trees of all sizes


def test_depth_has_no_limit() -> None:
    deep, nested = Section(2, "the last"), List((ListItem((Text("the last"),)),))
    for number in range(1000):
        deep = Section(2, f"{number}", (), (deep,))
        nested = List((ListItem((Text(f"{number}"),), (nested,)),))
    text = html.write(Article("A", lead=(nested,), sections=(deep,)), lambda found: None)
    assert '<h6 id="the_last" aria-level="1002">the last</h6>' in text
    assert text.count("<section>") == text.count("</section>") == 1001
    assert text.count("<ul>") == text.count("</ul>") == 1001


def test_time_grows_with_the_article_and_not_faster() -> None:
    def seconds(count: int) -> float:
        sections = tuple(Section(2, "the same", (List((ListItem((Text("x"),)),) * 10),)) for _ in range(count))
        article = Article("A", sections=sections)
        start = process_time()
        assert html.write(article, lambda found: None).count("<h2") == count
        return process_time() - start

    seconds(100)
    assert seconds(20_000) < 40 * max(seconds(2_000), 0.005)


def test_every_heading_has_a_place_of_its_own() -> None:
    headings = ["A", "A", "A_2", "A 2", "A", "", "  ", "section", "100 %"]
    text = html.write(Article("A", sections=tuple(Section(2, each) for each in headings)), lambda found: None)
    anchors = re.findall('<h2 id="([^"]*)"', text)
    assert len(set(anchors)) == len(headings)
    assert re.findall('<li><a href="#([^"]*)"', text) == [each.replace("%", "%25") for each in anchors]


def test_an_article_without_a_title_is_called_something() -> None:
    text = html.write(Article(" "), lambda found: None)
    assert "<title>Untitled</title>" in text
    assert "<h1>Untitled</h1>" in text


def test_the_language_is_what_the_source_says() -> None:
    text = html.write(Article("A", metadata={"language": "gd"}), lambda found: None)
    assert '<html lang="gd">' in text
    assert '<article lang="gd">' in text


# ── The list of all articles


def written_index(titles: list[str]) -> str:
    """Write the list of articles with these titles."""
    ordered = sorted(titles, key=sort_key)
    letters = dict.fromkeys(map(letter_of, ordered), 0)
    for each in ordered:
        letters[letter_of(each)] += 1
    return "".join(index(list(letters.items()), [Entry(letter_of(each), each, f"{each}.html") for each in ordered]))


def test_titles_are_sorted_as_people_look_for_them() -> None:
    titles = ["…", "Ångström", "apple", "«Ardbeg»", "Zebra", "2001", "Ω", "Яблоко", "珠江", "Æsir", "서울", "Al  hazen"]
    ordered = [
        "2001",
        "Al  hazen",
        "Ångström",
        "apple",
        "«Ardbeg»",
        "Zebra",
        "Æsir",
        "Ω",
        "Яблоко",
        "珠江",
        "서울",
        "…",
    ]
    assert sorted(titles, key=sort_key) == ordered
    assert [letter_of(each) for each in ordered] == ["0–9", *"AAAAZÆΩЯ漢한…"]


@pytest.mark.parametrize("count", [30, 700])
def test_a_list_leaves_nobody_out(browser: Browser, tmp_path: Path, count: int) -> None:
    titles = [f"{letter}{number}" for number in range(count) for letter in "Kنm"][:count]
    path = tmp_path / "index.html"
    path.write_text(written_index(titles), "utf-8")
    width, schemes = WIDTHS["phone" if count > 1 else "wide"], get_args(Scheme)
    for scheme in schemes:
        with visiting(browser, path.as_uri(), width=width, scheme=scheme) as shown:
            assert violations(shown) == []
            assert overflow(shown) == 0
            assert shown.locator("section li").count() == count
    if count > TITLES_PER_RANGE:
        with visiting(browser, path.as_uri(), java_script_enabled=False) as shown:
            assert not shown.get_by_role("link", name="K0", exact=True).is_visible()
            shown.locator("summary").first.click()
            assert shown.get_by_role("link", name="K0", exact=True).is_visible()
            shown.get_by_role("navigation").get_by_role("link", name="M").click()
            shown.get_by_role("navigation").get_by_role("link", name="K").click()  # it is still on top


def test_a_folder_of_pages_is_a_site(browser: Browser, tmp_path: Path) -> None:
    texts, site = tmp_path / "texts.jsonl", tmp_path / "site"
    long, paragraph = "ß" * 200, Paragraph((Link("AC/DC#Members", "the band"), Text(" and "), Link("ß" * 200, "long")))
    articles = [
        Article("Index", lead=(paragraph,)), Article("AC/DC", lead=(paragraph,), sections=(Section(2, "Members"),)),
        Article(long, lead=(paragraph,)), fixture("port-ellen"),
    ]  # fmt: skip
    texts.write_text("".join(convert.write(each, "json").replace("\n", "") + "\n" for each in articles), "utf-8")
    done = plainwiki("batch", texts, "-t", "html", "-o", f"{site}/")
    assert (done.returncode, sorted(each.name for each in site.iterdir() if each.is_file())) == (
        0, ["AC%2FDC.html", "Index%~2.html", "Port Ellen.html", "index.html"],
    )  # fmt: skip
    with visiting(browser, (site / "index.html").as_uri()) as shown:
        assert shown.locator("section a").all_inner_texts() == ["AC/DC", "Index", "Port Ellen", long]
        for title in (long, "Index"):
            shown.get_by_role("link", name=title).click()
            assert shown.locator("h1").inner_text() == title
            shown.get_by_role("link", name="the band").click()
            assert shown.locator(":target").inner_text() == "Members"
            shown.get_by_role("link", name="long").click()
            assert shown.locator("h1").inner_text() == long
            shown.get_by_role("link", name="All articles").click()
            assert shown.title() == "All articles"


def test_the_list_is_that_of_the_folder(tmp_path: Path) -> None:
    site = tmp_path / "site"
    (tmp_path / "b.txt").write_text("= Jura =\n\nAn island.\n")
    (tmp_path / "a.txt").write_text("= Islay =\n\nAn island.\n")
    plainwiki("batch", tmp_path, "-t", "html", "-o", f"{site}/")
    assert "Islay.html" in (site / "index.html").read_text()
    (tmp_path / "a.txt").unlink()
    plainwiki("batch", tmp_path, "-t", "html", "-o", f"{site}/")
    assert sorted(each.name for each in site.iterdir()) == ["Jura.html", "index.html"]
    assert "Islay.html" not in (site / "index.html").read_text()
