"""What is in a file: one text, a stream that is cut, the members of an archive, the rows of a table."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

from msgspec import Struct, structs

from convert.inputs.decompress import PARSER_ERRORS, CorruptSource, Decompressed, Readable
from convert.inputs.fetch import unforeseen
from convert.inputs.file_types import FileType, file_type_of, is_read
from convert.inputs.piece import BINARY_PROBE_BYTES, NO_TIME, Piece
from convert.inputs.stamps import opened
from convert.inputs.stream import cut
from convert.io import remote

if TYPE_CHECKING:
    from convert.inputs.archives.member import Member

#: A text that a reader must see as a whole may have as many bytes.
MAX_DOCUMENT_BYTES = 32 << 20

#: Packed files and archives may become as many times larger; honest texts become less than a hundred.
MAX_EXPANSION = 500

STDIN = "-"

#: The title of an article from standard input that has none.
UNTITLED = "Untitled"

# Dates are written with four digits of the year.
_MAX_TIME_S = 253_402_300_799

# What a terminal acts upon: controls, ends of lines, and what turns the direction of what follows.
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")

# A member of an archive may have a name of a megabyte, which is not for each of its messages.
_MAX_NAME_CHARS = 1_000

_NESTED = ("archive-nested", "it is packed within an archive, and not read: unpack that, and name this itself")


#: Which file it is: as the system knows it, or its address.
Identity = tuple[int, int] | str


class Selection(NamedTuple):
    """Which sources are read, and how: as ``format``, if one is given, else by their suffixes.

    ``leave_out`` are the files and directories below them that are written and not read.  Of tables
    only the ``columns`` are read, or all if none is named.  With ``follow_links``, links out of a folder are followed.
    """

    format: str = ""
    max_bytes: int = MAX_DOCUMENT_BYTES
    leave_out: frozenset[Identity] = frozenset()
    max_expansion: int = MAX_EXPANSION
    columns: tuple[str, ...] = ("text", "title")
    follow_links: bool = False


class Source(Struct, frozen=True, gc=False):
    """A file, or what else bytes come from; ``stamp`` tells one state of it from another, and is empty if nothing does.

    ``size`` is -1 where it is not known beforehand, ``seconds`` the time of its last change, or 0.
    """

    path: str
    size: int = -1
    stamp: str = ""
    seconds: float = 0.0
    refusal: tuple[str, str] | None = None


class Cutter:
    """Cuts sources that have more than ``whole_bytes`` into pieces of about ``block_bytes``.

    ``epoch`` is the time of all of them, if it is given.
    """

    def __init__(self, selection: Selection, epoch: str, whole_bytes: int, block_bytes: int) -> None:
        self.selection, self._epoch, self._whole_bytes, self._block_bytes = selection, epoch, whole_bytes, block_bytes

    def pieces(self, source: Source) -> Iterator[Piece]:
        """Yield the pieces of a source.  Raises OSError."""
        found, title = (None, UNTITLED) if source.path == STDIN else file_type_of(source.path)
        kind = (found or FileType("plain")).read_as(self.selection.format)
        changed = self._epoch or timestamp(source.seconds)
        whole = Piece(
            display_name(source.path), source.path, kind.format, display_name(title), changed, 0, max(source.size, 0),
            lines=kind.lines, stamp=source.stamp,
        )  # fmt: skip
        if not kind.container and not kind.packing and 0 <= source.size <= self._whole_bytes:
            yield whole
        else:
            yield from _to_the_break(whole, self._contained(whole, kind))

    def _contained(self, whole: Piece, kind: FileType) -> Iterator[Piece]:
        """Cut what is in a file."""
        if kind.container == "parquet":
            from convert.inputs.parquet.limits import Limits
            from convert.inputs.parquet.reader import row_groups  # pyarrow is large

            limits = Limits(self.selection.max_bytes, self.selection.max_expansion)
            yield from row_groups(whole, self.selection.columns, self._block_bytes, limits)
            return
        with _opened(whole.path, whole.stamp) as file:
            if kind.container == "zip":
                yield from self._zip(whole, file)
                return
            unpacked: Readable = (
                Decompressed(file, kind.packing, self.selection.max_expansion) if kind.packing else file
            )
            if kind.container == "tar":
                yield from self._tar(whole, unpacked, "" if kind.packing else whole.stamp)
                return
            yield from self._cut(structs.replace(whole, end=0), unpacked, not kind.packing and bool(whole.stamp))

    def _cut(self, whole: Piece, file: Readable, in_place: bool = False) -> Iterator[Piece]:
        return cut(_Probed(file), whole, self._block_bytes, self.selection.max_bytes, in_place)

    def _tar(self, archive: Piece, file: Readable, in_place: str) -> Iterator[Piece]:
        """Yield the members of a tar: where they stand, if that is ``in_place``, else with what they hold."""
        from convert.inputs.archives.tar import TarStream  # most runs have no archive

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
                elif in_place and member.size <= self._whole_bytes and member.start + member.size <= size:
                    yield structs.replace(piece, end=member.start + member.size)
                else:
                    for each in self._cut(piece, tar, bool(in_place)):
                        told = each.refusal
                        yield each
        except CorruptSource as error:
            # Where it broke within a member, that was told of the member.
            if not told or told[0] != error.code:
                raise

    def _zip(self, archive: Piece, file: BinaryIO) -> Iterator[Piece]:
        from convert.inputs.archives.zip import ZipStream, zip_members

        for member in zip_members(file, remote.to_end(file), self.selection.max_expansion):
            piece = self._member(archive, member)
            if piece is None:
                continue
            if piece.refusal or member.size <= self._whole_bytes:
                how = ("zip", member.size, member.method, member.crc)
                yield structs.replace(piece, end=member.start + member.packed_size, packed=how)
            else:
                with _opened(archive.path, archive.stamp) as again:
                    yield from self._cut(structs.replace(piece, start=0), ZipStream(again, member))

    def _member(self, archive: Piece, member: Member) -> Piece | None:
        """Make the piece of a member; nothing if its name says that it is none of ours."""
        parts = member.name.split("/")
        hidden = any(each.startswith(".") and each not in (".", "..") for each in parts)
        if hidden or not is_read(parts[-1], self.selection.format):
            return None
        found, title = file_type_of(member.name)
        assert found is not None
        kind = found.read_as(self.selection.format)
        refusal = member.refusal
        if not is_read(parts[-1], self.selection.format, contained=True):
            refusal = _NESTED
        elif member.sparse and not refusal:
            refusal = self._sparse(member)
        return structs.replace(
            archive, source=f"{archive.source}/{_short(member.name)}", format=kind.format, lines=kind.lines,
            title=_short(title), timestamp=self._epoch or timestamp(member.seconds), start=member.start,
            end=member.start, refusal=refusal,
        )  # fmt: skip

    def _sparse(self, member: Member) -> tuple[str, str]:
        if member.size > self.selection.max_bytes:
            return "too-large", f"a sparse file that claims {member.size:,} bytes: raise --max-document to have it read"
        return "binary", "a sparse file, with null bytes where nothing is stored: this is no text"


def _to_the_break(whole: Piece, found: Iterator[Piece]) -> Iterator[Piece]:
    """Yield the pieces of a file; where it cannot be read any further, end with one that says so."""
    try:
        yield from found
    except CorruptSource as error:
        refusal = error.code, error.reason
    except PARSER_ERRORS as error:
        refusal = "damaged", unforeseen(error)
    else:
        return
    yield structs.replace(whole, line=0, end=0, refusal=refusal)


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


def _opened(path: str, stamp: str) -> Any:
    return open(0, "rb", closefd=False) if path == STDIN else opened(path, stamp)


def _short(name: str) -> str:
    shown = display_name(name)
    return shown if len(shown) <= _MAX_NAME_CHARS else f"{shown[:_MAX_NAME_CHARS]}…"


def display_name(path: str) -> str:
    """Give a path as text: names need not be UTF-8, and a password is for nobody to see."""
    if path == STDIN:
        return "<stdin>"
    path = remote.shown(path)
    text = path if path.isascii() else os.fsencode(path).decode("utf-8", "replace")
    return text if text.isprintable() else _CONTROLS.sub("\ufffd", text)


def timestamp(seconds: float) -> str:
    """Write a time as export dumps do; one that cannot be is none."""
    return _timestamp(int(seconds)) if 0 <= seconds <= _MAX_TIME_S else NO_TIME


@lru_cache(maxsize=1 << 8)
def _timestamp(seconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))  # files that stand together are often as old
