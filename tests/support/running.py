"""``plainwiki`` run in this process, with its output captured from the file descriptors.

Starting Python and loading the package costs half a second, so what does not concern a process of its own (signals,
memory, start-up) is tested here.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryFile
from threading import Thread
from typing import NamedTuple

from convert import printable
from convert.cli import main


class Ran(NamedTuple):
    """The result of a command line."""

    status: int
    out: str
    err: str


def ran(folder: Path, *arguments: str, environment: Mapping[str, str] = {}, given: bytes = b"") -> Ran:
    """Run a command line in a folder that is its home; only its files remain.

    An exception that the user would see as a traceback is raised.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PLAINWIKI", "XDG"))}
    with _in(folder, {**kept, "HOME": str(folder), **environment}):
        status, out, err = called(arguments, given)
    return Ran(status, out.decode(), err.decode())


def called(arguments: Sequence[str], given: bytes = b"") -> tuple[int, bytes, bytes]:
    """Run a command line here, with this on standard input; return its status, output and errors."""
    variables = dict(os.environ)
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        with _capturing(given) as captured:
            status = main([*arguments])
    finally:
        os.environ.clear()
        os.environ.update(variables)
        for number, handler in handlers.items():
            signal.signal(number, handler)
        printable.forget()
    out, err = captured
    return status, out, err


@contextmanager
def _in(folder: Path, environment: Mapping[str, str]) -> Iterator[None]:
    before, variables = os.getcwd(), dict(os.environ)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    try:
        yield
    finally:
        os.chdir(before)
        os.environ.clear()
        os.environ.update(variables)


@contextmanager
def _capturing(given: bytes) -> Iterator[list[bytes]]:
    """Replace standard input by a pipe, output and error by files; append their contents to the list."""
    captured: list[bytes] = []
    streams = sys.stdin, sys.stdout, sys.stderr
    descriptors = [os.dup(number) for number in range(3)]
    with TemporaryFile() as out, TemporaryFile() as err, _pipe(given) as pipe:
        for number, descriptor in enumerate((pipe, out.fileno(), err.fileno())):
            os.dup2(descriptor, number)
        sys.stdin = open(0, closefd=False, encoding="utf-8")  # noqa: SIM115
        sys.stdout = open(1, "w", closefd=False, encoding="utf-8")  # noqa: SIM115
        sys.stderr = open(2, "w", closefd=False, encoding="utf-8", errors="backslashreplace")  # noqa: SIM115
        try:
            yield captured
        finally:
            for stream in (sys.stdin, sys.stdout, sys.stderr):
                stream.close()
            sys.stdin, sys.stdout, sys.stderr = streams
            for number, descriptor in enumerate(descriptors):
                os.dup2(descriptor, number)
                os.close(descriptor)
            for file in (out, err):
                file.seek(0)
                captured.append(file.read())


@contextmanager
def _pipe(given: bytes) -> Iterator[int]:
    """Open a pipe from which the bytes can be read; whoever does not read all of it breaks it."""
    reading, writing = os.pipe()

    def write() -> None:
        with suppress(BrokenPipeError), open(writing, "wb") as end:
            end.write(given)

    writer = Thread(target=write)
    writer.start()
    try:
        yield reading
    finally:
        os.close(reading)
        writer.join()
