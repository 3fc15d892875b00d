"""Bytes packed as gzip, bzip2 or Zstandard, and back.

What is packed piece by piece and put together is one packed file: all three formats may have several members.
"""

from __future__ import annotations

import sys
import zlib
from typing import Any, Protocol

#: How a file is packed, by the last suffix of its name.
SUFFIXES = {".gz": "gz", ".bz2": "bz2", ".zst": "zst"}

# A gzip header without a name or a time, so that the same bytes are packed to the same.
_GZIP = 31


def packing_of(path: str) -> tuple[str, str]:
    """Tell by a file's name how it is packed, and give the name without that suffix."""
    for suffix, packing in SUFFIXES.items():
        if path.lower().endswith(suffix):
            return packing, path[: -len(suffix)]
    return "", path


def pack(content: bytes, packing: str) -> bytes:
    """Pack bytes; nothing becomes nothing."""
    if not content or not packing:
        return content
    if packing == "gz":
        return zlib.compress(content, 6, wbits=_GZIP)
    if packing == "bz2":
        import bz2

        return bz2.compress(content)
    zstd = _zstd()
    try:
        packed: bytes = zstd.compress(content, 3)
    except zstd.ZstdError as error:  # which has no other reason
        raise MemoryError from error
    return packed


class Unpacker(Protocol):
    """Unpacks one member, at most so many bytes at a time."""

    @property
    def eof(self) -> bool:
        """Whether the member is over."""

    @property
    def unused_data(self) -> bytes:
        """What stands behind it."""

    def decompress(self, data: bytes, max_length: int = ..., /) -> bytes:
        """Unpack some more."""


def unpacker_of(packing: str) -> Unpacker:
    """Make what unpacks one member."""
    if packing == "gz":
        return zlib.decompressobj(_GZIP)
    if packing == "bz2":
        import bz2

        return bz2.BZ2Decompressor()
    unpacker: Unpacker = _zstd().ZstdDecompressor()
    return unpacker


def errors(packing: str) -> tuple[type[Exception], ...]:
    """Name what an unpacker raises."""
    return (OSError, EOFError, ValueError, _zstd().ZstdError if packing == "zst" else zlib.error)


def _zstd() -> Any:
    """Load Zstandard, which the standard library has from Python 3.14 on."""
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd
    return zstd


def unpack(content: bytes | memoryview, packing: str) -> bytes:
    """Give back what was packed, in one piece or in several."""
    rest = bytes(content)
    if not packing:
        return rest
    found = []
    while rest:
        unpacker = unpacker_of(packing)
        found.append(unpacker.decompress(rest))
        rest = unpacker.unused_data
    return b"".join(found)
