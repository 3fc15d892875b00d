"""A record to its articles: what its text says, as the reader of the text's format reads it, and what its fields add.

Records of a title and a text, as most are, are decoded without their other fields.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any, Protocol

import msgspec
from msgspec import structs

from convert.ast import Article
from convert.diagnostics import Diagnostic, Report, excerpt, shown
from convert.expressions import expression
from convert.readers.clean import clean, clean_line, clean_metadata
from convert.readers.records.articles import is_article, read_article
from convert.readers.records.fields import FACT_NAMES, METADATA_NAMES, PART_NAMES, Fields, Unreadable
from convert.readers.records.options import RecordOptions
from convert.readers.records.pages import Page, joined
from convert.readers.records.parts import LONG_TEXT, Parts, content_unread, parts_of
from convert.readers.records.sections import SectionText
from convert.readers.records.shapes import Record, records_of
from convert.readers.records.syntax import NotJson, Number, clean_json, decoded, tell_repeated
from convert.readers.trees import WrongShape, tidied

#: So many characters at the end of a text are searched to see what stands behind it.
_TAIL = 12
_PLAIN = expression(r'[^"\\/\x00-\x1f\x7f]+\Z')


class Read(Protocol):
    """The reader of a text's format."""

    def __call__(self, text: str, report: Report, options: Any, /) -> Iterator[Article]: ...


class RecordReader:
    """Reads records with the reader and options of their texts' format."""

    def __init__(self, read: Read, read_options: Any, options: RecordOptions) -> None:
        self._read, self._read_options, self._options = read, read_options, options
        names = {"text": options.text_field, "title": options.title_field}
        # A record with a part of a page beside its text is refused here, and read field by field.
        asked = (*names.values(), "", "summary", "abstract")
        parts = dict.fromkeys(
            (*PART_NAMES, *FACT_NAMES, *METADATA_NAMES, options.infobox_field, options.categories_field)
        )
        others = [name for name in parts if name not in asked]
        rename = names | {f"other{number}": name for number, name in enumerate(others)}
        wanted: list[Any] = [("text", str), ("title", str)]
        wanted += [(f"other{number}", None, None) for number in range(len(others))]
        self._row = msgspec.json.Decoder(msgspec.defstruct("Row", wanted, rename=rename))
        self._text_key, self._title_key = (msgspec.json.encode(name).decode() for name in names.values())

    def read(self, record: str, report: Report, line: int, fallback: str) -> Iterator[Article]:
        """Read a record that begins in a line; ``fallback`` is the title of an article without one."""
        try:
            row: Any = self._row.decode(record)
            members: Fields = msgspec.json.decode(record) if self._options.metadata else {}
        except (msgspec.DecodeError, RecursionError, UnicodeError):
            row = None
        if row is None or not row.title or row.title.isspace() or row.text.startswith("#"):
            yield from self._read_by_fields(record, report, line, fallback)
            return
        if self._may_have_more(record, row.text):
            self._tell_unread(record, row.text, report, line)
        if self._may_repeat(record, row.text, len(members)):
            tell_repeated(record, line, report)
        title = row.title.strip()
        for article in self._named(row.text, title, report, line):
            if members:
                article = structs.replace(article, metadata={**article.metadata, **self._others(members)})
            yield structs.replace(article, line=line)

    # ── Records of a title and a text

    def _may_have_more(self, record: str, text: str) -> bool:
        """Whether a record may hold a long text beside the one that is read; a cheap test with false positives."""
        spare = len(record) - len(text) - LONG_TEXT
        if spare < 0:
            return False
        # What stands around the text is what counts; where the text ends is found unless it has escapes there.
        tail = text[-2 * _TAIL :].rstrip()[-_TAIL:]
        if tail.isascii() and _PLAIN.match(tail) and (at := record.rfind(tail)) >= 0:
            return record.find(self._text_key) + len(record) - at > LONG_TEXT
        return spare > record.count("\\") + 4 * record.count("\\u")

    def _tell_unread(self, record: str, text: str, report: Report, line: int) -> None:
        """Report the fields that look like content and are not read."""
        with suppress(NotJson):
            fields = decoded(clean_json(record, line, _unheard), line, _unheard)
            used = {self._options.text_field: "text", self._options.title_field: "title"}
            self._tell_names(content_unread(fields, text, used), report, line)

    def _may_repeat(self, record: str, text: str, members: int) -> bool:
        """Whether a key may be repeated in a record; ``members`` is the number of all its members if known, else 0.

        A cheap test with false positives.  The text, which is most of a record, is not searched: in the record it takes
        at least as many characters as it has.
        """
        key, title = self._text_key, self._title_key
        start = record.find(key)
        end = start + len(key)
        # Whichever of two texts this one is, so many characters follow the second key.
        if record.find(key, end, len(record) - len(text)) >= 0:
            return True
        if record.count(title, 0, start) + record.count(title, end + len(text)) > 1:
            return True
        if not members:
            return False
        # Nested objects, or quotes near the end of the text, are false positives.
        rest = record[:end] + record[end + len(text) :]
        colons = 1 + rest.count('":')
        return members != colons and members != colons - rest.count('\\":')

    def _others(self, members: Fields) -> dict[str, str]:
        read = (self._options.text_field, self._options.title_field)
        return _as_metadata({name: value for name, value in members.items() if name not in read})

    # ── Any other record

    def _read_by_fields(self, record: str, report: Report, line: int, fallback: str) -> Iterator[Article]:
        cleaned = clean_json(clean(record, report, line), line, report)
        remarks: list[Diagnostic] = []
        try:
            value = decoded(cleaned, line, remarks.append)
        except NotJson as error:
            report(error.diagnostic(line))
            return
        if isinstance(value, dict) and is_article(value):
            article = read_article(cleaned, line, fallback, report)
            if article:
                yield article
            return
        for remark in remarks:
            report(remark)
        for entry in records_of(value, self._options, line, report):
            try:
                if isinstance(entry, Unreadable):
                    raise entry
                yield from self._read_record(entry, report, line, fallback)
            except Unreadable as error:
                report(Diagnostic(error.code, line, 1, str(error)))
            except RecursionError:
                report(Diagnostic("json-shape", line, 1, "nested too deeply to be an article"))

    def _read_record(self, record: Record, report: Report, line: int, fallback: str) -> Iterator[Article]:
        parts = parts_of(record.fields, record.options)
        remarks: list[Diagnostic] = []
        articles = list(self._articles(parts, remarks.append, line, fallback))
        for remark in remarks:
            report(_with_cause(remark, parts.untitled))
        self._tell(record, parts, report, line)
        for article in articles:
            if record.options.metadata:
                others = {name: value for name, value in record.fields.items() if name not in parts.used}
                article = structs.replace(article, metadata={**article.metadata, **_as_metadata(others)})
            yield structs.replace(article, line=line)

    def _articles(self, parts: Parts, report: Report, line: int, fallback: str) -> Iterator[Article]:
        text = parts.text if parts.text is not None else parts.lead
        has_more = bool(parts.sections or parts.infoboxes)
        if has_more and not text.strip():
            articles = iter([Article(clean_line(parts.title or fallback))])
            if not parts.title:
                report(Diagnostic("title-missing", line, 0, f"the title is {shown(fallback)}"))
        else:
            articles = self._named(text, parts.title, report, line, fallback)
        for number, article in enumerate(articles):
            yield article if number else self._completed(article, parts, report, line)

    def _completed(self, article: Article, parts: Parts, report: Report, line: int) -> Article:
        """Add what the fields of a record say to what its text says."""
        if not (parts.sections or parts.infoboxes or parts.categories):
            return article
        page = Page(article)
        for section in parts.sections:
            page.add(section, self._section(section, report, line))
        try:
            return tidied(page.article(parts.infoboxes, parts.categories), report, "")
        except WrongShape as error:
            raise Unreadable("json-shape", str(error)) from None

    def _section(self, section: SectionText, report: Report, line: int) -> Article:
        if not section.text.strip():
            return Article("")
        heading = section.heading or "section"
        articles = list(self._named(section.text, heading, report, line))
        return articles[0] if len(articles) == 1 else joined(articles, heading)

    def _named(self, text: str, title: str, report: Report, line: int, fallback: str = "") -> Iterator[Article]:
        """Read a text whose page the record names, if ``title`` is not empty."""
        options = structs.replace(self._read_options, title=title or fallback)
        articles = self._read(text, _at(line, report, title), options)
        first = next(articles, None)
        if first is None:
            return
        if not title or first.title == title or _is_same(first.title, title):
            yield first
            yield from articles
            return
        message = f"the record names the page {shown(title)}: the heading {shown(first.title)} is one of a section"
        report(Diagnostic("record-title", line, 1, message))
        yield joined([first, *articles], clean_line(title))

    def _tell(self, record: Record, parts: Parts, report: Report, line: int) -> None:
        """Report which fields were read, where they are others than a title and a text, and which were not."""
        usual = {record.options.text_field: "text", record.options.title_field: "title"}
        odd = [f"{what} from {excerpt(name, 40)}" for name, what in parts.used.items() if usual.get(name) != what]
        if record.where:
            odd.insert(0, record.where)
        if odd:
            report(Diagnostic("record-form", line, 1, f"read as {', '.join(odd)}"))
        self._tell_names(parts.unread, report, line)

    def _tell_names(self, unread: Iterable[str], report: Report, line: int) -> None:
        names = ", ".join(excerpt(name, 40) for name in unread)
        if names and not self._options.metadata:
            message = f"not read, though it looks like content: {names}; --metadata keeps what is not read"
            report(Diagnostic("record-unread", line, 1, message))


def _as_metadata(members: Fields) -> dict[str, str]:
    return {clean_metadata(name): clean_metadata(_as_text(value)) for name, value in members.items()}


def _as_text(value: Any) -> str:
    return str(value) if isinstance(value, str) else msgspec.json.encode(_with_digits(value)).decode()


def _with_digits(value: Any) -> Any:
    """Make a value such that its numbers are written as they were."""
    if isinstance(value, Number):
        return msgspec.Raw(value.encode())
    if isinstance(value, dict):
        return {name: _with_digits(member) for name, member in value.items()}
    return list(map(_with_digits, value)) if isinstance(value, list) else value


def _unheard(_: Diagnostic) -> None:
    pass


def _at(line: int, report: Report, title: str) -> Callable[[Diagnostic], None]:
    """Return a report that sets the line of the record, and drops ``title-missing`` if the record has a title."""

    def placed(diagnostic: Diagnostic) -> None:
        if diagnostic.code != "title-missing" or not title:
            report(structs.replace(diagnostic, line=line, column=0))

    return placed


def _with_cause(remark: Diagnostic, cause: str) -> Diagnostic:
    """Say why a record has no title."""
    if remark.code != "title-missing" or not cause:
        return remark
    return structs.replace(remark, message=f"{cause}; {remark.message}")


def _is_same(heading: str, title: str) -> bool:
    """Return whether two titles mean the same page, as far as anybody can tell."""
    return clean_line(title) == heading or _loose(title) == _loose(heading)


def _loose(title: str) -> str:
    title = " ".join(title.replace("_", " ").split())
    return title[:1].upper() + title[1:]
