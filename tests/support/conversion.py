"""Texts to articles and back through the table of formats, collecting all diagnostics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import structs

from convert import formats
from convert.ast import Article
from convert.diagnostics import Diagnostic
from convert.formats import Format
from convert.options import PER_DOCUMENT, named, options_for

#: The timestamp in all expected results.
TIMESTAMP = "2024-01-01T00:00:00Z"


def read(format: Format, text: str, **options: Any) -> tuple[list[Article], list[Diagnostic]]:
    """Read every article of a text."""
    assert format.reader is not None
    diagnostics: list[Diagnostic] = []
    articles = list(
        formats.load(format.reader.read)(text, diagnostics.append, options_of(format.reader.options, options))
    )
    return articles, diagnostics


def write(format: Format, articles: Sequence[Article], **options: Any) -> tuple[str, list[Diagnostic]]:
    """Write articles as a file of the format: one in a text of its own, several in one text."""
    writer = format.writer
    assert writer is not None
    diagnostics: list[Diagnostic] = []
    usual = {"timestamp": TIMESTAMP, "standalone": False} | options
    numbered = [options_of(writer.options, {"id": id} | usual) for id in range(len(articles) + 1)]
    if len(articles) == 1:
        return formats.load(writer.write)(articles[0], diagnostics.append, numbered[1]), diagnostics
    item, opening, closing = map(formats.load, (writer.item, writer.opening, writer.closing))
    items = [item(article, diagnostics.append, numbered[id]) for id, article in enumerate(articles, 1)]
    return opening(numbered[0]) + writer.between.join(filter(None, items)) + closing(numbered[0]), diagnostics


def options_of(name: str, names: Mapping[str, Any]) -> Any:
    """Make the options record of a format's table entry from the names that it has."""
    chosen = {key: value for key, value in names.items() if key not in PER_DOCUMENT}
    options = options_for(formats.load(name), named(**chosen))
    own = {key: names[key] for key in options.__struct_fields__ if key in PER_DOCUMENT & set(names)}
    return structs.replace(options, **own)


def shown(diagnostic: Diagnostic) -> str:
    """Write a diagnostic as the command line does, without the name of the file."""
    position = f"{diagnostic.line}:{diagnostic.column}"
    return f"{position}: {diagnostic.severity.name.lower()}: {diagnostic.message} [{diagnostic.code}]"
