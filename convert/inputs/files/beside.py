"""Files beside a document, to which it links: what they are called as articles."""

from __future__ import annotations

import os
from functools import lru_cache
from typing import TYPE_CHECKING

from convert.inputs.files.file_types import file_type_of
from convert.inputs.piece import Piece
from convert.io import remote

if TYPE_CHECKING:
    from convert.readers.markdown.outlines import Outline

#: Of a file so many bytes are read.
_HEAD_BYTES = 1 << 20
_REMEMBERED = 10_000


def outline_beside(piece: Piece, written: str) -> Outline | None:
    """Return the title and headings of the Markdown file that a document links to by a relative path.

    ``None`` if there is none, or not in the folder that is read; of a document that was named itself, not in its own.
    """
    if piece.packed or piece.content is not None or not piece.path or remote.is_remote(piece.path) or "\0" in written:
        return None
    folder = os.path.dirname(piece.path)
    top = os.path.realpath(piece.source[: piece.above] or folder or ".")
    path = os.path.realpath(os.path.join(folder, written))
    try:
        if os.path.commonpath((top, path)) != top or not os.path.isfile(path):
            return None
        return _outline(path, os.stat(path).st_mtime_ns)
    except (OSError, ValueError):
        return None


@lru_cache(_REMEMBERED)
def _outline(path: str, changed: int) -> Outline:
    from convert.readers.markdown.reader import outline  # most documents are no Markdown

    with open(path, "rb") as file:
        text = file.read(_HEAD_BYTES).decode("utf-8", "ignore")
    return outline(text, file_type_of(path)[1])
