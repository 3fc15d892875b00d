"""What a word is, in every script: where an entry may begin and end.

Letters, digits, underscores and the marks on them (a vowel sign of Bengali is no letter to ``\\w``).  Scripts that put
no spaces between words have a word in every character.
"""

from __future__ import annotations

from convert.expressions import expression

#: Scripts without spaces: Thai, Lao, Tibetan, Myanmar, Khmer, kana, Han.
UNSPACED = (
    "\u0e01-\u0e5b\u0e81-\u0edf\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3041-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
)
#: Combining marks of the other scripts, and the joiners within words.
MARKS = (
    "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670"
    "\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u0711\u0730-\u074a\u07a6-\u07b0\u0816-\u082d\u08d3-\u08ff"
    "\u0900-\u0903\u093a-\u094f\u0951-\u0957\u0962\u0963\u0981-\u0983\u09bc-\u09cd\u09d7\u09e2\u09e3\u0a01-\u0a03"
    "\u0a3c-\u0a51\u0a70\u0a71\u0a75\u0a81-\u0a83\u0abc-\u0acd\u0ae2\u0ae3\u0b01-\u0b03\u0b3c-\u0b57\u0b62\u0b63"
    "\u0b82\u0bbe-\u0bcd\u0bd7\u0c00-\u0c04\u0c3c-\u0c56\u0c62\u0c63\u0c81-\u0c83\u0cbc-\u0cd6\u0ce2\u0ce3"
    "\u0d00-\u0d03\u0d3b-\u0d4d\u0d57\u0d62\u0d63\u0d81-\u0d83\u0dca-\u0ddf\u0df2\u0df3\u135d-\u135f\u180b-\u180d"
    "\u1ab0-\u1aff\u1dc0-\u1dff\u200c\u200d\u20d0-\u20f0\ufe00-\ufe0f\ufe20-\ufe2f"
)

_UNSPACED = expression(f"([{UNSPACED}])")
#: Punctuation and spaces beyond ASCII that stand between words.
BETWEEN = (
    "\xa0-\xa9\xab-\xb1\xb4\xb6-\xb8\xbb\xbf\xd7\xf7\u055a-\u055f\u0589\u05be\u05c0\u05c3\u060c\u061b\u061f\u0964"
    "\u0965\u2000-\u200b\u200e-\u206f\u20a0-\u20bf\u2190-\u2bff\u3000-\u3004\u3008-\u3020\u3030\uff01-\uff0f"
    "\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65"
)
_BETWEEN = expression(f"[{BETWEEN}]+")


def is_ascii_word(code: int) -> bool:
    """Return whether a character of ASCII stands in words."""
    return chr(code).isalnum() or code == 95


_ASCII = bytes(code if code > 127 or is_ascii_word(code) else 32 for code in range(256))


def words(text: str) -> list[bytes]:
    """Return the words of a text in order, as UTF-8; what stands between them is lost.

    Bytes, because they are parted by ``translate`` and ``split`` in a third of the time that an expression takes.
    """
    if not text.isascii():
        text = _BETWEEN.sub(" ", text)
        text = _UNSPACED.sub(r" \1 ", text)
    return text.encode("utf-8", "replace").translate(_ASCII).split()


def is_unspaced(text: str) -> bool:
    """Return whether a text has letters of a script without spaces."""
    return not text.isascii() and bool(_UNSPACED.search(text))
