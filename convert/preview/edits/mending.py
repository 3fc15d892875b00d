"""Articles mended: the source edited with a live page, and the template written into the file.

The name of a template is written where the reader then finds it: each way to write it is tried, and only one by which
the article is the same but for that template is taken.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from msgspec import Struct, structs

from convert.ast import Article
from convert.errors import UsageError
from convert.expressions import expression
from convert.infobox import GENERIC
from convert.infobox.catalogue import title_key
from convert.infobox.match import match
from convert.preview import pages
from convert.preview.background import BackgroundReader
from convert.preview.documents import Document
from convert.preview.edits.decisions import Kept
from convert.preview.edits.files import Sources, Stretch, digest_of
from convert.preview.edits.history import History, Undone
from convert.preview.library import Library

_SEVERITIES = {1: "note", 2: "warning", 3: "error"}
_HEAD = expression(r"([ \t]*)infobox\b[^\n]*", re.IGNORECASE)


class ArticleRequest(Struct, forbid_unknown_fields=True):
    """An article."""

    id: str


class NameRequest(Struct, forbid_unknown_fields=True):
    """A template to write into the file of an article, for an infobox."""

    id: str
    box: int
    template: str


class DraftRequest(Struct, forbid_unknown_fields=True):
    """A source to try."""

    id: str
    text: str


class SaveRequest(Struct, forbid_unknown_fields=True):
    """A source to write, in place of the file with the ``digest``."""

    id: str
    text: str
    digest: str


class Opened(Struct):
    """A source to edit; ``place`` is its file as it was named, ``line`` its first line there."""

    text: str
    digest: str
    place: str
    path: str
    line: int


class RemarkShown(Struct):
    """A diagnostic of a draft; ``line`` counts within the file."""

    line: int
    severity: str
    message: str
    code: str


class Draft(Struct):
    """A draft as a page, with its diagnostics."""

    page: str
    title: str
    remarks: list[RemarkShown]


class Mending:
    """Changes the files of the inputs.  Thread-safe."""

    def __init__(self, library: Library, background: BackgroundReader, sources: Sources, history: History) -> None:
        self.library, self.background, self.sources, self.history = library, background, sources, history

    def open(self, asked: ArticleRequest) -> Opened:
        """Return the source of an article to edit."""
        document = self._document(asked.id)
        stretch = self.sources.open(document)
        path = os.path.abspath(stretch.path)
        return Opened(stretch.text, stretch.digest, document.piece.source, path, document.first_line)

    def draft(self, asked: DraftRequest) -> Draft:
        """Return what a source would be."""
        document = self._document(asked.id)
        drafted = self._drafted(document, self.sources.open(document).content(asked.text))
        if drafted is None:
            return Draft("", "", [RemarkShown(document.first_line, "error", "there is no article any more", "empty")])
        remarks = [
            RemarkShown(remark.line, _SEVERITIES[remark.severity], remark.message, remark.code)
            for remark in drafted.remarks
        ]
        page = str(pages.view("page", drafted, self.library.reader.html))
        return Draft(page, drafted.title, remarks)

    def save(self, asked: SaveRequest) -> Kept:
        """Write a source into its file."""
        with self.history.lock:
            document = self._document(asked.id)
            stretch = self.sources.open(document)
            if stretch.digest != asked.digest:
                raise UsageError(f"{document.piece.source} changed on disk since: nothing was written; load it again")
            return self._write(asked.id, stretch, stretch.file(asked.text), f"Saved {document.piece.source}")

    def name(self, asked: NameRequest) -> Kept:
        """Write the template of an infobox into the file of its article."""
        with self.history.lock:
            document = self._document(asked.id)
            if document.article is None or asked.box not in range(len(document.article.infoboxes)):
                raise UsageError("the article changed meanwhile: look at it again")
            stretch = self.sources.open(document)
            template = " ".join(asked.template.split())
            for text in self._named_texts(document, stretch, asked.box, template):
                if self._is_named(document, stretch.content(text), asked.box, template):
                    line = document.article.infoboxes[asked.box].line
                    message = f"Wrote {template} into {document.piece.source}:{line}"
                    self.library.named.add(asked.id)
                    return self._write(asked.id, stretch, stretch.file(text), message)
            raise UsageError(f"{template} cannot be written there so that it is read again: edit the source")

    def _named_texts(self, document: Document, stretch: Stretch, box: int, template: str) -> Iterator[str]:
        """Yield the source with the template in the head of an infobox, or above its first field."""
        if document.piece.format != "plain" or title_key(template) == GENERIC or document.article is None:
            return
        lines = stretch.text.split("\n")
        at = document.article.infoboxes[box].line - document.first_line
        if at not in range(len(lines)):
            return
        head = _HEAD.fullmatch(lines[at])
        # A name that does not begin with Infobox stands behind that word.
        for name in (template, f"Infobox {template}"):
            if head:
                yield "\n".join([*lines[:at], head[1] + name, *lines[at + 1 :]])
            else:
                yield "\n".join([*lines[:at], name, *lines[at:]])

    def _is_named(self, document: Document, content: bytes, box: int, template: str) -> bool:
        """Return whether an article is the same with other content, but for the template of an infobox."""
        drafted = self._drafted(document, content)
        before = document.article
        if drafted is None or drafted.article is None or before is None:
            return False
        if _without_template(drafted.article, box) != _without_template(before, box):
            return False
        matched = match(drafted.article.infoboxes[box], drafted.article, self.library.reader.choice)
        return matched.origin == "article" and matched.template == template

    def _drafted(self, document: Document, content: bytes) -> Document | None:
        """Return an article of the piece with other content."""
        piece = structs.replace(document.piece, content=content, start=0, end=len(content), stamp="")
        return self.library.reader.document(piece, int(document.id.rpartition("-")[2]), document.id, {})

    def _write(self, id: str, stretch: Stretch, content: bytes, message: str) -> Kept:
        """Write a file, and read it again."""
        self.sources.write(stretch.path, content, stretch.digest)
        self._read_again(stretch.path, id)

        def undo() -> Undone:
            self.sources.write(stretch.path, stretch.whole, digest_of(content))
            self.library.named.discard(id)
            self._read_again(stretch.path, id)
            return Undone("Undone: the file is as it was", id)

        return Kept(message, self.history.add(undo), *self.library.left_after(id))

    def _read_again(self, path: str, id: str) -> None:
        self.library.scan(frozenset([os.path.abspath(path)]))
        self.library.read_now([id])
        self.background.wake()

    def _document(self, id: str) -> Document:
        document = self.library.document(id, {})
        if document is None:
            raise UsageError("this article is no longer there")
        return document


def _without_template(article: Article, box: int) -> Article:
    boxes = [
        structs.replace(infobox, template=None) if number == box else infobox
        for number, infobox in enumerate(article.infoboxes)
    ]
    return structs.replace(article, infoboxes=tuple(boxes))
