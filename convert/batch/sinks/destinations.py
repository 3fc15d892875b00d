"""Destinations: which output form a name stands for, and where a run works and writes.

Destination ─ LocalDestination            on this machine: written in place
            └ staged.RemoteDestination    at an address: staged on this machine, then uploaded
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from convert import formats
from convert.batch.job.journal import Journal
from convert.batch.job.manifest import Manifest
from convert.batch.job.manifest_lines import ShardEntry
from convert.batch.job.run_index import RunIndex
from convert.batch.job.runner import still_there
from convert.batch.model import Form
from convert.batch.sinks.folder import Folder
from convert.batch.sinks.output_names import Names
from convert.batch.sinks.sink import Sink
from convert.errors import UsageError
from convert.inputs import sources
from convert.inputs.files.folders import identity
from convert.inputs.selection import Identity
from convert.io import remote
from convert.io.atomic import writing
from convert.io.compression import packing_of


class Destination(Protocol):
    """Where a run writes.

    ``path`` is the local working path, from which sinks, journal and rejects derive their ``names``.  In messages the
    destination is ``shown`` and the working path ``working``.
    """

    path: str
    names: Names
    shown: str
    working: str

    def is_among(self, inputs: Sequence[str]) -> bool:
        """Whether the destination is also one of the inputs."""

    def journal(self, restart: bool) -> Journal:
        """Open and lock the journal: one run at a time."""

    def finished(self, journal: Journal) -> Manifest | None:
        """Return the manifest of the previous finished run, if its output is unchanged."""

    def fetch(self, finished: Manifest) -> None:
        """Make the whole manifest of a finished run readable on this machine."""

    def present(self) -> Callable[[ShardEntry], bool]:
        """List the existing outputs once; return a predicate that tells whether the texts of a shard may exist."""

    def count(self, suffix: str) -> int:
        """Count the files with a suffix in a folder."""

    def location(self, name: str) -> str:
        """Return the path or address, valid for all workers, of the destination or a file beside it."""

    def identities(self, names: Iterable[str]) -> frozenset[Identity]:
        """Return the identities of those of such files that exist, to leave them out of the inputs."""

    def folder(self, suffix: str, run_index: RunIndex, journal: Journal, has_index: bool) -> Sink:
        """Return the sink for one file per document, perhaps with an index page; nothing is written yet."""


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
        """Compare files, not paths: links are resolved."""
        path = self.path
        return os.path.exists(path) and any(
            os.path.exists(source) and os.path.samefile(path, source) for source in inputs
        )

    def journal(self, restart: bool) -> Journal:
        """Open the journal beside the output."""
        with writing(self.shown):
            os.makedirs(self._parent if self._is_folder else ".", exist_ok=True)
        return Journal(self.path, self.shown, self.names, restart)

    def finished(self, journal: Journal) -> Manifest | None:
        """Read the manifest beside the output."""
        manifest = Manifest.finished(journal.path, self.names)
        if manifest is None or (self._is_folder and not os.path.isdir(self.path)):
            return None
        return manifest if still_there(manifest, self._parent) else None

    def fetch(self, finished: Manifest) -> None:
        """Do nothing: it is local."""

    def present(self) -> Callable[[ShardEntry], bool]:
        """Return True for every shard: workers check each file themselves."""
        return lambda entry: True

    def count(self, suffix: str) -> int:
        """Count names only: a stat of each file takes as long as writing some."""
        names = (name for _, _, names in os.walk(self.path) for name in names)
        return sum(name.endswith(suffix) for name in names)

    def location(self, name: str) -> str:
        """Return a path."""
        return os.path.join(self._parent, name)

    def identities(self, names: Iterable[str]) -> frozenset[Identity]:
        """Stat the files."""
        paths = [path for name in names if os.path.exists(path := self.location(name))]
        return frozenset(identity(os.stat(path)) for path in paths)

    def folder(self, suffix: str, run_index: RunIndex, journal: Journal, has_index: bool) -> Sink:
        """Return a sink that renames files into place as they come."""
        if has_index:
            from convert.batch.sinks.site_index import HtmlFolder  # most folders have no list

            return HtmlFolder(self.path, self.shown, suffix, run_index, journal)
        return Folder(self.path, self.shown, suffix, run_index)


def destination(dest: str, form: Form, suffix: str) -> Destination:
    """Return the destination at a path or an address.  Raises UsageError where it cannot be written to."""
    if not remote.is_remote(dest):
        return LocalDestination(dest, form, suffix)
    from convert.batch.sinks.staged import RemoteDestination  # most runs have no address

    return RemoteDestination(dest, form, suffix)


def form_of(dest: str, target: str) -> tuple[Form, str]:
    """Return the output form and the compression that a destination's name asks for."""
    packing, name = packing_of(dest.lower())
    if name.endswith(sources.JSON_LINES):
        return "line", packing
    if dest.endswith("/") or os.path.isdir(dest) or not os.path.splitext(dest)[1]:
        return "text", ""
    if name.endswith(".parquet") and not packing:
        return "row", "zst"
    format = formats.named(target)
    if name.endswith(".xml") and format and format.suffix.endswith(".xml"):
        return "item", packing
    raise UsageError(
        f"cannot write {target} to {remote.shown(dest)}: name a folder (end it with '/'), NAME.jsonl, NAME.parquet, or "
        "NAME.xml for export and xml; .gz, .bz2 or .zst may follow .jsonl and .xml"
    )
