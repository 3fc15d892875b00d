"""Long files and pipes in stretches of whole articles, of which one is held at a time."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import structs

from convert.inputs.article_bounds import CUTS, last_cut
from convert.inputs.decompress import CorruptSource, Readable
from convert.inputs.piece import Piece
from convert.readers.plain import title_of

# A title is looked for in what is kept of a text that is too large.
_OVERLAP_BYTES = 1 << 16


def cut(file: Readable, whole: Piece, block_bytes: int, max_bytes: int, in_place: bool = False) -> Iterator[Piece]:
    """Cut a file into pieces of about ``block_bytes``, or more where an article is longer.

    Each has its content, unless that is read ``in_place`` by whoever works it.

    What goes on for more than ``max_bytes`` without a cut becomes a refusal, and is passed over up to the next cut; so
    does what stands where the file is broken.
    """
    format = "lines" if whole.lines else whole.format
    held = bytearray()
    searched = 0
    skipping = False
    rest = whole
    try:
        while block := file.read(block_bytes):
            held += block
            is_full, block = len(block) == block_bytes, b""  # while a piece is worked, it would take memory
            if skipping:
                at = next(CUTS[format](held, searched), 0) if format in CUTS else 0
                skipping = not at
                rest = _taken(held, rest, at or max(searched, len(held) - _OVERLAP_BYTES), True)[1]
                searched = 0
            at = last_cut(held, format, searched) if is_full and not skipping else 0
            if at:
                piece, rest = _taken(held, rest, at, in_place)
                yield piece
            elif len(held) > max_bytes and not skipping:
                yield _too_large(rest, held, max_bytes)
                skipping = True
            # A blank line and what is there of the line below it must be seen once more, with what follows.
            searched = max(0, held.rfind(b"\n", 0, max(0, held.rfind(b"\n"))))
    except CorruptSource as error:
        at = 0 if skipping else last_cut(held, format)
        if at:
            piece, rest = _taken(held, rest, at, in_place)
            yield piece
        yield structs.replace(rest, title=_title(rest, held), end=rest.start, refusal=(error.code, error.reason))
        return
    if not skipping and (held or rest.start == whole.start):
        yield _taken(held, rest, len(held), in_place)[0]


def _taken(held: bytearray, rest: Piece, size: int, in_place: bool) -> tuple[Piece, Piece]:
    """Take a piece off the front of what is held; return it and the rest, which begins behind it."""
    lines = held.count(b"\n", 0, size)
    content = None
    if not in_place:
        with memoryview(held)[:size] as taken:  # a slice of the bytes would be one copy more
            content = bytes(taken)
    del held[:size]
    end = rest.start + size
    piece = structs.replace(rest, end=end, content=content)
    # A title for an article without one serves the first of the whole source.
    return piece, structs.replace(rest, start=end, line=rest.line + lines, title="")


def _too_large(rest: Piece, held: bytearray, max_bytes: int) -> Piece:
    reason = f"no article ends within {max_bytes >> 20} MiB: part the articles, or raise --max-document"
    return structs.replace(rest, title=_title(rest, held), end=rest.start, refusal=("too-large", reason))


def _title(rest: Piece, held: bytearray) -> str:
    """Find the title of an article of which only the beginning is there."""
    first_line = bytes(held[:_OVERLAP_BYTES]).lstrip().partition(b"\n")[0].decode("utf-8", "replace")
    title = title_of(first_line) if rest.format == "plain" and not rest.lines else None
    return title or rest.title
