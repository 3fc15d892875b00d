"""The name that an author wrote to the template that it means.

``INFOBOX PERSON``, ``Infobox (person)``, ``Infobox - Person``, ``{{Infobox person}}``, ``Person infobox``, ``persons``
mean ``Infobox person``, unless a template has the name as it was written.  A name that is one letter from a known one,
or two where it is long, is likely to be misspelt; that is told, and not mended.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property, lru_cache

from convert.expressions import expression
from convert.infobox.catalogue import Catalogue, Template
from convert.infobox.keys import folded
from convert.infobox.prepared import prepared

_MAX_NAME = 120
_SIGNS = " \t_-–—:：()[]（）{}"
_WORD = expression(r"(?i:info[\s_-]?box)(?![^\W_])|(?:info|Info|INFO)[bB]ox(?=[A-Z])")
_SUFFIX = expression(r"[\s_-]+info[\s_-]?box\Z", re.IGNORECASE)
_NAMESPACE = expression(r"template\s*:", re.IGNORECASE)

# Names shorter than this may be one letter from each other, and those longer than the next one by two.
_SHORT, _LONG, _LONGEST = 4, 9, 60
_ALIKE = 0.85
# So many names are compared with all that are known before an index of these is made.
_FEW = 40


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
    alike = _known_kinds(catalogue).alike(kind)
    templates = catalogue.templates
    return max((templates[place] for place in alike), key=lambda template: (template.uses, template.name), default=None)


@prepared("kinds", list[tuple[str, int]])
def kinds(catalogue: Catalogue) -> list[tuple[str, int]]:
    """Return what the names of templates say, folded, with the places of these."""
    found: dict[str, int] = {}
    for place, template in enumerate(catalogue.templates):
        for name in (template.name, *template.aliases):
            kind = folded(_kind(name))
            if _SHORT <= len(kind) <= _LONGEST:
                found[kind] = place
    return sorted(found.items())


class Kinds:
    """The kinds of a catalogue, to be found by those that are alike: an index takes long to make, and few ask."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.known = kinds(catalogue)
        self.asked = 0

    def alike(self, kind: str) -> set[int]:
        """Return the places of the templates whose names may be misspelt as a kind."""
        self.asked += 1
        near = self.indexed(kind) if self.asked > _FEW else self.compared(kind)
        if len(kind) < _LONG:
            return {place for _, place in near}
        from difflib import SequenceMatcher  # most names are known

        return {place for known, place in near if SequenceMatcher(None, kind, known, False).ratio() >= _ALIKE}

    def compared(self, kind: str) -> set[tuple[str, int]]:
        """Compare a kind with all: two that are alike share a spelling with some letters left out."""
        letters, spellings = set(kind), set(_spellings(kind))
        return {
            (known, place)
            for known, place in self.known
            if -3 < len(known) - len(kind) < 3
            and len(letters.symmetric_difference(known)) <= 4
            and not spellings.isdisjoint(_spellings(known))
        }

    def indexed(self, kind: str) -> set[tuple[str, int]]:
        """Find the same by an index of all spellings."""
        return {known for spelling in _spellings(kind) for known in self._index.get(spelling, ())}

    @cached_property
    def _index(self) -> dict[str, list[tuple[str, int]]]:
        index: dict[str, list[tuple[str, int]]] = {}
        for known in self.known:
            for spelling in _spellings(known[0]):
                index.setdefault(spelling, []).append(known)
        return index


@lru_cache(maxsize=4)
def _known_kinds(catalogue: Catalogue) -> Kinds:
    return Kinds(catalogue)


def _spellings(kind: str) -> Iterator[str]:
    """Yield a name without one letter, and without two if it is long."""
    yield kind
    count = len(kind)
    for at in range(count):
        without = kind[:at] + kind[at + 1 :]
        yield without
        if _LONG <= count <= _LONGEST // 2:
            yield from [without[:other] + without[other + 1 :] for other in range(at, count - 1)]
