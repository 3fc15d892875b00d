"""The name that an author wrote to the template that it means.

``INFOBOX PERSON``, ``Infobox (person)``, ``Infobox - Person``, ``{{Infobox person}}``, ``Person infobox``, ``persons``
mean ``Infobox person``, unless a template has the name as it was written.  A name that is one letter from a known one,
or two where it is long, is likely to be misspelt; that is told, and not mended.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from convert.expressions import expression
from convert.infobox.catalogue import Catalogue, Template
from convert.infobox.keys import folded

_MAX_NAME = 120
_SIGNS = " \t_-–—:：()[]（）{}"
_WORD = expression(r"(?i:info[\s_-]?box)(?![^\W_])|(?:info|Info|INFO)[bB]ox(?=[A-Z])")
_SUFFIX = expression(r"[\s_-]+info[\s_-]?box\Z", re.IGNORECASE)
_NAMESPACE = expression(r"template\s*:", re.IGNORECASE)

# Names shorter than this may be one letter from each other, and those longer than the next one by two.
_SHORT, _LONG, _LONGEST = 4, 9, 60
_ALIKE = 0.85


def known_as(name: str, catalogue: Catalogue) -> Template | None:
    """Find the template that a name means; ``None`` where none is known."""
    template = catalogue.find(name)
    if template or len(name) > _MAX_NAME:
        return template
    kind = _kind(name)
    other = kind[:-1] if kind.endswith("s") else f"{kind}s"
    names = (f"Infobox {kind}", kind, f"Infobox {other}") if kind else ()
    return next(filter(None, map(catalogue.find, names)), None)


def _kind(name: str) -> str:
    """Return what a name says beside that it is an infobox's."""
    name = _NAMESPACE.sub("", name.strip(_SIGNS), count=1).strip(_SIGNS)
    matched = _WORD.match(name)
    kind = name[matched.end() :] if matched else _SUFFIX.sub("", name)
    return " ".join(kind.strip(_SIGNS).replace("_", " ").split())


def likely_meant(name: str, catalogue: Catalogue) -> Template | None:
    """Find the template whose name is so much like one that is not known that this is likely misspelt."""
    kind = folded(_kind(name)) if len(name) <= _MAX_NAME else ""
    if not _SHORT <= len(kind) <= _LONGEST:
        return None
    from difflib import SequenceMatcher  # most names are known

    index = _misspelt(catalogue)
    alike = {
        known: template
        for spelling in _spellings(kind)
        for known, template in index.get(spelling, {}).items()
        if len(kind) < _LONG or SequenceMatcher(None, kind, known, False).ratio() >= _ALIKE
    }
    return max(alike.values(), key=lambda template: template.uses, default=None)


@lru_cache(maxsize=4)
def _misspelt(catalogue: Catalogue) -> dict[str, dict[str, Template]]:
    """Index the templates by their names without some letters: names that are alike share one."""
    index: dict[str, dict[str, Template]] = {}
    for template in catalogue.templates:
        for name in (template.name, *template.aliases):
            kind = folded(_kind(name))
            if _SHORT <= len(kind) <= _LONGEST:
                for spelling in _spellings(kind):
                    index.setdefault(spelling, {})[kind] = template
    return index


def _spellings(kind: str) -> Iterator[str]:
    """Yield a name without one letter, and without two if it is long."""
    yield kind
    count = len(kind)
    for at in range(count):
        without = kind[:at] + kind[at + 1 :]
        yield without
        if _LONG <= count <= _LONGEST // 2:
            yield from [without[:other] + without[other + 1 :] for other in range(at, count - 1)]
