"""A resumable batch job: killed at any moment, the same command resumes it and ends in the same bytes.

After every flush of the manifest, the files on disk are a prefix of what an undisturbed run would write.  So a run
first replays the manifest while its shards match those recorded there, and then converts the others.  From the first
input that has changed, output is written anew, but unchanged shards are reused from the previous run.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from itertools import chain

from convert.batch.job.journal import Journal
from convert.batch.job.manifest import Manifest
from convert.batch.job.manifest_lines import End, ManifestHead, Position, RejectedRow, ShardEntry, WrittenRow
from convert.batch.job.rejects import Rejects
from convert.batch.job.run_index import SHARED, RunIndex, TitleUse, repeated_title
from convert.batch.job.worker import Worker
from convert.batch.model import ConvertedDocument, ShardOutcome
from convert.batch.observer import Observer
from convert.batch.report.summary import Summary, packed
from convert.batch.sinks.output_names import MANIFEST
from convert.batch.sinks.sink import Sink
from convert.diagnostics import Diagnostic, Severity, shown
from convert.errors import EnvironmentFailed
from convert.inputs.piece import Shard
from convert.io.atomic import writing

#: The manifest is written after so many shards or seconds, once what it records is durable.
FLUSH_SHARDS = 8
FLUSH_S = 2.0


Engine = Callable[[Iterator[Shard], Worker], Generator[ShardOutcome, None, None]]


class Job:
    """One run: shards are replayed or converted, written to the sink, recorded in the journal, and counted."""

    def __init__(
        self,
        journal: Journal,
        sink: Sink,
        run_index: RunIndex,
        rejects: Rejects,
        observer: Observer,
        title_use: TitleUse = "page",
    ) -> None:
        self.summary = Summary()
        self._title_use = title_use
        self._journal, self._sink, self._run_index, self._rejects, self._observer = (
            journal,
            sink,
            run_index,
            rejects,
            observer,
        )
        self._flushed = time.monotonic()

    def resume(self, shards: Iterator[Shard], head: ManifestHead) -> Iterator[Shard]:
        """Replay an unfinished run while its shards match; return the remaining shards."""
        before = self._journal.before
        position: Position = (0, 0)
        for offset, entry in before.entries():
            shard = next(shards, None)
            if shard is None or shard.fingerprint != entry.fingerprint:
                # Files overwritten since then may have been the only copy of the previous run's texts: do not reuse it.
                self._journal.cut(offset, ManifestHead(head.options, head.kept, reuses=False))
                shards = shards if shard is None else chain([shard], shards)
                break
            if position not in ((0, 0), entry.begin):
                raise before.damaged("a shard does not begin where the one before ends")
            self._replay(entry)
            position = entry.end
        else:
            self._journal.continue_at(before.size)
        self._sink.resume(position)
        return shards

    def _replay(self, entry: ShardEntry) -> None:
        for row in entry.rows:
            if isinstance(row, WrittenRow):
                repeated = self._run_index.add_title(row.key or row.title, f"{row.source}:{row.line}")
                name = self._sink.name(ConvertedDocument(row.source, row.line, row.title, "", b"", None, ()))
                if (repeated and self._title_use) or name != row.stored:
                    raise self._journal.before.damaged(f"{shown(row.stored)} cannot be the file of {shown(row.title)}")
            else:
                self._rejects.add(row)
        self._count(entry)
        self.summary.reused += len(entry.rows)

    def work(self, outcomes: Generator[ShardOutcome, None, None]) -> None:
        """Write the outcomes to the sink, in order, and record them."""
        try:
            for outcome in outcomes:
                entry = self._add(outcome)
                self._journal.add(entry)
                self._count(entry)
                if outcome.reused:
                    self.summary.reused += len(entry.rows)
                summary = self.summary
                self._observer.progress.update(summary.read, summary.rejected, summary.size)
                del outcome, entry  # else they take memory while the next one is converted
                if self._journal.pending_lines >= FLUSH_SHARDS or time.monotonic() - self._flushed > FLUSH_S:
                    self._flush()
        except BaseException:
            # Report the first error, not one of the flush.
            with suppress(EnvironmentFailed):
                if self.summary.read:
                    self._flush()
            raise
        finally:
            outcomes.close()
        self._flush()

    def _flush(self) -> None:
        if self._journal.pending_lines:
            start = time.perf_counter()
            self._sink.sync()
            self._journal.flush()
            self.summary.add_seconds("sync", time.perf_counter() - start)
        self._flushed = time.monotonic()

    def _add(self, outcome: ShardOutcome) -> ShardEntry:
        """Write an outcome to the sink; documents without a valid, unique name are rejected."""
        start = time.perf_counter()
        rows: list[WrittenRow | RejectedRow] = []
        written: list[ConvertedDocument] = []
        names: list[str] = []
        codes = {code: times for code, times in outcome.codes.items() if code != SHARED}
        for record in outcome.records:
            for remark in record.remarks:
                self._observer.report(record.source, remark)
            name = record.refusal or self._name(record, codes)
            if isinstance(name, str):
                written.append(record)
                names.append(name)
                key = "" if record.key == record.title else record.key
                rows.append(WrittenRow(record.source, record.line, record.title, key, record.size, name))
            else:
                if not record.refusal:
                    codes[name.code] = codes.get(name.code, 0) + 1
                    self._observer.report(record.source, name)
                line = name.line or record.line
                row = RejectedRow(record.source, record.line, record.title, name.code, name.message, line)
                rows.append(row)
                self._rejects.add(row)
        begin = self._sink.position
        whole = self._sink.add(outcome, written, names)
        self.summary.add_seconds("put", time.perf_counter() - start)
        return ShardEntry(
            outcome.fingerprint, rows, begin, self._sink.position, whole, codes, outcome.size, outcome.message_counts,
            outcome.seconds, outcome.notable, outcome.about, outcome.links,
        )  # fmt: skip

    def _name(self, record: ConvertedDocument, codes: dict[str, int]) -> str | Diagnostic:
        repeated = repeated_title(record, self._run_index, self._title_use)
        if repeated and repeated.severity is Severity.ERROR:
            return repeated
        if repeated:
            codes[repeated.code] = codes.get(repeated.code, 0) + 1
            self._observer.show(record.source, repeated)
        return self._sink.name(record)

    def _count(self, entry: ShardEntry) -> None:
        summary = self.summary
        sizes = [row.size for row in entry.rows if isinstance(row, WrittenRow)]
        summary.written += len(sizes)
        summary.rejected += len(entry.rows) - len(sizes)
        summary.bytes_written += sum(sizes)
        summary.size += entry.size
        summary.codes.update(entry.codes)
        for name, seconds in entry.seconds.items():
            summary.add_seconds(name, seconds)
        summary.count_messages(entry.message_counts, entry.about)
        summary.add_notable(entry.notable)
        summary.links += entry.links

    def finish(self, head: ManifestHead, inputs: str, previous: Manifest | None) -> None:
        """Publish all files, and remove those that only the previous run wrote."""
        start = time.perf_counter()
        moves, removals, outputs = self._sink.complete()
        reject_moves, reject_removals = self._rejects.complete()
        written = self._journal.written()
        written.scan()
        removals = [*removals, *reject_removals, *written.dropped]
        self.summary.add_seconds("end", time.perf_counter() - start)
        if previous and previous.end:
            removals += previous.end.outputs
        moves = [*moves, *reject_moves]
        current = {*outputs, *(new for _, new in moves)}
        removals = list(dict.fromkeys(name for name in removals if name not in current))
        end = End(ManifestHead(head.kept, head.kept), moves, removals, inputs, outputs, packed(self.summary))
        self._journal.finish(end, self._stale(written, previous))
        self._journal.publish(end)

    def _stale(self, ours: Manifest, previous: Manifest | None) -> Iterator[str]:
        """Yield the files of documents that are no longer written."""
        gone = chain(ours.paths(void=True), previous.paths(void=False) if previous else ())
        first = next(filter(None, gone), None)
        if first is None:
            return
        self._run_index.add_files(ours.paths(void=False))
        folder = os.path.basename(self._journal.path).removesuffix(MANIFEST)
        yield from (f"{folder}/{path}" for path in chain([first], gone) if not self._run_index.has_file(path))


def still_there(previous: Manifest, folder: str) -> bool:
    """Whether the output files of a finished run are unchanged, by size and time."""
    assert previous.end is not None
    with writing(folder):
        for name, (size, time_ns) in previous.end.outputs.items():
            try:
                status = os.lstat(os.path.join(folder, name))
            except FileNotFoundError:
                return False
            if not stat.S_ISREG(status.st_mode) or (status.st_size, status.st_mtime_ns) != (size, time_ns):
                return False
    return True
