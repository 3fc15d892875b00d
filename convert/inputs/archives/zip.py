"""Zip archives, read by their central directory.

Written by hand: ``zipfile`` holds the whole directory in memory, which a small archive can make very large, and cannot
read a member given only its offset, as workers do.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import BinaryIO

from msgspec import structs

from convert.inputs.archives.contents import allowance_of, contents
from convert.inputs.archives.member import LINK, FoundMember, Member, member_of
from convert.inputs.archives.names import MemberName, member_name, unicode_path
from convert.inputs.decompress import HARMLESS_BYTES, Allowance, CorruptSource
from convert.inputs.files.stamps import opened
from convert.inputs.piece import Piece
from convert.inputs.selection import CutOptions
from convert.inputs.stream import cut as cut_stream
from convert.io import remote

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


def cut(archive: Piece, packing: str, options: CutOptions) -> Iterator[Piece]:
    """Yield the pieces of a zip: compressed stretches of the file for small members, else with content."""
    allowance = allowance_of(archive, options)
    with opened(archive.path, archive.stamp) as file:
        selection = options.selection
        size = remote.to_end(file)
        for member in zip_members(file, size, selection.max_expansion, selection.encoding_of_names):
            wanted = member_of(archive, member, options)
            if wanted is None:
                continue
            piece = wanted.piece
            if piece.refusal or (wanted.is_whole and member.size <= options.whole_bytes):
                packed = ("zip", member.size, member.method, member.crc)
                yield structs.replace(piece, end=member.start + member.packed_size, packed=packed)
            else:
                with opened(archive.path, archive.stamp) as member_file:
                    yield from _stretches(ZipStream(member_file, member), wanted, options, allowance)


def _stretches(file: ZipStream, found: FoundMember, options: CutOptions, allowance: Allowance) -> Iterator[Piece]:
    """Yield the pieces of a member with their content."""
    if found.is_text:
        return cut_stream(file, structs.replace(found.piece, end=found.piece.start), options)
    return contents(file, found, options, allowance)


def fetch(piece: Piece, method: int, crc: int) -> bytes:
    """Return the content of a member."""
    packed_size = piece.end - piece.start
    member = Member(piece.source, 0, piece.size, piece.start, packed_size=packed_size, method=method, crc=crc)
    with opened(piece.path, piece.stamp) as file:
        return ZipStream(file, member).read()


def zip_members(file: BinaryIO, size: int, max_expansion: int, names_encoding: str = "") -> Iterator[Member]:
    """Yield the members of a zip in the order of its directory.  Raises CorruptSource if that is damaged."""
    count, start = _zip_directory(file, size)
    packed = unpacked = 0
    file.seek(start)
    for number in range(count):
        fixed = file.read(_ENTRY.size)
        if len(fixed) < _ENTRY.size or not fixed.startswith(b"PK\1\2"):
            raise CorruptSource("damaged", f"the archive's directory ends after {number} of {count} members")
        member, rest = _zip_member(fixed, file, names_encoding)
        if member.start + member.packed_size > size:
            reason = f"it is said to stand behind the archive's end, at byte {member.start}: is it all there?"
            member = member._replace(size=0, start=0, packed_size=0, refusal=("damaged", reason))
        packed += member.packed_size
        if packed > size:
            raise CorruptSource("damaged", f"{size:,} bytes claim to hold {packed:,}: members stand in one another")
        unpacked += member.size
        if unpacked > max(HARMLESS_BYTES, size * max_expansion):
            reason = f"{size:,} bytes claim to hold more than {unpacked:,}, as in an archive bomb"
            raise CorruptSource("too-large", f"{reason}: raise --max-expansion if it is none")
        if not member.name.endswith("/"):
            yield member
        file.seek(rest)


def _zip_directory(file: BinaryIO, size: int) -> tuple[int, int]:
    """Return the number of members, and the offset of the directory."""
    tail_start = max(0, size - _END.size - 0xFFFF)
    file.seek(tail_start)
    tail = file.read()
    at = tail.rfind(b"PK\5\6")
    if at < 0 or len(tail) < at + _END.size:
        raise CorruptSource("damaged", "the archive's directory, which stands at its end, is missing: is it all there?")
    _, _, _, _, count, _, start, _ = _END.unpack_from(tail, at)
    if count == 0xFFFF or start == _NONE:
        locator = at - _END64_PLACE.size
        if locator >= 0 and tail.startswith(b"PK\6\7", locator):
            count, start = _zip64_directory(file, _END64_PLACE.unpack_from(tail, locator)[2], size)
    if start > size:
        raise CorruptSource("damaged", f"the archive's directory is said to stand at byte {start}, behind its end")
    return count, start


def _zip64_directory(file: BinaryIO, at: int, size: int) -> tuple[int, int]:
    file.seek(min(at, size))
    record = file.read(_END64.size)
    if len(record) < _END64.size or not record.startswith(b"PK\6\6"):
        raise CorruptSource("damaged", f"the archive's long directory is not at byte {at}, where it is said to stand")
    _, _, _, _, _, _, _, count, _, start = _END64.unpack(record)
    return count, start


def _zip_member(fixed: bytes, file: BinaryIO, names_encoding: str) -> tuple[Member, int]:
    (_, _, _, flags, method, time, date, crc, packed, size, name_size, extra_size, comment_size, _, _, attributes,
     start) = _ENTRY.unpack(fixed)  # fmt: skip
    stored = file.read(name_size)
    extra = file.read(extra_size)
    name = _name(stored, extra, bool(flags & _UTF8), names_encoding)
    rest = file.tell() + comment_size
    size, packed, start = _zip64(extra, size, packed, start)
    refusal = None
    if flags & _ENCRYPTED:
        refusal = "archive-member", "it is encrypted: pack it without a password"
    elif method not in (_ZIP_STORED, _ZIP_DEFLATED):
        refusal = "archive-member", f"it is packed by method {method}: pack it by deflate"
    elif (attributes >> 28) == _UNIX_LINK:
        refusal = LINK
    seconds = _dos_time(date, time)
    return Member(name.text, seconds, size, start, refusal, False, packed, method, crc, name.remark), rest


def _name(stored: bytes, extra: bytes, is_utf8: bool, names_encoding: str) -> MemberName:
    if is_utf8:
        return MemberName(stored.decode("utf-8", "replace"))
    unicode = unicode_path(extra, stored)
    return MemberName(unicode) if unicode else member_name(stored, names_encoding)


def _zip64(extra: bytes, *values: int) -> tuple[int, int, int]:
    """Replace numbers that do not fit into 32 bits by those in the Zip64 extra field."""
    at = 0
    numbers_64 = list(values)
    while at + 4 <= len(extra):
        tag, length = struct.unpack_from("<2H", extra, at)
        if tag == 1:
            there = min(length, len(extra) - at - 4)
            numbers = iter(struct.unpack_from(f"<{there // 8}Q", extra, at + 4))
            numbers_64 = [next(numbers, value) if value == _NONE else value for value in values]
        at += 4 + length
    size, packed, start = numbers_64
    return size, packed, start


def _dos_time(date: int, time: int) -> float:
    """Return the modification time of a member, in seconds, taken for UTC since the zone is not stored; 0 if invalid.

    Tools that do not know the time write zeros, and there is no month 0.
    """
    try:
        local_time = datetime(
            1980 + (date >> 9), date >> 5 & 15, date & 31, time >> 11, time >> 5 & 63, (time & 31) * 2
        )
    except ValueError:
        return 0.0
    return local_time.replace(tzinfo=UTC).timestamp()


class ZipStream:
    """The content of one member, decompressed as far as it is read."""

    def __init__(self, file: BinaryIO, member: Member) -> None:
        file.seek(member.start)
        header = file.read(_LOCAL_HEADER.size)
        if len(header) < _LOCAL_HEADER.size or not header.startswith(b"PK\3\4"):
            raise CorruptSource("damaged", f"there is no member at byte {member.start} of the archive")
        *_, name_size, extra_size = _LOCAL_HEADER.unpack(header)
        file.seek(name_size + extra_size, 1)
        self._file, self._member = file, member
        self._left = member.packed_size
        self._unpacker = zlib.decompressobj(-15) if member.method == _ZIP_DEFLATED else None
        self._crc = self._size = 0

    def read(self, size: int = -1, /) -> bytes:
        """Read ``size`` bytes, or all.  Raises CorruptSource at the end if size or checksum differ."""
        blocks: list[bytes] = []
        wanted = self._member.size + 1 if size < 0 else size
        while wanted and (block := self._next_block(wanted)):
            blocks.append(block)
            wanted -= len(block)
        content = b"".join(blocks)
        self._crc = zlib.crc32(content, self._crc)
        self._size += len(content)
        if wanted and (self._size != self._member.size or self._crc != self._member.crc):
            raise CorruptSource("damaged", "it is not what was packed: its size or checksum differs")
        return content

    def _next_block(self, size: int) -> bytes:
        if self._unpacker is None:
            return self._packed(min(size, 1 << 20))
        while not self._unpacker.eof:
            given = self._unpacker.unconsumed_tail or self._packed(1 << 16)
            try:
                block = self._unpacker.decompress(given, size)
            except zlib.error as error:
                raise CorruptSource("damaged", f"it cannot be unpacked: {error}") from None
            if block or not given:
                return block
        return b""

    def _packed(self, size: int) -> bytes:
        block = self._file.read(min(size, self._left))
        self._left -= len(block)
        return block
