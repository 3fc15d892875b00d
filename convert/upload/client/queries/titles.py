"""All titles of a wiki's articles, and the redirects among them.

Sources: https://www.mediawiki.org/wiki/API:Allpages, https://www.mediawiki.org/wiki/API:Redirects,
https://www.mediawiki.org/wiki/API:Siteinfo, https://www.mediawiki.org/wiki/API:RecentChanges
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct

from convert.upload.client.api import continued
from convert.upload.client.decoding import LISTS_BYTES, Misshapen
from convert.upload.client.session import Session
from convert.upload.client.shapes import Query, Titled

#: The most answers: five hundred titles each, and twice those of the largest wiki.
_ANSWERS = 100_000


class _Page(Struct, frozen=True):
    """A page, and those that redirect to it."""

    title: str
    redirects: tuple[Titled, ...] = ()


class _Pages(Struct, frozen=True):
    pages: tuple[_Page, ...] = ()


class _Answer(Query[_Pages], frozen=True):
    """A wiki without pages says nothing of a query."""

    query: _Pages = _Pages()


class _Statistics(Struct, frozen=True):
    pages: int


class _Change(Struct, frozen=True):
    rcid: int


class _State(Struct, frozen=True):
    """The number of pages, and the newest creation or log entry."""

    statistics: _Statistics
    recentchanges: tuple[_Change, ...] = ()


class Titles:
    """The titles of a wiki."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def state(self) -> str:
        """Return a fingerprint of the pages: it changes when one is created, moved or deleted."""
        newest = {"list": "recentchanges", "rctype": "new|log", "rclimit": "1", "rcprop": "ids"}
        asked = {"action": "query", "meta": "siteinfo", "siprop": "statistics", **newest}
        state = self._session.read(Query[_State], asked, LISTS_BYTES).query
        return " ".join(map(str, (state.statistics.pages, *(change.rcid for change in state.recentchanges))))

    def all(self) -> Iterator[tuple[str, str]]:
        """Yield the titles of the main namespace, each with the title that it redirects to, empty for a page."""

        def ask(fields: Mapping[str, str]) -> Query[_Pages]:
            return self._session.read(_Answer, {"action": "query", **fields}, LISTS_BYTES)

        pages = {"generator": "allpages", "gapnamespace": "0", "gapfilterredir": "nonredirects", "gaplimit": "max"}
        redirects = {"prop": "redirects", "rdprop": "title", "rdnamespace": "0", "rdlimit": "max"}
        try:
            for answer in continued(ask, {**pages, **redirects}, _ANSWERS):
                for page in answer.query.pages:
                    yield page.title, ""
                    yield from ((redirect.title, page.title) for redirect in page.redirects)
        except Misshapen as misshapen:
            raise self._session.malformed("query", misshapen) from None
