"""Headings in other forms, for an article that has no ``= Title =``: its lines are put in the form.

    # Title, ## Section        alone on their lines
    Title, ===== below it      underlined; the first sign is that of the title, the next that of sections
    = Title, == Section        alone on their lines, as in AsciiDoc
    h1. Title, h2. Section     as in Textile and Jira
    * Section, ** Section      below ``#+TITLE: …``, as in Org
    ====== Title ======        with levels that fall from the title's, as in DokuWiki
    1. HABITAT, 1.1 Soil       numbers that count on, with running text between them
    HABITAT                    lines of capitals, with running text between them

Every form must hold for the whole article; else its lines are text.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct

from convert.expressions import expression
from convert.readers.headings import heading_of
from convert.readers.heads.section_words import is_section
from convert.readers.layout.fences import Fences

_HASHES = expression(r"(#{1,6})\s+(\S.*?)(?:\s+#+)?")
_OPENED = expression(r"(={1,6})\s+(\S.*[^=\s]|[^=\s])")
_LETTERED = expression(r"h([1-6])\.\s+(\S.*)")
_STARS = expression(r"(\*+) (\S.*)")
_UNDERLINE = expression(r"""([=\-~^"])\1{2,}""")
_NUMBER = expression(r"([0-9]{1,2}(?:\.[0-9]{1,2}){0,4})[.)]?\s+(\S.*)")
_SENTENCE_ENDS = tuple(".!?,;…。！？")

#: Headings are not longer, and the underline may differ so much from the text.
_LONGEST_HEADING = 100
_UNDERLINE_SLACK = 2
_FEWEST_CAPITALS = 4
#: DokuWiki's title has six signs, and sections below it fewer.
_FALLS_FROM = 5

#: Level and text of headings by the index of their line.
_Headings = dict[int, tuple[int, str]]


class Rewritten(Struct):
    """Lines in the form: ``first`` is the index of the first of ``count`` headings, which was as in ``example``.

    ``tops`` are the texts of those of level 1.
    """

    lines: list[str]
    first: int
    count: int
    example: str
    tops: list[str]


def in_the_form(lines: Sequence[str], title: str = "", has_stars: bool = False) -> Rewritten | None:
    """Put the headings of an article's lines in the form; ``None`` where they are in no other one.

    Where the article has a ``title`` already, headings of level 1 are sections, but for one that is the title again.
    ``has_stars``: stars at the left margin are those of headings.
    """
    stripped = [line.rstrip() if has_stars else line.strip() for line in lines]
    places = _unfenced(stripped)
    for find in (_starred,) if has_stars else _FORMS:
        headings = find(stripped, places)
        if find is _hashed and not (title or _are_no_numbers(stripped, headings)):
            continue
        if headings and all(_holds(level, text) for level, text in headings.values()):
            break
    else:
        return None
    tops = [text for level, text in headings.values() if level == 1]
    if title and tops and title not in tops and (len(tops) > 1 or is_section(tops[0])):
        headings = {at: (min(level + 1, 6), text) for at, (level, text) in headings.items()}
        tops = []
    made = list(lines)
    for at, (level, text) in headings.items():
        made[at] = f"{'=' * level} {text} {'=' * level}"
        if find is _underlined:
            made[at + 1] = ""
    first = min(headings)
    return Rewritten(made, first, len(headings), stripped[first], tops)


def _are_no_numbers(lines: Sequence[str], headings: _Headings) -> bool:
    """Return whether lines with number signs are no list: one begins the article, or has several."""
    begins = min(headings, default=0) == _next_text(lines, -1)
    return begins or any(level > 1 for level, _ in headings.values())


def _holds(level: int, text: str) -> bool:
    return heading_of(f"{'=' * level} {text} {'=' * level}") == (level, text, True)


def _unfenced(lines: Sequence[str]) -> list[int]:
    """Return the indices of the lines that stand in no code."""
    indices: list[int] = []
    start = 0
    for first, end in Fences(lines).code(0):
        indices += range(start, first)
        start = end
    return [*indices, *range(start, len(lines))]


def _follows_blank(lines: Sequence[str], at: int) -> bool:
    return at == 0 or not lines[at - 1]


def _next_text(lines: Sequence[str], at: int) -> int:
    """Return the index of the next line that is not blank."""
    at += 1
    while at < len(lines) and not lines[at]:
        at += 1
    return at


def _has_text_between(lines: Sequence[str], headings: _Headings) -> bool:
    """Return whether most headings stand above text: items of a list do not."""
    above = sum(at < len(lines) and at not in headings for at in (_next_text(lines, at) for at in headings))
    return above * 2 >= len(headings)


def _hashed(lines: Sequence[str], places: Sequence[int]) -> _Headings:
    headings: _Headings = {}
    for at in places:
        matched = _HASHES.fullmatch(lines[at]) if lines[at][:1] == "#" else None
        if not matched:
            continue
        level = len(matched[1])
        above = headings.get(at - 1)
        if not _follows_blank(lines, at) and not (above and above[0] < level):
            return {}  # a list of numbers
        headings[at] = level, matched[2]
    return headings if _has_text_between(lines, headings) else {}


def _opened(lines: Sequence[str], places: Sequence[int]) -> _Headings:
    headings: _Headings = {}
    for at in places:
        if lines[at][:1] != "=" or not lines[at].strip("="):
            continue
        matched = _OPENED.fullmatch(lines[at])
        if not matched or not (_follows_blank(lines, at) or at - 1 in headings):
            return {}
        headings[at] = len(matched[1]), matched[2]
    are_many = len(headings) > 1 and min(level for level, _ in headings.values()) <= 2
    return headings if are_many and _has_text_between(lines, headings) else {}


def _underlined(lines: Sequence[str], places: Sequence[int]) -> _Headings:
    headings: _Headings = {}
    signs: list[str] = []
    start = _next_text(lines, -1)
    for at in places:
        matched = _UNDERLINE.fullmatch(lines[at]) if at > start else None
        text = lines[at - 1] if matched else ""
        if not matched or not text or not _follows_blank(lines, at - 1) or not _may_head(text):
            continue
        if at - 1 != start and abs(len(lines[at]) - _width(text)) > _UNDERLINE_SLACK:
            continue
        if matched[1] not in signs:
            signs.append(matched[1])
        headings[at - 1] = signs.index(matched[1]) + 1, text
    if not headings or min(headings) != start or len(signs) > 6:
        return {}
    titles = [at for at, (level, _) in headings.items() if level == 1]
    if len(titles) > 1:  # one sign for the title and for sections
        headings = {at: (level + (at != start), text) for at, (level, text) in headings.items()}
    return headings


def is_underline(lines: Sequence[str], at: int) -> bool:
    """Return whether ``lines[at]`` underlines the line above, which has no other beside it, as a heading."""
    text = lines[at - 1].strip()
    is_alone = at < 2 or not lines[at - 2].strip()
    rule = lines[at].strip()
    return (
        is_alone
        and bool(_UNDERLINE.fullmatch(rule))
        and _may_head(text)
        and abs(len(rule) - _width(text)) <= _UNDERLINE_SLACK
    )


def _width(text: str) -> int:
    """Return how many columns a text takes: signs of Chinese and the like take two."""
    return sum(2 if "\u1100" <= character <= "\uffdc" else 1 for character in text)


def _may_head(text: str) -> bool:
    return len(text) <= _LONGEST_HEADING and text[0] not in "-*•#=|>" and not text.endswith(_SENTENCE_ENDS)


def _falling(lines: Sequence[str], places: Sequence[int]) -> _Headings:
    levels = {at: heading for at in places if lines[at][:1] == "=" and (heading := heading_of(lines[at]))}
    start = _next_text(lines, -1)
    top = levels[start][0] if start in levels else 0
    if top < _FALLS_FROM or any(level > top for level, _, _ in levels.values()):
        return {}
    return {at: (top - level + 1, text) for at, (level, text, _) in levels.items()}


def _lettered(lines: Sequence[str], places: Sequence[int]) -> _Headings:
    found = [(at, matched) for at in places if lines[at][:1] == "h" and (matched := _LETTERED.fullmatch(lines[at]))]
    headings = {at: (int(matched[1]), matched[2]) for at, matched in found}
    are_apart = all(_follows_blank(lines, at) or at - 1 in headings for at in headings)
    return headings if are_apart and _has_text_between(lines, headings) else {}


def _starred(lines: Sequence[str], places: Sequence[int]) -> _Headings:
    found = [(at, matched) for at in places if lines[at][:1] == "*" and (matched := _STARS.fullmatch(lines[at]))]
    return {at: (min(len(matched[1]) + 1, 6), matched[2]) for at, matched in found}


def _numbered(lines: Sequence[str], places: Sequence[int]) -> _Headings:
    headings: _Headings = {}
    last: tuple[int, ...] = ()
    for at in places:
        matched = _NUMBER.fullmatch(lines[at]) if lines[at][:1].isdecimal() else None
        if not matched or not _follows_blank(lines, at) or (at + 1 < len(lines) and lines[at + 1]):
            continue
        number = tuple(map(int, matched[1].split(".")))
        if not _counts_on(last, number) or not _may_head(matched[2]):
            return {}
        last = number
        headings[at] = len(number) + 1, matched[2]
    are_capitals = all(_is_capitals(text) for level, text in headings.values() if level == 2)
    if len(headings) < 2 or not _has_text_between(lines, headings):
        return {}
    if not are_capitals and all(level == 2 for level, _ in headings.values()):
        return {}
    start = _next_text(lines, -1)
    if start not in headings and _is_capitals(lines[start]) and not lines[start + 1]:
        headings[start] = 1, lines[start]
    return headings


def _counts_on(last: tuple[int, ...], number: tuple[int, ...]) -> bool:
    if not last:
        return number == (1,)
    return number == (*last, 1) or any(number == (*last[:depth], last[depth] + 1) for depth in range(len(last)))


def _capitals(lines: Sequence[str], places: Sequence[int]) -> _Headings:
    start = _next_text(lines, -1)
    at_lines = [at for at in places if _follows_blank(lines, at) and _is_capitals(lines[at])]
    headings = {at: (1 if at == start else 2, lines[at]) for at in at_lines}
    is_title = start in headings and start + 1 < len(lines) and not lines[start + 1]
    others = sum(map(bool, lines)) - len(headings)
    if not is_title or len(headings) < 2 or others < len(headings) - 1:
        return {}
    sections = {at: heading for at, heading in headings.items() if at != start}
    above = [_next_text(lines, at) for at in sections]
    return headings if all(at < len(lines) and at not in headings for at in above) else {}


def _is_capitals(text: str) -> bool:
    letters = [character for character in text if character.isalpha()]
    if len(letters) < _FEWEST_CAPITALS or not text[0].isalpha() or not _may_head(text) or text.endswith(":"):
        return False
    return text.isupper()


_FORMS: tuple[Callable[[Sequence[str], Sequence[int]], _Headings], ...] = (
    _hashed,
    _underlined,
    _falling,
    _opened,
    _lettered,
    _numbered,
    _capitals,
)
