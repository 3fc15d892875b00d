"""Files of folders and archives that are not read: counted by suffix, and reported once for each input."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from convert.diagnostics import Diagnostic
from convert.expressions import expression

#: What files are counted as that have no suffix.
NO_SUFFIX = "without a suffix"

_OTHERS = "of other kinds"

#: So many different suffixes are told apart: names may come from strangers.
_MAX_SUFFIXES = 200

#: So many of them are listed in messages.
_MAX_LISTED = 8

_SUFFIX = expression(r".\.(?=[A-Za-z0-9_+-]*[A-Za-z])[A-Za-z0-9_+-]{1,20}\Z", re.DOTALL)


def suffix_of(name: str) -> str:
    """Return the suffix of a file in lower case, with its dot; '' for names such as ``part.01`` and ``St. Ives``."""
    match = _SUFFIX.search(name[-22:])
    return match[0][1:].lower() if match else ""


class PassedOver:
    """Counts files that are not read: by suffix, and those that the user's patterns leave out."""

    def __init__(self) -> None:
        self.suffixes: Counter[str] = Counter()
        self.left_out = 0

    def add(self, name: str) -> None:
        """Count a file."""
        suffix = suffix_of(name) or NO_SUFFIX
        known = suffix in self.suffixes or len(self.suffixes) < _MAX_SUFFIXES
        self.suffixes[suffix if known else _OTHERS] += 1

    def merge(self, other: PassedOver) -> None:
        """Add what another has counted."""
        self.suffixes.update(other.suffixes)
        self.left_out += other.left_out

    def key(self) -> str:
        """Return a key that differs if other files were counted."""
        return f"{sorted(self.suffixes.items())} {self.left_out}"

    def diagnostics(self) -> Iterator[Diagnostic]:
        """Yield the diagnostics; their facts are counts, each before what it counts."""
        if self.suffixes:
            remedy = "give -f FORMAT to read all of them, or --include PATTERN for some"
            facts = tuple(f"{count} {suffix}" for suffix, count in self.suffixes.most_common())
            yield Diagnostic("passed-over", 0, 0, f"{listed(self.suffixes)}: {remedy}", facts)
        if self.left_out:
            message = f"{files(self.left_out)} left out by --include and --exclude"
            yield Diagnostic("left-out", 0, 0, message, (str(self.left_out),))


def nothing_read(passed_over: PassedOver, where: str) -> tuple[str, str]:
    """Return the refusal of an input in which nothing can be read."""
    if passed_over.suffixes:
        why = f"nothing in the {where} is read: {listed(passed_over.suffixes)}: give -f FORMAT to read all of them"
    elif passed_over.left_out:
        why = f"nothing in the {where} is read: {files(passed_over.left_out)} left out by --include and --exclude"
    else:
        why = f"there is no file in the {where}"
    return "empty", why


def counted(facts: Iterable[str]) -> Iterator[tuple[str, int]]:
    """Yield what a diagnostic has counted: each suffix, and how often it occurs."""
    for fact in facts:
        count, _, suffix = fact.partition(" ")
        yield suffix, int(count)


def listed(suffixes: Counter[str]) -> str:
    """Say how many files were passed over, and of which kinds."""
    most = suffixes.most_common(_MAX_LISTED)
    kinds = [f"{count:,} {suffix}" for suffix, count in most]
    if rest := suffixes.total() - sum(count for _, count in most):
        kinds.append(f"{rest:,} others")
    return f"{files(suffixes.total())} passed over: {', '.join(kinds)}"


def files(count: int) -> str:
    """Write a number of files."""
    return "1 file" if count == 1 else f"{count:,} files"
