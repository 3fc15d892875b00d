"""The examples of fixtures/spec: what comes of each is what the page says, and they leave no remark unshown."""

from __future__ import annotations

from pathlib import Path

import pytest

from convert.diagnostics import CODES
from tests import FIXTURES
from tests.support import conversion, laws
from tests.support.export_schema import export_fits_the_schema_of_mediawiki
from tests.support.specs import Example, examples
from tests.tools.accept import SPECS

EXAMPLES = [
    pytest.param(example, id=f"{page.name}:{example.line}") for page in SPECS for example in examples(page.read_text())
]

#: Said by what finds and opens documents; fixtures/cli has the examples.
_CODES_OF_THE_EDGES = {
    "archive-member", "archive-nested", "binary", "content-type", "damaged", "dump-damaged", "dump-part",
    "dump-truncated", "encoding", "encoding-mark", "left-out", "link-outside", "links-made", "member-name",
    "passed-over", "table-form", "table-row", "title-repeated", "title-shared", "too-large", "unreadable",
}  # fmt: skip

#: Said by an upload, which needs a wiki; tests/upload has the examples.
_CODES_OF_UPLOADS = {"dump-page", "markup-unsure"}

#: Said of dictionaries; tests/links has the examples.
_CODES_OF_DICTIONARIES = {"links-language"}


@pytest.mark.parametrize("example", EXAMPLES)
def test_example_comes_out_as_shown(example: Example) -> None:
    results, untold = example.run()
    assert [block.body for block in example.outputs] == results
    assert untold == []


@pytest.mark.parametrize("example", EXAMPLES)
def test_example_keeps_the_laws(example: Example) -> None:
    assert example.input.format
    articles, said = conversion.read(example.input.format, example.input.text, **example.input.options)
    if example.input.format.name == "plain" and not example.input.options.keys() - {"title"}:
        for law in laws.LAWS_OF_TEXTS:
            law(example.input.text, articles, said)
    for article in articles:
        for each in laws.LAWS_OF_ARTICLES:
            each(article)


@pytest.mark.wiki
@pytest.mark.parametrize("page", SPECS, ids=lambda page: page.stem)
def test_examples_fit_the_schema_of_mediawiki(page: Path) -> None:
    for example in examples(page.read_text()):
        assert example.input.format
        for article in conversion.read(example.input.format, example.input.text, **example.input.options)[0]:
            export_fits_the_schema_of_mediawiki(article)


def test_every_code_has_an_example() -> None:
    pages = "".join(page.read_text() for page in SPECS)
    elsewhere = _CODES_OF_THE_EDGES | _CODES_OF_UPLOADS | _CODES_OF_DICTIONARIES
    assert [code for code in CODES if f"[{code}]" not in pages and code not in elsewhere] == []


def test_every_code_of_the_edges_has_an_example() -> None:
    pages = "".join(page.read_text() for page in (FIXTURES / "cli").glob("*.md"))
    assert [code for code in sorted(_CODES_OF_THE_EDGES) if f"[{code}]" not in pages] == []
