"""A line of an infobox to a key and a value.

The canonical form is ``- Key: value``; the bullet may be ``*`` or ``•``.  People also write other bullets, numbers,
pipes or none, ``=``, a tab or a dash for the colon, and the key in bold.  Marks of emphasis round a key, or round key
and value, are no part of them.
"""

from __future__ import annotations

import re

from msgspec import Struct, structs

from convert.ast import Field
from convert.expressions import expression
from convert.readers.characters import BULLET_SIGNS, UNSURE_BULLETS, after_bullet

#: What a key that is emphasised begins with.
EMPHASIS_SIGNS = frozenset("*_`'<")

_UNSURE = re.escape(UNSURE_BULLETS)
_BULLET = expression(
    rf"[{re.escape(BULLET_SIGNS)}]\s*(?=\S)|[{_UNSURE};]\s+(?=\S)|[0-9]{{1,3}}[.)]\s+(?=\S)|[-–—](?=[^\W_]|[*_`'])|\*(?=[^\W_])|\*{{2,3}}\s+(?=\S)"
)
# A box to be ticked, behind a bullet.
_BOX = expression(r"\[[ xX✓✔]\]\s+(?=\S)")
_PIPE = expression(r"[|!]\s*(?=[^\s|!}-])")
# A colon that begins the rest of an address is none that ends a key.  Chinese and Japanese authors use the wide one.
_COLON = expression(r":(?!//)|：")
_SEPARATOR = expression(r":(?!//)|：|(?<![=!<>:])=(?![=>])|＝")
_DASH = expression(r"\s(?:--?|[–—→⇒]|[-=]>)\s|\s?(?:\.{4,}|…{2,})\s")
_EMPHASISED = expression(
    r"(?P<open>\*{1,3}|_{1,3}|'{2,3}|`|<b>|<strong>)(?P<key>[^\s:：=＝*_`'<](?:[^:：=＝*`<]{0,80}?[^\s:：=＝*_`'<])?)"
    r"\s*(?:(?P<inner>[:：])\s*(?P=open)|(?P<close>(?P=open))\s*(?P<outer>[:：=＝]|[-–—](?=\s)|(?=\t)))\s*"
)
_QUOTES = ('"', "'")
_TAGS = {"</b>": "<b>", "</strong>": "<strong>"}
_TAG = expression(r"</(?:b|strong)>")

#: Fields that stand one behind the other.
IN_A_ROW = expression(r"(?:^:?|[;|,])\s*[^\W\d_][\w ]{0,30}[:=]\s*\w")

_MAX_KEY = 48
_MAX_KEY_WORDS = 6
_LETTER = expression(r"[^\W\d_]")
_NO_KEY = expression(r"//|[.!?;。！？；…]\s|[!?;。！？；…|]\Z|^[-+*/\\|=<>{}\[\]]")


class FieldLine(Struct, frozen=True):
    """A line taken apart: its bullet (``""``: none), what ended the key, and whether the key was emphasised."""

    key: str
    value: str
    bullet: str
    separator: str
    is_emphasised: bool

    @property
    def is_canonical(self) -> bool:
        return self.bullet == "-" and self.separator == ":" and not self.is_emphasised


def unmarked(stripped: str) -> tuple[str, str]:
    """Part a line's bullet from its text: ``-`` for those of the form, ``""`` where there is none."""
    text = after_bullet(stripped)
    if text is not None:
        box = _BOX.match(text) if text[0] == "[" else None
        return ("[", text[box.end() :]) if box else ("-", text)
    matched = _BULLET.match(stripped)
    if matched and not _EMPHASISED.match(stripped):
        return "1" if matched[0][0].isdigit() else matched[0][0], stripped[matched.end() :]
    matched = _PIPE.match(stripped)
    return ("|", stripped[matched.end() :]) if matched else ("", stripped)


def field_of(stripped: str, has_equals: bool = False) -> FieldLine | None:
    """Read a line without white space at its ends as a field; ``None`` if it is none.

    Behind a bullet of the form a colon makes a field of it, whatever the key; elsewhere the key must look like one.
    ``has_equals``: an equals sign ends the key even if a colon follows.
    """
    bullet, text = unmarked(stripped)
    return split(bullet, text, has_equals)


def split(bullet: str, text: str, has_equals: bool = False) -> FieldLine | None:
    """Part what stands behind a bullet into key and value."""
    if text[:1] in EMPHASIS_SIGNS:
        line = _emphasised(bullet, text)
        if line:
            return line
    matched = (_COLON.search(text) if bullet == "-" and not has_equals else None) or _SEPARATOR.search(text)
    if matched and matched[0] in "=＝":
        key = text[: matched.start()].strip()
        if not is_key(key):
            matched = _COLON.search(text)
    if matched:
        key, separator = text[: matched.start()].strip(), "=" if matched[0] in "=＝" else ":"
        if (bullet == "-" and separator == ":") or is_key(key):
            value = text[matched.end() :]
            if matched[0] == ":" and value[:2] in (": ", "= "):  # Key:: value, Key := value
                value, separator = value[2:], "=" if value[0] == "=" else separator
            if key[:1] in _QUOTES and key[-1:] == key[:1] and len(key) > 2:  # "Key": "value",
                return FieldLine(key[1:-1].strip(), _unquoted(value.strip()), bullet, separator, True)
            return FieldLine(key, value.strip(), bullet, separator, False)
        return None
    if "\t" in text:
        key, _, value = text.partition("\t")
        return FieldLine(key.strip(), value.strip(), bullet, "tab", False) if is_key(key.strip()) else None
    return None


def _unquoted(value: str) -> str:
    """Leave out quotation marks round a value whose key has them, and the comma behind."""
    value = value.removesuffix(",")
    return value[1:-1] if len(value) > 1 and value[0] in _QUOTES and value[-1] == value[0] else value


def is_canonical_field(stripped: str) -> bool:
    """Return whether a line is a field with a bullet of the form and a colon."""
    text = after_bullet(stripped)
    return text is not None and _COLON.search(text) is not None


def dashed(stripped: str) -> FieldLine | None:
    """Read a line as ``Name - value``, which only many such lines make a field of."""
    bullet, text = unmarked(stripped)
    matched = _DASH.search(text)
    if not matched or not is_key(text[: matched.start()].strip()):
        return None
    return FieldLine(text[: matched.start()].strip(), text[matched.end() :].strip(), bullet, "dash", False)


def _emphasised(bullet: str, text: str) -> FieldLine | None:
    """Read ``**Key:** value``, ``**Key**: value``, ``**Key: value**``."""
    if text[0] == "<":
        text = _TAG.sub(lambda tag: _TAGS[tag[0]], text)
    matched = _EMPHASISED.match(text)
    if matched:
        if matched["open"][0] == "_" and matched["key"].isupper():  # __TOC__
            return None
        value = text[matched.end() :].strip()
        outer = matched["outer"]
        separator = "dash" if outer and outer in "-–—" else "=" if outer and outer in "=＝" else ":"
        return FieldLine(matched["key"], _unwrapped(value, matched["open"]), bullet, separator, True)
    for mark in ("***", "**", "'''", "`"):
        if text.startswith(mark) and text.endswith(mark) and text.count(mark) == 2:
            line = split(bullet, text[len(mark) : -len(mark)].strip())
            return structs.replace(line, is_emphasised=True) if line else None
    return None


def _unwrapped(value: str, mark: str) -> str:
    """Leave out the marks round a value, if its key had the same."""
    if len(value) > 2 * len(mark) and value.startswith(mark) and value.endswith(mark) and value.count(mark) == 2:
        return value[len(mark) : -len(mark)].strip()
    return value


def is_key(text: str) -> bool:
    """Return whether a text looks like the key of a field: a few words, and no sentence."""
    return (
        0 < len(text) <= _MAX_KEY
        and len(text.split()) <= _MAX_KEY_WORDS
        and not _NO_KEY.search(text)
        and _LETTER.search(text) is not None
    )


def is_phrase(value: str) -> bool:
    """Return whether a value is a few words or numbers, and no sentence."""
    return 0 < len(value) <= _MAX_PHRASE and value[-1] not in ".!?:;。！？："


_MAX_PHRASE = 80


def field(line: FieldLine, number: int) -> Field:
    """Make the field that a line says."""
    return Field(line.key, (line.value,) if line.value else (), line=number)
