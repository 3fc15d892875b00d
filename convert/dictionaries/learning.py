"""Dumps to a dictionary: one pass over the pages, and one over their running text for what is not linked.

    with Learning() as learning:
        for page in dump_pages(stream, report, site=learning.site):
            learning.add(page)
        learning.write(output, "the dump's name")

Memory does not grow with the dumps: links are sorted on disk, running text is put aside there, packed.
"""

from __future__ import annotations

import gc
from array import array
from collections.abc import Callable
from operator import itemgetter
from types import TracebackType
from typing import Self
from zlib import crc32

from convert.dictionaries.counting import count
from convert.dictionaries.spool import Spool
from convert.dictionaries.tables import Tables
from convert.dictionaries.writing import write_tables
from convert.io.atomic import Output
from convert.links.learn.occurrences import Keys, Occurrences
from convert.links.learn.prose import LinkReader
from convert.links.learn.targets import title_reader
from convert.links.stored import Header
from convert.links.words import is_unspaced
from convert.profile import MAIN
from convert.trails import trail_of_language
from convert.wikitext.dumps import DumpPage, DumpSite
from convert.wikitext.page import redirect_of


class Learning:
    """What is learnt so far; ``language`` counts more than what dumps say, and ``jobs`` processes count."""

    def __init__(self, language: str = "", jobs: int = 1) -> None:
        self._jobs = jobs
        self._collects = False
        self.language, self.sites = language, list[DumpSite]()
        self.articles = self.links = 0
        self._until = ""
        self._spool = Spool()
        self._tables: Tables | None = None
        self._title_of: Callable[[str], str] = str
        self._reader: LinkReader | None = None

    def __enter__(self) -> Self:
        # What is learnt has no cycles, and looking for them takes a tenth of the time.
        self._collects = gc.isenabled()
        gc.disable()
        return self

    def __exit__(
        self, error_type: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        if self._collects:
            gc.enable()
        self._spool.__exit__(error_type, error, trace)
        if self._tables:
            self._tables.close()

    def site(self, site: DumpSite) -> None:
        """Take note of the wiki whose pages come next."""
        if not self.sites:
            self.language = self.language or site.language
        self.sites.append(site)
        self._title_of = title_reader(site, self.language)
        trail = trail_of_language(self.language or "en")
        self._reader = LinkReader(self._title_of, trail.covers if trail else _has_no_unspaced)

    def add(self, page: DumpPage) -> None:
        """Learn from a page: an article, or a redirect between titles of articles."""
        if page.namespace != MAIN or page.problem or page.model not in ("", "wikitext"):
            return
        if self._reader is None or not self.sites:
            self.site(DumpSite())
        assert self._reader
        title, tables = self._title_of(page.title), self._opened()
        redirect = page.redirect or (redirect_of(page.text) if page.text[:1] in "#\n " else "")
        if not title:
            return
        self._until = max(self._until, page.timestamp)
        if redirect:
            if target := self._title_of(redirect):
                tables.add_redirect(title, target)
        elif tables.add_page(title):
            self.articles += 1
            prose = self._reader.read(page.text)
            article = crc32(title.encode("utf-8", "replace"))
            tables.add_links(prose.links, article, True)
            tables.add_links(prose.further, article, False)
            self.links += len(prose.links) + len(prose.further)
            self._spool.add(prose.text)

    def write(self, output: Output, source: str) -> Header:
        """Write the dictionary."""
        tables = self._opened()
        tables.resolve()
        case = self.sites[0].case if self.sites else "first-letter"
        header = Header(self.language, case, source, self._until, self.articles, tables.count_pages())
        seen = _counted(tables, self._spool, self._jobs)
        return write_tables(output, header, tables, seen, self._jobs)

    def _opened(self) -> Tables:
        if self._tables is None:
            capitalises = not self.sites or self.sites[0].case == "first-letter"
            self._tables = Tables(self.language, capitalises)
        return self._tables


def _counted(tables: Tables, spool: Spool, jobs: int) -> array[int]:
    """Return in how many texts each entry occurs, in their order."""
    keys = Keys(map(itemgetter(0), tables.entries()), tables.count_entries())
    occurrences = Occurrences(keys)
    spool.finish()
    count(occurrences, spool, jobs)
    seen = array("I")
    for numbers in keys.of(map(itemgetter(0), tables.entries())):
        seen.frombytes(occurrences.counts[numbers].tobytes())
    return seen


def _has_no_unspaced(letters: str) -> bool:
    return not is_unspaced(letters)
