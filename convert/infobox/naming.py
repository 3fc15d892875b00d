"""The template that an author named to the one that is known by a name of that kind.

``Infobox (person)``, ``Infobox - Person``, ``Infobox [person]`` and ``person`` mean ``Infobox person``, unless a
template has the name as it was written.
"""

from __future__ import annotations

import re

from convert.infobox.catalogue import Catalogue, Template

_MAX_NAME = 120
_SIGNS = " \t_-–—:：()[]（）"
_WORD = re.compile(r"info[\s_-]?box(?![^\W_])", re.IGNORECASE)


def known_as(name: str, catalogue: Catalogue) -> Template | None:
    """Find the template that a name means; ``None`` where none is known."""
    template = catalogue.find(name)
    if template or len(name) > _MAX_NAME:
        return template
    matched = _WORD.match(name)
    kind = name[matched.end() :] if matched else name
    kind = " ".join(kind.strip(_SIGNS).replace("_", " ").split())
    return catalogue.find(f"Infobox {kind}") if kind else None
