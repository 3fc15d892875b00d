"""The articles of inputs, for commands that make something else of them than converted documents."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from convert.ast import Article
from convert.batch.converter import Converter
from convert.batch.model import Task
from convert.batch.observer import Observer
from convert.batch.report.summary import Summary
from convert.inputs import sources
from convert.inputs.piece import NO_TIME
from convert.inputs.sources import Selection


class Articles:
    """Iterates over the articles of inputs; ``observer`` gets diagnostics of what is not read, ``summary`` counts it.

    ``latest`` is the latest modification time of what was read so far.
    """

    def __init__(self, inputs: Sequence[str], selection: Selection, task: Task, observer: Observer) -> None:
        self.summary = Summary()
        self.latest = NO_TIME
        self._inputs, self._selection, self._observer = inputs, selection, observer
        self._converter = Converter(task, sources.outline_beside)

    def __iter__(self) -> Iterator[Article]:
        """Read all inputs, in order."""
        report = self._observer.counting(self.summary)
        for shard in sources.shards(sources.pieces(self._inputs, self._selection, report)):
            for document in self._converter.read(shard, map(sources.fetch, shard.pieces)):
                for remark in document.remarks:
                    report(document.piece.source, remark)
                if document.article:
                    self.latest = max(self.latest, document.piece.timestamp)
                    yield document.article
                else:
                    self.summary.rejected += 1
