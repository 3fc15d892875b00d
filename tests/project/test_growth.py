"""What repeats takes time and room that grow with its number, and not with the square of it.

Ten times the input may take forty times as long, which is generous to noise and still far from the hundredfold of the
square.  ``make growth`` tries every place and piece.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from io import BytesIO
from itertools import chain
from typing import Any

import pytest

import convert
from convert.ast import Article, Field, Infobox, Inline, Link, Paragraph, Section, Strong, Text
from convert.infobox.examples import infobox_calls
from convert.infobox.kinds import formatted
from convert.infobox.learn import Lessons
from convert.infobox.match import Rule
from convert.links.dictionary import of_titles
from convert.links.linking import Linker
from convert.links.passages import passages_of
from convert.links.policy import LinkPolicy
from convert.profile import WikiProfile
from convert.upload.merging.merge import Merged, merge
from convert.upload.merging.places import Hidden
from convert.wikitext import mwparser
from convert.wikitext.dumps import dump_pages
from convert.wikitext.page import redirect_of
from convert.wikitext.scan import calls
from convert.writers.html import body
from tests.support.growth_cases import Case, Job, cases, other_cases, reading, writing
from tests.support.named_articles import EAGER
from tests.support.repetitions import BROKEN, Make

pytestmark = pytest.mark.slow

#: What takes less than this at the large size is lost in noise.
UNSEEN_S = 0.25
MOST = 40.0

_CASES = {case.name: case for case in (*cases("a"), *other_cases())}
_PROFILE = WikiProfile()


def _taken(case: Case, size: int) -> float:
    given = case.make(size)
    start = time.process_time()
    case.job(given)
    return time.process_time() - start


def _is_about_linear(case: Case, size: int) -> bool:
    # A busy machine may make one run long; what is quadratic is long in each.
    return any(_looks_linear(case, size) for _ in range(3))


def _looks_linear(case: Case, size: int) -> bool:
    large = _taken(case, 10 * size)
    return large < UNSEEN_S or large < MOST * max(_taken(case, size), _taken(case, size))


def _written(name: str, **options: object) -> Job:
    read, write = reading("plain"), writing(name, **options)
    return lambda text: write(read(text)[0])


def _keys(size: int) -> str:
    return "= T =\n\nInfobox person\n" + "- Name: v\n" * (size // 10)


def _under_paragraphs(size: int) -> str:
    return "= T =\n\n" + "- a\n\ntext\n\n" * (size // 20) + "Infobox\n- Name: v\n" * (size // 36)


@pytest.mark.parametrize(
    ("make", "job", "size"),
    [
        pytest.param(_keys, _written("wikitext"), 40_000, id="one key in wikitext"),
        pytest.param(_keys, _written("wikitext", values="typed"), 40_000, id="one key, typed"),
        pytest.param(_keys, _written("html"), 40_000, id="one key in html"),
        pytest.param(_keys, _written("export"), 40_000, id="one key in export"),
    ],
)
def test_writing_is_linear(make: Make, job: Job, size: int) -> None:
    assert _is_about_linear(Case("", make, job), size)


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("learn: spaces in a call", 300),
        ("learn: spaces in a redirect", 5_000),
        ("learn: arguments 'a'", 6_000),
        ("learn: {{a| in each other", 1_500),
        ("merge: spaces in a value", 5_000),
        ("merge: {{a| in each other", 1_500),
        ("merge: arguments 'a'", 4_000),
        ("diff: every other line", 6_000),
        ("diff: the same lines in another order", 3_000),
    ],
)  # fmt: skip
def test_what_comes_from_outside_is_taken_in_linear_time(name: str, size: int) -> None:
    assert _is_about_linear(_CASES[name], size)


def _among(part: Callable[[int], tuple[Inline, ...]]) -> Make:
    """Return what makes an article of many parts, each with the title of a page."""
    return lambda size: Article("T", lead=(Paragraph(tuple(chain.from_iterable(map(part, range(size))))),))


def _link_all(article: Article) -> int:
    """Link the names of an article to pages of the same titles."""
    titles = passages_of(article)[0].text.split()
    made = Linker(of_titles(titles), LinkPolicy(per_passage=1 << 30), EAGER).links(article).made
    assert len(made) > 1000
    return len(made)


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(_among(lambda number: (Link(f"A{number}"), Text(f" Name{number}x "))), id="beside links"),
        pytest.param(_among(lambda number: (Strong((Text(f" Name{number}x "),)),)), id="in bold"),
        pytest.param(_among(lambda number: (Text(f" Name{number}x "),)), id="in texts"),
    ],
)
def test_links_are_made_in_linear_time(make: Make) -> None:
    assert _is_about_linear(Case("", make, _link_all), 1_500)


class _Counted(tuple[str, ...]):
    """Names that count how often somebody goes through them."""

    passes = 0

    def __iter__(self) -> Iterator[str]:
        type(self).passes += 1
        return super().__iter__()


@pytest.mark.parametrize("name", ["wikitext", "html"])
def test_rules_go_through_the_categories_once_for_an_article(name: str) -> None:
    rules = (Rule("Infobox ship", category="*z*"), Rule("Infobox film", category="*a*", key="Name"))
    boxes = tuple(Infobox((Field("Name", ("v",)),)) for _ in range(100))
    _Counted.passes = 0
    page = convert.write(Article("T", boxes, categories=_Counted("ab")), name, report=lambda found: None, rules=rules)
    assert page.count("{{Infobox film") == 100 or name == "html"
    assert 0 < _Counted.passes < 10


@pytest.mark.parametrize("name", ["wikitext", "html"])
def test_infoboxes_look_at_the_beginning_of_a_lead(name: str) -> None:
    """Counted are calls of functions: ten times the infoboxes under ten times the lead make ten times as many."""
    read, write = reading("plain"), writing(name)
    small, large = (_calls(write, read(_under_paragraphs(size))[0]) for size in (4_000, 40_000))
    assert large < 15 * small


def _calls(function: Callable[[Any], object], given: Any) -> int:
    count = 0

    def counted(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += 1

    sys.setprofile(counted)
    try:
        function(given)
    finally:
        sys.setprofile(None)
    return count


def test_address_of_question_marks_is_linear() -> None:
    def job(value: str) -> int:
        return formatted("url", "website", [value], {}, lambda text: text) is None

    assert _is_about_linear(Case("", lambda size: "http://" + "?" * size + "<", job), 5_000)


def test_redirects_in_a_row_are_followed_for_a_while() -> None:
    lessons = Lessons()
    for number in range(100_000):
        lessons.redirect(f"Infobox {number}", f"Infobox {number + 1}")
    lessons.redirect("Box", "Infobox")
    assert lessons.catalogue().templates == ()


def test_long_title_is_not_written_once_a_row() -> None:
    """A title that no page can have is short where a page repeats it, and tells its article from others still."""
    boxes = tuple(Infobox((Field("Name", ("v",)),)) for _ in range(1000))
    sections = tuple(Section(2, str(number)) for number in range(1000))
    title = "a" * 100_000
    first, second = (body(Article(each, boxes, (), sections)) for each in (title + "b", title + "c"))
    assert len(first) < 2_000_000
    anchors = [page.partition(' id="')[2].partition('"')[0] for page in (first, second)]
    assert anchors[0] != anchors[1]
    assert all(len(each) < 300 for each in anchors)


def test_long_key_does_not_widen_every_row() -> None:
    keys = ("a" * 100_000, *(f"k{number}" for number in range(1000)))
    article = Article("T", (Infobox(tuple(Field(key, ("v",)) for key in keys)),))
    page = convert.write(article, report=lambda found: None, infobox="Infobox", align=True)
    assert len(page) < 250_000
    page = convert.write(article, report=lambda found: None, infobox="Infobox ship", align=True)
    assert len(page) < 250_000
    assert "| k1   = v\n" in page


def test_calls_in_calls_hold_the_page_once() -> None:
    page = "{{a|" * 20_000 + "}}" * 20_000
    found = calls(page)
    assert len(found) == 20_000
    assert all(each.page is page for each in found)
    assert found[0].parts == ("a", "")


def test_messages_are_short_however_long_the_text() -> None:
    """Each remark is about one line, and as long as a line."""
    long = "a" * 100_000
    said: list[str] = []
    texts = (
        f"= &{long}; =\n",
        f"= %41{long} =\n",
        f"= {long} ==\n",
        f"= T =\n\nInfobox {long}|\n- {long}: {long}\n{long}\n",
    )
    for text in texts:
        for article in convert.read(text, report=lambda found: said.append(found.message)):
            for target in ("wikitext", "html", "plain", "export"):
                convert.write(article, target, report=lambda found: said.append(found.message))
    assert max(map(len, said)) < 500


# ── What is not read, because it would take too long


@pytest.mark.parametrize(
    "text", ["{{a|" * 100_000, "<b>" * 100_000, "<!-- " * 100_000, "<br " * 100_000, "[[a|" * 100_000, "{{{" * 100_000]
)
def test_page_that_opens_much_and_closes_nothing_is_refused_at_once(text: str) -> None:
    ours = "{{Infobox ship\n| name = a\n}}"
    assert not mwparser.is_quick(text)
    assert isinstance(merge(ours, f"{ours}\n{text}", ours.replace("= a", "= b"), _PROFILE), Hidden)


@pytest.mark.parametrize("depth", [50, 400, 2000])
def test_arguments_in_arguments_without_end_are_refused(depth: int) -> None:
    ours = "{{Infobox ship\n| name = a\n}}"
    page = f"{ours}\n{'{{{' * depth}a{'}}}' * depth}"
    merged = merge(ours, page, ours.replace("= a", "= b"), _PROFILE)
    assert isinstance(merged, Hidden) or merged == Merged(page.replace("= a", "= b"))
    infobox = "{{Infobox a|b=" + "{{{" * depth + "a" + "}}}" * depth + "}}"
    Lessons().page(next(dump_pages(_dump(infobox), lambda found: None)))


@pytest.mark.parametrize("rest", [" " * 5000 + "b", "<!--" + "c" * 5000 + "-->b"])
def test_template_whose_name_goes_on_for_long_is_none_of_ours(rest: str) -> None:
    ours = "{{Infobox ship\n| name = a\n}}"
    page = ours.replace("ship", f"ship{rest}")
    refused = merge(ours, page, ours.replace("= a", "= b"), _PROFILE)
    assert isinstance(refused, Hidden)
    assert refused.why.startswith("the page does not call 'Template:Infobox ship', but 'Infobox ship")
    assert len(refused.why) < 200


def test_page_of_people_is_read() -> None:
    """Much that is closed, and a little that is not."""
    ours = "{{Infobox ship\n| name = a\n}}"
    text = "<ref>a</ref> {{b|c}} [[d]] ''e'' <br> <small>f</small> {| g |} [http://h i] <!-- j -->\n" * 3000 + "<b>[["
    merged = merge(ours, f"{ours}\n{text}", ours.replace("= a", "= b"), _PROFILE)
    assert isinstance(merged, Merged)


def test_more_parameters_than_an_infobox_has_are_refused() -> None:
    rows = "".join(f"| k{number} = v\n" for number in range(2000))
    ours = f"{{{{Infobox ship\n{rows}}}}}"
    assert merge(ours, ours, ours.replace("k7 = v", "k7 = w"), _PROFILE) == Merged(ours.replace("k7 = v", "k7 = w"))
    merged = merge(ours, ours, ours.replace("= v", "= w"), _PROFILE)
    assert isinstance(merged, Hidden)
    assert "2,000 parameters differ" in merged.why


def test_redirects_and_calls_are_read_with_white_space() -> None:
    assert redirect_of(" #REDIRECT  :  [[A b]]") == "A b"
    assert redirect_of("#a b [[c]]") == ""
    found = infobox_calls(
        "{{ \n Infobox a b  \n|c=d}} {{Infobox e}} {{Infobox f \n<!-- g -->|h=i}}", Lessons()._infobox
    )
    assert [name for name, _, _ in found] == ["Infobox a b", "Infobox e", "Infobox f"]


@pytest.mark.parametrize("number", ["9" * 5000, "--5", "٣", ""])
def test_namespace_of_a_dump_that_is_no_number_is_the_main_one(number: str) -> None:
    dump = f"<mediawiki><page><title>a</title><ns>{number}</ns></page></mediawiki>"
    assert [page.namespace for page in dump_pages(BytesIO(dump.encode()), lambda found: None)] == [0]


def _dump(text: str) -> BytesIO:
    page = f"<page><title>a</title><ns>0</ns><revision><text>{text}</text></revision></page>"
    return BytesIO(f"<mediawiki>{page}</mediawiki>".encode())


@pytest.mark.parametrize(("name", "before", "unit", "after"), BROKEN)
def test_broken_text_without_end_is_read(name: str, before: str, unit: str, after: str) -> None:
    """What is repeated is reported in bounded room: once, or once for each that is wrong."""
    count = 3000
    _, size = reading(name)(before + unit * count + after)
    assert size < 250 * (count + 1)
