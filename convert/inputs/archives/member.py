"""Members of archives, which are read one by one and never extracted: no name of a member becomes a path.

Pieces of an uncompressed tar and of a zip say where their member stands; the worker reads it there.  A compressed tar
can only be read sequentially, so its pieces carry their content.
"""

from __future__ import annotations

from typing import NamedTuple

from msgspec import structs

from convert.inputs.files.choice import Choice
from convert.inputs.files.file_types import FileType, file_type_of, is_read
from convert.inputs.page_files import is_taken, must_be_opened
from convert.inputs.piece import Piece
from convert.inputs.selection import CutOptions, short_name, timestamp

#: The refusal of a link in an archive.
LINK = ("archive-member", "a link: links in archives are not followed; pack the file itself")

#: The refusal of an archive in an archive.
NESTED = ("archive-nested", "it is an archive within an archive, and not read: unpack that, and name this itself")


class Member(NamedTuple):
    """A file in an archive: its name, modification time (0 if invalid), size, and the offset of its bytes.

    ``refusal`` is a diagnostic's code and the reason why it cannot be read, ``remark`` the same about its name; a
    ``sparse`` one has null bytes wherever
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
    remark: tuple[str, str] | None = None


class FoundMember(NamedTuple):
    """A member that is looked at: its piece, its type, and whether a pattern names it.

    It must be ``opened`` where only its content tells what it holds.
    """

    piece: Piece
    file_type: FileType
    named: bool
    opened: bool = False

    @property
    def is_text(self) -> bool:
        """Whether its bytes are a text as they are."""
        file_type = self.file_type
        return bool(file_type.format) and not file_type.container and not file_type.packing

    @property
    def is_whole(self) -> bool:
        """Whether it is a text of which nothing more need be known to read it as a whole."""
        return self.is_text and not self.opened


def member_of(archive: Piece, member: Member, options: CutOptions) -> FoundMember | None:
    """Return a member, its piece of zero length yet; ``None`` if it is hidden or passed over."""
    selection = options.selection
    choice = Choice(selection, "", options.passed_over, is_taken if selection.pages else is_read)
    path = f"/{options.below}/{member.name}"
    if choice.is_hidden(path):
        return None
    if not choice.is_wanted(path):
        choice.pass_over(path)
        return None
    known, title = file_type_of(member.name)
    file_type = known.read_as(selection.format)
    refusal = member.refusal
    if file_type.container and not file_type.lines:
        refusal = NESTED
    elif member.sparse and not refusal:
        refusal = _sparse_refusal(member, selection.max_bytes)
    piece = structs.replace(
        archive, source=f"{archive.source}/{short_name(member.name)}", format=file_type.format, lines=file_type.lines,
        title=short_name(title), timestamp=options.epoch or timestamp(member.seconds), start=member.start,
        end=member.start, refusal=refusal, sure=file_type.sure, encoding=selection.encoding,
        remarks=(member.remark,) if member.remark else (),
    )  # fmt: skip
    return FoundMember(piece, file_type, choice.is_named(path), must_be_opened(file_type, selection))


def _sparse_refusal(member: Member, max_bytes: int) -> tuple[str, str]:
    if member.size > max_bytes:
        return "too-large", f"a sparse file that claims {member.size:,} bytes: raise --max-document to have it read"
    return "binary", "a sparse file, with null bytes where nothing is stored: this is no text"
