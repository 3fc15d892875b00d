"""One batch from request to result: look at what earlier runs did, then convert the rest."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from hashlib import blake2b
from typing import Any

from msgspec import Struct, structs

from convert import __version__, formats
from convert.batch.converter import Converter
from convert.batch.job.changes import changed_options, fingerprinted
from convert.batch.job.journal import Journal
from convert.batch.job.manifest import Manifest
from convert.batch.job.manifest_lines import DamagedManifest, ManifestHead
from convert.batch.job.previous_run import PreviousRun
from convert.batch.job.rejects import Rejects
from convert.batch.job.run_index import RunIndex, TitleUse
from convert.batch.job.runner import Engine, Job
from convert.batch.job.worker import Worker
from convert.batch.model import Task
from convert.batch.observer import Observer
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
from convert.profile import WikiProfile

__all__ = ["BatchOptions", "Observer", "Summary", "run_batch"]

# Longer option values are recorded as a digest.
_MAX_VALUE_CHARACTERS = 60
# So much of a wiki's name is recorded with the digest of its profile.
_MAX_NAME_CHARACTERS = 30

_RETRY_REJECTS = "--retry-rejects"

# No command has these options, or hardly any run, so manifests record them only where they differ from their defaults.
_UNRECORDED = frozenset({"comment", "contributor", "home", "id", "profile", "standalone", "timestamp"})


class BatchOptions(Struct, frozen=True):
    """Options of a batch run.

    ``split`` is the maximum size of an output file in bytes; 0 writes one file.  Of every ``shard_count`` shards, only
    number ``shard`` (from 0) is converted.  ``restart`` ignores earlier runs, ``retry_rejects`` converts again what
    they rejected.
    """

    split: int = 0
    shard: int = 0
    shard_count: int = 1
    restart: bool = False
    retry_rejects: bool = False


def run_batch(
    inputs: Sequence[str],
    selection: Selection,
    task: Task,
    dest: str,
    engine: Engine,
    observer: Observer,
    options: BatchOptions = BatchOptions(),
) -> Summary:
    """Convert many documents to ``dest``: a folder with one file per document, or one file.

    Resumable and incremental: run again, it converts only what is new, changed or unfinished.
    """
    run = _Run(inputs, selection, task, dest, options)
    sources.check_formats(inputs, selection)
    with closing(RunIndex()) as run_index, closing(run.journal()) as journal:
        try:
            return _batch(run, run_index, journal, engine, observer)
        except BaseException:
            if journal.is_empty:
                journal.remove()
            raise


def _batch(run: _Run, run_index: RunIndex, journal: Journal, engine: Engine, observer: Observer) -> Summary:
    previous, totals = run.finished(journal)
    head = run.head(journal.before, previous)
    resumes = journal.before.head is not None and not run.options.restart
    if previous and not resumes and run.is_up_to_date(previous, totals):
        journal.remove()
        return totals
    previous = run.readable(previous)
    sink, rejects = run.sink(run_index, journal), Rejects(run.dest.path)
    job = Job(journal, sink, run_index, rejects, observer, run.title_use)
    walk = sources.Walk(run.selection_without(previous), observer.counting(job.summary), digests=True)
    try:
        shards = run.shards(walk)
        if resumes:
            shards = job.resume(shards, head)
        else:
            journal.begin(head)
            sink.resume((0, 0))
        previous_run = None
        if previous and head.reuses:
            run_index.add_shards(run.reusable(previous))
            shards = (shard._replace(manifest_offset=run_index.manifest_offset(shard.fingerprint)) for shard in shards)
            previous_run = run.previous_run(previous, sink)
        job.work(engine(shards, Worker(run.task, sink.target, observer.shown_from, previous_run)))
        job.finish(head, walk.state, previous)
    except BaseException:
        rejects.discard()
        sink.close()
        if journal.is_empty:
            sink.discard()
        raise
    return job.summary


class _Run:
    """One batch before its conversion begins: its request, compared with the runs before it."""

    def __init__(
        self, inputs: Sequence[str], selection: Selection, task: Task, dest: str, options: BatchOptions
    ) -> None:
        self.inputs, self.options = inputs, options
        self.form, self.packing = form_of(dest, task.target)
        target = formats.named(task.target)
        assert target is not None
        self._suffix = target.suffix
        self.dest = destination(dest, self.form, self._suffix)
        self.shown = self.dest.shown
        self.task = task._replace(form=self.form)
        if self.has_index:
            self.task = self.task._replace(options=structs.replace(task.options, home=INDEX))
        self.selection = selection
        if options.split and self.form not in ("item", "line"):
            raise UsageError(f"{shown(dest)} cannot be split: name NAME.xml or NAME.jsonl")
        if self.form == "text" and self.dest.is_among(inputs):
            raise UsageError(f"{self.shown} is read and written: name another folder with --output")

    @property
    def has_index(self) -> bool:
        """Whether an index page lists all documents."""
        return self.form == "text" and self.task.target == "html"

    @property
    def title_use(self) -> TitleUse:
        """What of this run only one document with a title can be."""
        if Converter(self.task).makes_pages:
            return "page"
        return "file" if self.form == "text" else ""

    def sink(self, run_index: RunIndex, journal: Journal) -> Sink:
        """Return the sink; nothing is written yet."""
        path, working = self.dest.path, self.dest.working
        if self.form == "text":
            return self.dest.folder(self._suffix, run_index, journal, self.has_index)
        if self.form == "row":
            from convert.batch.sinks.parquet import Table

            return Table(path, working)
        opening, _, closing_ = frame(self.task)
        return Parts(path, working, self.packing, (opening, closing_), self.options.split)

    def recorded_options(self) -> dict[str, str]:
        """Return everything but the inputs that the output depends on, by the names of command-line options."""
        options = self.options
        defaults = by_name(ConversionOptions())
        task_options = {
            f"--{name.replace('_', '-')}": _recorded(value)
            for name, value in by_name(self.task.options).items()
            if name not in _UNRECORDED or value != defaults[name]
        }
        run_options = {
            "plainwiki": __version__,
            "--to": self.task.target,
            "--output": f"{self.form} {self.packing}".strip(),
            "--split": str(options.split),
            "--shard": f"{options.shard + 1}/{options.shard_count}",
            "SOURCE_DATE_EPOCH": sources.source_date_epoch(),
            "--from": self.selection.format,
            **({"--encoding": self.selection.encoding} if self.selection.encoding else {}),
            **({"--names-encoding": self.selection.names_encoding} if self.selection.names_encoding else {}),
            "--max-document": str(self.selection.max_bytes),
            "--max-expansion": str(self.selection.max_expansion),
        }
        return {**task_options, **run_options}

    def journal(self) -> Journal:
        """Open the journal; first finish a run that was killed while it renamed its files.

        That run is not finished with ``--restart``.  Raises UsageError where it had other options.
        """
        journal = self.dest.journal(self.options.restart)
        head, end = journal.before.head, journal.before.end
        if self.options.restart or head is None or end is None:
            return journal
        with closing(journal):
            self._check_options(_without_retry_rejects(head.options), self.recorded_options())
            journal.publish(end)
        return self.dest.journal(self.options.restart)

    def finished(self, journal: Journal) -> tuple[Manifest | None, Summary]:
        """Return the manifest and the summary of the previous finished run, if there is one."""
        try:
            manifest = self.dest.finished(journal)
            return manifest, _totals(manifest)
        except DamagedManifest:
            if not self.options.restart:
                raise
            return None, Summary()

    def readable(self, previous: Manifest | None) -> Manifest | None:
        """Fetch and check the whole manifest of the previous run; with ``--restart`` a damaged one is ignored."""
        try:
            if previous:
                self.dest.fetch(previous)
                previous.check()
        except DamagedManifest:
            if not self.options.restart:
                raise
            return None
        return previous

    def head(self, unfinished: Manifest, previous: Manifest | None) -> ManifestHead:
        """Return the head of this run's manifest.

        Raises UsageError if its options differ from those of the run that it resumes or updates.
        """
        kept = options = self.recorded_options()
        if self.options.retry_rejects:
            if previous is None or previous.head is None:
                raise UsageError(f"{self.shown}: no finished run tells what it rejected: leave out --retry-rejects")
            options = {**options, _RETRY_REJECTS: "yes"}
            kept = previous.head.kept
        if self.options.restart:
            return ManifestHead(options, kept, reuses=False)
        if unfinished.head:
            self._check_options(unfinished.head.options, options)
            return ManifestHead(options, kept, unfinished.head.reuses)
        if previous and previous.head and not self.options.retry_rejects:
            self._check_options(previous.head.kept, options)
        return ManifestHead(options, kept)

    def _check_options(self, before: Mapping[str, str], now: Mapping[str, str]) -> None:
        for name, old, new in changed_options(before, now):
            raise UsageError(
                f"{self.shown} was made with {_option(name, old)}, and now it is {_option(name, new)}: "
                "give --restart to make all of it anew, or give what was given then"
            )

    def is_up_to_date(self, previous: Manifest, totals: Summary) -> bool:
        """Whether inputs and outputs are as the previous run left them, so that this run is a no-op."""
        assert previous.end is not None
        if self.options.restart or (self.options.retry_rejects and totals.rejected):
            return False
        if self.form == "text" and self.dest.count(self._suffix) < totals.written + self.has_index:
            return False  # somebody removed files
        state = sources.Walk(self.selection_without(previous), digests=True).skim(self.inputs)
        return bool(state) and state == previous.end.inputs

    def selection_without(self, previous: Manifest | None) -> Selection:
        """Return the selection of inputs without the outputs."""
        name = os.path.basename(self.dest.path)
        names = [name, name + REJECTS, name + MANIFEST, *(previous.end.outputs if previous and previous.end else ())]
        return self.selection._replace(leave_out=self.dest.identities(names))

    def shards(self, walk: sources.Walk) -> Iterator[Shard]:
        """Yield the shards of this run (``--shard``), with fingerprints."""
        shards = sources.shards(walk.pieces(self.inputs))
        chosen = (shard for shard in shards if shard.number % self.options.shard_count == self.options.shard)
        return fingerprinted(chosen, Converter(self.task).has_id)

    def previous_run(self, previous: Manifest, sink: Sink) -> PreviousRun:
        """Return what workers need to read the texts of the previous run."""
        assert previous.end is not None
        location = self.dest.location
        manifest = location(os.path.basename(self.dest.path) + MANIFEST)
        outputs = previous.end.outputs
        parts, sizes = tuple(map(location, outputs)), tuple(size for size, _ in outputs.values())
        retry_rejects = self.options.retry_rejects
        return sink.with_layout(
            PreviousRun(manifest, self.dest.names, "", parts, sizes, packing=self.packing, retry_rejects=retry_rejects)
        )

    def reusable(self, previous: Manifest) -> Iterator[tuple[str, int]]:
        """Yield fingerprint and manifest offset of each shard whose outcome depends on no other shard.

        A title that was rejected as a repetition may be unique now, so shards with such a reject are converted again.
        """
        is_present = self.dest.present()
        for offset, entry in previous.entries():
            if (self.options.retry_rejects or not entry.codes.get("title-repeated")) and is_present(entry):
                yield entry.fingerprint, offset


def _recorded(value: Any) -> str:
    """Return an option's value as the manifest records it: itself if it is short, else a digest."""
    if isinstance(value, WikiProfile):
        return f"of {value.sitename[:_MAX_NAME_CHARACTERS]} ({_digest(value.canonical)})"
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= _MAX_VALUE_CHARACTERS else _digest(text)


def _digest(text: str) -> str:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def _option(name: str, value: str) -> str:
    return visible(f"{name} {value}" if value else f"no {name}")


def _totals(previous: Manifest | None) -> Summary:
    if previous is None or previous.end is None:
        return Summary()
    try:
        return unpacked(previous.end.totals)
    except ValueError as error:
        raise previous.damaged(f"its totals: {error}") from None


def _without_retry_rejects(options: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in options.items() if name != _RETRY_REJECTS}
