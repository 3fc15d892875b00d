"""A page that is proved holds what was meant, as another parser reads it, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

import convert
from convert.ast import Article, Field, Infobox, LineBreak, Link, List, ListItem, Paragraph, Section, Text
from convert.diagnostics import Diagnostic
from convert.errors import Rejected
from convert.infobox.match import TemplateChoice
from convert.writers import wikitext
from convert.writers.parts.proof import disagreement, is_drawn
from convert.writers.transclusion import Transclusion
from convert.writers.wikitext import WikitextOptions
from tests import FIXTURES
from tests.support.commands import plainwiki
from tests.support.pages import article_of, drawn
from tests.tools.fidelity import read_lines

LINES = read_lines(FIXTURES / "wiki" / "markup-lines.jsonl")
SHIP = Transclusion("Infobox ship", [("Ship name", "Diana"), ("Ship fate", "&#123;lost}")])
CALL = "\n".join(SHIP.lines())
PROVED = WikitextOptions(choice=TemplateChoice(), prove=1.0)


def _reported(article: Article, options: WikitextOptions = PROVED) -> list[str]:
    found: list[Diagnostic] = []
    wikitext.page(article, found.append, options)
    return [each.message for each in found if each.code == "unproved"]


@settings(max_examples=30)
@given(st.integers(0, 2**32))
def test_pages_of_markup_are_proved(seed: int) -> None:
    """Whatever the text is, both parsers find the infoboxes, the links and no more."""
    assert not _reported(article_of(drawn(str(seed), LINES)))


@pytest.mark.parametrize("path", sorted((FIXTURES / "articles").glob("*.txt")), ids=lambda path: path.stem)
@pytest.mark.parametrize(
    "options",
    [
        PROVED,
        *(structs.replace(PROVED, **each) for each in ({"values": "typed"}, {"align": True}, {"titles": "replace"})),
    ],
    ids=["plain", "typed", "aligned", "replaced"],
)
def test_fixtures_are_proved(path: Path, options: WikitextOptions) -> None:
    for article in convert.read(path.read_text("utf-8"), title=path.stem):
        assert not _reported(article, options)


def test_links_breaks_lists_and_categories_are_what_was_meant() -> None:
    item = ListItem((Text("One"), LineBreak(), Link("Oban")), (List((ListItem((Text("* two"),)),), "numbered"),))
    lead = (Paragraph((Text("See "), Link("http://example.org/", "there"), Text("so, ["), Link("A#b", "c]"))),)
    sections = (Section(2, "{{Heading}}", (List((item,)),)),)
    assert not _reported(Article("Port", (), lead, sections, ("Ports", "Isles")))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("See {{x}}.", "1 were meant and 2 are found"),
        ("See [[x]].", "of the links 0 were meant and 1 are found"),
        ("See [http://example.org x].", "of the links 0 were meant"),
        ("See <ref>x</ref>.", "of the tags <ref> 0 were meant and 1 are found"),
        ("See {{{x}}}.", "there is an argument that was not meant"),
        (": x", "of the tags <dd> 0 were meant and 1 are found"),
        ("== {{x}} ==", "1 were meant and 2 are found"),
        ("<!-- x -->", "there is a comment"),
        ("Safe: &#123;{x}}, 1 < 2, <3>, http://example.org/a and [x].<br>\n* a\n*# b", ""),
    ],
)
def test_what_was_not_meant_is_found(text: str, why: str) -> None:
    found = disagreement(f"{CALL}\n{text}", [CALL], [SHIP], [], {}, typed=False)
    assert why in found
    assert bool(why) == bool(found)


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("lost | found = no", "the values of 'Infobox ship' are read otherwise"),
        ("lost}}", "'{{Infobox ship"),
        ("''lost", ""),
        ("{{lost}}", "there is a template that was not meant: '{{lost}}' in a value"),
        ("[[lost]]", "there is a link that was not meant: '[[lost]]' in a value"),
        ("lost<br>found, http://example.org/", ""),
    ],
)
def test_value_that_was_not_meant_is_found(value: str, why: str) -> None:
    call = Transclusion("Infobox ship", [("Ship fate", value)])
    written = "\n".join(call.lines())
    found = disagreement(f"{written}\nText.", [written], [call], [], {}, typed=False)
    assert why in found
    assert bool(why) == bool(found)


def test_typed_values_may_hold_templates() -> None:
    article = Article("Diana", (Infobox((Field("Ship launched", ("3 May 1999",)),), "Infobox ship"),))
    assert not _reported(article, WikitextOptions(values="typed", prove=1.0))


def test_what_is_passed_through_is_not_proved() -> None:
    """An author's markup was written, but no infobox and no link of the article's."""
    article = Article("Port", lead=(Paragraph((Text("See {{x}}."),)),))
    with pytest.raises(Rejected, match="unproved"):
        convert.write(article, "wikitext", markup="passthrough", prove=1.0)


def test_a_sample_is_the_same_in_every_run() -> None:
    titles = [f"Page {number}" for number in range(10_000)]
    sample = [title for title in titles if is_drawn(title, 0.01)]
    assert 50 < len(sample) < 150
    assert set(sample) < {title for title in titles if is_drawn(title, 0.1)}
    assert all(is_drawn(title, 1.0) for title in titles)


def test_commands_prove_all_or_a_share(tmp_path: Path) -> None:
    article = tmp_path / "a.txt"
    article.write_text("= A =\n\nSee {{x}}.\n")
    for number, options in enumerate((["--prove"], ["--prove", "1%"], ["--prove=0.5%"])):
        done = plainwiki("batch", *options, article, "-o", tmp_path / f"{number}/")
        assert done.returncode == 0, done.stderr
    for wrong in (["--prove=2"], ["--prove=200%"], ["--prove", "--markup", "passthrough"], ["--prove", "-t", "json"]):
        assert plainwiki("convert", *wrong, article).returncode == 2, wrong
