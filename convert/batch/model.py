"""What a batch works with: a ``Task`` for every document, and what became of each and of each shard.

Task                                    what to do with each document
ShardOutcome ─ documents ─ ConvertedDocument      what became of each
OutputTarget                            where texts wait for their sink
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from msgspec import Struct

from convert.ast import Article
from convert.diagnostics import Diagnostic
from convert.inputs.piece import Piece
from convert.io.bounded import Count, Seconds
from convert.options import ConversionOptions

#: More documents than a shard can hold, so that numbers given within shards never meet.
IDS_PER_SHARD = 1 << 20

#: What a document becomes: a text, a part of a text with many, a line of JSON Lines, the row of a table (a line where
#: the text is a string, whatever its format), or nothing but its diagnostics.
Form = Literal["text", "item", "line", "row", "none"]


class Task(NamedTuple):
    """What to do with every document; readers and writers take from ``options`` what they have."""

    target: str
    form: Form
    options: ConversionOptions = ConversionOptions()


class ParsedDocument(Struct, frozen=True, gc=False):
    """A document as read, and what its reader said: with an error there is no article."""

    piece: Piece
    article: Article | None
    remarks: tuple[Diagnostic, ...]
    title: str
    line: int


class ConvertedDocument(Struct, frozen=True, gc=False):
    """What became of one document: ``text`` in the form asked for, or the error that rejected it.

    ``key`` is the same for titles that mean one page.  ``remarks`` is everything that was reported, in order.
    ``stored`` is the file that has the text instead, ``size`` its bytes.
    """

    source: str
    line: int
    title: str
    key: str
    text: bytes
    refusal: Diagnostic | None
    remarks: tuple[Diagnostic, ...]
    stored: str = ""
    size: int = 0


class NotableDocument(NamedTuple):
    """A document that was large or slow: the bytes of its text as written, and the seconds that it took."""

    source: str
    line: Count
    title: str
    size: Count
    seconds: Seconds


class ShardOutcome(NamedTuple):
    """What became of a shard: its records, how often each code was reported, and how many bytes it had.

    ``part`` has the texts of all records that have one, packed as the sink wants them; it may be looked at until the
    next outcome is asked for.  ``told`` counts messages of the codes that make a list of things to do, and ``about``
    has the facts in each.  ``seconds`` are by stage.  ``known`` says that an earlier run did the work.
    """

    number: int
    records: list[ConvertedDocument]
    codes: dict[str, int]
    size: int
    told: dict[str, dict[str, int]]
    about: dict[str, tuple[str, ...]]
    seconds: dict[str, float]
    notable: list[NotableDocument]
    part: bytes | memoryview = b""
    fingerprint: str = ""
    known: bool = False


class OutputTarget(NamedTuple):
    """Where texts go until their sink takes them: each to a file in the folder ``waiting``, or all to one part.

    The folder must be the same for all workers and for the sink.
    """

    waiting: str = ""
    packing: str | None = None
