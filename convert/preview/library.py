"""The articles of the inputs, as positions and, once they were read, as rows.

``scan`` finds the pieces of the inputs without reading them; ``survey`` then reads one after the other, in order, and
keeps a row of each article.  A change of the inputs is a scan anew, in which what did not change stays read.

Every change raises ``version``; whoever knows a version asks for what came since (``changes``).
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from hashlib import blake2b

from msgspec import Struct, json

from convert.inputs import sources
from convert.inputs.piece import Piece
from convert.inputs.sources import Selection
from convert.preview.documents import Document, Reader
from convert.preview.rows import Row

#: So many pieces are listed at most: their rows go to the browser, which searches and filters them.
MAX_PIECES = 100_000


class Shelf(Struct):
    """A piece and what was read of it.

    ``version`` is that of its last change, ``edition`` that of the last one after which its articles look different,
    ``planned`` the edition that was compared with the wiki.
    """

    key: str
    piece: Piece
    rows: list[Row]
    read: bool
    version: int = 0
    edition: int = 0
    planned: int = -1


class Changes(Struct):
    """What came since a version; where the ``generation`` is another, it is everything."""

    generation: int
    version: int
    shelves: int
    read: int
    scanned: bool
    limited: bool
    changed: list[tuple[int, list[Row]]]


class Library:
    """What can be looked at.  Safe to be used by several threads.

    ``pass_over`` is told, at every scan, of what is no article and is not read.
    """

    def __init__(
        self,
        inputs: Sequence[str],
        selection: Selection,
        reader: Reader,
        pass_over: sources.SourceReport | None = None,
    ) -> None:
        self._pass_over = pass_over
        self.inputs = inputs
        self.selection = selection
        self.reader = reader
        self.version = 0
        self.generation = 0
        #: What keeps the library from being in step with the files, for people.
        self.problem = ""
        self._shelves: list[Shelf] = []
        self._places: dict[str, int] = {}
        self._read = 0
        self._scanned = self._limited = False
        self._lock = threading.Lock()

    # ── Finding

    def scan(self, touched: frozenset[str] = frozenset()) -> set[str]:
        """Find the pieces of the inputs; tell the keys of those that changed, came or went.

        ``touched`` are paths that changed although nothing may show it.
        """
        first = not self._shelves
        known = {each.key: each for each in self._shelves}
        found: list[Shelf] = []
        places: dict[str, int] = {}
        if first:
            self._shelves, self._places = found, places
        for piece in sources.pieces(self.inputs, self.selection, self._pass_over):
            if len(found) == MAX_PIECES:
                self._limited = True
                break
            shelf = _shelved(piece, known, touched, places)
            with self._lock:
                if known.get(shelf.key) is not shelf:
                    self.version += 1
                    shelf.version = shelf.edition = self.version
                places[shelf.key] = len(found)
                found.append(shelf)
        with self._lock:
            changed = {each.key for each in found if known.get(each.key) is not each} | (known.keys() - places.keys())
            if not first and list(known) != list(places):
                self.generation += 1
            self._shelves, self._places = found, places
            self._read = sum(each.read for each in found)
            self._scanned = True
            self.version += 1
        return changed

    def forget(self, reader: Reader) -> None:
        """Read everything anew, under other options."""
        with self._lock:
            self.reader = reader
            self._read = 0
            self.version += 1
            for each in self._shelves:
                each.read = False
                each.edition = self.version

    # ── Reading

    def survey(self) -> Iterator[int]:
        """Read what was not read, in order; yields the number of each piece."""
        at = 0
        while at < len(self._shelves):
            shelf = self._shelves[at]
            if not shelf.read:
                self._fill(shelf)
                yield at
            at += 1
        self._mark_repeated()

    def _fill(self, shelf: Shelf) -> None:
        reader = self.reader
        rows = reader.rows(shelf.piece, shelf.key)
        with self._lock:
            if reader is not self.reader:
                return  # it is to be read anew already
            plans = {each.id: each.plan for each in shelf.rows}
            for each in rows:
                each.plan = plans.get(each.id, "")
            self.version += 1
            self._read += not shelf.read
            shelf.rows, shelf.read, shelf.version = rows, True, self.version

    def _mark_repeated(self) -> None:
        """Mark the articles whose page another one is already."""
        pages: dict[str, Row] = {}
        with self._lock:
            for shelf in self._shelves:
                for row in shelf.rows:
                    first = pages.setdefault(row.page, row) if row.page else row
                    self._mark(shelf, row, first)

    def _mark(self, shelf: Shelf, row: Row, first: Row) -> None:
        repeated = first is not row
        if repeated == ("title-repeated" in row.codes):
            return
        errors, warnings, infos = row.counts
        row.refusal = f"it is the page of {first.source} already: give one of the two another title" if repeated else ""
        row.codes = tuple(each for each in row.codes if each != "title-repeated") + ("title-repeated",) * repeated
        row.counts = (errors + (1 if repeated else -1), warnings, infos)
        self.version += 1
        shelf.version = self.version

    def unplanned(self, most: int) -> Iterator[list[Document]]:
        """Look at the articles that were not compared with the wiki, at most so many pieces at a time."""
        waiting = [each for each in self._shelves if each.read and each.planned != each.edition]
        for start in range(0, len(waiting), most):
            some = waiting[start : start + most]
            for each in some:
                each.planned = each.edition
            yield [document for each in some for document in self.reader.documents(each.piece, each.key)]

    def plan(self, kinds: Mapping[str, str]) -> None:
        """Note what an upload would do, by the id of the article."""
        with self._lock:
            self.version += 1
            for id, kind in kinds.items():
                at = self._places.get(id.rpartition("-")[0])
                shelf = self._shelves[at] if at is not None else None
                for row in shelf.rows if shelf else ():
                    if row.id == id and shelf:
                        row.plan, shelf.version = kind, self.version

    # ── Looking

    def changes(self, generation: int, since: int) -> bytes:
        """Tell what came since a version, as JSON."""
        with self._lock:
            if generation != self.generation:
                since = -1
            changed = [(number, each.rows) for number, each in enumerate(self._shelves) if each.version > since]
            told = Changes(
                self.generation, self.version, len(self._shelves), self._read, self._scanned, self._limited, changed
            )
            return json.encode(told)

    def told(self, rows: list[Row]) -> Changes:
        """Tell of rows as of everything that there is."""
        return Changes(0, 0, 1, 1, True, self._limited, [(0, rows)])

    def document(self, id: str, choices: Mapping[int, str]) -> Document | None:
        """Look at an article; ``None`` where there is no such."""
        key, _, place = id.rpartition("-")
        with suppress(KeyError, ValueError):
            shelf = self._shelves[self._places[key]]
            return self.reader.document(shelf.piece, int(place), id, choices)
        return None

    def documents(self) -> Iterator[Document]:
        """Look at all articles, in order."""
        for shelf in self._shelves:
            yield from self.reader.documents(shelf.piece, shelf.key)

    def edition(self, id: str) -> int:
        """Tell which edition of an article there is; 0 where there is none."""
        at = self._places.get(id.rpartition("-")[0])
        return 0 if at is None else self._shelves[at].edition

    def row(self, id: str) -> Row | None:
        """Find an article's row, if it was read."""
        shelf = self._shelves[self._places[key]] if (key := id.rpartition("-")[0]) in self._places else None
        return next((each for each in shelf.rows if each.id == id), None) if shelf else None

    def rows(self) -> list[Row]:
        """All articles, in order."""
        with self._lock:
            return [row for shelf in self._shelves for row in shelf.rows]

    def neighbours(self, id: str) -> tuple[Row | None, Row | None]:
        """Find the articles before and behind one, in the order of the input."""
        at = self._places.get(id.rpartition("-")[0])
        if at is None:
            return None, None
        near = [row for shelf in self._shelves[max(at - 1, 0) : at + 2] for row in shelf.rows]
        number = next((number for number, row in enumerate(near) if row.id == id), None)
        if number is None:
            return None, None
        return (near[number - 1] if number else None), (near[number + 1] if number + 1 < len(near) else None)


def _shelved(piece: Piece, known: Mapping[str, Shelf], touched: frozenset[str], taken: Mapping[str, int]) -> Shelf:
    """Take what is known of a piece, or make a shelf on which nothing was read."""
    name = f"{piece.source}\0{piece.start}".encode()
    key = blake2b(name, digest_size=6).hexdigest()
    while key in taken:  # the same input was named twice
        name += b"\0"
        key = blake2b(name, digest_size=6).hexdigest()
    shelf = known.get(key)
    if shelf and shelf.piece == piece and piece.path not in touched:
        return shelf
    if piece.refusal:
        row = Row(f"{key}-0", piece.source, piece.source, refusal=piece.refusal[1], codes=(piece.refusal[0],))
        row.counts = (1, 0, 0)
        return Shelf(key, piece, [row], True)
    unread = [Row(f"{key}-0", piece.title or piece.source, piece.source, piece.line, False)]
    return Shelf(key, piece, shelf.rows if shelf else unread, False)
