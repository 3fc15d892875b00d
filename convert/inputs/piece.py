"""Units of input: stretches of sources (``Piece``), and pieces converted together (``Shard``)."""

from __future__ import annotations

from typing import NamedTuple

from msgspec import Struct

#: Timestamp of a source whose modification time is unknown.
NO_TIME = "1970-01-01T00:00:00Z"


#: What a stretch of a document needs to be one itself: before it, ending with its only line break, and behind it.
Frame = tuple[str, str]


class Piece(Struct, frozen=True, gc=False):
    """A stretch of a source: the bytes from ``start`` to ``end`` of the file at ``path``, or ``content``.

    ``source`` is its name in messages, of which the first ``above`` characters say how the input was named and not
    what it is; ``title`` is the fallback for an article without one, ``line`` the number of its
    first line.  ``refusal`` is a diagnostic's code and the reason why it cannot be read at all.

    With ``lines`` each line is a record of JSON Lines with its text in ``format``.  ``stamp`` changes whenever the file
    does.  ``encoding`` is that of the bytes, '' for UTF-8 or what a mark says; ``content`` is in UTF-8 already.

    Where a plain text is not ``sure`` to be one, its content may say otherwise; ``remarks`` are codes and
    messages of diagnostics about how it is read.  ``frame`` is what stands around the piece where it is to be read.

    ``packed`` is for content that is not stored as it is: the name of a container
    (``convert.inputs.containers``), the uncompressed size, and the arguments of the container's ``fetch``.
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
    encoding: str = ""
    sure: bool = True
    remarks: tuple[tuple[str, str], ...] = ()
    above: int = 0
    frame: Frame = ("", "")

    @property
    def name(self) -> str:
        """Name of its source within the input: the same however the input was named."""
        return self.source[self.above :]

    @property
    def has_records(self) -> bool:
        """Whether it is JSON, one object or many."""
        return self.lines or self.format == "json"

    @property
    def size(self) -> int:
        """Uncompressed size in bytes."""
        return int(self.packed[1]) if self.packed else self.end - self.start


class Shard(NamedTuple):
    """Pieces that are converted together; numbers count from 0 in input order.

    ``fingerprint`` is the same for shards with the same input.  ``manifest_offset`` is where the previous run's
    manifest has the outcome of this shard.
    """

    number: int
    pieces: tuple[Piece, ...]
    fingerprint: str = ""
    manifest_offset: int | None = None

    @property
    def named(self) -> str:
        """Its first and last source, for messages."""
        first, last = self.pieces[0].source, self.pieces[-1].source
        return first if first == last else f"{first} to {last}"
