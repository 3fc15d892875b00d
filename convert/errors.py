"""Exceptions.

    PlainwikiError
    ├─ UsageError          exit status 2   the request is invalid
    │  └─ WrongType                        an argument is of another type; a TypeError too
    ├─ EnvironmentFailed   exit status 3   a file, a disk, a network or a wiki failed
    └─ Rejected            exit status 1   a document cannot be converted, and the caller gave no report

Otherwise a document that cannot be converted is not an exception, but a Diagnostic of severity error (exit status 1).
"""

from __future__ import annotations

from collections.abc import Iterable

from convert.printable import redacted

#: The remedy for a run that is out of memory.
NO_MEMORY = "give it more, try fewer --jobs, or refuse large documents by a smaller --max-document"


class PlainwikiError(Exception):
    """One line for the user: what, where, and what to do; registered secrets are redacted."""

    exit_status = 3

    def __str__(self) -> str:
        return redacted(super().__str__())


class UsageError(PlainwikiError):
    """The request is invalid; nothing was done."""

    exit_status = 2


class WrongType(UsageError, TypeError):
    """An argument of the Python API is of another type than it takes."""


class EnvironmentFailed(PlainwikiError):
    """Something outside failed: a file, a disk, a network, a wiki."""

    exit_status = 3


class Rejected(PlainwikiError):
    """A document cannot be converted; raised only if the caller gave no ``report``."""

    exit_status = 1


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return the question whether a similar known word is meant, with a space behind it; empty if there is none."""
    from difflib import get_close_matches  # slow to import, and needed for mistakes only

    like = get_close_matches(word.lower(), known, n=1)
    return f"did you mean '{like[0]}'? " if like else ""
