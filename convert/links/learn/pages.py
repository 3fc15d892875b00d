"""A page of a dump to what is learnt of it: that of an article or a redirect."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from convert.links.learn.prose import LinkReader
from convert.links.learn.targets import title_reader
from convert.links.words import is_unspaced
from convert.profile import MAIN, Case
from convert.trails import trail_of_language
from convert.wikitext.dumps import DumpPage, DumpSite
from convert.wikitext.page import redirect_of


class Learnt(Struct, frozen=True):
    """What is learnt of a page: its title, and what it redirects to, or its running text and links.

    ``redirect`` is empty where it leads to no article, ``None`` for an article; ``links`` are those in the text,
    ``further`` those elsewhere on the page, each an anchor and a target.
    """

    title: str
    timestamp: str
    redirect: str | None = None
    text: str = ""
    links: frozenset[tuple[str, str]] = frozenset()
    further: frozenset[tuple[str, str]] = frozenset()


class PageReader:
    """Reads pages; ``language`` counts more than what dumps say."""

    def __init__(self, language: str = "") -> None:
        self.language, self.sites = language, list[DumpSite]()
        self._title_of: Callable[[str], str] = str
        self._reader: LinkReader | None = None

    @property
    def case(self) -> Case:
        """The case of titles on the first wiki."""
        return self.sites[0].case if self.sites else "first-letter"

    def site(self, site: DumpSite) -> None:
        """Take note of the wiki whose pages come next."""
        if not self.sites:
            self.language = self.language or site.language
        self.sites.append(site)
        self._title_of = title_reader(site, self.language)
        trail = trail_of_language(self.language or "en")
        self._reader = LinkReader(self._title_of, trail.covers if trail else _has_no_unspaced)

    def read(self, page: DumpPage) -> Learnt | None:
        """Return what is learnt of a page; nothing of one that is no article and no redirect between articles."""
        if not is_text(page):
            return None
        if self._reader is None:
            self.site(DumpSite())
        assert self._reader
        title = self._title_of(page.title)
        if not title:
            return None
        redirect = page.redirect or (redirect_of(page.text) if page.text[:1] in "#\n " else "")
        if redirect:
            return Learnt(title, page.timestamp, self._title_of(redirect))
        prose = self._reader.read(page.text)
        return Learnt(title, page.timestamp, None, prose.text, prose.links, prose.further)


def is_text(page: DumpPage) -> bool:
    """Return whether a page is one of articles, with a text."""
    return page.namespace == MAIN and not page.problem and page.model in ("", "wikitext")


def _has_no_unspaced(letters: str) -> bool:
    return not is_unspaced(letters)
