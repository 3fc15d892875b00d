"""An article is told that the known templates are English if it is not, and only then."""

from __future__ import annotations

import pytest

import convert
from convert.diagnostics import Diagnostic
from convert.infobox.catalogue import Catalogue, Parameter, Template, merged, shipped

ITALIAN = "Il ponte sul fiume è stato costruito nel 1822 da una compagnia di Torino con molte arcate di pietra."
ENGLISH = "The bridge over the river was built in 1822 by a company of Turin with a row of arches and towers."
OWN = merged(shipped(), Catalogue((Template("Infobox ponte", parameters=(Parameter("nome"), Parameter("fiume"))),)))


def codes(text: str, **options: object) -> list[str]:
    said: list[Diagnostic] = []
    convert.convert(text, report=said.append, **options)  # type: ignore[arg-type]
    return [each.code for each in said]


def article(keys: str, lead: str, name: str = "", before: str = "") -> str:
    rows = "\n".join(f"- {key}: x" for key in keys.split())
    return f"{before}= Ponte =\n\nInfobox{name}\n{rows}\n\n{lead}\n"


@pytest.mark.parametrize(
    "text",
    [
        article("nome fiume arcate", ITALIAN),
        article("মুখ নদী", "x"),
        article("名前 川", "橋。"),
        article("Назва Річка", "Міст."),
    ],
)
def test_articles_in_other_languages_are_told(text: str) -> None:
    assert codes(text).count("template-foreign") == 1


@pytest.mark.parametrize(
    ("text", "options"),
    [
        (article("Name River Arches", ENGLISH), {}),
        (article("Name River Arches", "Short."), {}),
        (article("nome fiume", ITALIAN, name=" ponte"), {}),
        (article("nome fiume", ITALIAN), {"infobox": "Ponte"}),
        (article("nome fiume", ITALIAN), {"catalogue": OWN}),
    ],
)
def test_others_are_not(text: str, options: dict[str, object]) -> None:
    assert "template-foreign" not in codes(text, **options)
