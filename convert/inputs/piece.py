"""Where documents are: stretches of sources (``Piece``), and those that are converted in one go (``Shard``)."""

from __future__ import annotations

from typing import NamedTuple

from msgspec import Struct

#: When a source was last changed, where nothing tells.
NO_TIME = "1970-01-01T00:00:00Z"

#: A null byte this near to a file's beginning means that it is no text.
BINARY_PROBE_BYTES = 8192


class Piece(Struct, frozen=True, gc=False):
    """A stretch of a source: the bytes from ``start`` to ``end`` of the file at ``path``, or ``content``.

    ``source`` names it for people, ``title`` serves an article without one, ``line`` is the number of its first line.
    ``refusal`` is a code and the reason why it cannot be read at all.

    With ``lines`` each line is a record of JSON Lines with its text in ``format``.  ``stamp`` tells one state of the
    file from another.  ``packed`` is how the bytes are stored in the file, where that is not as they are.
    """

    source: str
    path: str
    format: str
    title: str = ""
    timestamp: str = NO_TIME
    start: int = 0
    end: int = 0
    line: int = 1
    content: bytes | None = None
    refusal: tuple[str, str] | None = None
    lines: bool = False
    stamp: str = ""
    packed: tuple[str | int, ...] = ()

    @property
    def size(self) -> int:
        """How many bytes it has when it is unpacked."""
        return int(self.packed[1]) if self.packed[:1] == ("zip",) else self.end - self.start


class Shard(NamedTuple):
    """Pieces that are converted in one go; numbers count from 0 in the order of the input.

    ``fingerprint`` is the same for shards with the same input.  ``known`` is where an earlier run's manifest tells what
    became of the shard.
    """

    number: int
    pieces: tuple[Piece, ...]
    fingerprint: str = ""
    known: int | None = None

    @property
    def named(self) -> str:
        """Its sources, as people are told of them: the first and the last."""
        first, last = self.pieces[0].source, self.pieces[-1].source
        return first if first == last else f"{first} to {last}"
