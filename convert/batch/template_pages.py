"""Articles to the template pages that a bare wiki needs to show their infoboxes."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import unescape

from convert.ast import Article
from convert.diagnostics import Diagnostic, shown
from convert.errors import UsageError
from convert.infobox import pages
from convert.infobox.pages import Dialect, PageOptions, WikiPage
from convert.infobox.pages.stores import Store
from convert.io.atomic import save, writing
from convert.io.own_files import make_folders
from convert.names import name_of, numbered
from convert.writers import escape
from convert.writers.transclusion import InfoboxOptions, transclusion

_SUFFIXES = {"wikitext": ".wiki", "css": ".css"}


def templates_called(articles: Iterable[Article], options: InfoboxOptions) -> dict[str, dict[str, None]]:
    """Return the templates that the pages of articles will call for their infoboxes, each with its parameters."""
    used: dict[str, dict[str, None]] = {}
    for article in articles:
        for infobox in article.infoboxes:
            call = transclusion(infobox, article, _unreported, options)
            used.setdefault(call.template, {}).update(dict.fromkeys(name for name, _ in call.arguments))
    return used


def _unreported(diagnostic: Diagnostic) -> None:
    """Drop what the conversion of the articles reports."""


def template_pages(
    used: Mapping[str, Iterable[str]],
    options: InfoboxOptions,
    dialect: Dialect = "wikitext",
    stores: Sequence[Store] = (),
) -> list[WikiPage]:
    """Make the pages of templates that are called with some parameters, for calls written with ``options``."""
    guard = escape.guard(escape.parameter_name, options.profile, literal=True)
    typed = options.values == "typed" or bool(options.typed)
    return pages.template_pages(
        used, options.choice.templates, guard, options.profile, PageOptions(typed, dialect, tuple(stores))
    )


def told_losses(used: Mapping[str, Iterable[str]], dialect: Dialect) -> Iterator[str]:
    """Yield what the pages of a dialect cannot show, and what to do."""
    for template, name in pages.lost(used, PageOptions(dialect=dialect)):
        yield f"a portable infobox cannot show {shown(unescape(name))} of {shown(template)}: rename the key"


def write_folder(made: Iterable[WikiPage], folder: str) -> None:
    """Write a file a page; raises UsageError where there is one already."""
    with writing(folder):
        os.makedirs(folder, exist_ok=True)
    taken: Counter[str] = Counter()
    for page in made:
        name = name_of(page.page.title)
        assert name  # a title that a wiki takes is short enough
        taken[name.casefold()] += 1
        below = numbered(name, taken[name.casefold()]) + _SUFFIXES[page.model]
        path = os.path.join(folder, below)
        if os.path.lexists(path):
            raise UsageError(f"{path} is there already: name an empty folder with --output")
        with writing(path):
            make_folders(folder, below)
            save(path, page.text.encode() + b"\n")
