"""Members of archives, which are read one by one and never extracted: no name of a member becomes a path.

Pieces of an uncompressed tar and of a zip say where their member stands; the worker reads it there.  A compressed tar
can only be read sequentially, so its pieces carry their content.
"""

from __future__ import annotations

from typing import NamedTuple

from msgspec import structs

from convert.inputs.file_types import file_type_of, is_read
from convert.inputs.piece import Piece
from convert.inputs.selection import CutOptions, short_name, timestamp

#: The refusal of a link in an archive.
LINK = ("archive-member", "a link: links in archives are not followed; pack the file itself")

_NESTED = ("archive-nested", "it is packed within an archive, and not read: unpack that, and name this itself")


class Member(NamedTuple):
    """A file in an archive: its name, modification time (0 if invalid), size, and the offset of its bytes.

    ``refusal`` is a diagnostic's code and the reason why it cannot be read; a ``sparse`` one has null bytes wherever
    nothing is stored.  ``packed_size``, ``method`` and ``crc`` are a zip's.
    """

    name: str
    seconds: float
    size: int
    start: int
    refusal: tuple[str, str] | None = None
    sparse: bool = False
    packed_size: int = 0
    method: int = 0
    crc: int = 0


def member_piece(archive: Piece, member: Member, options: CutOptions) -> Piece | None:
    """Return the piece of a member, of zero length yet; ``None`` if it is hidden or its suffix is not read."""
    selection = options.selection
    parts = member.name.split("/")
    is_hidden = any(part.startswith(".") and part not in (".", "..") for part in parts)
    if is_hidden or not is_read(parts[-1], selection.format):
        return None
    known_type, title = file_type_of(member.name)
    assert known_type is not None
    file_type = known_type.read_as(selection.format)
    refusal = member.refusal
    if not is_read(parts[-1], selection.format, contained=True):
        refusal = _NESTED
    elif member.sparse and not refusal:
        refusal = _sparse_refusal(member, selection.max_bytes)
    return structs.replace(
        archive, source=f"{archive.source}/{short_name(member.name)}", format=file_type.format, lines=file_type.lines,
        title=short_name(title), timestamp=options.epoch or timestamp(member.seconds), start=member.start,
        end=member.start, refusal=refusal,
    )  # fmt: skip


def _sparse_refusal(member: Member, max_bytes: int) -> tuple[str, str]:
    if member.size > max_bytes:
        return "too-large", f"a sparse file that claims {member.size:,} bytes: raise --max-document to have it read"
    return "binary", "a sparse file, with null bytes where nothing is stored: this is no text"
