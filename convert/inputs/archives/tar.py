"""Tars, read from the front: the members, and what each holds before the next.

Headers are parsed by ``tarfile``, but not followed by it: in stream mode it takes a damaged header for the end of the
archive, cannot pass over what it could seek behind, and keeps every member.
"""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from io import BufferedReader

from msgspec import structs

from convert.diagnostics import shown
from convert.inputs.archives.member import LINK, Member, member_piece
from convert.inputs.decompress import CorruptSource, Readable, decompressed
from convert.inputs.piece import Piece
from convert.inputs.selection import CutOptions
from convert.inputs.stamps import opened
from convert.inputs.stream import cut as cut_stream

_TAR_BLOCK = 512
_MAX_NAME_BYTES = 1 << 20

# No file has more bytes, and nothing can be sought behind them.
_MAX_SIZE = (1 << 63) - 1
_MAX_DIGITS = 19

# Where a header has its mode, owner, group, time, and device.
_NUMBERS = ((100, 124), (136, 148), (329, 345))

_PAX = (tarfile.XHDTYPE, tarfile.SOLARIS_XHDTYPE)
_SPARSE_SIZES = ("GNU.sparse.realsize", "GNU.sparse.size")
_KEYS = frozenset({"path", "size", "GNU.sparse.name", *_SPARSE_SIZES})


def cut(archive: Piece, packing: str, options: CutOptions) -> Iterator[Piece]:
    """Yield the pieces of a tar: stretches of the file where it is uncompressed and seekable, else with content."""
    in_place = not packing and bool(archive.stamp)
    size = archive.end if in_place else -1
    last_refusal = None
    with opened(archive.path, archive.stamp) as file:
        tar = TarStream(decompressed(file, packing, options.selection.max_expansion), size)
        try:
            for member in tar:
                piece = member_piece(archive, member, options)
                if piece is None:
                    continue
                last_refusal = None
                end = member.start + member.size
                if piece.refusal or not member.size:
                    yield piece
                elif in_place and member.size <= options.whole_bytes and end <= size:
                    yield structs.replace(piece, end=end)
                else:
                    for stretch in cut_stream(tar, piece, options, in_place):
                        last_refusal = stretch.refusal
                        yield stretch
        except CorruptSource as error:
            # Where the archive broke within a member, that member's last piece has reported it.
            if not last_refusal or last_refusal[0] != error.code:
                raise


class TarStream:
    """A tar read from the front: iterate over its members, and ``read`` what each holds before the next.

    With the ``size`` of a file that can be sought in, what is not read is passed over.
    """

    def __init__(self, file: Readable, size: int = -1) -> None:
        self._file, self._size = file, size
        self._at = self._left = self._padding = 0

    def __iter__(self) -> Iterator[Member]:
        """Yield the members that are no folders.  Raises CorruptSource where the archive does not go on."""
        told: dict[str, str] = {}
        while block := self._block():
            header = _header(block, self._at)
            if header.type in (tarfile.GNUTYPE_LONGNAME, *_PAX):
                told.update(self._told(header))
                continue
            size = _size(told, ("size",), header.size)
            real = _size(told, _SPARSE_SIZES, size)
            sparse = real != size
            if header.type == tarfile.GNUTYPE_SPARSE:
                sparse, real = True, _sparse_size(block, self._at)
                self._pass_sparse_maps(block)
            is_file, is_known = header.isreg(), header.type in tarfile.SUPPORTED_TYPES
            self._left = size if is_file or not is_known or header.type == tarfile.GNUTYPE_LONGLINK else 0
            self._padding = -self._left % _TAR_BLOCK
            if header.type == tarfile.GNUTYPE_LONGLINK:
                continue
            if not header.isdir() and header.type != tarfile.XGLTYPE:
                name = told.get("GNU.sparse.name", told.get("path", header.name))
                yield Member(name, float(header.mtime), real, self._at, _refusal(header), sparse)
            told = {}

    def read(self, size: int = -1, /) -> bytes:
        """Read of the present member."""
        wanted = self._left if size < 0 else min(size, self._left)
        found = self._file.read(wanted)
        self._left -= len(found)
        self._at += len(found)
        if wanted and not found:
            reason = f"the archive ends in the middle of this member, at byte {self._at}: is it all there?"
            raise CorruptSource("damaged", reason)
        return found

    def _skip(self) -> None:
        """Pass over what is left of the present member, and over what fills its last block."""
        if self._size >= 0:
            assert isinstance(self._file, BufferedReader)
            self._at = min(self._at + self._left + self._padding, self._size)
            self._file.seek(self._at)
        else:
            while self._left:
                self.read(1 << 20)
            self._at += len(self._file.read(self._padding))
        self._left = self._padding = 0

    def _block(self) -> bytes:
        """Read the next header; nothing at the end, where blocks of zeros stand or are left out."""
        self._skip()
        block = self._file.read(_TAR_BLOCK)
        if not block and not self._at:
            raise CorruptSource("damaged", "the archive is an empty file: is it all there?")
        self._at += len(block)
        return block if block.strip(b"\0") else b""

    def _pass_sparse_maps(self, block: bytes) -> None:
        more = block[482]
        while more:
            following = self._file.read(_TAR_BLOCK)
            self._at += len(following)
            more = following[504] if len(following) == _TAR_BLOCK else 0

    def _told(self, header: tarfile.TarInfo) -> dict[str, str]:
        """Read what a header of its own tells of the member behind it."""
        if header.size > _MAX_NAME_BYTES:
            raise CorruptSource("damaged", f"a name of {header.size} bytes at byte {self._at} of the archive")
        self._left, self._padding = header.size, -header.size % _TAR_BLOCK
        content = self.read(header.size)
        if header.type == tarfile.GNUTYPE_LONGNAME:
            return {"path": content.rstrip(b"\0").decode("utf-8", "surrogateescape")}
        # What else is told may be as long as the archive, if no member follows.
        return {key: value for key, value in _pax(content) if key in _KEYS}


def _pax(content: bytes) -> Iterator[tuple[str, str]]:
    """Read lines of ``LENGTH KEY=VALUE``; the length is that of the line."""
    at = 0
    while (space := content.find(b" ", at, at + _MAX_DIGITS)) > at and content[at:space].isdigit():
        end = at + int(content[at:space])
        key, equals, value = content[space + 1 : end].rstrip(b"\n").partition(b"=")
        if not equals:
            return
        yield key.decode("utf-8", "surrogateescape"), value.decode("utf-8", "surrogateescape")
        at = end


def _header(block: bytes, end: int) -> tarfile.TarInfo:
    try:
        header = _parsed(block)
    except tarfile.HeaderError as error:
        try:
            header = _parsed(_without_numbers(block))
        except tarfile.HeaderError:
            raise _unreadable(end - len(block), str(error)) from None
    if not 0 <= header.size <= _MAX_SIZE:
        raise _unreadable(end - len(block), f"a member of {header.size} bytes")
    return header


def _parsed(block: bytes) -> tarfile.TarInfo:
    return tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")


def _without_numbers(block: bytes) -> bytes:
    """Leave out of a header the times, owners and devices that nobody needs to know.  Raises HeaderError."""
    if _nti(block[148:156]) not in tarfile.calc_chksums(block):  # type: ignore[attr-defined]
        raise tarfile.InvalidHeaderError("bad checksum")  # type: ignore[attr-defined]
    found = bytearray(block)
    for start, end in _NUMBERS:
        found[start:end] = bytes(end - start)
    found[148:156] = b"%06o\0 " % tarfile.calc_chksums(bytes(found))[0]  # type: ignore[attr-defined]
    return bytes(found)


def _nti(field: bytes) -> int:
    number: int = tarfile.nti(field)  # type: ignore[attr-defined]
    return number


def _unreadable(at: int, why: str) -> CorruptSource:
    return CorruptSource("damaged", f"the archive cannot be read from byte {at} on: {why}")


def _size(told: dict[str, str], keys: tuple[str, ...], default: int) -> int:
    """Find the size that an extended header tells under one of some keys."""
    text = next((told[key] for key in keys if key in told), None)
    if text is None:
        return default
    # As digits, or -1: there may be more than Python makes a number of.
    size = int(text) if text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS else -1
    if not 0 <= size <= _MAX_SIZE:
        raise CorruptSource("damaged", f"a member of {shown(text, 30)} bytes: the archive cannot be read any further")
    return size


def _sparse_size(block: bytes, end: int) -> int:
    try:
        return max(0, _nti(block[483:495]))
    except tarfile.HeaderError as error:
        raise _unreadable(end - len(block), str(error)) from None


def _refusal(header: tarfile.TarInfo) -> tuple[str, str] | None:
    if header.issym() or header.islnk():
        return LINK
    return None if header.isreg() else ("archive-member", "neither a file nor a folder")
