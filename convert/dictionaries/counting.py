"""Counting what occurs in the running texts, by several processes: each takes its share of the blocks."""

from __future__ import annotations

from functools import partial

from convert.dictionaries.helpers import can_help, helping
from convert.dictionaries.spool import Spool
from convert.io.atomic import write_all
from convert.links.learn.occurrences import Occurrences


def count(occurrences: Occurrences, spool: Spool, jobs: int) -> None:
    """Count the texts of a spool.  Raises EnvironmentFailed where a process has ended before its time."""
    shares = jobs if can_help() else 1
    with helping([partial(_send, occurrences, spool, share, shares) for share in range(1, shares)]) as helpers:
        _count(occurrences, spool, 0, shares)
        for helper in helpers:
            occurrences.add_counts(helper.received(occurrences.counts.nbytes, "counted links"))


def _count(occurrences: Occurrences, spool: Spool, share: int, shares: int) -> None:
    for texts in spool.blocks(share, shares):
        occurrences.add(texts)


def _send(occurrences: Occurrences, spool: Spool, share: int, shares: int, pipe: int) -> None:
    """Count a share, and send the counts."""
    _count(occurrences, spool, share, shares)
    write_all(pipe, occurrences.counts.tobytes())
