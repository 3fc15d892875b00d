"""Pages as they are, among the inputs of an upload: files of wikitext, and export dumps, a piece for each page.

Only with ``Selection.pages``: for a conversion they are no inputs.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, BinaryIO, cast

import msgspec
from msgspec import structs

from convert.diagnostics import CODES, Diagnostic, Severity
from convert.expressions import expression
from convert.inputs.decompress import CorruptSource, Readable, decompressed
from convert.inputs.encodings import Begun, Transcoded, encoding_of, to_utf8
from convert.inputs.files.content_types import LOOKED_AT_BYTES, content_type
from convert.inputs.files.file_types import FileType, file_type_of, is_read
from convert.inputs.piece import Piece
from convert.inputs.selection import CutOptions, Selection

if TYPE_CHECKING:
    from convert.wikitext.dumps import DumpPage

#: Formats of ready pages.
WIKITEXT, EXPORT = "wikitext", "export"
PAGE_FORMATS = (WIKITEXT, EXPORT)

_ROOT = expression(rb"(?:<\?xml[^>]*+>|<!--(?:[^-]|-(?!->))*+-->|\s)*+<(?:[A-Za-z][\w.-]{0,20}:)?mediawiki[\s>]")
_BOM = b"\xef\xbb\xbf"
_PAGE_COMMENT = b"<!-- page: "

_page = msgspec.json.Encoder()


def is_taken(path: str, format: str) -> bool:
    """Whether a file in a folder or an archive is looked at, where pages are taken as they are, too."""
    if format not in PAGE_FORMATS:
        return is_read(path, format) or (not format and file_type_of(path)[0].format in PAGE_FORMATS)
    file_type = file_type_of(path)[0]
    return file_type.format in (format, "plain", "xml") or is_read(path, "")


def must_be_opened(file_type: FileType, selection: Selection) -> bool:
    """Whether only the content of a file says whether it holds ready pages."""
    if not selection.pages or selection.format not in ("", EXPORT):
        return False
    return not file_type.lines and file_type.format not in (WIKITEXT, "json")


def with_pages(file: Readable, whole: Piece, selection: Selection) -> tuple[Readable, Piece]:
    """Return a stream and its piece, whose format says whether it holds ready pages."""
    if whole.lines or (selection.format and whole.format not in PAGE_FORMATS):
        return file, whole
    head = file.read(LOOKED_AT_BYTES)
    file = Begun(head, file)
    packed = content_type(head) if whole.format in PAGE_FORMATS else None
    if packed and packed.packing:
        return with_pages(decompressed(file, packed.packing, selection.max_expansion), whole, selection)
    text = to_utf8(head, encoding_of(head, whole.encoding)).removeprefix(_BOM)
    if whole.format == EXPORT or _ROOT.match(text):
        return file, structs.replace(whole, format=EXPORT, sure=True)
    if text.startswith(_PAGE_COMMENT):
        return file, structs.replace(whole, format=WIKITEXT, sure=True)
    return file, whole


def dump_pieces(file: Readable, whole: Piece, options: CutOptions) -> Iterator[Piece]:
    """Yield a piece for each page of a dump, with the page as its content (``dump_page``), and for each damage."""
    from convert.wikitext.dumps import dump_pages  # most inputs are no dumps

    head = file.read(LOOKED_AT_BYTES)
    encoding = encoding_of(head, whole.encoding)
    file = Begun(head, file)
    remarks: list[Diagnostic] = []
    stream = cast(BinaryIO, _Source(Transcoded(file, encoding) if encoding else file))
    told = whole.remarks
    for page in dump_pages(stream, remarks.append, options.selection.max_bytes, "utf-8" if encoding else None):
        yield from _refusals(whole, remarks)
        content = _page.encode(page)
        yield structs.replace(
            whole, title=page.title, content=content, start=0, end=len(content), encoding="", line=0, remarks=told
        )
        told = ()
    yield from _refusals(whole, remarks)


def dump_page(content: bytes) -> DumpPage:
    """Return the page of a piece of a dump."""
    return _page_decoder().decode(content)


@cache
def _page_decoder() -> msgspec.json.Decoder[DumpPage]:
    from convert.wikitext.dumps import DumpPage

    return msgspec.json.Decoder(DumpPage)


def _refusals(whole: Piece, remarks: list[Diagnostic]) -> Iterator[Piece]:
    for remark in remarks:
        yield structs.replace(
            whole, line=remark.line, start=0, end=0, encoding="", remarks=(), refusal=(remark.code, remark.message)
        )
    remarks.clear()


def is_remark(refusal: tuple[str, str]) -> bool:
    """Whether a piece that has no content only says something about its source."""
    return CODES[refusal[0]][0] < Severity.ERROR


class _Source:
    """A stream that ends with an OSError where its packing is damaged."""

    def __init__(self, file: Readable) -> None:
        self._file = file

    def read(self, size: int = -1) -> bytes:
        """Read bytes."""
        try:
            return self._file.read(size)
        except CorruptSource as error:
            raise OSError(error.reason) from None
