"""What a piece holds, read by whoever works it."""

from __future__ import annotations

import os
from collections.abc import Callable
from errno import ENOMEM

from convert.batch import remote
from convert.batch.shards import Piece
from convert.batch.unpacking import Broken
from convert.diagnostics import Diagnostic


def fetch(piece: Piece) -> bytes | Diagnostic:
    """Read what a piece holds."""
    if piece.content is not None or piece.refusal:
        return piece.content or b""
    try:
        if piece.packed:
            return _UNPACKED[piece.packed[0]](piece, *piece.packed[1:])
        if remote.is_remote(piece.path):
            return remote.read(piece.path, piece.start, piece.end)
        return _stretch(piece)
    except Broken as error:
        return Diagnostic(error.code, 0, 0, error.reason)
    except OSError as error:
        return Diagnostic("unreadable", 0, 0, reason(error))


def reason(error: OSError) -> str:
    """Say in a few words why the system refused something.

    Raises MemoryError where it had no memory: that is no fault of the input, and must not be noted as one.
    """
    if error.errno == ENOMEM:
        raise MemoryError from error
    return error.strerror or str(error)


def stamp_of(found: os.stat_result) -> str:
    """Tell one state of a file from another; a time set back does not hide a change."""
    return f"{found.st_size} {found.st_mtime_ns} {found.st_ctime_ns}"


def _stretch(piece: Piece) -> bytes | Diagnostic:
    # Opening must not wait, should a pipe have taken the file's place.
    descriptor = os.open(piece.path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        if piece.stamp and stamp_of(os.fstat(descriptor)) != piece.stamp:
            return Diagnostic("unreadable", 0, 0, "it was changed while it was read: run this again")
        size = piece.end - piece.start
        content = os.pread(descriptor, size, piece.start)
        while len(content) < size and (more := os.pread(descriptor, size, piece.start + len(content))):
            content += more[: size - len(content)]
        return content
    finally:
        os.close(descriptor)


def _zipped(piece: Piece, size: int, method: int, crc: int) -> bytes:
    """Read a member of a zip, whose local header may be longer than what the directory tells."""
    from convert.batch.archives import Member, ZipStream

    with remote.opened(piece.path) as file:
        member = Member(piece.source, 0, size, piece.start, packed_size=piece.end - piece.start, method=method, crc=crc)
        return ZipStream(file, member).read()


def _rows(piece: Piece, group: int, *columns: str) -> bytes:
    from convert.batch.tables import row_group  # pyarrow is large

    return row_group(piece.path, piece.stamp, group, columns)


_UNPACKED: dict[str | int, Callable[..., bytes]] = {"zip": _zipped, "parquet": _rows}
