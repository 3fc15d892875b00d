"""Infoboxes in other forms, and what only looks like one: what the pages of fixtures/spec leave out."""

from __future__ import annotations

import pytest

import convert
from convert.ast import Article
from convert.diagnostics import Diagnostic
from convert.readers.plain import read

FACTS = ("Born: 3 May 1922", "Died: 1999, Oban", "Occupation: Sailor")


def _read(text: str) -> tuple[list[Article], list[Diagnostic]]:
    diagnostics: list[Diagnostic] = []
    return list(read(text, diagnostics.append)), diagnostics


def _unread(text: str) -> list[int]:
    return [diagnostic.line for diagnostic in _read(text)[1] if diagnostic.code == "infobox-unread"]


@pytest.mark.parametrize(
    "facts",
    [
        "\n".join(FACTS),
        "\n\n".join(FACTS),
        "\n".join(f"- {fact}" for fact in FACTS),
        "\n".join(f"**{fact.replace(':', ':**', 1)}" for fact in FACTS),
        "\n".join(fact.replace(":", " =", 1) for fact in FACTS),
        "姓名：艾达\n出生：1922年\n职业：水手",
        "| Born | 1922 |\n|---|---|\n| Died | 1999 |",
    ],
)
def test_facts_without_a_head_are_told(facts: str) -> None:
    assert _unread(f"= A =\n\n{facts}\n\nShe was a sailor.\n") == [3]


@pytest.mark.parametrize(
    "text",
    [
        "Anna: Hello there\nBen: Good day\nAnna: Bye",
        "ANNA: Where is it?\nBEN: I do not know.\nCLAIRE: Nor do I!",
        "12:30 Lunch\n13:45 Talk\n14:00 End",
        "- First: https://a.example\n- Second: https://b.example\n- Third: https://c.example",
        "- Noun: a word that names a thing.\n- Verb: a doing word.\n- Term: a word of a science.",
        "- Smith, J. (1999): Title one. London.\n- Jones, K.: Title two. Paris.\n- Wu, L.: Three. Rome.",
        "Infobox design: a history",
        "| Year | Won | Lost |\n|---|---|---|\n| 1999 | 1 | 2 |",
    ],
)
def test_running_text_is_not_taken_for_facts(text: str) -> None:
    assert not _unread(f"= A =\n\n{text}\n\nMore text.\n")


@pytest.mark.parametrize(
    "text",
    [
        "= A =\n\nInfobox\n\nShe sailed.\n\n- Name: A\n- Born: 1922\n",
        "= A =\n\n= Infobox =\n\n- Name: A\n- Born: 1922\n",
        "= A =\n\n== Infobox person ==\n\nShe sailed.\n\n- Name: A\n- Born: 1922\n",
        "= A =\n\nInfobox person\n\n- Name: A\n\nShe sailed.\n",
    ],
)
def test_heads_without_fields_are_told(text: str) -> None:
    assert _unread(text) == [3]


def test_sections_about_infoboxes_are_sections() -> None:
    assert not _unread("= A =\n\nx\n\n== Infobox templates ==\n\n- ship\n- person\n")


@pytest.mark.parametrize(
    ("block", "template"),
    [
        ("Infobox\n\n\n- Name: Ada\n- Born: 1922", None),
        ("**Infobox**\n\n\n\n* Name: Ada\n* Born: 1922", None),
        ("Infobox\n| Name | Ada |\n| Born | 1922 |", None),
        ("Infobox person\n| Field | Value |\n| Name | Ada |\n| Born | 1922 |", "Infobox person"),
        ("Template: Infobox person\n- Name: Ada\n- Born: 1922", "Infobox person"),
        ("Template:Infobox person\nName: Ada\nBorn: 1922\nDied: 1999\nHome: Oban", "Infobox person"),
        ("INFOBOX PERSON\nName: Ada\nBorn: 1922", "Infobox PERSON"),
        ("Infobox person:\n\n  Name: Ada\n  Born: 1922\n  Died: 1999", "Infobox person"),
    ],
)
def test_infoboxes_in_other_forms_are_read(block: str, template: str | None) -> None:
    (article,), diagnostics = _read(f"= A =\n\n{block}\n\nShe sailed.\n")
    (infobox,) = article.infoboxes
    assert infobox.template == template
    assert [(field.key, field.values) for field in infobox.fields][:2] == [("Name", ("Ada",)), ("Born", ("1922",))]
    assert [diagnostic.code for diagnostic in diagnostics] == ["infobox-form"]


@pytest.mark.parametrize("call", ["Infobox person", "Taxobox", "infobox_ship", "Automatic taxobox", "Speciesbox"])
@pytest.mark.parametrize("layout", ["{{{{{0}\n| name = Ada\n}}}}", "{{{{{0} |name=Ada}}}}", "{{{{{0}|name=Ada\n}}}}"])
def test_calls_that_are_text_are_told(call: str, layout: str) -> None:
    text = f"= A =\n\n{layout.format(call)}\n\nShe sailed.\n"
    literal: list[Diagnostic] = []
    passed: list[Diagnostic] = []
    convert.convert(text, report=literal.append)
    convert.convert(text, report=passed.append, markup="passthrough")
    assert "infobox-unread" in {diagnostic.code for diagnostic in literal}
    assert "infobox-unread" not in {diagnostic.code for diagnostic in passed}


@pytest.mark.parametrize("text", ["{{Quote box|x}}", "{{Navbox}}", "{{boxer}}", "{{", "See {{Infobox person}}."])
def test_other_calls_are_not_taken_for_infoboxes(text: str) -> None:
    found: list[Diagnostic] = []
    convert.convert(f"= A =\n\n{text}\n\nShe sailed.\n", report=found.append)
    assert "infobox-unread" not in {diagnostic.code for diagnostic in found}
