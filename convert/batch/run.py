"""A batch from its request to its end: what was done before is looked at, and the rest is worked."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from convert import __version__, formats
from convert.batch import sources
from convert.batch.earlier import Earlier
from convert.batch.job import Engine, Job, Tell, Watch, still_there
from convert.batch.manifest import Head, Journal, Manifest, changes, fingerprinted
from convert.batch.outputs import writing
from convert.batch.packing import packing_of
from convert.batch.rejects import SUFFIX as REJECTS
from convert.batch.rejects import Rejects
from convert.batch.seen import Seen
from convert.batch.shards import Converter, Form, Shard, Task
from convert.batch.sinks import INDEX, Folder, Parts, Sink
from convert.batch.sources import Selection
from convert.batch.summary import Summary, unpacked
from convert.batch.texts import frame
from convert.batch.work import Work
from convert.errors import UsageError

__all__ = ["How", "Summary", "Tell", "Watch", "batch", "form_of"]


@dataclass(frozen=True)
class How:
    """How a batch is run.

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

    def __init__(self, inputs: Sequence[str], selection: Selection, task: Task, dest: str, how: How) -> None:
        self.inputs, self.dest, self.how = inputs, os.path.realpath(dest), how
        self.shown = dest.rstrip("/") or dest
        self.form, self.packing = form_of(dest, task.target)
        self.task = task._replace(form=self.form)
        if self.is_listed:
            self.task = self.task._replace(options={**task.options, "home": INDEX})
        self.selection = selection
        if how.split and self.form not in ("item", "line"):
            raise UsageError(f"{dest} cannot be split: name NAME.xml or NAME.jsonl")
        if self.form == "text" and os.path.isfile(self.dest):
            raise UsageError(f"{dest} is a file: name a folder")
        if self.form != "text" and os.path.isdir(self.dest):
            raise UsageError(f"{dest} is a folder: name a file")
        if os.path.exists(self.dest) and not (os.path.isfile(self.dest) or os.path.isdir(self.dest)):
            raise UsageError(f"{dest} is neither a file nor a folder: give 'plainwiki convert' a stream to write to")

    @property
    def is_listed(self) -> bool:
        """Whether a page lists all documents."""
        return self.form == "text" and self.task.target == "html"

    def sink(self, seen: Seen, journal: Journal) -> Sink:
        """Make the sink, which begins nothing yet."""
        target = formats.named(self.task.target)
        assert target is not None
        if self.is_listed:
            from convert.batch.index import Pages

            return Pages(self.dest, self.shown, target.suffix, seen, journal.temporary)
        if self.form == "text":
            return Folder(self.dest, self.shown, target.suffix, seen)
        if self.form == "row":
            from convert.batch.tables import Table

            return Table(self.dest, self.shown)
        opening, _, closing_ = frame(self.task)
        return Parts(self.dest, self.shown, self.packing, (opening, closing_), self.how.split)

    def options(self) -> dict[str, str]:
        """Name what the output depends on, beside the inputs."""
        how = self.how
        chosen = {f"--{name.replace('_', '-')}": _said(value) for name, value in self.task.options.items()}
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
        """Open the manifest; finish first what was killed while it gave its files their names."""
        if self.form == "text":
            _check_folder(self.shown, self.inputs)
        with writing(self.shown):
            os.makedirs(os.path.dirname(self.dest) if self.form == "text" else ".", exist_ok=True)
        journal = Journal(self.dest, self.shown)
        if journal.before.end:
            journal.publish(journal.before.end)
            journal.close()
            return Journal(self.dest, self.shown)
        return journal

    def old(self, journal: Journal) -> Manifest | None:
        """Look for an earlier run that has finished and whose output is as it left it."""
        old = Manifest.finished(journal.path)
        if old is None or (self.form == "text" and not os.path.isdir(self.dest)):
            return None
        return old if still_there(old, os.path.dirname(self.dest)) else None

    def head(self, before: Manifest, old: Manifest | None) -> Head:
        """Give the options of this run; raise UsageError if they are not those of the one that it goes on with."""
        kept = options = self.options()
        if self.how.retries:
            if old is None or old.head is None:
                raise UsageError(f"{self.shown}: no finished run tells what it rejected: leave out --retry-rejects")
            options = {**options, "--retry-rejects": "yes"}
            kept = old.head.kept
        if self.how.restarts:
            return Head(options, kept, reuses=False)
        if before.head:
            self._check_options(before.head.options, options)
            return before.head
        if old and old.head and not self.how.retries:
            self._check_options(old.head.kept, options)
        return Head(options, kept)

    def _check_options(self, old: Mapping[str, str], new: Mapping[str, str]) -> None:
        for name, was, now in changes(old, new):
            raise UsageError(
                f"{self.shown} was made with {_option(name, was)}, and now it is {_option(name, now)}: "
                "give --restart to make all of it anew, or give what was given then"
            )

    def is_done(self, old: Manifest) -> bool:
        """Tell whether there is nothing to do."""
        assert old.end is not None
        totals = unpacked(old.end.totals)
        if self.how.restarts or (self.how.retries and totals.rejected):
            return False
        if self.form == "text" and self._texts() < totals.written + self.is_listed:
            return False  # somebody took some away
        state = sources.Walk(self.selection_without(old)).skim(self.inputs)
        return bool(state) and state == old.end.inputs

    def _texts(self) -> int:
        """Count the texts in the folder: their names alone, because asking after each takes as long as making some."""
        target = formats.named(self.task.target)
        assert target is not None
        names = (name for _, _, names in os.walk(self.dest) for name in names)
        return sum(name.endswith(target.suffix) for name in names)

    def selection_without(self, old: Manifest | None) -> Selection:
        """Leave out of the inputs what is written."""
        folder, name = os.path.split(self.dest)
        names = [name, name + REJECTS, *(old.end.outputs if old and old.end else ())]
        paths = [path for each in names if os.path.exists(path := os.path.join(folder, each))]
        return self.selection._replace(leave_out=frozenset(sources.identity(os.stat(path)) for path in paths))

    def shards(self, walk: sources.Walk) -> Iterator[Shard]:
        """Yield the shards that are ours."""
        found = sources.shards(walk.pieces(self.inputs))
        ours = (each for each in found if each.number % self.how.of == self.how.shard)
        return fingerprinted(ours, Converter(self.task).has_id)

    def earlier(self, old: Manifest, sink: Sink) -> Earlier:
        """Tell workers where a finished run has put its texts."""
        assert old.end is not None
        parts = tuple(os.path.join(os.path.dirname(self.dest), name) for name in old.end.outputs)
        return sink.earlier(Earlier(old.path, parts=parts, packing=self.packing, retries=self.how.retries))


def batch(
    inputs: Sequence[str],
    selection: Selection,
    task: Task,
    dest: str,
    engine: Engine,
    watch: Watch,
    how: How = How(),
) -> Summary:
    """Convert many documents to what ``dest`` names: a folder with a file each, or one file.

    A run repeated does what is new, changed or unfinished.
    """
    run = _Run(inputs, selection, task, dest, how)
    sources.check_formats(inputs, selection)
    with closing(Seen()) as seen, closing(run.journal()) as journal:
        try:
            return _batch(run, seen, journal, engine, watch)
        except BaseException:
            if journal.is_empty and journal.before.head is None:
                journal.remove()
            raise


def _batch(run: _Run, seen: Seen, journal: Journal, engine: Engine, watch: Watch) -> Summary:
    old = run.old(journal)
    head = run.head(journal.before, old)
    goes_on = journal.before.head is not None and not run.how.restarts
    if old and not goes_on and run.is_done(old):
        journal.remove()
        assert old.end is not None
        return unpacked(old.end.totals)
    sink, rejects = run.sink(seen, journal), Rejects(run.dest)
    job = Job(journal, sink, seen, rejects, watch)
    walk = sources.Walk(run.selection_without(old))
    try:
        shards = run.shards(walk)
        if goes_on:
            shards = job.resume(shards, head)
        else:
            journal.begin(head)
            sink.resume((0, 0))
        earlier = None
        if old and head.reuses:
            seen.know(_reusable(old, run.how.retries))
            shards = (each._replace(known=seen.known(each.fingerprint)) for each in shards)
            earlier = run.earlier(old, sink)
        job.work(engine(shards, Work(run.task, sink.place, watch.shown_from, earlier)))
        job.finish(head, walk.state, old)
    except BaseException:
        rejects.discard()
        sink.close()
        if journal.is_empty:
            sink.discard()
        raise
    return job.summary


def _reusable(old: Manifest, retries: bool) -> Iterator[tuple[str, int]]:
    """Yield shards whose outcome depends on no other: what was refused as a repetition may be none now."""
    for offset, entry in old.entries():
        if retries or not entry.codes.get("title-repeated"):
            yield entry.fingerprint, offset


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
        f"cannot write {target} to {dest}: name a folder (end it with '/'), NAME.jsonl, NAME.parquet, or NAME.xml for "
        "export and xml; .gz, .bz2 or .zst may follow .jsonl and .xml"
    )


def _said(value: Any) -> str:
    """Give an option's value in a few characters."""
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= 60 else blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def _option(name: str, value: str) -> str:
    return f"{name} {value}" if value else f"no {name}"


def _check_folder(dest: str, inputs: Sequence[str]) -> None:
    if os.path.exists(dest) and any(os.path.exists(each) and os.path.samefile(dest, each) for each in inputs):
        raise UsageError(f"{dest} is read and written: name another folder with --output")
