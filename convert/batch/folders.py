"""Folders of this machine, with everything below them, in the order of the names' bytes.

Hidden files are passed over.  Links are followed, and a folder that is inside itself is read once.
"""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import chain, islice
from typing import NamedTuple

from convert.batch.seen import CACHE_KIB

#: A folder with more names is sorted on disk.
MAX_NAMES_HELD = 4_000


class _Folder(NamedTuple):
    """A folder being read: names still to come."""

    path: str
    identity: tuple[int, int]
    names: Iterator[str]


def identity(found: os.stat_result) -> tuple[int, int]:
    """Tell files and folders apart, whatever path led there."""
    return found.st_dev, found.st_ino


def files(
    path: str, found: os.stat_result, wanted: Callable[[str], bool], leave_out: frozenset[tuple[int, int] | str]
) -> Iterator[tuple[str, os.stat_result | OSError]]:
    """Yield what is below a folder and ``wanted`` by its name, with what the system tells of it."""
    open_ones = [_opened(path.rstrip("/") or "/", found, wanted)]
    while open_ones:
        folder = open_ones[-1]
        name = next(folder.names, None)
        if name is None:
            open_ones.pop()
            continue
        below = f"{folder.path}/{name}"
        try:
            found = os.stat(below)
            one = identity(found)
            if one in leave_out:
                continue
            if not stat.S_ISDIR(found.st_mode):
                yield below, found
            elif all(one != each.identity for each in open_ones):
                open_ones.append(_opened(below, found, wanted))
        except OSError as error:
            yield below, error


def _opened(path: str, found: os.stat_result, wanted: Callable[[str], bool]) -> _Folder:
    return _Folder(path, identity(found), _sorted(_names(path, wanted)))


def _names(path: str, wanted: Callable[[str], bool]) -> Iterator[str]:
    with os.scandir(path) as entries:
        for entry in entries:
            if entry.name[0] != "." and (wanted(entry.name) or entry.is_dir()):
                yield entry.name


def _sorted(names: Iterator[str]) -> Iterator[str]:
    """Sort names by their bytes; many of them on disk, in a file that SQLite removes even if we are killed."""
    held = list(islice(names, MAX_NAMES_HELD))
    few = len(held) < MAX_NAMES_HELD
    return iter(sorted(held, key=os.fsencode)) if few else _sorted_on_disk(chain(held, names))


def _sorted_on_disk(names: Iterator[str]) -> Iterator[str]:
    with closing(sqlite3.connect("")) as disk:
        disk.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        disk.execute("CREATE TABLE names (name BLOB)")
        disk.executemany("INSERT INTO names VALUES (?)", ((os.fsencode(name),) for name in names))
        for (name,) in disk.execute("SELECT name FROM names ORDER BY name"):
            yield os.fsdecode(name)
