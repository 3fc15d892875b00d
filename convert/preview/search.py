"""Search in the texts of articles, keys and values included; the list itself searches titles and files.

Texts are read when somebody first searches, a little at each request, and kept in memory up to a limit: a request
answers with what was found among those read so far.  A text of a file is searched as it stands there, in one line and
without accents; what is no text to read is searched as its plain article.
"""

from __future__ import annotations

import threading
import unicodedata
from collections.abc import Iterator, Sequence
from time import monotonic

from msgspec import Struct

from convert.expressions import expression
from convert.inputs import sources
from convert.inputs.encodings import in_utf8
from convert.inputs.piece import Piece
from convert.preview.library import Library, PieceState
from convert.preview.rows import Row
from convert.writers import plain

MAX_QUERY = 200
#: How long a request reads texts, in seconds.
READING_S = 0.2
#: Characters kept of all texts; those of further articles are not searched.
MAX_CHARACTERS = 200_000_000
#: Articles found at most, and of how many the place is shown.
MAX_FOUND = 100_000
EXCERPTS = 100
_AROUND = 60
#: Formats whose files hold what readers read.
_AS_THEY_STAND = frozenset({"plain", "markdown"})

# Accents of European scripts and vowel marks of Hebrew and Arabic, which people leave out.
_MARKS = expression("[\u0300-\u036f\u0591-\u05bd\u064b-\u0655]+")
# Letters with such marks, and marks beside their letters.
_ACCENTED = expression(
    "[\u00c0-\u024f\u0300-\u036f\u0386-\u03ce\u0400-\u045f\u0591-\u05bd\u0622-\u0626\u064b-\u0655\u1e00-\u1fff]"
)


class Found(Struct):
    """The ids of articles whose text has a query; ``excerpts`` show it in some, by their ids.

    ``searched`` of the ``articles`` were read so far; ``limited``: others are not kept.
    """

    ids: list[str]
    excerpts: dict[str, str]
    searched: int
    articles: int
    limited: bool


class _Texts(Struct):
    """The folded texts of the articles of a piece."""

    piece: Piece
    rows: Sequence[Row]
    texts: list[str]


class Search:
    """Finds articles by their text.  Thread-safe."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._kept: dict[str, _Texts] = {}
        self._size = 0
        self._reading = threading.Lock()

    def find(self, query: str) -> Found:
        """Return the articles whose text has a query, among those read so far and in a little more time."""
        wanted = folded(query)
        states = self._library.states()
        with self._reading:
            limited = self._read_some(states)
            kept = [(state, texts) for state in states if (texts := self._kept.get(state.key))]
        ids = [
            row.id
            for state, texts in kept
            for row, text in zip(state.rows, texts.texts, strict=False)
            if wanted and wanted in text
        ][:MAX_FOUND]
        first = set(ids[:EXCERPTS])
        excerpts = {
            row.id: excerpt(text, wanted)
            for state, texts in kept
            for row, text in zip(state.rows, self._shown(state, texts, first), strict=False)
            if row.id in first
        }
        return Found(ids, excerpts, len(kept), len(states), limited)

    def _shown(self, state: PieceState, texts: _Texts, first: set[str]) -> Sequence[str]:
        """Return the texts of a piece as they are written, if one of them is to be shown."""
        return list(self._texts(state)) if any(row.id in first for row in state.rows) else texts.texts

    def _read_some(self, states: Sequence[PieceState]) -> bool:
        """Read unread texts for some time; return whether there are more than are kept."""
        until = monotonic() + READING_S
        for key in self._kept.keys() - {state.key for state in states}:
            self._drop(key)
        for state in states:
            known = self._kept.get(state.key)
            if not state.read or (known and known.piece is state.piece and known.rows is state.rows):
                continue
            self._drop(state.key)
            if self._size >= MAX_CHARACTERS:
                return True
            texts = [folded(text) for text in self._texts(state)]
            self._kept[state.key] = _Texts(state.piece, state.rows, texts)
            self._size += sum(map(len, texts))
            if monotonic() > until:
                break
        return False

    def _drop(self, key: str) -> None:
        if known := self._kept.pop(key, None):
            self._size -= sum(map(len, known.texts))

    def _texts(self, state: PieceState) -> Iterator[str]:
        """Yield the text of each article of a piece."""
        piece = state.piece
        if piece.format not in _AS_THEY_STAND or piece.lines:
            options = plain.PlainOptions()
            for document in self._library.reader.documents(piece, state.key):
                yield plain.write(document.article, lambda remark: None, options) if document.article else ""
            return
        content = sources.fetch(piece)
        if not isinstance(content, bytes):
            return
        lines = in_utf8(piece, content)[1].decode("utf-8", "replace").split("\n")
        starts = [max(0, row.line - piece.line) for row in state.rows]
        for start, end in zip([0, *starts[1:]], [*starts[1:], len(lines)], strict=True):
            yield "\n".join(lines[start:end])


def folded(text: str) -> str:
    """Return a text in one line, in small letters, without accents."""
    line = " ".join(text.lower().split())
    if _ACCENTED.search(line):
        line = _MARKS.sub("", unicodedata.normalize("NFD", line))
    return line


def excerpt(text: str, wanted: str) -> str:
    """Return the surroundings of a folded query in a text; empty where folding moved it."""
    for line in (text, " ".join(text.split())):
        at = line.lower().find(wanted)
        if at >= 0:
            start, end = max(0, at - _AROUND), at + len(wanted) + _AROUND
            shown = " ".join(line[start:end].split())
            return f"{'…' * (start > 0)}{shown}{'…' * (end < len(line))}"
    return ""
