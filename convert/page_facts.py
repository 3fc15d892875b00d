"""Facts about a page that its wikitext tells the wiki: under what it is sorted, and what it is in a few words.

They are taken from an article's metadata.  Signs that have a meaning in a call are left out: the wiki keeps these texts
as they are, so that a reference to a character would stay one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from convert.expressions import expression
from convert.profile import WikiProfile

_SORT_KEYS = frozenset({"defaultsort", "sortkey"})
_SHORT_DESCRIPTIONS = frozenset({"shortdesc", "shortdescription"})
_LIVE = expression(r"[{}|\[\]<>\s]+|~{3,}|''+|__+|&(?=[#\w]+;)")
_APART = expression(r"[\s_-]+")
_MOST = 250


def short_description(metadata: Mapping[str, str], profile: WikiProfile) -> str:
    """Return the call that describes a page in a few words; '' without them, or on a wiki without such a call."""
    text = _fact(metadata, _SHORT_DESCRIPTIONS) if profile.short_descriptions else ""
    return f"{{{{SHORTDESC:{text}}}}}" if text else ""


def sort_key(metadata: Mapping[str, str]) -> str:
    """Return the call that says under what a page is sorted in categories; '' without such a key."""
    text = _fact(metadata, _SORT_KEYS)
    return f"{{{{DEFAULTSORT:{text}}}}}" if text else ""


def is_fact(name: str) -> bool:
    """Whether metadata of a name is told to the wiki."""
    return _folded(name) in _SORT_KEYS | _SHORT_DESCRIPTIONS


def _folded(name: str) -> str:
    return _APART.sub("", name.rpartition(".")[2].lower())


def _fact(metadata: Mapping[str, str], names: frozenset[str]) -> str:
    return next(_values(metadata, names), "") if metadata else ""


def _values(metadata: Mapping[str, str], names: frozenset[str]) -> Iterator[str]:
    for name, value in metadata.items():
        if _folded(name) in names and (text := _LIVE.sub(" ", value).strip()):
            yield " ".join(text[:_MOST].split())
