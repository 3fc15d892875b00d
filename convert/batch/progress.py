"""Progress of a run on standard error: a bar on a terminal, a line every few seconds elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from threading import Thread
from typing import Protocol

from convert.errors import PlainwikiError
from convert.io import console

INTERVAL_S = 5.0


class Progress(Protocol):
    """Shows the progress of a run."""

    def update(self, read: int, rejected: int, size: int) -> None:
        """Show totals: documents read, documents rejected, bytes read (``size``)."""

    def close(self) -> None:
        """End: the run is over."""


class Silent:
    """Shows nothing."""

    def update(self, read: int, rejected: int, size: int) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


class Total:
    """Total bytes to read, counted in a background thread so that the conversion need not wait for it."""

    def __init__(self, count: Callable[[], int | None]) -> None:
        self.bytes: int | None = None
        self._count = count
        # A daemon: it ends with the program.
        Thread(target=self._add_up, daemon=True).start()

    def _add_up(self) -> None:
        # The run meets the same error and reports it.
        with suppress(OSError, PlainwikiError):
            self.bytes = self._count()


class Lines:
    """A plain line every few seconds."""

    def __init__(self, total: Total | None = None) -> None:
        self._total = total
        self._began = self._shown = time.monotonic()

    def update(self, read: int, rejected: int, size: int) -> None:
        """Print a line if it is time."""
        now = time.monotonic()
        if now - self._shown >= INTERVAL_S:
            self._shown = now
            seconds = now - self._began
            figures = [f"{read:,} read", f"{rejected:,} rejected", f"{size / 1e6:,.1f} MB"]
            figures += [f"{read / seconds:,.0f} documents/s", f"{size / 1e6 / seconds:,.1f} MB/s"]
            left = self._total.bytes - size if self._total and self._total.bytes else 0
            if left > 0 and size:
                figures.append(f"about {_duration(left / size * seconds)} left")
            console.say(", ".join(figures))

    def close(self) -> None:
        """Do nothing: the lines stay."""


class Bar:
    """A bar that fills where the size of the input is known, with documents, rejects, speed and the time left."""

    def __init__(self, total: Total | None, color: bool) -> None:
        # Imported for a terminal only: that takes longer than many runs.
        from rich.progress import BarColumn, TextColumn, TimeRemainingColumn, TransferSpeedColumn

        self._total = total
        self._began = time.monotonic()
        self._bar = console.bar(
            BarColumn(),
            TextColumn("{task.fields[read]:,} read, {task.fields[rejected]:,} rejected, {task.fields[speed]:,.0f}/s"),
            TransferSpeedColumn(),
            TimeRemainingColumn(elapsed_when_finished=True),
            color=color,
        )
        self._task = self._bar.add_task("", total=None, read=0, rejected=0, speed=0.0)
        self._bar.start()

    def update(self, read: int, rejected: int, size: int) -> None:
        """Move the bar."""
        speed = read / max(time.monotonic() - self._began, 0.001)
        total = self._total.bytes if self._total else None
        self._bar.update(self._task, total=total, completed=size, read=read, rejected=rejected, speed=speed)

    def close(self) -> None:
        """Remove the bar: a summary follows."""
        self._bar.stop()


def progress(count: Callable[[], int | None], quiet: bool, color: bool) -> Progress:
    """Return what suits standard error; ``count`` returns the bytes to read, ``None`` if unknown beforehand."""
    if quiet:
        return Silent()
    return Bar(Total(count), color) if console.is_watched() else Lines(Total(count))


def _duration(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
