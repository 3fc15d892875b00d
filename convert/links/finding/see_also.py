"""What may be a title as a whole: items in sections of links to other articles, and values of infoboxes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from convert.expressions import expression
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
#: Keys whose values a template reads as something else than text, such as the name of a map, or that name the article.
_NO_TEXT = expression(
    r"\bpushpin\b|\blocmap|maps?\b|flag\b|\b(?:image|img|photo|picture|logo|icon|caption|colou?rs?|size|width|lang|alt|url)\b"
    r"|\b(?:label|locator) position\b"
    r"|\A(?:(?:official|common|full|native|other|original|alternative) )?(?:names?|title)\Z"
)
_BETWEEN_WORDS = expression(r"[\W\d_]+")


def whole_items(passages: Sequence[Passage]) -> Iterator[tuple[int, int, int]]:
    """Yield values, and the items of such sections: the number of the passage, where its text begins and may end."""
    for number, passage in enumerate(passages):
        if passage.kind == "value":
            if not _is_no_text(passage.heading):
                yield number, 0, len(passage.text)
        elif passage.kind == "item" and passage.heading.strip().rstrip(":：").rstrip().casefold() in _HEADINGS:
            text = passage.text
            start = len(text) - len(text.lstrip())
            for end in sorted({len(text.rstrip()), len(text.rstrip(" .;"))}):
                if start < end:
                    yield number, start, end


@lru_cache(1 << 12)
def _is_no_text(key: str) -> bool:
    """Return whether the values of a key are no text in which a link could stand."""
    return _NO_TEXT.search(_BETWEEN_WORDS.sub(" ", key).strip().casefold()) is not None
