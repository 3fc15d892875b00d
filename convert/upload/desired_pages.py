"""Inputs to the pages that a wiki should have: articles written as wikitext, and ready pages taken unchanged.

Files of wikitext (``.wiki``) and export dumps hold ready pages.  A file of wikitext is named after its page, or holds
several pages in the form of ``convert -t wikitext``: each under a comment with its title, separated by form feeds.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence

from msgspec import Struct, structs

from convert import formats
from convert.batch.converter import Converter
from convert.batch.job.runner import Observer
from convert.batch.model import Task
from convert.batch.report.summary import Summary
from convert.batch.template_pages import template_pages
from convert.diagnostics import Diagnostic
from convert.inputs import sources
from convert.inputs.encodings import encoding_of, to_utf8
from convert.inputs.files import folders
from convert.inputs.files.choice import Choice
from convert.inputs.files.passed_over import PassedOver
from convert.inputs.files.stamps import opened, stamp_of
from convert.inputs.sources import Selection
from convert.names import title_of_name
from convert.options import options_for
from convert.profile import WikiProfile
from convert.readers.clean import clean
from convert.titles import BadTitle, page_of
from convert.upload.merging.call import Hidden
from convert.upload.merging.merge import infoboxes
from convert.upload.plan import DesiredPage, kept
from convert.wikitext.dumps import dump_pages
from convert.writers.transclusion import InfoboxOptions

#: Formats with ready pages.
PAGE_FORMATS = ("wikitext", "export")
_SUFFIXES = {"wikitext": (".wiki",), "export": (".xml", ".xml.bz2")}
_WIKITEXT_SUFFIXES = (".wiki", ".wikitext", ".mediawiki", ".txt")
_PROBE_BYTES = 4096
_PAGE_COMMENT = re.compile(r"\A<!-- page: (.*?) -->\n")


class Inputs(Struct, frozen=True):
    """What to upload: ``task`` writes wikitext; ``with_templates`` adds the template pages that it needs."""

    paths: Sequence[str]
    selection: Selection
    task: Task
    with_templates: bool = False


class DesiredPages:
    """The pages of inputs, for the wiki that ``profile`` describes.

    Rejected pages are reported to ``observer`` and counted in ``summary``.
    """

    def __init__(self, inputs: Inputs, profile: WikiProfile, observer: Observer) -> None:
        self.summary = Summary()
        self._inputs, self._profile, self._observer = inputs, profile, observer
        self._task = inputs.task._replace(form="text", options=structs.replace(inputs.task.options, profile=profile))
        #: Parameters that the pages use, by infobox template.
        self._used: dict[str, dict[str, None]] = {}

    def __iter__(self) -> Iterator[DesiredPage]:
        """Yield all pages in the order of the inputs, then the template pages that they need."""
        articles: list[str] = []
        for path in self._inputs.paths:
            format = _format_of(path, self._inputs.selection.format)
            if format not in PAGE_FORMATS:
                articles.append(path)
                continue
            yield from self._articles(articles)
            articles = []
            yield from self._read_pages(path, format)
        yield from self._articles(articles)
        if self._inputs.with_templates:
            yield from self._templates()

    def _articles(self, paths: Sequence[str]) -> Iterator[DesiredPage]:
        """Yield the pages of articles, converted to wikitext."""
        if not paths:
            return
        converter = Converter(self._task)
        for shard in sources.shards(sources.pieces(paths, self._inputs.selection, self._report)):
            for document in converter.convert(shard, map(sources.fetch, shard.pieces)):
                for remark in document.remarks:
                    self._report(document.source, remark)
                if document.refusal:
                    self.summary.rejected += 1
                    continue
                self.summary.written += 1
                text = kept(document.text.decode())
                if self._inputs.with_templates:
                    self._note_templates(text)
                yield DesiredPage(document.key, text, document.source)

    def _read_pages(self, path: str, format: str) -> Iterator[DesiredPage]:
        """Read the pages of a file of ready pages, or of a folder with such files."""
        file = ""
        for file, stamp in self._files(path, format):
            try:
                yield from self._dump(file, stamp) if format == "export" else self._wikitext(file, stamp)
            except OSError as error:
                self._reject(file, Diagnostic("unreadable", 0, 0, sources.reason(error)))
        if not file:
            self._reject(path, Diagnostic("empty", 0, 0, f"no file of {format} is in this folder"))

    def _files(self, path: str, format: str) -> Iterator[tuple[str, str]]:
        """Yield the files of a format with their stamps: in a folder all with its suffix, recursively, by name."""
        if not os.path.isdir(path):
            yield path, ""
            return

        def is_known(name: str, chosen: str) -> bool:
            return bool(chosen) or name.lower().endswith(_SUFFIXES[format])

        selection, passed_over = self._inputs.selection, PassedOver()
        choice = Choice(selection, path, passed_over, is_known)
        for file, stat in folders.files(
            path, os.stat(path), choice.is_wanted, follow_links=selection.follow_links, pass_over=choice.pass_over
        ):
            if isinstance(stat, OSError):
                self._reject(file, Diagnostic("unreadable", 0, 0, sources.reason(stat)))
            elif isinstance(stat, str):
                code, why = sources.link_outside(stat)
                self._report(file, Diagnostic(code, 0, 0, why))
            else:
                yield file, stamp_of(stat)
        for remark in passed_over.diagnostics():
            self._report(path, remark)

    def _dump(self, path: str, stamp: str) -> Iterator[DesiredPage]:
        with opened(path, stamp) as file:
            for page in dump_pages(file, lambda remark: self._report(path, remark)):
                yield from self._page(path, page.title, page.text, 1)

    def _wikitext(self, path: str, stamp: str) -> Iterator[DesiredPage]:
        with opened(path, stamp) as file:
            content = file.read()
        content = to_utf8(content, encoding_of(content[:4], self._inputs.selection.encoding))
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            why = f"byte 0x{content[error.start]:02X} at offset {error.start} is not UTF-8: save the text as UTF-8"
            self._reject(path, Diagnostic("encoding", content.count(b"\n", 0, error.start) + 1, 0, why))
            return
        line = 1
        for item in text.split("\f\n") if _PAGE_COMMENT.match(text) else [text]:
            head = _PAGE_COMMENT.match(item)
            title = head[1] if head else title_of_name(_stem(path))
            yield from self._page(path, title, item[head.end() :] if head else item, line)
            line += item.count("\n") + 1

    def _page(self, path: str, title: str, text: str, line: int) -> Iterator[DesiredPage]:
        page = page_of(title, self._profile)
        if isinstance(page, BadTitle):
            self._reject(path, Diagnostic("title-invalid", line, 0, f"no page can be called so: {page.problem}"))
            return
        self.summary.written += 1
        text = clean(text, lambda remark: self._report(path, remark), line)
        yield DesiredPage(page.title, kept(text), path, model="")

    def _note_templates(self, text: str) -> None:
        """Record the infobox templates that a page calls, and their parameters."""
        boxes = infoboxes(text, self._profile)
        for call in () if isinstance(boxes, Hidden) else boxes.values():
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


def _stem(path: str) -> str:
    name = os.path.basename(path)
    return next((name[: -len(suffix)] for suffix in _WIKITEXT_SUFFIXES if name.lower().endswith(suffix)), name)


def _format_of(path: str, chosen: str) -> str:
    """Return the format of an input with ready pages; the root element distinguishes a dump from other XML."""
    if chosen or path == sources.STDIN:
        return chosen
    format = formats.of_path(path)
    if format and format.name in PAGE_FORMATS:
        return format.name
    if path.lower().endswith(_SUFFIXES["export"]) and os.path.isfile(path):
        return "export" if path.lower().endswith(".bz2") or _is_dump(path) else ""
    return ""


def _is_dump(path: str) -> bool:
    try:
        with open(path, "rb") as file:
            return b"<mediawiki" in file.read(_PROBE_BYTES)
    except OSError:
        return False  # the reader reports the error
