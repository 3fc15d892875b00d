"""How far a run is, on standard error: a bar on a terminal, a line every few seconds elsewhere."""

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
    """Is told of a run."""

    def update(self, read: int, rejected: int, size: int) -> None:
        """So many documents and bytes were read and so many documents rejected, in all."""

    def close(self) -> None:
        """The run is over."""


class Silent:
    """Shows nothing."""

    def update(self, read: int, rejected: int, size: int) -> None:
        """Show nothing."""

    def close(self) -> None:
        """Have shown nothing."""


class Total:
    """How many bytes there are to read: added up beside the work, which need not wait for it."""

    def __init__(self, count: Callable[[], int | None]) -> None:
        self.bytes: int | None = None
        self._count = count
        # It ends with the program, however far it is.
        Thread(target=self._add_up, daemon=True).start()

    def _add_up(self) -> None:
        # What goes wrong here goes wrong for the run as well, which tells it.
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
            told = [f"{read:,} read", f"{rejected:,} rejected", f"{size / 1e6:,.1f} MB"]
            told += [f"{read / seconds:,.0f} documents/s", f"{size / 1e6 / seconds:,.1f} MB/s"]
            left = self._total.bytes - size if self._total and self._total.bytes else 0
            if left > 0 and size:
                told.append(f"about {_duration(left / size * seconds)} left")
            console.say(", ".join(told))

    def close(self) -> None:
        """Leave the lines as they are."""


class Bar:
    """A bar that fills where the size of the input is known, with documents, rejects, speed and the time left."""

    def __init__(self, total: Total | None, color: bool) -> None:
        # Loaded for a terminal only: it takes longer than many a run.
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
        """Take the bar away: a summary follows."""
        self._bar.stop()


def progress(count: Callable[[], int | None], quiet: bool, color: bool) -> Progress:
    """Choose what suits standard error; ``count`` adds up the bytes to read, if that can be known beforehand."""
    if quiet:
        return Silent()
    return Bar(Total(count), color) if console.is_watched() else Lines(Total(count))


def _duration(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
