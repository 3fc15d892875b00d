"""A dictionary made of titles and redirects: no links are counted, but in how many articles beside each other they are.

How often a title has a small first letter there tells names from words.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from itertools import starmap
from typing import NamedTuple

from msgspec import structs

from convert.dictionaries.counting import counted
from convert.dictionaries.spool import Spool
from convert.dictionaries.tables import Tables
from convert.dictionaries.writing import write_tables
from convert.io.atomic import Output
from convert.links.learn.targets import title_reader
from convert.links.stored import Header
from convert.wikitext.dumps import DumpSite


class Title(NamedTuple):
    """A title; ``target`` is the title that it redirects to, empty for a page, and ``text`` what is read there."""

    title: str
    target: str = ""
    text: str = ""


#: Titles, each with the title that it redirects to, or with all that is known.
Titles = Iterable[tuple[str, str] | Title]


def write_titles(output: Output, header: Header, titles: Titles) -> Header:
    """Write a dictionary of titles."""
    site = DumpSite(case=header.case)
    tables = Tables(header.language, header.case == "first-letter")
    title_of = title_reader(site, header.language)
    articles = 0
    with Spool() as spool:
        try:
            for title, target, text in starmap(Title, titles):
                if text:
                    spool.add(text)
                    articles += 1
                if not (title := title_of(title)):
                    continue
                if not target:
                    tables.add_page(title)
                    tables.add_small_name(title)
                elif target := title_of(target):
                    tables.add_redirect(title, target)
            tables.resolve()
            named = counted(tables, spool, 1) if articles else array("I", bytes(4 * tables.count_entries()))
            known = {"articles": articles, "pages": tables.count_pages(), "namings": sum(named)}
            header = structs.replace(header, titles=True, **known)
            return write_tables(output, header, tables, named)
        finally:
            tables.close()
