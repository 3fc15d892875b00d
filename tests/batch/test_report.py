"""The report of a batch shows what happened, to everybody, and runs nothing."""

from __future__ import annotations

import json
import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from convert.ast import Article, Field, Infobox
from convert.batch.links_made import MAX_DOCUMENTS, MAX_PAGES, LinksMade, links_made
from convert.batch.model import NotableDocument
from convert.batch.report import figures
from convert.batch.report.html import MAX_LISTED, ROWS, Reject, report
from convert.batch.report.summary import Summary
from convert.diagnostics import Diagnostic
from convert.infobox.match import match, remark
from convert.links.policy import MadeLink
from tests.formats.test_html import PAYLOADS
from tests.servers.browser import Scheme, overflow, violations, visiting
from tests.support.commands import plainwiki

if TYPE_CHECKING:
    from playwright.sync_api import Browser

BATTLE = Infobox(tuple(Field(key, ("x",)) for key in ("Conflict", "Combatant1", "Casualties1", "Weather", "")))
THING = Infobox((Field("Name", ("x",)),))
NOTHING = Infobox((Field("Qwertz", ("x",)),))


class Texts(HTMLParser):
    """The rows of all tables of a page, each with the text of its cells; and the addresses of all links."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.links: set[str] = set()
        self._inside = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.links |= {value for name, value in attrs if name == "href" and value}
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")
            self._inside = True

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside and tag not in ("td", "th")

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.rows[-1][-1] += data


def rows(summary: Summary, *rejects: Reject) -> list[list[str]]:
    """Read all tables of a report, row by row."""
    return Texts(report(summary, rejects, "out/")).rows


def tell(summary: Summary, *infoboxes: Infobox) -> Summary:
    """Count what a run says of infoboxes."""
    for infobox in infoboxes:
        remark(match(infobox, Article("A", (infobox,))), infobox, lambda each: count(summary, each))
    return summary


def count(summary: Summary, found: Diagnostic) -> None:
    summary.count_messages({found.code: {found.message: 1}}, {found.message: found.about})


def test_figures_are_those_of_the_run() -> None:
    summary = Summary(written=2_000, rejected=1, reused=500, size=1_234_567, bytes_written=2_500_000_000)
    summary.elapsed = 125.2
    page = report(summary, [], "out/")
    for figure in (
        "2,001",
        "1.2 MB",
        "2,000",
        "2.5 GB",
        "&lt;1%",
        "&gt;99%",
        "500",
        "2 min 5 s",
        "12 documents a second",
    ):
        assert f">{figure}<" in page or f"({figure})" in page
    assert "Nothing: every document" in page


def test_templates_and_keys_are_ranked() -> None:
    found = rows(tell(Summary(written=9), BATTLE, BATTLE, BATTLE, THING, THING, NOTHING))
    assert any(row[0] == "Infobox military conflict" and row[1].endswith("%") and row[3] == "3" for row in found)
    assert ["Weather", "Infobox military conflict", "", "3"] in found
    assert ["no key", "Infobox military conflict", "", "3"] in found
    assert ["none is likely", "", "", "1"] in found
    (unsure,) = (row for row in found if row[-1] == "2")
    assert unsure[0].startswith("Infobox ")
    assert re.fullmatch(r"[1-5]?[0-9]%", unsure[1])


def test_what_is_rare_is_left_out_and_counted() -> None:
    numbers = [str(number) for number in range(MAX_LISTED + 30)]
    unknown = Counter({number: 300 - int(number) for number in numbers})
    about: dict[str, tuple[str, ...]] = {number: ("T", number) for number in numbers}
    page = report(Summary(message_counts={"parameter-unknown": unknown}, about=about), [], "out/")
    assert "<p>30 more are rarer.</p>" in page
    assert f"<summary>{MAX_LISTED - ROWS} more</summary>" in page
    assert len([row for row in Texts(page).rows if row[1:2] == ["T"]]) == MAX_LISTED


@pytest.mark.parametrize(
    "facts", [(), ("T",), ("T", "ninety"), ("T", "9" * 5000), ("T", "-1"), ("a", "b", "c")], ids=len
)
def test_facts_of_a_forged_manifest_are_no_traceback(facts: tuple[str, ...]) -> None:
    counts = {code: Counter(["message"]) for code in ("template-guessed", "template-unsure", "parameter-unknown")}
    assert "<!doctype html>" in report(Summary(message_counts=counts, about={"message": facts}), [], "out/").lower()


def test_rejects_have_examples() -> None:
    rejects = [Reject("a.txt", line, f"T{line}", "title-invalid", "no page can be called so") for line in range(1, 12)]
    summary = Summary(rejected=12, codes=Counter({"title-invalid": 11, "empty": 1, "title-missing": 3}))
    page = report(summary, [*rejects, Reject("b.txt", 0, "", "empty", "the text is empty")], "out/")
    found = Texts(page).rows
    assert ["T5a.txt:5", "no page can be called so"] in found
    assert ["no titleb.txt", "the text is empty"] in found
    assert not any("T6" in row[0] for row in found if row)
    assert "6 more are in <code><bdi>out.rejects.jsonl</bdi></code>." in page
    assert ["title-missing warning", "the article has no '= Title =' line", "", "3"] in found


def test_time_and_documents_are_told() -> None:
    notable = [NotableDocument("a.txt", 7, "Long", 20_000, 0.0123)]
    summary = Summary(written=10, seconds={"write": 3.0, "fetch": 1.0}, largest=notable, slowest=notable)
    found = rows(summary)
    assert found.index(["writing the format", "", "75%", "3.0 s"]) < found.index(
        ["reading the inputs", "", "25%", "1.0 s"]
    )
    assert found.count(["Longa.txt:7", "20.0 kB", "12.3 ms"]) == 2
    assert [figures.duration(each) for each in (0.04, 59.9, 3599.6, 90_061)] == [
        "0.0 s",
        "59.9 s",
        "1 h 0 min",
        "25 h 1 min",
    ]
    assert "400.0 milliseconds a document" in report(summary, [], "out/")


def full() -> str:
    """Write a report with everything in it, and every payload in every place that holds a text."""
    summary = Summary(written=90, rejected=len(PAYLOADS), reused=3, size=10**6, bytes_written=10**6)
    tell(summary, BATTLE, THING, NOTHING)
    for each in PAYLOADS:
        count(summary, Diagnostic("template-guessed", 0, 0, f"taken for {each}", (each, "71")))
        count(summary, Diagnostic("template-unsure", 0, 0, f"nothing fits, but {each}", (each, "7")))
        count(summary, Diagnostic("parameter-unknown", 0, 0, f"{each} takes no {each}", (each, each)))
    summary.codes.update({"title-invalid": 3, "template-unsure": 99, "template-guessed": 1000})
    summary.seconds.update({"read": 3.0, "write": 9.0})
    odd = ["\u202eexe.txt", "\x1b[31m\0\ud800", "W" * 300, "\N{GRINNING FACE}" * 100, "الدار البيضاء", *PAYLOADS]
    summary.largest = summary.slowest = [NotableDocument(each, 3, each, 10**5, 0.5) for each in odd]
    rejects = [Reject(each, 3, each, code, each) for code in ("encoding", "no-such-code") for each in odd]
    return report(summary, rejects, f"{PAYLOADS[0]}/")


def test_a_run_writes_its_report(tmp_path: Path) -> None:
    battle = "".join(f"- {field.key}: x\n" for field in BATTLE.fields if field.key)
    text = f"= A battle =\n\nInfobox\n{battle}\nText.\n\n= A|B =\n\nText.\n"
    ran = plainwiki("batch", "-", "-q", "-o", f"{tmp_path}/out/", "--report", tmp_path / "r.html", given=text.encode())
    assert ran.returncode == 1
    found = Texts((tmp_path / "r.html").read_text("utf-8")).rows
    assert any(row[0] == "Infobox military conflict" and row[3] == "1" for row in found)
    assert ["Weather", "Infobox military conflict", "", "1"] in found
    assert any(row[0] == "A|B<stdin>:11" and row[1].startswith("no page can be called 'A|B'") for row in found)
    assert [row[0] for row in found if row[-1].endswith(" ms")].count("A battle<stdin>:1") == 2


@pytest.mark.browser
@pytest.mark.parametrize(("width", "scheme"), [(1280, "dark"), (375, "light")])
def test_a_browser_shows_it_to_everybody(browser: Browser, tmp_path: Path, width: int, scheme: Scheme) -> None:
    path = tmp_path / "report.html"
    path.write_text(full(), "utf-8")
    with visiting(browser, path.as_uri(), width=width, scheme=scheme) as page:
        assert overflow(page) == 0
        assert violations(page) == []
        assert not page.evaluate("() => window.ran || document.querySelector('script, img, iframe, [style]')")
        page.emulate_media(media="print")
        assert overflow(page) == 0


def test_the_same_run_makes_the_same_page() -> None:
    assert full() == full()
    assert len(full()) < 200_000


def linked_run(folder: Path, *options: str | Path) -> Path:
    """Convert articles that name each other, with a report; return the folder of the pages."""
    names = ("Port Ellen", "Isle of Jura", "Inner Hebrides")
    if not (folder / "texts").exists():
        (folder / "texts").mkdir()
        for name in names:
            others = " and ".join(other for other in names if other != name)
            (folder / "texts" / f"{name}.txt").write_text(f"= {name} =\n\n{name} lies near {others}.\n", "utf-8")
    pages = folder / "pages"
    links = ("--links", "batch", "--links-threshold", "0.3", "--report", folder / "report.html")
    done = plainwiki("batch", folder / "texts", "-o", f"{pages}/", *links, "--summary", folder / "s.json", *options)
    assert done.returncode == 0
    return pages


def test_links_are_counted_by_page_and_listed_by_document(tmp_path: Path) -> None:
    linked_run(tmp_path, "-t", "html")
    found = Texts((tmp_path / "report.html").read_text("utf-8"))
    assert ["Port Ellen", "", "2"] in found.rows
    (row,) = (
        row for row in found.rows if row[0].startswith("Port Ellen") and len(row) == 3 and row[2] == "2" and row[1]
    )
    assert sorted(row[1].split(", ")) == ["Inner Hebrides", "Isle of Jura"]
    assert found.links >= {"pages/Port%20Ellen.html"}
    links = json.loads((tmp_path / "s.json").read_bytes())["links"]
    assert (links["made"], links["documents"], links["pages"]["Port Ellen"]) == (6, 3, 2)
    assert {each["title"]: each["links"] for each in links["most_linked"]} == dict.fromkeys(
        ("Port Ellen", "Isle of Jura", "Inner Hebrides"), 2
    )


def test_second_run_reports_the_same_links_and_sources_where_there_are_no_pages(tmp_path: Path) -> None:
    linked_run(tmp_path)
    first = json.loads((tmp_path / "s.json").read_bytes())
    linked_run(tmp_path)
    second = json.loads((tmp_path / "s.json").read_bytes())
    assert second["reused"] == 3
    assert second["links"] == first["links"]
    assert "texts/Port%20Ellen.txt" in Texts((tmp_path / "report.html").read_text("utf-8")).links


def test_counts_of_links_are_bounded() -> None:
    def shard(number: int) -> LinksMade:
        made = [MadeLink("x", f"Page {number * 1000 + at}") for at in range(1000)]
        return links_made([("a.txt", at, f"T{number} {at}", [*made[:at], MadeLink("x", "Often")]) for at in range(300)])

    total = sum((shard(number) for number in range(20)), LinksMade())
    assert total.links == 20 * sum(range(1, 301))
    assert total.documents == 20 * 300
    assert total.pages["Often"] == 20 * 300
    assert len(total.pages) <= 2 * MAX_PAGES
    assert len(total.listed) == MAX_DOCUMENTS
    assert {document.links for document in total.listed} == {296, 297, 298, 299, 300}
