"""A batch that can be left alone: killed at any moment, it goes on with the same command, and ends in the same bytes.

What is on the disk after every flush of the manifest is a beginning of what an undisturbed run would have written.  So
a run first follows the manifest as long as its own shards are those noted there, and then works the others.  Where an
input has changed since, what follows is made anew, but shards that are as they were are taken from what was written.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from itertools import chain

from msgspec import Struct

from convert.batch.job.journal import Journal
from convert.batch.job.manifest import End, Manifest, ManifestHead, Position, RejectedRow, ShardEntry, WrittenRow
from convert.batch.job.rejects import Rejects
from convert.batch.job.run_index import RunIndex
from convert.batch.job.worker import Worker
from convert.batch.model import ConvertedDocument, ShardOutcome
from convert.batch.progress import Progress
from convert.batch.report.summary import Summary, packed
from convert.batch.sinks.output_names import MANIFEST
from convert.batch.sinks.sink import Sink
from convert.diagnostics import Diagnostic, Severity, shown
from convert.errors import EnvironmentFailed
from convert.inputs.piece import Shard
from convert.inputs.sources import PassOver
from convert.io.atomic import writing

#: The manifest is written after as many shards or seconds, when the disk has what it tells.
FLUSH_SHARDS = 8
FLUSH_S = 2.0

#: Is told of a diagnostic and of the source that it is about.
Tell = Callable[[str, Diagnostic], None]

Engine = Callable[[Iterator[Shard], Worker], Generator[ShardOutcome, None, None]]


class Watch(Struct, frozen=True):
    """Who is told of a run: ``tell``, of diagnostics from the severity ``shown_from`` on, and ``progress``."""

    tell: Tell
    shown_from: Severity
    progress: Progress

    def counting(self, summary: Summary) -> PassOver:
        """Make what counts diagnostics that are about no document, and tells of those that are shown."""

        def count(source: str, remark: Diagnostic) -> None:
            summary.codes[remark.code] += 1
            if remark.severity >= self.shown_from:
                self.tell(source, remark)

        return count


class Job:
    """One run, on its way from shards to a sink."""

    def __init__(self, journal: Journal, sink: Sink, seen: RunIndex, rejects: Rejects, watch: Watch) -> None:
        self.summary = Summary()
        self._journal, self._sink, self._seen, self._rejects, self._watch = journal, sink, seen, rejects, watch
        self._flushed = time.monotonic()

    def resume(self, shards: Iterator[Shard], head: ManifestHead) -> Iterator[Shard]:
        """Follow an unfinished run as long as its shards are ours; give the others."""
        before = self._journal.before
        position: Position = (0, 0)
        for offset, entry in before.entries():
            shard = next(shards, None)
            if shard is None or shard.fingerprint != entry.fingerprint:
                # What was overwritten since may be the only copy of what an earlier run has written.
                self._journal.cut(offset, ManifestHead(head.options, head.kept, reuses=False))
                shards = shards if shard is None else chain([shard], shards)
                break
            if position not in ((0, 0), entry.begin):
                raise before.damaged("a shard does not begin where the one before ends")
            self._replay(entry)
            position = entry.end
        else:
            self._journal.go_on(before.size)
        self._sink.resume(position)
        return shards

    def _replay(self, entry: ShardEntry) -> None:
        for row in entry.rows:
            if isinstance(row, WrittenRow):
                repeated = self._seen.first(row.key or row.title, f"{row.source}:{row.line}")
                name = self._sink.name(ConvertedDocument(row.source, row.line, row.title, "", b"", None, ()))
                if repeated or name != row.stored:
                    raise self._journal.before.damaged(f"{shown(row.stored)} cannot be the file of {shown(row.title)}")
            else:
                self._rejects.add(row)
        self._count(entry)
        self.summary.reused += len(entry.rows)

    def work(self, outcomes: Generator[ShardOutcome, None, None]) -> None:
        """Add what was made to the sink, in order, and note it."""
        try:
            for outcome in outcomes:
                entry = self._added(outcome)
                self._journal.add(entry)
                self._count(entry)
                if outcome.known:
                    self.summary.reused += len(entry.rows)
                summary = self.summary
                self._watch.progress.update(summary.read, summary.rejected, summary.size)
                del outcome, entry  # or they take memory while the next is made
                if self._journal.held >= FLUSH_SHARDS or time.monotonic() - self._flushed > FLUSH_S:
                    self._flush()
        except BaseException:
            # What went wrong first is what is told.
            with suppress(EnvironmentFailed):
                if self.summary.read:
                    self._flush()
            raise
        finally:
            outcomes.close()
        self._flush()

    def _flush(self) -> None:
        if self._journal.held:
            start = time.perf_counter()
            self._sink.sync()
            self._journal.flush()
            self.summary.took("sync", time.perf_counter() - start)
        self._flushed = time.monotonic()

    def _added(self, outcome: ShardOutcome) -> ShardEntry:
        """Add an outcome to the sink; what cannot be added is rejected."""
        start = time.perf_counter()
        rows: list[WrittenRow | RejectedRow] = []
        written: list[ConvertedDocument] = []
        names: list[str] = []
        codes = outcome.codes
        for record in outcome.records:
            for remark in record.remarks:
                self._watch.tell(record.source, remark)
            name = record.refusal or self._named(record)
            if isinstance(name, str):
                written.append(record)
                names.append(name)
                key = "" if record.key == record.title else record.key
                rows.append(WrittenRow(record.source, record.line, record.title, key, record.size, name))
            else:
                if not record.refusal:
                    codes = {**codes, name.code: codes.get(name.code, 0) + 1}
                    self._watch.tell(record.source, name)
                line = name.line or record.line
                row = RejectedRow(record.source, record.line, record.title, name.code, name.message, line)
                rows.append(row)
                self._rejects.add(row)
        begin = self._sink.position
        whole = self._sink.add(outcome, written, names)
        self.summary.took("put", time.perf_counter() - start)
        return ShardEntry(
            outcome.fingerprint, rows, begin, self._sink.position, whole, codes, outcome.size, outcome.told,
            outcome.seconds, outcome.notable, outcome.about,
        )  # fmt: skip

    def _named(self, record: ConvertedDocument) -> str | Diagnostic:
        return repeated_title(record, self._seen) or self._sink.name(record)

    def _count(self, entry: ShardEntry) -> None:
        summary = self.summary
        sizes = [row.size for row in entry.rows if isinstance(row, WrittenRow)]
        summary.written += len(sizes)
        summary.rejected += len(entry.rows) - len(sizes)
        summary.bytes_written += sum(sizes)
        summary.size += entry.size
        summary.codes.update(entry.codes)
        for name, seconds in entry.seconds.items():
            summary.took(name, seconds)
        summary.tell(entry.told, entry.about)
        summary.note(entry.notable)

    def finish(self, head: ManifestHead, inputs: str, old: Manifest | None) -> None:
        """Give everything its name, and remove what an earlier run has written and this one has not."""
        start = time.perf_counter()
        moves, removals, outputs = self._sink.complete()
        more, gone = self._rejects.complete()
        written = self._journal.written()
        written.scan()
        removals = [*removals, *gone, *written.dropped]
        self.summary.took("end", time.perf_counter() - start)
        if old and old.end:
            removals += old.end.outputs
        ours = {*outputs, *(new for _, new in (*moves, *more))}
        removals = list(dict.fromkeys(name for name in removals if name not in ours))
        kept = ManifestHead(head.kept, head.kept)
        end = End(kept, [*moves, *more], removals, inputs, outputs, packed(self.summary))
        self._journal.finish(end, self._stale(written, old))
        self._journal.publish(end)

    def _stale(self, ours: Manifest, old: Manifest | None) -> Iterator[str]:
        """Name the files of documents that are no longer there."""
        gone = chain(ours.paths(void=True), old.paths(void=False) if old else ())
        first = next(filter(None, gone), None)
        if first is None:
            return
        self._seen.keep(ours.paths(void=False))
        folder = os.path.basename(self._journal.path).removesuffix(MANIFEST)
        yield from (f"{folder}/{path}" for path in chain([first], gone) if not self._seen.is_kept(path))


def repeated_title(record: ConvertedDocument, seen: RunIndex) -> Diagnostic | None:
    """Say which document had a record's title before; nothing if none had, and it is taken from now on."""
    first = seen.first(record.key, f"{record.source}:{record.line}")
    if first is None:
        return None
    message = f"{shown(record.title)} is the page of {first} already: give one of the two another title"
    return Diagnostic("title-repeated", record.line, 1, message)


def still_there(old: Manifest, folder: str) -> bool:
    """Tell whether what a finished run has written is as it left it."""
    assert old.end is not None
    with writing(folder):
        for name, (size, time_ns) in old.end.outputs.items():
            try:
                found = os.lstat(os.path.join(folder, name))
            except FileNotFoundError:
                return False
            if not stat.S_ISREG(found.st_mode) or (found.st_size, found.st_mtime_ns) != (size, time_ns):
                return False
    return True
