"""What a run has done, shard by shard, in a file that only grows: the manifest.

Each line is one JSON array.  A line counts when it is whole, and is written when what it tells is safe on the disk, so
a run may be killed at any moment.  The next one goes on behind the last line.

    ["head", …]     the options of the run
    ["shard", …]    a finished shard: its fingerprint, what became of each document, where the texts are
    ["cut", …]      the lines from an offset on are void, because inputs or options have changed
    ["stale", …]    files that are to be removed
    ["end", …]      all is done; what remains is to give the files their names

Unfinished, it is a hidden file; finished, it has its name beside what was written.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b
from typing import BinaryIO

import msgspec
from msgspec import Struct

from convert.batch import remote
from convert.batch.outputs import WORK_SUFFIX, open_locked, write_all, writing
from convert.batch.shards import Notable, Shard

SUFFIX = ".manifest"

#: How many paths a line holds.
_PATHS_PER_LINE = 1000

Position = tuple[int, int]

#: Size and time of a file, or, elsewhere than on this machine, what its system tells one state of it from another by.
State = tuple[int, int | str]


class Head(Struct, array_like=True, tag="head"):
    """The options of a run, by name; ``kept`` are those that what is kept was made with.

    ``reuses`` tells whether the shards of an earlier run may be used.
    """

    options: dict[str, str]
    kept: dict[str, str]
    reuses: bool = True


class Written(Struct, array_like=True, tag="w"):
    """A document that was written; ``key`` is empty if it is the title, ``stored`` if it has no file of its own."""

    source: str
    line: int
    title: str
    key: str
    size: int
    stored: str


class Refused(Struct, array_like=True, tag="r"):
    """A document that was rejected: the code and reason of the error, and its line."""

    source: str
    line: int
    title: str
    code: str
    reason: str
    at: int


class Entry(Struct, array_like=True, tag="shard"):
    """A finished shard: its texts stand between two positions, as one packed piece if they are ``whole``."""

    fingerprint: str
    rows: list[Written | Refused]
    begin: Position
    end: Position
    whole: bool
    codes: dict[str, int]
    size: int
    told: dict[str, dict[str, int]]
    seconds: dict[str, float]
    notable: list[Notable]


class Cut(Struct, array_like=True, tag="cut"):
    """The lines from ``offset`` up to this one are void, and ``head`` holds from here."""

    offset: int
    head: Head


class Stale(Struct, array_like=True, tag="stale"):
    """Files to be removed."""

    paths: list[str]


class End(Struct, array_like=True, tag="end"):
    """The run is over: ``moves`` are names to give, ``outputs`` the state of each file written, by name.

    ``inputs`` is the fingerprint of all inputs, empty where they have none; ``totals`` is the summary.
    """

    head: Head
    moves: list[tuple[str, str]]
    removals: list[str]
    inputs: str
    outputs: dict[str, State]
    totals: dict[str, msgspec.Raw]


Line = Head | Entry | Cut | Stale | End

_decoder = msgspec.json.Decoder(Line)
_encoder = msgspec.json.Encoder()


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


def entry_at(path: str, offset: int) -> Entry:
    """Read one shard's line of a manifest."""
    if remote.is_remote(path):
        found = _decoder.decode(remote.line(path, offset))
    else:
        with open(path, "rb") as file:
            file.seek(offset)
            found = _decoder.decode(file.readline())
    assert isinstance(found, Entry)
    return found


class Manifest:
    """A manifest that is read: of a finished run, or of one that is to go on."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.head: Head | None = None
        self.end: End | None = None
        #: How many bytes are whole lines.
        self.size = 0
        self._void: list[tuple[int, int]] = []
        self._is_scanned = False

    @classmethod
    def finished(cls, path: str) -> Manifest | None:
        """Open that of a finished run by its last line; ``None`` if there is none that can be read."""
        found = cls(path)
        try:
            with remote.opened(path) as file, remote.asking():
                line = _last_line(file)
            last = _decoder.decode(line)
        except (FileNotFoundError, msgspec.DecodeError):
            return None
        if not isinstance(last, End):
            return None
        found.head, found.end = last.head, last
        return found

    def scan(self) -> None:
        """Find the head, what is void, and how far the lines are whole."""
        self._is_scanned = True
        for offset, line in self._lines():
            if line.startswith((b'["cut"', b'["head"', b'["end"')):
                found = _decoder.decode(line)
                if isinstance(found, Head):
                    self.head = found
                elif isinstance(found, Cut):
                    self.head = found.head
                    self._void.append((found.offset, offset))
                elif isinstance(found, End):
                    self.end = found
            self.size = offset + len(line)

    def entries(self) -> Iterator[tuple[int, Entry]]:
        """Yield the shards' lines, each with its offset."""
        for offset, line, void in self._shards():
            if not void:
                yield offset, line

    def paths(self, void: bool | None = None) -> Iterator[str]:
        """Yield the names of the files of all documents; with ``void``, those of void lines only or of others."""
        for _, entry, is_void in self._shards():
            if void in (None, is_void):
                yield from (row.stored for row in entry.rows if isinstance(row, Written))

    def stale(self) -> Iterator[str]:
        """Yield the names of the files to be removed."""
        for _, line in self._lines():
            if line.startswith(b'["stale"'):
                found = _decoder.decode(line)
                assert isinstance(found, Stale)
                yield from found.paths

    def _shards(self) -> Iterator[tuple[int, Entry, bool]]:
        if not self._is_scanned:
            self.scan()
        for offset, line in self._lines():
            if line.startswith(b'["shard"'):
                found = _decoder.decode(line)
                assert isinstance(found, Entry)
                yield offset, found, any(first <= offset < last for first, last in self._void)

    def _lines(self) -> Iterator[tuple[int, bytes]]:
        offset = 0
        with open(self.path, "rb") as file:
            for line in file:
                if not line.endswith(b"\n"):
                    return
                yield offset, line
                offset += len(line)


class Journal:
    """The manifest of the run that is going on; locked, so that there is one such run."""

    def __init__(self, dest: str, shown: str) -> None:
        self.path = dest + SUFFIX
        self.folder, name = os.path.split(self.path)
        self.temporary = os.path.join(self.folder, f".{name}{WORK_SUFFIX}")
        with writing(shown):
            self._descriptor = open_locked(self.temporary, shown)
        self._shown = shown
        self._held: list[bytes] = []
        self._end = 0
        self.before = Manifest(self.temporary)
        self.before.scan()

    def begin(self, head: Head) -> None:
        """Begin anew: with an empty file, or by making void what is there."""
        if self.before.head is None:
            os.ftruncate(self._descriptor, 0)
            self.go_on(0)
            self._hold(head)
        else:
            self.cut(0, head)

    def go_on(self, offset: int) -> None:
        """Write behind an offset."""
        os.ftruncate(self._descriptor, offset)
        self._end = os.lseek(self._descriptor, offset, os.SEEK_SET)

    def cut(self, offset: int, head: Head) -> None:
        """Make void the lines from an offset on, and write behind them."""
        self.go_on(self.before.size)
        self._hold(Cut(offset, head))
        self.flush()

    def add(self, entry: Entry) -> None:
        """Note a shard; it is written with the next ``flush``."""
        self._hold(entry)

    def flush(self) -> None:
        """Write what was noted."""
        with writing(self._shown):
            write_all(self._descriptor, b"".join(self._held))
        self._end += sum(map(len, self._held))
        self._held = []

    @property
    def held(self) -> int:
        """How many lines were noted and not written."""
        return len(self._held)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was ever written."""
        return not self._end

    def finish(self, end: End, stale: Iterable[str] = ()) -> None:
        """Note that all is done, and what is to be removed."""
        paths: list[str] = []
        for path in stale:
            paths.append(path)
            if len(paths) == _PATHS_PER_LINE:
                self._hold(Stale(paths))
                paths = []
        if paths:
            self._hold(Stale(paths))
        self._hold(end)
        self.flush()

    def publish(self, end: End) -> None:
        """Give all files their names, this one last.  It may be done again if it is broken off."""
        with writing(self._shown):
            for path in Manifest(self.temporary).stale():
                _unlinked(os.path.join(self.folder, path))
            for old, new in end.moves:
                if os.path.lexists(found := os.path.join(self.folder, old)):
                    os.replace(found, os.path.join(self.folder, new))
            for path in end.removals:
                _unlinked(os.path.join(self.folder, path))
            os.replace(self.temporary, self.path)

    def remove(self) -> None:
        """Leave nothing behind: the run has done nothing."""
        os.unlink(self.temporary)

    def close(self) -> None:
        """Let others write."""
        os.close(self._descriptor)

    def _hold(self, line: Line) -> None:
        self._held.append(_encoder.encode(line) + b"\n")


def changes(old: Mapping[str, str], new: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Name the options that differ, with the old and the new value of each."""
    names = sorted({*old, *new})
    return [(name, old.get(name, ""), new.get(name, "")) for name in names if old.get(name, "") != new.get(name, "")]


def _unlinked(path: str) -> None:
    try:
        os.unlink(path)
    except FileNotFoundError:
        return  # a run that was killed has removed it
    folder = os.path.dirname(path)
    while os.path.basename(folder).endswith("%"):  # of a long title
        try:
            os.rmdir(folder)
        except OSError:
            return  # it has other files
        folder = os.path.dirname(folder)


def _last_line(file: BinaryIO) -> bytes:
    size = remote.to_end(file)
    span = 1 << 12
    while True:
        file.seek(max(0, size - span))
        found = file.read()
        at = found.rfind(b"\n", 0, len(found) - 1)
        if at >= 0 or span >= size:
            return found[at + 1 :]
        span *= 8
