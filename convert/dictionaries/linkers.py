"""The linker of a conversion, made once a process."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from convert.links.policy import Linking

if TYPE_CHECKING:
    from convert.links.linking import Linker


@lru_cache(4)
def linker_for(links: Linking) -> Linker | None:
    """Return what links articles, with the dictionaries opened; ``None`` where no links are to be made."""
    if not links.dictionaries:
        return None
    # Imported here, because most conversions make no links.
    from convert.dictionaries.files import dictionaries_at
    from convert.links.linking import Linker

    return Linker(dictionaries_at(links.dictionaries, links.checksums), links.policy)
