"""The pages of a dump's file, plain or packed, with how much of the file was read."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import BinaryIO, cast

from convert.diagnostics import Report
from convert.errors import EnvironmentFailed
from convert.inputs.decompress import CorruptSource, decompressed
from convert.inputs.selection import MAX_EXPANSION
from convert.io.compression import SUFFIXES
from convert.wikitext.dumps import DumpPage, DumpSite, dump_pages


def pages_of(
    path: str, report: Report, site: Callable[[DumpSite], None], read: Callable[[int], None]
) -> Iterator[DumpPage]:
    """Yield the pages of a dump; ``read`` is told the bytes of the file as they are read.

    What is damaged is reported.  Raises EnvironmentFailed where the file cannot be read.
    """
    try:
        with open(path, "rb") as file:
            packing = SUFFIXES.get(os.path.splitext(path)[1].lower(), "")
            stream = _Stream(decompressed(_Counted(file, read), packing, MAX_EXPANSION))
            yield from dump_pages(cast(BinaryIO, stream), report, site=site)
    except OSError as error:
        raise EnvironmentFailed(f"cannot read {error.filename or path}: {error.strerror or error}") from error


class _Counted:
    """A file that tells how much was read of it."""

    def __init__(self, file: BinaryIO, read: Callable[[int], None]) -> None:
        self._file, self._read = file, read

    def read(self, size: int = -1, /) -> bytes:
        """Read bytes."""
        content = self._file.read(size)
        self._read(len(content))
        return content


class _Stream:
    """A stream that ends where what is packed is damaged."""

    def __init__(self, stream: object) -> None:
        self._stream = stream

    def read(self, size: int = -1, /) -> bytes:
        """Read bytes.  Raises EOFError, which the reader of dumps reports."""
        try:
            return bytes(self._stream.read(size))  # type: ignore[attr-defined]
        except CorruptSource as error:
            raise EOFError(error.reason) from None
