"""What was learnt of links, sorted and joined on disk by SQLite, whose sorter merges bounded runs.

    link      an anchor, its target, the hash of the article that links, and whether it does in its running text
    page      titles of articles
    redirect  titles and what they lead to, chains followed and cycles dropped
    pair      an anchor, its target with redirects resolved, how many articles link so
    extra     entries that nobody linked: titles that links lead to, the name before a disambiguator, a title with a
              small first letter, which only counts where it was seen
    entry     everything that may become a link, and whether it may without having been seen

The text of SQLite is compared as bytes of UTF-8, which is the order of code points.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator

from msgspec import Struct

from convert.io.scratch import open_scratch
from convert.links.dictionary import undisambiguated
from convert.links.folding import first_letter_changed
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


class Row(Struct):
    """What is known of an entry; ``page`` is empty where it is no title of a known page.

    ``sample`` has the hashes of its linkers as bytes: a stretch of rows is in memory at once.
    """

    entry: str
    page: str
    linked: int
    targets: dict[str, int]
    linking: int
    sample: bytes
    seen: int = 0


class Tables:
    """Links, pages and redirects on disk."""

    def __init__(self, language: str = "", capitalises: bool = True) -> None:
        self._disk = open_scratch(*_TABLES)
        self._disk.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        self.language, self.capitalises = language, capitalises
        self._disk.create_function("undisambiguated", 1, undisambiguated, deterministic=True)
        self._disk.create_function("small", 1, self._small, deterministic=True)

    def add_page(self, title: str) -> bool:
        """Add a page; return whether it is new."""
        return bool(self._disk.execute("INSERT OR IGNORE INTO page VALUES (?)", (title,)).rowcount)

    def add_redirect(self, source: str, target: str) -> None:
        """Add a redirect; the first of its title counts."""
        self._disk.execute("INSERT OR IGNORE INTO redirect VALUES (?, ?)", (source, target))

    def add_links(self, links: Iterable[tuple[str, str]], article: int, in_prose: bool) -> None:
        """Add the links of an article, each once."""
        rows = [(anchor, target, article, in_prose) for anchor, target in links if 0 < len(anchor) <= MAX_ENTRY]
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
            "CREATE TABLE pair AS SELECT anchor, coalesce(redirect.target, link.target) AS target, "
            "count(DISTINCT article) AS articles, count(DISTINCT CASE WHEN prose THEN article END) AS linked "
            "FROM link LEFT JOIN redirect ON source = link.target GROUP BY 1, 2"
        )
        run("CREATE TABLE target AS SELECT DISTINCT target AS title FROM pair")
        run("INSERT INTO extra SELECT title, title, 1 FROM target")
        for titles in ("target", "page"):
            run(
                f"INSERT INTO extra SELECT undisambiguated(title), title, 1 FROM {titles} "
                "WHERE title LIKE '%)' OR title LIKE '%）'"
            )
            run(f"INSERT INTO extra SELECT small(title), title, 0 FROM {titles}")
        known = "target IN (SELECT title FROM page)"
        linked = "target IN (SELECT title FROM target)"
        run(f"DELETE FROM redirect WHERE NOT {known} AND NOT {linked}")
        run("INSERT INTO extra SELECT small(source), target, 0 FROM redirect")
        run(f"INSERT INTO extra SELECT source, target, 1 FROM redirect WHERE NOT {known}")
        run("DELETE FROM extra WHERE entry = ''")
        run(
            "CREATE TABLE entry AS SELECT text, max(always) AS always FROM ("
            "SELECT anchor AS text, 1 AS always FROM pair UNION ALL SELECT title, 1 FROM target "
            "UNION ALL SELECT title, 1 FROM page UNION ALL SELECT source, 1 FROM redirect "
            "UNION ALL SELECT entry, always FROM extra) GROUP BY text ORDER BY text"
        )

    def entries(self) -> Iterator[tuple[str, int]]:
        """Yield all entries, sorted, each with whether it counts even if it was not seen."""
        return iter(self._disk.execute("SELECT text, always FROM entry"))

    def rows(self) -> Iterator[Row]:
        """Yield what is known of every entry, sorted."""
        pages = self._disk.execute(
            "SELECT text, coalesce(title, redirected.target, '') FROM entry LEFT JOIN page ON title = text "
            "LEFT JOIN (SELECT source, target FROM redirect JOIN page ON target = title) redirected ON source = text "
            "ORDER BY text"
        )
        pairs = self._disk.execute(
            "SELECT anchor, target, articles, linked FROM pair UNION ALL SELECT entry, title, 0, 0 FROM extra "
            "ORDER BY 1, 3 DESC, 2"
        )
        linkers = self._disk.execute(
            "SELECT title, count(*), group_concat(article) FROM ("
            "SELECT DISTINCT coalesce(redirect.target, link.target) AS title, article FROM link "
            "LEFT JOIN redirect ON source = link.target) GROUP BY title ORDER BY title"
        )
        pair, linking = next(pairs, None), next(linkers, None)
        for entry, page in pages:
            targets: dict[str, int] = {}
            linked, count, sample = 0, 0, b""
            while pair and pair[0] == entry:
                if pair[1] not in targets and len(targets) < MOST_TARGETS:
                    targets[pair[1]] = pair[2]
                linked += pair[3]
                pair = next(pairs, None)
            if linking and linking[0] == entry:
                count = linking[1]
                sample = array("I", sorted(map(int, linking[2].split(",")))[:SAMPLE]).tobytes()
                linking = next(linkers, None)
            yield Row(entry, page, linked, targets, count, sample)

    def close(self) -> None:
        """Remove everything."""
        self._disk.close()

    def _small(self, title: str) -> str:
        """Return a title with a small first letter, as a word has it within a sentence; empty if it is a name."""
        rest = title[1:]
        if not self.capitalises or rest != rest.lower():
            return ""
        small = first_letter_changed(title, self.language)
        return small if small != title and small[:1].islower() else ""
