"""One shard's work: read what its pieces hold, convert it, and put texts where the sink waits for them."""

from __future__ import annotations

import gc
import os
from collections import Counter
from collections.abc import Iterable, Iterator

from convert.batch.outputs import save, writing
from convert.batch.shards import Converter, Outcome, Record, Shard, Task
from convert.batch.sources import fetch
from convert.diagnostics import Severity


class Work:
    """Works shards, in whatever process it is sent to.

    Texts become files in the folder ``waiting``, if one is given.  Diagnostics below ``shown_from`` are only counted.
    """

    def __init__(self, task: Task, waiting: str, shown_from: Severity) -> None:
        self.task, self.waiting, self.shown_from = task, waiting, shown_from
        self._converter: Converter | None = None

    def __call__(self, shard: Shard) -> Outcome:
        """Convert a shard."""
        self._converter = self._converter or Converter(self.task)
        # Trees hold no cycles, and looking for them takes time.
        gc.disable()
        try:
            records = self._converter.convert(shard, map(fetch, shard.pieces))
            if self.waiting:
                records = self._stored(records, f"{self.waiting}/{shard.number}")
            size = sum(piece.end - piece.start for piece in shard.pieces)
            return outcome(shard.number, records, size, self.shown_from)
        finally:
            gc.enable()

    def _stored(self, records: Iterable[Record], prefix: str) -> Iterator[Record]:
        folder = os.path.dirname(self.waiting)
        for number, record in enumerate(records):
            if record.refusal:
                yield record
                continue
            path = f"{prefix}-{number}"
            with writing(folder):
                save(path, record.text)
            yield record._replace(text=b"", stored=path)


def outcome(number: int, records: Iterable[Record], size: int, shown_from: Severity) -> Outcome:
    """Gather records, count what was reported, and keep of it what is to be shown."""
    codes: Counter[str] = Counter()
    kept = []
    for record in records:
        if record.remarks:
            codes.update([each.code for each in record.remarks])
            shown = tuple(each for each in record.remarks if each.severity >= shown_from)
            kept.append(record._replace(remarks=shown))
        else:
            kept.append(record)
    return Outcome(number, kept, codes, size)
