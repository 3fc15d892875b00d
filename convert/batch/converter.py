"""The documents of a shard, converted: bytes in, records out.

    Shard ─ number, pieces ─ Piece          where documents are: stretches of sources
    Task                                    what to do with each
    Outcome ─ records ─ Record              what became of each

Work is cut into shards by position, whatever the number of workers, and a record depends on nothing but its shard and
the task.  Nothing here reads or writes a file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, Literal, NamedTuple

import msgspec
from msgspec import Meta, Struct, structs

from convert import formats
from convert.ast import Article
from convert.diagnostics import Diagnostic, Severity
from convert.inputs.article_bounds import stretches
from convert.inputs.jsonl import RecordReader
from convert.readers.clean import holdable
from convert.readers.plain import PlainReadOptions, title_of
from convert.titles import Page, page_of, replaced

#: When a source was last changed, where nothing tells.
NO_TIME = "1970-01-01T00:00:00Z"

#: A null byte this near to a file's beginning means that it is no text.
BINARY_PROBE_BYTES = 8192

#: More documents than a shard can hold, so that numbers given within shards never meet.
IDS_PER_SHARD = 1 << 20

#: What a document becomes: a text, a part of a text with many, a line of JSON Lines, the row of a table (a line where
#: the text is a string, whatever its format), or nothing but its diagnostics.
Form = Literal["text", "item", "line", "row", "none"]


class Piece(Struct, frozen=True, gc=False):
    """A stretch of a source: the bytes from ``start`` to ``end`` of the file at ``path``, or ``content``.

    ``source`` names it for people, ``title`` serves an article without one, ``line`` is the number of its first line.
    ``refusal`` is a code and the reason why it cannot be read at all.

    With ``lines`` each line is a record of JSON Lines with its text in ``format``.  ``stamp`` tells one state of the
    file from another.  ``packed`` is how the bytes are stored in the file, where that is not as they are.
    """

    source: str
    path: str
    format: str
    title: str = ""
    timestamp: str = NO_TIME
    start: int = 0
    end: int = 0
    line: int = 1
    content: bytes | None = None
    refusal: tuple[str, str] | None = None
    lines: bool = False
    stamp: str = ""
    packed: tuple[str | int, ...] = ()

    @property
    def size(self) -> int:
        """How many bytes it has when it is unpacked."""
        return int(self.packed[1]) if self.packed[:1] == ("zip",) else self.end - self.start


class Shard(NamedTuple):
    """Pieces that are converted in one go; numbers count from 0 in the order of the input.

    ``fingerprint`` is the same for shards with the same input.  ``known`` is where an earlier run's manifest tells what
    became of the shard.
    """

    number: int
    pieces: tuple[Piece, ...]
    fingerprint: str = ""
    known: int | None = None

    @property
    def named(self) -> str:
        """Its sources, as people are told of them: the first and the last."""
        first, last = self.pieces[0].source, self.pieces[-1].source
        return first if first == last else f"{first} to {last}"


class Task(NamedTuple):
    """What to do with every document.

    ``options`` are fields, by name, of whichever reader's or writer's options have them.
    """

    target: str
    form: Form
    options: Mapping[str, Any]


class Found(Struct, frozen=True, gc=False):
    """A document as read, and what its reader said: with an error there is no article."""

    piece: Piece
    article: Article | None
    remarks: list[Diagnostic]
    title: str
    line: int


class Record(Struct, frozen=True, gc=False):
    """What became of one document: ``text`` in the form asked for, or the error that rejected it.

    ``key`` is the same for titles that mean one page.  ``remarks`` is everything that was reported, in order.
    ``stored`` is the file that has the text instead, ``size`` its bytes.
    """

    source: str
    line: int
    title: str
    key: str
    text: bytes
    refusal: Diagnostic | None
    remarks: tuple[Diagnostic, ...]
    stored: str = ""
    size: int = 0


#: Numbers as they are kept in files, which anybody may have written: no file, place or time is as large.
Count = Annotated[int, Meta(ge=0, le=1 << 60)]
Times = Annotated[int, Meta(ge=1, le=1 << 60)]
Seconds = Annotated[float, Meta(ge=-1e12, le=1e12)]


class Notable(NamedTuple):
    """A document that was large or slow: the bytes of its text as written, and the seconds that it took."""

    source: str
    line: Count
    title: str
    size: Count
    seconds: Seconds


class Outcome(NamedTuple):
    """What became of a shard: its records, how often each code was reported, and how many bytes it had.

    ``part`` has the texts of all records that have one, packed as the sink wants them; it may be looked at until the
    next outcome is asked for.  ``told`` counts messages of the codes that make a list of things to do.  ``seconds`` are
    by stage.  ``known`` says that an earlier run did the work.
    """

    number: int
    records: list[Record]
    codes: dict[str, int]
    size: int
    told: dict[str, dict[str, int]]
    seconds: dict[str, float]
    notable: list[Notable]
    part: bytes | memoryview = b""
    fingerprint: str = ""
    known: bool = False


class Converter:
    """Carries out a task, document by document."""

    def __init__(self, task: Task) -> None:
        target = formats.named(task.target)
        assert target is not None
        assert target.writer is not None
        self.task = task
        self._text_form: Form = "item" if task.form == "line" and target.name == "json" else task.form
        if task.form == "row":
            self._text_form = "line"
        self._write = formats.load(target.writer.item if self._text_form == "item" else target.writer.write)
        self._options = options_of(target.writer.options, task.options)
        own = set(self._options.__struct_fields__)
        self.has_id, self._has_timestamp = "id" in own, "timestamp" in own
        self._profile = self._options.profile if {"profile", "titles"} <= own else None
        self._readers: dict[str, tuple[formats.Read, Any]] = {}
        self._record_readers: dict[str, RecordReader] = {}

    def convert(self, shard: Shard, contents: Iterable[bytes | Diagnostic]) -> Iterator[Record]:
        """Convert the documents of a shard, given what each piece holds, or why that could not be had."""
        for number, found in enumerate(self.read(shard, contents), shard.number * IDS_PER_SHARD + 1):
            yield self.write(found, number)

    def read(self, shard: Shard, contents: Iterable[bytes | Diagnostic]) -> Iterator[Found]:
        """Read the documents of a shard, as ``convert`` does."""
        for piece, content in zip(shard.pieces, contents, strict=True):
            yield from self._read_piece(piece, content)

    def _read_piece(self, piece: Piece, content: bytes | Diagnostic) -> Iterator[Found]:
        if piece.refusal:
            content = Diagnostic(piece.refusal[0], piece.line, 0, piece.refusal[1])
        elif piece.line == 1:
            content = _probed(content)
        if isinstance(content, Diagnostic):
            yield Found(piece, None, [content], piece.title, content.line)
            return
        try:
            text = content.decode()
        except UnicodeDecodeError:
            yield from self._read_damaged(piece, content)
        else:
            yield from self._read_text(piece, content, text, piece.line)

    def _read_text(self, piece: Piece, content: bytes, text: str, line: int) -> Iterator[Found]:
        remarks: list[Diagnostic] = []
        if piece.lines:
            name = piece.source.rpartition("/")[2].partition(".")[0]
            articles = self._record_reader(piece.format).read(text, remarks.append, line, name)
        else:
            read, options = self._reader(piece.format)
            checked = {"checked": holdable(content)} if isinstance(options, PlainReadOptions) else {}
            articles = read(text, remarks.append, structs.replace(options, title=piece.title, line=line, **checked))
        for article in articles:
            if remarks:
                yield from _refused(piece, remarks)
            yield Found(piece, article, remarks.copy(), article.title, article.line)
            remarks.clear()
        yield from _refused(piece, remarks)
        if remarks:
            yield Found(piece, None, remarks, piece.title, remarks[-1].line)

    def _read_damaged(self, piece: Piece, content: bytes) -> Iterator[Found]:
        """Read what is not UTF-8 stretch by stretch, so that only the articles with wrong bytes are lost."""
        line = piece.line
        for start, stretch in stretches(content, "lines" if piece.lines else piece.format):
            try:
                text = stretch.decode()
            except UnicodeDecodeError as error:
                first_line = stretch.lstrip().partition(b"\n")[0].decode("utf-8", "replace")
                title = title_of(first_line) if piece.format == "plain" else None
                found = _undecodable(stretch, error, piece.start + start, line)
                yield Found(piece, None, [found], title or piece.title, line)
            else:
                yield from self._read_text(piece, stretch, text, line)
            line += stretch.count(b"\n")

    def _reader(self, name: str) -> tuple[formats.Read, Any]:
        if name not in self._readers:
            source = formats.named(name)
            assert source is not None
            assert source.reader is not None
            self._readers[name] = formats.load(source.reader.read), options_of(source.reader.options, self.task.options)
        return self._readers[name]

    def _record_reader(self, name: str) -> RecordReader:
        if name not in self._record_readers:
            options = options_of("convert.inputs.jsonl:RecordOptions", self.task.options)
            self._record_readers[name] = RecordReader(*self._reader(name), options)
        return self._record_readers[name]

    def write(self, found: Found, number: int) -> Record:
        """Write a document; ``number`` is its own in the run, from 1."""
        article, remarks = found.article, found.remarks
        text = b"" if article is None else self._text(article, remarks, found.piece, number)
        refusal = None
        if remarks:
            refusal = next((each for each in remarks if each.severity is Severity.ERROR), None)
            if article is None and not refusal:
                refusal = remarks[-1]
        title, kept = found.title, b"" if refusal else text
        return Record(found.piece.source, found.line, title, self._key(title), kept, refusal, tuple(remarks))

    def _key(self, title: str) -> str:
        if self._profile is None:
            return title
        changed = replaced(title, self._profile) if self._options.titles == "replace" else title
        page = page_of(changed, self._profile)
        return page.title if isinstance(page, Page) else title

    def _text(self, article: Article, remarks: list[Diagnostic], piece: Piece, number: int) -> bytes:
        own: dict[str, Any] = {"id": number} if self.has_id else {}
        if self._has_timestamp:
            own["timestamp"] = piece.timestamp
        options = structs.replace(self._options, **own) if own else self._options
        text: str = self._write(article, remarks.append, options)
        if self._text_form == "line":
            return msgspec.json.encode({"title": article.title, "text": text, "source": piece.source}) + b"\n"
        return b"" if self._text_form == "none" else text.encode()


def options_of(name: str, chosen: Mapping[str, Any]) -> Any:
    """Make the options that a format's table entry names, from those of the chosen ones that it has."""
    kind = formats.load(name)
    return kind(**{name: chosen[name] for name in kind.__struct_fields__ if name in chosen})


def _refused(piece: Piece, remarks: list[Diagnostic]) -> Iterator[Found]:
    """Take what belongs to unreadable documents off the front of a list: all up to the last error."""
    start = 0
    for end, remark in enumerate(remarks, 1):
        if remark.severity is Severity.ERROR:
            yield Found(piece, None, remarks[start:end], piece.title, remark.line)
            start = end
    del remarks[:start]


def _probed(content: bytes | Diagnostic) -> bytes | Diagnostic:
    """Tell by the beginning of a file what cannot be a text."""
    if isinstance(content, Diagnostic):
        return content
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Diagnostic("encoding", 0, 0, "the text is UTF-16: save it as UTF-8")
    at = content.find(b"\0", 0, BINARY_PROBE_BYTES)
    if at >= 0:
        return Diagnostic(
            "binary", 0, 0, f"a null byte at offset {at}: this is no text, give the article as UTF-8 text"
        )
    return content


def _undecodable(content: bytes, error: UnicodeDecodeError, offset: int, line: int) -> Diagnostic:
    """Say where a text stops being UTF-8; the offset counts from the beginning of its source."""
    at = error.start
    column = len(content[content.rfind(b"\n", 0, at) + 1 : at].decode()) + 1
    message = f"byte 0x{content[at]:02X} at offset {offset + at} is not UTF-8: save the text as UTF-8"
    return Diagnostic("encoding", line + content.count(b"\n", 0, at), column, message)
