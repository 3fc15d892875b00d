"""The whole articles of fixtures/articles, in every format."""

from __future__ import annotations

from pathlib import Path

import pytest

from convert.formats import FORMATS
from tests import FIXTURES
from tests.support import conversion, laws
from tests.support.export_schema import export_fits_the_schema_of_mediawiki
from tests.tools.accept import ARTICLES, results

_PLAIN = FORMATS[0]


def _stem(path: Path) -> str:
    return path.stem


@pytest.mark.parametrize("source", ARTICLES, ids=_stem)
def test_article_converts_to_what_stands_beside_it(source: Path) -> None:
    for path, text in results(source).items():
        assert path.read_bytes().decode() == text, f"{path.name} differs: if that is meant, run 'make accept'"


def test_every_result_has_its_article() -> None:
    expected = {path for source in ARTICLES for path in [source, *results(source)]}
    assert expected == set((FIXTURES / "articles").iterdir())


@pytest.mark.parametrize("source", ARTICLES, ids=_stem)
def test_article_keeps_the_laws(source: Path) -> None:
    text = source.read_bytes().decode()
    articles, said = conversion.read(_PLAIN, text, title=source.stem)
    for law in laws.LAWS_OF_TEXTS:
        law(text, articles, said)
    for article in articles:
        for each in laws.LAWS_OF_ARTICLES:
            each(article)


@pytest.mark.wiki
@pytest.mark.parametrize("source", ARTICLES, ids=_stem)
def test_article_fits_the_schema_of_mediawiki(source: Path) -> None:
    for article in conversion.read(_PLAIN, source.read_bytes().decode(), title=source.stem)[0]:
        export_fits_the_schema_of_mediawiki(article)
