"""Conversion of one shard: fetch its pieces, convert them, and leave the texts where the sink expects them.

A ``Worker`` is picklable and holds everything needed in any process or machine: call it with shards, and send the
outcomes back.  Idempotent: a shard may be converted twice, or by two workers at once; each attempt writes files of its
own, and those of no outcome are removed at the end.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Iterable, Iterator
from heapq import nlargest
from time import perf_counter

from msgspec import Struct, field, structs

from convert.batch.converter import Converter
from convert.batch.job.previous_run import PreviousRun, merge_retried
from convert.batch.model import (
    IDS_PER_SHARD,
    ConvertedDocument,
    NotableDocument,
    OutputTarget,
    ParsedDocument,
    ShardOutcome,
    Task,
)
from convert.batch.outcomes import NOTABLE, outcome
from convert.diagnostics import Diagnostic, Severity
from convert.errors import NO_MEMORY, EnvironmentFailed
from convert.inputs.piece import Piece, Shard
from convert.inputs.sources import fetch, outline_beside
from convert.io.atomic import save, writing
from convert.io.compression import pack


class _Clock(Struct):
    """Seconds by stage, and by document."""

    fetch: float = 0.0
    read: float = 0.0
    write: float = 0.0
    save: float = 0.0
    documents: list[float] = field(default_factory=list)

    @property
    def stages(self) -> dict[str, float]:
        """Seconds by stage; fetching happens within reading and is subtracted from it."""
        stages = {"fetch": self.fetch, "read": self.read - self.fetch, "write": self.write, "save": self.save}
        return {name: round(seconds, 6) for name, seconds in stages.items()}


class Worker:
    """Converts shards, in any process it is sent to.

    Diagnostics below ``shown_from`` are only counted.
    """

    def __init__(
        self, task: Task, target: OutputTarget, shown_from: Severity, previous_run: PreviousRun | None = None
    ) -> None:
        self.task, self.target, self.shown_from, self.previous_run = task, target, shown_from, previous_run
        self._converter: Converter | None = None
        self._token = ""

    def __getstate__(self) -> tuple[Task, OutputTarget, Severity, PreviousRun | None]:
        return self.task, self.target, self.shown_from, self.previous_run

    def __setstate__(self, state: tuple[Task, OutputTarget, Severity, PreviousRun | None]) -> None:
        Worker.__init__(self, *state)

    def __call__(self, shard: Shard) -> ShardOutcome:
        """Convert a shard, or return its outcome in the previous run.

        Raises EnvironmentFailed where memory does not suffice, rather than rejecting documents: which ones would
        depend on the machine, and a later run with more memory resumes from there.
        """
        # Syntax trees have no cycles, and looking for them takes time.
        gc.disable()
        try:
            return self._outcome(shard)
        except MemoryError:
            pass  # the traceback holds all that filled the memory, so the new error is raised outside
        finally:
            gc.enable()
        raise EnvironmentFailed(f"not enough memory for {shard.named}: {NO_MEMORY}")

    def _outcome(self, shard: Shard) -> ShardOutcome:
        previous = self.previous_run.outcome(shard) if self.previous_run and shard.manifest_offset is not None else None
        if previous and not (
            self.previous_run and self.previous_run.retry_rejects and any(record.refusal for record in previous.records)
        ):
            return previous
        clock = _Clock()
        records = list(self._converted(shard, clock))
        notable = _notable(records, clock)
        if previous and self.previous_run:
            records = merge_retried(self.previous_run.with_texts_of(previous), records)
        start = perf_counter()
        records, part = self._placed(shard, records)
        clock.save = perf_counter() - start
        size = sum(piece.end - piece.start for piece in shard.pieces)
        result = outcome(shard.number, records, size, self.shown_from)
        return result._replace(part=part, seconds=clock.stages, notable=notable, fingerprint=shard.fingerprint)

    def _converted(self, shard: Shard, clock: _Clock) -> Iterator[ConvertedDocument]:
        self._converter = converter = self._converter or Converter(self.task, outline_beside)
        last = perf_counter()
        number = shard.number * IDS_PER_SHARD
        document: ParsedDocument
        for document in converter.read(shard, _fetched(shard.pieces, clock)):
            number += 1
            read = perf_counter()
            yield converter.write(document, number)
            written = perf_counter()
            clock.read += read - last
            clock.write += written - read
            clock.documents.append(written - last)
            last = written

    def _placed(self, shard: Shard, records: list[ConvertedDocument]) -> tuple[list[ConvertedDocument], bytes]:
        """Move the texts of records to the target: to files, to one part, or (without a target) nowhere."""
        waiting, packing = self.target
        if waiting:
            with writing(os.path.dirname(waiting)):
                return [self._stored(record, shard.number, at) for at, record in enumerate(records)], b""
        if packing is None:
            return records, b""
        part = pack(b"".join([record.text for record in records]), packing)
        return [
            structs.replace(record, text=b"", size=len(record.text)) if record.text else record for record in records
        ], part

    def _stored(self, record: ConvertedDocument, shard: int, at: int) -> ConvertedDocument:
        if record.refusal or record.stored:
            return record
        self._token = self._token or os.urandom(6).hex()
        path = f"{self.target.waiting}/{self._token}-{shard}-{at}"
        save(path, record.text)
        return structs.replace(record, text=b"", stored=path, size=len(record.text))


def _fetched(pieces: Iterable[Piece], clock: _Clock) -> Iterator[bytes | Diagnostic]:
    for piece in pieces:
        start = perf_counter()
        content = fetch(piece)
        clock.fetch += perf_counter() - start
        yield content


def _notable(records: list[ConvertedDocument], clock: _Clock) -> list[NotableDocument]:
    """Return the largest and the slowest documents."""
    sizes = [len(record.text) for record in records]
    numbers = range(len(records))
    seconds = clock.documents
    chosen = {*nlargest(NOTABLE, numbers, sizes.__getitem__), *nlargest(NOTABLE, numbers, seconds.__getitem__)}
    return [
        NotableDocument(record.source, record.line, record.title, sizes[at], round(seconds[at], 6))
        for at, record in enumerate(records)
        if at in chosen
    ]
