"""Documents as they are looked at: the text, what it becomes, and what is to be said of it.

A piece of the input (``convert.inputs.sources``) is read anew whenever one of its articles is asked for, so nothing is
kept of what nobody looks at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from msgspec import structs

from convert.ast import Article, Infobox
from convert.batch.converter import Converter
from convert.batch.model import ParsedDocument, Task
from convert.diagnostics import Diagnostic, Severity
from convert.infobox.catalogue import Catalogue
from convert.infobox.match import Match, Rule, match
from convert.inputs import sources
from convert.inputs.piece import Piece, Shard
from convert.options import ConversionOptions, options_for
from convert.preview.rows import Box, Row, doubtful
from convert.profile import WikiProfile
from convert.writers.html import HtmlOptions

_LINE_END = re.compile("\r\n|\r|\n")


class Decision(NamedTuple):
    """Which template an infobox becomes, and what its keys alone say.

    ``chosen`` is the template that is being tried in its place, or an empty string.
    """

    number: int
    infobox: Infobox
    match: Match
    guess: Match
    chosen: str

    @property
    def doubtful(self) -> bool:
        """A person should look at it."""
        return not self.chosen and doubtful(self.match)


class Document(NamedTuple):
    """One document: ``lines`` are its own, of which the first has the number ``first_line`` in its source."""

    id: str
    piece: Piece
    first_line: int
    lines: Sequence[str]
    title: str
    article: Article | None
    remarks: Sequence[Diagnostic]
    refusal: Diagnostic | None
    wikitext: str
    page: str
    decisions: Sequence[Decision]

    @property
    def worst(self) -> int:
        """The highest severity of what is to be said."""
        return max((each.severity for each in self.remarks), default=0)


class Reader:
    """Reads documents as one run of ``convert`` would, under its options."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.choice = task.options.choice
        self.html = options_for(HtmlOptions, task.options)

    @property
    def catalogue(self) -> Catalogue:
        """The templates that there are."""
        return self.choice.templates

    def under_rules(self, rules: tuple[Rule, ...]) -> Reader:
        """Read under other rules for templates."""
        return self._under(structs.replace(self.task.options, choice=structs.replace(self.choice, rules=rules)))

    def under_profile(self, profile: WikiProfile) -> Reader:
        """Read for another wiki."""
        return self._under(structs.replace(self.task.options, profile=profile))

    def _under(self, options: ConversionOptions) -> Reader:
        return Reader(self.task._replace(options=options))

    def rows(self, piece: Piece, key: str) -> list[Row]:
        """Sum up every article of a piece, for the list."""
        converter = Converter(self.task)
        found = converter.read(Shard(0, (piece,)), (sources.fetch(piece),))
        return [self._row(each, f"{key}-{place}", converter) for place, each in enumerate(found)]

    def document(self, piece: Piece, place: int, id: str, choices: Mapping[int, str]) -> Document | None:
        """Look at one article of a piece; ``choices`` are templates to try, by the number of the infobox from 0."""
        converter = Converter(self.task)
        stretch = next(islice(_stretches(converter, piece), place, None), None)
        return self._document(stretch, id, converter, choices) if stretch else None

    def documents(self, piece: Piece, key: str) -> Iterator[Document]:
        """Look at every article of a piece."""
        converter = Converter(self.task)
        for place, stretch in enumerate(_stretches(converter, piece)):
            yield self._document(stretch, f"{key}-{place}", converter, {})

    def _document(self, stretch: _Stretch, id: str, converter: Converter, choices: Mapping[int, str]) -> Document:
        found, first_line, lines = stretch
        decisions = self._decisions(found.article, choices) if found.article else []
        tried = structs.replace(found, article=_tried(found.article, choices)) if found.article else found
        record = converter.write(tried, 1)
        return Document(
            id, found.piece, first_line, lines, record.title or found.piece.title, tried.article,
            record.remarks, record.refusal, record.text.decode(), record.key, decisions,
        )  # fmt: skip

    def _row(self, found: ParsedDocument, id: str, converter: Converter) -> Row:
        piece, article = found.piece, found.article
        record = converter.write(found, 1)
        severities = [each.severity for each in record.remarks]
        boxes = [] if article is None else [self._match(each, article) for each in article.infoboxes]
        return Row(
            id, record.title or piece.title, piece.source, record.line,
            refusal=record.refusal.message if record.refusal else "",
            boxes=tuple(Box(each.template, each.probability, doubtful(each)) for each in boxes),
            codes=tuple(dict.fromkeys(each.code for each in record.remarks)),
            counts=(
                severities.count(Severity.ERROR), severities.count(Severity.WARNING), severities.count(Severity.INFO)
            ),
            page="" if record.refusal else record.key,
        )  # fmt: skip

    def _match(self, infobox: Infobox, article: Article, explain: bool = False) -> Match:
        return match(infobox, article, self.choice, explain=explain)

    def _decisions(self, article: Article, choices: Mapping[int, str]) -> list[Decision]:
        decisions = []
        by_keys = structs.replace(self.choice, infobox="", rules=())
        for number, infobox in enumerate(article.infoboxes):
            unnamed = structs.replace(infobox, template=None)
            guess = match(unnamed, article, by_keys, explain=True)
            chosen = choices.get(number, "")
            tried = structs.replace(infobox, template=chosen) if chosen else infobox
            decisions.append(Decision(number, infobox, self._match(tried, article, True), guess, chosen))
        return decisions


def _tried(article: Article, choices: Mapping[int, str]) -> Article:
    """Give infoboxes the templates that are tried."""
    if not choices:
        return article
    boxes = [
        structs.replace(each, template=choices[number]) if number in choices else each
        for number, each in enumerate(article.infoboxes)
    ]
    return structs.replace(article, infoboxes=tuple(boxes))


class _Stretch(NamedTuple):
    """A document as read, and its lines in its source."""

    found: ParsedDocument
    first_line: int
    lines: Sequence[str]


def _stretches(converter: Converter, piece: Piece) -> Iterator[_Stretch]:
    """Read the documents of a piece, each with its lines: up to where the next one begins."""
    content = sources.fetch(piece)
    lines = _LINE_END.split(content.decode("utf-8", "replace")) if isinstance(content, bytes) else []
    found = converter.read(Shard(0, (piece,)), (content,))
    this, start = next(found, None), piece.line  # the first has what stands above it as well
    while this:
        following = next(found, None)
        end = max(start, following.line) if following else piece.line + len(lines)
        yield _Stretch(this, start, _trimmed(lines[start - piece.line : end - piece.line]))
        this, start = following, end


def _trimmed(lines: Sequence[str]) -> Sequence[str]:
    """Leave out the blank lines at the end, which belong to no article."""
    end = len(lines)
    while end > 1 and not lines[end - 1].strip():
        end -= 1
    return lines[:end]
