"""Whether an article is in the language of the shipped catalogue, which is that of the English Wikipedia.

An article that says its language is in that.  Elsewhere its letters tell, and the words that every English text has.
"""

from __future__ import annotations

from convert.ast import Article, Infobox, Paragraph, Text
from convert.expressions import expression
from convert.infobox.catalogue import Catalogue, shipped

_LATIN = expression(r"[A-Za-z\u00c0-\u024f\u1e00-\u1eff]")
_LETTER = expression(r"[^\W\d_]")
_ENGLISH = frozenset(
    "the of and a an in is was were are to for by with from on at it its his her as that which who".split()
)
# A text of fewer words tells nothing; in a longer one, English has so many of its little words.
_LEAST_WORDS, _LEAST_SHARE = 12, 0.1
_SAMPLE = 400
_MOST_KEYS = 100


def is_foreign(infobox: Infobox, article: Article, catalogue: Catalogue) -> bool:
    """Return whether a catalogue is but the shipped one, and an article is not in its language."""
    if catalogue is not shipped():
        return False
    language = article.metadata.get("language", "")
    if language:
        return not language.lower().startswith("en")
    keys = " ".join([field.key[:_SAMPLE] for field in infobox.fields[:_MOST_KEYS]])
    if not keys.isascii():
        letters = len(_LETTER.findall(keys))
        if letters and len(_LATIN.findall(keys)) * 2 < letters:
            return True
    # Parted at white space alone, because every guess asks: an expression that finds words takes five times as long.
    words = _lead(article).casefold().split()
    return len(words) >= _LEAST_WORDS and sum(map(_ENGLISH.__contains__, words)) < _LEAST_SHARE * len(words)


def _lead(article: Article) -> str:
    """Return the start of the first paragraph."""
    for block in article.lead:
        if isinstance(block, Paragraph):
            texts = [inline.text[:_SAMPLE] for inline in block.content[:_SAMPLE] if isinstance(inline, Text)]
            return " ".join(texts)[:_SAMPLE]
    return ""
