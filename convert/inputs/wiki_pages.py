"""Files and folders to pages of a wiki: export dumps, and files of wikitext, each named as its page."""

from __future__ import annotations

import os
from collections.abc import Iterator

from convert.diagnostics import Report
from convert.errors import EnvironmentFailed
from convert.names import title_of_name
from convert.profile import MAIN, TEMPLATE, WikiProfile
from convert.wikitext.dumps import DumpPage, dump_pages

_WIKITEXT_SUFFIXES = (".wiki", ".wikitext", ".mediawiki", ".txt")


def wiki_pages(source: str, report: Report) -> Iterator[DumpPage]:
    """Yield the pages of a dump, of a file of wikitext, or of all of these files in a folder, recursively.

    A truncated dump is reported.  Raises EnvironmentFailed where something cannot be read.
    """
    try:
        if os.path.isdir(source):
            yield from _below(source)
        elif source.lower().endswith(_WIKITEXT_SUFFIXES):
            yield _page(source)
        else:
            with open(source, "rb") as stream:
                yield from dump_pages(stream, report)
    except OSError as error:
        raise EnvironmentFailed(f"cannot read {error.filename or source}: {error.strerror or error}") from error


def _below(folder: str) -> Iterator[DumpPage]:
    for place, folders, files in os.walk(folder, onerror=_raise):
        folders.sort()
        for name in sorted(files):
            if name.lower().endswith(_WIKITEXT_SUFFIXES):
                yield _page(os.path.join(place, name))


def _page(path: str) -> DumpPage:
    """Read a file of wikitext; its name is the page's title, percent-encoded where a file cannot be named so."""
    with open(path, encoding="utf-8", errors="replace") as file:
        text = file.read()
    title = title_of_name(os.path.splitext(os.path.basename(path))[0]).replace("_", " ")
    prefix = title.partition(":")[0].strip().lower()
    namespace = WikiProfile().namespace_numbers.get(prefix, MAIN)
    return DumpPage(title, text, TEMPLATE if namespace == TEMPLATE else MAIN)


def _raise(error: OSError) -> None:
    raise error
