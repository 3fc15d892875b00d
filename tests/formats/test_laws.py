"""The laws on drawn texts: whatever is read, nothing is lost and everything reads back."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from convert.ast import Article
from convert.diagnostics import Severity
from convert.formats import FORMATS, Format
from tests.support import conversion, laws
from tests.support.export_schema import export_fits_the_schema_of_mediawiki
from tests.support.strategies import articles, plain_texts

_PLAIN = FORMATS[0]
_WRITERS = [format for format in FORMATS if format.writer]
_READERS = [format for format in FORMATS if format.reader]

_RUN = st.sampled_from(["=", "= ", "- ", "*", "# ", "\n", " ", "[", "{", "<a>", "\x00"])
#: Characters of all kinds, lone surrogates too, and long runs of what readers look for.
_ANYTHING = st.one_of(
    st.text(st.characters(exclude_categories=())),
    st.text("=-*#•1.): \t\n\r{}[]<>&\"'\x00\ud800\ufeffIC"),
    st.builds("{0}{1}{2}".format, st.text(max_size=3), st.builds(str.__mul__, _RUN, st.integers(0, 3000)), st.text()),
)

_name = attrgetter("__name__")
# Another parser does not see the values of any tree as they are: white space at their ends is none of theirs in a page.
_LAWS_OF_TREES = [law for law in laws.LAWS_OF_ARTICLES if law is not laws.templates_hold_the_values]
_EXPORT = pytest.param(export_fits_the_schema_of_mediawiki, marks=pytest.mark.wiki)


@pytest.mark.parametrize("format", _READERS, ids=attrgetter("name"))
@given(text=_ANYTHING)
def test_reading_is_total(format: Format, text: str) -> None:
    articles, said = conversion.read(format, text)
    assert articles or any(each.severity is Severity.ERROR for each in said)


@pytest.mark.parametrize("law", laws.LAWS_OF_TEXTS, ids=_name)
@example(text="= a =\ninfobox\n- '': : z\n")
@given(text=st.one_of(plain_texts(), _ANYTHING))
def test_text(law: laws.Plain, text: str) -> None:
    law(text, *conversion.read(_PLAIN, text))


@pytest.mark.parametrize("options", [{"paragraphs": "line"}, {"detokenize": True}], ids=str)
@given(text=plain_texts())
@example(text="-  ----\nof\n")
@example(text="=a=\n```\na\n  a\n~~~\n````c\na\n  a\n~~~\n")
def test_text_read_with_options_has_a_plain_form(options: dict[str, Any], text: str) -> None:
    articles, said = conversion.read(_PLAIN, text, **options)
    if any(each.code == "fence-unclosed" for each in said):  # as a paragraph of its own, a lone fence may open code
        for article in articles:
            laws.plain_rereads_or_says_not(article)
    else:
        laws.every_article_has_a_plain_form(text, articles, said)


@pytest.mark.parametrize("law", [*laws.LAWS_OF_ARTICLES, _EXPORT], ids=_name)
@example(text="= T =\n\n- \t----\n  a\n")
@example(text="= T =\n\n- \u3000----\n  a\n")
@given(text=plain_texts())
def test_article_read(law: Callable[[Article], None], text: str) -> None:
    for article in conversion.read(_PLAIN, text)[0]:
        law(article)


@pytest.mark.slow
@pytest.mark.parametrize("law", [*_LAWS_OF_TREES, _EXPORT], ids=_name)
@given(article=articles())
def test_article_drawn(law: Callable[[Article], None], article: Article) -> None:
    law(article)


@pytest.mark.slow
@pytest.mark.parametrize("format", _WRITERS, ids=attrgetter("name"))
@given(article=articles())
def test_writing_is_total(format: Format, article: Article) -> None:
    conversion.write(format, [article])
