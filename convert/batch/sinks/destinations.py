"""What a destination's name stands for: which form documents get there, and the place where a run works and writes.

Destination ─ LocalDestination             on this machine: worked on where it will be
            └ staging.Remote    elsewhere: worked on here, and put there
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from convert import formats
from convert.batch.job.journal import Journal
from convert.batch.job.manifest import Manifest, ShardEntry
from convert.batch.job.run_index import RunIndex
from convert.batch.job.runner import still_there
from convert.batch.model import Form
from convert.batch.sinks.folder import Folder
from convert.batch.sinks.output_names import Names
from convert.batch.sinks.sink import Sink
from convert.errors import UsageError
from convert.inputs import sources
from convert.inputs.containers import Identity
from convert.io import remote
from convert.io.atomic import writing
from convert.io.compression import packing_of


class Destination(Protocol):
    """Where a run writes.

    ``path`` is where it works: sinks, journal and rejects have their ``names`` from it.  ``shown`` is what people call
    it, ``working`` what they call ``path``.
    """

    path: str
    names: Names
    shown: str
    working: str

    def is_among(self, inputs: Sequence[str]) -> bool:
        """Tell whether it is read as well."""

    def journal(self, restarts: bool) -> Journal:
        """Open the manifest of a run; only one run can."""

    def old(self, journal: Journal) -> Manifest | None:
        """Look for an earlier run that has finished and whose output is as it left it."""

    def fetch(self, old: Manifest) -> None:
        """Make an earlier manifest ready to be read from its beginning to its end."""

    def present(self) -> Callable[[ShardEntry], bool]:
        """Look once what is there; tell then of each shard whether workers may look for its texts."""

    def count(self, suffix: str) -> int:
        """Count the texts in a folder."""

    def place(self, name: str) -> str:
        """Tell workers, wherever they are, where a file is that stands beside the destination, or is it."""

    def identities(self, names: Iterable[str]) -> frozenset[Identity]:
        """Tell of such files, where there are any, which they are among inputs."""

    def folder(self, suffix: str, seen: RunIndex, journal: Journal, is_listed: bool) -> Sink:
        """Make the sink for texts, which begins nothing yet; of all of which there may be a list."""


class LocalDestination:
    """A folder or file on this machine."""

    def __init__(self, dest: str, form: Form, suffix: str) -> None:
        self.path = os.path.realpath(dest)
        self.names = Names.of(self.path, form == "text", suffix)
        self.shown = self.working = dest.rstrip("/") or dest
        self._parent = os.path.dirname(self.path)
        self._is_folder = form == "text"
        if self._is_folder and os.path.isfile(self.path):
            raise UsageError(f"{dest} is a file: name a folder")
        if not self._is_folder and os.path.isdir(self.path):
            raise UsageError(f"{dest} is a folder: name a file")
        if os.path.exists(self.path) and not (os.path.isfile(self.path) or os.path.isdir(self.path)):
            raise UsageError(f"{dest} is neither a file nor a folder: give 'plainwiki convert' a stream to write to")

    def is_among(self, inputs: Sequence[str]) -> bool:
        """Compare what paths lead to."""
        path = self.path
        return os.path.exists(path) and any(os.path.exists(each) and os.path.samefile(path, each) for each in inputs)

    def journal(self, restarts: bool) -> Journal:
        """Open the manifest beside what is written."""
        with writing(self.shown):
            os.makedirs(self._parent if self._is_folder else ".", exist_ok=True)
        return Journal(self.path, self.shown, self.names, restarts)

    def old(self, journal: Journal) -> Manifest | None:
        """Look beside what is written."""
        old = Manifest.finished(journal.path, self.names)
        if old is None or (self._is_folder and not os.path.isdir(self.path)):
            return None
        return old if still_there(old, self._parent) else None

    def fetch(self, old: Manifest) -> None:
        """Leave it where it is."""

    def present(self) -> Callable[[ShardEntry], bool]:
        """Leave it to workers."""
        return lambda entry: True

    def count(self, suffix: str) -> int:
        """Count names alone, because asking after each file takes as long as making some."""
        names = (name for _, _, names in os.walk(self.path) for name in names)
        return sum(name.endswith(suffix) for name in names)

    def place(self, name: str) -> str:
        """Give a path."""
        return os.path.join(self._parent, name)

    def identities(self, names: Iterable[str]) -> frozenset[Identity]:
        """Ask the system."""
        paths = [path for each in names if os.path.exists(path := self.place(each))]
        return frozenset(sources.identity(os.stat(path)) for path in paths)

    def folder(self, suffix: str, seen: RunIndex, journal: Journal, is_listed: bool) -> Sink:
        """Make a sink that gives files their names as they come."""
        if is_listed:
            from convert.batch.sinks.site_index import HtmlFolder  # most folders have no list

            return HtmlFolder(self.path, self.shown, suffix, seen, journal)
        return Folder(self.path, self.shown, suffix, seen)


def destination(dest: str, form: Form, suffix: str) -> Destination:
    """Tell a path from an address; texts get files with a suffix.  Raises UsageError where it cannot be written to."""
    if not remote.is_remote(dest):
        return LocalDestination(dest, form, suffix)
    from convert.batch.sinks.staged import RemoteDestination  # most runs have no address

    return RemoteDestination(dest, form, suffix)


def form_of(dest: str, target: str) -> tuple[Form, str]:
    """Tell by a destination's name what a document becomes there, and how the file is packed."""
    packing, name = packing_of(dest.lower())
    if name.endswith(sources.JSON_LINES):
        return "line", packing
    if dest.endswith("/") or os.path.isdir(dest) or not os.path.splitext(dest)[1]:
        return "text", ""
    if name.endswith(".parquet") and not packing:
        return "row", "zst"
    found = formats.named(target)
    if name.endswith(".xml") and found and found.suffix.endswith(".xml"):
        return "item", packing
    raise UsageError(
        f"cannot write {target} to {remote.shown(dest)}: name a folder (end it with '/'), NAME.jsonl, NAME.parquet, or "
        "NAME.xml for export and xml; .gz, .bz2 or .zst may follow .jsonl and .xml"
    )
