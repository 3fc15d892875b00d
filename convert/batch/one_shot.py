"""Runs that are done in one go and remember nothing: documents to one text, or to their diagnostics alone."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from itertools import chain

from convert import formats
from convert.batch.converter import Converter
from convert.batch.engines import local
from convert.batch.job.run_index import RunIndex
from convert.batch.job.runner import Watch, repeated_title
from convert.batch.job.worker import Worker, outcome
from convert.batch.model import IDS_PER_SHARD, ConvertedDocument, OutputTarget, ParsedDocument, ShardOutcome, Task
from convert.batch.report.summary import Summary
from convert.diagnostics import Severity
from convert.inputs import sources
from convert.inputs.piece import Piece
from convert.inputs.sources import Selection
from convert.io.atomic import LazyOutput, Output, WholeOrAbsent
from convert.options import options_for


class Taker(WholeOrAbsent):
    """Takes records, in order; this one drops them."""

    def add(self, record: ConvertedDocument) -> None:
        """Take a record in."""


def frame(task: Task) -> tuple[bytes, bytes, bytes]:
    """Give what stands before the texts of a task, between them, and behind them."""
    target = formats.named(task.target)
    assert target is not None
    assert target.writer is not None
    if task.form != "item":
        return b"", b"", b""
    options = options_for(formats.load(target.writer.options), task.options)
    opening, closing = (formats.load(each)(options).encode() for each in (target.writer.opening, target.writer.closing))
    return opening, target.writer.between.encode(), closing


class OneText(Taker):
    """All records in one text, as the format joins them."""

    def __init__(self, output: Output, task: Task) -> None:
        self._output = output
        self._opening, self._between, self._closing = frame(task)
        self._is_empty = True

    def add(self, record: ConvertedDocument) -> None:
        """Write a record's text."""
        self._output.write(self._opening if self._is_empty else self._between)
        self._is_empty = False
        self._output.write(record.text)

    def close(self) -> None:
        """Write the end."""
        self._output.write(self._opening + self._closing if self._is_empty else self._closing)
        self._output.close()

    def discard(self) -> None:
        """Write no end."""
        self._output.discard()


def check(inputs: Sequence[str], selection: Selection, task: Task, jobs: int, watch: Watch) -> Summary:
    """Convert documents for their diagnostics alone."""
    summary = Summary()
    shards = sources.shards(sources.pieces(inputs, selection, watch.counting(summary)))
    work = Worker(task._replace(form="none"), OutputTarget(), watch.shown_from)
    with closing(RunIndex()) as seen:
        return _followed(local.run(shards, work, jobs), Taker(), seen, watch, summary)


def join(
    inputs: Sequence[str], selection: Selection, task: Task, output: Callable[[], Output], watch: Watch
) -> Summary:
    """Convert documents to one text: that of many, unless there is only one article and the task's form is ``text``.

    ``output`` is opened when there is something to write.
    """
    summary = Summary()
    found = _read(sources.pieces(inputs, selection, watch.counting(summary)), Converter(task))
    first: list[tuple[ParsedDocument, int]] = []
    articles = 0
    while articles < 2 and (following := next(found, None)):
        first.append(following)
        articles += following[0].article is not None
    if articles > 1:
        task = task._replace(form="item")
    outcomes = _written(chain(first, found), Converter(task), watch.shown_from)
    with closing(RunIndex()) as seen:
        return _followed(outcomes, OneText(LazyOutput(output), task), seen, watch, summary)


def _read(pieces: Iterator[Piece], reader: Converter) -> Iterator[tuple[ParsedDocument, int]]:
    """Read all documents, each with its number."""
    for shard in sources.shards(pieces):
        numbers = range(shard.number * IDS_PER_SHARD + 1, (shard.number + 1) * IDS_PER_SHARD)
        yield from zip(reader.read(shard, map(sources.fetch, shard.pieces)), numbers, strict=False)


def _written(
    found: Iterator[tuple[ParsedDocument, int]], writer: Converter, shown_from: Severity
) -> Generator[ShardOutcome, None, None]:
    for each, number in found:
        yield outcome(number, [writer.write(each, number)], 0, shown_from)


def _followed(
    outcomes: Generator[ShardOutcome, None, None], taker: Taker, seen: RunIndex, watch: Watch, summary: Summary
) -> Summary:
    """Follow a run to its end: add what was made to the sink, in order, and count."""
    with taker, closing(outcomes):
        for each in outcomes:
            summary.codes.update(each.codes)
            summary.size += each.size
            for record in each.records:
                _take(record, taker, seen, summary, watch)
            watch.progress.update(summary.read, summary.rejected, summary.size)
    return summary


def _take(record: ConvertedDocument, taker: Taker, seen: RunIndex, summary: Summary, watch: Watch) -> None:
    """Give a record to a taker, unless it is rejected."""
    for remark in record.remarks:
        watch.tell(record.source, remark)
    repeated = None if record.refusal else repeated_title(record, seen)
    if repeated:
        summary.codes[repeated.code] += 1
        watch.tell(record.source, repeated)
    if record.refusal or repeated:
        summary.rejected += 1
    else:
        summary.written += 1
        taker.add(record)
