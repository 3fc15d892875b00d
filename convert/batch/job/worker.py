"""One shard's work: read what its pieces hold, convert it, and put texts where the sink waits for them.

A ``Worker`` is picklable and holds all that is needed in whatever process or machine it is sent to: call it with
shards, and send the outcomes back.  A shard may be worked twice, or by two at once: each attempt writes files of its
own, and those of which nobody tells are removed at the end.
"""

from __future__ import annotations

import gc
import os
from collections import Counter
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
from convert.diagnostics import Diagnostic, Severity
from convert.errors import NO_MEMORY, EnvironmentFailed
from convert.inputs.piece import Piece, Shard
from convert.inputs.sources import fetch
from convert.io.atomic import save, writing
from convert.io.compression import pack

#: Of each shard, and in the end of all, so many documents are named as the largest and as the slowest.
NOTABLE = 5

#: Codes whose messages are counted: what was chosen, and what is left for people to decide.
TOLD = frozenset({"template-guessed", "template-unsure", "parameter-unknown"})


class _Clock(Struct):
    """Seconds by stage."""

    fetch: float = 0.0
    read: float = 0.0
    write: float = 0.0
    save: float = 0.0
    each: list[float] = field(default_factory=list)

    @property
    def stages(self) -> dict[str, float]:
        """The stages; what is fetched is fetched while it is read."""
        stages = {"fetch": self.fetch, "read": self.read - self.fetch, "write": self.write, "save": self.save}
        return {name: round(seconds, 6) for name, seconds in stages.items()}


class Worker:
    """Works shards, in whatever process it is sent to.

    Diagnostics below ``shown_from`` are only counted.
    """

    def __init__(
        self, task: Task, place: OutputTarget, shown_from: Severity, earlier: PreviousRun | None = None
    ) -> None:
        self.task, self.place, self.shown_from, self.earlier = task, place, shown_from, earlier
        self._converter: Converter | None = None
        self._token = ""

    def __getstate__(self) -> tuple[Task, OutputTarget, Severity, PreviousRun | None]:
        return self.task, self.place, self.shown_from, self.earlier

    def __setstate__(self, state: tuple[Task, OutputTarget, Severity, PreviousRun | None]) -> None:
        Worker.__init__(self, *state)

    def __call__(self, shard: Shard) -> ShardOutcome:
        """Convert a shard, or return what an earlier run has made of it.

        Raises EnvironmentFailed where memory does not suffice: which documents were rejected for it would depend on the
        machine, and a later run with more of it goes on from there.
        """
        # Trees hold no cycles, and looking for them takes time.
        gc.disable()
        try:
            return self._outcome(shard)
        except MemoryError:
            pass  # The error holds all that filled the memory until it is left behind.
        finally:
            gc.enable()
        raise EnvironmentFailed(f"not enough memory for {shard.named}: {NO_MEMORY}")

    def _outcome(self, shard: Shard) -> ShardOutcome:
        known = self.earlier.outcome(shard) if self.earlier and shard.known is not None else None
        if known and not (self.earlier and self.earlier.retries and any(each.refusal for each in known.records)):
            return known
        clock = _Clock()
        records = list(self._converted(shard, clock))
        notable = _notable(records, clock)
        if known and self.earlier:
            records = merge_retried(self.earlier.texts(known), records)
        start = perf_counter()
        records, part = self._placed(shard, records)
        clock.save = perf_counter() - start
        size = sum(piece.end - piece.start for piece in shard.pieces)
        made = outcome(shard.number, records, size, self.shown_from)
        return made._replace(part=part, seconds=clock.stages, notable=notable, fingerprint=shard.fingerprint)

    def _converted(self, shard: Shard, clock: _Clock) -> Iterator[ConvertedDocument]:
        self._converter = converter = self._converter or Converter(self.task)
        last = perf_counter()
        number = shard.number * IDS_PER_SHARD
        found: ParsedDocument
        for found in converter.read(shard, _fetched(shard.pieces, clock)):
            number += 1
            read = perf_counter()
            yield converter.write(found, number)
            written = perf_counter()
            clock.read += read - last
            clock.write += written - read
            clock.each.append(written - last)
            last = written

    def _placed(self, shard: Shard, records: list[ConvertedDocument]) -> tuple[list[ConvertedDocument], bytes]:
        """Put the texts of records where they go; without a place they stay with their records."""
        waiting, packing = self.place
        if waiting:
            with writing(os.path.dirname(waiting)):
                return [self._stored(each, shard.number, at) for at, each in enumerate(records)], b""
        if packing is None:
            return records, b""
        part = pack(b"".join([each.text for each in records]), packing)
        return [structs.replace(each, text=b"", size=len(each.text)) if each.text else each for each in records], part

    def _stored(self, record: ConvertedDocument, shard: int, at: int) -> ConvertedDocument:
        if record.refusal or record.stored:
            return record
        self._token = self._token or os.urandom(6).hex()
        path = f"{self.place.waiting}/{self._token}-{shard}-{at}"
        save(path, record.text)
        return structs.replace(record, text=b"", stored=path, size=len(record.text))


def _fetched(pieces: Iterable[Piece], clock: _Clock) -> Iterator[bytes | Diagnostic]:
    for piece in pieces:
        start = perf_counter()
        content = fetch(piece)
        clock.fetch += perf_counter() - start
        yield content


def _notable(records: list[ConvertedDocument], clock: _Clock) -> list[NotableDocument]:
    """Name the documents that are the largest or the slowest of all."""
    sizes = [len(each.text) for each in records]
    numbers = range(len(records))
    chosen = {*nlargest(NOTABLE, numbers, sizes.__getitem__), *nlargest(NOTABLE, numbers, clock.each.__getitem__)}
    return [
        NotableDocument(each.source, each.line, each.title, sizes[at], round(clock.each[at], 6))
        for at, each in enumerate(records)
        if at in chosen
    ]


def outcome(number: int, records: Iterable[ConvertedDocument], size: int, shown_from: Severity) -> ShardOutcome:
    """Gather records, count what was reported, and keep of it what is to be shown."""
    codes: Counter[str] = Counter()
    told: dict[str, Counter[str]] = {}
    about: dict[str, tuple[str, ...]] = {}
    kept = []
    for record in records:
        if record.remarks:
            codes.update([each.code for each in record.remarks])
            for each in record.remarks:
                if each.code in TOLD:
                    told.setdefault(each.code, Counter())[each.message] += 1
                    about[each.message] = each.about
            shown = tuple(each for each in record.remarks if each.severity >= shown_from)
            kept.append(structs.replace(record, remarks=shown))
        else:
            kept.append(record)
    counts = {code: dict(messages) for code, messages in told.items()}
    return ShardOutcome(number, kept, dict(codes), size, counts, about, {}, [])
