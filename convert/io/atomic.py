"""Files that are whole or absent: written under a temporary name beside their own, renamed when complete.

A lock that ends with the process keeps two runs from the same output; what a killed run left is cleared by the next.
"""

from __future__ import annotations

import fcntl
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Protocol, Self

from convert.errors import EnvironmentFailed, UsageError
from convert.io.own_files import open_own

_HELD_BYTES = 1 << 20


class WholeOrAbsent:
    """What a ``with`` completes if its body does not fail, and discards if it does, or if completing fails."""

    def close(self) -> None:
        """Complete it."""

    def discard(self) -> None:
        """Leave nothing incomplete behind."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        if kind is not None:
            self.discard()
            return
        try:
            self.close()
        except BaseException:
            self.discard()
            raise


class Output(Protocol):
    """A stream of bytes that a ``with`` ends: see ``WholeOrAbsent``."""

    def write(self, text: bytes) -> None:
        """Add bytes."""

    def close(self) -> None:
        """Complete it."""

    def discard(self) -> None:
        """Leave nothing incomplete behind."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None: ...


@contextmanager
def writing(path: str) -> Iterator[None]:
    """Name the path in what the system says when it cannot be written."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise EnvironmentFailed(f"cannot write {path}: {error.strerror or error}") from error


def lock(descriptor: int, path: str) -> None:
    """Hold an open file or folder until it is closed; fail if another run does."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise EnvironmentFailed(f"another run is writing {path}: wait for it, or choose another output") from None


def open_locked(path: str, shown: str) -> int:
    """Open or make a file that this run alone may write; ``shown`` names what it is for."""
    while True:
        descriptor = open_own(path)
        try:
            lock(descriptor, shown)
            # Another run may have renamed the file between our opening and locking it.
            if os.path.lexists(path) and os.path.samestat(os.fstat(descriptor), os.lstat(path)):
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


def save(path: str, text: bytes) -> None:
    """Write a new file."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    try:
        write_all(descriptor, text)
    finally:
        os.close(descriptor)


def write_all(descriptor: int, text: bytes) -> None:
    """Write bytes, however many the system takes at a time."""
    written = os.write(descriptor, text)
    while written < len(text):
        written += os.write(descriptor, text[written:])


class LazyOutput(WholeOrAbsent):
    """An output that is opened when there is something to write: what stays empty is absent."""

    def __init__(self, opened: Callable[[], Output]) -> None:
        self._opened = opened
        self._output: Output | None = None

    def write(self, text: bytes) -> None:
        """Add bytes."""
        if text:
            self._output = self._output or self._opened()
            self._output.write(text)

    def close(self) -> None:
        """Complete it, if it was begun."""
        if self._output:
            self._output.close()

    def discard(self) -> None:
        """Leave nothing incomplete behind."""
        if self._output:
            self._output.discard()


class Stream(WholeOrAbsent):
    """An open descriptor, such as standard output."""

    def __init__(self, descriptor: int, path: str) -> None:
        self.path = path
        self._descriptor = descriptor
        self._held: list[bytes] = []
        self._size = 0

    def write(self, text: bytes) -> None:
        """Add bytes."""
        self._held.append(text)
        self._size += len(text)
        if self._size >= _HELD_BYTES:
            self._flush()

    def _flush(self) -> None:
        with writing(self.path):
            write_all(self._descriptor, b"".join(self._held))
        self._held, self._size = [], 0

    def close(self) -> None:
        """Write what is held."""
        self._flush()

    def discard(self) -> None:
        """Write no more."""


class AtomicFile(Stream):
    """A file.

    Where its name was chosen by people (``follows``), a link stays and what it leads to is replaced, and a device or a
    pipe is written to and stays what it is.  Any other name may have been taken by a stranger: what has it is replaced.
    """

    def __init__(self, path: str, follows: bool = True) -> None:
        self._final = os.path.realpath(path) if follows else path
        folder, name = os.path.split(self._final)
        self._temporary = os.path.join(folder, waiting(name))
        with writing(path):
            super().__init__(self._open(path, follows), path)

    def _open(self, path: str, follows: bool) -> int:
        try:
            mode = (os.stat if follows else os.lstat)(path).st_mode
        except FileNotFoundError:
            mode = stat.S_IFREG
        if stat.S_ISDIR(mode):
            raise UsageError(f"{path} is a folder: name a file")
        if follows and not stat.S_ISREG(mode):
            self._temporary = ""
            return os.open(path, os.O_WRONLY | os.O_CLOEXEC)
        descriptor = open_locked(self._temporary, path)
        os.ftruncate(descriptor, 0)
        return descriptor

    def close(self) -> None:
        """Give the file its name."""
        self._flush()
        with writing(self.path):
            # Some file systems tell of a failed write only when a descriptor is closed.
            os.close(os.dup(self._descriptor))
            if self._temporary:
                os.replace(self._temporary, self._final)
                self._temporary = ""
            os.close(self._descriptor)

    def discard(self) -> None:
        """Remove the file."""
        if self._temporary:
            os.unlink(self._temporary)
        os.close(self._descriptor)


#: What temporary names end with; they begin with a dot.
WORK_SUFFIX = ".plainwiki"


def waiting(name: str) -> str:
    """Name a file until it is complete."""
    return f".{name}{WORK_SUFFIX}"
