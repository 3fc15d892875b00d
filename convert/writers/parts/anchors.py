"""The headings of an article's page, and the anchors that links lead to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple
from zlib import crc32

from convert.ast import Section
from convert.titles import MAX_TITLE_BYTES


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
    """Make the anchor of a heading, on a page whose anchors have a prefix."""
    return prefix + ("_".join(heading.split()) or "section")


def fragment(anchor: str) -> str:
    """Make the fragment of an address that leads to an anchor."""
    return "#" + anchor.replace("%", "%25")


def repeatable(title: str) -> str:
    """Shorten a title that a page repeats, if no page could be called so; different ones stay different."""
    return title if len(title) <= MAX_TITLE_BYTES else f"{title[: MAX_TITLE_BYTES // 2]}…{crc32(title.encode()):08x}"
