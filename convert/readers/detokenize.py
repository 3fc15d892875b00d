"""The WikiText corpora's tokens put back into running text.

Their texts stand with every token parted by a space, and with `` @-@ `` for a hyphen within a word.  Opt-in: an author
may have meant ``a , b``.

Source: https://huggingface.co/datasets/Salesforce/wikitext
"""

from __future__ import annotations

import re

from convert.expressions import expression

_JOINED = expression(r" @([-,.])@ ")
_BEFORE = expression(r" (?=[,.;:!?%)\]](?: |$)|(?:'s|'re|'ve|'ll|'d|'m|n't)\b)", re.MULTILINE)
_AFTER = expression(r"(?<=[(\[$£€]) ")
_QUOTED = expression(r'" ([^"\n]*?) "')
_APOSTROPHE = expression(r"(?<=s) '(?= )")


def detokenized(text: str) -> str:
    """Join the tokens of a text; line breaks and lines' own spaces stay."""
    text = _JOINED.sub(r"\1", text)
    text = _QUOTED.sub(r'"\1"', text)
    text = _APOSTROPHE.sub("'", text)
    return _AFTER.sub("", _BEFORE.sub("", text))
