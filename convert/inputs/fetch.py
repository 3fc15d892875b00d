"""What a piece holds, read by whoever works it."""

from __future__ import annotations

import os
from collections.abc import Callable
from errno import ENOMEM

from convert.diagnostics import Diagnostic
from convert.inputs.decompress import PARSER_ERRORS, CorruptSource
from convert.inputs.piece import Piece
from convert.inputs.stamps import open_stamped, opened
from convert.io import remote
from convert.printable import redacted


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
    except CorruptSource as error:
        return Diagnostic(error.code, 0, 0, error.reason)
    except OSError as error:
        return Diagnostic("unreadable", 0, 0, reason(error))
    except PARSER_ERRORS as error:
        return Diagnostic("damaged", 0, 0, unforeseen(error))


def reason(error: OSError) -> str:
    """Say in a few words why the system refused something.

    Raises MemoryError where it had no memory: that is no fault of the input, and must not be noted as one.
    """
    if error.errno == ENOMEM:
        raise MemoryError from error
    return redacted(error.strerror or str(error))


def unforeseen(error: Exception) -> str:
    """Say what a parser raised that no rule of ours foresees."""
    return f"it cannot be read any further: {type(error).__name__}: {error}"


def _stretch(piece: Piece) -> bytes:
    descriptor = open_stamped(piece.path, piece.stamp)
    try:
        size = piece.end - piece.start
        content = os.pread(descriptor, size, piece.start)
        while len(content) < size and (more := os.pread(descriptor, size, piece.start + len(content))):
            content += more[: size - len(content)]
        return content
    finally:
        os.close(descriptor)


def _zipped(piece: Piece, size: int, method: int, crc: int) -> bytes:
    """Read a member of a zip, whose local header may be longer than what the directory tells."""
    from convert.inputs.archives.member import Member
    from convert.inputs.archives.zip import ZipStream

    with opened(piece.path, piece.stamp) as file:
        member = Member(piece.source, 0, size, piece.start, packed_size=piece.end - piece.start, method=method, crc=crc)
        return ZipStream(file, member).read()


def _rows(piece: Piece, group: int, rows: int, room: int, *columns: str) -> bytes:
    from convert.inputs.parquet.reader import row_group  # pyarrow is large

    return row_group(piece.path, piece.stamp, group, columns, rows, room)


_UNPACKED: dict[str | int, Callable[..., bytes]] = {"zip": _zipped, "parquet": _rows}
