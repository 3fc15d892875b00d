"""What was learnt of links, sorted and joined on disk by SQLite, whose sorter merges bounded runs.

    link      an anchor, its target, the hash of the article that links, and whether it does in its running text
    page      titles of articles
    redirect  titles and what they lead to, chains followed and cycles dropped
    pair      an anchor, its target with redirects resolved, how many articles link so
    extra     entries that nobody linked: the name before a disambiguator, a title with a small first letter, which
              only counts where it was seen
    entry     everything that may become a link, and whether it may without having been seen

The text of SQLite is compared as bytes of UTF-8, which is the order of code points.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any

from msgspec import Struct

from convert.io.scratch import open_scratch
from convert.links.dictionary import undisambiguated
from convert.links.folding import CURLY, first_letter_changed, straight
from convert.links.stored import MAX_ENTRY

#: Memory of the sorter.
_CACHE_KIB = 6 << 10
#: Redirects are followed by doubling: chains of up to two to the power of this.
_DOUBLINGS = 5
#: The least hashes that are kept of a page's linkers, and the targets of an anchor.
SAMPLE = 64
MOST_TARGETS = 100

_TABLES = (
    "CREATE TABLE link (anchor TEXT, target TEXT, article INTEGER, prose INTEGER)",
    "CREATE TABLE page (title TEXT PRIMARY KEY) WITHOUT ROWID",
    "CREATE TABLE redirect (source TEXT PRIMARY KEY, target TEXT) WITHOUT ROWID",
    "CREATE TABLE extra (entry TEXT, title TEXT, always INTEGER)",
)

#: Links with their targets, redirects followed.
_LINKS = "link LEFT JOIN redirect ON source = link.target"
#: Entries that ``straight`` would change.
_IS_CURLY = f"GLOB '*[{CURLY}]*'"
_TARGET = "coalesce(redirect.target, link.target)"
#: Behind the last row.
_END: tuple[Any, ...] = ("",)


class Row(Struct):
    """What is known of an entry, and whether it counts even if it was not seen.

    ``page`` is empty where it is no title of a known page; ``sample`` has the hashes of its linkers as bytes.
    """

    entry: str
    always: int
    page: str = ""
    linked: int = 0
    targets: dict[str, int] = {}
    linking: int = 0
    sample: bytes = b""

    def add_own(self) -> None:
        """Add the entry to its targets, if it is none, as one that nobody linked."""
        if self.entry not in self.targets:
            self.targets[self.entry] = 0
            if len(self.targets) > 1:
                ordered = sorted(self.targets.items(), key=lambda target: (-target[1], target[0]))
                self.targets = dict(ordered[:MOST_TARGETS])


class Tables:
    """Links, pages and redirects on disk."""

    def __init__(self, language: str = "", capitalises: bool = True) -> None:
        self._disk = open_scratch(*_TABLES)
        self._disk.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        self.language, self.capitalises = language, capitalises
        self._disk.create_function("undisambiguated", 1, undisambiguated, deterministic=True)
        self._disk.create_function("straight", 1, straight, deterministic=True)
        self._disk.create_function("small", 1, self._small, deterministic=True)

    def add_page(self, title: str) -> bool:
        """Add a page; return whether it is new."""
        return bool(self._disk.execute("INSERT OR IGNORE INTO page VALUES (?)", (title,)).rowcount)

    def add_small_name(self, title: str) -> None:
        """Add the name before a title's disambiguator with a small first letter, which counts where it was seen."""
        if name := undisambiguated(title):
            self._disk.execute("INSERT INTO extra VALUES (?, ?, 0)", (self._small(name), title))

    def add_redirect(self, source: str, target: str) -> None:
        """Add a redirect; the first of its title counts."""
        self._disk.execute("INSERT OR IGNORE INTO redirect VALUES (?, ?)", (source, target))

    def add_links(self, links: Iterable[tuple[str, str]], article: int, in_prose: bool) -> None:
        """Add the links of an article, each once."""
        rows = [
            (straight(anchor), target, article, in_prose) for anchor, target in links if 0 < len(anchor) <= MAX_ENTRY
        ]
        self._disk.executemany("INSERT INTO link VALUES (?, ?, ?, ?)", rows)

    def count_pages(self) -> int:
        """Return how many pages there are."""
        return int(self._disk.execute("SELECT count(*) FROM page").fetchone()[0])

    def count_entries(self) -> int:
        """Return how many entries there are."""
        return int(self._disk.execute("SELECT count(*) FROM entry").fetchone()[0])

    def resolve(self) -> None:
        """Make the tables that the others follow from; then nothing may be added."""
        run = self._disk.execute
        run("DELETE FROM redirect WHERE source IN (SELECT title FROM page)")
        for _ in range(_DOUBLINGS):
            run(
                "UPDATE redirect SET target = "
                "(SELECT next.target FROM redirect next WHERE next.source = redirect.target) "
                "WHERE target IN (SELECT source FROM redirect)"
            )
        run("CREATE TABLE cycle AS SELECT source FROM redirect WHERE target IN (SELECT source FROM redirect)")
        run("DELETE FROM redirect WHERE source IN (SELECT source FROM cycle)")
        run(
            f"CREATE TABLE pair AS SELECT anchor, {_TARGET} AS target, count(DISTINCT article) AS articles, "
            f"count(DISTINCT CASE WHEN prose THEN article END) AS linked FROM {_LINKS} GROUP BY 1, 2"
        )
        run("CREATE TABLE target AS SELECT DISTINCT target AS title FROM pair")
        for titles in ("target", "page"):
            run(
                f"INSERT INTO extra SELECT undisambiguated(title), title, 1 FROM {titles} "
                "WHERE title LIKE '%)' OR title LIKE '%）'"
            )
            # Most are names, which need not be asked about in Python; but for those such as eBay.
            is_small = "title NOT GLOB '?*[A-Z]*' OR title GLOB '[A-Z][A-Z]*'"
            run(f"INSERT INTO extra SELECT small(title), title, 0 FROM {titles} WHERE {is_small}")
        known = "target IN (SELECT title FROM page)"
        linked = "target IN (SELECT title FROM target)"
        run(f"DELETE FROM redirect WHERE NOT {known} AND NOT {linked}")
        run("INSERT INTO extra SELECT small(source), target, 0 FROM redirect")
        run(f"INSERT INTO extra SELECT source, target, 1 FROM redirect WHERE NOT {known}")
        tables = ("title", "title", "target"), ("title", "title", "page"), ("source", "target", "redirect")
        for entry, title, table in tables:
            run(f"INSERT INTO extra SELECT straight({entry}), {title}, 1 FROM {table} WHERE {entry} {_IS_CURLY}")
        run(f"UPDATE extra SET entry = straight(entry) WHERE entry {_IS_CURLY}")
        run("DELETE FROM extra WHERE entry = ''")
        run(
            "CREATE TABLE entry AS SELECT text, max(always) AS always FROM ("
            "SELECT anchor AS text, 1 AS always FROM pair WHERE anchor <> target UNION ALL SELECT title, 1 FROM target "
            "UNION ALL SELECT title, 1 FROM page UNION ALL SELECT source, 1 FROM redirect "
            "UNION ALL SELECT entry, always FROM extra) GROUP BY text ORDER BY text"
        )

    def entries(self) -> Iterator[tuple[str, int]]:
        """Yield all entries, sorted, each with whether it counts even if it was not seen."""
        return iter(self._disk.execute("SELECT text, always FROM entry"))

    def rows(self) -> Iterator[Row]:
        """Yield what is known of every entry, sorted."""
        run = self._disk.execute
        pages = run("SELECT title FROM page ORDER BY title")
        redirects = run("SELECT source, target FROM redirect WHERE target IN (SELECT title FROM page) ORDER BY source")
        pairs = run(
            "SELECT anchor, target, articles, linked FROM pair UNION ALL SELECT entry, title, 0, 0 FROM extra "
            "ORDER BY 1, 3 DESC, 2"
        )
        linkers = self._linkers()
        page, redirect, pair, linking = (next(rows, _END) for rows in (pages, redirects, pairs, linkers))
        for entry, always in self.entries():
            row = Row(entry, always)
            if page[0] == entry:
                row.page, page = entry, next(pages, _END)
            elif redirect[0] == entry:
                row.page, redirect = redirect[1], next(redirects, _END)
            while pair[0] == entry:
                _, target, articles, linked = pair
                row.linked += linked
                if target not in row.targets and len(row.targets) < MOST_TARGETS:
                    row.targets[target] = articles
                pair = next(pairs, _END)
            if linking[0] == entry:
                _, row.linking, row.sample = linking
                row.add_own()
                linking = next(linkers, _END)
            yield row

    def _linkers(self) -> Iterator[tuple[str, int, bytes]]:
        """Yield the linked pages in order: title, number of linking articles, and the smallest of their hashes."""
        rows = self._disk.execute(f"SELECT {_TARGET} AS title, article FROM {_LINKS} ORDER BY 1, 2")
        for title, links in groupby(rows, itemgetter(0)):
            last, count, sample = -1, 0, array("I")
            for _, article in links:
                if article != last:
                    last = article
                    count += 1
                    if count <= SAMPLE:
                        sample.append(article)
            yield title, count, sample.tobytes()

    def close(self) -> None:
        """Remove everything."""
        self._disk.close()

    def _small(self, title: str) -> str:
        """Return a title with a small first letter, as a word has it within a sentence; empty if it is a name.

        Of two capitals the first may be the wiki's: ``eBay``.
        """
        rest = title[1:]
        if not self.capitalises or not (rest[:1].isupper() or rest == rest.lower()):
            return ""
        small = first_letter_changed(title, self.language)
        return small if small != title and small[:1].islower() else ""
