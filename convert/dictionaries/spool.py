"""Texts put on disk in a temporary file, packed, to be read once more in their order."""

from __future__ import annotations

import struct
import tempfile
from collections.abc import Iterator
from types import TracebackType
from typing import Self

from convert.io.atomic import writing
from convert.io.compression import pack, unpack

_BLOCK_BYTES = 1 << 20
_SIZE = struct.Struct("<Q")
#: A character that no running text has.
_BETWEEN = "\0"


class Spool:
    """Texts in an unlinked file, which disappears with the process, however it ends."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115, closed by __exit__
        self._texts: list[str] = []
        self._size = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, error_type: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        self._file.close()

    def add(self, text: str) -> None:
        """Add a text."""
        self._texts.append(text)
        self._size += len(text)
        if self._size >= _BLOCK_BYTES:
            self._flush()

    def texts(self) -> Iterator[str]:
        """Yield the texts."""
        self._flush()
        self._file.seek(0)
        while head := self._file.read(_SIZE.size):
            block = unpack(self._file.read(*_SIZE.unpack(head)), "zst")
            yield from block.decode("utf-8", "surrogatepass").split(_BETWEEN)

    def _flush(self) -> None:
        if self._texts:
            block = pack(_BETWEEN.join(self._texts).encode("utf-8", "surrogatepass"), "zst", 1)
            with writing("the temporary file of running texts"):
                self._file.write(_SIZE.pack(len(block)) + block)
            self._texts, self._size = [], 0
