"""Streaming decompression with limits: no more is decompressed than is read.

Raises CorruptSource at the first byte that is wrong, missing, or beyond the maximum expansion (a decompression bomb);
everything read before it is valid.
"""

from __future__ import annotations

import struct
import zlib
from typing import Protocol

from convert.expressions import expression
from convert.io.compression import Unpacker, errors, unpacker_of

_BLOCK_BYTES = 1 << 17

# Input behind a member's end is passed to the next decompressor, so each gets few bytes at first: members may be tiny.
_FIRST_BYTES = 1 << 9
_PADDING = expression(rb"\0*+")

#: Up to this size any compression ratio is accepted.
HARMLESS_BYTES = 64 << 20

#: Exceptions of archive parsers on bytes that no check of ours foresees.
PARSER_ERRORS = (struct.error, zlib.error, EOFError, ValueError, OverflowError, IndexError)


class Readable(Protocol):
    """A sequential stream of bytes."""

    def read(self, size: int = -1, /) -> bytes:
        """Read ``size`` bytes; fewer only at the end."""


class CorruptSource(Exception):
    """A source cannot be read any further: ``code`` is that of a diagnostic, the reason says why and what to do."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


class Allowance:
    """The maximum total size of an archive's compressed members once unpacked: they are compressed twice."""

    def __init__(self, packed: int, max_expansion: int) -> None:
        self._packed, self._left = packed, max(HARMLESS_BYTES, packed * max_expansion)

    def take(self, size: int) -> None:
        """Count bytes.  Raises CorruptSource if they are too many."""
        self._left -= size
        if self._left < 0:
            reason = f"the packed members of an archive of {self._packed:,} bytes are too long, as in an archive bomb"
            raise CorruptSource("too-large", f"{reason}: raise --max-expansion if it is none")


def decompressed(file: Readable, packing: str, max_expansion: int, allowance: Allowance | None = None) -> Readable:
    """Return a stream of the uncompressed content of a file; the file itself if it is not compressed."""
    return Decompressed(file, packing, max_expansion, allowance) if packing else file


class Decompressed:
    """The uncompressed content of a compressed file, which may have several members."""

    def __init__(self, file: Readable, packing: str, max_expansion: int, allowance: Allowance | None = None) -> None:
        self._file, self._packing, self._max_expansion = file, packing, max_expansion
        self._allowance = allowance
        self._packed = self._unpacked = 0
        self._block, self._offset, self._input_bytes = b"", 0, 0
        self._unpacker: Unpacker | None = None
        self._is_after_member = False
        self._broken: CorruptSource | None = None

    def read(self, size: int = -1, /) -> bytes:
        """Read ``size`` bytes, or all.  Raises CorruptSource only once all valid bytes have been returned."""
        blocks: list[bytes] = []
        size_read = 0
        try:
            while size_read < size or size < 0:
                block = self._next_block(min(_BLOCK_BYTES, size - size_read) if size > 0 else _BLOCK_BYTES)
                if not block:
                    break
                blocks.append(block)
                size_read += len(block)
        except CorruptSource as error:
            self._broken = error
            if not size_read:
                raise
        return b"".join(blocks)

    def _next_block(self, size: int) -> bytes:
        """Return at least one byte; none at the end."""
        if self._broken:
            raise self._broken
        while self._unpacker or self._start_member():
            block = self._decompress(size)
            if block:
                return self._checked(block)
        return b""

    def _start_member(self) -> bool:
        """Start the next member, if there is one; padding before it is skipped."""
        self._pass_padding()
        while self._offset == len(self._block):
            if not self._read_block():
                return False
            self._pass_padding()
        self._unpacker, self._input_bytes = unpacker_of(self._packing), _FIRST_BYTES
        return True

    def _pass_padding(self) -> None:
        padding = _PADDING.match(self._block, self._offset)
        if self._is_after_member and padding:
            self._offset = padding.end()

    def _read_block(self) -> bool:
        self._block, self._offset = self._file.read(_BLOCK_BYTES), 0
        self._packed += len(self._block)
        return bool(self._block)

    def _decompress(self, size: int) -> bytes:
        unpacker = self._unpacker
        assert unpacker is not None
        given = getattr(unpacker, "unconsumed_tail", b"")
        is_over = False
        if not given and getattr(unpacker, "needs_input", True):
            is_over = self._offset == len(self._block) and not self._read_block()
            given = self._block[self._offset : self._offset + self._input_bytes]
            self._offset += len(given)
            self._input_bytes = min(2 * self._input_bytes, _BLOCK_BYTES)
        try:
            block = unpacker.decompress(given, size)
        except errors(self._packing) as error:
            if "not enough memory" in str(error):  # the wording of Zstandard
                raise MemoryError from None
            at = self._packed - len(self._block) + self._offset - len(given)
            raise CorruptSource("damaged", f"not {self._packing} from about byte {at} on: {error}") from None
        if unpacker.eof:
            self._offset -= len(unpacker.unused_data)
            self._unpacker, self._is_after_member = None, True
        elif is_over and not block:
            raise CorruptSource("damaged", f"the file ends in the middle, after {self._packed} bytes: is it all there?")
        return block

    def _checked(self, block: bytes) -> bytes:
        self._unpacked += len(block)
        if self._unpacked > max(HARMLESS_BYTES, self._packed * self._max_expansion):
            reason = f"{self._packed:,} bytes became more than {self._unpacked:,}, as in an archive bomb"
            raise CorruptSource("too-large", f"{reason}: raise --max-expansion if it is none")
        if self._allowance:
            self._allowance.take(len(block))
        return block
