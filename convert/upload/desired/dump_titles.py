"""Titles in the dump of another wiki to titles of this one, as MediaWiki's importer does.

A namespace of every wiki is known by its number, whatever its name there, and any other by its name; what has no
namespace here goes to the main one with its full title.

Source: NamespaceAwareForeignTitleFactory and NaiveImportTitleFactory of MediaWiki
"""

from __future__ import annotations

from convert.profile import MAIN, WikiProfile
from convert.wikitext.dumps import DumpPage

#: Numbers of namespaces from here on mean another namespace on each wiki.
_FIRST_OWN = 100


def local_title(page: DumpPage, profile: WikiProfile) -> str:
    """Return the title that a page of a dump has on the wiki of ``profile``."""
    if page.namespace == MAIN:
        return page.title
    prefix, colon, name = page.title.partition(":")
    foreign = page.prefix or (prefix if colon else f"Ns{page.namespace}")
    name = name if colon else page.title
    number: int | None = page.namespace
    if not (page.namespace < _FIRST_OWN and page.namespace in profile.namespaces):
        number = profile.namespace_numbers.get(foreign.replace("_", " ").lower())
    return f"{foreign if number is None else profile.namespaces[number]}:{name}"
