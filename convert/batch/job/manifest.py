"""The manifest: an append-only record of what a run has done, shard by shard.

A line counts once it is complete, and is written once what it records is durable, so a run may be killed at any
moment.  The next run resumes behind the last line.  ``convert.batch.job.manifest_lines`` has the types of lines.

The manifest of an unfinished run is a hidden file, that of a finished one stands beside the output.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from operator import itemgetter
from typing import BinaryIO, TypeVar

from convert.batch.job.manifest_lines import (
    LINE_TYPES,
    Cut,
    DamagedManifest,
    End,
    Line,
    ManifestHead,
    ShardEntry,
    Stale,
    WrittenRow,
    decoded,
)
from convert.batch.sinks.output_names import Names
from convert.io import remote
from convert.io.own_files import open_regular

#: Maximum length of a line in bytes: a shard of nothing but titles takes some 30 MB.
MAX_LINE_BYTES = 256 << 20

_L = TypeVar("_L", ManifestHead, ShardEntry, Cut, Stale, End)


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
                line_type = LINE_TYPES.get(line[2 : line.find(b'"', 2)]) if line.startswith(b'["') else None
                if line_type is None:
                    raise self.damaged(f"at byte {offset}: no line of a manifest")
                yield offset, line_type, line
                offset += len(line)
        if len(line) == MAX_LINE_BYTES:
            raise self.damaged(f"at byte {offset}: a line without an end")


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
