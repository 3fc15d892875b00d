"""What the target of a link means on the wiki of a dump: an article's title, or nothing that is learnt."""

from __future__ import annotations

from collections.abc import Callable
from html import unescape
from urllib.parse import unquote

from convert.expressions import expression
from convert.links.folding import capitalised
from convert.profile import INTERWIKI, MAIN, NAMESPACES
from convert.titles import MAX_TITLE_BYTES, folded
from convert.wikitext.dumps import DumpSite

#: Names of namespaces that every wiki knows, and that many have added.
_USUAL = frozenset(name.lower() for name in NAMESPACES.values() if name) | frozenset(
    "image wikipedia portal draft module book timedtext mos wp gadget topic education program".split()
)
#: Character references and encoded characters, which a wiki resolves in a target; in no title do they stand.
_REFERENCE = expression(r"&(?:[A-Za-z][A-Za-z0-9]{1,30}|#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6});")
_ENCODED = expression(r"(?:%[0-9A-Fa-f]{2})+")
_ILLEGAL = expression(r"[\x00-\x1f#<>\[\]{|}\x7f\ufffd]")
_PLAIN = expression(r"[A-Za-z0-9][A-Za-z0-9 ,.()'!-]{0,200}(?<! )")


def title_reader(site: DumpSite, language: str) -> Callable[[str], str]:
    """Return what gives the title of an article for a target as it is written; empty where it leads elsewhere.

    A namespace, another wiki and a part of the same page are elsewhere; sections are cut off.
    """
    spaces = _USUAL | {name.lower() for number, name in site.namespaces if number != MAIN and name}
    capitalises = site.case == "first-letter"
    # Of most titles an expression tells that they are as they are written, if i has the usual capital.
    plain = _PLAIN if capitalises and capitalised("i", language) == "I" else None

    def title_of(target: str) -> str:
        if plain and plain.fullmatch(target) and "  " not in target:
            return target[0].upper() + target[1:]
        title = _resolved(target) if "&" in target or "%" in target else target
        title = folded(title.partition("#")[0])
        if (
            not title
            or title[0] in ":/"
            or _ILLEGAL.search(title)
            or len(title.encode("utf-8", "replace")) > MAX_TITLE_BYTES
        ):
            return ""
        prefix, colon, rest = title.partition(":")
        if colon and _is_elsewhere(prefix.rstrip().lower(), rest, spaces):
            return ""
        return capitalised(title, language) if capitalises else title

    return title_of


def _resolved(target: str) -> str:
    """Return a target with its character references and encoded characters resolved."""
    target = _REFERENCE.sub(lambda found: unescape(found[0]), target)
    return _ENCODED.sub(lambda found: unquote(found[0]), target)


def _is_elsewhere(prefix: str, rest: str, spaces: frozenset[str] | set[str]) -> bool:
    """Return whether a prefix names a namespace or another wiki.

    Codes of languages and letters (``w:``) do, unless a space parts them from what follows, as in ``CSI: Miami``.
    """
    if prefix in spaces or prefix in INTERWIKI:
        return True
    code = prefix.partition("-")[0]
    return not rest.startswith(" ") and prefix.isascii() and len(code) <= 3 and code.isalpha()
