"""Which letters go on a link that they follow: read from what a wiki says, never executed; by language else."""

from __future__ import annotations

import re
import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import convert
from convert.ast import Article, Link, Paragraph, Text
from convert.profile import WikiProfile
from convert.trails import MAX_PATTERN, NO_TRAIL, Trail, trail_of_language, trail_of_pattern


@pytest.mark.parametrize(
    ("pattern", "letters", "others", "possible"),
    [
        ("/^([a-z]+)(.*)$/sD", "az", "Aé1", ""),
        ("/^([äöüßa-z]+)(.*)$/sDu", "äöz", "éА", ""),
        ("/^([abc]+)(.*)$/usD", "abc", "d", ""),
        ("/^()(.*)$/sD", "", "az", ""),
        (r"/^([a-z\x{0900}-\x{0963}\x{0966}-\x{A8E0}-\x{A8FF}]+)(.*)$/sDu", "aक", "-", "-"),
        ("/^([áæöa-z-–]+)(.*)$/sDu", "áz–", "-", "-"),
        ("/^((?:[a-zàèéíòóúç·ïü]|'(?!'))+)(.*)$/sDu", "aé·", "'", "'"),
        (r"/^((?:c\'h|C’h|[a-zA-Zñ])+)(.*)$/sDu", "chñC", "'’", ""),
        ("/^((?:[a-z]|а|б|“|»)+)(.*)$/sDu", "aаб»", "в", ""),
        ("/^(:?[a-zš]+)(.*)$/sDu", "aš", ":", ":"),
    ],
)
def test_usual_forms_are_read(pattern: str, letters: str, others: str, possible: str) -> None:
    trail = trail_of_pattern(pattern)
    assert trail is not None
    assert [letter for letter in letters if not trail.covers(letter)] == []
    assert [letter for letter in others if trail.covers(letter)] == []
    assert all(map(trail.may_have, letters + possible))


@pytest.mark.parametrize(
    "pattern",
    [
        "", "a-z", "/^([a-z]+)/", "/^([^a-z]+)(.*)$/sDu", "/^((a+)+)(.*)$/sD", "/^(.+)(.*)$/sD", "/^([z-a]+)(.*)$/sDu",
        r"/^([\w]+)(.*)$/sDu", "/^([é]+)(.*)$/sD", "/^((?:a|)+)(.*)$/sDu", "/^((?:a|(b))+)(.*)$/sDu",
        r"/^([\x{ffffff}]+)(.*)$/sDu", "/^([[:alpha:]]+)(.*)$/sDu", f"/^([{'a' * MAX_PATTERN}]+)(.*)$/sDu",
        "/^((?:" + "(" * 900 + "+)+)(.*)$/sDu",
    ],
)  # fmt: skip
def test_other_forms_are_refused(pattern: str) -> None:
    assert trail_of_pattern(pattern) is None


@settings(max_examples=300)
@given(st.text(st.sampled_from("ab-\\x{09}[]^()|?:*+.$/é'"), max_size=30), st.booleans())
def test_what_is_read_is_what_the_expression_says(inner: str, is_class: bool) -> None:
    """Of one character; Python's expressions differ in how they write a code point."""
    pattern = f"[{inner}]+" if is_class else inner
    trail = trail_of_pattern(f"/^({pattern})(.*)$/sDu")
    if trail is None or "x{" in inner:
        return
    with warnings.catch_warnings(action="ignore", category=FutureWarning):  # of what may mean more in a class one day
        compiled = re.compile(f"({pattern})", re.DOTALL)
    for sign in "ab-x09é":
        assert not trail.covers(sign) or compiled.fullmatch(sign)
        assert trail.may_have(sign) or not compiled.fullmatch(sign)


@pytest.mark.parametrize(
    ("language", "letters", "others"),
    [
        ("en-GB", "az", "é"), ("de", "äß", "é"), ("fr", "é", "ñ"), ("uk", "їґ", "э"), ("zh-hans", "", "az"),
        ("sr", "šж", "qw"), ("fa", "ی", "a"), ("he", "ת", "é"), ("ja", "a", "の"),
    ],
)  # fmt: skip
def test_usual_letters_of_languages(language: str, letters: str, others: str) -> None:
    trail = trail_of_language(language)
    assert trail is not None
    assert [letter for letter in letters + others if trail.covers(letter)] == list(letters)


def test_of_other_languages_nothing_is_known() -> None:
    assert trail_of_language("qqq") is None
    assert WikiProfile(language="qqq").trail == NO_TRAIL == Trail()


@pytest.mark.parametrize(
    ("profile", "target", "label", "written"),
    [
        (WikiProfile(), "Dog", "dogs", "[[dog]]s"),
        (WikiProfile(), "Sea pink", "sea pink", "[[sea pink]]"),
        (WikiProfile(), "Sea pink", "sea Pink", "[[Sea pink|sea Pink]]"),
        (WikiProfile(language="tr"), "Istanbul", "istanbul", "[[Istanbul|istanbul]]"),
        (WikiProfile(case="case-sensitive"), "Sea pink", "sea pink", "[[Sea pink|sea pink]]"),
        (WikiProfile(), "Dog", "dogé", "[[Dog|dogé]]"),
        (WikiProfile(language="de"), "Höhle", "Höhlen", "[[Höhle]]n"),
        (WikiProfile(language="de"), "Éclair", "éclairs", "[[éclair]]s"),
        (WikiProfile(language="de"), "Berlin", "Berliné", "[[Berlin|Berliné]]"),
        (WikiProfile(language="ru"), "Дом", "домом", "[[дом]]ом"),
        (WikiProfile(language="tr"), "Istanbul", "istanbullu", "[[Istanbul|istanbullu]]"),
        (WikiProfile(language="tr"), "İstanbul", "istanbullu", "[[istanbul]]lu"),
        (WikiProfile(language="zh"), "Dog", "dogs", "[[Dog|dogs]]"),
        (WikiProfile(case="case-sensitive"), "Dog", "dogs", "[[Dog|dogs]]"),
        (WikiProfile(link_trail="/^([xe]+)(.*)$/sD"), "Dog", "dogs", "[[Dog|dogs]]"),
        (WikiProfile(link_trail="?"), "Dog", "dogs", "[[Dog|dogs]]"),
    ],
)
def test_letters_that_go_on_a_link_stand_behind_it(profile: WikiProfile, target: str, label: str, written: str) -> None:
    article = Article("X", lead=(Paragraph((Link(target, label), Text("er."))),))
    assert convert.write(article, "wikitext", profile=profile).strip() == f"{written}<nowiki/>er."


def test_what_the_wiki_does_not_draw_in_stands_beside_a_link_as_it_is() -> None:
    article = Article("X", lead=(Paragraph((Link("日本"), Text("の首都, "), Link("Dog"), Text("É"))),))
    told = WikiProfile(language="ja", link_trail="/^([a-z]+)(.*)$/sD")
    assert convert.write(article, profile=told).strip() == "[[日本]]の首都, [[Dog]]É"
    assert convert.write(article, profile=WikiProfile(language="ja")).strip() == (
        "[[日本]]<nowiki/>の首都, [[Dog]]<nowiki/>É"
    )
