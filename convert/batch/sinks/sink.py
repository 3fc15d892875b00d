"""The interface of sinks: where the documents of a batch are written.

A sink takes the outcomes of shards in order; its position after each is recorded, so that a later run can resume from
there.  All files have temporary names until the run is complete.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from convert.batch.job.manifest_lines import Position
from convert.batch.job.previous_run import PreviousRun
from convert.batch.model import ConvertedDocument, OutputTarget, ShardOutcome
from convert.diagnostics import Diagnostic
from convert.io.remote import State


class Completed(NamedTuple):
    """What publishing must do once everything is written: files to be renamed and files to be removed.

    ``outputs`` are the states of files by their final names.
    """

    moves: list[tuple[str, str]]
    removals: list[str]
    outputs: dict[str, State]


class Sink(Protocol):
    """Writes the documents of outcomes, in order."""

    #: Where workers leave texts for this sink.
    target: OutputTarget

    @property
    def position(self) -> Position:
        """How far it has written: behind the last outcome added."""

    def name(self, record: ConvertedDocument) -> str | Diagnostic:
        """Return the name of a document's own file ('' if it has none), or a diagnostic where there can be none."""

    def add(self, outcome: ShardOutcome, written: Sequence[ConvertedDocument], names: Sequence[str]) -> bool:
        """Write the ``written`` records of an outcome; return whether its part was stored in one piece, as it is."""

    def resume(self, position: Position) -> None:
        """Continue from a position; ``(0, 0)`` begins."""

    def sync(self) -> None:
        """Flush the added texts to stable storage."""

    def complete(self) -> Completed:
        """Finish all files."""

    def with_layout(self, previous_run: PreviousRun) -> PreviousRun:
        """Add to a previous run how this kind of sink lays out texts."""

    def close(self) -> None:
        """Release everything; temporary files stay for the next run."""

    def discard(self) -> None:
        """Remove temporary files: nothing was added."""
