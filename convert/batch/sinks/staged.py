"""A destination elsewhere: worked on in a folder of this machine, and put there when all is done.

    CACHE/batch/DIGEST/         for each address; what a killed run leaves here the next goes on with
    .NAME.manifest.plainwiki    beside the destination while anything changes there: the mark of the run that does it

Texts of a folder do not wait for the end: each is put when it is made, as on this machine.  Nothing else that was there
is touched before the run is over; then files are put, what is gone is removed, and the manifest is put last.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterable, Sequence
from hashlib import blake2b

import msgspec

from convert.batch.job.journal import Journal
from convert.batch.job.manifest import End, Manifest, ManifestHead, Position, ShardEntry, WrittenRow
from convert.batch.job.previous_run import PreviousRun
from convert.batch.job.run_index import RunIndex
from convert.batch.model import ConvertedDocument, Form, OutputTarget, ShardOutcome
from convert.batch.sinks.folder import Folder
from convert.batch.sinks.output_names import INDEX, MANIFEST, Names, waiting_index
from convert.batch.sinks.sink import Completed, Sink
from convert.batch.sinks.site_index import reserve, write_index
from convert.diagnostics import visible
from convert.errors import EnvironmentFailed, UsageError
from convert.inputs.containers import Identity
from convert.io.atomic import WORK_SUFFIX, AtomicFile, waiting, writing
from convert.io.own_files import make_private, open_regular
from convert.io.remote import State
from convert.io.stores import Store

#: A mark is a few bytes; of what is longer no more is read.
_MARK_BYTES = 4096

#: The file of a staging folder that tells which run it is of.
_RUN = "run"


class Mark(msgspec.Struct, frozen=True):
    """Which run is changing a destination, and the machine that it is on."""

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
        # Another password leads to the same place.
        digest = blake2b(self.shown.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
        self.path = os.path.join(_cache(), "batch", digest, store.name)
        self.names = Names.of(self.path, self._is_folder, suffix)
        self.working = f"{self.path} (for {self.shown})"

    def is_among(self, inputs: Sequence[str]) -> bool:
        """Compare addresses."""
        return any(each.rstrip("/") == self._store.address for each in inputs)

    def journal(self, restarts: bool) -> Journal:
        """Open the manifest of a run that works here, if none elsewhere has begun."""
        with writing(self.working):
            make_private(os.path.dirname(self.path))
        return Staged(self.path, self._store, self.names, restarts)

    def old(self, journal: Journal) -> Manifest | None:
        """Look beside the destination."""
        name = self._store.name + MANIFEST
        if self._store.state(name) is None:
            return None
        with self._store.failing("read"):
            old = Manifest.finished(self._store.place(name), self.names)
        if old is None or old.end is None:
            return None
        return old if all(self._store.state(name) == state for name, state in old.end.outputs.items()) else None

    def fetch(self, old: Manifest) -> None:
        """Copy it to this machine."""
        old.path = self.path + MANIFEST
        self._store.get(self._store.name + MANIFEST, old.path)

    def present(self) -> Callable[[ShardEntry], bool]:
        """List texts once: to ask after each would take as long as to make it."""
        if not self._is_folder:
            return lambda entry: True
        names = RunIndex()
        names.keep(self._store.names())
        return lambda entry: all(names.is_kept(row.stored) for row in entry.rows if isinstance(row, WrittenRow))

    def count(self, suffix: str) -> int:
        """List texts."""
        return sum(name.endswith(suffix) for name in self._store.names())

    def place(self, name: str) -> str:
        """Give an address."""
        return self._store.place(name)

    def identities(self, names: Iterable[str]) -> frozenset[Identity]:
        """Ask the store."""
        return frozenset(map(self._store.identity, names))

    def folder(self, suffix: str, seen: RunIndex, journal: Journal, is_listed: bool) -> Sink:
        """Make a sink that puts texts where they will be."""
        return RemoteFolder(self.path, self._store, suffix, seen, journal if is_listed else None)


def _cache() -> str:
    try:
        from platformdirs import user_cache_dir
    except ImportError:
        raise UsageError("to write to an address needs platformdirs: install 'plainwiki[remote]'") from None
    return user_cache_dir("plainwiki", appauthor=False)


class Staged(Journal):
    """The journal of a run that is published elsewhere.  A mark there keeps others away while anything is changed."""

    def __init__(self, path: str, store: Store, names: Names, restarts: bool) -> None:
        super().__init__(path, store.shown, names, restarts)
        self._store = store
        self._marker = waiting(store.name + MANIFEST)
        self._is_marked = False
        try:
            self._look(restarts)
        except BaseException:
            self.close()
            raise

    def _look(self, restarts: bool) -> None:
        """See whose work is unfinished."""
        found = self._store.content(self._marker, _MARK_BYTES)
        if found is None:
            # It was all put there and the mark removed, or it belongs to a place that only has the same address.
            os.ftruncate(self._descriptor, 0)
            self._clear()
            self.before = self.written()
            return
        try:
            mark = msgspec.json.decode(found, type=Mark)
        except (ValueError, RecursionError):
            mark = Mark("", "another machine")
        self._is_marked = mark.run == self._run()
        if not self._is_marked and not restarts:
            raise EnvironmentFailed(
                f"a run on {visible(mark.host)} is writing {self._store.shown}, or was broken off: give the same "
                "command there, or --restart to do all of it here"
            )

    def _run(self) -> str:
        """Tell which run this folder is of; make a name where it is of none."""
        path = os.path.join(self.folder, _RUN)
        if not os.path.lexists(path):
            with AtomicFile(path, follows=False) as file:
                file.write(os.urandom(8).hex().encode())
        with open_regular(path) as told:
            return told.read(_MARK_BYTES).decode("ascii", "replace")

    def begin(self, head: ManifestHead) -> None:
        """Mark the destination, which also shows whether it can be written to."""
        if not self._is_marked:
            mark = Mark(self._run(), socket.gethostname())
            self._store.save({self._marker: msgspec.json.encode(mark)})
            self._is_marked = True
        super().begin(head)

    def publish(self, end: End) -> None:
        """Put all files there, this one last, and clear up here.  It may be done again if it is broken off."""
        store = self._store
        store.remove(self.written().stale())
        for old, new in end.moves:
            if found := self.found(old):
                store.put(found, new)
        store.remove(name for name in end.removals if not name.endswith(WORK_SUFFIX))
        self._note(End(end.head, end.moves, end.removals, end.inputs, self._states(end.outputs), end.totals))
        store.put(self.temporary, store.name + MANIFEST)
        self.remove()

    def _states(self, names: Iterable[str]) -> dict[str, State]:
        found: dict[str, State] = {}
        for name in names:
            state = self._store.state(name)
            if state is None:
                raise EnvironmentFailed(f"{self._store.shown}: {name} is gone as soon as it was put there")
            found[name] = state
        return found

    def _note(self, end: End) -> None:
        """Write a last line that holds instead of the one before."""
        whole = self.written()
        whole.scan()
        self.go_on(whole.size)
        self.finish(end)

    def remove(self) -> None:
        """Leave nothing behind, there or here."""
        if self._is_marked:
            self._store.remove([self._marker])
        self._clear()
        super().remove()

    def _clear(self) -> None:
        """Remove what is here, but not what keeps others away."""
        with writing(self.folder):
            for entry in os.scandir(self.folder):
                if entry.path != self.temporary:
                    os.unlink(entry.path)


class RemoteFolder(Folder):
    """One file a record, each put there at once; a list of all, where there is one, in the end.

    Workers may be on other machines, and so texts come with outcomes.  ``journal`` tells what is listed, if anything.
    """

    def __init__(self, path: str, store: Store, suffix: str, seen: RunIndex, journal: Journal | None) -> None:
        super().__init__(path, store.shown, suffix, seen)
        self.place = OutputTarget(packing="")
        self._store, self._journal = store, journal
        if journal:
            reserve(seen, suffix)

    def add(self, outcome: ShardOutcome, written: Sequence[ConvertedDocument], names: Sequence[str]) -> bool:
        """Put texts, and give those that are there already the names that they have now."""
        starts: dict[int, int] = {}
        size = 0
        for each in outcome.records:
            if not each.refusal and not each.stored:
                starts[id(each)] = size
                size += each.size
        texts, moves = {}, {}
        for record, name in zip(written, names, strict=True):
            below = f"{self._store.name}/{name}"
            if not record.stored:
                start = starts[id(record)]
                texts[below] = bytes(outcome.part[start : start + record.size])
            elif record.stored != (path := self._store.place(below)):
                moves[record.stored[len(path) - len(below) :]] = below
        self._store.move(moves)
        self._store.save(texts)
        self._added += len(written)
        return False

    def resume(self, position: Position) -> None:
        """Go on: nothing waits."""
        self._added = position[0]

    def complete(self) -> Completed:
        """Write the list, here as yet."""
        if not self._journal:
            return Completed([], [], {})
        folder, name = os.path.split(self.path)
        index = waiting_index(name)
        write_index(self._journal, os.path.join(folder, index))
        return Completed([(index, f"{name}/{INDEX}")], [], {})

    def earlier(self, known: PreviousRun) -> PreviousRun:
        """Tell where texts are."""
        return known._replace(folder=self._store.place(self._store.name))

    def close(self) -> None:
        """Have nothing to let go of."""
