"""The links that a run made: how many, to which pages most, and in which documents.

Bounded: of pages the rarest are dropped beyond a limit, and of documents those with the fewest links.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from heapq import nlargest
from typing import NamedTuple

from msgspec import Struct

from convert.io.bounded import Count, Times
from convert.links.policy import MadeLink

#: Documents kept of each shard and of all, and pages kept of each document.
MAX_DOCUMENTS = 100
MAX_PAGES_OF_DOCUMENT = 12
#: Pages kept; beyond twice as many, the rarest are dropped.
MAX_PAGES = 2_000


class LinkedDocument(NamedTuple):
    """A document with links that were made: how many, and the pages that the likeliest of them lead to."""

    source: str
    line: Count
    title: str
    links: Count
    pages: tuple[str, ...]


class LinksMade(Struct, frozen=True):
    """Counts of links, of the documents that have some, and of links by their page; ``listed`` are some documents."""

    links: Count = 0
    documents: Count = 0
    pages: dict[str, Times] = {}
    listed: list[LinkedDocument] = []

    def __add__(self, other: LinksMade) -> LinksMade:
        if not other.links:
            return self
        pages = _most(Counter(self.pages) + Counter(other.pages))
        listed = nlargest(MAX_DOCUMENTS, [*self.listed, *other.listed], key=lambda document: document.links)
        return LinksMade(self.links + other.links, self.documents + other.documents, pages, listed)


def links_made(documents: Sequence[tuple[str, int, str, Sequence[MadeLink]]]) -> LinksMade:
    """Count the links of documents: of each its source, line, title, and links."""
    linked = [document for document in documents if document[3]]
    if not linked:
        return LinksMade()
    pages = Counter(link.title for *_, made in linked for link in made)
    listed = (
        LinkedDocument(source, line, title, len(made), tuple(link.title for link in made[:MAX_PAGES_OF_DOCUMENT]))
        for source, line, title, made in linked
    )
    most = nlargest(MAX_DOCUMENTS, listed, key=lambda document: document.links)
    return LinksMade(pages.total(), len(linked), dict(pages), most)


def _most(pages: Mapping[str, int]) -> dict[str, int]:
    kept = Counter(pages).most_common(MAX_PAGES) if len(pages) > 2 * MAX_PAGES else pages.items()
    return dict(kept)
