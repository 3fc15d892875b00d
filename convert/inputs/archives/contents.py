"""Members of archives not stored as texts: compressed ones, tables, and those whose type only their content tells.

They are unpacked while the archive is read, and their pieces carry their content.  Together they may expand no further
than the archive as a whole (``Allowance``), since they are compressed twice.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import structs

from convert.inputs.archives.member import NESTED, FoundMember
from convert.inputs.copies import cut_copy
from convert.inputs.decompress import PARSER_ERRORS, Allowance, CorruptSource, Readable
from convert.inputs.fetch import unforeseen
from convert.inputs.files.looked_at import OpenText, looked_at, remark_on
from convert.inputs.piece import Piece
from convert.inputs.selection import CutOptions
from convert.inputs.stream import cut as cut_stream


def allowance_of(archive: Piece, options: CutOptions) -> Allowance:
    """Return how much the packed members of an archive may become."""
    return Allowance(archive.end, options.selection.max_expansion)


def contents(file: Readable, found: FoundMember, options: CutOptions, allowance: Allowance) -> Iterator[Piece]:
    """Yield the pieces of a member, given its bytes; count it as passed over if its type is unknown."""
    piece = structs.replace(found.piece, end=found.piece.start)
    try:
        opened = looked_at(file, found.file_type, found.named, options.selection.max_expansion, allowance)
        if opened is None:
            options.passed_over.add(piece.source)
        elif opened.file_type.container:
            yield from _contained(opened, piece, options)
        else:
            yield from cut_stream(opened.file, opened.described(piece), options)
    except CorruptSource as error:
        yield structs.replace(piece, format="plain", refusal=(error.code, error.reason))


def _contained(opened: OpenText, piece: Piece, options: CutOptions) -> Iterator[Piece]:
    """Yield the pieces of a table."""
    file_type = opened.file_type
    piece = structs.replace(piece, format=file_type.format, lines=file_type.lines)
    remarks = (*piece.remarks, remark_on(file_type)) if opened.recognised else piece.remarks
    if not file_type.lines:
        yield structs.replace(piece, refusal=NESTED)
        return
    try:
        for part in cut_copy(opened.file, file_type.container, structs.replace(piece, remarks=()), options):
            yield structs.replace(part, remarks=(*remarks, *part.remarks))
            remarks = ()
    except PARSER_ERRORS as error:
        yield structs.replace(piece, refusal=("damaged", unforeseen(error)))
