"""Sources to pieces: a small text is one piece, a stream is cut between articles, a container by its own module."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from msgspec import structs

from convert.inputs.containers import cutter_of
from convert.inputs.decompress import PARSER_ERRORS, CorruptSource, Readable
from convert.inputs.fetch import unforeseen
from convert.inputs.files.file_types import UNKNOWN, FileType, file_type_of
from convert.inputs.files.looked_at import looked_at, remark_on
from convert.inputs.files.passed_over import PassedOver, nothing_read
from convert.inputs.files.stamps import opened
from convert.inputs.page_files import must_be_opened
from convert.inputs.piece import Piece
from convert.inputs.selection import STDIN, UNTITLED, CutOptions, Source, display_name, timestamp


def pieces_of(source: Source, options: CutOptions) -> Iterator[Piece]:
    """Yield the pieces of a source; where it cannot be read any further, the last one is a refusal.

    A file found in a folder is passed over if neither its name nor its content tells its type.  Raises OSError.
    """
    known, title = (UNKNOWN, UNTITLED) if source.path == STDIN else file_type_of(source.path)
    file_type = known.read_as(options.selection.format)
    whole = Piece(
        display_name(source.path), source.path, file_type.format, display_name(title),
        options.epoch or timestamp(source.seconds), 0, max(source.size, 0),
        lines=file_type.lines, stamp=source.stamp, encoding=options.selection.encoding, sure=file_type.sure,
        above=source.above,
    )  # fmt: skip
    is_small = 0 <= source.size <= options.whole_bytes and not must_be_opened(file_type, options.selection)
    if is_small and file_type.format and not file_type.container and not file_type.packing:
        yield whole
        return
    try:
        if file_type.container:
            yield from _contained(source, whole, file_type, options)
        else:
            yield from _opened_pieces(source, whole, file_type, options)
    except CorruptSource as error:
        yield structs.replace(whole, line=0, end=0, refusal=(error.code, error.reason))
    except PARSER_ERRORS as error:
        yield structs.replace(whole, line=0, end=0, refusal=("damaged", unforeseen(error)))


def _opened_pieces(source: Source, whole: Piece, file_type: FileType, options: CutOptions) -> Iterator[Piece]:
    """Yield the pieces of a file that must be opened to determine its type or to cut it."""
    from convert.inputs.stream import cut  # small texts are read whole

    container = None
    with _opened(whole.path, whole.stamp) as file:
        opened_text = looked_at(file, file_type, source.named, options.selection.max_expansion)
        if opened_text is None:
            options.passed_over.add(source.path)
        elif not opened_text.file_type.container:
            in_place = not opened_text.file_type.packing and bool(whole.stamp)
            yield from cut(opened_text.file, opened_text.described(structs.replace(whole, end=0)), options, in_place)
        elif source.size < 0:
            yield from _recognised(source, whole, opened_text.file_type, options, opened_text.file)
        else:
            container = opened_text.file_type
    if container:
        yield from _recognised(source, whole, container, options)


def _recognised(
    source: Source, whole: Piece, file_type: FileType, options: CutOptions, pipe: Readable | None = None
) -> Iterator[Piece]:
    """Yield the pieces of a container that its content tells; the first one says so."""
    whole = structs.replace(whole, format=file_type.format, lines=file_type.lines)
    remarks: tuple[tuple[str, str], ...] = (remark_on(file_type),)
    for piece in _contained(source, whole, file_type, options, pipe):
        yield structs.replace(piece, remarks=remarks + piece.remarks)
        remarks = ()


def _contained(
    source: Source, whole: Piece, file_type: FileType, options: CutOptions, pipe: Readable | None = None
) -> Iterator[Piece]:
    """Yield the pieces of a container, which may be the content of a ``pipe``.

    Where nothing in an archive can be read, the only piece is a refusal.
    """
    if file_type.lines:
        yield from _cut_container(whole, file_type, options, pipe)
        return
    passed_over = PassedOver()
    is_empty = True
    own = structs.replace(options, passed_over=passed_over, below=source.below)
    for piece in _cut_container(whole, file_type, own, pipe):
        is_empty = False
        yield piece
    options.passed_over.merge(passed_over)
    if is_empty:
        yield structs.replace(whole, line=0, end=0, refusal=nothing_read(passed_over, "archive"))


def _cut_container(whole: Piece, file_type: FileType, options: CutOptions, pipe: Readable | None) -> Iterator[Piece]:
    if pipe:
        from convert.inputs.copies import cut_copy  # few containers come through pipes

        return cut_copy(pipe, file_type.container, whole, options)
    return cutter_of(file_type.container)(whole, file_type.packing, options)


def _opened(path: str, stamp: str) -> BinaryIO:
    return open(0, "rb", closefd=False) if path == STDIN else opened(path, stamp)
