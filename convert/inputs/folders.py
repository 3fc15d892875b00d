"""Folders of this machine, with everything below them, in the order of the names' bytes.

Hidden files are passed over.  Links are followed as long as they do not lead out of the folder, and a folder that is
inside itself is read once.

What stands at a path may be replaced while it is read: so a folder is asked through its descriptor, once that was
compared with what was found there, and a file is compared by whoever opens it.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import chain, islice
from typing import NamedTuple

from convert.io.scratch import open_scratch

#: A folder with more names is sorted on disk.
MAX_NAMES_HELD = 4_000

#: So many folders may be inside one another: each is open until all below it is read.
MAX_DEPTH = 100


class _Folder(NamedTuple):
    """A folder being read: its descriptor, and names still to come."""

    path: str
    identity: tuple[int, int]
    descriptor: int
    names: Iterator[str]


def identity(found: os.stat_result) -> tuple[int, int]:
    """Tell files and folders apart, whatever path led there."""
    return found.st_dev, found.st_ino


def files(
    path: str,
    found: os.stat_result,
    wanted: Callable[[str], bool],
    leave_out: frozenset[tuple[int, int] | str] = frozenset(),
    follow_links: bool = False,
) -> Iterator[tuple[str, os.stat_result | OSError | str]]:
    """Yield what is below a folder and ``wanted`` by its name, with what the system tells of it.

    Of a link that leads out of the folder, and is not followed, it is told where it leads.
    """
    top = os.path.realpath(path)
    open_ones = [_opened(path.rstrip("/") or "/", found, wanted)]
    try:
        while open_ones:
            folder = open_ones[-1]
            name = next(folder.names, None)
            if name is None:
                os.close(open_ones.pop().descriptor)
                continue
            below = f"{folder.path}/{name}"
            try:
                told = _told(folder, name, "" if follow_links else top)
                if isinstance(told, str):
                    yield below, told
                elif identity(told) in leave_out:
                    continue
                elif not stat.S_ISDIR(told.st_mode):
                    yield below, told
                elif all(identity(told) != each.identity for each in open_ones):
                    if len(open_ones) == MAX_DEPTH:
                        raise OSError(f"more than {MAX_DEPTH} folders are inside one another: name this one itself")
                    open_ones.append(_opened(below, told, wanted))
            except OSError as error:
                yield below, error
    finally:
        for each in open_ones:
            os.close(each.descriptor)


def _told(folder: _Folder, name: str, top: str) -> os.stat_result | str:
    """Ask what stands under a name in a folder; of a link out of ``top``, if there is a top, only where it leads."""
    found = os.stat(name, dir_fd=folder.descriptor, follow_symlinks=False)
    if not stat.S_ISLNK(found.st_mode):
        return found
    path = f"{folder.path}/{name}"
    if not top:
        return os.stat(path)
    place = os.path.realpath(path)
    if place != top and not place.startswith(top.rstrip("/") + "/"):
        return place
    return os.stat(place, follow_symlinks=False)


def _opened(path: str, found: os.stat_result, wanted: Callable[[str], bool]) -> _Folder:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_DIRECTORY)
    try:
        if identity(os.fstat(descriptor)) != identity(found):
            raise OSError("it was changed while it was read: run this again")
        return _Folder(path, identity(found), descriptor, _sorted(_names(descriptor, wanted)))
    except BaseException:
        os.close(descriptor)
        raise


def _names(descriptor: int, wanted: Callable[[str], bool]) -> Iterator[str]:
    with os.scandir(descriptor) as entries:
        for entry in entries:
            if entry.name[0] != "." and (wanted(entry.name) or entry.is_dir()):
                yield entry.name


def _sorted(names: Iterator[str]) -> Iterator[str]:
    """Sort names by their bytes; many of them on disk, in a file that SQLite removes even if we are killed."""
    held = list(islice(names, MAX_NAMES_HELD))
    few = len(held) < MAX_NAMES_HELD
    return iter(sorted(held, key=os.fsencode)) if few else _sorted_on_disk(chain(held, names))


def _sorted_on_disk(names: Iterator[str]) -> Iterator[str]:
    with closing(open_scratch("CREATE TABLE names (name BLOB)")) as disk:
        disk.executemany("INSERT INTO names VALUES (?)", ((os.fsencode(name),) for name in names))
        for (name,) in disk.execute("SELECT name FROM names ORDER BY name"):
            yield os.fsdecode(name)
