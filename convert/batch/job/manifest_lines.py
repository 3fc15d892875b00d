"""The lines of a manifest: their types, and what a run can have written in them.

Each line is one JSON array; its first element is its type.

    ["head", …]     the options of the run
    ["shard", …]    a finished shard: its fingerprint, the outcome of each document, where the texts are
    ["cut", …]      the lines from an offset on are void, because inputs or options have changed
    ["stale", …]    files to be removed
    ["end", …]      the run is complete; what remains is to rename its files

A manifest may come from an attacker: each line is validated when it is decoded, and a name is accepted only if a run
can have given it (``Names``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

import msgspec
from msgspec import Struct

from convert.batch.links_made import LinksMade
from convert.batch.model import NotableDocument
from convert.batch.sinks.output_names import Names
from convert.diagnostics import CODES, shown, visible
from convert.errors import EnvironmentFailed
from convert.io import remote
from convert.io.bounded import Count, Seconds, Times
from convert.io.remote import State

#: Maximum length of a reason in a message.
_WHY_CHARACTERS = 200

Position = tuple[Count, Count]


class ManifestHead(Struct, array_like=True, tag="head"):
    """The options of a run, by name; ``kept`` are the options that reused texts were made with.

    ``reuses`` is whether shards of the previous finished run may be reused.
    """

    options: dict[str, str]
    kept: dict[str, str]
    reuses: bool = True


class WrittenRow(Struct, array_like=True, tag="w"):
    """A document that was written; ``key`` is empty if it is the title, ``stored`` if it has no file of its own."""

    source: str
    line: Count
    title: str
    key: str
    size: Count
    stored: str


class RejectedRow(Struct, array_like=True, tag="r"):
    """A document that was rejected: the code and reason of the error, and its line."""

    source: str
    line: Count
    title: str
    code: str
    reason: str
    at: Count


class ShardEntry(Struct, array_like=True, tag="shard"):
    """A finished shard: its texts stand between two positions, as one compressed piece if they are ``whole``."""

    fingerprint: str
    rows: list[WrittenRow | RejectedRow]
    begin: Position
    end: Position
    whole: bool
    codes: dict[str, Times]
    size: Count
    message_counts: dict[str, dict[str, Times]]
    seconds: dict[str, Seconds]
    notable: list[NotableDocument]
    about: dict[str, tuple[str, ...]] = {}
    links: LinksMade = LinksMade()


class Cut(Struct, array_like=True, tag="cut"):
    """The lines from ``offset`` up to this one are void, and ``head`` holds from here."""

    offset: Count
    head: ManifestHead


class Stale(Struct, array_like=True, tag="stale"):
    """Files to be removed."""

    paths: list[str]


class End(Struct, array_like=True, tag="end"):
    """The run is complete: ``moves`` are renames to do, ``outputs`` the state of each file written, by name.

    ``inputs`` is the fingerprint of all inputs, empty where they have none; ``totals`` is the summary.
    """

    head: ManifestHead
    moves: list[tuple[str, str]]
    removals: list[str]
    inputs: str
    outputs: dict[str, State]
    totals: msgspec.Raw


Line = ManifestHead | ShardEntry | Cut | Stale | End

#: The type of a line by its tag.
LINE_TYPES: dict[bytes, type[Line]] = {
    b"head": ManifestHead,
    b"shard": ShardEntry,
    b"cut": Cut,
    b"stale": Stale,
    b"end": End,
}

_T = TypeVar("_T")

_decoder = msgspec.json.Decoder(Line)


class DamagedManifest(EnvironmentFailed):
    """A manifest, or a file that it describes, cannot have been written by a run."""

    def __init__(self, path: str, why: str) -> None:
        advice = "give --restart to make all of it anew, or remove the file if plainwiki did not write it"
        super().__init__(
            f"{remote.shown(path)} is not as a run has left it: {visible(why[:_WHY_CHARACTERS])}: {advice}"
        )


def decoded(line: bytes, names: Names) -> Line:
    """Decode a line.  Raises ValueError where no run to the destination of ``names`` can have written it."""
    try:
        decoded_line: Line = _decoder.decode(line)
    except RecursionError:
        raise ValueError("JSON is nested too deeply") from None
    if isinstance(decoded_line, ShardEntry):
        _check_entry(decoded_line, names)
    elif isinstance(decoded_line, Stale):
        _check_all(names.is_stale, decoded_line.paths)
    elif isinstance(decoded_line, End):
        _check_all(names.is_removal, decoded_line.removals)
        _check_all(lambda move: names.is_move(*move), decoded_line.moves)
        if not names.are_outputs(list(decoded_line.outputs)):
            raise ValueError("it names outputs that are not those of this destination")
    return decoded_line


def _check_entry(entry: ShardEntry, names: Names) -> None:
    if entry.begin > entry.end:
        raise ValueError("a shard ends before it begins")
    _check_all(CODES.__contains__, [*entry.codes, *entry.message_counts])
    for row in entry.rows:
        if isinstance(row, WrittenRow):
            if not names.is_text(row.stored):
                raise ValueError(f"{shown(row.stored)} is no name that is given here")
        elif row.code not in CODES:
            raise ValueError(f"there is no code {shown(row.code)}")


def _check_all(is_valid: Callable[[_T], bool], values: Iterable[_T]) -> None:
    for value in values:
        if not is_valid(value):
            raise ValueError(f"{shown(str(value))} is not given here")
