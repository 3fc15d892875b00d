"""Whether an infobox begins at a line, and in which form: the canonical one, or one that is unmistakable.

The more a head or a line can also be running text, the more fields must follow.  Only the next few lines are looked at,
so that a text of nothing but heads is read in linear time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from msgspec import Struct

from convert.diagnostics import shown
from convert.readers.characters import BULLETS
from convert.readers.infoboxes.fields import (
    FieldLine,
    dashed,
    field_of,
    is_canonical_field,
    is_key,
    is_phrase,
    unmarked,
)
from convert.readers.infoboxes.groups import heading_level, heads_fields, label_of
from convert.readers.infoboxes.heads import Head, canonical_head, head_of, is_heading, is_nameable, may_open
from convert.readers.infoboxes.tables import Table, rows_at, table_at
from convert.readers.layout.marks import indent_of

# So many lines below a head are looked at.
_WINDOW = 4
_SHORT_KEY_WORDS = 4


class Opening(Struct, frozen=True):
    """How an infobox begins: its template, the index of its first field line, and what is not canonical so far."""

    template: str | None
    first: int
    forms: tuple[str, ...] = ()
    table: Table | None = None
    #: Its head and its first field are canonical.
    is_canonical: bool = False
    #: Dashes end keys.
    is_dashed: bool = False
    #: Every field stands alone between blank lines.
    is_parted: bool = False
    #: Its head is a heading of this level, 0 if it is none.
    level: int = 0


def opening_at(lines: Sequence[str], at: int, stripped: str, on_top: bool = False) -> Opening | None:
    """Return how the infobox begins whose head is ``lines[at]``; ``None`` where there is none.

    ``on_top``: nothing stands above it but the title and other infoboxes.
    """
    head = canonical_head(stripped)
    if head and is_nameable(head.template) and at + 1 < len(lines) and is_canonical_field(lines[at + 1].strip()):
        return Opening(head.template, at + 1, is_canonical=True)
    head = head_of(stripped) if stripped[0] == "=" or may_open(stripped) else None
    if head:
        return _below(head, lines, at, stripped, on_top)
    return _headless(lines, at, stripped) if on_top and "|" in stripped else None


def _below(head: Head, lines: Sequence[str], at: int, stripped: str, on_top: bool) -> Opening | None:
    """Look for fields below a head."""
    forms: tuple[str, ...] = () if head.is_canonical else (f"the head {shown(stripped)}",)
    first = at + 1
    is_certain = head.is_word and not head.is_doubtful
    while first < len(lines) and (first == at + 1 or is_certain) and not lines[first].strip():
        first += 1
    gap = first - at - 1
    if gap:
        forms += ("a blank line above the fields" if gap == 1 else "blank lines above the fields",)
    if first >= len(lines) or not lines[first].strip():
        return None
    table = table_at(lines, first) or rows_at(lines, first)
    if table:
        return Opening(head.template, table.start, (*forms, "a table"), table)
    texts = list(islice(_texts(lines, first), _WINDOW))
    level = heading_level(stripped)
    if gap and not (head.is_word or on_top):
        return None
    is_label = bool(label_of(texts[0])) and not head_of(texts[0]) and heads_fields(lines, first)
    if is_label and (not is_heading(texts[0]) or 0 < level < heading_level(texts[0])):
        return Opening(head.template, first, forms, level=level)
    if head_of(texts[0]) or is_heading(texts[0]):
        return None
    is_plain = not gap and (head.is_canonical or on_top or not stripped[0].isalpha())
    needed = 1 if (is_certain and gap < 2) or is_plain else 1.5 if on_top or not gap else 2
    if _count(texts) >= needed:
        return Opening(head.template, first, forms, level=level)
    if (head.is_word or not gap) and len(texts) > 1 and all(map(dashed, texts)):
        return Opening(head.template, first, forms, is_dashed=True)
    if head.is_word and _is_parted(lines, first):
        return Opening(head.template, first, forms, is_parted=True)
    return None


def _texts(lines: Sequence[str], at: int) -> Iterator[str]:
    """Yield the lines from ``lines[at]`` up to a blank one, stripped."""
    while at < len(lines) and (stripped := lines[at].strip()):
        yield stripped
        at += 1


def _count(texts: Sequence[str]) -> float:
    """Count the fields in the first lines of a block; half a field is one that running text can look like."""
    if not field_of(texts[0]) and not _is_label(texts):
        return 0
    return sum(map(_weight, texts))


def _weight(text: str) -> float:
    line = field_of(text)
    if line is None or not is_key(line.key):
        return 0
    if line.is_emphasised or line.bullet == "|":
        return 1
    return 1 if line.bullet else 0.5


def _is_label(texts: Sequence[str]) -> bool:
    """Return whether the first line names a group of the fields that follow."""
    return (
        len(texts) > 1
        and is_key(label_of(texts[0]) or unmarked(texts[0])[1].strip("*_:： "))
        and field_of(texts[1]) is not None
    )


def _is_parted(lines: Sequence[str], at: int) -> bool:
    """Return whether fields without bullets stand each between blank lines."""
    stands = [lines[place].strip() if place < len(lines) else "" for place in range(at, at + 4)]
    fields = [field_of(stands[0]), field_of(stands[2])] if stands[0] and stands[2] else []
    return not stands[1] and not stands[3] and len(fields) == 2 and all(map(_is_fact, fields))


def _is_fact(line: FieldLine | None) -> bool:
    return line is not None and is_key(line.key) and is_phrase(line.value)


def _headless(lines: Sequence[str], at: int, stripped: str) -> Opening | None:
    """Look for a table of facts that has no head above it, on top of an article."""
    table = table_at(lines, at)
    if table is None or not (table.is_titled or table.head or not table.labels[1]):
        return None
    template = table.head.template if table.head else None
    return Opening(template, table.start, ("a table",), table)


# ── Where fields go on


def goes_on(lines: Sequence[str], at: int, bullet: str, is_parted: bool) -> bool:
    """Return whether the fields of a block go on at ``lines[at]``, below a blank line.

    All lines up to the next blank one must be fields with short keys and the bullet of the block.
    """
    if at >= len(lines) or not lines[at] or lines[at][0].isspace() or (bullet == "-" and lines[at][0] not in BULLETS):
        return False
    count = 0
    for place in range(at, len(lines)):
        stripped = lines[place].strip()
        if not stripped:
            break
        if count and indent_of(lines[place]):
            continue
        line = field_of(stripped)
        if line is None or line.bullet != bullet or head_of(stripped) or not is_key(line.key):
            return False
        if len(line.key.split()) > _SHORT_KEY_WORDS or not (bullet or line.is_emphasised or is_phrase(line.value)):
            return False
        count += 1
    return bool(bullet) or count > 1 or is_parted
