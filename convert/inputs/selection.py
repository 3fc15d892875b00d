"""Which sources are read and how they are cut: the records that describe it, and names and times of sources."""

from __future__ import annotations

import os
import time
from functools import lru_cache
from typing import NamedTuple

from msgspec import Struct, field

from convert.expressions import expression
from convert.inputs.files.passed_over import PassedOver
from convert.inputs.files.patterns import Patterns
from convert.inputs.piece import NO_TIME
from convert.io import remote
from convert.readers.plain import Articles
from convert.readers.records.options import RecordOptions

#: Maximum size in bytes of a text that a reader must see as a whole.
MAX_DOCUMENT_BYTES = 32 << 20

#: Maximum ratio of uncompressed to compressed size; that of real texts is below a hundred.
MAX_EXPANSION = 500

STDIN = "-"

#: The title of an article from standard input that has none.
UNTITLED = "Untitled"

# Timestamps have four digits of the year.
_MAX_TIME_S = 253_402_300_799

# What a terminal acts upon: controls, line ends, and changes of text direction.
_CONTROLS = expression("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")

# A member of an archive may have a name of a megabyte, which would be repeated in each of its messages.
_MAX_NAME_CHARS = 1_000

#: Identity of a file: device and inode, or its address.
Identity = tuple[int, int] | str


class Selection(NamedTuple):
    """Which sources are read, and how: as ``format`` if given, else by their suffixes.

    ``leave_out`` are files and directories below the inputs that are not read, because they are written.  ``fields``
    are those that are read of records, and so the columns of tables.  With ``follow_links``, links out of a folder are
    followed.  Texts without a byte order mark are in ``encoding``, or UTF-8 if it is empty; names
    in archives are in ``names_encoding``, if it is not the same.  ``patterns`` choose files of folders and archives.
    A plain text of ``one`` article is not cut.  With ``pages``, files of wikitext and export dumps are read, too.
    """

    format: str = ""
    max_bytes: int = MAX_DOCUMENT_BYTES
    leave_out: frozenset[Identity] = frozenset()
    max_expansion: int = MAX_EXPANSION
    fields: RecordOptions = RecordOptions()
    follow_links: bool = False
    encoding: str = ""
    patterns: Patterns = Patterns()
    articles: Articles = "auto"
    names_encoding: str = ""
    pages: bool = False

    @property
    def encoding_of_names(self) -> str:
        """The encoding of names in archives that are not in UTF-8; '' if none is named."""
        return self.names_encoding or self.encoding


class CutOptions(Struct, frozen=True):
    """How sources are cut: those of more than ``whole_bytes`` into pieces of about ``block_bytes``.

    ``epoch`` is the timestamp of all sources; if it is empty, each has its own.  What is not read is counted in
    ``passed_over``; ``below`` is the path of an archive below the input.
    """

    selection: Selection
    epoch: str
    whole_bytes: int
    block_bytes: int
    passed_over: PassedOver = field(default_factory=PassedOver)
    below: str = ""


class Source(Struct, frozen=True, gc=False):
    """A file or stream to read; ``stamp`` changes whenever the file does, and is empty where nothing shows changes.

    ``size`` is in bytes, -1 if unknown beforehand; ``seconds`` is the modification time since 1970, or 0.  So many
    characters of its displayed name as ``above`` says come from how the input was named, as in ``texts/`` or ``./``.
    ``below`` is its path below the input, if it was found there, and not ``named`` by a pattern.
    """

    path: str
    size: int = -1
    stamp: str = ""
    seconds: float = 0.0
    refusal: tuple[str, str] | None = None
    above: int = 0
    below: str = ""
    named: bool = True


def display_name(path: str) -> str:
    """Return a path for messages: names need not be UTF-8, and passwords in addresses are removed."""
    if path == STDIN:
        return "<stdin>"
    path = remote.shown(path)
    text = path if path.isascii() else os.fsencode(path).decode("utf-8", "replace")
    return text if text.isprintable() else _CONTROLS.sub("\ufffd", text)


def short_name(name: str) -> str:
    """Return the name of a member of an archive for messages, truncated."""
    shown = display_name(name)
    return shown if len(shown) <= _MAX_NAME_CHARS else f"{shown[:_MAX_NAME_CHARS]}…"


def timestamp(seconds: float) -> str:
    """Return a time in the format of export dumps; ``NO_TIME`` if it is out of range."""
    return _timestamp(int(seconds)) if 0 <= seconds <= _MAX_TIME_S else NO_TIME


@lru_cache(maxsize=1 << 8)
def _timestamp(seconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))  # neighbouring files often have the same time
