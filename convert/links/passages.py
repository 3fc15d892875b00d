"""The running text of an article, passage by passage, and articles with links put into it.

A passage is a paragraph, an item or a cell: its text as a reader sees it, the stretches of it that are plain text or
links (not code or notes), the single texts, and the links.  Soft breaks and no-break spaces are spaces.  Headings,
captions, code and the first rows of tables are no passages.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate
from typing import Literal, NamedTuple

from msgspec import structs

from convert.ast import (
    Article,
    Block,
    Code,
    Emphasis,
    Field,
    Image,
    Inline,
    LineBreak,
    Link,
    List,
    Note,
    Paragraph,
    Quote,
    Section,
    Strong,
    Table,
    Text,
)
from convert.links.finding.finder import BETWEEN
from convert.links.folding import straight
from convert.nfc import to_nfc

#: A space, as at the end of a text, and a sign that is in no entry.
_BETWEEN = f" {BETWEEN}"

#: ``value``: one of an infobox, in which nothing is found, but which may be a title as a whole.
Kind = Literal["prose", "item", "cell", "value"]


#: The section of values: readers see them beside the text, and they are a scope of their own.
INFOBOX = -1


class NewLink(NamedTuple):
    """A link from a stretch of a passage to a page."""

    start: int
    end: int
    target: str


class Passage(NamedTuple):
    """One passage; ``section`` numbers the uppermost sections from 1 on, 0 is the lead, ``INFOBOX`` an infobox."""

    text: str
    stretches: tuple[tuple[int, int], ...]
    texts: tuple[tuple[int, int], ...]
    links: tuple[NewLink, ...]
    kind: Kind
    section: int
    heading: str


class Running(NamedTuple):
    """The texts of passages as one, with what no text has between them.

    ``starts`` has where each begins, and one more that nothing reaches; ``stretches`` are those of all.
    """

    text: str
    stretches: list[tuple[int, int]]
    starts: list[int]


class _Place(NamedTuple):
    section: int
    heading: str


_Change = Callable[[tuple[Inline, ...], Kind, _Place], tuple[Inline, ...]]


def passages_of(article: Article) -> list[Passage]:
    """Return the passages of an article in reading order, and behind them the values of its infoboxes."""
    found: list[Passage] = []

    def collect(content: tuple[Inline, ...], kind: Kind, place: _Place) -> tuple[Inline, ...]:
        found.append(_passage(content, kind, place))
        return content

    _changed(article, collect)
    found += _values(article)
    return found


def with_links(article: Article, links: Iterable[list[NewLink]]) -> Article:
    """Return an article with links for its passages, in reading order; its text stays as it is."""
    waiting = iter(links)

    def change(content: tuple[Inline, ...], kind: Kind, place: _Place) -> tuple[Inline, ...]:
        made = next(waiting)
        return tuple(_linked(content, deque(sorted(made)), 0)) if made else content

    changed = _changed(article, change)
    values = list(waiting)
    return _with_linked_values(changed, values) if any(values) else changed


def running(passages: Sequence[Passage]) -> Running:
    """Return the texts of passages as one, but for values; beside its ends a text has what is at the ends of one.

    Quotation marks and apostrophes are straight.
    """
    passages = [passage for passage in passages if passage.kind != "value"]
    text = straight(_BETWEEN.join(passage.text for passage in passages))
    starts = [0, *accumulate(len(passage.text) + len(_BETWEEN) for passage in passages)]
    stretches = [
        (start + low, start + high)
        for start, passage in zip(starts, passages, strict=False)
        for low, high in passage.stretches
    ]
    return Running(text, stretches, starts)


# ── The tree


def _changed(article: Article, change: _Change) -> Article:
    lead = _blocks(article.lead, change, _Place(0, ""))
    sections = tuple(_section(section, change, number) for number, section in enumerate(article.sections, 1))
    if lead is article.lead and all(map(_is_same, sections, article.sections)):
        return article
    return structs.replace(article, lead=lead, sections=sections)


def _is_same(one: object, other: object) -> bool:
    return one is other


def _section(section: Section, change: _Change, number: int) -> Section:
    blocks = _blocks(section.blocks, change, _Place(number, section.heading))
    sections = tuple(_section(each, change, number) for each in section.sections)
    if blocks is section.blocks and all(map(_is_same, sections, section.sections)):
        return section
    return structs.replace(section, blocks=blocks, sections=sections)


def _blocks(blocks: tuple[Block, ...], change: _Change, place: _Place) -> tuple[Block, ...]:
    changed = tuple(_block(block, change, place) for block in blocks)
    return blocks if all(map(_is_same, changed, blocks)) else changed


def _block(block: Block, change: _Change, place: _Place) -> Block:
    match block:
        case Paragraph():
            content = change(block.content, "prose", place)
            return block if content is block.content else structs.replace(block, content=content)
        case List():
            items = []
            for item in block.items:
                content = change(item.content, "item", place)
                below = _blocks(item.blocks, change, place)
                is_same = content is item.content and below is item.blocks
                items.append(item if is_same else structs.replace(item, content=content, blocks=below))
            return block if all(map(_is_same, items, block.items)) else structs.replace(block, items=tuple(items))
        case Quote():
            below = _blocks(block.blocks, change, place)
            return block if below is block.blocks else structs.replace(block, blocks=below)
        case Table():
            rows = tuple(
                tuple(structs.replace(cell, content=change(cell.content, "cell", place)) for cell in row)
                for row in block.rows
            )
            return structs.replace(block, rows=rows)
        case _:
            return block


# ── Values


def _values(article: Article) -> Iterator[Passage]:
    for infobox in article.infoboxes:
        for field in infobox.fields:
            for value in field.values:
                text = to_nfc(value)
                whole = 0, len(text)
                if target := field.links.get(value):
                    yield Passage(text, (), (), (NewLink(*whole, target),), "value", INFOBOX, field.key)
                else:
                    yield Passage(text, (), (whole,), (), "value", INFOBOX, field.key)


def _with_linked_values(article: Article, links: Sequence[list[NewLink]]) -> Article:
    """Return an article with links for its values, in their order."""
    waiting = iter(links)

    def linked(field: Field) -> Field:
        new = {value: link.target for value in field.values for link in next(waiting)}
        return structs.replace(field, links={**field.links, **new}) if new else field

    infoboxes = tuple(
        structs.replace(infobox, fields=tuple(map(linked, infobox.fields))) for infobox in article.infoboxes
    )
    return structs.replace(article, infoboxes=infoboxes)


# ── Running text


def _passage(content: tuple[Inline, ...], kind: Kind, place: _Place) -> Passage:
    if len(content) == 1 and isinstance(content[0], Text):
        text = _spaced(content[0].text)
        whole = ((0, len(text)),)
        return Passage(text, whole, whole, (), kind, *place)
    parts: list[str] = []
    stretches: list[tuple[int, int]] = []
    texts: list[tuple[int, int]] = []
    links: list[NewLink] = []
    at, is_open = 0, False
    for inline, shown in _shown(content):
        end = at + len(shown)
        parts.append(shown)
        if isinstance(inline, Text):
            texts.append((at, end))
        elif isinstance(inline, Link):
            links.append(NewLink(at, end, inline.target))
        else:
            is_open = False
        if isinstance(inline, Text | Link):
            stretches.append((stretches.pop()[0] if is_open else at, end))
            is_open = True
        at = end
    return Passage("".join(parts), tuple(stretches), tuple(texts), tuple(links), kind, *place)


def _spaced(text: str) -> str:
    """Return a text in NFC, as titles are, with plain spaces for soft breaks, and for those at which no line breaks."""
    text = text.replace("\n", " ")
    return text if text.isascii() else to_nfc(text).replace("\xa0", " ").replace("\u202f", " ")


def _shown(content: Iterable[Inline]) -> Iterator[tuple[Inline, str]]:
    """Yield what a reader sees, piece by piece; what has a content of its own is parted from the rest."""
    for inline in content:
        match inline:
            case Text():
                yield inline, _spaced(inline.text)
            case Code():
                yield inline, inline.text
            case Link():
                yield inline, inline.label or inline.target
            case LineBreak():
                yield inline, "\n"
            case Image():
                yield inline, inline.caption or inline.alt
            case Strong() | Emphasis():
                yield inline, ""
                yield from _shown(inline.content)
                yield inline, ""
            case Note():
                yield inline, ""


def _linked(content: Iterable[Inline], links: deque[NewLink], at: int) -> Iterator[Inline]:
    """Yield running text that begins at a position of its passage, with links; takes its own from those in order.

    Each link is within one text.
    """
    for inline in content:
        end = at + sum(len(shown) for _, shown in _shown((inline,)))
        if not (links and links[0].start < end):
            yield inline
        elif isinstance(inline, Strong | Emphasis):
            yield structs.replace(inline, content=tuple(_linked(inline.content, links, at)))
        elif isinstance(inline, Text):
            own = []
            while links and links[0].start < end:
                own.append(links.popleft())
            yield from _cut(inline.text, at, own)
        else:
            yield inline
        at = end


def _cut(text: str, at: int, links: list[NewLink]) -> Iterator[Inline]:
    """Yield a text that begins at a position of its passage, with its links."""
    text, done = to_nfc(text), 0
    for link in links:
        start, end = link.start - at, link.end - at
        if start > done:
            yield Text(text[done:start])
        label = text[start:end].replace("\n", " ")
        yield Link(label) if label == link.target else Link(link.target, label)
        done = end
    if done < len(text) or not text:
        yield Text(text[done:])
