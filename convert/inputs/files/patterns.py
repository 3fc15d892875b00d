"""Globs over the path of a file below the input, or in its archive: which are read, and which are not.

    *.md           the names of files, wherever they are
    drafts         a file or a folder of that name, wherever it is, with everything below
    en/*.txt       the path from the input on; ``*`` is within one name
    en/**/*.txt    ``**`` is any number of folders

A pattern to include that ends in a suffix or has no wildcard names its files: they are read whatever their suffix.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from fnmatch import fnmatchcase

from msgspec import Struct

from convert.expressions import expression

_ANY_DEPTH = "**"
_SUFFIX = expression(r"\.[^.*?\[\]]+\Z")
_WILDCARD = expression(r"[*?\[]")


class Verdict(Enum):
    """What the patterns decide about a file: excluded, not excluded, or named."""

    LEFT_OUT = 0
    LOOKED_AT = 1
    NAMED = 2


class Patterns(Struct, frozen=True):
    """Patterns of files to include, all if there are none, and to exclude, which count more."""

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    def verdict(self, path: str, is_container: bool = False) -> Verdict:
        """Judge a path; of an archive, what to include is looked for within."""
        parts = [part for part in path.split("/") if part not in ("", ".")]
        if any(_fit(pattern, parts) for pattern in self.exclude):
            return Verdict.LEFT_OUT
        if not self.include or is_container:
            return Verdict.LOOKED_AT
        fits = [(pattern, fit) for pattern in self.include if (fit := _fit(pattern, parts))]
        if not fits:
            return Verdict.LEFT_OUT
        named = any(fit == len(parts) and _names_files(pattern) for pattern, fit in fits)
        return Verdict.NAMED if named else Verdict.LOOKED_AT


def _names_files(pattern: str) -> bool:
    name = pattern.rpartition("/")[2]
    return bool(name) and (not _WILDCARD.search(name) or bool(_SUFFIX.search(name)))


def _fit(pattern: str, parts: Sequence[str]) -> int:
    """Return how many parts of a path a pattern fits: all, or those of a folder above; 0 if it does not fit."""
    if pattern.endswith("/"):
        parts = parts[:-1]
    wanted = pattern.strip("/").split("/")
    if len(wanted) == 1 and not pattern.startswith("/"):
        return max((end for end, part in enumerate(parts, 1) if fnmatchcase(part, wanted[0])), default=0)
    fitting = 0
    reached = _skipping(wanted, {0})
    for end, part in enumerate(parts, 1):
        # Where in the pattern the path may be, all at once: in time linear in both.
        following = {at for at in reached if at < len(wanted) and wanted[at] == _ANY_DEPTH}
        following |= {
            at + 1 for at in reached if at < len(wanted) and wanted[at] != _ANY_DEPTH and fnmatchcase(part, wanted[at])
        }
        reached = _skipping(wanted, following)
        if len(wanted) in reached:
            fitting = end
    return fitting


def _skipping(wanted: Sequence[str], reached: set[int]) -> set[int]:
    """Add the places that are reached where ``**`` stands for no folder."""
    for at, part in enumerate(wanted):
        if at in reached and part == _ANY_DEPTH:
            reached.add(at + 1)
    return reached
