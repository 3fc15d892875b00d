"""Sources to pieces: a small text is one piece, a stream is cut between articles, a container by its own module."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from msgspec import structs

from convert.inputs.containers import cutter_of
from convert.inputs.decompress import PARSER_ERRORS, CorruptSource, decompressed
from convert.inputs.fetch import unforeseen
from convert.inputs.file_types import FileType, file_type_of
from convert.inputs.piece import Piece
from convert.inputs.selection import STDIN, UNTITLED, CutOptions, Source, display_name, timestamp
from convert.inputs.stamps import opened
from convert.inputs.stream import cut


def pieces_of(source: Source, options: CutOptions) -> Iterator[Piece]:
    """Yield the pieces of a source; where it cannot be read any further, the last one is a refusal.  Raises OSError."""
    known_type, title = (None, UNTITLED) if source.path == STDIN else file_type_of(source.path)
    file_type = (known_type or FileType("plain")).read_as(options.selection.format)
    whole = Piece(
        display_name(source.path), source.path, file_type.format, display_name(title),
        options.epoch or timestamp(source.seconds), 0, max(source.size, 0),
        lines=file_type.lines, stamp=source.stamp, encoding=options.selection.encoding,
        above=source.above,
    )  # fmt: skip
    if not file_type.container and not file_type.packing and 0 <= source.size <= options.whole_bytes:
        yield whole
        return
    try:
        if file_type.container:
            yield from cutter_of(file_type.container)(whole, file_type.packing, options)
        else:
            yield from _cut_stream(whole, file_type.packing, options)
    except CorruptSource as error:
        yield structs.replace(whole, line=0, end=0, refusal=(error.code, error.reason))
    except PARSER_ERRORS as error:
        yield structs.replace(whole, line=0, end=0, refusal=("damaged", unforeseen(error)))


def _cut_stream(whole: Piece, packing: str, options: CutOptions) -> Iterator[Piece]:
    with _opened(whole.path, whole.stamp) as file:
        content = decompressed(file, packing, options.selection.max_expansion)
        yield from cut(content, structs.replace(whole, end=0), options, in_place=not packing and bool(whole.stamp))


def _opened(path: str, stamp: str) -> BinaryIO:
    return open(0, "rb", closefd=False) if path == STDIN else opened(path, stamp)
