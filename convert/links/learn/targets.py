"""What the target of a link means on the wiki of a dump: an article's title, or nothing that is learnt."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from convert.expressions import expression
from convert.links.folding import capitalised
from convert.profile import INTERWIKI, MAIN, NAMESPACES
from convert.titles import MAX_TITLE_BYTES, folded
from convert.wikitext.dumps import DumpSite

#: Names of namespaces that every wiki knows, and that many have added.
_USUAL = frozenset(name.lower() for name in NAMESPACES.values() if name) | frozenset(
    "image wikipedia portal draft module book timedtext mos wp gadget topic education program".split()
)
_REMEMBERED = 1 << 16
_PLAIN = expression(r"[A-Za-z0-9][A-Za-z0-9 ,.()'!-]{0,200}(?<! )")


def title_reader(site: DumpSite, language: str) -> Callable[[str], str]:
    """Return what gives the title of an article for a target as it is written; empty where it leads elsewhere.

    A namespace, another wiki and a part of the same page are elsewhere; sections are cut off.
    """
    spaces = _USUAL | {name.lower() for number, name in site.namespaces if number != MAIN and name}
    capitalises = site.case == "first-letter"
    # Of most titles an expression tells that they are as they are written, if i has the usual capital.
    plain = _PLAIN if capitalises and capitalised("i", language) == "I" else None

    @lru_cache(_REMEMBERED)
    def title_of(target: str) -> str:
        if plain and plain.fullmatch(target) and "  " not in target:
            return target[0].upper() + target[1:]
        title = target.partition("#")[0]
        if "%" in title or "&" in title or "{" in title:
            return ""
        title = folded(title)
        if not title or title[0] in ":/" or len(title.encode("utf-8", "replace")) > MAX_TITLE_BYTES:
            return ""
        prefix, colon, _ = title.partition(":")
        if colon and _is_elsewhere(prefix.rstrip().lower(), spaces):
            return ""
        return capitalised(title, language) if capitalises else title

    return title_of


def _is_elsewhere(prefix: str, spaces: frozenset[str] | set[str]) -> bool:
    """Return whether a prefix names a namespace or another wiki; codes of languages do."""
    if prefix in spaces or prefix in INTERWIKI:
        return True
    code = prefix.partition("-")[0]
    return prefix.isascii() and 2 <= len(code) <= 3 and code.isalpha()
