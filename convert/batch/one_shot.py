"""One-shot conversions, without a manifest: documents to one text, or to their diagnostics only."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from itertools import chain

from msgspec import Struct

from convert import formats
from convert.batch.converter import Converter
from convert.batch.engines import local
from convert.batch.job.run_index import RunIndex, TitleUse, repeated_title
from convert.batch.model import IDS_PER_SHARD, ConvertedDocument, OutputTarget, ParsedDocument, ShardOutcome, Task
from convert.batch.observer import Observer
from convert.batch.outcomes import outcome
from convert.batch.report.summary import Summary
from convert.diagnostics import Severity
from convert.inputs import sources
from convert.inputs.piece import Piece
from convert.inputs.sources import Selection
from convert.io.atomic import LazyOutput, Output, WholeOrAbsent
from convert.options import options_for


class _Titles(Struct, frozen=True):
    """The titles of a run, and what each is the name of."""

    run_index: RunIndex
    use: TitleUse


class DiscardingSink(WholeOrAbsent):
    """Takes records in order and drops them."""

    def add(self, record: ConvertedDocument) -> None:
        """Take a record."""


def frame(task: Task) -> tuple[bytes, bytes, bytes]:
    """Return what the format writes before, between and behind the texts of a task."""
    target = formats.named(task.target)
    assert target is not None
    assert target.writer is not None
    if task.form != "item":
        return b"", b"", b""
    options = options_for(formats.load(target.writer.options), task.options)
    opening, closing = (formats.load(name)(options).encode() for name in (target.writer.opening, target.writer.closing))
    return opening, target.writer.between.encode(), closing


class JoinedText(DiscardingSink):
    """All records in one text, joined as the format does."""

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
        """Discard the output."""
        self._output.discard()


def check(inputs: Sequence[str], selection: Selection, task: Task, jobs: int, observer: Observer) -> Summary:
    """Convert documents for their diagnostics only."""
    from convert.batch.job.worker import Worker  # of what it is for, ``join`` needs nothing

    summary = Summary()
    shards = sources.shards(sources.pieces(inputs, selection, observer.counting(summary)))
    work = Worker(task._replace(form="none"), OutputTarget(), observer.shown_from)
    with closing(RunIndex()) as run_index:
        titles = _Titles(run_index, "page" if Converter(task).makes_pages else "")
        return _drain(local.run(shards, work, jobs), DiscardingSink(), titles, observer, summary)


def join(
    inputs: Sequence[str], selection: Selection, task: Task, output: Callable[[], Output], observer: Observer
) -> Summary:
    """Convert documents to one text; a single article becomes a text of its own if the task's form is ``text``.

    ``output`` is called when there is something to write.
    """
    summary = Summary()
    documents = _read(
        sources.pieces(inputs, selection, observer.counting(summary)), Converter(task, sources.outline_beside)
    )
    first: list[tuple[ParsedDocument, int]] = []
    articles = 0
    while articles < 2 and (document := next(documents, None)):
        first.append(document)
        articles += document[0].article is not None
    if articles > 1:
        task = task._replace(form="item")
    writer = Converter(task)
    outcomes = _written(chain(first, documents), writer, observer.shown_from)
    with closing(RunIndex()) as run_index:
        titles = _Titles(run_index, "page" if writer.makes_pages else "")
        return _drain(outcomes, JoinedText(LazyOutput(output), task), titles, observer, summary)


def _read(pieces: Iterator[Piece], reader: Converter) -> Iterator[tuple[ParsedDocument, int]]:
    """Yield all documents, each with its number."""
    for shard in sources.shards(pieces):
        numbers = range(shard.number * IDS_PER_SHARD + 1, (shard.number + 1) * IDS_PER_SHARD)
        yield from zip(reader.read(shard, map(sources.fetch, shard.pieces)), numbers, strict=False)


def _written(
    documents: Iterator[tuple[ParsedDocument, int]], writer: Converter, shown_from: Severity
) -> Generator[ShardOutcome, None, None]:
    for document, number in documents:
        yield outcome(number, [writer.write(document, number)], 0, shown_from)


def _drain(
    outcomes: Generator[ShardOutcome, None, None],
    sink: DiscardingSink,
    titles: _Titles,
    observer: Observer,
    summary: Summary,
) -> Summary:
    """Consume all outcomes: report, count, and add their records to the sink, in order."""
    with sink, closing(outcomes):
        for outcome in outcomes:
            summary.codes.update(outcome.codes)
            summary.size += outcome.size
            for record in outcome.records:
                _report_and_add(record, sink, titles, summary, observer)
            observer.progress.update(summary.read, summary.rejected, summary.size)
    return summary


def _report_and_add(
    record: ConvertedDocument, sink: DiscardingSink, titles: _Titles, summary: Summary, observer: Observer
) -> None:
    """Report a record's diagnostics, and add it to the sink unless it is rejected."""
    for remark in record.remarks:
        observer.report(record.source, remark)
    repeated = None if record.refusal else repeated_title(record, titles.run_index, titles.use)
    if repeated:
        summary.codes[repeated.code] += 1
        observer.show(record.source, repeated)
    if record.refusal or (repeated and repeated.severity is Severity.ERROR):
        summary.rejected += 1
    else:
        summary.written += 1
        sink.add(record)
