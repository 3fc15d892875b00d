"""The manifest: an append-only record of what a run has done, shard by shard.

Each line is one JSON array.  A line counts once it is complete, and is written once what it records is durable, so a
run may be killed at any moment.  The next run resumes behind the last line.

    ["head", …]     the options of the run
    ["shard", …]    a finished shard: its fingerprint, the outcome of each document, where the texts are
    ["cut", …]      the lines from an offset on are void, because inputs or options have changed
    ["stale", …]    files to be removed
    ["end", …]      the run is complete; what remains is to rename its files

The manifest of an unfinished run is a hidden file, that of a finished one stands beside the output.  Either may come
from an attacker: each line is validated when it is read, and a name is accepted only if a run can have given it
(``Names``).
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

#: Maximum length of a reason in a message.
_WHY_CHARACTERS = 200

#: Maximum length of a line in bytes: a shard of nothing but titles takes some 30 MB.
MAX_LINE_BYTES = 256 << 20

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

_LINE_TYPES: dict[bytes, type[Line]] = {
    b"head": ManifestHead,
    b"shard": ShardEntry,
    b"cut": Cut,
    b"stale": Stale,
    b"end": End,
}

_L = TypeVar("_L", ManifestHead, ShardEntry, Cut, Stale, End)
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


def entry_at(path: str, offset: int, names: Names) -> ShardEntry:
    """Read the shard line at an offset of a manifest.  Raises DamagedManifest and OSError."""
    if remote.is_remote(path):
        line = remote.line(path, offset, MAX_LINE_BYTES)
    else:
        with open_regular(path) as file:
            file.seek(offset)
            line = file.readline(MAX_LINE_BYTES)
    try:
        entry = decoded(line, names)
    except ValueError as error:
        raise DamagedManifest(path, f"at byte {offset}: {error}") from None
    if not isinstance(entry, ShardEntry):
        raise DamagedManifest(path, f"at byte {offset}: no shard")
    return entry


class Manifest:
    """A manifest being read, of a finished run or one to be resumed.  Methods that read it raise DamagedManifest."""

    def __init__(self, path: str, names: Names) -> None:
        self.path, self._names = path, names
        self.head: ManifestHead | None = None
        self.end: End | None = None
        #: Files of a void run that was interrupted while it renamed them.
        self.dropped: list[str] = []
        #: Size in bytes of the complete lines.
        self.size = 0
        self._void: list[tuple[int, int]] = []
        self._is_scanned = False

    @classmethod
    def finished(cls, path: str, names: Names) -> Manifest | None:
        """Open the manifest of a finished run, reading only its last line; ``None`` if there is none."""
        manifest = cls(path, names)
        try:
            with remote.output(path) as file, remote.asking():
                line = _last_line(file)
        except FileNotFoundError:
            return None
        manifest.end = manifest._decoded(line, "its last line", End)
        manifest.head = manifest.end.head
        return manifest

    def damaged(self, why: str) -> DamagedManifest:
        """Return the error that says that no run can have written this manifest."""
        return DamagedManifest(self.path, why)

    def check(self) -> None:
        """Validate every line, so that a run does not fail on one when it is half done."""
        for _ in self._shards():
            pass
        for _ in self.stale():
            pass

    def scan(self) -> None:
        """Find the head, the void lines, the end, and the size of the complete lines."""
        self._is_scanned, self.end = True, None
        for offset, line_type, line in self._lines():
            where = f"at byte {offset}"
            if (line_type is ManifestHead) != (not offset) or (line_type is ShardEntry and self.end):
                raise self.damaged(f"{where}: a line that cannot follow the one before")
            if line_type is ManifestHead:
                self.head = self._decoded(line, where, ManifestHead)
            elif line_type is Cut:
                self._cut(self._decoded(line, where, Cut), offset)
            elif line_type is End:
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
        """Yield the shards that are not void, each with its offset."""
        for offset, entry, is_void in self._shards():
            if not is_void:
                yield offset, entry

    def paths(self, void: bool) -> Iterator[str]:
        """Yield the file names of all documents, either of void lines or of valid ones."""
        for _, entry, is_void in self._shards(void):
            if is_void == void:
                yield from (row.stored for row in entry.rows if isinstance(row, WrittenRow))

    def stale(self) -> Iterator[str]:
        """Yield the names of files to be removed."""
        self._scan_once()
        for offset, line_type, line in self._lines():
            if line_type is Stale and not self._is_void(offset):
                yield from self._decoded(line, f"at byte {offset}", Stale).paths

    def _shards(self, only_void: bool = False) -> Iterator[tuple[int, ShardEntry, bool]]:
        self._scan_once()
        if only_void and not self._void:
            return
        for offset, line_type, line in self._lines():
            if line_type is ShardEntry:
                yield offset, self._decoded(line, f"at byte {offset}", ShardEntry), self._is_void(offset)

    def _scan_once(self) -> None:
        if not self._is_scanned:
            self.scan()

    def _is_void(self, offset: int) -> bool:
        at = bisect_right(self._void, offset, key=itemgetter(0))
        return at > 0 and offset < self._void[at - 1][1]

    def _decoded(self, line: bytes, where: str, line_type: type[_L]) -> _L:
        try:
            decoded_line = decoded(line, self._names)
        except ValueError as error:
            raise self.damaged(f"{where}: {error}") from None
        if not isinstance(decoded_line, line_type):
            raise self.damaged(f"{where}: not what it should be")
        return decoded_line

    def _lines(self) -> Iterator[tuple[int, type[Line], bytes]]:
        """Yield the complete lines, each with its offset and type."""
        offset = 0
        with open_regular(self.path) as file:
            while (line := file.readline(MAX_LINE_BYTES)).endswith(b"\n"):
                line_type = _LINE_TYPES.get(line[2 : line.find(b'"', 2)]) if line.startswith(b'["') else None
                if line_type is None:
                    raise self.damaged(f"at byte {offset}: no line of a manifest")
                yield offset, line_type, line
                offset += len(line)
        if len(line) == MAX_LINE_BYTES:
            raise self.damaged(f"at byte {offset}: a line without an end")


def fingerprinted(shards: Iterable[Shard], numbered: bool) -> Iterator[Shard]:
    """Yield shards with fingerprints of their inputs; if ``numbered``, of their numbers too."""
    for shard in shards:
        digest = blake2b(f"{shard.number}".encode() if numbered else b"", digest_size=16)
        for piece in shard.pieces:
            place = f"{piece.path}\0{piece.source}\0{piece.stamp}"
            stretch = f"{place}\0{piece.start}\0{piece.end}\0{piece.line}\0{piece.refusal or ''}\n"
            digest.update(stretch.encode("utf-8", "surrogatepass"))
            if piece.content is not None and not piece.stamp:
                digest.update("".join(piece.frame).encode() + piece.content)
        yield shard._replace(fingerprint=digest.hexdigest())


def changes(old: Mapping[str, str], new: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Return the names of options that differ, each with its old and new value."""
    names = sorted({*old, *new})
    return [(name, old.get(name, ""), new.get(name, "")) for name in names if old.get(name, "") != new.get(name, "")]


def _last_line(file: BinaryIO) -> bytes:
    """Read the last line, or at most about ``MAX_LINE_BYTES`` of its end."""
    size = remote.to_end(file)
    span = 1 << 12
    while True:
        file.seek(max(0, size - span))
        tail = file.read(span)
        at = tail.rfind(b"\n", 0, len(tail) - 1)
        if at >= 0 or span >= min(size, MAX_LINE_BYTES):
            return tail[at + 1 :]
        span *= 8
