"""The data of a batch: the task, documents before and after conversion, the outcome of a shard.

Task                                              what to convert documents to
ParsedDocument                                    a document as read
ShardOutcome ─ records ─ ConvertedDocument        the result for each
OutputTarget                                      where workers leave texts for the sink
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from msgspec import Struct

from convert.ast import Article
from convert.batch.links_made import LinksMade
from convert.diagnostics import Diagnostic
from convert.inputs.piece import Piece
from convert.io.bounded import Count, Seconds
from convert.links.policy import MadeLink
from convert.options import ConversionOptions

#: More documents than a shard can have, so that numbers assigned within shards never collide.
IDS_PER_SHARD = 1 << 20

#: Output form of a document: a text, an item of a text with many, a line of JSON Lines, the row of a table (a line
#: whose text is a string, whatever the format), or none but its diagnostics.
Form = Literal["text", "item", "line", "row", "none"]


class Task(NamedTuple):
    """What to convert every document to; readers and writers take those of the ``options`` that they have."""

    target: str
    form: Form
    options: ConversionOptions = ConversionOptions()


class ParsedDocument(Struct, frozen=True, gc=False):
    """A document as read, with the reader's diagnostics: ``article`` is ``None`` after an error."""

    piece: Piece
    article: Article | None
    remarks: tuple[Diagnostic, ...]
    title: str
    line: int


class ConvertedDocument(Struct, frozen=True, gc=False):
    """The result for one document: ``text`` in the task's form, or the error that rejected it (``refusal``).

    ``key`` is the same for titles that mean one page.  ``remarks`` are all diagnostics, in order.  ``stored`` is the
    file that holds the text instead, ``size`` the size of the text in bytes.  ``made`` are its restored links.
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
    made: tuple[MadeLink, ...] = ()


class NotableDocument(NamedTuple):
    """A document among the largest or slowest: size of its text as written in bytes, time in seconds."""

    source: str
    line: Count
    title: str
    size: Count
    seconds: Seconds


class ShardOutcome(NamedTuple):
    """The outcome of a shard: its records, counts of diagnostics by code, and input size in bytes.

    ``part`` has the joined texts of all records that have one, compressed as the sink stores them; it is valid until
    the next outcome is requested.  ``message_counts`` counts the messages of ``outcomes.COUNTED_MESSAGES``, by code,
    ``about`` has the facts in each message, and ``links`` what was linked.  ``seconds`` are by stage.  ``reused`` is
    whether the outcome is that of the previous run.
    """

    number: int
    records: list[ConvertedDocument]
    codes: dict[str, int]
    size: int
    message_counts: dict[str, dict[str, int]]
    about: dict[str, tuple[str, ...]]
    seconds: dict[str, float]
    notable: list[NotableDocument]
    part: bytes | memoryview = b""
    fingerprint: str = ""
    reused: bool = False
    links: LinksMade = LinksMade()


class OutputTarget(NamedTuple):
    """Where workers leave texts for the sink: each in a file in the folder ``waiting``, or all in one part.

    ``packing`` is the compression of the part.  The folder must be the same for all workers and the sink.
    """

    waiting: str = ""
    packing: str | None = None
