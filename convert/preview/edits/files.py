"""Sources mended in place: the text of one article within its file, read, tried and written back.

Only regular files of the inputs are written, under their own name: no link is followed, neither of a file nor of a
folder below an input.  A file is replaced atomically, and only while it is what it was when it was shown: its digest is
compared right before.

    stretch = Sources(inputs).open(piece, document)
    stretch.text             the source of the article, with line feeds
    stretch.content(text)    the piece with another text in that place
"""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from hashlib import blake2b
from typing import NamedTuple

from convert.errors import UsageError
from convert.expressions import expression
from convert.inputs.files.stamps import stamp_of
from convert.inputs.piece import Piece
from convert.io import remote
from convert.io.atomic import AtomicFile, writing
from convert.preview.documents import Document

#: Files that are larger are edited elsewhere.
MAX_BYTES = 16 << 20

_MARK = "\ufeff"
_LINE_END = expression("\r\n|\r|\n")
_CHANGED = "changed on disk since it was shown: nothing was written; load it again"


class Stretch(NamedTuple):
    """The source of an article within its file: ``text`` with line feeds, between what stands ``above`` and ``below``.

    ``whole`` is the content of the file, of which the piece is a part; ``end`` is how its lines end.
    """

    path: str
    whole: bytes
    piece: Piece
    above: str
    text: str
    below: str
    end: str

    @property
    def digest(self) -> str:
        """The same as long as the file is."""
        return digest_of(self.whole)

    def content(self, text: str) -> bytes:
        """Return the piece with another text in this place."""
        lines = _LINE_END.sub(self.end, text.rstrip("\r\n"))
        return (self.above + lines + self.below).encode()

    def file(self, text: str) -> bytes:
        """Return the file with another text in this place."""
        return self.whole[: self.piece.start] + self.content(text) + self.whole[self.piece.end :]


class Sources:
    """The files of the inputs."""

    def __init__(self, inputs: Sequence[str]) -> None:
        self._inputs = inputs

    def objection(self, piece: Piece) -> str:
        """Return why a piece cannot be changed here, as a sentence; empty if it can."""
        if piece.refusal or piece.packed or piece.content is not None or remote.is_remote(piece.path):
            return "It is no text in a file of its own: change it where it comes from."
        if piece.encoding:
            return "It is not in UTF-8, and only such files are written here."
        return self._path_objection(piece.path)

    def _path_objection(self, path: str) -> str:
        real = os.path.realpath(path)
        try:
            status = os.lstat(path)
        except OSError as error:
            return f"{error.strerror}."
        if stat.S_ISLNK(status.st_mode):
            return "It is a link: change the file that it leads to."
        if not stat.S_ISREG(status.st_mode):
            return "It is no regular file."
        if status.st_size > MAX_BYTES:
            return "It is too large to be changed here: use an editor."
        roots = [os.path.realpath(root) for root in self._inputs if os.path.exists(root)]
        if not any(real == root or real.startswith(os.path.join(root, "")) for root in roots):
            return "It is reached by a link, and lies outside of the folder that was named."
        return ""

    def open(self, document: Document) -> Stretch:
        """Return the source of an article as it is now.  Raises UsageError if it cannot be changed here."""
        piece = document.piece
        if objection := self.objection(piece):
            raise UsageError(f"{piece.source}: {objection}")
        whole, status = _read(piece.path)
        # Without the change time, which a mere rename of the folder touches.
        if piece.stamp and stamp_of(status).rpartition(" ")[0] != piece.stamp.rpartition(" ")[0]:
            raise UsageError(f"{piece.source} {_CHANGED}")
        try:
            text = whole[piece.start : piece.end].decode()
        except UnicodeDecodeError:
            raise UsageError(f"{piece.source} is not UTF-8: save it so, then it can be changed here") from None
        ends = [match.span() for match in _LINE_END.finditer(text)]
        first = document.first_line - piece.line
        last = first + len(document.lines) - 1
        start = ends[first - 1][1] if first else len(_MARK) * text.startswith(_MARK)
        stop = ends[last][0] if last < len(ends) else len(text)
        end = text[slice(*ends[0])] if ends else "\n"
        inside = _LINE_END.sub("\n", text[start:stop])
        return Stretch(piece.path, whole, piece, text[:start], inside, text[stop:], end)

    def write(self, path: str, content: bytes, digest: str) -> None:
        """Replace a file that still has the ``digest``.  Raises UsageError otherwise.  The caller holds the lock."""
        if objection := self._path_objection(path):
            raise UsageError(f"{path}: {objection}")
        current, status = _read(path)
        if digest_of(current) != digest:
            raise UsageError(f"{os.path.basename(path)} {_CHANGED}")
        with AtomicFile(path, follows=False, mode=stat.S_IMODE(status.st_mode)) as file:
            file.write(content)


def digest_of(content: bytes) -> str:
    """Return the digest of a file's content."""
    return blake2b(content, digest_size=16).hexdigest()


def _read(path: str) -> tuple[bytes, os.stat_result]:
    """Read a regular file, without following a link."""
    with writing(path):
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | getattr(os, "O_NOFOLLOW", 0))
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise UsageError(f"{path} is no regular file")
        return file.read(MAX_BYTES + 1), status
