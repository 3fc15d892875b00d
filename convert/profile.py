"""What must be known of a wiki before a page is written for it: its names, and which characters are alive on it.

The default is a fresh MediaWiki in English.  ``action=query&meta=siteinfo`` tells all of it of a real one.

Source: https://www.mediawiki.org/wiki/API:Siteinfo
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

#: The namespaces of every MediaWiki, by number, under their canonical names.
NAMESPACES: Mapping[int, str] = MappingProxyType(
    {
        -2: "Media", -1: "Special", 0: "", 1: "Talk", 2: "User", 3: "User talk", 4: "Project", 5: "Project talk",
        6: "File", 7: "File talk", 8: "MediaWiki", 9: "MediaWiki talk", 10: "Template", 11: "Template talk",
        12: "Help", 13: "Help talk", 14: "Category", 15: "Category talk",
    }
)  # fmt: skip


@dataclass(frozen=True)
class WikiProfile:
    """One wiki as the writers see it."""

    sitename: str = "Wiki"
    dbname: str = "wiki"
    base: str = "http://localhost/index.php/Main_Page"
    generator: str = "MediaWiki 1.39.17"
    #: "first-letter": a title's first letter is upper-cased; "case-sensitive": it is not.
    case: str = "first-letter"
    namespaces: Mapping[int, str] = field(default_factory=lambda: NAMESPACES)
    #: Further names of namespaces, folded to lower case, to their numbers.
    namespace_aliases: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({"image": 6, "image talk": 7}))
    #: Prefixes that lead to other wikis, in lower case.
    interwiki: frozenset[str] = frozenset()
    #: ISBN, RFC and PMID numbers become links.
    magic_links: bool = False
    #: ``-{`` is alive, because the content language has variants.
    language_converter: bool = False
