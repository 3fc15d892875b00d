"""Articles put together: an article and further sections, or several articles as sections of one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from msgspec import structs

from convert.ast import Article, Block, Infobox, Section
from convert.readers.records.sections import SectionText

_LOWEST = 6


class _Heading(NamedTuple):
    """A section without those below it."""

    level: int
    text: str
    blocks: list[Block]
    line: int


class Page:
    """An article to which sections are added."""

    def __init__(self, article: Article) -> None:
        self._article = article
        self._lead = list(article.lead)
        self._infoboxes = list(article.infoboxes)
        self._categories = dict.fromkeys(article.categories)
        self._headings = list(_flat(article.sections))

    def add(self, section: SectionText, content: Article) -> None:
        """Add a section whose text was read to an article; one without a heading goes on with what stands above."""
        level = 1
        if section.heading:
            level = min(section.level, _LOWEST)
            self._headings.append(_Heading(level, section.heading, list(content.lead), 0))
        elif self._headings:
            level = self._headings[-1].level
            self._headings[-1].blocks.extend(content.lead)
        else:
            self._lead += content.lead
        highest = min((below.level for below in content.sections), default=_LOWEST)
        deeper = max(0, level + 1 - highest)
        for heading in _flat(content.sections):
            self._headings.append(heading._replace(level=min(heading.level + deeper, _LOWEST)))
        self._infoboxes += content.infoboxes
        self._categories |= dict.fromkeys(content.categories)

    def article(self, infoboxes: Iterable[Infobox], categories: Iterable[str]) -> Article:
        """Return the whole, with further infoboxes on top and further categories."""
        return structs.replace(
            self._article,
            infoboxes=(*infoboxes, *self._infoboxes),
            lead=tuple(self._lead),
            sections=_nested(self._headings),
            categories=tuple(self._categories | dict.fromkeys(categories)),
        )


def joined(articles: Sequence[Article], title: str) -> Article:
    """Make one article of several, whose titles become headings of sections."""
    return Article(
        title,
        tuple(infobox for article in articles for infobox in article.infoboxes),
        (),
        tuple(Section(1, article.title, article.lead, article.sections, article.line) for article in articles),
        tuple(dict.fromkeys(name for article in articles for name in article.categories)),
        {},
        articles[0].line if articles else 0,
    )


def _flat(sections: Iterable[Section]) -> Iterator[_Heading]:
    for section in sections:
        yield _Heading(section.level, section.heading, list(section.blocks), section.line)
        yield from _flat(section.sections)


def _nested(headings: Sequence[_Heading]) -> tuple[Section, ...]:
    """Put each section below the last one of a higher level."""
    top: list[Section] = []
    path: list[tuple[_Heading, list[Section]]] = []

    def close(level: int) -> None:
        while path and path[-1][0].level >= level:
            heading, below = path.pop()
            above = path[-1][1] if path else top
            above.append(Section(heading.level, heading.text, tuple(heading.blocks), tuple(below), heading.line))

    for heading in headings:
        close(heading.level)
        path.append((heading, []))
    close(1)
    return tuple(top)
