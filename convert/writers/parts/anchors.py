"""The headings of an article's page, and the anchors that links lead to: of headings and notes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple
from zlib import crc32

from convert.ast import Section
from convert.expressions import expression
from convert.titles import MAX_TITLE_BYTES

_OF_NOTES = expression(r"note-[0-9]+|ref-[0-9]+-[0-9]+")


class Heading(NamedTuple):
    """A section, its depth, from 1, and its anchor on the page."""

    section: Section
    depth: int
    anchor: str


def headings_of(sections: Sequence[Section], prefix: str) -> Iterator[Heading]:
    """Yield sections and their subsections in reading order, each with a unique anchor."""
    used: Counter[str] = Counter()
    waiting = [(section, 1) for section in reversed(sections)]
    while waiting:
        section, depth = waiting.pop()
        anchor = anchor_of(section.heading, prefix)
        used[anchor] += 1
        while used[anchor] > 1:  # until the anchor is unique
            anchor = f"{anchor}_{used[anchor]}"
            used[anchor] += 1
        yield Heading(section, depth, anchor)
        waiting += [(below, depth + 1) for below in reversed(section.sections)]


def anchor_of(heading: str, prefix: str) -> str:
    """Make the anchor of a heading, on a page whose anchors have a prefix; those of notes are other ones."""
    name = "_".join(heading.split()) or "section"
    return f"{prefix}{name}_" if _OF_NOTES.fullmatch(name) else prefix + name


def note_anchor(number: int, prefix: str) -> str:
    """Make the anchor of a note."""
    return f"{prefix}note-{number}"


def reference_anchor(number: int, use: int, prefix: str) -> str:
    """Make the anchor of a place that refers to a note."""
    return f"{prefix}ref-{number}-{use}"


def fragment(anchor: str) -> str:
    """Make the fragment of an address that leads to an anchor."""
    return "#" + anchor.replace("%", "%25")


def repeatable(title: str) -> str:
    """Shorten a title that a page repeats, if no page could be called so; different ones stay different."""
    return title if len(title) <= MAX_TITLE_BYTES else f"{title[: MAX_TITLE_BYTES // 2]}…{crc32(title.encode()):08x}"
