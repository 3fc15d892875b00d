"""How far a run is, on standard error: a bar on a terminal, a line every few seconds elsewhere."""

from __future__ import annotations

import sys
import time
from typing import Protocol

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


class Lines:
    """A plain line every few seconds."""

    def __init__(self) -> None:
        self._shown = time.monotonic()

    def update(self, read: int, rejected: int, size: int) -> None:
        """Print a line if it is time."""
        if time.monotonic() - self._shown >= INTERVAL_S:
            self._shown = time.monotonic()
            print(f"plainwiki: {read:,} read, {rejected:,} rejected, {size / 1e6:,.1f} MB", file=sys.stderr, flush=True)

    def close(self) -> None:
        """Leave the lines as they are."""


class Bar:
    """A bar that fills where the size of the input is known, with documents, rejects and speed."""

    def __init__(self, total: int | None, color: bool) -> None:
        # Loaded for a terminal only: it takes longer than many a run.
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TransferSpeedColumn

        self._bar = Progress(
            BarColumn(),
            TextColumn("{task.fields[read]:,} read, {task.fields[rejected]:,} rejected"),
            TransferSpeedColumn(),
            TimeElapsedColumn(),
            console=Console(stderr=True, no_color=not color),
            transient=True,
        )
        self._task = self._bar.add_task("", total=total, read=0, rejected=0)
        self._bar.start()

    def update(self, read: int, rejected: int, size: int) -> None:
        """Move the bar."""
        self._bar.update(self._task, completed=size, read=read, rejected=rejected)

    def close(self) -> None:
        """Take the bar away: a summary follows."""
        self._bar.stop()


def progress(total: int | None, quiet: bool, color: bool) -> Progress:
    """Choose what suits standard error."""
    if quiet:
        return Silent()
    return Bar(total, color) if sys.stderr.isatty() else Lines()
