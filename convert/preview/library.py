"""The articles of the inputs: pieces found by a scan, and the rows of the list read from them.

``scan`` finds the pieces of the inputs without reading them; ``read_pending`` reads them in order and keeps a row for
each article.  After a change of the inputs they are scanned again, and unchanged pieces keep their rows.

Every change increments ``version``; ``changes`` returns what changed since a version.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from hashlib import blake2b

from msgspec import Struct, json

from convert.inputs import sources
from convert.inputs.piece import Piece
from convert.inputs.sources import Selection
from convert.preview.documents import Document, Reader
from convert.preview.edits.undecided import Undecided
from convert.preview.rows import Facts, Row

#: Pieces listed at most: their rows go to the browser, which searches and filters them.
MAX_PIECES = 100_000


class PieceState(Struct):
    """A piece and the rows read from it.

    ``version`` is the library's version at its last change, ``edition`` at the last change of its articles' content,
    ``planned`` the edition that was last compared with the wiki.  ``facts`` are those of the rows that were read.
    """

    key: str
    piece: Piece
    rows: list[Row]
    read: bool
    version: int = 0
    edition: int = 0
    planned: int = -1
    facts: Sequence[Facts] = ()


class Changes(Struct):
    """The rows that changed since a version, by the index of their piece; all rows after a new ``generation``."""

    generation: int
    version: int
    pieces: int
    read: int
    scanned: bool
    limited: bool
    changed: list[tuple[int, list[Row]]]
    #: Why the wiki does not answer; empty if it does, or if none is asked.
    wiki: str = ""


class Library:
    """The articles of the inputs.  Thread-safe.

    ``pass_over`` is called at every scan with the files that are not articles and therefore not read.
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
        #: Why the library is out of date, as a message; empty if it is not.
        self.problem = ""
        #: Why the wiki does not answer; empty if it does.
        self.wiki_problem = ""
        self._pieces: list[PieceState] = []
        self._positions: dict[str, int] = {}
        #: The articles in whose files a person wrote a template during this run.
        self.named: set[str] = set()
        self._undecided = Undecided()
        self._read_count = 0
        self._scanned = self._limited = False
        self._lock, self._scanning = threading.Lock(), threading.Lock()

    # ── Finding

    def scan(self, touched: frozenset[str] = frozenset()) -> set[str]:
        """Find the pieces of the inputs; return the keys of those that changed, were added or were removed.

        ``touched`` are paths that are known to have changed, whatever their size and time say.
        """
        with self._scanning:
            return self._scan(touched)

    def _scan(self, touched: frozenset[str]) -> set[str]:
        first = not self._pieces
        known = {state.key: state for state in self._pieces}
        states: list[PieceState] = []
        positions: dict[str, int] = {}
        if first:
            self._pieces, self._positions = states, positions
        for piece in sources.pieces(self.inputs, self.selection, self._pass_over):
            if len(states) == MAX_PIECES:
                self._limited = True
                break
            state = _piece_state(piece, known, touched, positions)
            with self._lock:
                if known.get(state.key) is not state:
                    self.version += 1
                    state.version = state.edition = self.version
                positions[state.key] = len(states)
                states.append(state)
        with self._lock:
            changed = {state.key for state in states if known.get(state.key) is not state} | (
                known.keys() - positions.keys()
            )
            if not first and list(known) != list(positions):
                self.generation += 1
            self._pieces, self._positions = states, positions
            self._undecided.set_all(state.facts for state in states)
            self._read_count = sum(state.read for state in states)
            self._scanned = True
            self.version += 1
        return changed

    def use_reader(self, reader: Reader, only: Collection[str] | None = None) -> None:
        """Replace the reader, and mark every piece as unread, or those of the articles that it reads otherwise."""
        keys = None if only is None else {_key(id) for id in only}
        with self._lock:
            self.reader = reader
            self.version += 1
            for state in self._pieces:
                if keys is None or state.key in keys:
                    state.read = False
                    state.edition = self.version
            self._read_count = sum(state.read for state in self._pieces)

    # ── Reading

    def read_pending(self) -> Iterator[int]:
        """Read the unread pieces in order; yield the index of each once it is read."""
        at = 0
        while at < len(self._pieces):
            state = self._pieces[at]
            if not state.read:
                self._read_piece(state)
                yield at
            at += 1
        self._mark_duplicates()

    def _read_piece(self, state: PieceState) -> None:
        reader = self.reader
        found = reader.rows(state.piece, state.key)
        rows = [row for row, _ in found]
        with self._lock:
            if reader is not self.reader:
                return  # the reader was replaced meanwhile: the piece is pending again
            plans = {row.id: row.plan for row in state.rows}
            for row in rows:
                row.plan = plans.get(row.id, "")
                row.decided = row.decided or row.id in self.named
            at = self._positions.get(state.key)
            if at is not None and self._pieces[at] is state:  # it is there since the last scan
                self._undecided.replace(at, state.facts, found)
            self.version += 1
            self._read_count += not state.read
            state.facts = [facts for _, facts in found]
            state.rows, state.read, state.version = rows, True, self.version

    def read_now(self, ids: Collection[str]) -> None:
        """Read the pieces of some articles at once, if they are unread."""
        keys = dict.fromkeys(_key(id) for id in ids)
        for at in [self._positions[key] for key in keys if key in self._positions]:
            if not self._pieces[at].read:
                self._read_piece(self._pieces[at])

    def _mark_duplicates(self) -> None:
        """Mark the articles whose page title an earlier article has already."""
        pages: dict[str, Row] = {}
        with self._lock:
            for state in self._pieces:
                for row in state.rows:
                    first = pages.setdefault(row.page, row) if row.page else row
                    self._mark_duplicate(state, row, first)

    def _mark_duplicate(self, state: PieceState, row: Row, first: Row) -> None:
        repeated = first is not row
        if repeated == ("title-repeated" in row.codes):
            return
        errors, warnings, infos = row.counts
        row.refusal = f"it is the page of {first.source} already: give one of the two another title" if repeated else ""
        row.codes = tuple(code for code in row.codes if code != "title-repeated") + ("title-repeated",) * repeated
        row.counts = (errors + (1 if repeated else -1), warnings, infos)
        self.version += 1
        state.version = self.version

    def unplanned(self, most: int) -> Iterator[list[Document]]:
        """Yield the articles that were not yet compared with the wiki, in batches of ``most`` pieces."""
        waiting = [state for state in self._pieces if state.read and state.planned != state.edition]
        for start in range(0, len(waiting), most):
            some = waiting[start : start + most]
            for state in some:
                state.planned = state.edition
            yield [document for state in some for document in self.reader.documents(state.piece, state.key)]

    def set_wiki_problem(self, problem: str) -> None:
        """Store why the wiki does not answer."""
        with self._lock:
            if problem != self.wiki_problem:
                self.wiki_problem = problem
                self.version += 1

    def set_plans(self, kinds: Mapping[str, str]) -> None:
        """Store what an upload would do, by article id."""
        with self._lock:
            self.version += 1
            for id, kind in kinds.items():
                at = self._positions.get(_key(id))
                state = self._pieces[at] if at is not None else None
                for row in state.rows if state else ():
                    if row.id == id and state:
                        row.plan, state.version = kind, self.version

    # ── Looking

    @property
    def is_read(self) -> bool:
        """Whether everything was found and read."""
        return self._scanned and self._read_count == len(self._pieces)

    def states(self) -> Sequence[PieceState]:
        """Return the pieces as they are now, in order."""
        return self._pieces

    def all_facts(self) -> Iterator[Facts]:
        """Yield what rules look at in all articles, in order."""
        for state in self._pieces:
            yield from state.facts

    def facts(self, id: str) -> Facts | None:
        """Return what rules look at in an article, if it was read."""
        at = self._positions.get(_key(id))
        return next((facts for facts in self._pieces[at].facts if facts.id == id), None) if at is not None else None

    def alike(self, keys: Collection[str]) -> int:
        """Return how many doubtful infoboxes have exactly these keys."""
        return self._undecided.alike(keys)

    def left_after(self, id: str) -> tuple[int, str]:
        """Return how many articles are left to decide, and the next one: the most doubtful first, then in order."""
        with self._lock:
            return len(self._undecided), self._undecided.after(self._positions.get(_key(id), -1), id)

    def changes(self, generation: int, since: int) -> bytes:
        """Return the rows changed since a version, as JSON of ``Changes``."""
        with self._lock:
            if generation != self.generation:
                since = -1
            changed = [(number, state.rows) for number, state in enumerate(self._pieces) if state.version > since]
            changes = Changes(
                self.generation,
                self.version,
                len(self._pieces),
                self._read_count,
                self._scanned,
                self._limited,
                changed,
                self.wiki_problem,
            )
            return json.encode(changes)

    def snapshot(self, rows: list[Row]) -> Changes:
        """Return rows as a complete list, for export."""
        return Changes(0, 0, 1, 1, True, self._limited, [(0, rows)])

    def document(self, id: str, choices: Mapping[int, str]) -> Document | None:
        """Return an article; ``None`` for an unknown id."""
        key, _, place = id.rpartition("-")
        with suppress(KeyError, ValueError):
            state = self._pieces[self._positions[key]]
            return self.reader.document(state.piece, int(place), id, choices)
        return None

    def documents(self) -> Iterator[Document]:
        """Yield all articles in order."""
        for state in self._pieces:
            yield from self.reader.documents(state.piece, state.key)

    def edition(self, id: str) -> int:
        """Return the edition of an article; 0 for an unknown id."""
        at = self._positions.get(_key(id))
        return 0 if at is None else self._pieces[at].edition

    def row(self, id: str) -> Row | None:
        """Find an article's row, if it was read."""
        state = self._pieces[self._positions[key]] if (key := _key(id)) in self._positions else None
        return next((row for row in state.rows if row.id == id), None) if state else None

    def rows(self) -> list[Row]:
        """Return the rows of all articles in order."""
        with self._lock:
            return [row for state in self._pieces for row in state.rows]

    def neighbours(self, id: str) -> tuple[Row | None, Row | None]:
        """Return the rows before and after an article, in input order."""
        at = self._positions.get(_key(id))
        if at is None:
            return None, None
        near = [row for state in self._pieces[max(at - 1, 0) : at + 2] for row in state.rows]
        number = next((number for number, row in enumerate(near) if row.id == id), None)
        if number is None:
            return None, None
        return (near[number - 1] if number else None), (near[number + 1] if number + 1 < len(near) else None)


def _key(id: str) -> str:
    """Return the key of the piece of an article."""
    return id.rpartition("-")[0]


def _piece_state(
    piece: Piece, known: Mapping[str, PieceState], touched: frozenset[str], taken: Mapping[str, int]
) -> PieceState:
    """Return the known state of an unchanged piece, or a new unread one."""
    name = f"{piece.source}\0{piece.start}".encode()
    key = blake2b(name, digest_size=6).hexdigest()
    while key in taken:  # the same input was given twice
        name += b"\0"
        key = blake2b(name, digest_size=6).hexdigest()
    state = known.get(key)
    if state and state.piece == piece and piece.path not in touched:
        return state
    if piece.refusal:
        row = Row(f"{key}-0", piece.source, piece.source, refusal=piece.refusal[1], codes=(piece.refusal[0],))
        row.counts = (1, 0, 0)
        return PieceState(key, piece, [row], True)
    unread = [Row(f"{key}-0", piece.title or piece.source, piece.source, piece.line, False)]
    return PieceState(key, piece, state.rows if state else unread, False, facts=state.facts if state else ())
