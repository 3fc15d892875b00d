"""What the edges raise.

    PlainwikiError
    ├─ UsageError          exit status 2   the request cannot be meant so
    ├─ EnvironmentFailed   exit status 3   a file, a disk, a network or a wiki failed
    └─ Rejected            exit status 1   a document cannot be converted, and the caller gave no report

A document that cannot be converted is no exception otherwise: it is a Diagnostic of severity error (exit status 1).
"""

from __future__ import annotations

from convert.printable import redacted

#: What helps a run that has not enough memory.
NO_MEMORY = "give it more, try fewer --jobs, or refuse large documents by a smaller --max-document"


class PlainwikiError(Exception):
    """One line for the user: what, where, and what to do; without any secret that is registered."""

    exit_status = 3

    def __str__(self) -> str:
        return redacted(super().__str__())


class UsageError(PlainwikiError):
    """The request cannot be carried out as it stands; nothing was done."""

    exit_status = 2


class EnvironmentFailed(PlainwikiError):
    """Something outside failed: a file, a disk, a network, a wiki."""

    exit_status = 3


class Rejected(PlainwikiError):
    """A document cannot be converted; raised only where there is no report to tell."""

    exit_status = 1
