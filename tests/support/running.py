"""``plainwiki`` run in this process, in a folder, with its output captured from the file descriptors."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import NamedTuple

from convert import printable
from convert.cli import main


class Ran(NamedTuple):
    """The result of a command line."""

    status: int
    out: str
    err: str


def ran(folder: Path, *arguments: str, environment: Mapping[str, str] = {}) -> Ran:
    """Run a command line with the folder as its home; only its files remain.

    An exception that the user would see as a traceback is raised.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PLAINWIKI", "XDG"))}
    with _capturing() as captured, _in(folder, {**kept, "HOME": str(folder), **environment}):
        status = main([*arguments])
    out, err = captured
    return Ran(status, out, err)


@contextmanager
def _in(folder: Path, environment: Mapping[str, str]) -> Iterator[None]:
    before, variables = os.getcwd(), dict(os.environ)
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    try:
        yield
    finally:
        os.chdir(before)
        os.environ.clear()
        os.environ.update(variables)
        for number, handler in handlers.items():
            signal.signal(number, handler)
        printable.forget()


@contextmanager
def _capturing() -> Iterator[list[str]]:
    """Redirect standard output and error to files, and empty standard input; append their contents to the list."""
    captured: list[str] = []
    streams = sys.stdin, sys.stdout, sys.stderr
    descriptors = [os.dup(number) for number in range(3)]
    with TemporaryFile() as out, TemporaryFile() as err, open(os.devnull, "rb") as nothing:
        for number, file in enumerate((nothing, out, err)):
            os.dup2(file.fileno(), number)
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
                captured.append(file.read().decode())
