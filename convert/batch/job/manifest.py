"""What a run has done, shard by shard, in a file that only grows: the manifest.

Each line is one JSON array.  A line counts when it is whole, and is written when what it tells is safe on the disk, so
a run may be killed at any moment.  The next one goes on behind the last line.

    ["head", …]     the options of the run
    ["shard", …]    a finished shard: its fingerprint, what became of each document, where the texts are
    ["cut", …]      the lines from an offset on are void, because inputs or options have changed
    ["stale", …]    files that are to be removed
    ["end", …]      all is done; what remains is to give the files their names

Unfinished, it is a hidden file; finished, it has its name beside what was written.  Either may come from a stranger:
each line is checked when it is read, and a name counts only if a run can have given it (``Names``).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from hashlib import blake2b
from operator import itemgetter
from typing import BinaryIO, TypeVar

import msgspec
from msgspec import Struct

from convert.batch.model import NotableDocument
from convert.batch.sinks.output_names import Names
from convert.diagnostics import CODES, shown, visible
from convert.errors import EnvironmentFailed
from convert.inputs.piece import Shard
from convert.io import remote
from convert.io.bounded import Count, Seconds, Times
from convert.io.own_files import open_regular
from convert.io.remote import State

#: As much is said of what is wrong.
_WHY_CHARACTERS = 200

#: No line is longer: a shard of nothing but titles takes some 30 MB.
MAX_LINE_BYTES = 256 << 20

Position = tuple[Count, Count]


class ManifestHead(Struct, array_like=True, tag="head"):
    """The options of a run, by name; ``kept`` are those that what is kept was made with.

    ``reuses`` tells whether the shards of an earlier run may be used.
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
    """A finished shard: its texts stand between two positions, as one packed piece if they are ``whole``."""

    fingerprint: str
    rows: list[WrittenRow | RejectedRow]
    begin: Position
    end: Position
    whole: bool
    codes: dict[str, Times]
    size: Count
    told: dict[str, dict[str, Times]]
    seconds: dict[str, Seconds]
    notable: list[NotableDocument]
    about: dict[str, tuple[str, ...]] = {}


class Cut(Struct, array_like=True, tag="cut"):
    """The lines from ``offset`` up to this one are void, and ``head`` holds from here."""

    offset: Count
    head: ManifestHead


class Stale(Struct, array_like=True, tag="stale"):
    """Files to be removed."""

    paths: list[str]


class End(Struct, array_like=True, tag="end"):
    """The run is over: ``moves`` are names to give, ``outputs`` the state of each file written, by name.

    ``inputs`` is the fingerprint of all inputs, empty where they have none; ``totals`` is the summary.
    """

    head: ManifestHead
    moves: list[tuple[str, str]]
    removals: list[str]
    inputs: str
    outputs: dict[str, State]
    totals: msgspec.Raw


Line = ManifestHead | ShardEntry | Cut | Stale | End

_KINDS: dict[bytes, type[Line]] = {
    b"head": ManifestHead,
    b"shard": ShardEntry,
    b"cut": Cut,
    b"stale": Stale,
    b"end": End,
}

_L = TypeVar("_L", ManifestHead, ShardEntry, Cut, Stale, End)
_T = TypeVar("_T")

_decoder = msgspec.json.Decoder(Line)


class Damaged(EnvironmentFailed):
    """A manifest, or a file that it tells of, is none that a run can have written."""

    def __init__(self, path: str, why: str) -> None:
        advice = "give --restart to make all of it anew, or remove the file if plainwiki did not write it"
        super().__init__(
            f"{remote.shown(path)} is not as a run has left it: {visible(why[:_WHY_CHARACTERS])}: {advice}"
        )


def decoded(line: bytes, names: Names) -> Line:
    """Read a line.  Raises ValueError where a run to where ``names`` are cannot have written it."""
    try:
        found: Line = _decoder.decode(line)
    except RecursionError:
        raise ValueError("JSON is nested too deeply") from None
    if isinstance(found, ShardEntry):
        _check_entry(found, names)
    elif isinstance(found, Stale):
        _check_all(names.is_stale, found.paths)
    elif isinstance(found, End):
        _check_all(names.is_removal, found.removals)
        _check_all(lambda move: names.is_move(*move), found.moves)
        if not names.are_outputs(list(found.outputs)):
            raise ValueError("it names outputs that are not those of this destination")
    return found


def _check_entry(entry: ShardEntry, names: Names) -> None:
    if entry.begin > entry.end:
        raise ValueError("a shard ends before it begins")
    _check_all(CODES.__contains__, [*entry.codes, *entry.told])
    for row in entry.rows:
        if isinstance(row, WrittenRow):
            if not names.is_text(row.stored):
                raise ValueError(f"{shown(row.stored)} is no name that is given here")
        elif row.code not in CODES:
            raise ValueError(f"there is no code {shown(row.code)}")


def _check_all(is_ours: Callable[[_T], bool], values: Iterable[_T]) -> None:
    for each in values:
        if not is_ours(each):
            raise ValueError(f"{shown(str(each))} is not given here")


def entry_at(path: str, offset: int, names: Names) -> ShardEntry:
    """Read one shard's line of a manifest.  Raises Damaged and OSError."""
    if remote.is_remote(path):
        line = remote.line(path, offset, MAX_LINE_BYTES)
    else:
        with open_regular(path) as file:
            file.seek(offset)
            line = file.readline(MAX_LINE_BYTES)
    try:
        found = decoded(line, names)
    except ValueError as error:
        raise Damaged(path, f"at byte {offset}: {error}") from None
    if not isinstance(found, ShardEntry):
        raise Damaged(path, f"at byte {offset}: no shard")
    return found


class Manifest:
    """A manifest that is read: of a finished run, or of one that is to go on.  Whatever reads it raises Damaged."""

    def __init__(self, path: str, names: Names) -> None:
        self.path, self._names = path, names
        self.head: ManifestHead | None = None
        self.end: End | None = None
        #: Files of a run that was broken off while it gave them their names, and which counts no more.
        self.dropped: list[str] = []
        #: How many bytes are whole lines.
        self.size = 0
        self._void: list[tuple[int, int]] = []
        self._is_scanned = False

    @classmethod
    def finished(cls, path: str, names: Names) -> Manifest | None:
        """Open that of a finished run by its last line; ``None`` if there is none."""
        found = cls(path, names)
        try:
            with remote.output(path) as file, remote.asking():
                line = _last_line(file)
        except FileNotFoundError:
            return None
        found.end = found._decoded(line, "its last line", End)
        found.head = found.end.head
        return found

    def damaged(self, why: str) -> Damaged:
        """Make the error that says that it is none a run can have written."""
        return Damaged(self.path, why)

    def check(self) -> None:
        """Read all of it once, so that nothing is begun with what cannot be finished."""
        for _ in self._shards():
            pass
        for _ in self.stale():
            pass

    def scan(self) -> None:
        """Find the head, what is void, and how far the lines are whole."""
        self._is_scanned, self.end = True, None
        for offset, kind, line in self._lines():
            where = f"at byte {offset}"
            if (kind is ManifestHead) != (not offset) or (kind is ShardEntry and self.end):
                raise self.damaged(f"{where}: a line that cannot follow the one before")
            if kind is ManifestHead:
                self.head = self._decoded(line, where, ManifestHead)
            elif kind is Cut:
                self._cut(self._decoded(line, where, Cut), offset)
            elif kind is End:
                self.end = self._decoded(line, where, End)
            self.size = offset + len(line)

    def _cut(self, cut: Cut, offset: int) -> None:
        first = cut.offset
        if first > offset:
            raise self.damaged(f"at byte {offset}: a cut of what follows it")
        while self._void and self._void[-1][1] >= first:
            first = min(first, self._void.pop()[0])
        self._void.append((first, offset))
        self.head = cut.head
        if self.end:
            names = [*self.end.removals, *(name for move in self.end.moves for name in move)]
            self.dropped += filter(self._names.is_removal, names)
            self.end = None

    def entries(self) -> Iterator[tuple[int, ShardEntry]]:
        """Yield the shards' lines, each with its offset."""
        for offset, line, void in self._shards():
            if not void:
                yield offset, line

    def paths(self, void: bool) -> Iterator[str]:
        """Yield the names of the files of all documents, either of void lines or of the others."""
        for _, entry, is_void in self._shards(void):
            if is_void == void:
                yield from (row.stored for row in entry.rows if isinstance(row, WrittenRow))

    def stale(self) -> Iterator[str]:
        """Yield the names of the files to be removed."""
        self._scan_once()
        for offset, kind, line in self._lines():
            if kind is Stale and not self._is_void(offset):
                yield from self._decoded(line, f"at byte {offset}", Stale).paths

    def _shards(self, only_void: bool = False) -> Iterator[tuple[int, ShardEntry, bool]]:
        self._scan_once()
        if only_void and not self._void:
            return
        for offset, kind, line in self._lines():
            if kind is ShardEntry:
                yield offset, self._decoded(line, f"at byte {offset}", ShardEntry), self._is_void(offset)

    def _scan_once(self) -> None:
        if not self._is_scanned:
            self.scan()

    def _is_void(self, offset: int) -> bool:
        at = bisect_right(self._void, offset, key=itemgetter(0))
        return at > 0 and offset < self._void[at - 1][1]

    def _decoded(self, line: bytes, where: str, kind: type[_L]) -> _L:
        try:
            found = decoded(line, self._names)
        except ValueError as error:
            raise self.damaged(f"{where}: {error}") from None
        if not isinstance(found, kind):
            raise self.damaged(f"{where}: not what it should be")
        return found

    def _lines(self) -> Iterator[tuple[int, type[Line], bytes]]:
        """Yield the whole lines, each with its offset and its kind."""
        offset = 0
        with open_regular(self.path) as file:
            while (line := file.readline(MAX_LINE_BYTES)).endswith(b"\n"):
                kind = _KINDS.get(line[2 : line.find(b'"', 2)]) if line.startswith(b'["') else None
                if kind is None:
                    raise self.damaged(f"at byte {offset}: no line of a manifest")
                yield offset, kind, line
                offset += len(line)
        if len(line) == MAX_LINE_BYTES:
            raise self.damaged(f"at byte {offset}: a line without an end")


def fingerprinted(shards: Iterable[Shard], numbered: bool) -> Iterator[Shard]:
    """Give shards their fingerprints; with ``numbered`` they tell the shards' numbers too."""
    for shard in shards:
        found = blake2b(f"{shard.number}".encode() if numbered else b"", digest_size=16)
        for each in shard.pieces:
            said = f"{each.path}\0{each.stamp}\0{each.start}\0{each.end}\0{each.line}\0{each.refusal or ''}\n"
            found.update(said.encode("utf-8", "surrogatepass"))
            if each.content is not None and not each.stamp:
                found.update(each.content)
        yield shard._replace(fingerprint=found.hexdigest())


def changes(old: Mapping[str, str], new: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Name the options that differ, with the old and the new value of each."""
    names = sorted({*old, *new})
    return [(name, old.get(name, ""), new.get(name, "")) for name in names if old.get(name, "") != new.get(name, "")]


def _last_line(file: BinaryIO) -> bytes:
    """Read the last line, or the end of it where no line of a manifest is as long."""
    size = remote.to_end(file)
    span = 1 << 12
    while True:
        file.seek(max(0, size - span))
        found = file.read(span)
        at = found.rfind(b"\n", 0, len(found) - 1)
        if at >= 0 or span >= min(size, MAX_LINE_BYTES):
            return found[at + 1 :]
        span *= 8
