"""Sections of links to other articles: their items are titles."""

from __future__ import annotations

from convert.links.passages import Passage

_HEADINGS = frozenset(
    (
        "see also", "related articles", "related topics", "siehe auch", "voir aussi", "articles connexes",
        "véase también", "ver también", "ver também", "voci correlate", "zie ook", "zobacz też", "se även", "se også",
        "katso myös", "см. также", "див. також", "гл. също", "vezi și", "vizte též", "lásd még", "ayrıca bakınız",
        "関連項目", "参见", "參見", "같이 보기", "আরও দেখুন", "इन्हें भी देखें", "انظر أيضًا", "ראו גם", "ดูเพิ่ม",
        "xem thêm", "lihat pula", "vegeu també",
    )
)  # fmt: skip


def is_see_also(passage: Passage, start: int, end: int) -> bool:
    """Return whether a stretch is the whole of an item of a section of links to other articles."""
    if passage.kind != "item" or passage.heading.strip().casefold() not in _HEADINGS:
        return False
    text = passage.text
    return not text[:start].strip() and not text[end:].strip(" .;")
