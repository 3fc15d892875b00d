"""Where records go: a folder with one file each, one text with all, or nowhere."""

from __future__ import annotations

import os
import shutil
from typing import Protocol

import msgspec

from convert import formats
from convert.batch.outputs import WORK_SUFFIX, File, Output, lock, writing
from convert.batch.seen import Seen
from convert.batch.shards import Record, Task, options_of
from convert.diagnostics import Diagnostic
from convert.names import name_of, numbered, spelling


class Sink(Protocol):
    """Takes records, in order.  Either ``close`` or ``discard`` is called last."""

    #: The folder where texts wait as files until their records are added; empty where records carry them.
    waiting: str

    def add(self, record: Record) -> Diagnostic | None:
        """Take a record in, or say why that cannot be."""

    def close(self) -> None:
        """Complete what was begun."""

    def discard(self) -> None:
        """Leave nothing incomplete behind."""


class Nowhere:
    """Takes everything and keeps nothing."""

    waiting = ""

    def add(self, record: Record) -> None:
        """Drop a record."""

    def close(self) -> None:
        """Have begun nothing."""

    def discard(self) -> None:
        """Have left nothing."""


class Folder:
    """One file a record, named by its title."""

    def __init__(self, path: str, suffix: str, seen: Seen) -> None:
        self.path = path
        self.waiting = os.path.join(path, WORK_SUFFIX)
        self._suffix = suffix
        self._seen = seen
        with writing(path):
            os.makedirs(path, exist_ok=True)
            self._descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            lock(self._descriptor, path)
            if os.path.exists(self.waiting):
                shutil.rmtree(self.waiting)
            os.mkdir(self.waiting)

    def add(self, record: Record) -> Diagnostic | None:
        """Give a waiting file its name."""
        name = name_of(record.title)
        if name is None:
            size = len(record.title.encode())
            return Diagnostic("title-invalid", record.line, 1, f"no file can have a title of {size} bytes: shorten it")
        path = f"{self.path}/{numbered(name, self._seen.count(spelling(name)))}{self._suffix}"
        with writing(path):
            if "/" in name:
                os.makedirs(os.path.dirname(path), exist_ok=True)
            os.replace(record.stored, path)
        return None

    def close(self) -> None:
        """Remove what waits in vain: texts that were not added."""
        shutil.rmtree(self.waiting)
        os.close(self._descriptor)

    def discard(self) -> None:
        """Remove what waits; files that have their names are whole, and stay."""
        self.close()


class OneText:
    """All records in one text, as the format joins them."""

    waiting = ""

    def __init__(self, output: Output, task: Task) -> None:
        self._output = output
        target = formats.named(task.target)
        assert target is not None
        assert target.writer is not None
        self._opening = self._between = self._closing = b""
        if task.form == "item":
            options = options_of(target.writer.options, task.options)
            self._opening = formats.load(target.writer.opening)(options).encode()
            self._between = target.writer.between.encode()
            self._closing = formats.load(target.writer.closing)(options).encode()
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


class Rejects:
    """The file that tells what was not written and why, one JSON object a line.  Without rejects there is none."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._file: File | None = None

    def add(self, record: Record, refusal: Diagnostic) -> None:
        """Note a rejected document."""
        self._file = self._file or File(self.path)
        line = refusal.line or record.line
        told = {"source": record.source, "line": line, "title": record.title}
        self._file.write(msgspec.json.encode({**told, "code": refusal.code, "reason": refusal.message}) + b"\n")

    def close(self) -> None:
        """Put the file in its place, or remove that of an earlier run."""
        if self._file:
            self._file.close()
        elif os.path.exists(self.path):
            with writing(self.path):
                os.unlink(self.path)

    def discard(self) -> None:
        """Leave that of an earlier run as it is."""
        if self._file:
            self._file.discard()
