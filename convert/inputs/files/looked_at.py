"""Files whose names do not tell their type: their beginning is read, and then put back."""

from __future__ import annotations

from msgspec import Struct, structs

from convert.inputs.decompress import Allowance, Readable, decompressed
from convert.inputs.encodings import Begun
from convert.inputs.files.content_types import LOOKED_AT_BYTES, content_type, text_type
from convert.inputs.files.file_types import FileType
from convert.inputs.piece import Piece

#: What a text is taken for that may be any.
_ANY_TEXT = FileType("plain")


class OpenText(Struct, frozen=True):
    """A stream, unpacked, and the type of the file; ``recognised`` by its content."""

    file: Readable
    file_type: FileType
    recognised: bool

    def described(self, whole: Piece) -> Piece:
        """Return a piece with the type."""
        file_type = self.file_type
        remarks = (*whole.remarks, remark_on(file_type)) if self.recognised else whole.remarks
        return structs.replace(
            whole, format=file_type.format, lines=file_type.lines, sure=file_type.sure, remarks=remarks
        )


def looked_at(
    file: Readable, file_type: FileType, named: bool, max_expansion: int, allowance: Allowance | None = None
) -> OpenText | None:
    """Unpack a file, and find out what it is; ``None`` if it is not known and was not ``named``."""
    packing = file_type.packing
    file = decompressed(file, packing, max_expansion, allowance)
    if file_type.format:
        return OpenText(file, file_type, False)
    head = file.read(LOOKED_AT_BYTES)
    file = Begun(head, file)
    known = content_type(head)
    if known and known.packing and not packing:
        return looked_at(file, known, named, max_expansion, allowance)
    if known is None or known.packing:
        return OpenText(file, _ANY_TEXT._replace(packing=packing), False) if named else None
    return OpenText(file, known._replace(packing=packing), known != _ANY_TEXT)


def by_content(piece: Piece, text: bytes) -> Piece:
    """Return a piece of a plain text, in UTF-8, with the type that its content says it is."""
    known = text_type(text)
    if known is None:
        return piece
    remarks = (*piece.remarks, remark_on(known))
    return structs.replace(piece, format=known.format, lines=known.lines, sure=True, remarks=remarks)


def remark_on(file_type: FileType) -> tuple[str, str]:
    """Return the remark on a file whose type was determined by its content."""
    name = "JSON Lines" if file_type.lines and not file_type.container else file_type.container or file_type.format
    return "content-type", f"read as {name}, by its content: give -f plain to have it read as it is"
