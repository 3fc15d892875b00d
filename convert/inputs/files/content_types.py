"""File types by content: by the first bytes, where the name does not tell.

Only what is unmistakable is taken for more than a text.  The rules see the same bytes whether a file is read whole or
cut as a stream.
"""

from __future__ import annotations

import re

from convert.expressions import expression
from convert.inputs.encodings import encoding_of, to_utf8
from convert.inputs.files.file_types import FileType
from convert.readers.heads.opening import title_of

#: How much of a file is looked at.
LOOKED_AT_BYTES = 1 << 16

_PACKINGS = {b"\x1f\x8b\x08": "gz", b"BZh": "bz2", b"\x28\xb5\x2f\xfd": "zst", b"\xfd7zXZ\0": "xz"}
_CONTAINERS = {b"PK\3\4": "zip", b"PAR1": "parquet"}
_TAR_MARK, _TAR_MARK_AT = b"ustar", 257

#: What cannot be read, by what it begins with: for messages.
_UNREADABLE = {
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"Rar!\x1a\x07": "a RAR archive",
    b"%PDF-": "a PDF document",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"\x7fELF": "a program",
    b"SQLite format 3\0": "a database",
    b"\xd0\xcf\x11\xe0": "an office document",
}
_PACKED_NAMES = {"gz": "a gzip file", "bz2": "a bzip2 file", "zst": "a Zstandard file", "xz": "an xz file"}

# The first member of office documents and e-books, which are zips.
_DOCUMENT = expression(rb"PK\x03\x04.{26}(?:\[Content_Types\]|mimetype|_rels/|META-INF/)", re.DOTALL)

_BOM = b"\xef\xbb\xbf"
_RECORD = expression(rb'\{\s*+"(?:[^"\\\n]|\\.){0,200}+"\s*+:')
# An object above a blank line and something else than JSON: front matter.
_ABOVE_TEXT = expression(
    rb"\{[ \t]*+\r?\n[^{}]*+(?:\{[^{}]*+\}[^{}]*+)*+(?<=\n)\}[ \t]*+\r?\n[ \t]*+\r?\n\s*+[^\s{}\[\],]"
)
_ARRAY = expression(rb"\[\s*+\{\s*+\"")
_DOC = expression(rb'<doc (?:id|url|title|revid)="')
_PAGE = b"{{-start-}}"
_WP2TXT_TITLE = expression(rb"\[\[[^\[\]|{}<>#\r\n]{1,255}\]\][ \t]*+\r?\n[ \t]*+\r?\n")
_WP2TXT_MARK = expression(
    rb"^CATEGORIES: |\n[ \t]*+\r?\n\[\[[^\[\]|{}<>#\r\n]{1,255}\]\][ \t]*+\r?\n[ \t]*+\r?\n", re.MULTILINE
)
_XML = expression(rb"<(?:\?xml\s|articles?[\s>]|mediawiki[\s>])")


def content_type(head: bytes) -> FileType | None:
    """Return the type of a file that begins with ``head``; ``None`` if it may be any text, or is none that is known."""
    for mark, packing in _PACKINGS.items():
        if head.startswith(mark):
            return FileType("", packing=packing)
    for mark, container in _CONTAINERS.items():
        if head.startswith(mark):
            return None if _DOCUMENT.match(head) else FileType("plain", container, lines=container == "parquet")
    if head.startswith(_TAR_MARK, _TAR_MARK_AT):
        return FileType("plain", "tar")
    text = to_utf8(head, encoding_of(head, ""))
    return text_type(text) or (FileType("plain") if _begins_with_title(text) else None)


def text_type(text: bytes) -> FileType | None:
    """Return the type of a text in UTF-8 if it is unmistakably something else than a plain article."""
    first = text[:1]
    if first == b"=" or first.isalnum():
        return None
    begin = text[:LOOKED_AT_BYTES].removeprefix(_BOM).lstrip()
    match begin[:1]:
        case b"{" if _ABOVE_TEXT.match(begin):
            return None
        case b"{" | b"[" if _RECORD.match(begin) or _ARRAY.match(begin):
            line, ended, _ = begin.partition(b"\n")
            is_record = begin.startswith(b"{") and (not ended or line.rstrip().endswith(b"}"))
            return FileType("plain", lines=True) if is_record else FileType("json")
        case b"<" if _XML.match(begin):
            return FileType("xml")
        case b"<" if _DOC.match(begin):
            return FileType("wikiextractor")
        case b"{" if begin.startswith(_PAGE):
            return FileType("pagefromfile")
        case b"[" if (title := _WP2TXT_TITLE.match(begin)) and _WP2TXT_MARK.search(begin, title.end()):
            return FileType("wp2txt")
    return None


def unreadable_kind(head: bytes) -> str:
    """Return what kind of binary file it is; '' if that is unknown."""
    if _DOCUMENT.match(head):
        return "an office document"
    known = content_type(head)
    if known and (known.container or known.packing):
        return _PACKED_NAMES.get(known.packing) or f"a {known.container} archive"
    return next((kind for mark, kind in _UNREADABLE.items() if head.startswith(mark)), "")


def _begins_with_title(text: bytes) -> bool:
    line = text.removeprefix(_BOM).lstrip().partition(b"\n")[0]
    return b"\0" not in text and title_of(line.decode("utf-8", "replace")) is not None
