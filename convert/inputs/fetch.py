"""Fetching the content of a piece, in the process that converts it."""

from __future__ import annotations

import os
from errno import ENOMEM

from convert.diagnostics import Diagnostic
from convert.inputs.containers import fetcher_of
from convert.inputs.decompress import PARSER_ERRORS, CorruptSource
from convert.inputs.files.stamps import open_stamped
from convert.inputs.piece import Piece
from convert.io import remote
from convert.printable import redacted


def fetch(piece: Piece) -> bytes | Diagnostic:
    """Return the content of a piece, or a diagnostic that says why it cannot be read."""
    if piece.content is not None or piece.refusal:
        return piece.content or b""
    try:
        if piece.packed:
            container, _, *arguments = piece.packed
            return fetcher_of(str(container))(piece, *arguments)
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
    """Return in a few words why the system refused something.

    Raises MemoryError where it had no memory: that is not the input's fault, so the input must not be rejected.
    """
    if error.errno == ENOMEM:
        raise MemoryError from error
    return redacted(error.strerror or str(error))


def unforeseen(error: Exception) -> str:
    """Return the reason for an exception of a parser that no check of ours foresees."""
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
