"""The line above the fields of an infobox to the template that it names.

Canonical heads are ``Infobox``, ``Infobox person`` and ``Infobox: Taxobox``.  People also write the word in any case,
in bold, as a heading, with other signs before the template, and in their own language.
"""

from __future__ import annotations

import re

from msgspec import Struct

from convert.expressions import expression
from convert.readers.headings import heading_of

#: No head in another form than the canonical one is longer.
MAX_HEAD = 90

# Words that mean nothing but an infobox, alone on a line above fields.
_CERTAIN = frozenset(
    "信息框 資訊框 信息盒 資訊盒 インフォボックス 인포박스 정보상자 инфобокс інфобокс инфокутија инфокутия infoboks "
    "infotaula infobulle infoboîte infocaseta infocasetă infokutija infopolje infokast".split()
)
# Words that also mean something else: more than one field must follow.
_LIKELY = frozenset(
    (
        "карточка", "картка", "基礎情報", "กล่องข้อมูล", "صندوق معلومات", "תיבת מידע", "جعبه اطلاعات", "ज्ञानसन्दूक",
        "তথ্যছক", "πλαίσιο πληροφοριών",
    )
)  # fmt: skip
# What stands behind "Infobox" and names no template.
_NO_TEMPLATE = frozenset(
    "block card content contents data details facts field fields info information parameters section summary table "
    "template".split()
)

#: What a line that may be the head of an infobox begins with, but for white space and the signs of headings.
HEAD_SIGNS = frozenset("IiTt*_`~'<[#" + "".join(word[0] + word[0].upper() for word in _CERTAIN | _LIKELY))

# What cannot stand in a page's title can be no template's name.
NO_NAME = expression(r"[\[\]{}|<>#]|:\s*\Z")

_ATX = expression(r"#{1,6}[ \t]+(?=\S)")
_EMPHASIS = expression(r"\*+|`+|~{3,}|_{2,}|'{2,}|</?(?:b|strong|i|em|u)>", re.IGNORECASE)
_BRACKETED = expression(r"\[([^\[\]]+)\]\Z|<([^<>]+)>\Z|【([^【】]+)】\Z")
_WORD = expression(r"(info[\s_-]?box)(?![^\W_])", re.IGNORECASE)
# Between the word and a name: ``(person)``, ``- Person``, ``: person``.
_NAME = expression(r"[\s_]*(?:([:：=])|([-–—|/]))?[\s_]*(.*?)[\s_:：]*\Z", re.DOTALL)
_BRACKETED_NAME = expression(r"[(\[（][^()\[\]（）]+[)\]）]\Z")
_SENTENCE_END = expression(r"[.!?;,。！？；，]\Z")
_MAX_NAME_WORDS = 6
_NAMESPACE = "template:"


_END = expression(r"[^\w/]*(?:/|end(?: of)?\s)\s*(?:the )?info[ _-]?box[^\w]*", re.IGNORECASE)


class Head(Struct, frozen=True):
    """What a head says: its template; whether it is sure to be one, and canonical."""

    template: str | None
    is_canonical: bool = False
    #: It is nothing but a word that means an infobox.
    is_word: bool = False
    #: More than one field must follow.
    is_doubtful: bool = False


def canonical_head(line: str) -> Head | None:
    """Read a line as a head in the canonical form; the name that it gives may be none that a template can have."""
    if line == "Infobox" or line == "Infobox:":
        return _CANONICAL
    if line.startswith("Infobox: "):
        return Head(line[9:].strip(), True)
    return Head(line, True) if line.startswith("Infobox ") else None


_CANONICAL = Head(None, is_canonical=True, is_word=True)


def is_nameable(template: str | None) -> bool:
    """Return whether a template can have the name, or have it in brackets."""
    return not template or not NO_NAME.search(template.removesuffix("]").replace("Infobox [", "", 1))


#: With which letters of running text a head may begin, and the two that then follow.
LATIN = frozenset("IiTt")
SECONDS = frozenset(a + b for ab in ("nf", "em") for a in ab[0] + ab[0].upper() for b in ab[1] + ab[1].upper())


def may_open(text: str) -> bool:
    """Return in a moment whether a line, or the text of a heading, may be the head of an infobox."""
    first = text[:1]
    return first in HEAD_SIGNS and (first not in LATIN or text[1:3] in SECONDS)


def head_of(line: str) -> Head | None:
    """Read a line without white space at its ends as the head of an infobox, in whichever form."""
    head = canonical_head(line)
    if head and (head.is_word or _is_name(str(head.template))) and is_nameable(head.template):
        return head
    if len(line) > MAX_HEAD:
        return None
    text = _undecorated(line)
    if text[:9].lower() == _NAMESPACE:
        text = text[9:].lstrip()
    matched = _WORD.match(text)
    if matched:
        return _named(text[matched.end() :])
    word = text.rstrip(":： ").casefold()
    if word in _CERTAIN:
        return Head(None, is_word=True)
    return Head(None, is_word=True, is_doubtful=True) if word in _LIKELY else None


def _undecorated(line: str) -> str:
    """Leave out the signs of headings and of emphasis."""
    if line[0] == "=":
        heading = heading_of(line)
        if heading is None or heading[0] == 1:  # a title
            return ""
        line = heading[1]
    else:
        line = _ATX.sub("", line, count=1).rstrip("# ")
    line = _EMPHASIS.sub("", line).strip()
    if line[:1] == "_" == line[-1:]:
        line = line.strip("_")
    bracketed = _BRACKETED.match(line)
    return next(filter(None, bracketed.groups())).strip() if bracketed else line


def _named(rest: str) -> Head | None:
    """Read what stands behind the word."""
    matched = _NAME.match(rest)
    assert matched
    colon, dash, name = matched.groups()
    if not name:
        return Head(None, is_word=True)
    if name.casefold().strip("()[] ") in _NO_TEMPLATE:
        return Head(None, is_word=True)
    if not _is_name(name):
        return None
    name = name.replace("_", " ")
    if colon:
        word = _WORD.match(name)
        return Head(f"Infobox {name[word.end() :].strip(' _')}" if word else name)
    return Head(f"Infobox {'- ' if dash else ''}{name}")


def _is_name(name: str) -> bool:
    """Return whether a text may be a template's name, and is no sentence."""
    if _BRACKETED_NAME.match(name):
        name = name[1:-1]
    name = name.removesuffix(":").rstrip()
    bare = name.removesuffix("]").replace("Infobox [", "", 1)
    return not (
        len(name.split()) > _MAX_NAME_WORDS or NO_NAME.search(bare) or _SENTENCE_END.search(name) or ": " in name
    )


def is_end(line: str, head: str) -> bool:
    """Return whether a line says that the block ends which began with the line ``head``."""
    if line[:3] in ("```", "~~~"):
        return not line.strip("`~") and head[:3] == line[:3]
    return line[0] in "[</-–—=*(" and _END.fullmatch(line) is not None


def is_heading(line: str) -> bool:
    """Return whether a line is a heading, with equals or number signs."""
    return heading_of(line) is not None or (line[:2] == "##" and _ATX.match(line) is not None)
