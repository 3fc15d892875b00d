"""Inputs to the pages that a wiki is to have: articles written as wikitext, and pages taken as they are.

Files of wikitext (``.wiki``) and export dumps hold pages already.  A file of wikitext is called as its page is, or has
several pages, as ``convert -t wikitext`` writes them: under a comment with the title, between form feeds.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from typing import Any

from convert import formats
from convert.batch.converter import Converter
from convert.batch.job.run import Summary
from convert.batch.progress import Silent
from convert.cli.options import Request
from convert.diagnostics import Diagnostic, Severity
from convert.infobox import dumps
from convert.infobox.catalogue import shipped
from convert.infobox.pages import template_pages as template_pages
from convert.inputs import folders, sources
from convert.inputs.stamps import opened, stamp_of
from convert.names import title_of_name
from convert.profile import WikiProfile
from convert.readers.clean import clean
from convert.titles import BadTitle, page_of
from convert.upload.merge import Hidden, infoboxes
from convert.upload.plan import DesiredPage, kept
from convert.writers import escape

#: Formats that hold pages as they are.
AS_THEY_ARE = ("wikitext", "export")
_DUMPS = (".xml", ".xml.bz2")
_PROBE_BYTES = 4096
_ITEM = re.compile(r"\A<!-- page: (.*?) -->\n")


class Inputs:
    """The inputs of a request, as pages of one wiki; what cannot be one is told, and counted in ``summary``.

    ``columns`` are the fields of records with text and title.
    """

    def __init__(self, request: Request, profile: WikiProfile, columns: tuple[str, str], with_templates: bool) -> None:
        self.request, self.profile = request, profile
        self._selection = request.selection._replace(columns=columns)
        self.summary = Summary()
        self._watch = request.watch(Severity.ERROR, Silent())
        task = request.task("wikitext")
        fields = dict(zip(("text_field", "title_field"), columns, strict=True))
        self._task = task._replace(form="text", options={**task.options, **fields, "profile": profile})
        self._used: dict[str, dict[str, None]] | None = {} if with_templates else None

    def pages(self) -> Iterator[DesiredPage]:
        """Yield all pages, those of the templates that they need last."""
        articles: list[str] = []
        for path in self.request.paths:
            format = _format(path, self.request.source)
            if format in AS_THEY_ARE:
                yield from self._articles(articles)
                articles = []
                file = ""
                for file, stamp in self._files(path, format):
                    yield from self._as_they_are(file, stamp, format)
                if not file:
                    self._reject(path, Diagnostic("empty", 0, 0, f"no file of {format} is in this folder"))
            else:
                articles.append(path)
        yield from self._articles(articles)
        if self._used is not None:
            yield from self._templates(self._used)

    def _articles(self, paths: Sequence[str]) -> Iterator[DesiredPage]:
        if not paths:
            return
        converter = Converter(self._task)
        for shard in sources.shards(sources.pieces(paths, self._selection, self._say)):
            for record in converter.convert(shard, map(sources.fetch, shard.pieces)):
                for remark in record.remarks:
                    self._say(record.source, remark)
                if record.refusal:
                    self.summary.rejected += 1
                    continue
                self.summary.written += 1
                text = kept(record.text.decode())
                if self._used is not None:
                    self._use(text, self._used)
                yield DesiredPage(record.key, text, record.source)

    def _files(self, path: str, format: str) -> Iterator[tuple[str, str]]:
        """Find the files of a format, each with its stamp: in a folder those with its suffix, below it, by name."""
        if not os.path.isdir(path):
            yield path, ""
            return
        suffixes: Any = ".wiki" if format == "wikitext" else _DUMPS

        def is_read(name: str) -> bool:
            return name.lower().endswith(suffixes)

        for file, found in folders.files(path, os.stat(path), is_read, follow_links=self._selection.follow_links):
            if isinstance(found, OSError):
                self._reject(file, Diagnostic("unreadable", 0, 0, sources.reason(found)))
            elif isinstance(found, str):
                code, why = sources.link_outside(found)
                self._say(file, Diagnostic(code, 0, 0, why))
            else:
                yield file, stamp_of(found)

    def _as_they_are(self, path: str, stamp: str, format: str) -> Iterator[DesiredPage]:
        """Read pages that are wikitext already."""
        try:
            with opened(path, stamp) as file:
                if format == "export":
                    for each in dumps.dump_pages(file, lambda remark: self._say(path, remark)):
                        yield from self._page(path, each.title, each.text, 1)
                    return
                content = file.read()
        except OSError as error:
            self._reject(path, Diagnostic("unreadable", 0, 0, sources.reason(error)))
            return
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            why = f"byte 0x{content[error.start]:02X} at offset {error.start} is not UTF-8: save the text as UTF-8"
            self._reject(path, Diagnostic("encoding", content.count(b"\n", 0, error.start) + 1, 0, why))
            return
        line = 1
        for item in text.split("\f\n") if _ITEM.match(text) else [text]:
            head = _ITEM.match(item)
            title = head[1] if head else title_of_name(os.path.basename(path).removesuffix(".wiki"))
            yield from self._page(path, title, item[head.end() :] if head else item, line)
            line += item.count("\n") + 1

    def _page(self, path: str, title: str, text: str, line: int) -> Iterator[DesiredPage]:
        page = page_of(title, self.profile)
        if isinstance(page, BadTitle):
            self._reject(path, Diagnostic("title-invalid", line, 0, f"no page can be called so: {page.problem}"))
            return
        self.summary.written += 1
        text = clean(text, lambda remark: self._say(path, remark), line)
        yield DesiredPage(page.title, kept(text), path, model="")

    def _use(self, text: str, used: dict[str, dict[str, None]]) -> None:
        """Note which templates a page calls for its infoboxes, and with which parameters."""
        found = infoboxes(text, self.profile)
        for call in () if isinstance(found, Hidden) else found.values():
            names = (part[:at].strip() for part, at in zip(call.parts, call.equals, strict=True) if at >= 0)
            used.setdefault(call.parts[0].strip(), {}).update(dict.fromkeys(names))

    def _templates(self, used: dict[str, dict[str, None]]) -> Iterator[DesiredPage]:
        options = self._task.options
        guard = escape.guard(escape.parameter_name, self.profile, literal=True)
        typed = options["values"] == "typed" or bool(options["typed"])
        catalogue = options["catalogue"] or shipped()
        for page, text, model in template_pages(used, catalogue, guard, self.profile, typed=typed):
            yield DesiredPage(page.title, kept(text), "the catalogue", model, only_missing=True)

    def _say(self, source: str, remark: Diagnostic) -> None:
        self.summary.codes[remark.code] += 1
        if remark.severity >= self._watch.shown_from:
            self._watch.report(source, remark)

    def _reject(self, source: str, remark: Diagnostic) -> None:
        self.summary.rejected += 1
        self._say(source, remark)


def _format(path: str, chosen: str | None) -> str:
    """Tell in which format an input is: a dump is known by its root, since other XML has the same suffix."""
    if chosen or path == sources.STDIN:
        return chosen or ""
    found = formats.of_path(path)
    if found and found.name in AS_THEY_ARE:
        return found.name
    if path.lower().endswith(_DUMPS) and os.path.isfile(path):
        return "export" if path.lower().endswith(".bz2") or _is_dump(path) else ""
    return ""


def _is_dump(path: str) -> bool:
    try:
        with open(path, "rb") as file:
            return b"<mediawiki" in file.read(_PROBE_BYTES)
    except OSError:
        return False  # whoever reads it will say so
