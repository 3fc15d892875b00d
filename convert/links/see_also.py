"""What may be a title as a whole: items in sections of links to other articles, and values of infoboxes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

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


def whole_items(passages: Sequence[Passage]) -> Iterator[tuple[int, int, int]]:
    """Yield values, and the items of such sections: the number of the passage, where its text begins and may end."""
    for number, passage in enumerate(passages):
        if passage.kind == "value":
            yield number, 0, len(passage.text)
        elif passage.kind == "item" and passage.heading.strip().casefold() in _HEADINGS:
            text = passage.text
            start = len(text) - len(text.lstrip())
            for end in sorted({len(text.rstrip()), len(text.rstrip(" .;"))}):
                if start < end:
                    yield number, start, end
