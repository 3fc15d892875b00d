"""What a sink is: where the documents of a batch go.

A sink takes the outcomes of shards in order and tells, after each, where it stands, so that a later run can resume from
there.  Everything has a temporary name until the run is complete.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from convert.batch.job.manifest import Position
from convert.batch.job.previous_run import PreviousRun
from convert.batch.model import ConvertedDocument, OutputTarget, ShardOutcome
from convert.diagnostics import Diagnostic
from convert.io.remote import State


class Completed(NamedTuple):
    """What is left to do when all is written: names to be changed, and files to be removed.

    ``outputs`` are the states of files by their new names.
    """

    moves: list[tuple[str, str]]
    removals: list[str]
    outputs: dict[str, State]


class Sink(Protocol):
    """Takes outcomes, in order."""

    #: Where workers leave texts.
    place: OutputTarget

    @property
    def position(self) -> Position:
        """Where it stands: behind the outcomes that were added."""

    def name(self, record: ConvertedDocument) -> str | Diagnostic:
        """Name the file that a record is to have, if it has one of its own, or say why that cannot be."""

    def add(self, outcome: ShardOutcome, written: Sequence[ConvertedDocument], names: Sequence[str]) -> bool:
        """Take those of an outcome's records that are to be written; tell whether its part was taken as it is."""

    def resume(self, position: Position) -> None:
        """Go on from where an earlier run stood; from ``(0, 0)`` to begin."""

    def sync(self) -> None:
        """Have the disk keep what was added."""

    def complete(self) -> Completed:
        """Write the end."""

    def earlier(self, known: PreviousRun) -> PreviousRun:
        """Complete what is known of an earlier run with how such a sink keeps texts."""

    def close(self) -> None:
        """Let go of everything; what has a temporary name is for the next run."""

    def discard(self) -> None:
        """Leave nothing behind: nothing was added."""
