"""The progress of an upload, on standard error: lines or a bar for people, JSON for programs."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol

from msgspec import structs

from convert.io import console
from convert.upload.client.api import Waiting
from convert.upload.model import Event

INTERVAL_S = 5.0

#: Events that are always shown; the others with ``--verbose`` only.
_NOTABLE = frozenset({"merged", "conflict", "refused", "found", "changed", "gone"})


class UploadProgress(Protocol):
    """Receives the events of an upload; called from several threads, one at a time."""

    #: The number of steps.
    total: int

    def event(self, event: Event) -> None:
        """Report the outcome for a page."""

    def waiting(self, waiting: Waiting) -> None:
        """Report a wait."""

    def say(self, message: str) -> None:
        """Report a message about the whole run."""

    def close(self) -> None:
        """End the display."""


class LineProgress:
    """Lines for people, with a line of progress every ``INTERVAL_S``."""

    def __init__(self, quiet: bool, verbose: bool) -> None:
        self.total = 0
        self._quiet, self._verbose = quiet, verbose
        self._done = 0
        self._shown_at = time.monotonic()

    def event(self, event: Event) -> None:
        """Show an event that a person must know of; with --verbose, any event."""
        self._done += 1
        if self._verbose or (event.event in _NOTABLE and not event.planned):
            why = f": {event.why}" if event.why else ""
            code = f" [{event.code}]" if event.code else ""
            revision = f" (revision {event.revision})" if event.revision else ""
            self._write(f"{event.event}: {event.title}{revision}{why}{code}")
        if self.total:
            self._show(self._done)

    def waiting(self, waiting: Waiting) -> None:
        """Show a wait that is long enough to be noticed."""
        if waiting.seconds >= 1:
            self.say(f"waiting {waiting.seconds:.0f} s: {waiting.reason} [{waiting.code}]")

    def say(self, message: str) -> None:
        """Write a line, unless only errors are to be shown."""
        if not self._quiet:
            self._write(message)

    def close(self) -> None:
        """Do nothing: the lines remain."""

    def _show(self, done: int) -> None:
        if time.monotonic() - self._shown_at >= INTERVAL_S:
            self._shown_at = time.monotonic()
            self.say(f"{done:,} of {self.total:,} pages")

    def _write(self, message: str) -> None:
        console.say(message)


class BarProgress(LineProgress):
    """A bar on a terminal, with the lines above it."""

    def __init__(self, verbose: bool, color: bool) -> None:
        super().__init__(quiet=False, verbose=verbose)
        # Imported for a terminal only: the import takes longer than many runs.
        from rich.progress import BarColumn, MofNCompleteColumn, TimeElapsedColumn, TimeRemainingColumn

        columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
        self._bar = console.bar(*columns, color=color)
        self._task = self._bar.add_task("", total=None)

    def close(self) -> None:
        """Remove the bar."""
        self._bar.stop()

    def _show(self, done: int) -> None:
        self._bar.start()
        self._bar.update(self._task, total=self.total, completed=done)

    def _write(self, message: str) -> None:
        console.say_above(self._bar, message)


class JsonProgress:
    """JSON Lines, each with the time."""

    def __init__(self) -> None:
        self.total = 0

    def event(self, event: Event) -> None:
        """Write all fields that have a value."""
        self._write({name: value for name, value in structs.asdict(event).items() if value})

    def waiting(self, waiting: Waiting) -> None:
        """Write a wait."""
        self._write({"event": "waiting", "seconds": waiting.seconds, "code": waiting.code, "why": waiting.reason})

    def say(self, message: str) -> None:
        """Write a message."""
        self._write({"event": "message", "message": message})

    def close(self) -> None:
        """Do nothing: every line is flushed already."""

    def _write(self, fields: dict[str, object]) -> None:
        moment = datetime.now(UTC).isoformat(timespec="milliseconds")
        console.json_line({"time": moment, **fields}, err=True)


def progress_for(form: str, quiet: bool, verbose: bool, color: bool) -> UploadProgress:
    """Choose the display for standard error: JSON, a bar on a terminal, or lines."""
    if form == "json":
        return JsonProgress()
    return BarProgress(verbose, color) if console.is_watched() and not quiet else LineProgress(quiet, verbose)
