"""Ready pages to desired pages, as they are: files of wikitext, dumps, and records.

A file of wikitext is named after its page, or holds several pages in the form of ``convert -t wikitext``: each under a
comment with its title, separated by form feeds.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from itertools import zip_longest

from convert.batch.converter import decoded, undecodable
from convert.diagnostics import Diagnostic, Report, shown
from convert.expressions import expression
from convert.inputs.page_files import EXPORT, PAGE_FORMATS, dump_page
from convert.inputs.piece import Piece
from convert.inputs.selection import STDIN, Selection
from convert.names import title_of_name
from convert.profile import WikiProfile
from convert.readers.clean import clean
from convert.titles import BadTitle, page_of
from convert.upload.desired.dump_titles import local_title
from convert.upload.desired.page_records import page_records
from convert.upload.plan import DesiredPage, kept
from convert.wikitext.dumps import DumpPage, dump_pages

_PAGE_COMMENT = expression(r"\A<!-- page: (.*?) -->\r?\n")
_BETWEEN_PAGES = expression(r"(\f\r?\n?)(?=<!-- page: )")


class ReadyPages:
    """Makes desired pages of ready ones, for the wiki that ``profile`` describes."""

    def __init__(self, selection: Selection, profile: WikiProfile) -> None:
        self._selection, self._profile = selection, profile

    def read(self, piece: Piece, content: bytes | Diagnostic, report: Report) -> Iterator[DesiredPage]:
        """Yield the pages of a piece; each error that is reported is a page that was not read."""
        for code, message in piece.remarks:
            report(Diagnostic(code, piece.line, 0, message))
        if piece.format == EXPORT and not piece.lines and not isinstance(content, Diagnostic):
            yield from self._of_dump(dump_page(content), piece.source, report)
            return
        piece, content = decoded(piece, content)
        if isinstance(content, Diagnostic):
            report(content)
            return
        try:
            text = content.decode("utf-8-sig" if piece.line == 1 else "utf-8")
        except UnicodeDecodeError as error:
            report(undecodable(piece, content, error.start, piece.start, piece.line))
            return
        if piece.lines or piece.path.lower().endswith(".json"):
            yield from self._of_records(text, piece, report)
        else:
            yield from self._of_wikitext(text, piece, report)

    def _of_wikitext(self, text: str, piece: Piece, report: Report) -> Iterator[DesiredPage]:
        line, several = piece.line, bool(_PAGE_COMMENT.match(text))
        items = _BETWEEN_PAGES.split(text) if several else [text]
        for item, between in zip_longest(items[::2], items[1::2], fillvalue=""):
            head = _PAGE_COMMENT.match(item)
            title = head[1] if head else "" if several or piece.path == STDIN else _title_of(piece)
            yield from self._page(title, item[head.end() :] if head else item, piece.source, line + bool(head), report)
            line += item.count("\n") + between.count("\n")

    def _of_records(self, text: str, piece: Piece, report: Report) -> Iterator[DesiredPage]:
        for record in page_records(text, piece.line, self._selection.fields, report):
            if not record.is_dump:
                yield from self._page(record.title, record.text, piece.source, record.line, report)
                continue
            for page in dump_pages(BytesIO(record.text.encode()), report):
                yield from self._of_dump(page, piece.source, report)

    def _of_dump(self, page: DumpPage, source: str, report: Report) -> Iterator[DesiredPage]:
        if page.problem:
            report(Diagnostic("dump-page", 0, 0, f"{shown(page.title)} is left out: {page.problem}"))
            return
        yield from self._page(local_title(page, self._profile), page.text, source, 0, report, page.model)

    def _page(
        self, title: str, text: str, source: str, line: int, report: Report, model: str = ""
    ) -> Iterator[DesiredPage]:
        if not title.strip():
            message = "the page has no title: name the file as the page, or put a line '<!-- page: Title -->' above it"
            report(Diagnostic("title-invalid", line, 0, message))
            return
        page = page_of(title, self._profile)
        if isinstance(page, BadTitle):
            message = f"no page can be called {shown(title)}: {page.problem}"
            report(Diagnostic("title-invalid", line, 0, message))
            return
        text = clean(text, report, line)
        yield DesiredPage(page.title, kept(text), source, model=model)


def _title_of(piece: Piece) -> str:
    """Return the title that a file is named after; that of a long title is in folders whose names end with '%'."""
    parts = piece.name.split("/")
    first = len(parts) - 1
    while first and parts[first - 1].endswith("%"):
        first -= 1
    return title_of_name("/".join([*parts[first:-1], piece.title]))


def is_ready(piece: Piece) -> bool:
    """Whether a piece holds ready pages."""
    return piece.format in PAGE_FORMATS and not piece.refusal
