"""Bytes packed as gzip, bzip2 or Zstandard, and back; xz and LZMA are only read.

What is packed piece by piece and put together is one packed file: the formats that are written may have several
members.
"""

from __future__ import annotations

import sys
import zlib
from typing import Any, Protocol

#: How a file is packed, by the last suffix of its name.
SUFFIXES = {".gz": "gz", ".bz2": "bz2", ".zst": "zst", ".xz": "xz", ".lzma": "xz"}

# What is written: xz takes ten times as long, and is no smaller for it than Zstandard at its own best.
_WRITTEN = frozenset({"gz", "bz2", "zst"})

# What a decompressor may take: the dictionary of `xz -9` has 64 MiB.
_XZ_MEMORY_BYTES = 256 << 20

# A gzip header without a name or a time, so that the same bytes are packed to the same.
_GZIP = 31


def packing_of(path: str) -> tuple[str, str]:
    """Return an output's compression by its suffix, '' for none, and the path without that suffix."""
    for suffix, packing in SUFFIXES.items():
        if packing in _WRITTEN and path.lower().endswith(suffix):
            return packing, path[: -len(suffix)]
    return "", path


def pack(content: bytes, packing: str, level: int = 3) -> bytes:
    """Compress bytes; empty input stays empty.  The ``level`` is that of Zstandard."""
    if not content or not packing:
        return content
    if packing == "gz":
        return zlib.compress(content, 6, wbits=_GZIP)
    if packing == "bz2":
        import bz2

        return bz2.compress(content)
    zstd = _zstd()
    try:
        packed: bytes = zstd.compress(content, level)
    except zstd.ZstdError as error:  # which has no other reason
        raise MemoryError from error
    return packed


class Unpacker(Protocol):
    """Decompresses one member, a limited number of bytes at a time."""

    @property
    def eof(self) -> bool:
        """Whether the end of the member was reached."""

    @property
    def unused_data(self) -> bytes:
        """The input behind the member."""

    def decompress(self, data: bytes, max_length: int = ..., /) -> bytes:
        """Decompress more input."""


def unpacker_of(packing: str) -> Unpacker:
    """Return a decompressor of one member."""
    if packing == "gz":
        return zlib.decompressobj(_GZIP)
    if packing == "bz2":
        import bz2

        return bz2.BZ2Decompressor()
    if packing == "xz":
        import lzma

        return lzma.LZMADecompressor(memlimit=_XZ_MEMORY_BYTES)
    unpacker: Unpacker = _zstd().ZstdDecompressor()
    return unpacker


def errors(packing: str) -> tuple[type[Exception], ...]:
    """Return the exceptions that a decompressor raises."""
    if packing == "xz":
        import lzma

        return (OSError, EOFError, ValueError, lzma.LZMAError)
    return (OSError, EOFError, ValueError, _zstd().ZstdError if packing == "zst" else zlib.error)


def _zstd() -> Any:
    """Import Zstandard, which is in the standard library from Python 3.14 on."""
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd
    return zstd


def unpack(content: bytes | memoryview, packing: str) -> bytes:
    """Decompress bytes of one or several members."""
    rest = bytes(content)
    if not packing:
        return rest
    contents = []
    while rest:
        unpacker = unpacker_of(packing)
        contents.append(unpacker.decompress(rest))
        rest = unpacker.unused_data
    return b"".join(contents)
