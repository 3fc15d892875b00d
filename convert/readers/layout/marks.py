"""How lines begin that are items of a list: bullets and numbers, certain and unsure ones.

The marks of the form are certain: ``- ``, ``* ``, ``•``, ``1. ``, ``1) ``, ``# ``.  Others are where lines with such
marks follow each other: ``● ``, ``– ``, ``+ ``, ``o ``.  Numbers of other kinds, (1), a), i., and those that do not
begin with 1, are the author's: a wiki would show others in their place, so lines that count on are kept as they are.
A line of nothing but marks is no item, and neither is ``*** END ***``: they part scenes.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from convert.ast import ListKind
from convert.expressions import expression
from convert.readers.characters import BULLET_SIGNS, UNSURE_BULLETS

#: How far a line is indented, then how many markers it repeats: items with a greater place are nested.
Place = tuple[int, int]

_ITEM = expression(r"(?:([*#•]+|-)|([0-9]{1,9})[.)])\s+(?=\S)|(•+)(?=\S)")
_DASHES = "-–—‐‑‒―−"
_SIGN = expression(rf"([{BULLET_SIGNS}])\s*(?=\S)|([{UNSURE_BULLETS}])\s+(?=\S)|([-–—])(?=[^\W\d_])")
_ORDINAL = expression(
    r"(\(?)(?:([0-9]{1,4})|([ivxl]{1,6}|[a-z])|([IVXL]{1,6}|[A-Z]))([.)、．）])(?:\s+(?=\S)|(?<=[0-9][.)、．）])(?=[^\W\d_]))"
)
_OUTLINE = expression(r"([0-9]{1,3}(?:\.[0-9]{1,3})+)[.)]?\s+(?=\S)")
_ROMAN = {"i": 1, "v": 5, "x": 10, "l": 50}
_SENTENCE_END = expression(r"[.!?…。！？»”\"]$")

#: What the lines begin with that may be items.
CERTAIN_STARTS = frozenset("-*•#0123456789")
UNSURE_STARTS = frozenset(BULLET_SIGNS + UNSURE_BULLETS)


class Item(Struct, frozen=True):
    """One item line taken apart; ``number`` is ``None`` where the mark has none, ``style`` what the mark looks like."""

    kind: ListKind
    number: int | None
    place: Place
    text: str
    style: str

    @property
    def opens_list(self) -> bool:
        """Whether a list can begin with this item, whatever stands below."""
        return self.number in (None, 1) and (self.place[1] < 3 if self.style[0] == "*" else self.style[:2] != "##")


def indent_of(raw: str) -> int:
    """How many characters of white space a line begins with."""
    return len(raw) - len(raw.lstrip())


def item_of(raw: str, stripped: str) -> Item | None:
    """Parse a line as an item by the marks that are certain; ``stripped`` is ``raw.strip()``."""
    matched = _ITEM.match(stripped)
    if not matched:
        return None
    text = stripped[matched.end() :]
    if matched[2]:
        return Item("numbered", int(matched[2]), (indent_of(raw), 1), text, "1.")
    marks = matched[1] or matched[3]
    is_framed = marks.startswith("**") and text.endswith("**")
    if is_framed or (text[0] == marks[0] and not text.strip(f"{marks[0]} \t") and stripped.count(marks[0]) > 2):
        return None
    return Item("numbered" if marks[-1] == "#" else "bulleted", None, (indent_of(raw), len(marks)), text, marks)


def unsure_item_of(raw: str, stripped: str) -> Item | None:
    """Parse a line as an item by the marks that are unsure."""
    matched = _SIGN.match(stripped)
    if matched:
        sign = matched[1] or matched[2] or f"{matched[3]}x"
        text = stripped[matched.end() :]
        if sign == "o" and not ("\t" in matched[0] or len(matched[0]) > 2 or not text[0].islower()):
            return None
        return Item("bulleted", None, (indent_of(raw), 1), text, sign) if text.strip(sign) else None
    return None


def ordinal_of(raw: str, stripped: str, previous: Item | None = None) -> Item | None:
    """Parse a line as a numbered item: (1), a), i.  What ``i`` counts, the item ``previous`` tells, if there is one."""
    matched = _ORDINAL.match(stripped)
    if not matched:
        return None
    bracket, digits, lower, upper, end = matched.groups()
    letters = lower or upper
    if bracket and end not in ")）":
        return None
    # A. Bell and C. Ross are names.
    style = f"{bracket}{'1' if digits else 'a' if lower else 'A'}{end}"
    if digits:
        number = int(digits)
    elif len(letters) == 1 and not (letters in "iI" and (previous is None or previous.style[-1] == "r")):
        number = ord(letters.lower()) - ord("a") + 1
        if previous is not None and previous.style[-1] == "r":
            number, style = _roman(letters.lower()), style + "r"
        elif upper and end == ".":
            return None
    else:
        number, style = _roman(letters.lower()), style + "r"
    return Item("numbered", number, (indent_of(raw), 1), stripped[matched.end() :], style)


def _roman(letters: str) -> int:
    """Read a Roman number; 0 if its letters are not in an order that counts."""
    values = [_ROMAN.get(letter, 0) for letter in letters]
    if 0 in values:
        return 0
    return sum(
        -value if value < following else value for value, following in zip(values, (*values[1:], 0), strict=True)
    )


def outline_of(raw: str, stripped: str) -> tuple[Item, list[int]] | None:
    """Parse a line as an item of an outline, 1.2.1; its numbers come with it."""
    matched = _OUTLINE.match(stripped)
    if not matched:
        return None
    numbers = [int(number) for number in matched[1].split(".")]
    place = (indent_of(raw), len(numbers))
    return Item("numbered", numbers[-1], place, stripped[matched.end() :], "1.1"), numbers


def counts_on(above: Item, raw: str, stripped: str) -> Item | None:
    """Parse a line as the item whose number, of any kind, counts on from another."""
    item = ordinal_of(raw, stripped, above)
    return item if item and item.style == above.style and item.number == (above.number or 0) + 1 else None


def counts(lines: Sequence[str], at: int, stripped: str) -> bool:
    """Return whether a line has a number, of any kind, that the line below counts on from, or that goes on itself."""
    item = ordinal_of(lines[at], stripped)
    if item and at + 1 < len(lines) and counts_on(item, lines[at + 1], lines[at + 1].strip()):
        return True
    above = ordinal_of(lines[at - 1], lines[at - 1].strip())
    return above is not None and counts_on(above, lines[at], stripped) is not None


def opens_run(lines: Sequence[str], at: int, stripped: str) -> Item | None:
    """Parse a line whose bullet is unsure as the first item of a list, if the line below has the same one."""
    item = unsure_item_of(lines[at], stripped)
    if item is None:
        return None
    below = at + 1
    if item.style in BULLET_SIGNS:
        while below < len(lines) and below < at + 3 and not lines[below].strip():
            below += 1
    following = unsure_item_of(lines[below], lines[below].strip()) if below < len(lines) else None
    if following is None or following.style != item.style:
        return None
    return None if item.style[0] in _DASHES and _is_dialogue(item, following) else item


def _is_dialogue(first: Item, second: Item) -> bool:
    """Return whether lines behind dashes may be what people say."""
    return bool(_SENTENCE_END.search(first.text) or _SENTENCE_END.search(second.text))


def opens_list(lines: Sequence[str], at: int, stripped: str) -> bool:
    """Return whether a list begins at ``lines[at]``."""
    # Behind more white space may be a rule.
    if stripped.startswith("- ") and stripped[2] != "-" and not stripped[2].isspace():
        return True
    item = item_of(lines[at], stripped)
    return (item is not None and item.opens_list) or opens_run(lines, at, stripped) is not None
