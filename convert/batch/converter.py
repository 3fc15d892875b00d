"""Conversion of the documents of a shard: bytes in, records out, no file access.

    Shard ─ pieces ─ Piece  →  ParsedDocument  →  ConvertedDocument

Deterministic: a record depends only on its shard and the task, and shards are cut by position, independent of the
number of workers.
"""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import structs

from convert import formats
from convert.ast import Article
from convert.batch.model import IDS_PER_SHARD, ConvertedDocument, Form, ParsedDocument, Task
from convert.diagnostics import Diagnostic, Severity
from convert.dictionaries.linkers import linker_for
from convert.inputs.encodings import (
    HEAD_BYTES,
    encoded_size,
    in_utf8,
    is_binary,
    unmarked_encoding,
    wrong_byte,
)
from convert.inputs.files.content_types import unreadable_kind
from convert.inputs.files.looked_at import by_content
from convert.inputs.piece import Frame, Piece, Shard
from convert.links.policy import MadeLink
from convert.options import options_for
from convert.readers.clean import signs_in
from convert.readers.heads.opening import title_of
from convert.readers.plain import PlainReadOptions
from convert.readers.records.options import RecordOptions
from convert.titles import WikiTitle, page_of, replaced

if TYPE_CHECKING:
    from convert.readers.markdown.outlines import Outline
    from convert.readers.records.reader import RecordReader

# Ends of the names of kinds that hold files.
_PACKED = (" archive", " file")


class Converter:
    """Converts documents one by one, as a task says.

    ``outline_of`` gives the title and headings of a file that the document of a piece links to.
    """

    def __init__(self, task: Task, outline_of: Callable[[Piece, str], Outline | None] | None = None) -> None:
        target = formats.named(task.target)
        assert target is not None
        assert target.writer is not None
        self.task = task
        self._outline_of = outline_of
        self._text_form: Form = "item" if task.form == "line" and target.name == "json" else task.form
        if task.form == "row":
            self._text_form = "line"
        self._write = formats.load(target.writer.item if self._text_form == "item" else target.writer.write)
        self._options = options_for(formats.load(target.writer.options), task.options)
        own = set(self._options.__struct_fields__)
        self.has_id, self._has_timestamp = "id" in own, "timestamp" in own
        self._profile = self._options.profile if {"profile", "titles"} <= own else None
        self._linker = linker_for(task.options.links, task.options.profile)
        self._readers: dict[str, tuple[formats.Read, Any]] = {}
        self._record_readers: dict[str, RecordReader] = {}

    @property
    def makes_pages(self) -> bool:
        """Whether documents become pages of a wiki, each of which has a title of its own."""
        return self._profile is not None

    def convert(self, shard: Shard, contents: Iterable[bytes | Diagnostic]) -> Iterator[ConvertedDocument]:
        """Convert the documents of a shard, given the content of each piece, or why it could not be read."""
        for number, document in enumerate(self.read(shard, contents), shard.number * IDS_PER_SHARD + 1):
            yield self.write(document, number)

    def read(self, shard: Shard, contents: Iterable[bytes | Diagnostic]) -> Iterator[ParsedDocument]:
        """Read the documents of a shard, as ``convert`` does."""
        for piece, content in zip(shard.pieces, contents, strict=True):
            yield from self._read_piece(piece, content)

    def _read_piece(self, piece: Piece, content: bytes | Diagnostic) -> Iterator[ParsedDocument]:
        if piece.refusal:
            content = Diagnostic(piece.refusal[0], piece.line, 0, piece.refusal[1])
        elif piece.line == 1 or piece.encoding:
            piece, content = decoded(piece, content)
        if isinstance(content, Diagnostic):
            yield ParsedDocument(piece, None, (content,), piece.title, content.line)
            return
        if not piece.sure and piece.line == 1:
            piece = by_content(piece, content)
        try:
            text = content.decode()
        except UnicodeDecodeError:
            yield from self._read_damaged(piece, content)
        else:
            yield from self._read_text(piece, content, text, piece.line)

    def _read_text(self, piece: Piece, content: bytes, text: str, line: int) -> Iterator[ParsedDocument]:
        remarks = _told(piece, text) if line == 1 and (piece.encoding or piece.remarks) else []
        if piece.lines:
            name = piece.source.rpartition("/")[2].partition(".")[0]
            from convert.inputs.jsonl import read_lines  # most inputs are no records

            articles = read_lines(self._record_reader(piece.format), text, remarks.append, line, name)
        else:
            read, options = self._reader(piece.format)
            own: dict[str, Any] = {"title": piece.title, "line": line - piece.frame[0].count("\n")}
            if isinstance(options, PlainReadOptions):
                own["checked"] = signs_in(content)
                own["continues"] = not piece.title or line > piece.line
                if self._outline_of and piece.format == "markdown":
                    own["outline_of"] = partial(self._outline_of, piece)
            articles = read(_framed(text, piece.frame), remarks.append, structs.replace(options, **own))
        for article in articles:
            if remarks:
                yield from _refused(piece, remarks)
            yield ParsedDocument(piece, article, tuple(remarks), article.title, article.line)
            remarks.clear()
        yield from _refused(piece, remarks)
        if remarks:
            yield ParsedDocument(piece, None, tuple(remarks), piece.title, remarks[-1].line)

    def _read_damaged(self, piece: Piece, content: bytes) -> Iterator[ParsedDocument]:
        """Read invalid UTF-8 stretch by stretch, so that only the articles with wrong bytes are lost."""
        if piece.line == 1 and unreadable_kind(content[:HEAD_BYTES]):
            yield ParsedDocument(piece, None, (_binary(content[:HEAD_BYTES], piece),), piece.title, 0)
            return
        from convert.inputs.bounds.article_bounds import stretches, unit_of  # most texts are valid

        line, offset, end = piece.line, piece.start, 0
        unit = unit_of(piece.format, piece.lines, self.task.options.articles)
        for start, stretch, frame in stretches(content, unit, piece.frame):
            offset += encoded_size(content[end:start], piece.encoding)
            end = start + len(stretch)
            try:
                text = stretch.decode()
            except UnicodeDecodeError as error:
                first_line = stretch.removeprefix(BOM_UTF8).lstrip().partition(b"\n")[0].decode("utf-8", "replace")
                title = title_of(first_line) if piece.format == "plain" else None
                document = undecodable(piece, stretch, error.start, offset, line)
                yield ParsedDocument(piece, None, (document,), title or piece.title, line)
            else:
                yield from self._read_text(structs.replace(piece, frame=frame), stretch, text, line)
            line += stretch.count(b"\n")
            offset += encoded_size(stretch, piece.encoding)

    def _reader(self, name: str) -> tuple[formats.Read, Any]:
        if name not in self._readers:
            source = formats.named(name)
            assert source is not None
            assert source.reader is not None
            options = options_for(formats.load(source.reader.options), self.task.options)
            self._readers[name] = formats.load(source.reader.read), options
        return self._readers[name]

    def _record_reader(self, name: str) -> RecordReader:
        if name not in self._record_readers:
            from convert.readers.records.reader import RecordReader

            options = options_for(RecordOptions, self.task.options)
            self._record_readers[name] = RecordReader(*self._reader(name), options)
        return self._record_readers[name]

    def write(self, document: ParsedDocument, number: int) -> ConvertedDocument:
        """Write a document, with the links that are restored; ``number`` identifies it within the run, from 1."""
        return self.write_linked(*self.link(document), number)

    def link(self, document: ParsedDocument) -> tuple[ParsedDocument, tuple[MadeLink, ...]]:
        """Return a document with the links that are restored, and those."""
        article = document.article
        if article is None or not self._linker:
            return document, ()
        links = self._linker.links(article)
        return structs.replace(document, article=links.article), links.made

    def write_linked(self, document: ParsedDocument, made: tuple[MadeLink, ...], number: int) -> ConvertedDocument:
        """Write a document that has its links; those that were ``made`` are remarked."""
        article, remarks = document.article, list(document.remarks)
        if article is not None and made:
            message = f"links made of the text: {len(made)}; 'plainwiki links match' says which and why"
            remarks.append(Diagnostic("links-made", article.line, 0, message))
        text = b"" if article is None else self._text(article, remarks, document.piece, number)
        refusal = None
        if remarks:
            refusal = next((remark for remark in remarks if remark.severity is Severity.ERROR), None)
            if article is None and not refusal:
                refusal = remarks[-1]
        title, kept = document.title, b"" if refusal else text
        return ConvertedDocument(
            document.piece.source,
            document.line,
            title,
            self._key(title),
            kept,
            refusal,
            tuple(remarks),
            made=() if refusal else made,
        )

    def _key(self, title: str) -> str:
        if self._profile is None:
            return title
        changed = replaced(title, self._profile) if self._options.titles == "replace" else title
        page = page_of(changed, self._profile)
        return page.title if isinstance(page, WikiTitle) else title

    def _text(self, article: Article, remarks: list[Diagnostic], piece: Piece, number: int) -> bytes:
        own: dict[str, Any] = {"id": number} if self.has_id else {}
        if self._has_timestamp:
            own["timestamp"] = piece.timestamp
        options = structs.replace(self._options, **own) if own else self._options
        text: str = self._write(article, remarks.append, options)
        if self._text_form == "line":
            return msgspec.json.encode({"title": article.title, "text": text, "source": piece.source}) + b"\n"
        return b"" if self._text_form == "none" else text.encode()


def _framed(text: str, frame: Frame) -> str:
    return f"{frame[0]}{text}{frame[1]}" if frame[0] or frame[1] else text


def _refused(piece: Piece, remarks: list[Diagnostic]) -> Iterator[ParsedDocument]:
    """Remove diagnostics of unreadable documents, all up to the last error, from the front of a list; yield those."""
    start = 0
    for end, remark in enumerate(remarks, 1):
        if remark.severity is Severity.ERROR:
            yield ParsedDocument(piece, None, tuple(remarks[start:end]), piece.title, remark.line)
            start = end
    del remarks[:start]


def decoded(piece: Piece, content: bytes | Diagnostic) -> tuple[Piece, bytes | Diagnostic]:
    """Return a piece with its encoding and its content in UTF-8, or a diagnostic where it is no text."""
    if isinstance(content, Diagnostic):
        return piece, content
    piece, content = in_utf8(piece, content)
    if piece.line == 1 and content.find(b"\0", 0, HEAD_BYTES) >= 0:
        head = content[:HEAD_BYTES]
        return piece, _binary(head, piece) if is_binary(head, piece.has_records) else content
    return piece, content


def _binary(head: bytes, piece: Piece) -> Diagnostic:
    if kind := unreadable_kind(head):
        remedy = "unpack it" if kind.endswith(_PACKED) else "give the article as UTF-8 text"
        return Diagnostic("binary", 0, 0, f"it is {kind}, whatever its name says: {remedy}")
    if seeming := "" if piece.encoding else unmarked_encoding(head):
        name = f"{seeming[:6].upper()} ({'little' if seeming.endswith('le') else 'big'}-endian)"
        return Diagnostic("encoding", 0, 0, f"it looks like {name} without a mark: give --encoding {seeming}")
    at = head.find(b"\0")
    return Diagnostic("binary", 0, 0, f"a null byte at offset {at}: this is no text, give the article as UTF-8 text")


def _told(piece: Piece, text: str) -> list[Diagnostic]:
    """Return the remarks on how a text is read."""
    remarks = [Diagnostic(code, 1, 0, message) for code, message in piece.remarks]
    if piece.encoding and text.startswith("\ufeff"):
        message = f"the text is in {piece.encoding.upper()}, as its byte order mark says"
        remarks.append(Diagnostic("encoding-mark", 1, 0, message))
    return remarks


def undecodable(piece: Piece, content: bytes, at: int, offset: int, line: int) -> Diagnostic:
    """Return the diagnostic of the first byte that is wrong; ``offset`` is that of the content in its source."""
    before = content[:at]
    column = len(before[before.rfind(b"\n") + 1 :].decode()) + 1
    wrong = wrong_byte(content, at, piece.encoding)
    place = f" at offset {offset + encoded_size(before, piece.encoding)}"
    if piece.encoding and piece.content is not None:
        place = ""  # of a long text, only what was decoded is counted
    remedy = "name its encoding with --encoding" if wrong.encoding == "UTF-8" else "give another --encoding"
    message = f"byte 0x{wrong.value:02X}{place} is not {wrong.encoding}: save the text as UTF-8, or {remedy}"
    return Diagnostic("encoding", line + before.count(b"\n"), column, message)
