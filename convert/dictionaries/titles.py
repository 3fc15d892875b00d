"""A dictionary made of titles and redirects: nothing is counted."""

from __future__ import annotations

from array import array
from collections.abc import Iterable

from msgspec import structs

from convert.dictionaries.tables import Tables
from convert.dictionaries.writing import write_tables
from convert.io.atomic import Output
from convert.links.learn.targets import title_reader
from convert.links.stored import Header
from convert.wikitext.dumps import DumpSite


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
        header = structs.replace(header, pages=tables.count_pages())
        unseen = array("I", bytes(4 * tables.count_entries()))
        return write_tables(output, header, tables, unseen)
    finally:
        tables.close()
