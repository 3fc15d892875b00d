"""Texts put on disk in a temporary file, packed, to be read once more in their order."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from itertools import accumulate, islice
from types import TracebackType
from typing import Self

from convert.io.atomic import writing
from convert.io.compression import pack, unpack
from convert.links.learn.hashes import PART

_BLOCK_BYTES = 1 << 20


class Spool:
    """Texts in an unlinked file, which disappears with the process, however it ends."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115, closed by __exit__
        self._texts: list[str] = []
        self._size = 0
        self._blocks: list[int] = []

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
            self.finish()

    def finish(self) -> None:
        """Write all that was added: now it can be read, by forks of this process, too."""
        if self._texts:
            block = pack(PART.join(self._texts).encode("utf-8", "surrogatepass"), "zst", 1)
            with writing("the temporary file of running texts"):
                self._file.write(block)
            self._blocks.append(len(block))
            self._texts, self._size = [], 0
        with writing("the temporary file of running texts"):
            self._file.flush()

    def blocks(self, share: int = 0, shares: int = 1) -> Iterator[str]:
        """Yield the texts of a finished spool, or of one of several shares of it: many at once, parted by ``PART``."""
        starts = accumulate(self._blocks, initial=0)
        for start, size in islice(zip(starts, self._blocks, strict=False), share, None, shares):
            yield unpack(os.pread(self._file.fileno(), size, start), "zst").decode("utf-8", "surrogatepass")
