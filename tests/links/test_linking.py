"""Links of articles: where they are made and where not, once and no more, and the text stays as it is."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

import convert
from convert.ast import (
    Article,
    Cell,
    Code,
    Emphasis,
    Field,
    Link,
    Note,
    Paragraph,
    Preformatted,
    Raw,
    Section,
    Strong,
    Table,
    Text,
    shown_text,
)
from convert.diagnostics import Diagnostic
from convert.links.dictionary import Dictionary, Linkers, combined, of_links, of_titles
from convert.links.judge import Judge, Judges
from convert.links.linking import Candidate, Linker
from convert.links.passages import passages_of
from convert.links.policy import LinkPolicy
from convert.profile import WikiProfile
from tests.support.linking import TITLES, linked, linker, links_of, read, with_box
from tests.support.named_articles import EAGER, NAMES, named_articles


def test_headings_code_notes_and_heads_of_tables_have_no_links() -> None:
    york, dog = Text("York"), Text("Dog")
    table = Table(((Cell((dog,)),),), header=(Cell((york,)),), caption="York")
    blocks = (Preformatted("York"), table, Paragraph((Code("York"), Text(" "), Note((york,)))), Raw("York", "html"))
    article = Article("X", sections=(Section(2, "York", blocks),), categories=("York",))
    assert links_of(linker().linked(article)) == ["Dog"]


def test_marked_text_has_links() -> None:
    article = Article(
        "X", lead=(Paragraph((Text("Near "), Strong((Text("Port Ellen"), Emphasis((Text(", York"),)))))),)
    )
    once = linker().linked(article)
    assert links_of(once) == ["Port Ellen", "York"]
    assert convert.write(once).strip() == "Near '''[[Port Ellen]]'', [[York]]'''''"


def test_redirects_to_the_own_page_are_not_linked() -> None:
    dictionary = of_titles(["Islay", "York"], {"Ìle": "Islay"})
    article = Article("Ìle", lead=(Paragraph((Text("Islay and Ìle and York"),)),))
    assert links_of(Linker(dictionary, judges=EAGER).linked(article)) == ["York"]


def test_an_article_is_not_linked_to_its_own_title_in_another_case() -> None:
    """Under whatever name: it is the same page, or redirects to it."""
    dictionary = of_links([("the voice-over", "Where no man has gone"), ("York", "York")])
    article = Article("Where No Man Has Gone", lead=(Paragraph((Text("See the voice-over and York."),)),))
    assert links_of(Linker(dictionary, judges=EAGER).linked(article)) == ["York"]


def test_a_page_named_under_several_names_is_linked_where_it_is_named_first() -> None:
    dictionary = of_titles(["Sea pink"], {"Thrift": "Sea pink"})
    page = Linker(dictionary, judges=EAGER).linked(read("= X =\n\nThe thrift is the sea pink.\n"))
    assert links_of(page) == ["Sea pink"]
    assert page.lead[0] == Paragraph((Text("The "), Link("Sea pink", "thrift"), Text(" is the sea pink.")))


def test_scope_of_sections() -> None:
    text = "Dog.\n\n== A ==\nDog.\n\n=== B ===\nDog.\n\n== C ==\nDog."
    assert linked(text).count("[[") == 1
    assert linked(text, scope="section").count("[[") == 3


def test_what_is_linked_already_is_not_linked_again() -> None:
    article = Article("X", lead=(Paragraph((Link("York", "the city"), Text(" of York has a dog."))),))
    assert links_of(linker().linked(article)) == ["York", "Dog"]


def test_a_part_of_a_name_is_not_linked_beside_a_link_of_another_part() -> None:
    article = Article("X", lead=(Paragraph((Text("The "), Link("New York"), Text(" City and a dog."))),))
    assert links_of(linker().linked(article)) == ["New York", "Dog"]


def test_most_links_of_a_passage() -> None:
    assert linked("Dog, York, Port Ellen, City.", per_passage=2).count("[[") == 2


def test_never_and_always() -> None:
    strict = {"threshold": 0.99}
    assert linked("York, City.", never=("York",)) == "York, [[City]]."
    assert linked("Dog, City.", always=("City",), **strict) == "Dog, [[City]]."


def test_pages_that_do_not_exist_are_linked_on_demand_only() -> None:
    dictionary = of_links([("Atlantis", "Atlantis")] * 3, titles=["York"])
    article = read("= X =\n\nAtlantis and York.\n")
    assert links_of(Linker(dictionary, judges=EAGER).linked(article)) == ["York"]
    assert links_of(Linker(dictionary, LinkPolicy(red=True), EAGER).linked(article)) == ["Atlantis", "York"]


def test_items_of_see_also_are_linked_whole() -> None:
    text = "= X =\n\nText.\n\n== See also: ==\n- Dog\n- York and more\n"
    page = Linker(of_titles(TITLES), LinkPolicy(), Judges(Judge(-3.0), Judge(-3.0), Judge(-3.0))).linked(read(text))
    assert links_of(page) == ["Dog"]


def test_among_titles_alone_names_within_sentences_are_linked_and_words_are_not() -> None:
    text = (
        "The village is near Islay, and Port Ellen is its port, where ships go to Georgia. It has a ferry and a dog. "
        "Following the war, more came. City and ferry are in the north. Following them, he was there."
    )
    titles = ["Islay", "Port Ellen", "Ferry", "Dog", "Following", "City", "Georgia", "North", "War", "Village"]
    article = Article("X", lead=(Paragraph((Text(text),)),))
    assert links_of(Linker(of_titles(titles)).linked(article)) == ["Islay", "Port Ellen", "Georgia"]
    counted = of_links([("Islay", "Islay")], {"Islay": 4})
    assert links_of(Linker(combined([counted, of_titles(["Georgia"])])).linked(article)) == ["Georgia"]
    assert links_of(Linker(of_titles(titles), LinkPolicy(threshold=0.9)).linked(article)) == []


def test_values_that_are_titles_are_linked_whole() -> None:
    article = with_box(
        Field("Country", ("York", "York and Dog")), Field("Name", ("Islay",)), Field("Plant", ("Thrift",)),
        Field("Founded", ("2001",)), Field("Towns", ("Port Ellen", "York", "port Ellen")), Field("Pet", ("dog",)),
        text="York is in York.",
    )  # fmt: skip
    linker_ = Linker(of_titles(TITLES), LinkPolicy(), Judges(Judge(-3.0), Judge(-3.0), Judge(-3.0)))
    once = linker_.linked(article)
    assert [dict(field.links) for field in once.infoboxes[0].fields] == [
        {"York": "York"}, {}, {}, {}, {"Port Ellen": "Port Ellen"}, {"dog": "Dog"},
    ]  # fmt: skip
    assert convert.write(once, "plain", lambda remark: None) == convert.write(article, "plain")
    assert links_of(once) == []
    assert linker_.linked(once) == once


@pytest.mark.parametrize(
    ("key", "is_linked"),
    [
        ("County", True), ("Pushpin map", False), ("locmapin", False), ("map_type", False), ("Location map1", False),
        ("Image caption", False), ("Maple", True),
        ("Maps", False), ("countryflag", False), ("Flagship", True), ("Hair color", False), ("Name", False),
        ("Official name", False), ("Subdivision name2", True), ("Position", True), ("Language", True),
    ],
)  # fmt: skip
def test_values_that_are_no_text_are_not_linked(key: str, is_linked: bool) -> None:
    once = linker().linked(with_box(Field(key, ("York",))))
    assert bool(once.infoboxes[0].fields[0].links) == is_linked


def test_an_infobox_and_the_text_beside_it_link_a_page_each() -> None:
    once = linker().linked(with_box(Field("County", ("York",)), text="York is near York."))
    assert (links_of(once), once.infoboxes[0].fields[0].links) == (["York"], {"York": "York"})


def test_words_that_people_seldom_link_are_no_links_of_values() -> None:
    dictionary = of_links([("Active", "Active"), ("York", "York")], seen={"Active": 900})
    once = Linker(dictionary).linked(with_box(Field("Status", ("Active",)), Field("County", ("York",))))
    assert [dict(field.links) for field in once.infoboxes[0].fields] == [{}, {"York": "York"}]


@pytest.mark.parametrize("values", ["plain", "typed"])
def test_linked_values_are_links_of_the_page(values: Any) -> None:
    fields = (
        Field("Name", ("Islay",)),
        Field("Country", ("Scotland",), {"Scotland": "Scotland"}),
        Field("Capital", ("a|b",), {"a|b": "Bowmore (village)"}),
        Field("Area", ("[x]",), {"[x]": "<no title>"}),
    )
    remarks: list[Diagnostic] = []
    options: dict[str, Any] = {"infobox": "Infobox islands", "values": values, "prove": 1.0}
    page = convert.write(with_box(*fields), "wikitext", remarks.append, **options)
    assert [remark.code for remark in remarks] == ["link-invalid"]
    assert "| country = [[Scotland]]\n" in page
    assert "= [[Bowmore (village)|a&#124;b]]\n" in page
    assert "no title" not in page


def test_linked_values_are_links_of_html_pages_where_a_template_takes_text() -> None:
    links = {"Jura": "Jura (island)", "Islay.png": "Islay", "[x]": "a|b"}
    fields = (
        Field("Towns", ("Jura", "Islay <&"), links),
        Field("Image", ("Islay.png",), links),
        Field("Area", ("[x]",), links),
    )
    page = convert.write(with_box(*fields), "html", lambda remark: None, infobox="Infobox islands")
    assert '<ul><li><a href="Jura%20%28island%29.html">Jura</a></li><li>Islay &lt;&amp;</li></ul>' in page
    assert "Islay.html" not in page
    generic = convert.write(with_box(*fields), "html", lambda remark: None, infobox="Infobox")
    assert '<a href="Jura%20%28island%29.html">Jura</a>' in generic


def test_links_of_values_are_kept_in_json_and_xml() -> None:
    article = with_box(Field("Towns", ("York", "Bowmore"), {"Bowmore": "Bowmore (village)"}))
    for form in ("json", "xml"):
        assert next(convert.read(convert.write(article, form), form)) == article
    remarks: list[Diagnostic] = []
    convert.write(article, "plain", remarks.append)
    assert [remark.code for remark in remarks] == ["plain-lossy"]


def test_candidates_say_what_was_decided_and_why() -> None:
    found = {each.text: each for each in linker().candidates(read("= X =\n\nNew York City, Dog, dog.\n"), explain=True)}
    assert {text: each.decision for text, each in found.items()} == {
        "New York City": "linked", "York": "overlaps", "City": "overlaps", "Dog": "linked", "dog": "again"
    }  # fmt: skip
    assert isinstance(found["Dog"], Candidate)
    assert found["Dog"].title == "Dog"


def test_context_tells_which_page_is_meant() -> None:
    class Linked:
        """A dictionary in which Mercury is a planet among planets."""

        def __init__(self, dictionary: Dictionary) -> None:
            self.language = "en"
            self.prefixes, self.anchor, self.page = dictionary.prefixes, dictionary.anchor, dictionary.page
            self.openings, self.has, self.closeness = dictionary.openings, dictionary.has, 0.0

        def linkers(self, title: str) -> Any:
            about = {
                "Mercury (planet)": (1, 2, 3),
                "Venus": (1, 2, 3),
                "Mercury (element)": (7, 8, 9),
                "Lead": (7, 8, 9),
            }
            return Linkers(len(about.get(title, ())), about.get(title, ()))

    pairs = [("Mercury", "Mercury (planet)"), ("Mercury", "Mercury (element)"), ("Venus", "Venus"), ("lead", "Lead")]
    dictionary = Linked(of_links([pair for pair in pairs for _ in range(9)]))
    for text, title in (("Mercury and Venus.", "Mercury (planet)"), ("Mercury and lead.", "Mercury (element)")):
        assert title in links_of(Linker(dictionary, judges=EAGER).linked(read(f"= X =\n\n{text}\n")))


# ── Laws


def _words(article: Article) -> list[str]:
    return [passage.text for passage in passages_of(article)]


@given(named_articles(), st.sampled_from(["article", "section"]))
def test_links_change_no_text_and_a_second_run_adds_nothing(article: Article, scope: Any) -> None:
    link = Linker(of_titles(NAMES), LinkPolicy(scope=scope, per_passage=3), EAGER)
    once = link.linked(article)
    assert _words(once) == _words(article)
    assert [passage.kind for passage in passages_of(once)] == [passage.kind for passage in passages_of(article)]
    assert link.linked(once) == once
    unlinked = [section.heading for section in once.sections]
    assert unlinked == [section.heading for section in article.sections]


@given(named_articles())
def test_no_page_links_to_itself_or_twice_to_another(article: Article) -> None:
    own = structs.replace(article, title="York")
    link = Linker(of_titles(NAMES), LinkPolicy(), EAGER)
    before, after = Counter(links_of(own)), Counter(links_of(link.linked(own)))
    new = after - before
    assert "York" not in new
    assert all(count == 1 for count in new.values())


def test_wikitext_with_links_shows_the_same_text() -> None:
    remarks: list[Diagnostic] = []
    article = read("= X =\n\nYork[1] 'York' [York] ''Dog'' Dogs.\n")
    page = convert.write(linker().linked(article), "wikitext", remarks.append)
    assert "[[York]]" in page


def test_titles_that_no_page_can_have_are_left_out() -> None:
    assert linked("List of [things] and a|b and Talk:Islay.") == "List of [things] and a|b and Talk:Islay."


def test_first_letters_of_titles_are_kept_where_they_matter() -> None:
    """Also if they do not on the wiki of the dictionary."""
    profile, article = WikiProfile(case="case-sensitive"), read("= X =\n\nA dog.\n")
    linked = Linker(of_titles(["Dog"]), judges=EAGER, profile=profile).linked(article)
    assert convert.write(linked, profile=profile).strip() == "A [[Dog|dog]]."
    assert convert.write(Linker(of_titles(["Dog"]), judges=EAGER).linked(article)).strip() == "A [[dog]]."


def test_links_have_the_title_of_their_page() -> None:
    """So that they lead to its file on HTML pages, whatever the first letter; a wiki needs it once."""
    article = with_box(Field("Pet", ("dog",)), text="A dog with an iPod, a Sea pink and the eBay.")
    once = linker("Dog", "IPod", "Sea pink", "EBay").linked(article)
    assert links_of(once) == ["Dog", "iPod", "Sea pink", "eBay"]
    assert convert.write(once).strip().endswith("A [[dog]] with an [[iPod]], a [[Sea pink]] and the [[eBay]].")
    assert "= [[dog]]\n" in convert.write(once)
    assert convert.write(once, "html", lambda remark: None).count('<a href="Dog.html">dog</a>') == 2


@pytest.mark.parametrize(
    ("titles", "target"),
    [
        (("Thrift (plant)", "Thrift (bank)"), []),
        (("Thrift (plant)", "Thrift (bank)", "Thrift"), ["Thrift"]),
        (("Thrift (plant)",), ["Thrift (plant)"]),
    ],
)
def test_of_several_meanings_that_nothing_tells_apart_none_is_linked(
    titles: tuple[str, ...], target: list[str]
) -> None:
    assert links_of(linker(*titles).linked(read("= X =\n\nThere grows Thrift of all kinds.\n"))) == target
    assert links_of(linker(*titles, always=("Thrift",)).linked(read("= X =\n\nThe Thrift.\n"))) == target


def test_titles_that_lead_elsewhere_on_the_wiki_are_left_out() -> None:
    """What is an article on the wiki of a dictionary may be another namespace or wiki there."""
    profile = WikiProfile(namespace_aliases={"Loch": 14}, interwiki=frozenset({"csi"}))
    titles, article = (
        ["CSI: Miami", "Loch: Deep", "Port: Ellen"],
        read("= X =\n\nThe CSI: Miami, Loch: Deep, Port: Ellen.\n"),
    )
    assert links_of(Linker(of_titles(titles), judges=EAGER).linked(article)) == titles
    assert links_of(Linker(of_titles(titles), judges=EAGER, profile=profile).linked(article)) == ["Port: Ellen"]


def test_titles_that_begin_like_addresses_are_left_out() -> None:
    titles = ("News: a story", "Tel: Aviv", "Mailto:x", "Newsletter: a story")
    text = "They read News: a story, Tel: Aviv, Mailto:x and Newsletter: a story."
    assert links_of(linker(*titles).linked(read(f"= X =\n\n{text}\n"))) == ["Newsletter: a story"]


def test_section_depth_does_not_matter() -> None:
    section = Section(6, "deep", (Paragraph((Text("York"),)),))
    for level in range(5, 0, -1):
        section = Section(level, "York", (), (section,))
    assert links_of(linker().linked(Article("X", sections=(section,)))) == ["York"]


def test_shown_text_is_that_of_the_passages() -> None:
    article = read("= X =\n\nYork and Dog.\n")
    paragraph = article.lead[0]
    assert isinstance(paragraph, Paragraph)
    assert passages_of(article)[0].text == shown_text(paragraph.content)


def test_a_part_of_a_name_is_less_likely_than_the_name() -> None:
    link = Linker(of_titles(["Thomas"]))

    def probability(text: str) -> float:
        (candidate,) = link.candidates(read(f"= X =\n\n{text}\n"), explain=True)
        return candidate.probability

    alone = probability("Then they met Thomas there.")
    for text in (
        "met Thomas Elm there",
        "met Thomas of Elmham there",
        "met Giles Thomas there",
        "met George H. Thomas there",
        "saw St. Thomas there",
        "met Thomas-Elm there",
        "met Thomas de Elm there",
    ):
        assert probability(f"Then they {text}.") < alone / 2
    assert probability("Then the Duke of Thomas there.") < alone
    assert probability("Then they met Thomas of all people.") > alone / 2
    assert probability("Then, In Thomas there.") == probability("Then, in Thomas there.")
