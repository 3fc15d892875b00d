"""Inputs to pieces and shards: files, directories, streams and standard input.

A directory is read with everything below it, in the order of the names; files are taken by suffix, hidden ones are not.
Links are followed, and a directory that is inside itself is read once.  A file or stream with many articles is cut
between them, so that no more of it is held than one shard.

Shards are cut by position and size alone: the same input makes the same shards.
"""

from __future__ import annotations

import os
import re
import sqlite3
import stat
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from itertools import chain, islice
from typing import NamedTuple

from convert import formats
from convert.batch.shards import NO_TIME, Piece, Shard
from convert.batch.streams import cut
from convert.diagnostics import Diagnostic
from convert.errors import UsageError

#: A shard has about as many bytes, and at most as many pieces.
SHARD_BYTES = 1 << 20
SHARD_PIECES = 128

#: A text that a reader must see as a whole may have as many bytes.
MAX_DOCUMENT_BYTES = 32 << 20

STDIN = "-"

#: The title of an article from standard input that has none.
UNTITLED = "Untitled"

JSON_LINES = ".jsonl"

#: A directory with more names is sorted on disk.
MAX_NAMES_HELD = 20_000

# Dates are written with four digits of the year.
_MAX_TIME_S = 253_402_300_799

_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f]")

# Formats by suffix, the longest first.
_FORMATS = sorted(
    [(JSON_LINES, "json"), *((each.suffix, each.name) for each in formats.FORMATS)], key=lambda each: -len(each[0])
)


class Selection(NamedTuple):
    """Which sources are read, and how: as ``format``, if one is given, else by their suffixes.

    ``leave_out`` are the files and directories below them, by ``identity``, that are written and not read.
    """

    format: str = ""
    max_bytes: int = MAX_DOCUMENT_BYTES
    leave_out: frozenset[tuple[int, int]] = frozenset()


def shards(pieces: Iterable[Piece]) -> Iterator[Shard]:
    """Put pieces together to shards."""
    number = size = 0
    held: list[Piece] = []
    for piece in pieces:
        size += piece.end - piece.start
        if held and (size > SHARD_BYTES or len(held) == SHARD_PIECES):
            yield Shard(number, tuple(held))
            number, size, held = number + 1, piece.end - piece.start, []
        held.append(piece)
    if held:
        yield Shard(number, tuple(held))


def check_formats(inputs: Sequence[str], selection: Selection) -> None:
    """Raise UsageError if an input is of a format that none reads."""
    for path in inputs:
        guessed = formats.named(selection.format or _guessed(path)[0])
        if guessed and not guessed.reader and path != STDIN:
            readable = ", ".join(each.name for each in formats.FORMATS if each.reader)
            raise UsageError(f"{_named(path)}: {guessed.name} can be written only: choose from {readable} with --from")


def pieces(inputs: Sequence[str], selection: Selection) -> Iterator[Piece]:
    """Yield the pieces of all inputs, in order; what cannot be read is one with a refusal.

    Raises UsageError, before anything is read, as ``check_formats`` does.
    """
    check_formats(inputs, selection)
    return _Walk(selection).inputs(inputs)


def fetch(piece: Piece) -> bytes | Diagnostic:
    """Read what a piece holds."""
    if piece.content is not None or piece.refusal:
        return piece.content or b""
    try:
        # Opening must not wait, should a pipe have taken the file's place.
        descriptor = os.open(piece.path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        try:
            size = piece.end - piece.start
            content = os.pread(descriptor, size, piece.start)
            while len(content) < size and (more := os.pread(descriptor, size, piece.start + len(content))):
                content += more[: size - len(content)]
            return content
        finally:
            os.close(descriptor)
    except OSError as error:
        return Diagnostic("unreadable", 0, 0, reason(error))


def source_date_epoch() -> str:
    """The time that SOURCE_DATE_EPOCH gives to all sources, or an empty string.

    Source: https://reproducible-builds.org/specs/source-date-epoch/
    """
    seconds = os.environ.get("SOURCE_DATE_EPOCH", "")
    if not seconds:
        return ""
    try:
        return _timestamp(int(seconds))
    except (ValueError, OverflowError, OSError):
        raise UsageError(f"SOURCE_DATE_EPOCH is no number of seconds since 1970: '{seconds}'") from None


class _Directory(NamedTuple):
    """A directory being read: names still to come."""

    path: str
    identity: tuple[int, int]
    names: Iterator[str]


class _Walk:
    """One pass over the inputs."""

    def __init__(self, selection: Selection) -> None:
        self.selection = selection
        self.epoch = source_date_epoch()
        readable = [each for each in formats.FORMATS if each.reader and selection.format in ("", each.name)]
        self.suffixes = tuple(each.suffix for each in readable)
        self.passed_over = tuple(each.suffix for each in formats.FORMATS if not each.reader)
        if any(each.name == "json" for each in readable):
            self.suffixes += (JSON_LINES,)

    def inputs(self, inputs: Iterable[str]) -> Iterator[Piece]:
        """Yield the pieces of inputs."""
        for path in inputs:
            try:
                found = os.fstat(0) if path == STDIN else os.stat(path)
                if stat.S_ISDIR(found.st_mode):
                    yield from self._directory(path, found)
                elif path == STDIN:
                    yield from self._stream(path, found, 0)
                elif stat.S_ISREG(found.st_mode):
                    yield from self._file(path, found)
                else:
                    yield from self._stream(path, found, path)
            except OSError as error:
                yield refused(path, "unreadable", reason(error))

    def _directory(self, path: str, found: os.stat_result) -> Iterator[Piece]:
        taken = False
        open_ones = [self._opened(path.rstrip("/") or "/", found)]
        while open_ones:
            directory = open_ones[-1]
            name = next(directory.names, None)
            if name is None:
                open_ones.pop()
                continue
            below = f"{directory.path}/{name}"
            try:
                found = os.stat(below)
                one = identity(found)
                if one in self.selection.leave_out:
                    continue
                if stat.S_ISDIR(found.st_mode):
                    if all(one != each.identity for each in open_ones):
                        open_ones.append(self._opened(below, found))
                    continue
                taken = True
                if stat.S_ISREG(found.st_mode):
                    yield from self._file(below, found)
                else:
                    yield refused(below, "unreadable", "neither a file nor a directory: name it itself to have it read")
            except OSError as error:
                taken = True
                yield refused(below, "unreadable", reason(error))
        if not taken:
            yield refused(path, "empty", f"no file here is called {' or '.join('*' + each for each in self.suffixes)}")

    def _opened(self, path: str, found: os.stat_result) -> _Directory:
        return _Directory(path, identity(found), _sorted(self._names(path)))

    def _names(self, path: str) -> Iterator[str]:
        with os.scandir(path) as entries:
            for entry in entries:
                name = entry.name.lower()
                is_read = name.endswith(self.suffixes) and not name.endswith(self.passed_over)
                if name[0] != "." and (is_read or entry.is_dir()):
                    yield entry.name

    def _file(self, path: str, found: os.stat_result) -> Iterator[Piece]:
        if found.st_size > SHARD_BYTES:
            yield from self._stream(path, found, path)
        else:
            format, title = _guessed(path)
            timestamp = self.epoch or _timestamp(found.st_mtime)
            yield Piece(_named(path), path, self.selection.format or format, title, timestamp, 0, found.st_size)

    def _stream(self, path: str, found: os.stat_result, opened: str | int) -> Iterator[Piece]:
        """Cut a long file, a pipe or standard input."""
        format, title = ("plain", UNTITLED) if path == STDIN else _guessed(path)
        regular = stat.S_ISREG(found.st_mode)
        timestamp = self.epoch or (_timestamp(found.st_mtime) if regular else NO_TIME)
        whole = Piece(_named(path), path, self.selection.format or format, title, timestamp)
        with open(opened, "rb", closefd=opened != 0) as file:
            for piece in cut(file, whole, SHARD_BYTES, self.selection.max_bytes):
                yield piece._replace(content=None) if regular and path != STDIN else piece


def _sorted(names: Iterator[str]) -> Iterator[str]:
    """Sort names by their bytes; many of them on disk, in a file that SQLite removes even if we are killed."""
    held = list(islice(names, MAX_NAMES_HELD))
    few = len(held) < MAX_NAMES_HELD
    return iter(sorted(held, key=os.fsencode)) if few else _sorted_on_disk(chain(held, names))


def _sorted_on_disk(names: Iterator[str]) -> Iterator[str]:
    with closing(sqlite3.connect("")) as disk:
        disk.execute("CREATE TABLE names (name BLOB PRIMARY KEY) WITHOUT ROWID")
        disk.executemany("INSERT INTO names VALUES (?)", ((os.fsencode(name),) for name in names))
        for (name,) in disk.execute("SELECT name FROM names ORDER BY name"):
            yield os.fsdecode(name)


def _guessed(path: str) -> tuple[str, str]:
    """Guess the format of a file from its name, and give the rest of the name as a title for what has none."""
    name = _named(path[path.rfind("/") + 1 :])
    lower = name.lower()
    for suffix, format in _FORMATS:
        if lower.endswith(suffix):
            return format, name[: -len(suffix)]
    return "plain", os.path.splitext(name)[0]


def refused(path: str, code: str, why: str) -> Piece:
    """Make the piece of an input that cannot be read."""
    return Piece(_named(path), path, "plain", line=0, refusal=(code, why))


def reason(error: OSError) -> str:
    """Say in a few words why the system refused something."""
    return error.strerror or str(error)


def _named(path: str) -> str:
    """Give a path as text: names need not be UTF-8."""
    if path == STDIN:
        return "<stdin>"
    text = path if path.isascii() else os.fsencode(path).decode("utf-8", "replace")
    return text if text.isprintable() else _CONTROLS.sub("\ufffd", text)


def identity(found: os.stat_result) -> tuple[int, int]:
    """Tell files and folders apart, whatever path led there."""
    return found.st_dev, found.st_ino


def _timestamp(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(min(max(seconds, 0), _MAX_TIME_S)))
