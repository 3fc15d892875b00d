"""Dumps to a dictionary: one pass over the pages, and one over their running text for what is not linked.

    with Learning() as learning:
        learning.learn("the dump's path", report, progress)
        learning.write(output, "the dump's name")

Memory does not grow with the dumps: links are sorted on disk, running text is put aside there, packed.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from contextlib import closing
from types import TracebackType
from typing import Self
from zlib import crc32

from convert.diagnostics import Report
from convert.dictionaries.ahead import pages_ahead
from convert.dictionaries.counting import counted
from convert.dictionaries.spool import Spool
from convert.dictionaries.tables import Tables
from convert.dictionaries.writing import write_tables
from convert.io.atomic import Output
from convert.links.learn.pages import Learnt, PageReader
from convert.links.stored import Header
from convert.wikitext.dumps import DumpPage


class Learning:
    """What is learnt so far; ``language`` counts more than what dumps say, and ``jobs`` processes work."""

    def __init__(self, language: str = "", jobs: int = 1) -> None:
        self._jobs = jobs
        self._collects = False
        self.reader = PageReader(language)
        self.pages = self.articles = self.links = 0
        self._until = ""
        self._spool = Spool()
        self._tables: Tables | None = None

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

    def learn(self, path: str, report: Report, read: Callable[[int], None]) -> None:
        """Learn from a dump; ``read`` is told the bytes of the file as they are read.

        What is damaged is reported.  Raises EnvironmentFailed where the file cannot be read.
        """
        with closing(pages_ahead(path, self.reader, report, read, self._jobs)) as pages:
            for page in pages:
                self._add(page)

    def add(self, page: DumpPage) -> None:
        """Learn from a page."""
        self._add(self.reader.read(page))

    def _add(self, page: Learnt | None) -> None:
        self.pages += 1
        if not page:
            return
        tables = self._opened()
        self._until = max(self._until, page.timestamp)
        if page.redirect:
            tables.add_redirect(page.title, page.redirect)
        elif page.redirect is None and tables.add_page(page.title):
            self.articles += 1
            article = crc32(page.title.encode("utf-8", "replace"))
            tables.add_links(page.links, article, True)
            tables.add_links(page.further, article, False)
            self.links += len(page.links) + len(page.further)
            self._spool.add(page.text)

    def write(self, output: Output, source: str) -> Header:
        """Write the dictionary."""
        tables = self._opened()
        tables.resolve()
        header = Header(
            self.reader.language, self.reader.case, source, self._until, self.articles, tables.count_pages()
        )
        seen = counted(tables, self._spool, self._jobs)
        return write_tables(output, header, tables, seen, self._jobs)

    def _opened(self) -> Tables:
        if self._tables is None:
            self._tables = Tables(self.reader.language, self.reader.case == "first-letter")
        return self._tables
