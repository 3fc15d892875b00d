"""Documents as the preview shows them: source lines, article, wikitext, diagnostics and template decisions.

A piece of the input (``convert.inputs.sources``) is read again whenever one of its articles is requested, so that no
document is held in memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from sys import intern
from typing import NamedTuple

from msgspec import structs

from convert.ast import Article, Infobox
from convert.batch.converter import Converter
from convert.batch.model import ParsedDocument, Task
from convert.diagnostics import Diagnostic, Severity
from convert.dictionaries.linkers import linker_for
from convert.expressions import expression
from convert.infobox.catalogue import Catalogue
from convert.infobox.language import is_foreign
from convert.infobox.match import Match, Rule, match
from convert.inputs import sources
from convert.inputs.encodings import in_utf8
from convert.inputs.piece import Piece, Shard
from convert.links.linking import Linker
from convert.options import ConversionOptions, options_for
from convert.preview.rows import Box, BoxFacts, Facts, Row, doubtful
from convert.profile import WikiProfile
from convert.writers.html import HtmlOptions

_LINE_END = expression("\r\n|\r|\n")


class Decision(NamedTuple):
    """The template chosen for an infobox, and the guess from its keys alone.

    ``chosen`` is the template that the user tries instead, or an empty string.
    """

    number: int
    infobox: Infobox
    match: Match
    guess: Match
    chosen: str
    #: The known templates are not those of the article's language.
    foreign: bool

    @property
    def doubtful(self) -> bool:
        """Whether a person should check the choice."""
        return not self.chosen and doubtful(self.match)


class Document(NamedTuple):
    """One document; ``lines`` are its own source lines, the first of which is line ``first_line`` of the source.

    ``article`` is as it was read, ``linked`` has the links that are restored.
    """

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
    linked: Article | None = None

    @property
    def worst(self) -> int:
        """The highest severity of its diagnostics; 0 without any."""
        return max((remark.severity for remark in self.remarks), default=0)


class Reader:
    """Reads documents with the options of one run of ``convert``."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.choice = task.options.choice
        self.html = options_for(HtmlOptions, task.options)

    @property
    def catalogue(self) -> Catalogue:
        """The catalogue of templates in use."""
        return self.choice.templates

    def under_rules(self, rules: tuple[Rule, ...]) -> Reader:
        """Return a reader with other rules for templates."""
        return self._with(structs.replace(self.task.options, choice=structs.replace(self.choice, rules=rules)))

    def under_profile(self, profile: WikiProfile) -> Reader:
        """Return a reader for another wiki."""
        return self._with(structs.replace(self.task.options, profile=profile))

    def under_never(self, never: tuple[str, ...]) -> Reader:
        """Return a reader with other names that are never linked."""
        links = self.task.options.links
        changed = structs.replace(links, policy=structs.replace(links.policy, never=never))
        return self._with(structs.replace(self.task.options, links=changed))

    @property
    def never(self) -> tuple[str, ...]:
        """The names that are never linked."""
        return self.task.options.links.policy.never

    @property
    def linker(self) -> Linker | None:
        """What restores links; ``None`` where none are asked for."""
        return linker_for(self.task.options.links, self.task.options.profile)

    def _with(self, options: ConversionOptions) -> Reader:
        return Reader(self.task._replace(options=options))

    def rows(self, piece: Piece, key: str) -> list[tuple[Row, Facts]]:
        """Return a row of the list for every article of a piece, with what rules look at there."""
        converter = Converter(self.task, sources.outline_beside)
        documents = converter.read(Shard(0, (piece,)), (sources.fetch(piece),))
        return [self._row(parsed, f"{key}-{place}", converter) for place, parsed in enumerate(documents)]

    def document(self, piece: Piece, place: int, id: str, choices: Mapping[int, str]) -> Document | None:
        """Return one article of a piece; ``choices`` are templates to try, by the index of the infobox."""
        converter = Converter(self.task, sources.outline_beside)
        located = next(islice(_located_documents(converter, piece), place, None), None)
        return self._document(located, id, converter, choices) if located else None

    def documents(self, piece: Piece, key: str) -> Iterator[Document]:
        """Yield every article of a piece."""
        converter = Converter(self.task, sources.outline_beside)
        for place, located in enumerate(_located_documents(converter, piece)):
            yield self._document(located, f"{key}-{place}", converter, {})

    def _document(
        self, located: _LocatedDocument, id: str, converter: Converter, choices: Mapping[int, str]
    ) -> Document:
        parsed, first_line, lines = located
        decisions = self._decisions(parsed.article, choices) if parsed.article else []
        tried = structs.replace(parsed, article=_with_templates(parsed.article, choices)) if parsed.article else parsed
        linked, made = converter.link(tried)
        record = converter.write_linked(linked, made, 1)
        page = "" if record.refusal else record.key
        return Document(
            id, parsed.piece, first_line, lines, record.title or parsed.piece.title, tried.article,
            record.remarks, record.refusal, record.text.decode(), page, decisions, linked.article,
        )  # fmt: skip

    def _row(self, parsed: ParsedDocument, id: str, converter: Converter) -> tuple[Row, Facts]:
        piece, article = parsed.piece, parsed.article
        record = converter.write(parsed, 1)
        severities = [remark.severity for remark in record.remarks]
        boxes = [] if article is None else [(box, self._match(box, article)) for box in article.infoboxes]
        facts = Facts(
            id, article.title if article else "", article.categories if article else (),
            tuple(_box_facts(infobox, matched) for infobox, matched in boxes),
            tuple(dict.fromkeys(intern(name) for link in record.made for name in link)),
        )  # fmt: skip
        row = Row(
            id, record.title or piece.title, piece.source, record.line,
            refusal=record.refusal.message if record.refusal else "",
            boxes=tuple(
                Box(
                    matched.template, matched.probability, doubtful(matched),
                    doubtful(matched) and article is not None and is_foreign(infobox, article, self.catalogue),
                )
                for infobox, matched in boxes
            ),
            codes=tuple(dict.fromkeys(remark.code for remark in record.remarks)),
            counts=(
                severities.count(Severity.ERROR), severities.count(Severity.WARNING), severities.count(Severity.INFO)
            ),
            page="" if record.refusal else record.key,
            decided=any(box.by_rule for box in facts.boxes),
        )  # fmt: skip
        return row, facts

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
            matched = self._match(tried, article, True)
            foreign = matched.origin == "guess" and is_foreign(infobox, article, self.catalogue)
            decisions.append(Decision(number, infobox, matched, guess, chosen, foreign))
        return decisions


def _box_facts(infobox: Infobox, matched: Match) -> BoxFacts:
    # Keys are few and repeat from article to article.
    keys = tuple(intern(field.key) for field in infobox.fields if field.key)
    named = matched.origin in ("article", "option")
    return BoxFacts(keys, matched.template, named, matched.origin == "rule", doubtful(matched))


def _with_templates(article: Article, choices: Mapping[int, str]) -> Article:
    """Return the article with the chosen templates in its infoboxes."""
    if not choices:
        return article
    boxes = [
        structs.replace(infobox, template=choices[number]) if number in choices else infobox
        for number, infobox in enumerate(article.infoboxes)
    ]
    return structs.replace(article, infoboxes=tuple(boxes))


class _LocatedDocument(NamedTuple):
    """A parsed document and its source lines."""

    parsed: ParsedDocument
    first_line: int
    lines: Sequence[str]


def _located_documents(converter: Converter, piece: Piece) -> Iterator[_LocatedDocument]:
    """Read the documents of a piece, each with its source lines: up to the start of the next one."""
    content = sources.fetch(piece)
    lines = []
    if isinstance(content, bytes):
        lines = _LINE_END.split(in_utf8(piece, content)[1].decode("utf-8", "replace").removeprefix("\ufeff"))
    documents = converter.read(Shard(0, (piece,)), (content,))
    current, start = next(documents, None), piece.line  # the first also has the lines above it
    while current:
        following = next(documents, None)
        end = max(start, following.line) if following else piece.line + len(lines)
        yield _LocatedDocument(current, start, _without_trailing_blank(lines[start - piece.line : end - piece.line]))
        current, start = following, end


def _without_trailing_blank(lines: Sequence[str]) -> Sequence[str]:
    """Drop the blank lines at the end, which belong to no article."""
    end = len(lines)
    while end > 1 and not lines[end - 1].strip():
        end -= 1
    return lines[:end]
