"""Atomic files: written under a temporary name beside their final one, renamed when complete.

A lock that ends with the process keeps two runs from the same output; the next run clears what a killed one left.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Protocol, Self

from convert.errors import EnvironmentFailed, UsageError
from convert.io.locks import lock, release
from convert.io.own_files import open_own

#: The suffix of temporary names; they begin with a dot.
WORK_SUFFIX = ".plainwiki"

#: The suffix of a lock file, beside a temporary one.
LOCK_SUFFIX = ".lock"

_BUFFER_BYTES = 1 << 20


class WholeOrAbsent:
    """A context manager that calls ``close`` if the body succeeds, and ``discard`` if it, or closing, fails."""

    def close(self) -> None:
        """Complete the output."""

    def discard(self) -> None:
        """Remove the incomplete output."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, error_type: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        if error_type is not None:
            self.discard()
            return
        try:
            self.close()
        except BaseException:
            self.discard()
            raise


class Output(Protocol):
    """A stream of bytes, and a context manager like ``WholeOrAbsent``."""

    def write(self, text: bytes) -> None:
        """Add bytes."""

    def close(self) -> None:
        """Complete it."""

    def discard(self) -> None:
        """Leave nothing incomplete behind."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, error_type: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None: ...


@contextmanager
def writing(path: str) -> Iterator[None]:
    """Turn an OSError into an EnvironmentFailed that names the path."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise EnvironmentFailed(f"cannot write {path}: {error.strerror or error}") from error


def open_locked(path: str, shown: str) -> int:
    """Open or create a file and lock it until ``release``; ``shown`` names the output in messages."""
    while True:
        descriptor = open_own(path)
        try:
            lock(descriptor, path + LOCK_SUFFIX, shown)
            # Another run may have renamed the file between our opening and locking it.
            if os.path.lexists(path) and os.path.samestat(os.fstat(descriptor), os.lstat(path)):
                return descriptor
        except BaseException:
            release(descriptor)
            raise
        release(descriptor)


def save(path: str, text: bytes) -> None:
    """Write a new file."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    try:
        write_all(descriptor, text)
    finally:
        os.close(descriptor)


def write_all(descriptor: int, text: bytes | bytearray) -> None:
    """Write all bytes, in as many system calls as that takes."""
    written = os.write(descriptor, text)
    while written < len(text):
        written += os.write(descriptor, text[written:])


class LazyOutput(WholeOrAbsent):
    """An output that is opened at the first write: an empty one is absent."""

    def __init__(self, open_output: Callable[[], Output]) -> None:
        self._open_output = open_output
        self._output: Output | None = None

    def write(self, text: bytes) -> None:
        """Add bytes."""
        if text:
            self._output = self._output or self._open_output()
            self._output.write(text)

    def close(self) -> None:
        """Complete it, if it was opened."""
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
        self._buffer: list[bytes] = []
        self._size = 0

    def write(self, text: bytes) -> None:
        """Add bytes."""
        self._buffer.append(text)
        self._size += len(text)
        if self._size >= _BUFFER_BYTES:
            self._flush()

    def _flush(self) -> None:
        with writing(self.path):
            write_all(self._descriptor, b"".join(self._buffer))
        self._buffer, self._size = [], 0

    def close(self) -> None:
        """Flush the buffer."""
        self._flush()

    def discard(self) -> None:
        """Drop the buffer."""


class AtomicFile(Stream):
    """A file that is replaced atomically.

    Where the user chose its name (``follows``), links are followed and their destination is replaced, and devices and
    pipes are written to.  Any other name may have been planted by an attacker: whatever has it is replaced.
    ``mode`` are the permissions of the new file; without it the usual ones.
    """

    def __init__(self, path: str, follows: bool = True, mode: int | None = None) -> None:
        self._final = os.path.realpath(path) if follows else path
        folder, name = os.path.split(self._final)
        self._temporary = os.path.join(folder, waiting(name))
        with writing(path):
            super().__init__(self._open(path, follows), path)
            if mode is not None and self._temporary:
                os.fchmod(self._descriptor, mode)

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
        """Rename the file into place."""
        self._flush()
        with writing(self.path):
            # Some file systems report a failed write only when a descriptor is closed.
            os.close(os.dup(self._descriptor))
            if self._temporary:
                os.replace(self._temporary, self._final)
                self._temporary = ""
            release(self._descriptor)

    def discard(self) -> None:
        """Remove the file."""
        if self._temporary:
            os.unlink(self._temporary)
        release(self._descriptor)


def waiting(name: str) -> str:
    """Return the temporary name of a file."""
    return f".{name}{WORK_SUFFIX}"
