"""Whole pages drawn at random, each from its seed: many headings, blocks, lists, values and links of markup tokens.

Lines shown one a page hide what only neighbours do.  A page is a list of units, each of which is a few pieces, so that
one that is not shown as meant shrinks to its smallest form by leaving out units, pieces and characters.

    page = drawn("7/31", lines)
    shrunk = smallest(page, is_wrong)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from random import Random
from typing import NamedTuple

from convert.ast import Article, Block, Field, Infobox, Inline, Link, List, ListItem, Paragraph, Section, Text
from convert.readers.clean import clean
from tests.support.contexts import VALUES
from tests.support.strategies import MARKUP, ODD, WORDS

#: More that is alive on a wiki, and what may spoil an address.
TOKENS = (
    "http://example.org", "https://", "//example.org/", "mailto:", "-{R|", "-{A|zh:x}-", "/", "?a=", "&#x5B;", "&lt;",
    "ISBN 0123456789", "PMID 1", "<ref name=x />", "<includeonly", "<!--", "-->", "{{{1|", "{{subst:", "]", "}", "'",
    "-", "~", "_", "__NOINDEX__", "=", "!", "!!", "|-", "|+", "\u200e", "\u2060", "\u0338",
    "__зміст__", "＿＿目次＿＿", "__अनुक्रम__", "“", "»", "·", "://[::1]", ":[1]",
)  # fmt: skip

TEMPLATES = tuple(each.template for each in VALUES)
TARGETS = ("Target", "Port Ellen#There", "Category:Ports", "http://example.org/x", "mailto:a@example.org", "#There")
CATEGORIES = ("Ports", "Towns of the isle")
_HEADINGS = tuple(f"heading {level}" for level in range(2, 7))
_PLACES = ("paragraph",) * 6 + _HEADINGS * 2 + ("bulleted", "numbered", "nested") * 2

#: A piece of running text, or what a link leads to and its label.
Piece = str | tuple[str, str]


class Unit(NamedTuple):
    """One value, paragraph, heading or list item."""

    place: str
    pieces: tuple[Piece, ...]

    @property
    def text(self) -> str:
        """Its text."""
        return "".join(piece if isinstance(piece, str) else piece[1] for piece in self.pieces)


Page = tuple[Unit, ...]


def drawn(seed: str, lines: Sequence[str], units: int = 30) -> Page:
    """Draw a page of up to so many units: the same from the same seed and lines."""
    random = Random(seed)
    values = [f"value {random.choice(TEMPLATES)}" for _ in range(random.randint(0, 4))]
    places = values + random.choices(_PLACES, k=random.randint(2, units))
    made = (Unit(place, tuple(_pieces(random, place, lines))) for place in places)
    return tuple(unit for unit in made if _is_shown(unit))


def _pieces(random: Random, place: str, lines: Sequence[str]) -> Iterator[Piece]:
    if random.random() < 0.1:
        yield random.choice(lines)
        return
    is_running = not place.startswith(("value", "heading"))
    for _ in range(random.randint(1, 7)):
        if is_running and random.random() < 0.08:
            label = _cleaned("".join(_token(random, lines) for _ in range(random.randint(1, 4)))).strip()
            if label:
                yield random.choice(TARGETS), label
        elif place == "paragraph" and random.random() < 0.12:
            yield "\n"
        else:
            yield _token(random, lines)


def _token(random: Random, lines: Sequence[str]) -> str:
    at = random.random()
    if at < 0.25:
        return random.choice(WORDS)
    if at < 0.35:
        return " "
    if at < 0.45:
        return random.choice(ODD)
    if at < 0.55:
        line = random.choice(lines)
        start = random.randrange(len(line))
        return line[start : start + random.randint(1, 12)]
    return random.choice(MARKUP if at < 0.8 else TOKENS)


def _cleaned(text: str) -> str:
    """A text as every reader gives it on."""
    return clean(text, lambda found: None, 1)


def _line(text: str) -> str:
    return _cleaned(text).replace("\n", " ")


def _is_shown(unit: Unit) -> bool:
    return bool(_cleaned(unit.text).replace("\u2060", "").strip())


# ── Pages to articles


def article_of(page: Page) -> Article:
    """Make the article: values first, then the lead, then a section for each heading."""
    boxes = tuple(
        Infobox((Field("value", (_line(unit.text),)),), unit.place.removeprefix("value "))
        for unit in page
        if unit.place.startswith("value")
    )
    body = [unit for unit in page if not unit.place.startswith("value")]
    starts = [at for at, unit in enumerate(body) if unit.place.startswith("heading")]
    ends = [*starts, len(body)]
    sections = tuple(
        Section(int(body[start].place[-1]), _line(body[start].text).strip(), tuple(_blocks(body[start + 1 : end])))
        for start, end in zip(starts, ends[1:], strict=True)
    )
    return Article("Port", boxes, tuple(_blocks(body[: ends[0]])), sections, CATEGORIES)


def _blocks(units: Sequence[Unit]) -> Iterator[Block]:
    for place, run in groupby(units, key=lambda unit: unit.place):
        contents = map(_content, run)
        match place:
            case "paragraph":
                yield from map(Paragraph, contents)
            case "nested":
                inner = List(tuple(map(ListItem, contents)), "numbered")
                yield List((ListItem((Text("Above it."),), (inner,)),), "bulleted")
            case "bulleted" | "numbered":
                yield List(tuple(map(ListItem, contents)), place)


def _content(unit: Unit) -> tuple[Inline, ...]:
    content: list[Inline] = []
    for is_text, run in groupby(unit.pieces, key=lambda piece: isinstance(piece, str)):
        if is_text:
            text = _cleaned("".join(map(str, run)))
            content += [Text(text if unit.place == "paragraph" else text.replace("\n", " "))] if text else []
        else:
            content += [Link(piece[0], piece[1]) for piece in run if isinstance(piece, tuple)]
    return tuple(content)


# ── Shrinking


def smallest(page: Page, is_wrong: Callable[[Sequence[Page]], list[bool]]) -> Page:
    """Leave out units, pieces and characters as long as the page stays wrong; ``is_wrong`` judges many at once."""
    for shorter in (_fewer_units, _fewer_pieces, _fewer_characters):
        while True:
            candidates = [each for each in shorter(page) if each]
            judged = is_wrong(candidates) if candidates else []
            found = [each for each, wrong in zip(candidates, judged, strict=True) if wrong]
            if not found:
                break
            page = min(found, key=_size)
    return page


def _size(page: Page) -> tuple[int, int]:
    return len(page), sum(len(unit.text) for unit in page)


def _fewer_units(page: Page) -> Iterator[Page]:
    length = len(page) // 2
    while length:
        for start in range(0, len(page), length):
            yield page[:start] + page[start + length :]
        length //= 2


def _fewer_pieces(page: Page) -> Iterator[Page]:
    for at, unit in enumerate(page):
        for dropped in range(len(unit.pieces)):
            yield from _replaced(page, at, unit.pieces[:dropped] + unit.pieces[dropped + 1 :])


def _fewer_characters(page: Page) -> Iterator[Page]:
    for at, unit in enumerate(page):
        for where, piece in enumerate(unit.pieces):
            text = piece if isinstance(piece, str) else piece[1]
            for dropped in range(len(text)) if len(text) > 1 else ():
                shorter = text[:dropped] + text[dropped + 1 :]
                new = shorter if isinstance(piece, str) else (piece[0], shorter.strip())
                if new if isinstance(new, str) else new[1]:
                    yield from _replaced(page, at, (*unit.pieces[:where], new, *unit.pieces[where + 1 :]))


def _replaced(page: Page, at: int, pieces: tuple[Piece, ...]) -> Iterator[Page]:
    unit = page[at]._replace(pieces=pieces)
    if _is_shown(unit):
        yield (*page[:at], unit, *page[at + 1 :])
