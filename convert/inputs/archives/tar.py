"""Tar archives, read sequentially.

Written by hand: ``tarfile`` parses the headers, but its stream mode takes a damaged header for the end of the archive,
cannot seek over members, and keeps every member in memory.
"""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from io import BufferedReader

from msgspec import structs

from convert.diagnostics import shown
from convert.inputs.archives.contents import allowance_of, contents
from convert.inputs.archives.member import LINK, Member, member_of
from convert.inputs.archives.names import MemberName, member_name
from convert.inputs.decompress import CorruptSource, Readable, decompressed
from convert.inputs.files.stamps import opened
from convert.inputs.piece import Piece
from convert.inputs.selection import CutOptions
from convert.inputs.stream import cut as cut_stream

_TAR_BLOCK = 512
_MAX_NAME_BYTES = 1 << 20

# Maximum file offset.
_MAX_SIZE = (1 << 63) - 1
_MAX_DIGITS = 19

# Ranges of mode, owner, group, time, and device in a header.
_NUMBERS = ((100, 124), (136, 148), (329, 345))

_PAX = (tarfile.XHDTYPE, tarfile.SOLARIS_XHDTYPE)
_SPARSE_SIZES = ("GNU.sparse.realsize", "GNU.sparse.size")
_KEYS = frozenset({"path", "size", "GNU.sparse.name", *_SPARSE_SIZES})


def cut(archive: Piece, packing: str, options: CutOptions) -> Iterator[Piece]:
    """Yield the pieces of a tar: stretches of the file where it is uncompressed and seekable, else with content."""
    in_place = not packing and bool(archive.stamp)
    size = archive.end if in_place else -1
    last_refusal = None
    allowance = allowance_of(archive, options)
    selection = options.selection
    with opened(archive.path, archive.stamp) as file:
        tar = TarStream(decompressed(file, packing, selection.max_expansion), size, selection.encoding_of_names)
        try:
            for member in tar:
                wanted = member_of(archive, member, options)
                if wanted is None:
                    continue
                piece, last_refusal = wanted.piece, None
                end = member.start + member.size
                if piece.refusal or (not member.size and wanted.is_text):
                    yield piece
                elif wanted.is_whole and in_place and member.size <= options.whole_bytes and end <= size:
                    yield structs.replace(piece, end=end)
                else:
                    stretches = (
                        cut_stream(tar, piece, options, in_place)
                        if wanted.is_text
                        else contents(tar, wanted, options, allowance)
                    )
                    for stretch in stretches:
                        last_refusal = stretch.refusal
                        yield stretch
        except CorruptSource as error:
            # Where the archive broke within a member, that member's last piece has reported it.
            if not last_refusal or last_refusal[0] != error.code:
                raise


class TarStream:
    """A tar read sequentially: iterate over its members, and ``read`` each before the next.

    With ``size``, that of a seekable file, content that is not read is skipped by seeking.
    """

    def __init__(self, file: Readable, size: int = -1, names_encoding: str = "") -> None:
        self._file, self._size, self._names_encoding = file, size, names_encoding
        self._offset = self._left = self._padding = 0

    def __iter__(self) -> Iterator[Member]:
        """Yield all members except folders.  Raises CorruptSource where the archive breaks off."""
        extended: dict[str, str] = {}
        while block := self._block():
            header = _header(block, self._offset)
            if header.type in (tarfile.GNUTYPE_LONGNAME, *_PAX):
                extended.update(self._extended_header(header))
                continue
            size = _size(extended, ("size",), header.size)
            real = _size(extended, _SPARSE_SIZES, size)
            sparse = real != size
            if header.type == tarfile.GNUTYPE_SPARSE:
                sparse, real = True, _sparse_size(block, self._offset)
                self._pass_sparse_maps(block)
            is_file, is_known = header.isreg(), header.type in tarfile.SUPPORTED_TYPES
            self._left = size if is_file or not is_known or header.type == tarfile.GNUTYPE_LONGLINK else 0
            self._padding = -self._left % _TAR_BLOCK
            if header.type == tarfile.GNUTYPE_LONGLINK:
                continue
            if not header.isdir() and header.type != tarfile.XGLTYPE:
                name = extended.get("GNU.sparse.name", extended.get("path", header.name))
                known = MemberName(name) if name.isascii() else self._name(name)
                place = self._offset
                yield Member(
                    known.text, float(header.mtime), real, place, _refusal(header), sparse, remark=known.remark
                )
            extended = {}

    def _name(self, name: str) -> MemberName:
        stored = name.encode("utf-8", "surrogateescape")
        return member_name(stored, self._names_encoding, default="utf-8")

    def read(self, size: int = -1, /) -> bytes:
        """Read from the current member."""
        wanted = self._left if size < 0 else min(size, self._left)
        content = self._file.read(wanted)
        self._left -= len(content)
        self._offset += len(content)
        if wanted and not content:
            reason = f"the archive ends in the middle of this member, at byte {self._offset}: is it all there?"
            raise CorruptSource("damaged", reason)
        return content

    def _skip(self) -> None:
        """Skip the rest of the current member and its padding."""
        if self._size >= 0:
            assert isinstance(self._file, BufferedReader)
            self._offset = min(self._offset + self._left + self._padding, self._size)
            self._file.seek(self._offset)
        else:
            while self._left:
                self.read(1 << 20)
            self._offset += len(self._file.read(self._padding))
        self._left = self._padding = 0

    def _block(self) -> bytes:
        """Return the next header; empty at the end, which is a block of zeros or the end of the file."""
        self._skip()
        block = self._file.read(_TAR_BLOCK)
        if not block and not self._offset:
            raise CorruptSource("damaged", "the archive is an empty file: is it all there?")
        self._offset += len(block)
        return block if block.strip(b"\0") else b""

    def _pass_sparse_maps(self, block: bytes) -> None:
        more = block[482]
        while more:
            following = self._file.read(_TAR_BLOCK)
            self._offset += len(following)
            more = following[504] if len(following) == _TAR_BLOCK else 0

    def _extended_header(self, header: tarfile.TarInfo) -> dict[str, str]:
        """Read an extended header, which describes the member behind it."""
        if header.size > _MAX_NAME_BYTES:
            raise CorruptSource("damaged", f"a name of {header.size} bytes at byte {self._offset} of the archive")
        self._left, self._padding = header.size, -header.size % _TAR_BLOCK
        content = self.read(header.size)
        if header.type == tarfile.GNUTYPE_LONGNAME:
            return {"path": content.rstrip(b"\0").decode("utf-8", "surrogateescape")}
        # Other keys are dropped: without a member behind them, headers could accumulate to the size of the archive.
        return {key: value for key, value in _pax(content) if key in _KEYS}


def _pax(content: bytes) -> Iterator[tuple[str, str]]:
    """Yield keys and values of lines ``LENGTH KEY=VALUE``; the length is that of the line."""
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
    """Clear the numeric fields of a header that are not needed and may be invalid.  Raises HeaderError."""
    if _nti(block[148:156]) not in tarfile.calc_chksums(block):  # type: ignore[attr-defined]
        raise tarfile.InvalidHeaderError("bad checksum")  # type: ignore[attr-defined]
    cleared = bytearray(block)
    for start, end in _NUMBERS:
        cleared[start:end] = bytes(end - start)
    cleared[148:156] = b"%06o\0 " % tarfile.calc_chksums(bytes(cleared))[0]  # type: ignore[attr-defined]
    return bytes(cleared)


def _nti(field: bytes) -> int:
    number: int = tarfile.nti(field)  # type: ignore[attr-defined]
    return number


def _unreadable(at: int, why: str) -> CorruptSource:
    return CorruptSource("damaged", f"the archive cannot be read from byte {at} on: {why}")


def _size(extended: dict[str, str], keys: tuple[str, ...], default: int) -> int:
    """Return the size that an extended header has under the first of some keys; else the default."""
    text = next((extended[key] for key in keys if key in extended), None)
    if text is None:
        return default
    # Checked before int(), which refuses very long numbers with a ValueError.
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
