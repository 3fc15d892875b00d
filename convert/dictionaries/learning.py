"""Dumps to a dictionary: one pass over the pages, and one over their running text for what is not linked.

    with Learning() as learning:
        for page in dump_pages(stream, report, site=learning.site):
            learning.add(page)
        learning.write(output, "the dump's name")

Memory does not grow with the dumps: links are sorted on disk, running text is put aside there, packed.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Self
from zlib import crc32

from msgspec import structs

from convert.dictionaries.counting import count
from convert.dictionaries.spool import Spool
from convert.dictionaries.tables import Row, Tables
from convert.dictionaries.writing import write_dictionary
from convert.io.atomic import Output
from convert.links.learn.occurrences import Beginnings, Occurrences
from convert.links.learn.prose import LinkReader
from convert.links.learn.targets import title_reader
from convert.links.stored import Header
from convert.links.tries import Tries, stretches
from convert.links.words import is_unspaced
from convert.profile import MAIN
from convert.wikitext.dumps import DumpPage, DumpSite
from convert.wikitext.page import redirect_of


class Learning:
    """What is learnt so far; ``language`` counts more than what dumps say, and ``jobs`` processes count."""

    def __init__(self, language: str = "", jobs: int = 1) -> None:
        self._jobs = jobs
        self.language, self.sites = language, list[DumpSite]()
        self.articles = self.links = 0
        self._until = ""
        self._spool = Spool()
        self._tables: Tables | None = None
        self._title_of: Callable[[str], str] = str
        self._reader: LinkReader | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, error_type: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        self._spool.__exit__(error_type, error, trace)
        if self._tables:
            self._tables.close()

    def site(self, site: DumpSite) -> None:
        """Take note of the wiki whose pages come next."""
        if not self.sites:
            self.language = self.language or site.language
        self.sites.append(site)
        self._title_of = title_reader(site, self.language)
        is_english = self.language.partition("-")[0] in ("en", "")
        self._reader = LinkReader(self._title_of, str.isascii if is_english else _has_no_unspaced)

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
        entries = (text for (text, _, always), number in zip(tables.entries(), seen, strict=True) if always or number)
        return write_dictionary(output, header, entries, _with_counts(tables, seen), len(seen))

    def _opened(self) -> Tables:
        if self._tables is None:
            capitalises = not self.sites or self.sites[0].case == "first-letter"
            self._tables = Tables(self.language, capitalises)
        return self._tables


def write_titles(output: Output, header: Header, titles: Iterable[tuple[str, str]]) -> Header:
    """Write a dictionary of titles, each with the title that it redirects to, empty for a page: nothing is counted."""
    site = DumpSite(case=header.case)
    tables = Tables(header.language, header.case == "first-letter")
    title_of = title_reader(site, header.language)
    try:
        for title, target in titles:
            if not (title := title_of(title)):
                continue
            if not target:
                tables.add_page(title)
            elif target := title_of(target):
                tables.add_redirect(title, target)
        tables.resolve()
        entries = (text for text, _, always in tables.entries() if always)
        header = structs.replace(header, pages=tables.count_pages())
        unseen = array("I", bytes(4 * tables.count_entries()))
        return write_dictionary(output, header, entries, _with_counts(tables, unseen), len(unseen))
    finally:
        tables.close()


def _counted(tables: Tables, spool: Spool, jobs: int) -> array[int]:
    """Return in how many texts each entry occurs, in their order."""
    forms, beginnings = Tries(), Beginnings()
    for stretch, trie in stretches(beginnings.passing(tables.normals())):
        forms.add(stretch, trie)
    occurrences = Occurrences(forms, beginnings)
    spool.finish()
    count(occurrences, spool, jobs)
    counts = occurrences.counts
    return array("I", (counts[forms.number(form)] if form else 0 for _, form, _ in tables.entries()))


def _with_counts(tables: Tables, seen: array[int]) -> Iterator[Row]:
    """Yield the rows of the entries that are kept."""
    for (_, _, always), number, row in zip(tables.entries(), seen, tables.rows(), strict=True):
        if always or number:
            row.seen = max(number, row.linked)
            yield row


def _has_no_unspaced(letters: str) -> bool:
    return not is_unspaced(letters)
