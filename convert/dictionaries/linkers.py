"""The linker of a conversion, made once a process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convert.links.policy import Linking
from convert.profile import WikiProfile

if TYPE_CHECKING:
    from convert.links.linking import Linker


#: Linkers that are remembered, by what they are made for.
_MOST_REMEMBERED = 4
_remembered: dict[tuple[Linking, str], Linker] = {}


def linker_for(links: Linking, profile: WikiProfile) -> Linker | None:
    """Return what links articles of a wiki, with the dictionaries opened; ``None`` where no links are to be made."""
    if not links.dictionaries:
        return None
    wanted = links, profile.canonical
    if wanted not in _remembered:
        if len(_remembered) >= _MOST_REMEMBERED:
            _remembered.clear()
        _remembered[wanted] = _made(links, profile)
    return _remembered[wanted]


def _made(links: Linking, profile: WikiProfile) -> Linker:
    # Imported here, because most conversions make no links.
    from convert.dictionaries.files import dictionaries_at
    from convert.links.linking import Linker

    return Linker(dictionaries_at(links.dictionaries, links.checksums), links.policy, profile=profile)
