"""plainwiki: plain articles to MediaWiki pages with the right infobox, to XML and to JSON.

    page = convert.convert(text)                        # plain to wikitext, all articles of the text
    for article in convert.read(text, "plain"):         # or step by step: convert.ast tells what an article is
        page = convert.write(article, "wikitext", infobox="Infobox ship")

``report`` is called with every diagnostic (``convert.diagnostics``).  Without it, an error raises Rejected and nothing
else is told.  ``convert.formats.FORMATS`` lists the formats.  Nothing here reads or writes a file.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from convert.ast import Article
    from convert.diagnostics import Diagnostic, Report

__all__ = ["__version__", "convert", "read", "write"]

__version__ = "0.1.0"

# The functions import what they need when they are called, so that ``plainwiki --version`` need not.


def read(text: str, source: str = "plain", report: Report | None = None, **options: Any) -> Iterator[Article]:
    """Read every article of a text; ``options`` are fields of the reader's options."""
    from convert import formats

    found = formats.named(source)
    if found is None or found.reader is None:
        _unknown(source, "read")
    return formats.load(found.reader.read)(text, report or _raised, formats.load(found.reader.options)(**options))  # type: ignore[no-any-return]


def write(article: Article, target: str = "wikitext", report: Report | None = None, **options: Any) -> str:
    """Write the text of a file with one article; ``options`` are fields of the writer's options."""
    from convert import formats

    found = formats.named(target)
    if found is None or found.writer is None:
        _unknown(target, "written")
    return formats.load(found.writer.write)(article, report or _raised, formats.load(found.writer.options)(**options))  # type: ignore[no-any-return]


def convert(text: str, source: str = "plain", target: str = "wikitext", report: Report | None = None) -> str:
    """Convert a text: to that of a file with its article, or with all of them where there are several."""
    from msgspec.structs import replace

    from convert import formats

    articles = list(read(text, source, report))
    found = formats.named(target)
    if found is None or found.writer is None or len(articles) == 1:
        return "".join(write(article, target, report) for article in articles)
    options = formats.load(found.writer.options)()
    item, opening, closing = map(formats.load, (found.writer.item, found.writer.opening, found.writer.closing))
    items = []
    for number, article in enumerate(articles, 1):
        own = replace(options, id=number) if hasattr(options, "id") else options
        items.append(item(article, report or _raised, own))
    return str(opening(options) + found.writer.between.join(items) + closing(options))


def _unknown(name: str, doing: str) -> NoReturn:
    from convert.errors import UsageError

    raise UsageError(f"'{name}' is no format that can be {doing}: convert.formats.FORMATS lists them")


def _raised(found: Diagnostic) -> None:
    from convert.diagnostics import Severity
    from convert.errors import Rejected

    if found.severity is Severity.ERROR:
        raise Rejected(f"{found.line}:{found.column}: {found.message} [{found.code}]")
