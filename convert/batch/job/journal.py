"""The journal: the manifest of the current run while it is written, and its publication, which renames all files."""

from __future__ import annotations

import os
from collections.abc import Iterable

import msgspec

from convert.batch.job.manifest import Manifest
from convert.batch.job.manifest_lines import Cut, DamagedManifest, End, Line, ManifestHead, ShardEntry, Stale
from convert.batch.sinks.output_names import MANIFEST, Names
from convert.io.atomic import open_locked, waiting, write_all, writing
from convert.io.locks import release
from convert.io.own_files import check_own, remove_below

#: Paths per line.
_PATHS_PER_LINE = 1000

_encoder = msgspec.json.Encoder()


class Journal:
    """The manifest of the current run; locked, so that there is only one.

    ``before`` is the manifest that an unfinished run has left, completely checked.  Raises DamagedManifest where no run
    can have left it; with ``restart``, it is ignored instead.
    """

    def __init__(self, dest: str, shown: str, names: Names, restart: bool) -> None:
        self.path = dest + MANIFEST
        self.folder, name = os.path.split(self.path)
        self.temporary = os.path.join(self.folder, waiting(name))
        with writing(shown):
            self._descriptor = open_locked(self.temporary, shown)
        self._shown, self._names = shown, names
        self._pending: list[bytes] = []
        self._end = 0
        self.before = self.written()
        try:
            self.before.check()
        except DamagedManifest:
            if not restart:
                self.close()
                raise
            self.before = self.written()

    def written(self) -> Manifest:
        """Return what is written so far."""
        return Manifest(self.temporary, self._names)

    def begin(self, head: ManifestHead) -> None:
        """Begin anew: with an empty file, or by voiding what is there."""
        if self.before.head is None:
            os.ftruncate(self._descriptor, 0)
            self.continue_at(0)
            self._append(head)
        else:
            self.cut(0, head)

    def continue_at(self, offset: int) -> None:
        """Truncate to an offset and append from there."""
        os.ftruncate(self._descriptor, offset)
        self._end = os.lseek(self._descriptor, offset, os.SEEK_SET)

    def cut(self, offset: int, head: ManifestHead) -> None:
        """Void the lines from an offset on, and append behind them."""
        self.continue_at(self.before.size)
        self._append(Cut(offset, head))
        self.flush()

    def add(self, entry: ShardEntry) -> None:
        """Append a shard; it is written with the next ``flush``."""
        self._append(entry)

    def flush(self) -> None:
        """Write pending lines."""
        with writing(self._shown):
            write_all(self._descriptor, b"".join(self._pending))
        self._end += sum(map(len, self._pending))
        self._pending = []

    @property
    def pending_lines(self) -> int:
        """How many lines were added and not yet written."""
        return len(self._pending)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was ever written, by this run or by one that it could resume."""
        return not self._end and self.before.head is None

    def finish(self, end: End, stale: Iterable[str] = ()) -> None:
        """Append the end, preceded by the files to be removed."""
        paths: list[str] = []
        for path in stale:
            paths.append(path)
            if len(paths) == _PATHS_PER_LINE:
                self._append(Stale(paths))
                paths = []
        if paths:
            self._append(Stale(paths))
        self._append(end)
        self.flush()

    def publish(self, end: End) -> None:
        """Rename all files into place, the manifest last, and remove stale ones.  Idempotent: it can be repeated."""
        with writing(self._shown):
            for path in self.written().stale():
                remove_below(self.folder, path)
            for old, new in end.moves:
                if path := self.unpublished(old):
                    os.replace(path, os.path.join(self.folder, new))
            for path in end.removals:
                remove_below(self.folder, path)
            os.replace(self.temporary, self.path)

    def unpublished(self, name: str) -> str:
        """Return the path of a file that still has its temporary name; '' if it is published already."""
        path = os.path.join(self.folder, name)
        try:
            # A link that an attacker put there would lead elsewhere under its final name as well.
            check_own(path)
        except FileNotFoundError:
            return ""
        return path

    def remove(self) -> None:
        """Remove the file: the run has done nothing."""
        os.unlink(self.temporary)

    def close(self) -> None:
        """Release the lock."""
        release(self._descriptor)

    def _append(self, line: Line) -> None:
        self._pending.append(_encoder.encode(line) + b"\n")
