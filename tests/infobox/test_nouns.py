"""The nouns of an article's first predicate are evidence for the template of its infobox."""

import pytest

from convert.ast import Article, Field, Infobox, Paragraph, Text
from convert.infobox.guess.nouns import predicate_nouns
from convert.infobox.match import Match, match


def _matched(title: str, lead: str, *keys: str) -> Match:
    infobox = Infobox(tuple(Field(key, ("x",)) for key in keys))
    return match(infobox, Article(title, (infobox,), (Paragraph((Text(lead),)),)))


@pytest.mark.parametrize(
    ("lead", "nouns"),
    [
        ("The Ferry is a 1994 Scottish drama film directed by A. Bell.", ["drama film"]),
        ("Mara Quill (3 May 1922 – 9 June 1999) was a Scottish sailor.", ["scottish sailor"]),
        ("A. Bell was an English cricketer who played for Kent.", ["english cricketer"]),
        ("C. Ross is a poet and political scientist.", ["poet", "political scientist"]),
        ("Sea Quest is a video game developed by Oban Games.", ["video game"]),
        ("The Thrifts were a folk band from Oban.", ["folk band"]),
        ("Islay bent is a species of grass in the family Poaceae.", ["grass"]),
        ("The herons are large wading birds.", []),
        ("Port Mara is one of the oldest towns in Scotland.", ["oldest town"]),
        ("It rained.", []),
        ("", []),
    ],
)  # fmt: skip
def test_a_predicate_says_what_a_thing_is(lead: str, nouns: list[str]) -> None:
    assert [phrase for phrase, _ in predicate_nouns("Title", lead)] == nouns


def test_a_title_says_what_a_thing_is() -> None:
    assert predicate_nouns("The Ferry (1994 film)", "It was shown in Oban.") == [("film", "film")]


@pytest.mark.parametrize(
    ("title", "lead", "keys", "template"),
    [
        ("Sea Quest", "Sea Quest is a video game developed by Oban Games.", "Title Genre Release_date", "video game"),
        ("Sea Quest", "Sea Quest is a 2001 studio album by the Thrifts.", "Name Genre Released", "album"),
        ("Mara Quill", "Mara Quill was a Scottish sailor.", "Name Birth_date Birth_place Occupation Hobbies", "person"),
        ("A. Bell", "A. Bell was an English cricketer.", "Name Born Batting Bowling", "cricketer"),
    ],
)
def test_nouns_decide_where_keys_leave_doubt(title: str, lead: str, keys: str, template: str) -> None:
    assert _matched(title, lead, *keys.split()).template == f"Infobox {template}"


def test_keys_that_all_templates_have_say_nothing() -> None:
    matched = _matched("Iron Sword", "The Iron Sword is a weapon in Sea Quest.", "Name", "Image")
    assert matched.template is None
    assert matched.probability < 0.6


def test_a_vague_kind_is_the_broader_template() -> None:
    matched = _matched("A. Bell", "", "Born", "Died", "Nationality", "Known for")
    assert matched.template == "Infobox person"
    assert 0.6 <= matched.probability < 0.9
