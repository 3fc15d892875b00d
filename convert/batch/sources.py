"""Inputs to pieces and shards: files, folders, archives, tables, streams, standard input, and addresses of others.

A folder is read with everything below it, in the order of the names; files are taken by suffix.  What has many articles
is cut between them, so that no more of it is held than one shard.

Shards are cut by position and size alone: the same input makes the same shards.  Behind some files, chosen by their
names, a shard always ends: so one file more or less changes the shards near it, and not all that follow.
"""

from __future__ import annotations

import os
import re
import stat
import time
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple
from zlib import crc32

from convert import formats
from convert.batch import folders, remote
from convert.batch.contents import fetch, stamp_of
from convert.batch.folders import identity
from convert.batch.kinds import JSON_LINES, Kind, is_read, kind_of, suffixes
from convert.batch.shards import BINARY_PROBE_BYTES, NO_TIME, Piece, Shard
from convert.batch.streams import cut
from convert.batch.unpacking import Broken, Readable, Unpacked
from convert.errors import UsageError

if TYPE_CHECKING:
    from convert.batch.archives import Member

__all__ = ["JSON_LINES", "Selection", "Walk", "check_formats", "fetch", "identity", "pieces", "shards"]

#: A shard has about as many bytes, and at most as many pieces.
SHARD_BYTES = 1 << 20
SHARD_PIECES = 128

#: A shard ends behind one in so many files.
_CUT_FILES = 32
_SPREAD = 0x9E3779B1

#: A text that a reader must see as a whole may have as many bytes.
MAX_DOCUMENT_BYTES = 32 << 20

#: Packed files and archives may become as many times larger; honest texts become less than a hundred.
MAX_EXPANSION = 500

STDIN = "-"

#: The title of an article from standard input that has none.
UNTITLED = "Untitled"

# Dates are written with four digits of the year.
_MAX_TIME_S = 253_402_300_799

_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f]")


class Selection(NamedTuple):
    """Which sources are read, and how: as ``format``, if one is given, else by their suffixes.

    ``leave_out`` are the files and directories below them, by ``identity``, that are written and not read.  Of tables
    only the ``columns`` are read, or all if none is named.
    """

    format: str = ""
    max_bytes: int = MAX_DOCUMENT_BYTES
    leave_out: frozenset[tuple[int, int]] = frozenset()
    max_expansion: int = MAX_EXPANSION
    columns: tuple[str, ...] = ("text", "title")


class Source(NamedTuple):
    """A file, or what else bytes come from; ``stamp`` tells one state of it from another, and is empty if nothing does.

    ``size`` is -1 where it is not known beforehand.
    """

    path: str
    size: int = -1
    stamp: str = ""
    timestamp: str = NO_TIME
    refusal: tuple[str, str] | None = None


def shards(pieces: Iterable[Piece]) -> Iterator[Shard]:
    """Put pieces together to shards."""
    number = size = 0
    held: list[Piece] = []
    for piece in pieces:
        size += piece.end - piece.start
        if held and (size > SHARD_BYTES or len(held) == SHARD_PIECES or _ends_shard(held[-1], piece)):
            yield Shard(number, tuple(held))
            number, size, held = number + 1, piece.end - piece.start, []
        held.append(piece)
    if held:
        yield Shard(number, tuple(held))


def _ends_shard(piece: Piece, following: Piece) -> bool:
    source = piece.source
    # Checksums of names that differ in one digit are alike; multiplied, their upper bits are not.
    return source != following.source and (crc32(source.encode()) * _SPREAD >> 16) % _CUT_FILES == 0


def check_formats(inputs: Sequence[str], selection: Selection) -> None:
    """Raise UsageError if an input is of a format that none reads."""
    for path in inputs:
        kind = kind_of(path)[0]
        guessed = formats.named(selection.format or (kind.format if kind else "plain"))
        if guessed and not guessed.reader and path != STDIN:
            readable = ", ".join(each.name for each in formats.FORMATS if each.reader)
            raise UsageError(f"{_named(path)}: {guessed.name} can be written only: choose from {readable} with --from")


def pieces(inputs: Sequence[str], selection: Selection) -> Iterator[Piece]:
    """Yield the pieces of all inputs, in order; what cannot be read is one with a refusal.

    Raises UsageError, before anything is read, as ``check_formats`` does.
    """
    check_formats(inputs, selection)
    return Walk(selection).pieces(inputs)


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


class Walk:
    """One pass over the inputs."""

    def __init__(self, selection: Selection) -> None:
        self.selection = selection
        self._epoch = source_date_epoch()
        self._state = blake2b(digest_size=16)
        self._is_known = True

    @property
    def state(self) -> str:
        """Tell one state of all inputs from another, after the pass; empty if nothing does."""
        return self._state.hexdigest() if self._is_known else ""

    def skim(self, inputs: Iterable[str]) -> str:
        """Pass over the inputs without reading them, and tell their state."""
        for path in inputs:
            if path == STDIN:
                return ""
        for _ in self._sources(inputs):
            pass
        return self.state

    def pieces(self, inputs: Iterable[str]) -> Iterator[Piece]:
        """Yield the pieces of inputs."""
        for source in self._sources(inputs):
            if source.refusal:
                yield refused(source.path, *source.refusal)
                continue
            try:
                yield from self._pieces(source)
            except OSError as error:
                yield refused(source.path, "unreadable", reason(error))

    def _sources(self, inputs: Iterable[str]) -> Iterator[Source]:
        for source in self._found(inputs):
            self._is_known = self._is_known and bool(source.stamp or source.refusal)
            told = f"{source.path}\0{source.stamp}\0{source.refusal}\n"
            self._state.update(told.encode("utf-8", "surrogatepass"))
            yield source

    def _found(self, inputs: Iterable[str]) -> Iterator[Source]:
        for path in inputs:
            try:
                if remote.is_remote(path):
                    yield from self._remote(path)
                    continue
                found = os.fstat(0) if path == STDIN else os.stat(path)
                if stat.S_ISDIR(found.st_mode):
                    yield from self._folder(path, found)
                else:
                    yield self._source(path, found)
            except OSError as error:
                yield Source(path, refusal=("unreadable", reason(error)))

    def _folder(self, path: str, found: os.stat_result) -> Iterator[Source]:
        taken = False
        for below, told in folders.files(path, found, self._is_read, self.selection.leave_out):
            taken = True
            if isinstance(told, OSError):
                yield Source(below, refusal=("unreadable", reason(told)))
            elif stat.S_ISREG(told.st_mode):
                yield self._source(below, told)
            else:
                why = "neither a file nor a directory: name it itself to have it read"
                yield Source(below, refusal=("unreadable", why))
        if not taken:
            yield self._nothing(path)

    def _remote(self, path: str) -> Iterator[Source]:
        taken = False
        for each in remote.files(path):
            if each.path == path or self._is_read(each.path):
                taken = True
                yield Source(each.path, each.size, each.stamp, self._epoch or each.timestamp)
        if not taken:
            yield self._nothing(path)

    def _nothing(self, path: str) -> Source:
        named = " or ".join(f"*{each}" for each in suffixes(self.selection.format))
        return Source(path, refusal=("empty", f"no file here is called {named}"))

    def _is_read(self, name: str) -> bool:
        return is_read(name, self.selection.format)

    def _source(self, path: str, found: os.stat_result) -> Source:
        if path == STDIN or not stat.S_ISREG(found.st_mode):
            timestamp = _timestamp(found.st_mtime) if stat.S_ISREG(found.st_mode) else NO_TIME
            return Source(path, timestamp=self._epoch or timestamp)
        return Source(path, found.st_size, stamp_of(found), self._epoch or _timestamp(found.st_mtime))

    def _pieces(self, source: Source) -> Iterator[Piece]:
        found, title = (None, UNTITLED) if source.path == STDIN else kind_of(source.path)
        kind = (found or Kind("plain")).read_as(self.selection.format)
        title = _named(title)
        whole = Piece(
            _named(source.path), source.path, kind.format, title, source.timestamp, 0, max(source.size, 0),
            lines=kind.lines, stamp=source.stamp,
        )  # fmt: skip
        if not kind.container and not kind.packing and 0 <= source.size <= SHARD_BYTES:
            yield whole
        elif kind.container == "parquet":
            yield from self._table(whole)
        else:
            with _opened(source.path) as file:
                yield from self._contained(whole, kind, file)

    def _contained(self, whole: Piece, kind: Kind, file: BinaryIO) -> Iterator[Piece]:
        """Cut what is in an open file."""
        if kind.container == "zip":
            yield from self._zip(whole, file)
            return
        unpacked: Readable = Unpacked(file, kind.packing, self.selection.max_expansion) if kind.packing else file
        if kind.container == "tar":
            yield from self._tar(whole, unpacked, "" if kind.packing else whole.stamp)
            return
        for piece in self._cut(whole._replace(end=0), unpacked):
            yield piece if kind.packing or not whole.stamp else piece._replace(content=None)

    def _cut(self, whole: Piece, file: Readable) -> Iterator[Piece]:
        return cut(_Probed(file), whole, SHARD_BYTES, self.selection.max_bytes)

    def _tar(self, archive: Piece, file: Readable, in_place: str) -> Iterator[Piece]:
        """Yield the members of a tar: where they stand, if that is ``in_place``, else with what they hold."""
        from convert.batch.archives import TarStream  # most runs have no archive

        size = archive.end if in_place else -1
        tar = TarStream(file, size)
        told = None
        try:
            for member in tar:
                piece = self._member(archive, member)
                if piece is None:
                    continue
                told = None
                if piece.refusal or not member.size:
                    yield piece
                elif in_place and member.size <= SHARD_BYTES and member.start + member.size <= size:
                    yield piece._replace(end=member.start + member.size)
                else:
                    for each in self._cut(piece, tar):
                        told = each.refusal
                        yield each._replace(content=None) if in_place else each
        except Broken as error:
            # Where it broke within a member, that was told of the member.
            if not told or told[0] != error.code:
                yield archive._replace(line=0, end=0, refusal=(error.code, error.reason))

    def _zip(self, archive: Piece, file: BinaryIO) -> Iterator[Piece]:
        from convert.batch.archives import ZipStream, zip_members

        try:
            for member in zip_members(file, file.seek(0, os.SEEK_END), self.selection.max_expansion):
                piece = self._member(archive, member)
                if piece is None:
                    continue
                if piece.refusal or member.size <= SHARD_BYTES:
                    how = ("zip", member.size, member.method, member.crc)
                    yield piece._replace(end=member.start + member.packed_size, packed=how)
                else:
                    with _opened(archive.path) as again:
                        yield from self._cut(piece._replace(start=0), ZipStream(again, member))
        except Broken as error:
            yield archive._replace(line=0, end=0, refusal=(error.code, error.reason))

    def _member(self, archive: Piece, member: Member) -> Piece | None:
        """Make the piece of a member; nothing if its name says that it is none of ours."""
        parts = member.name.split("/")
        hidden = any(each.startswith(".") and each not in (".", "..") for each in parts)
        if hidden or not is_read(parts[-1], self.selection.format, contained=True):
            return None
        found, title = kind_of(member.name)
        assert found is not None
        kind = found.read_as(self.selection.format)
        refusal = ("unreadable", member.refusal) if member.refusal else None
        if member.sparse and not refusal:
            refusal = self._sparse(member)
        return archive._replace(
            source=f"{archive.source}/{_named(member.name)}", format=kind.format, lines=kind.lines, title=_named(title),
            timestamp=self._epoch or _timestamp(member.seconds), start=member.start, end=member.start, refusal=refusal,
        )  # fmt: skip

    def _sparse(self, member: Member) -> tuple[str, str]:
        if member.size > self.selection.max_bytes:
            return "too-large", f"a sparse file that claims {member.size:,} bytes: raise --max-document to have it read"
        return "binary", "a sparse file, with null bytes where nothing is stored: this is no text"

    def _table(self, whole: Piece) -> Iterator[Piece]:
        from convert.batch.tables import row_groups  # pyarrow is large

        try:
            yield from row_groups(whole, self.selection.columns, SHARD_BYTES)
        except Broken as error:
            yield whole._replace(line=0, end=0, refusal=(error.code, error.reason))


class _Probed:
    """A file that ends behind its first block if that says that it is no text, however long it goes on."""

    def __init__(self, file: Readable) -> None:
        self._file = file
        self._is_binary: bool | None = None

    def read(self, size: int = -1, /) -> bytes:
        """Read as the file does."""
        if self._is_binary:
            return b""
        block = self._file.read(size)
        if self._is_binary is None:
            self._is_binary = b"\0" in block[:BINARY_PROBE_BYTES]
        return block


def _opened(path: str) -> Any:
    return open(0, "rb", closefd=False) if path == STDIN else remote.opened(path)


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


def _timestamp(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(min(max(seconds, 0), _MAX_TIME_S)))
