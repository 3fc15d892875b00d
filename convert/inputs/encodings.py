"""Texts in another encoding than UTF-8, to UTF-8.

A byte order mark determines the encoding of a text; without one it is UTF-8, or what the user names.  It is never
guessed.  Invalid bytes become surrogates, which valid UTF-8 cannot contain, so that only the articles with invalid
bytes are rejected.
"""

from __future__ import annotations

import codecs
import re
from functools import cache

from msgspec import Struct, structs

from convert.inputs.decompress import CorruptSource, Readable
from convert.inputs.piece import Piece

#: How much of a text is looked at.
HEAD_BYTES = 8192

# The longer marks first: that of UTF-32 begins as that of UTF-16 does.
_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32-le",
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}

# These are marked by what they begin with, or little-endian.
_ALIKE = {"utf-8": "", "utf-8-sig": "", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}

# They take escapes for characters, or are no encodings of texts.
_NO_TEXT = frozenset({"idna", "punycode", "raw-unicode-escape", "unicode-escape", "undefined", "mbcs", "oem"})

_WRONG = 0xDC00

#: The handler of errors that makes surrogates of wrong bytes.
WRONG_BYTES = "plainwiki-wrong-bytes"

_TEXT_CONTROLS = frozenset("\t\n\r\f")
_BLANKS = frozenset(" \n")
_BLOCK_BYTES = 1 << 16


class WrongByte(Struct, frozen=True):
    """A byte that is invalid in the encoding of a text."""

    value: int
    encoding: str


def codec_of(name: str) -> str | None:
    """Return the name of an encoding as it is used here, '' for UTF-8; ``None`` if there is no such encoding."""
    try:
        b"a".decode(name, "replace")  # which knows encodings of texts only
        known = codecs.lookup(name).name.replace("_", "-")
    except (LookupError, UnicodeError, ValueError, OSError):
        return None
    return None if known in _NO_TEXT else _ALIKE.get(known, known)


def encoding_of(head: bytes, named: str) -> str:
    """Return the encoding of a text that begins with ``head``, '' for UTF-8: a mark counts more than a name."""
    if not head.startswith((b"\xff", b"\xfe", b"\0", b"\xef")):
        return named
    if head.startswith(codecs.BOM_UTF8):
        return ""
    return next((encoding for mark, encoding in _MARKS.items() if head.startswith(mark)), named)


def unmarked_encoding(head: bytes) -> str:
    """Return the encoding that a text without a mark seems to have, because of its null bytes; '' if it is binary."""
    for encoding in ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be"):
        width = 4 if encoding.startswith("utf-32") else 2
        try:
            text = head[: len(head) // width * width].decode(encoding)
        except UnicodeDecodeError as error:
            # A pair of surrogates may be cut.
            text = head[: error.start].decode(encoding) if len(head) - error.start < 2 * width else "\0"
        is_text = all(character.isprintable() or character in _TEXT_CONTROLS for character in text)
        if is_text and not _BLANKS.isdisjoint(text):
            return encoding
    return ""


def is_binary(head: bytes, records: bool) -> bool:
    """Whether the beginning of a file is binary, because it has null bytes; of ``records`` each is examined."""
    return b"\0" in head and not (records and head.lstrip().startswith((b"{", b"[")))


def in_utf8(piece: Piece, content: bytes) -> tuple[Piece, bytes]:
    """Return a piece with its encoding, and its content in UTF-8; only the beginning of a text says what it is in."""
    if piece.content is not None:
        return piece, content  # what was cut was decoded
    encoding = encoding_of(content, piece.encoding) if piece.line == 1 else piece.encoding
    return (structs.replace(piece, encoding=encoding), to_utf8(content, encoding)) if encoding else (piece, content)


def to_utf8(content: bytes, encoding: str) -> bytes:
    """Return a whole text in UTF-8, with surrogates for wrong bytes."""
    return content.decode(encoding, WRONG_BYTES).encode("utf-8", "surrogatepass") if encoding else content


def encoded_size(content: bytes, encoding: str) -> int:
    """Return how many bytes a stretch of what ``to_utf8`` returned takes in its own encoding."""
    if not encoding:
        return len(content)
    text = content.decode("utf-8", "surrogatepass")
    right = text if content.isascii() else _surrogates().sub("", text)
    return len(text) - len(right) + len(right.encode(encoding, "replace"))


def wrong_byte(content: bytes, at: int, encoding: str) -> WrongByte:
    """Return the byte at which a text in UTF-8 cannot be decoded."""
    marked = content[at : at + 3].decode("utf-8", "surrogatepass") if encoding and content[at] == 0xED else ""
    return WrongByte(ord(marked) - _WRONG, encoding) if marked else WrongByte(content[at], "UTF-8")


class Begun:
    """A stream of which the beginning, ``head``, was read already."""

    def __init__(self, head: bytes, file: Readable) -> None:
        self._head, self._file = head, file

    def read(self, size: int = -1, /) -> bytes:
        """Read ``size`` bytes, or all.  Raises CorruptSource only once all valid bytes have been returned."""
        if not self._head:
            return self._file.read(size)
        taken = self._head if size < 0 else self._head[:size]
        self._head = self._head[len(taken) :]
        if self._head or len(taken) == size:
            return taken
        try:
            return taken + self._file.read(size if size < 0 else size - len(taken))
        except CorruptSource:
            return taken  # whoever reads on gets the error again


class Transcoded:
    """A stream in UTF-8 of one in another encoding."""

    def __init__(self, file: Readable, encoding: str) -> None:
        self._file = file
        self._decoder = codecs.getincrementaldecoder(encoding)(WRONG_BYTES)
        self._held = bytearray()
        self._is_over = False
        self._broken: CorruptSource | None = None

    def read(self, size: int = -1, /) -> bytes:
        """Read ``size`` bytes, or all.  Raises CorruptSource only once all valid bytes have been returned."""
        while not self._is_over and not self._broken and (size < 0 or len(self._held) < size):
            self._decode_block()
        if self._broken and not self._held:
            raise self._broken
        with memoryview(self._held)[: len(self._held) if size < 0 else size] as taken:
            content = bytes(taken)
        del self._held[: len(content)]
        return content

    def _decode_block(self) -> None:
        try:
            block = self._file.read(_BLOCK_BYTES)
        except CorruptSource as error:
            self._broken = error
            return
        self._is_over = not block
        self._held += self._decoder.decode(block, self._is_over).encode("utf-8", "surrogatepass")


@cache
def _surrogates() -> re.Pattern[str]:
    return re.compile("[\ud800-\udfff]")


def _mark_wrong(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    return "".join(chr(_WRONG + byte) for byte in error.object[error.start : error.end]), error.end


codecs.register_error(WRONG_BYTES, _mark_wrong)
