"""Remote destinations: staged in the user's cache on this machine, uploaded when the run is complete.

    CACHE/batch/DIGEST/         staging folder per address; the next run resumes from what a killed run left here
    .NAME.manifest.plainwiki    marker beside the destination: names the run that is changing it

The files of a folder are the exception: each is uploaded at once, as on this machine.  Nothing else at the destination
changes before the run is over; then files are uploaded, stale ones removed, and the manifest is uploaded last.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterable, Sequence
from hashlib import blake2b

import msgspec

from convert.batch.job.journal import Journal
from convert.batch.job.manifest import Manifest
from convert.batch.job.manifest_lines import End, ManifestHead, Position, ShardEntry, WrittenRow
from convert.batch.job.previous_run import PreviousRun
from convert.batch.job.run_index import RunIndex
from convert.batch.model import ConvertedDocument, Form, OutputTarget, ShardOutcome
from convert.batch.sinks.folder import Folder
from convert.batch.sinks.output_names import INDEX, MANIFEST, Names, waiting_index
from convert.batch.sinks.sink import Completed, Sink
from convert.batch.sinks.site_index import reserve, write_index
from convert.diagnostics import visible
from convert.errors import EnvironmentFailed, UsageError
from convert.inputs.selection import Identity
from convert.io.atomic import LOCK_SUFFIX, WORK_SUFFIX, AtomicFile, waiting, writing
from convert.io.own_files import make_private, open_regular
from convert.io.remote import State
from convert.io.stores import Store

#: Maximum bytes of a marker that are read; real ones have a few dozen.
_MARK_BYTES = 4096

#: The file in a staging folder with the identifier of its run.
_RUN = "run"


class Mark(msgspec.Struct, frozen=True):
    """Content of a marker: the run that is changing a destination, and its machine."""

    run: str
    host: str


class RemoteDestination:
    """A folder or file at an address."""

    def __init__(self, address: str, form: Form, suffix: str) -> None:
        self._store = store = Store(address)
        self.shown, kind = store.shown, store.kind()
        if form == "text" and kind == "file":
            raise UsageError(f"{self.shown} is a file: name a folder")
        if form != "text" and kind == "directory":
            raise UsageError(f"{self.shown} is a folder: name a file")
        self._is_folder = form == "text"
        # Without the password: another one leads to the same destination.
        digest = blake2b(self.shown.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
        self.path = os.path.join(_cache(), "batch", digest, store.name)
        self.names = Names.of(self.path, self._is_folder, suffix)
        self.working = f"{self.path} (for {self.shown})"

    def is_among(self, inputs: Sequence[str]) -> bool:
        """Compare addresses."""
        return any(address.rstrip("/") == self._store.address for address in inputs)

    def journal(self, restart: bool) -> Journal:
        """Open the journal in the staging folder.  Raises EnvironmentFailed if another machine is writing."""
        with writing(self.working):
            make_private(os.path.dirname(self.path))
        return Staged(self.path, self._store, self.names, restart)

    def finished(self, journal: Journal) -> Manifest | None:
        """Read the manifest beside the destination."""
        name = self._store.name + MANIFEST
        if self._store.state(name) is None:
            return None
        with self._store.failing("read"):
            finished = Manifest.finished(self._store.address_of(name), self.names)
        if finished is None or finished.end is None:
            return None
        is_unchanged = all(self._store.state(name) == state for name, state in finished.end.outputs.items())
        return finished if is_unchanged else None

    def fetch(self, finished: Manifest) -> None:
        """Download it."""
        finished.path = self.path + MANIFEST
        self._store.get(self._store.name + MANIFEST, finished.path)

    def present(self) -> Callable[[ShardEntry], bool]:
        """List files once: a request for each would take as long as its conversion."""
        if not self._is_folder:
            return lambda entry: True
        names = RunIndex()
        names.add_files(self._store.names())
        return lambda entry: all(names.has_file(row.stored) for row in entry.rows if isinstance(row, WrittenRow))

    def count(self, suffix: str) -> int:
        """Count listed files."""
        return sum(name.endswith(suffix) for name in self._store.names())

    def location(self, name: str) -> str:
        """Return an address."""
        return self._store.address_of(name)

    def identities(self, names: Iterable[str]) -> frozenset[Identity]:
        """Ask the store."""
        return frozenset(map(self._store.identity, names))

    def folder(self, suffix: str, run_index: RunIndex, journal: Journal, has_index: bool) -> Sink:
        """Return a sink that uploads each file at once."""
        return RemoteFolder(self.path, self._store, suffix, run_index, journal if has_index else None)


def _cache() -> str:
    try:
        from platformdirs import user_cache_dir
    except ImportError:
        raise UsageError("to write to an address needs platformdirs: install 'plainwiki[remote]'") from None
    return user_cache_dir("plainwiki", appauthor=False)


class Staged(Journal):
    """Journal of a run to a remote destination.  A marker there locks out other machines while anything changes."""

    def __init__(self, path: str, store: Store, names: Names, restart: bool) -> None:
        super().__init__(path, store.shown, names, restart)
        self._store = store
        self._marker = waiting(store.name + MANIFEST)
        self._is_marked = False
        try:
            self._adopt(restart)
        except BaseException:
            self.close()
            raise

    def _adopt(self, restart: bool) -> None:
        """Resume from the staging folder if the marker is of its run; clear the folder if there is no marker."""
        content = self._store.content(self._marker, _MARK_BYTES)
        if content is None:
            # Either everything was published, or the address has come to mean another store.
            os.ftruncate(self._descriptor, 0)
            self._clear()
            self.before = self.written()
            return
        try:
            mark = msgspec.json.decode(content, type=Mark)
        except (ValueError, RecursionError):
            mark = Mark("", "another machine")
        self._is_marked = mark.run == self._run()
        if not self._is_marked and not restart:
            raise EnvironmentFailed(
                f"a run on {visible(mark.host)} is writing {self._store.shown}, or was broken off: give the same "
                "command there, or --restart to do all of it here"
            )

    def _run(self) -> str:
        """Return the identifier of the run in this staging folder; create one if there is none."""
        path = os.path.join(self.folder, _RUN)
        if not os.path.lexists(path):
            with AtomicFile(path, follows=False) as file:
                file.write(os.urandom(8).hex().encode())
        with open_regular(path) as file:
            return file.read(_MARK_BYTES).decode("ascii", "replace")

    def begin(self, head: ManifestHead) -> None:
        """Put the marker, which also shows whether the destination is writable."""
        if not self._is_marked:
            mark = Mark(self._run(), socket.gethostname())
            self._store.save({self._marker: msgspec.json.encode(mark)})
            self._is_marked = True
        super().begin(head)

    def publish(self, end: End) -> None:
        """Upload all files, the manifest last, and clear the staging folder.  Idempotent: it can be repeated."""
        store = self._store
        store.remove(self.written().stale())
        for old, new in end.moves:
            if path := self.unpublished(old):
                store.put(path, new)
        store.remove(name for name in end.removals if not name.endswith(WORK_SUFFIX))
        self._note(End(end.head, end.moves, end.removals, end.inputs, self._states(end.outputs), end.totals))
        store.put(self.temporary, store.name + MANIFEST)
        self.remove()

    def _states(self, names: Iterable[str]) -> dict[str, State]:
        states: dict[str, State] = {}
        for name in names:
            state = self._store.state(name)
            if state is None:
                raise EnvironmentFailed(f"{self._store.shown}: {name} is gone as soon as it was put there")
            states[name] = state
        return states

    def _note(self, end: End) -> None:
        """Append an end that supersedes the one before."""
        manifest = self.written()
        manifest.scan()
        self.continue_at(manifest.size)
        self.finish(end)

    def remove(self) -> None:
        """Remove everything, there and here."""
        if self._is_marked:
            self._store.remove([self._marker])
        self._clear()
        super().remove()

    def _clear(self) -> None:
        """Remove all files of the staging folder except the locked journal."""
        with writing(self.folder):
            for entry in os.scandir(self.folder):
                if entry.path not in (self.temporary, self.temporary + LOCK_SUFFIX):
                    os.unlink(entry.path)


class RemoteFolder(Folder):
    """Sink: one file per document, uploaded at once; the index page, if there is one, at the end.

    Workers may be on other machines, so texts come with outcomes.  ``journal`` is what the index page lists.
    """

    def __init__(self, path: str, store: Store, suffix: str, run_index: RunIndex, journal: Journal | None) -> None:
        super().__init__(path, store.shown, suffix, run_index)
        self.target = OutputTarget(packing="")
        self._store, self._journal = store, journal
        if journal:
            reserve(run_index, suffix)

    def add(self, outcome: ShardOutcome, written: Sequence[ConvertedDocument], names: Sequence[str]) -> bool:
        """Upload texts, and rename those that are there already."""
        starts: dict[int, int] = {}
        size = 0
        for record in outcome.records:
            if not record.refusal and not record.stored:
                starts[id(record)] = size
                size += record.size
        texts, moves = {}, {}
        for record, name in zip(written, names, strict=True):
            below = f"{self._store.name}/{name}"
            if not record.stored:
                start = starts[id(record)]
                texts[below] = bytes(outcome.part[start : start + record.size])
            elif record.stored != (path := self._store.address_of(below)):
                moves[record.stored[len(path) - len(below) :]] = below
        self._store.move(moves)
        self._store.save(texts)
        self._added += len(written)
        return False

    def resume(self, position: Position) -> None:
        """Set the position: no file waits."""
        self._added = position[0]

    def complete(self) -> Completed:
        """Write the index page to the staging folder."""
        if not self._journal:
            return Completed([], [], {})
        folder, name = os.path.split(self.path)
        index = waiting_index(name)
        write_index(self._journal, os.path.join(folder, index))
        return Completed([(index, f"{name}/{INDEX}")], [], {})

    def with_layout(self, previous_run: PreviousRun) -> PreviousRun:
        """Add the address of the folder."""
        return previous_run._replace(folder=self._store.address_of(self._store.name))

    def close(self) -> None:
        """Do nothing: there is nothing to release."""
