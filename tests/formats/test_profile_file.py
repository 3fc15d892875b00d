"""A profile is saved and read back; a wiki's own answer serves; what is none is refused with a reason."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from convert.profile import SiteInfo, WikiProfile, profile_of
from convert.profile_file import PARTS, read_profile, schema, write_profile
from tests.formats.test_profile import SERBIAN

PUBLISHED = (files("convert") / "schema" / "profile.schema.json").read_text("utf-8")
API = "https://w.example/w/api.php"

#: The same wiki, in the first version of the form: names under an asterisk, true as an empty text, false left out.
SERBIAN_1: dict[str, Any] = {
    "batchcomplete": "",
    "query": {
        "general": {
            "sitename": "Острво", "wikiid": "island", "base": "https://w.example/Почетна",
            "generator": "MediaWiki 1.43.1", "lang": "sr", "case": "case-sensitive", "langconversion": "",
            "maxarticlesize": 1024, "variants": [{"code": "sr", "*": "sr"}, {"code": "sr-el", "*": "sr-el"}],
            "magiclinks": {"ISBN": ""},
        },
        "namespaces": {
            number: {"id": each["id"], "case": each["case"], "*": each["name"]}
            | ({"canonical": each["canonical"]} if "canonical" in each else {})
            for number, each in SERBIAN["query"]["namespaces"].items()
        },
        "namespacealiases": [{"id": 6, "*": "Слика"}],
        "interwikimap": [{"prefix": "de", "url": "https://de.example/$1"}],
        "extensiontags": ["<pre>", "<nowiki>", "<Ref>"],
    },
}  # fmt: skip


def _saved() -> dict[str, Any]:
    query = SERBIAN["query"]
    return {"format": "plainwiki-profile-1", "api": API, **{part: query[part] for part in PARTS}}


def test_profile_is_saved_and_read_back() -> None:
    site = read_profile(json.dumps(_saved()))
    text = write_profile(site, API)
    assert read_profile(text).profile == site.profile == profile_of(SERBIAN)
    assert json.loads(text)["api"] == API


@pytest.mark.parametrize("answer", [SERBIAN, SERBIAN_1], ids=["formatversion=2", "formatversion=1"])
def test_answer_of_a_wiki_is_a_profile(answer: dict[str, Any]) -> None:
    assert read_profile(json.dumps(answer)).profile == profile_of(SERBIAN)


def test_conversion_that_is_off_stays_off_in_the_first_form() -> None:
    general = {name: value for name, value in SERBIAN_1["query"]["general"].items() if name != "langconversion"}
    answer = {"query": {**SERBIAN_1["query"], "general": general}}
    assert not read_profile(json.dumps(answer)).profile.language_converter


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "it is not JSON"),
        ("[" * 100_000, "it is not JSON"),
        ("[]", "it is no JSON object"),
        ("{}", "it is neither a profile nor a wiki's answer"),
        ('{"error": {"code": "readapidenied"}}', "it is neither a profile nor a wiki's answer"),
        ('{"format": "plainwiki-profile-0"}', "its format is 'plainwiki-profile-0', and this version reads"),
        ('{"format": "plainwiki-article-1"}', "which is no profile"),
        ('{"query": {"general": {}}}', "it does not say what 'namespaces' of the wiki are"),
    ],
)
def test_what_is_no_profile_is_refused(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        read_profile(text)


@pytest.mark.parametrize(
    ("part", "wrong"),
    [
        ("general", {"sitename": "a\nb"}),
        ("general", {"case": "upper"}),
        ("namespaces", {}),
        ("namespaces", []),
        ("namespaces", {"0": {"id": 0, "name": "]]"}}),
        ("namespacealiases", [{"id": 6, "alias": "a|b"}]),
        ("interwikimap", None),
    ],
)
def test_hostile_parts_are_refused(part: str, wrong: object) -> None:
    with pytest.raises(ValueError, match="no wiki says this of itself"):
        read_profile(json.dumps(_saved() | {part: wrong}))


@given(st.recursive(st.none() | st.text() | st.integers(), lambda below: st.lists(below) | st.dictionaries(
    st.sampled_from(["query", "*", "id", "name", "format", *PARTS]) | st.text(), below)))  # fmt: skip
def test_reading_a_profile_ends_in_a_profile_or_a_reason(value: object) -> None:
    try:
        assert isinstance(read_profile(json.dumps(value)), SiteInfo)
    except ValueError as error:
        problem = str(error)
        assert problem


def test_published_schema_is_up_to_date() -> None:
    Draft202012Validator.check_schema(json.loads(PUBLISHED))
    assert schema() == PUBLISHED, "write schema() of convert.profile_file into it"


def test_schema_accepts_what_is_saved_and_refuses_what_is_hostile() -> None:
    validator = Draft202012Validator(json.loads(PUBLISHED))
    assert validator.is_valid(json.loads(write_profile(read_profile(json.dumps(SERBIAN)), API)))
    assert not validator.is_valid(_saved() | {"general": {"sitename": "a\nb"}})


def test_same_profile_is_the_same_text_whatever_the_order_of_its_sets() -> None:
    one, other = (WikiProfile(interwiki=frozenset(names)) for names in (["a", "b", "c", "d"], ["d", "c", "b", "a"]))
    assert one.canonical == other.canonical
    assert one.canonical != WikiProfile().canonical
