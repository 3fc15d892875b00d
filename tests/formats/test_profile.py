"""A wiki's own word of itself becomes its profile."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from convert.profile import WikiProfile, profile_of
from convert.titles import WikiTitle, page_of
from convert.trails import NO_TRAIL, trail_of_language
from tests.servers.wiki import Wiki

#: What a wiki in Serbian might say, shortened.
SERBIAN: dict[str, Any] = {
    "query": {
        "general": {
            "sitename": "Острво", "wikiid": "island", "base": "https://w.example/Почетна",
            "generator": "MediaWiki 1.43.1",
            "lang": "sr", "case": "case-sensitive", "langconversion": True, "maxarticlesize": 1024,
            "variants": [{"code": "sr"}, {"code": "sr-el"}], "magiclinks": {"ISBN": True, "PMID": False, "RFC": False},
        },
        "namespaces": {
            "-1": {"id": -1, "case": "first-letter", "name": "Посебно", "canonical": "Special"},
            "0": {"id": 0, "case": "case-sensitive", "name": ""},
            "1": {"id": 1, "case": "case-sensitive", "name": "Разговор", "canonical": "Talk"},
            "2": {"id": 2, "case": "first-letter", "name": "Корисник", "canonical": "User"},
            "6": {"id": 6, "case": "case-sensitive", "name": "Датотека", "canonical": "File"},
            "10": {"id": 10, "case": "case-sensitive", "name": "Шаблон", "canonical": "Template"},
            "14": {"id": 14, "case": "case-sensitive", "name": "Категорија", "canonical": "Category"},
            "100": {"id": 100, "case": "first-letter", "name": "Портал", "canonical": "Portal"},
        },
        "namespacealiases": [{"id": 6, "alias": "Слика"}],
        "interwikimap": [{"prefix": "de", "url": "https://de.example/$1"}],
        "extensiontags": ["<pre>", "<nowiki>", "<Ref>"],
    }
}  # fmt: skip


def test_profile_of_a_wiki_in_another_language() -> None:
    profile = profile_of(SERBIAN)
    told = (profile.sitename, profile.dbname, profile.base, profile.generator, profile.language, profile.max_page_bytes)
    assert told == ("Острво", "island", "https://w.example/Почетна", "MediaWiki 1.43.1", "sr", 1024)
    assert (profile.magic_links, profile.language_converter) == (True, True)


def test_letters_before_links_belong_to_them_where_the_wiki_says_so(wiki: Wiki) -> None:
    """A wiki in English has no such letters; one in Ukrainian says which they are."""
    general = wiki.api(action="query", meta="siteinfo")["query"]["general"]
    assert not profile_of({"general": general}).link_prefixes
    assert profile_of({"general": general | {"linkprefixcharset": r"a-zA-Z\x{80}-\x{10ffff}"}}).link_prefixes


def test_letters_behind_links_belong_to_them_as_the_wiki_says(wiki: Wiki) -> None:
    general = wiki.api(action="query", meta="siteinfo")["query"]["general"]
    assert profile_of({"general": general}).trail == trail_of_language("en")
    profile = profile_of({"general": general | {"linktrail": "/^([ab]+)(.*)$/sD"}})
    assert (profile.trail.covers("abba"), profile.trail.covers("s"), profile.trail_remark) == (True, False, "")
    odd = profile_of({"general": general | {"linktrail": "/^((a+)+)(.*)$/sD\x1b"}})
    assert (odd.trail, r"\x1b" in odd.trail_remark) == (NO_TRAIL, True)


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("iPhone", WikiTitle(0, "iPhone", "iPhone")),
        ("Category:ostrva", WikiTitle(14, "ostrva", "Категорија:ostrva")),
        ("слика:x.png", WikiTitle(6, "x.png", "Датотека:x.png")),
        ("portal:more", WikiTitle(100, "More", "Портал:More")),
        ("user:ana", WikiTitle(2, "Ana", "Корисник:Ana")),
        ("wikipedia: knjiga", WikiTitle(0, "wikipedia: knjiga", "wikipedia: knjiga")),
        ("Help:x", WikiTitle(0, "Help:x", "Help:x")),
    ],
)
def test_profile_of_a_wiki_decides_titles(title: str, expected: WikiTitle) -> None:
    assert expected == page_of(title, profile_of(SERBIAN))


def test_what_an_answer_leaves_out_is_as_on_a_fresh_wiki() -> None:
    assert profile_of({}) == WikiProfile()


def test_default_is_a_fresh_wiki(wiki: Wiki) -> None:
    siprop = "general|namespaces|namespacealiases|interwikimap|extensiontags"
    told, fresh = profile_of(wiki.api(action="query", meta="siteinfo", siprop=siprop)), WikiProfile()
    # Releases differ: what any of them reserves is no title.
    assert fresh.interwiki >= told.interwiki
    assert set(fresh.namespaces) <= set(told.namespaces)
    assert fresh.namespace_numbers.items() <= told.namespace_numbers.items()
    assert (fresh.case, fresh.namespace_cases, fresh.language) == (told.case, told.namespace_cases, told.language)
    for switch in ("magic_links", "language_converter", "link_prefixes", "is_english"):
        assert getattr(fresh, switch) == getattr(told, switch)
    assert (fresh.dbname, fresh.max_page_bytes) == (told.dbname, told.max_page_bytes)


def test_profile_goes_to_other_processes() -> None:
    profile = profile_of(SERBIAN)
    assert profile == pickle.loads(pickle.dumps(profile))


@pytest.mark.parametrize(
    "answer",
    [
        {"query": []},
        {"general": {"case": "upper"}},
        {"general": {"sitename": "a\nb"}},
        {"general": {"maxarticlesize": -1}},
        {"namespaces": {"0": {"id": 0, "name": ""}}},
        {"namespaces": {"0": {"id": "0", "name": ""}}},
        {"interwikimap": [None]},
    ],
)
def test_what_no_wiki_says_of_itself_is_refused(answer: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"Expected|there is no namespace|Invalid enum value"):
        profile_of(answer)


def test_alias_of_a_namespace_that_there_is_not_is_left_out() -> None:
    """A title that begins so would have no page."""
    told = {**SERBIAN["query"], "namespacealiases": [{"id": 4000, "alias": "Nowhere"}]}
    assert page_of("Nowhere:x", profile_of(told)) == WikiTitle(0, "Nowhere:x", "Nowhere:x")
