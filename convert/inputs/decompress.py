"""Packed files as streams, of which no more is unpacked than is asked for.

Raises CorruptSource at the first byte that is wrong, missing, or more than any honest text would become; what was read
before it is good.
"""

from __future__ import annotations

import re
import struct
import zlib
from typing import Protocol

from convert.io.compression import Unpacker, errors, unpacker_of

_BLOCK_BYTES = 1 << 17

# What an unpacker leaves is given to the next, so one that may have a few bytes is given little first.
_FIRST_BYTES = 1 << 9
_PADDING = re.compile(rb"\0*+")

#: Less than this may be packed as tightly as it likes.
HARMLESS_BYTES = 64 << 20

#: What parsers of archives raise for bytes that nobody has foreseen.
PARSER_ERRORS = (struct.error, zlib.error, EOFError, ValueError, OverflowError, IndexError)


class Readable(Protocol):
    """What bytes can be read from, in order."""

    def read(self, size: int = -1, /) -> bytes:
        """Read as many bytes; fewer at the end only."""


class CorruptSource(Exception):
    """A source cannot be read any further: ``code`` is a diagnostic's, the text says why and what helps."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


def decompressed(file: Readable, packing: str, max_expansion: int) -> Readable:
    """Return a stream of the uncompressed content of a file; the file itself if it is not compressed."""
    return Decompressed(file, packing, max_expansion) if packing else file


class Decompressed:
    """A packed file, read as what is in it; it may have several members."""

    def __init__(self, file: Readable, packing: str, max_expansion: int) -> None:
        self._file, self._packing, self._max_expansion = file, packing, max_expansion
        self._packed = self._unpacked = 0
        self._block, self._at, self._share = b"", 0, 0
        self._unpacker: Unpacker | None = None
        self._has_ended = False
        self._broken: CorruptSource | None = None

    def read(self, size: int = -1, /) -> bytes:
        """Read as many bytes, or all.  Raises CorruptSource only where nothing good is left to give."""
        found: list[bytes] = []
        have = 0
        try:
            while have < size or size < 0:
                block = self._some(min(_BLOCK_BYTES, size - have) if size > 0 else _BLOCK_BYTES)
                if not block:
                    break
                found.append(block)
                have += len(block)
        except CorruptSource as error:
            self._broken = error
            if not have:
                raise
        return b"".join(found)

    def _some(self, size: int) -> bytes:
        """Read at least a byte, or nothing at the end."""
        if self._broken:
            raise self._broken
        while self._unpacker or self._begin():
            block = self._step(size)
            if block:
                return self._checked(block)
        return b""

    def _begin(self) -> bool:
        """Begin a member, if there is one more; there may be padding before it."""
        self._pass_padding()
        while self._at == len(self._block):
            if not self._fill():
                return False
            self._pass_padding()
        self._unpacker, self._share = unpacker_of(self._packing), _FIRST_BYTES
        return True

    def _pass_padding(self) -> None:
        padding = _PADDING.match(self._block, self._at)
        if self._has_ended and padding:
            self._at = padding.end()

    def _fill(self) -> bool:
        self._block, self._at = self._file.read(_BLOCK_BYTES), 0
        self._packed += len(self._block)
        return bool(self._block)

    def _step(self, size: int) -> bytes:
        unpacker = self._unpacker
        assert unpacker is not None
        given = getattr(unpacker, "unconsumed_tail", b"")
        is_over = False
        if not given and getattr(unpacker, "needs_input", True):
            is_over = self._at == len(self._block) and not self._fill()
            given = self._block[self._at : self._at + self._share]
            self._at += len(given)
            self._share = min(2 * self._share, _BLOCK_BYTES)
        try:
            block = unpacker.decompress(given, size)
        except errors(self._packing) as error:
            if "not enough memory" in str(error):  # so Zstandard says it
                raise MemoryError from None
            at = self._packed - len(self._block) + self._at - len(given)
            raise CorruptSource("damaged", f"not {self._packing} from about byte {at} on: {error}") from None
        if unpacker.eof:
            self._at -= len(unpacker.unused_data)
            self._unpacker, self._has_ended = None, True
        elif is_over and not block:
            raise CorruptSource("damaged", f"the file ends in the middle, after {self._packed} bytes: is it all there?")
        return block

    def _checked(self, block: bytes) -> bytes:
        self._unpacked += len(block)
        if self._unpacked > max(HARMLESS_BYTES, self._packed * self._max_expansion):
            reason = f"{self._packed:,} bytes became more than {self._unpacked:,}, as in an archive bomb"
            raise CorruptSource("too-large", f"{reason}: raise --max-expansion if it is none")
        return block
