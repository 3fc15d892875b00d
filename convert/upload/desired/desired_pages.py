"""Inputs to the pages that a wiki should have: articles written as wikitext, and ready pages taken unchanged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from msgspec import Struct, structs

from convert.ast import Article
from convert.batch.converter import Converter
from convert.batch.model import Task
from convert.batch.observer import Observer
from convert.batch.report.summary import Summary
from convert.batch.template_pages import template_pages
from convert.diagnostics import Diagnostic, Severity
from convert.inputs import sources
from convert.inputs.page_files import WIKITEXT, is_remark
from convert.inputs.piece import Piece, Shard
from convert.inputs.sources import Selection
from convert.options import options_for
from convert.profile import CATEGORY, WikiProfile
from convert.upload.desired.categories import TEXT, categories_of
from convert.upload.desired.page_records import hold_pages, unsure_lines
from convert.upload.desired.ready_pages import ReadyPages, is_ready
from convert.upload.files.named_files import NamedFiles
from convert.upload.merging.merge import infoboxes
from convert.upload.merging.places import Hidden
from convert.upload.plan import DesiredPage, kept
from convert.writers.transclusion import InfoboxOptions

_AS_PAGES = (
    "content-type",
    "its records are taken for pages of wikitext, by their content: give -f plain if they are articles",
)


class Inputs(Struct, frozen=True):
    """What to upload: ``task`` writes wikitext; ``with_templates`` adds the template pages that it needs."""

    paths: Sequence[str]
    selection: Selection
    task: Task
    with_templates: bool = False
    #: Add a page for each category that they name.
    with_categories: bool = False
    #: The folder of the files that pages name; empty to look for none.
    files: str = ""
    #: The field of articles, of their metadata, that says under which licence their files are.
    licence_field: str = ""


class DesiredPages:
    """The pages of inputs, for the wiki that ``profile`` describes.

    Rejected pages are reported to ``observer`` and counted in ``summary``.
    """

    def __init__(self, inputs: Inputs, profile: WikiProfile, observer: Observer) -> None:
        self.summary = Summary()
        self._inputs, self._profile, self._observer = inputs, profile, observer
        self._selection = inputs.selection._replace(pages=True)
        self._task = inputs.task._replace(form="text", options=structs.replace(inputs.task.options, profile=profile))
        self._converter = Converter(self._task, sources.outline_beside)
        self._ready = ReadyPages(self._selection, profile)
        #: The source of records that was looked at last, and whether they are pages.
        self._looked_at = ("", False)
        #: The files that pages name.
        self.files = NamedFiles(inputs.files, profile) if inputs.files else None
        #: Titles of categories: named by pages, and of pages themselves.
        self._categories: dict[str, None] = {}
        self._own_categories: set[str] = set()
        #: Parameters that the pages use, by infobox template.
        self._used: dict[str, dict[str, None]] = {}

    def __iter__(self) -> Iterator[DesiredPage]:
        """Yield all pages in the order of the inputs, then the pages of templates and categories that they need."""
        found = sources.pieces(self._inputs.paths, self._selection, self._report)
        for shard in sources.shards(filter(self._is_piece, found)):
            pieces = ((self._looked(piece, content), content) for piece, content in _fetched(shard))
            for are_ready, group in groupby(pieces, lambda pair: is_ready(pair[0])):
                some = list(group)
                yield from self._pages(some) if are_ready else self._articles(shard, some)
        if self._inputs.with_templates:
            yield from self._templates()
        for category in self._categories:
            if category not in self._own_categories:
                yield DesiredPage(category, TEXT, "the categories of pages", only_missing=True)

    def _is_piece(self, piece: Piece) -> bool:
        """Report a piece that only says something about its source."""
        if not piece.refusal or not is_remark(piece.refusal):
            return True
        self._report(piece.source, Diagnostic(piece.refusal[0], piece.line, 0, piece.refusal[1]))
        return False

    def _looked(self, piece: Piece, content: bytes | Diagnostic) -> Piece:
        """Return a piece of records that turn out to be pages as one."""
        if not piece.lines or self._selection.format or piece.refusal or isinstance(content, Diagnostic):
            return piece
        source, are_pages = self._looked_at
        if piece.source != source or piece.line == 1:
            are_pages = self._task.options.markup == "literal" and hold_pages(content, self._selection.fields)
            self._looked_at = piece.source, are_pages
            if are_pages:
                piece = structs.replace(piece, remarks=(*piece.remarks, _AS_PAGES))
        return structs.replace(piece, format=WIKITEXT) if are_pages else piece

    def _articles(self, shard: Shard, some: list[tuple[Piece, bytes | Diagnostic]]) -> Iterator[DesiredPage]:
        """Yield the pages of articles, converted to wikitext."""
        contents = [self._without_unsure(piece, content) for piece, content in some]
        shard = shard._replace(pieces=tuple(piece for piece, _ in some))
        for parsed in self._converter.read(shard, contents):
            document = self._converter.write(parsed, 1)
            for remark in document.remarks:
                self._report(document.source, remark)
            if document.refusal:
                self.summary.rejected += 1
                continue
            page = DesiredPage(document.key, kept(document.text.decode()), document.source)
            yield self._desired(page, parsed.article)

    def _without_unsure(self, piece: Piece, content: bytes | Diagnostic) -> bytes | Diagnostic:
        """Reject the records that may be pages; lines without them keep their numbers."""
        is_told = bool(self._selection.format) or self._task.options.markup != "literal"
        if not piece.lines or is_told or isinstance(content, Diagnostic):
            return content
        unsure = list(unsure_lines(content, piece.line, self._selection.fields))
        if not unsure:
            return content
        lines = content.split(b"\n")
        for remark in unsure:
            lines[remark.line - piece.line] = b""
            self._reject(piece.source, remark)
        return b"\n".join(lines)

    def _pages(self, some: list[tuple[Piece, bytes | Diagnostic]]) -> Iterator[DesiredPage]:
        """Yield ready pages."""
        for piece, content in some:

            def report(remark: Diagnostic, source: str = piece.source) -> None:
                self.summary.rejected += remark.severity is Severity.ERROR
                self._report(source, remark)

            for page in self._ready.read(piece, content, report):
                yield self._desired(page)

    def _desired(self, page: DesiredPage, article: Article | None = None) -> DesiredPage:
        self.summary.written += 1
        if self.files:
            self.files.note(page.text, article.metadata.get(self._inputs.licence_field, "") if article else "")
        if self._inputs.with_templates:
            self._note_templates(page.text)
        if self._inputs.with_categories:
            self._categories.update(dict.fromkeys(categories_of(page.text, self._profile)))
            if page.title.startswith(f"{self._profile.namespaces[CATEGORY]}:"):
                self._own_categories.add(page.title)
        return page

    def _note_templates(self, text: str) -> None:
        """Record the infobox templates that a page calls, and their parameters."""
        boxes = infoboxes(text, self._profile)
        for call in () if isinstance(boxes, Hidden) else boxes:
            names = (part[:at].strip() for part, at in zip(call.parts, call.equals, strict=True) if at >= 0)
            self._used.setdefault(call.parts[0].strip(), {}).update(dict.fromkeys(names))

    def _templates(self) -> Iterator[DesiredPage]:
        """Make the pages of the recorded templates."""
        options = options_for(InfoboxOptions, self._task.options)
        for page, text, model in template_pages(self._used, options):
            yield DesiredPage(page.title, kept(text), "the catalogue", model, only_missing=True)

    def _report(self, source: str, remark: Diagnostic) -> None:
        self._observer.counting(self.summary)(source, remark)

    def _reject(self, source: str, remark: Diagnostic) -> None:
        self.summary.rejected += 1
        self._report(source, remark)


def _fetched(shard: Shard) -> Iterator[tuple[Piece, bytes | Diagnostic]]:
    return ((piece, sources.fetch(piece)) for piece in shard.pieces)
