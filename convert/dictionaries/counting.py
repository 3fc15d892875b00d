"""Counting what occurs in the running texts, by several processes: each takes its share of the blocks."""

from __future__ import annotations

from array import array
from functools import partial
from operator import itemgetter

from convert.dictionaries.helpers import can_help, helping
from convert.dictionaries.spool import Spool
from convert.dictionaries.tables import Tables
from convert.io.atomic import write_all
from convert.links.learn.occurrences import Keys, Occurrences


def counted(tables: Tables, spool: Spool, jobs: int) -> array[int]:
    """Return in how many texts of a spool each entry occurs, in their order; ``jobs`` processes count."""
    keys = Keys(map(itemgetter(0), tables.entries()), tables.count_entries())
    occurrences = Occurrences(keys)
    spool.finish()
    _count_all(occurrences, spool, jobs)
    seen = array("I")
    for numbers in keys.of(map(itemgetter(0), tables.entries())):
        seen.frombytes(occurrences.counts[numbers].tobytes())
    return seen


def _count_all(occurrences: Occurrences, spool: Spool, jobs: int) -> None:
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
