"""A stream of bytes to the lines of its text, of which only one is held at a time.

Invalid bytes become surrogates, which no text contains, so that only the rows with invalid bytes are rejected.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator

from convert.inputs.decompress import CorruptSource, Readable
from convert.inputs.encodings import HEAD_BYTES, WRONG_BYTES, encoding_of, unmarked_encoding

_BLOCK_BYTES = 1 << 16
#: A text with more null bytes than one in so many is none.
_NULL_SHARE = 64


def text_lines(file: Readable, named: str, max_chars: int) -> Iterator[str]:
    """Yield the lines of a text with their ends, which are all line feeds.

    It is in the encoding that its byte order mark tells, or that is ``named``.  Raises CorruptSource if it is no text,
    and at a line of more than ``max_chars``.
    """
    block = file.read(_BLOCK_BYTES)
    head = block[:HEAD_BYTES]
    encoding = encoding_of(head, named)
    if not encoding:
        _check(head)
    decoder = codecs.getincrementaldecoder(encoding or "utf-8")(WRONG_BYTES)
    # Old programs for the Macintosh end lines by carriage returns alone.
    is_mac = b"\r" in head and b"\n" not in block
    pending: list[str] = []
    size = 0
    text = decoder.decode(block, not block).removeprefix("\ufeff")
    while True:
        if is_mac:
            text = text.replace("\r", "\n")
        *ended, rest = text.split("\n")
        for line in ended:
            yield "".join((*pending, line.removesuffix("\r"), "\n"))
            pending, size = [], 0
        pending.append(rest)
        size += len(rest)
        if size > max_chars:
            raise CorruptSource("too-large", f"a line of more than {max_chars:,} characters: is it a table?")
        if not block:
            break
        block = file.read(_BLOCK_BYTES)
        text = decoder.decode(block, not block)
    if size:
        yield "".join(pending)


def _check(head: bytes) -> None:
    """Raise CorruptSource if the beginning of a text shows that it is not in UTF-8."""
    nulls = head.count(b"\0")
    if nulls and (seeming := unmarked_encoding(head)):
        raise CorruptSource("encoding", f"it looks like {seeming.upper()} without a mark: give --encoding {seeming}")
    if nulls > 4 + len(head) // _NULL_SHARE:
        raise CorruptSource("binary", f"{nulls} null bytes at its beginning: this is no table as text")
