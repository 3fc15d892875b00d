"""Progress of a run on standard error: a bar on a terminal, a line every few seconds elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from threading import Thread
from typing import Protocol

from convert.errors import PlainwikiError
from convert.inputs.sources import Size
from convert.io import console

INTERVAL_S = 5.0
#: In fewer columns there is no bar.
NARROW = 60


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
    """What is to be read, counted in a background thread so that the conversion need not wait for it."""

    def __init__(self, count: Callable[[], Size | None]) -> None:
        self.size: Size | None = None
        self._count = count
        # A daemon: it ends with the program.
        Thread(target=self._add_up, daemon=True).start()

    def _add_up(self) -> None:
        # The run meets the same error and reports it.
        with suppress(OSError, PlainwikiError):
            self.size = self._count()


def figures(read: int, done: int, size: Size | None, seconds: float) -> list[str]:
    """Say how far a run is: ``116 of 13,860``, ``42 %``, ``1:53 left``; without a known size what was read.

    Files are counted where each has one document, as far as was read.
    """
    if not size or not size.bytes or done > size.bytes:
        return [f"{read:,} read"]
    of = f" of {size.files:,}" if size.files and size.files >= read else ""
    left = (size.bytes - done) / done * seconds if done else 0.0
    percent = f"{int(100 * done / size.bytes)} %"
    return [f"{read:,}{of}" if of else f"{read:,} read", percent, *([f"{duration(left)} left"] if done else [])]


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
            parts = figures(read, size, self._total.size if self._total else None, seconds)
            parts += [f"{rejected:,} rejected"] if rejected else []
            parts += [f"{read / seconds:,.0f} documents/s", f"{size / 1e6 / seconds:,.1f} MB/s"]
            console.say(" · ".join(parts))

    def close(self) -> None:
        """Do nothing: the lines stay."""


class Bar:
    """A bar that fills where the size of the input is known, with figures; in a narrow terminal these alone."""

    def __init__(self, total: Total | None, color: bool) -> None:
        # Imported for a terminal only: that takes longer than many runs.
        from rich.progress import BarColumn, TextColumn

        self._total = total
        self._began = time.monotonic()
        self._bar = console.bar(TextColumn("{task.description}"), color=color)
        self._is_narrow = self._bar.console.width < NARROW
        if not self._is_narrow:
            self._bar.columns = (BarColumn(), *self._bar.columns)
        self._task = self._bar.add_task("", total=None)
        console.show(self._bar)

    def update(self, read: int, rejected: int, size: int) -> None:
        """Move the bar."""
        seconds = max(time.monotonic() - self._began, 0.001)
        total = self._total.size if self._total else None
        parts = figures(read, size, total, seconds)
        parts += [f"{rejected:,} rejected"] if rejected else []
        if not self._is_narrow:
            parts += [f"{read / seconds:,.0f}/s"]
        self._bar.update(
            self._task, total=total.bytes if total else None, completed=size, description=" · ".join(parts)
        )

    def close(self) -> None:
        """Remove the bar: a summary follows."""
        console.hide(self._bar)


def progress(count: Callable[[], Size | None], quiet: bool, color: bool) -> Progress:
    """Return what suits standard error; ``count`` returns how much is to be read, ``None`` if unknown beforehand."""
    if quiet:
        return Silent()
    return Bar(Total(count), color) if console.is_watched() else Lines(Total(count))


def duration(seconds: float) -> str:
    """Format seconds: ``1:53``."""
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
