"""Letters behind a link that a wiki shows as part of it, its *trail*: ``[[dog]]s``.

A wiki says which they are by a regular expression (``linktrail``), such as ``/^([äöüßa-z]+)(.*)$/sDu``.  It is never
executed: of the forms that MediaWiki has, the characters are read, and any other form is refused.  Where a wiki says
nothing, they are the usual ones of its language.

    trail_of_pattern("/^([a-z]+)(.*)$/sD")    Trail(sure=(("a", "z"),))
    trail_of_language("de")                   Trail(sure=(("a", "z"), ("ß", "ß"), …))

Source: ``$linkTrail`` in MediaWiki's MessagesXx.php, of 1.39
"""

from __future__ import annotations

import re
from functools import lru_cache

from msgspec import Struct

from convert.expressions import expression

Ranges = tuple[tuple[str, str], ...]

#: No wiki has a longer pattern.
MAX_PATTERN = 2000

#: What goes on a link beside a-z, by language: classes of characters.  Letters alone, as no label ends with others.
_BESIDE_ASCII = {
    "en simple eo eu ga gd ia id io ja jv kn ko ky la ms min mt my ne ps rm sc sco si so sq su sw th tl "
    "vo war ceb km lo als am as bh dv ha ig new sd ug yo yue": "",
    "de nds lb gsw bar hsb dsb stq de-at de-ch de-formal": "ßäöü",
    "fr vi mg": "ÀÂÄÇ-ËÎÏÔÖÙÛÜàâäç-ëîïôöùûü",
    "es ast an es-formal qu ay gn nah": "áéíñóú",
    "it lij lmo pms nap scn vec fur co": "àèéì-îòóùú",
    "nl li nds-nl nl-informal": "àäèéëïöü",
    "pl szl csb": "ÓóĄ-ćĘęŁ-ńŚśŹ-ż",
    "pt pt-br gl": "à-ãçéêíò-õúüũűẽ",
    "ru mn": "а-яё",
    "uk": "а-ьюяёєіїґ",
    "sv": "ÄÅÉÖäåéö",
    "nb no nn da": "åæø",
    "fi": "äö",
    "is": "áæéíðóöúýþ",
    "et": "äõöüšž",
    "lv": "A-ZĀāČčĒēĢģĪīĶķĻļŅņŠšŪūŽž",
    "lt": "ąčęėįšųūž",
    "cs": "áéíóúýčďěňřšťůž",
    "sk": "áäéíóôúýčďĺľňŕšťž",
    "sl sh bs": "ćčđšž",
    "hr": "ßćčđšž",
    "hu hu-formal": "ÁÉÍÓÖÚÜáéíóöúüŐőŰű",
    "ro": "ÂÎâîĂăŞşŢţȘ-ț",
    "bg": "а-я",
    "mk": "а-ик-шѓѕј-њќџ",
    "be be-tarask": "ćčłńśšŭźžа-зй-шы-яёіўґ",
    "el": "ΆΈ-ΊΌΎ-ΡΣ-ώ",
    "tr": "ÂÇÎÖÛÜâçîöûüĞğİıŞş",
    "az": "çöüğışə",
    "kk": "äçéïñöüýğışа-яёіғқңүұһәө",
    "uz": "ʻʼ",
    "hy": "ա-և",
    "ka xmf": "ა-ჰ",
    "he yi": r"\x{05d0}-\x{05ea}",
    "ar arz": r"\x{0621}-\x{063a}\x{0641}-\x{065f}\x{0670}",
    "hi sa": r"\x{0900}-\x{0963}\x{0966}-\x{097f}",
    "ml": r"\x{0d02}-\x{0d7f}",
    "or": r"\x{0b00}-\x{0b7f}",
    "ca": "àç-éíïòóúü",
    "oc": "àâç-êîôû",
    "br": "A-ZÀÂÄÇ-ËÎÏÑÔÖÙÛÜàâäç-ëîïñôöùûü",
    "cy": "à-âè-êì-ïò-ôûŵŷ",
    "fy": "à-âäè-ïò-ôöù-ü",
    "ku ku-latn": "ÇÊÎÛçêîûŞşḦḧẌẍ",
    "tt tt-cyrl": "а-яёҖҗҢңҮүҺһӘәӨө",
    "ba": "а-яёғҙҡңҫүһәө",
    "cv": "çăĕа-яӳ",
    "os": "æа-яё",
    "ce av": "а-яёӀ",
    "tg": "а-яёўғқҳҷӣ",
    "wa": "âåç-êîôû",
    "fo": "áæíðóøúý",
    "sah": "а-яёҕҥүһө",
}
#: Languages in which not all of a-z goes on a link, with all that does.
_WITHOUT_ASCII = {
    "zh zh-hans zh-hant zh-cn zh-hk zh-mo zh-my zh-sg zh-tw wuu gan": "",
    "sr sr-ec sr-el": "a-pr-vzćčđšžа-ик-шђј-ћџ",
    "fa": r"\x{0622}-\x{0624}\x{0626}-\x{0628}\x{062a}-\x{063a}\x{0641}\x{0642}\x{0644}-\x{0648}"
    r"\x{067e}\x{0686}\x{0698}\x{06a9}\x{06af}\x{06cc}",
    "ur": r"\x{0621}\x{0622}\x{0624}\x{0626}-\x{0628}\x{062a}-\x{063a}\x{0641}\x{0642}\x{0644}-\x{0646}\x{0648}"
    r"\x{0679}\x{067e}\x{0686}\x{0688}\x{0691}\x{0698}\x{06a9}\x{06af}\x{06ba}\x{06be}\x{06c1}\x{06c3}\x{06cc}\x{06d2}",
    "bn": r"\x{0980}-\x{09ff}",
    "gu": r"\x{0a80}-\x{0aff}",
    "mr": r"\x{0900}-\x{0963}\x{0971}-\x{097f}",
    "ta": r"\x{0b80}-\x{0bff}",
    "te": r"\x{0c01}-\x{0c6f}",
}

_PATTERN = expression(r"/\^\((:\?)?(.*)\)\(\.\*\)\$/([sDu]{1,3})")
_CLASS = r"\[((?:[^\[\]\\^]|\\[^A-Za-z0-9]|\\x\{[0-9A-Fa-f]{1,6}\})++)\]"
_ONE_CLASS = expression(_CLASS + r"\+")
_SEVERAL = expression(r"\(\?:(.*)\)\+")
# A class, or a few characters, perhaps with what must not follow them.
_ALTERNATIVE = expression(rf"{_CLASS}|((?:[^\\()\[\]|?*+.^$]|\\[^A-Za-z0-9])++)(\(\?!'\))?")
_CHARACTER = expression(r"\\x\{([0-9A-Fa-f]+)\}|\\(.)|(.)", re.DOTALL)


class Trail(Struct, frozen=True):
    """Ranges of characters, each with its first and its last one.

    ``sure`` go on a link wherever they stand; ``possible`` do so together with others.
    """

    sure: Ranges = ()
    possible: Ranges = ()

    def covers(self, text: str) -> bool:
        """Return whether a text is of letters alone that go on a link that they follow."""
        return text != "" and all(map(self._is_sure, text))

    def may_have(self, character: str) -> bool:
        """Return whether a character may go on a link that it follows."""
        return any(first <= character <= last for first, last in self.sure + self.possible)

    def _is_sure(self, sign: str) -> bool:
        return (sign.isalpha() or not sign.isascii()) and any(first <= sign <= last for first, last in self.sure)


NO_TRAIL = Trail()


@lru_cache(64)
def trail_of_language(language: str) -> Trail | None:
    """Return the usual trail of a wiki in a language; ``None`` if it is not known."""
    name = "en" if language.partition("-")[0] == "en" else language.lower()
    for languages, characters in _BESIDE_ASCII.items():
        if name in languages.split():
            return Trail((("a", "z"), *_ranges(characters)))
    return next((Trail(_ranges(each)) for names, each in _WITHOUT_ASCII.items() if name in names.split()), None)


@lru_cache(64)
def trail_of_pattern(pattern: str) -> Trail | None:
    """Return the trail of a wiki's expression; ``None`` if it is in none of the usual forms."""
    found = _PATTERN.fullmatch(pattern) if len(pattern) <= MAX_PATTERN else None
    if not found:
        return None
    colon: Ranges = ((":", ":"),) if found[1] else ()
    if "u" not in found[3] and not found[2].isascii():
        return None  # a class of bytes
    try:
        return _with(_trail(found[2]), colon)
    except ValueError:
        return None


def _with(trail: Trail, more: Ranges) -> Trail:
    return Trail(trail.sure, trail.possible + more) if more else trail


def _trail(text: str) -> Trail:
    """Read what stands between the brackets of an expression.  Raises ValueError for another form."""
    if not text:
        return NO_TRAIL
    if one := _ONE_CLASS.fullmatch(text):
        return Trail(_ranges(one[1]))
    several = _SEVERAL.fullmatch(text)
    if not several:
        raise ValueError("another form")
    sure: list[tuple[str, str]] = []
    possible: list[tuple[str, str]] = []
    at, inner = 0, several[1]
    while found := _ALTERNATIVE.match(inner, at):
        if found[1]:
            sure += _ranges(found[1])
        else:
            ranges = _ranges(found[2].replace("-", r"\-"))
            # Of several characters the first one alone does not go on.
            (sure if len(ranges) == 1 and not found[3] else possible).append(ranges[0])
        at = found.end() + 1
        if inner[at - 1 : at] != "|":
            break
    if at != len(inner) + 1:
        raise ValueError("another form")
    return Trail(tuple(sure), tuple(possible))


def _ranges(characters: str) -> Ranges:
    """Read a class of characters.  Raises ValueError where a range ends before it begins."""
    signs = [(chr(int(code, 16)) if code else escaped or sign, not (code or escaped)) for code, escaped, sign in
             _CHARACTER.findall(characters)]  # fmt: skip
    ranges, at = [], 0
    while at < len(signs):
        first = last = signs[at][0]
        at += 1
        if at + 1 < len(signs) and signs[at] == ("-", True):
            last = signs[at + 1][0]
            at += 2
        if last < first:
            raise ValueError("a range that ends before it begins")
        ranges.append((first, last))
    return tuple(ranges)
