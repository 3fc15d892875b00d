"""Streaming: long files and pipes are cut into stretches of whole articles, one of which is in memory at a time."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

from msgspec import structs

from convert.inputs.bounds.article_bounds import OVERLAP_BYTES, bounds_of, unit_of
from convert.inputs.bounds.element_bounds import Cut, ElementBounds
from convert.inputs.decompress import CorruptSource, Readable
from convert.inputs.encodings import HEAD_BYTES, Begun, Transcoded, encoding_of, is_binary
from convert.inputs.files.content_types import LOOKED_AT_BYTES
from convert.inputs.files.looked_at import by_content
from convert.inputs.page_files import EXPORT, dump_pieces, with_pages
from convert.inputs.piece import Piece
from convert.inputs.selection import CutOptions
from convert.readers.heads.opening import title_of


def cut(file: Readable, whole: Piece, options: CutOptions, in_place: bool = False) -> Iterator[Piece]:
    """Cut a stream into pieces of about ``options.block_bytes``, or more where an article is longer.

    Each has its content, in UTF-8, unless workers read it ``in_place``.

    A stretch of more than ``max_bytes`` without a cut becomes a refusal and is skipped up to the next cut; so is the
    stretch in which the stream is corrupt.
    """
    if options.selection.pages:
        file, whole = with_pages(file, whole, options.selection)
        if whole.format == EXPORT and not whole.lines:
            yield from dump_pieces(file, whole, options)
            return
    block_bytes, max_bytes = options.block_bytes, options.selection.max_bytes
    held = bytearray()
    skipping = False
    rest, bounds = whole, bounds_of("", b"")
    try:
        file, whole = _begun(file, whole)
        rest, format = whole, unit_of(whole.format, whole.lines, options.selection.articles)
        in_place = in_place and not whole.encoding
        while block := file.read(block_bytes):
            if rest is whole and not held:
                bounds = bounds_of(format, block)
            held += block
            is_full, block = len(block) == block_bytes, b""  # release the memory while a piece is converted
            if skipping:
                boundary = next(bounds.cuts(held), None)
                skipping = boundary is None
                until = boundary[1] if boundary else bounds.needed_from(held)
                rest = _taken(held, rest, (until, until), bounds, True)[1]
            last = bounds.last(held) if is_full and not skipping else None
            if last:
                piece, rest = _taken(held, rest, last, bounds, in_place)
                yield piece
            elif bounds.is_refused:
                break
            elif len(held) > max_bytes and not skipping:
                yield _too_large(rest, held, max_bytes)
                skipping = True
            bounds.searched(held)
    except CorruptSource as error:
        last = None if skipping else bounds.last(held)
        if last:
            piece, rest = _taken(held, rest, last, bounds, in_place)
            yield piece
        yield structs.replace(rest, title=_title(rest, held), end=rest.start, refusal=(error.code, error.reason))
        return
    if not skipping and (held or rest.start == whole.start):
        yield _piece(held, rest, len(held), in_place)


def _begun(file: Readable, whole: Piece) -> tuple[Readable, Piece]:
    """Return a stream in UTF-8, and the piece with the encoding that it had, and with what its content says it is.

    Of a binary file the stream is only the beginning, however long it is.
    """
    head = file.read(HEAD_BYTES)
    encoding = encoding_of(head, whole.encoding)
    if encoding:
        file = Transcoded(Begun(head, file), encoding)
    else:
        file = BytesIO(head) if is_binary(head, whole.has_records) else Begun(head, file)
    if not whole.sure:
        head = file.read(LOOKED_AT_BYTES)
        file, whole = Begun(head, file), by_content(whole, head)
    return file, structs.replace(whole, encoding=encoding, sure=True)


def _taken(held: bytearray, rest: Piece, cut: Cut, bounds: ElementBounds, in_place: bool) -> tuple[Piece, Piece]:
    """Remove a piece from the front of the buffer; return it and the rest, which begins behind it."""
    size, following = cut
    before, behind = bounds.frame
    piece = structs.replace(_piece(held, rest, size, in_place), frame=(rest.frame[0], behind))
    lines = held.count(b"\n", 0, following)
    del held[:following]
    bounds.removed(following)
    start, line = rest.start + following, rest.line + lines
    # The fallback title is that of the first article only.
    return piece, structs.replace(rest, start=start, line=line, title="", remarks=(), frame=(before, ""))


def _piece(held: bytearray, rest: Piece, size: int, in_place: bool) -> Piece:
    """Return the piece of so many bytes at the front of the buffer."""
    content = None
    if not in_place:
        with memoryview(held)[:size] as taken:  # slicing the bytearray would make one more copy
            content = bytes(taken)
    return structs.replace(rest, end=rest.start + size, content=content)


def _too_large(rest: Piece, held: bytearray, max_bytes: int) -> Piece:
    reason = f"no article ends within {max_bytes >> 20} MiB: part the articles, or raise --max-document"
    return structs.replace(rest, title=_title(rest, held), end=rest.start, refusal=("too-large", reason))


def _title(rest: Piece, held: bytearray) -> str:
    """Return the title of an article, given its beginning."""
    first_line = bytes(held[:OVERLAP_BYTES]).lstrip().partition(b"\n")[0].decode("utf-8", "replace")
    title = title_of(first_line) if rest.format == "plain" and not rest.lines else None
    return title or rest.title
