"""Containers that are no files of their own, read from a temporary copy: tables in archives, standard input, pipes.

A container is read here and there, which a stream does not allow.  Each piece carries its content, as the copy is gone
when the piece is converted.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from tempfile import NamedTemporaryFile

from msgspec import structs

from convert.diagnostics import Diagnostic
from convert.inputs.containers import cutter_of
from convert.inputs.decompress import Readable
from convert.inputs.fetch import fetch
from convert.inputs.files.stamps import stamp_of
from convert.inputs.piece import Piece
from convert.inputs.selection import CutOptions

_COPIED_BYTES = 1 << 20


def cut_copy(file: Readable, container: str, whole: Piece, options: CutOptions) -> Iterator[Piece]:
    """Yield the pieces of a container, given its unpacked bytes and a piece that stands for it.

    Raises as ``containers.Cut`` does, and OSError where there is no room for the copy.
    """
    with NamedTemporaryFile() as copy:
        shutil.copyfileobj(file, copy, _COPIED_BYTES)
        copy.flush()
        stamp, size = stamp_of(os.fstat(copy.fileno())), copy.tell()
        copied = structs.replace(whole, path=copy.name, stamp=stamp, start=0, end=size)
        for part in cutter_of(container)(copied, "", options):
            yield structs.replace(_carried(part), path=whole.path, stamp=whole.stamp)


def _carried(part: Piece) -> Piece:
    """Return a piece with its content."""
    if part.refusal or part.content is not None:
        return part
    content = fetch(part)
    if isinstance(content, Diagnostic):
        return structs.replace(part, packed=(), end=part.start, refusal=(content.code, content.message))
    return structs.replace(part, packed=(), start=0, end=len(content), content=content)
