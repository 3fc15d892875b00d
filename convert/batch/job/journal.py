"""The manifest of the run that is going on, and the end of that run: all files get their names."""

from __future__ import annotations

import os
from collections.abc import Iterable

import msgspec

from convert.batch.job.manifest import Cut, Damaged, End, Line, Manifest, ManifestHead, ShardEntry, Stale
from convert.batch.sinks.output_names import MANIFEST, Names
from convert.io.atomic import open_locked, waiting, write_all, writing
from convert.io.own_files import check_own, remove_below

#: How many paths a line holds.
_PATHS_PER_LINE = 1000

_encoder = msgspec.json.Encoder()


class Journal:
    """The manifest of the run that is going on; locked, so that there is one such run.

    ``before`` is what an unfinished run has left, all of it checked.  With ``restarts``, what it says does not matter;
    otherwise raises Damaged where no run can have left it.
    """

    def __init__(self, dest: str, shown: str, names: Names, restarts: bool) -> None:
        self.path = dest + MANIFEST
        self.folder, name = os.path.split(self.path)
        self.temporary = os.path.join(self.folder, waiting(name))
        with writing(shown):
            self._descriptor = open_locked(self.temporary, shown)
        self._shown, self._names = shown, names
        self._held: list[bytes] = []
        self._end = 0
        self.before = self.written()
        try:
            self.before.check()
        except Damaged:
            if not restarts:
                self.close()
                raise
            self.before = self.written()

    def written(self) -> Manifest:
        """Read what is written so far."""
        return Manifest(self.temporary, self._names)

    def begin(self, head: ManifestHead) -> None:
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

    def cut(self, offset: int, head: ManifestHead) -> None:
        """Make void the lines from an offset on, and write behind them."""
        self.go_on(self.before.size)
        self._hold(Cut(offset, head))
        self.flush()

    def add(self, entry: ShardEntry) -> None:
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
        """Whether nothing was ever written, by this run or by one that it could go on with."""
        return not self._end and self.before.head is None

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
            for path in self.written().stale():
                remove_below(self.folder, path)
            for old, new in end.moves:
                if found := self.found(old):
                    os.replace(found, os.path.join(self.folder, new))
            for path in end.removals:
                remove_below(self.folder, path)
            os.replace(self.temporary, self.path)

    def found(self, name: str) -> str:
        """Give the path of a file that has its temporary name as yet, nothing if it has its own already."""
        path = os.path.join(self.folder, name)
        try:
            # What a stranger put there would lead elsewhere under its new name as well.
            check_own(path)
        except FileNotFoundError:
            return ""
        return path

    def remove(self) -> None:
        """Leave nothing behind: the run has done nothing."""
        os.unlink(self.temporary)

    def close(self) -> None:
        """Let others write."""
        os.close(self._descriptor)

    def _hold(self, line: Line) -> None:
        self._held.append(_encoder.encode(line) + b"\n")
