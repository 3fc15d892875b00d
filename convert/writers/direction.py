"""The direction of text in HTML, for right-to-left scripts.

Source: https://www.w3.org/International/questions/qa-html-dir
"""

from __future__ import annotations

from convert.ast import Article, Paragraph, Text
from convert.expressions import expression

_RTL = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff"
_RIGHT_TO_LEFT = expression(f"[{_RTL}]")
_LEFT_TO_RIGHT = expression(rf"[^\W\d_{_RTL}]")
# How much of an article is sampled to detect its direction.
_SAMPLE_CHARACTERS = 400


def is_right_to_left(article: Article) -> bool:
    """Return whether most letters of an article's title, lead and headings are right-to-left."""
    lead = article.lead[0].content if article.lead and isinstance(article.lead[0], Paragraph) else ()
    texts = (article.title, *(inline.text for inline in lead if isinstance(inline, Text)))
    sample = " ".join((*texts, *(section.heading for section in article.sections)))[:_SAMPLE_CHARACTERS]
    return not sample.isascii() and len(_RIGHT_TO_LEFT.findall(sample)) > len(_LEFT_TO_RIGHT.findall(sample))


def attribute(content: str, right_to_left: bool) -> str:
    """Return ``dir="auto"`` for an element whose direction may differ from that of its parent."""
    if right_to_left:
        return ' dir="auto"' if _LEFT_TO_RIGHT.search(content) else ""
    return ' dir="auto"' if not content.isascii() and _RIGHT_TO_LEFT.search(content) else ""
