"""A run: inputs through an engine to a sink, with everything counted.

``batch`` makes many documents of many, ``join`` one text of all, ``check`` nothing but diagnostics.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import chain

from convert import formats
from convert.batch import engines, sources
from convert.batch.outputs import File, Output, WhenNeeded
from convert.batch.progress import Progress
from convert.batch.seen import Seen
from convert.batch.shards import IDS_PER_SHARD, Converter, Form, Found, Outcome, Record, Task
from convert.batch.sinks import Folder, Nowhere, OneText, Rejects, Sink
from convert.batch.sources import Selection
from convert.batch.work import Place, Work, outcome
from convert.diagnostics import Diagnostic, Severity, shown
from convert.errors import UsageError

#: Is told of a diagnostic and of the source that it is about.
Tell = Callable[[str, Diagnostic], None]


@dataclass(frozen=True)
class Watch:
    """Who is told of a run: ``tell``, of diagnostics from the severity ``shown_from`` on, and ``progress``."""

    tell: Tell
    shown_from: Severity
    progress: Progress


@dataclass
class Summary:
    """What a run did.  ``codes`` counts the diagnostics, shown or not, and ``size`` bytes."""

    written: int = 0
    rejected: int = 0
    size: int = 0
    codes: Counter[str] = field(default_factory=Counter)

    @property
    def read(self) -> int:
        """How many documents there were."""
        return self.written + self.rejected


def batch(inputs: Sequence[str], selection: Selection, task: Task, dest: str, jobs: int, watch: Watch) -> Summary:
    """Convert many documents to what ``dest`` names: a folder with a file each, or one file."""
    task = task._replace(form=form_of(dest, task.target))
    sources.check_formats(inputs, selection)
    rejects = dest.rstrip("/") + ".rejects.jsonl"
    with closing(Seen()) as seen:
        if task.form == "text":
            _check_folder(dest, inputs)
            target = formats.named(task.target)
            assert target is not None
            sink: Sink = Folder(dest, target.suffix, seen)
        else:
            sink = OneText(File(dest), task)
        ours = frozenset(sources.identity(os.stat(each)) for each in (dest, rejects) if os.path.exists(each))
        pieces = sources.pieces(inputs, selection._replace(leave_out=ours))
        work = Work(task, Place(sink.waiting), watch.shown_from)
        outcomes = engines.run(sources.shards(pieces), work, jobs)
        return _followed(outcomes, sink, seen, Rejects(rejects), watch)


def check(inputs: Sequence[str], selection: Selection, task: Task, jobs: int, watch: Watch) -> Summary:
    """Convert documents for their diagnostics alone."""
    shards = sources.shards(sources.pieces(inputs, selection))
    work = Work(task._replace(form="none"), Place(), watch.shown_from)
    with closing(Seen()) as seen:
        return _followed(engines.run(shards, work, jobs), Nowhere(), seen, None, watch)


def join(
    inputs: Sequence[str], selection: Selection, task: Task, output: Callable[[], Output], watch: Watch
) -> Summary:
    """Convert documents to one text: that of many, unless there is only one article and the task's form is ``text``.

    ``output`` is opened when there is something to write.
    """
    found = _read(inputs, selection, Converter(task))
    first: list[tuple[Found, int]] = []
    articles = 0
    while articles < 2 and (following := next(found, None)):
        first.append(following)
        articles += following[0].article is not None
    if articles > 1:
        task = task._replace(form="item")
    outcomes = _written(chain(first, found), Converter(task), watch.shown_from)
    with closing(Seen()) as seen:
        return _followed(outcomes, OneText(WhenNeeded(output), task), seen, None, watch)


def form_of(dest: str, target: str) -> Form:
    """Tell by a destination's name what a document becomes there: a file of its own, or its part of one for all."""
    name = dest.lower()
    if name.endswith(sources.JSON_LINES):
        return "line"
    if dest.endswith("/") or os.path.isdir(dest) or not os.path.splitext(dest)[1]:
        return "text"
    found = formats.named(target)
    if name.endswith(".xml") and found and found.suffix.endswith(".xml"):
        return "item"
    raise UsageError(
        f"cannot write {target} to {dest}: name a folder (end it with '/'), NAME.jsonl, or NAME.xml for export and xml"
    )


def _check_folder(dest: str, inputs: Sequence[str]) -> None:
    if os.path.exists(dest) and any(os.path.exists(each) and os.path.samefile(dest, each) for each in inputs):
        raise UsageError(f"{dest} is read and written: name another folder with --output")


def _read(inputs: Sequence[str], selection: Selection, reader: Converter) -> Iterator[tuple[Found, int]]:
    """Read all documents of the inputs, each with its number."""
    for shard in sources.shards(sources.pieces(inputs, selection)):
        numbers = range(shard.number * IDS_PER_SHARD + 1, (shard.number + 1) * IDS_PER_SHARD)
        yield from zip(reader.read(shard, map(sources.fetch, shard.pieces)), numbers, strict=False)


def _written(
    found: Iterator[tuple[Found, int]], writer: Converter, shown_from: Severity
) -> Generator[Outcome, None, None]:
    for each, number in found:
        yield outcome(number, [writer.write(each, number)], 0, shown_from)


def _followed(
    outcomes: Generator[Outcome, None, None], sink: Sink, seen: Seen, rejects: Rejects | None, watch: Watch
) -> Summary:
    """Follow a run to its end: add what was made to the sink, in order, and count."""
    summary = Summary()
    try:
        with closing(outcomes):
            for each in outcomes:
                summary.codes.update(each.codes)
                summary.size += each.size
                for record in each.records:
                    refusal = _added(record, sink, seen, summary, watch)
                    if refusal and rejects:
                        rejects.add(record, refusal)
                watch.progress.update(summary.read, summary.rejected, summary.size)
        sink.close()
        if rejects:
            rejects.close()
    except BaseException:
        sink.discard()
        if rejects:
            rejects.discard()
        raise
    return summary


def _added(record: Record, sink: Sink, seen: Seen, summary: Summary, watch: Watch) -> Diagnostic | None:
    """Add a record to the sink, and return why not, where it is rejected."""
    for remark in record.remarks:
        watch.tell(record.source, remark)
    if record.refusal:
        summary.rejected += 1
        return record.refusal
    first = seen.first(record.key, f"{record.source}:{record.line}")
    refusal = _repeated(record, first) if first else sink.add(record)
    if refusal:
        summary.rejected += 1
        summary.codes[refusal.code] += 1
        watch.tell(record.source, refusal)
    else:
        summary.written += 1
    return refusal


def _repeated(record: Record, first: str) -> Diagnostic:
    message = f"{shown(record.title)} is the page of {first} already: give one of the two another title"
    return Diagnostic("title-repeated", record.line, 1, message)
