"""Where documents go that are converted in one go: to one text, or nowhere."""

from __future__ import annotations

from typing import Protocol

from convert import formats
from convert.batch.outputs import Output
from convert.batch.shards import Record, Task, options_of


class Taker(Protocol):
    """Takes records, in order.  Either ``close`` or ``discard`` is called last."""

    def add(self, record: Record) -> None:
        """Take a record in."""

    def close(self) -> None:
        """Complete what was begun."""

    def discard(self) -> None:
        """Leave nothing incomplete behind."""


class Nowhere:
    """Takes everything and keeps nothing."""

    def add(self, record: Record) -> None:
        """Drop a record."""

    def close(self) -> None:
        """Have begun nothing."""

    def discard(self) -> None:
        """Have left nothing."""


def frame(task: Task) -> tuple[bytes, bytes, bytes]:
    """Give what stands before the texts of a task, between them, and behind them."""
    target = formats.named(task.target)
    assert target is not None
    assert target.writer is not None
    if task.form != "item":
        return b"", b"", b""
    options = options_of(target.writer.options, task.options)
    opening, closing = (formats.load(each)(options).encode() for each in (target.writer.opening, target.writer.closing))
    return opening, target.writer.between.encode(), closing


class OneText:
    """All records in one text, as the format joins them."""

    def __init__(self, output: Output, task: Task) -> None:
        self._output = output
        self._opening, self._between, self._closing = frame(task)
        self._is_empty = True

    def add(self, record: Record) -> None:
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
