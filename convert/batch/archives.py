"""Archives, read member by member and never extracted: whatever a member is called, its name is only a name.

Of a tar that is not packed, and of a zip, a piece tells where its member stands, and whoever works it reads it there.
What is packed as a whole can only be read from the front, so its pieces carry what they hold.

Headers of tars are parsed by ``tarfile``, but not followed by it: in stream mode it takes a damaged header for the end
of the archive, cannot pass over what it could seek behind, and keeps every member.  ``zipfile`` holds the whole
directory.
"""

from __future__ import annotations

import struct
import tarfile
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BufferedReader
from typing import BinaryIO, NamedTuple

from convert.batch.unpacking import HARMLESS_BYTES, Broken, Readable
from convert.diagnostics import shown

_TAR_BLOCK = 512
_MAX_NAME_BYTES = 1 << 20

# No file has more bytes, and nothing can be sought behind them.
_MAX_SIZE = (1 << 63) - 1
_MAX_DIGITS = 19

_LOCAL_HEADER = struct.Struct("<4s5H3I2H")
_ENTRY = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_END64 = struct.Struct("<4sQ2H2I4Q")
_END64_PLACE = struct.Struct("<4sIQI")
_ZIP_STORED, _ZIP_DEFLATED = 0, 8
_ENCRYPTED = 1
_UTF8 = 1 << 11
_NONE = 0xFFFFFFFF
_UNIX_LINK = 0o12

# Where a header has its mode, owner, group, time, and device.
_NUMBERS = ((100, 124), (136, 148), (329, 345))

_LINK = ("archive-member", "a link: links in archives are not followed; pack the file itself")
_PAX = (tarfile.XHDTYPE, tarfile.SOLARIS_XHDTYPE)
_SPARSE_SIZES = ("GNU.sparse.realsize", "GNU.sparse.size")
_KEYS = frozenset({"path", "size", "GNU.sparse.name", *_SPARSE_SIZES})


class Member(NamedTuple):
    """A file in an archive: its name, time and size, and where its bytes begin.

    ``refusal`` is a code and the reason why it cannot be read; a ``sparse`` one has null bytes wherever nothing is
    stored.  ``seconds`` is 0 where it has no time that can be.
    ``packed_size``, ``method`` and ``crc`` are a zip's.
    """

    name: str
    seconds: float
    size: int
    start: int
    refusal: tuple[str, str] | None = None
    sparse: bool = False
    packed_size: int = 0
    method: int = 0
    crc: int = 0


class TarStream:
    """A tar read from the front: iterate over its members, and ``read`` what each holds before the next.

    With the ``size`` of a file that can be sought in, what is not read is passed over.
    """

    def __init__(self, file: Readable, size: int = -1) -> None:
        self._file, self._size = file, size
        self._at = self._left = self._padding = 0

    def __iter__(self) -> Iterator[Member]:
        """Yield the members that are no folders.  Raises Broken where the archive does not go on."""
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
            raise Broken("damaged", reason)
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
            raise Broken("damaged", "the archive is an empty file: is it all there?")
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
            raise Broken("damaged", f"a name of {header.size} bytes at byte {self._at} of the archive")
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


def _unreadable(at: int, why: str) -> Broken:
    return Broken("damaged", f"the archive cannot be read from byte {at} on: {why}")


def _size(told: dict[str, str], keys: tuple[str, ...], default: int) -> int:
    """Find the size that an extended header tells under one of some keys."""
    text = next((told[key] for key in keys if key in told), None)
    if text is None:
        return default
    # As digits, or -1: there may be more than Python makes a number of.
    size = int(text) if text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS else -1
    if not 0 <= size <= _MAX_SIZE:
        raise Broken("damaged", f"a member of {shown(text, 30)} bytes: the archive cannot be read any further")
    return size


def _sparse_size(block: bytes, end: int) -> int:
    try:
        return max(0, _nti(block[483:495]))
    except tarfile.HeaderError as error:
        raise _unreadable(end - len(block), str(error)) from None


def _refusal(header: tarfile.TarInfo) -> tuple[str, str] | None:
    if header.issym() or header.islnk():
        return _LINK
    return None if header.isreg() else ("archive-member", "neither a file nor a folder")


def zip_members(file: BinaryIO, size: int, max_expansion: int) -> Iterator[Member]:
    """Yield the members of a zip in the order of its directory, which is not held in memory.

    Raises Broken where the directory is not what it should be.
    """
    count, start = _zip_directory(file, size)
    packed = unpacked = 0
    file.seek(start)
    for number in range(count):
        fixed = file.read(_ENTRY.size)
        if len(fixed) < _ENTRY.size or not fixed.startswith(b"PK\1\2"):
            raise Broken("damaged", f"the archive's directory ends after {number} of {count} members")
        member, rest = _zip_member(fixed, file)
        if member.start + member.packed_size > size:
            reason = f"it is said to stand behind the archive's end, at byte {member.start}: is it all there?"
            member = member._replace(size=0, start=0, packed_size=0, refusal=("damaged", reason))
        packed += member.packed_size
        if packed > size:
            raise Broken("damaged", f"{size:,} bytes claim to hold {packed:,}: members stand in one another")
        unpacked += member.size
        if unpacked > max(HARMLESS_BYTES, size * max_expansion):
            reason = f"{size:,} bytes claim to hold more than {unpacked:,}, as in an archive bomb"
            raise Broken("too-large", f"{reason}: raise --max-expansion if it is none")
        if not member.name.endswith("/"):
            yield member
        file.seek(rest)


def _zip_directory(file: BinaryIO, size: int) -> tuple[int, int]:
    """Find how many members there are, and where the directory begins."""
    tail_start = max(0, size - _END.size - 0xFFFF)
    file.seek(tail_start)
    tail = file.read()
    at = tail.rfind(b"PK\5\6")
    if at < 0 or len(tail) < at + _END.size:
        raise Broken("damaged", "the archive's directory, which stands at its end, is missing: is it all there?")
    _, _, _, _, count, _, start, _ = _END.unpack_from(tail, at)
    if count == 0xFFFF or start == _NONE:
        place = at - _END64_PLACE.size
        if place >= 0 and tail.startswith(b"PK\6\7", place):
            count, start = _zip64_directory(file, _END64_PLACE.unpack_from(tail, place)[2], size)
    if start > size:
        raise Broken("damaged", f"the archive's directory is said to stand at byte {start}, behind its end")
    return count, start


def _zip64_directory(file: BinaryIO, at: int, size: int) -> tuple[int, int]:
    file.seek(min(at, size))
    found = file.read(_END64.size)
    if len(found) < _END64.size or not found.startswith(b"PK\6\6"):
        raise Broken("damaged", f"the archive's long directory is not at byte {at}, where it is said to stand")
    _, _, _, _, _, _, _, count, _, start = _END64.unpack(found)
    return count, start


def _zip_member(fixed: bytes, file: BinaryIO) -> tuple[Member, int]:
    (_, _, _, flags, method, time, date, crc, packed, size, name_size, extra_size, comment_size, _, _, attributes,
     start) = _ENTRY.unpack(fixed)  # fmt: skip
    name = file.read(name_size).decode("utf-8" if flags & _UTF8 else "cp437", "replace")
    extra = file.read(extra_size)
    rest = file.tell() + comment_size
    size, packed, start = _zip64(extra, size, packed, start)
    refusal = None
    if flags & _ENCRYPTED:
        refusal = "archive-member", "it is encrypted: pack it without a password"
    elif method not in (_ZIP_STORED, _ZIP_DEFLATED):
        refusal = "archive-member", f"it is packed by method {method}: pack it by deflate"
    elif (attributes >> 28) == _UNIX_LINK:
        refusal = _LINK
    return Member(name, _dos_time(date, time), size, start, refusal, False, packed, method, crc), rest


def _zip64(extra: bytes, *values: int) -> tuple[int, int, int]:
    """Put the long numbers of the extra field where the short ones have no room."""
    at = 0
    found = list(values)
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, at)
        if kind == 1:
            there = min(length, len(extra) - at - 4)
            numbers = iter(struct.unpack_from(f"<{there // 8}Q", extra, at + 4))
            found = [next(numbers, each) if each == _NONE else each for each in values]
        at += 4 + length
    size, packed, start = found
    return size, packed, start


def _dos_time(date: int, time: int) -> float:
    """Read the time that a zip has of a member; of what zone it was, nobody knows.

    Tools that know no time write zeros, and there is no month 0.
    """
    try:
        found = datetime(1980 + (date >> 9), date >> 5 & 15, date & 31, time >> 11, time >> 5 & 63, (time & 31) * 2)
    except ValueError:
        return 0.0
    return found.replace(tzinfo=UTC).timestamp()


class ZipStream:
    """What one member of a zip holds, unpacked as far as it is asked for."""

    def __init__(self, file: BinaryIO, member: Member) -> None:
        file.seek(member.start)
        header = file.read(_LOCAL_HEADER.size)
        if len(header) < _LOCAL_HEADER.size or not header.startswith(b"PK\3\4"):
            raise Broken("damaged", f"there is no member at byte {member.start} of the archive")
        *_, name_size, extra_size = _LOCAL_HEADER.unpack(header)
        file.seek(name_size + extra_size, 1)
        self._file, self._member = file, member
        self._left = member.packed_size
        self._unpacker = zlib.decompressobj(-15) if member.method == _ZIP_DEFLATED else None
        self._crc = self._size = 0

    def read(self, size: int = -1, /) -> bytes:
        """Read as many bytes, or all.  Raises Broken at the end if they are not what was packed."""
        found: list[bytes] = []
        wanted = self._member.size + 1 if size < 0 else size
        while wanted and (block := self._some(wanted)):
            found.append(block)
            wanted -= len(block)
        content = b"".join(found)
        self._crc = zlib.crc32(content, self._crc)
        self._size += len(content)
        if wanted and (self._size != self._member.size or self._crc != self._member.crc):
            raise Broken("damaged", "it is not what was packed: its size or checksum differs")
        return content

    def _some(self, size: int) -> bytes:
        if self._unpacker is None:
            return self._packed(min(size, 1 << 20))
        while not self._unpacker.eof:
            given = self._unpacker.unconsumed_tail or self._packed(1 << 16)
            try:
                block = self._unpacker.decompress(given, size)
            except zlib.error as error:
                raise Broken("damaged", f"it cannot be unpacked: {error}") from None
            if block or not given:
                return block
        return b""

    def _packed(self, size: int) -> bytes:
        block = self._file.read(min(size, self._left))
        self._left -= len(block)
        return block
