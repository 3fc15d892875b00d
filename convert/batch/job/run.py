"""A batch from its request to its end: what was done before is looked at, and the rest is worked."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from hashlib import blake2b
from typing import Any

from msgspec import Struct, structs

from convert import __version__, formats
from convert.batch.converter import Converter
from convert.batch.job.journal import Journal
from convert.batch.job.manifest import Damaged, Manifest, ManifestHead, changes, fingerprinted
from convert.batch.job.previous_run import PreviousRun
from convert.batch.job.rejects import Rejects
from convert.batch.job.run_index import RunIndex
from convert.batch.job.runner import Engine, Job, Tell, Watch
from convert.batch.job.worker import Worker
from convert.batch.model import Task
from convert.batch.one_shot import frame
from convert.batch.report.summary import Summary, unpacked
from convert.batch.sinks.destinations import destination, form_of
from convert.batch.sinks.output_names import INDEX, MANIFEST, REJECTS
from convert.batch.sinks.parts import Parts
from convert.batch.sinks.sink import Sink
from convert.diagnostics import visible
from convert.errors import UsageError
from convert.inputs import sources
from convert.inputs.piece import Shard
from convert.inputs.sources import Selection
from convert.io.remote import shown
from convert.options import ConversionOptions, by_name

__all__ = ["BatchOptions", "Summary", "Tell", "Watch", "run_batch"]


_RETRIES = "--retry-rejects"
# No command has them, so manifests name them only where they differ from their defaults.
_UNRECORDED = frozenset({"comment", "contributor", "home", "id", "profile", "standalone", "timestamp"})


class BatchOptions(Struct, frozen=True):
    """BatchOptions a batch is run.

    ``split`` is how many bytes a file may have; 0 for one file.  Of every ``of`` shards that with the number ``shard``,
    from 0, is done.  ``restarts`` forgets what earlier runs did, ``retries`` works on what they rejected.
    """

    split: int = 0
    shard: int = 0
    of: int = 1
    restarts: bool = False
    retries: bool = False


class _Run:
    """One batch, before its work begins: what was done before is looked at."""

    def __init__(self, inputs: Sequence[str], selection: Selection, task: Task, dest: str, how: BatchOptions) -> None:
        self.inputs, self.how = inputs, how
        self.form, self.packing = form_of(dest, task.target)
        target = formats.named(task.target)
        assert target is not None
        self._suffix = target.suffix
        self.dest = destination(dest, self.form, self._suffix)
        self.shown = self.dest.shown
        self.task = task._replace(form=self.form)
        if self.is_listed:
            self.task = self.task._replace(options=structs.replace(task.options, home=INDEX))
        self.selection = selection
        if how.split and self.form not in ("item", "line"):
            raise UsageError(f"{shown(dest)} cannot be split: name NAME.xml or NAME.jsonl")
        if self.form == "text" and self.dest.is_among(inputs):
            raise UsageError(f"{self.shown} is read and written: name another folder with --output")

    @property
    def is_listed(self) -> bool:
        """Whether a page lists all documents."""
        return self.form == "text" and self.task.target == "html"

    def sink(self, seen: RunIndex, journal: Journal) -> Sink:
        """Make the sink, which begins nothing yet."""
        path, working = self.dest.path, self.dest.working
        if self.form == "text":
            return self.dest.folder(self._suffix, seen, journal, self.is_listed)
        if self.form == "row":
            from convert.batch.sinks.parquet import Table

            return Table(path, working)
        opening, _, closing_ = frame(self.task)
        return Parts(path, working, self.packing, (opening, closing_), self.how.split)

    def options(self) -> dict[str, str]:
        """Name what the output depends on, beside the inputs."""
        how = self.how
        usual = by_name(ConversionOptions())
        chosen = {
            f"--{name.replace('_', '-')}": _said(value)
            for name, value in by_name(self.task.options).items()
            if name not in _UNRECORDED or value != usual[name]
        }
        said = {
            "plainwiki": __version__,
            "--to": self.task.target,
            "--output": f"{self.form} {self.packing}".strip(),
            "--split": str(how.split),
            "--shard": f"{how.shard + 1}/{how.of}",
            "SOURCE_DATE_EPOCH": sources.source_date_epoch(),
            "--from": self.selection.format,
            "--max-document": str(self.selection.max_bytes),
            "--max-expansion": str(self.selection.max_expansion),
        }
        return {**chosen, **said}

    def journal(self) -> Journal:
        """Open the manifest; finish first what was killed while it gave its files their names.

        With other options than the ones of that run, or with ``--restart``, nothing of it gets its name.
        """
        journal = self.dest.journal(self.how.restarts)
        head, end = journal.before.head, journal.before.end
        if self.how.restarts or head is None or end is None:
            return journal
        with closing(journal):
            self._check_options(_without_retries(head.options), self.options())
            journal.publish(end)
        return self.dest.journal(self.how.restarts)

    def old(self, journal: Journal) -> tuple[Manifest | None, Summary]:
        """Look for an earlier run that has finished; give its manifest and what it did."""
        try:
            found = self.dest.old(journal)
            return found, _totals(found)
        except Damaged:
            if not self.how.restarts:
                raise
            return None, Summary()

    def readable(self, old: Manifest | None) -> Manifest | None:
        """Make an earlier manifest ready to be read, and check all of it."""
        try:
            if old:
                self.dest.fetch(old)
                old.check()
        except Damaged:
            if not self.how.restarts:
                raise
            return None
        return old

    def head(self, before: Manifest, old: Manifest | None) -> ManifestHead:
        """Give the options of this run; raise UsageError if they are not those of the one that it goes on with."""
        kept = options = self.options()
        if self.how.retries:
            if old is None or old.head is None:
                raise UsageError(f"{self.shown}: no finished run tells what it rejected: leave out --retry-rejects")
            options = {**options, _RETRIES: "yes"}
            kept = old.head.kept
        if self.how.restarts:
            return ManifestHead(options, kept, reuses=False)
        if before.head:
            self._check_options(before.head.options, options)
            return ManifestHead(options, kept, before.head.reuses)
        if old and old.head and not self.how.retries:
            self._check_options(old.head.kept, options)
        return ManifestHead(options, kept)

    def _check_options(self, old: Mapping[str, str], new: Mapping[str, str]) -> None:
        for name, was, now in changes(old, new):
            raise UsageError(
                f"{self.shown} was made with {_option(name, was)}, and now it is {_option(name, now)}: "
                "give --restart to make all of it anew, or give what was given then"
            )

    def is_done(self, old: Manifest, totals: Summary) -> bool:
        """Tell whether there is nothing to do."""
        assert old.end is not None
        if self.how.restarts or (self.how.retries and totals.rejected):
            return False
        if self.form == "text" and self.dest.count(self._suffix) < totals.written + self.is_listed:
            return False  # somebody took some away
        state = sources.Walk(self.selection_without(old)).skim(self.inputs)
        return bool(state) and state == old.end.inputs

    def selection_without(self, old: Manifest | None) -> Selection:
        """Leave out of the inputs what is written."""
        name = os.path.basename(self.dest.path)
        names = [name, name + REJECTS, *(old.end.outputs if old and old.end else ())]
        return self.selection._replace(leave_out=self.dest.identities(names))

    def shards(self, walk: sources.Walk) -> Iterator[Shard]:
        """Yield the shards that are ours."""
        found = sources.shards(walk.pieces(self.inputs))
        ours = (each for each in found if each.number % self.how.of == self.how.shard)
        return fingerprinted(ours, Converter(self.task).has_id)

    def earlier(self, old: Manifest, sink: Sink) -> PreviousRun:
        """Tell workers where a finished run has put its texts."""
        assert old.end is not None
        place = self.dest.place
        manifest = place(os.path.basename(self.dest.path) + MANIFEST)
        outputs = old.end.outputs
        parts, sizes = tuple(map(place, outputs)), tuple(size for size, _ in outputs.values())
        known = PreviousRun(manifest, self.dest.names, "", parts, sizes, packing=self.packing, retries=self.how.retries)
        return sink.earlier(known)

    def reusable(self, old: Manifest) -> Iterator[tuple[str, int]]:
        """Yield shards whose outcome depends on no other: what was refused as a repetition may be none now."""
        is_there = self.dest.present()
        for offset, entry in old.entries():
            if (self.how.retries or not entry.codes.get("title-repeated")) and is_there(entry):
                yield entry.fingerprint, offset


def run_batch(
    inputs: Sequence[str],
    selection: Selection,
    task: Task,
    dest: str,
    engine: Engine,
    watch: Watch,
    how: BatchOptions = BatchOptions(),
) -> Summary:
    """Convert many documents to what ``dest`` names: a folder with a file each, or one file.

    A run repeated does what is new, changed or unfinished.
    """
    run = _Run(inputs, selection, task, dest, how)
    sources.check_formats(inputs, selection)
    with closing(RunIndex()) as seen, closing(run.journal()) as journal:
        try:
            return _batch(run, seen, journal, engine, watch)
        except BaseException:
            if journal.is_empty:
                journal.remove()
            raise


def _batch(run: _Run, seen: RunIndex, journal: Journal, engine: Engine, watch: Watch) -> Summary:
    old, totals = run.old(journal)
    head = run.head(journal.before, old)
    goes_on = journal.before.head is not None and not run.how.restarts
    if old and not goes_on and run.is_done(old, totals):
        journal.remove()
        return totals
    old = run.readable(old)
    sink, rejects = run.sink(seen, journal), Rejects(run.dest.path)
    job = Job(journal, sink, seen, rejects, watch)
    walk = sources.Walk(run.selection_without(old), watch.counting(job.summary))
    try:
        shards = run.shards(walk)
        if goes_on:
            shards = job.resume(shards, head)
        else:
            journal.begin(head)
            sink.resume((0, 0))
        earlier = None
        if old and head.reuses:
            seen.know(run.reusable(old))
            shards = (each._replace(known=seen.known(each.fingerprint)) for each in shards)
            earlier = run.earlier(old, sink)
        job.work(engine(shards, Worker(run.task, sink.place, watch.shown_from, earlier)))
        job.finish(head, walk.state, old)
    except BaseException:
        rejects.discard()
        sink.close()
        if journal.is_empty:
            sink.discard()
        raise
    return job.summary


def _said(value: Any) -> str:
    """Give an option's value in a few characters."""
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= 60 else blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def _option(name: str, value: str) -> str:
    return visible(f"{name} {value}" if value else f"no {name}")


def _totals(old: Manifest | None) -> Summary:
    if old is None or old.end is None:
        return Summary()
    try:
        return unpacked(old.end.totals)
    except ValueError as error:
        raise old.damaged(f"its totals: {error}") from None


def _without_retries(options: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in options.items() if name != _RETRIES}
