"""Bytes packed as gzip, bzip2 or Zstandard, and back.

What is packed piece by piece and put together is one packed file: all three formats may have several members.
"""

from __future__ import annotations

import bz2
import sys
import zlib

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

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
    return bz2.compress(content) if packing == "bz2" else zstd.compress(content, 3)


def unpack(content: bytes, packing: str) -> bytes:
    """Give back what was packed, in one piece or in several."""
    if not packing:
        return content
    found = []
    while content:
        unpacker = unpacker_of(packing)
        found.append(unpacker.decompress(content))
        content = unpacker.unused_data
    return b"".join(found)


def unpacker_of(packing: str) -> zlib._Decompress | bz2.BZ2Decompressor | zstd.ZstdDecompressor:
    """Make what unpacks one member."""
    if packing == "gz":
        return zlib.decompressobj(_GZIP)
    return bz2.BZ2Decompressor() if packing == "bz2" else zstd.ZstdDecompressor()
