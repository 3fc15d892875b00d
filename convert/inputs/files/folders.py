"""Recursive listing of local folders, in byte order of names.

Hidden files, those with a dot in front, are no part of a folder's content, and are not counted.  Links are followed as
long as they stay inside the folder, and link cycles are detected.

Safe against replacement during the walk (TOCTOU): folders are listed through descriptors whose identity was compared
with that found before, and files are compared when they are opened (``convert.inputs.files.stamps``).
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import chain, islice

from msgspec import Struct

#: Folders with more names are sorted on disk.
MAX_NAMES_HELD = 4_000

#: Maximum depth of folders: each stays open until everything below it is read.
MAX_DEPTH = 100


class _Choice(Struct, frozen=True):
    """Which files are read, what is called with the paths of the others, and what is left out entirely."""

    is_wanted: Callable[[str], bool]
    pass_over: Callable[[str], None]
    leave_out: frozenset[tuple[int, int] | str]


class _Folder(Struct, frozen=True):
    """An open folder: its descriptor, and the names still to be visited."""

    path: str
    identity: tuple[int, int]
    descriptor: int
    names: Iterator[str]


def identity(status: os.stat_result) -> tuple[int, int]:
    """Return what identifies a file or folder, independent of its path: device and inode."""
    return status.st_dev, status.st_ino


def files(
    path: str,
    status: os.stat_result,
    is_wanted: Callable[[str], bool],
    leave_out: frozenset[tuple[int, int] | str] = frozenset(),
    follow_links: bool = False,
    pass_over: Callable[[str], None] = lambda below: None,
) -> Iterator[tuple[str, os.stat_result | OSError | str]]:
    """Yield every file below a folder whose path ``is_wanted``, with its stat or the error of reading it.

    ``pass_over`` gets the paths of the other files, in any order; paths begin with that of the folder.
    For a link that leads out of the folder and is not followed, yield its destination instead of a stat.
    """
    top = os.path.realpath(path)
    choice = _Choice(is_wanted, pass_over, leave_out)
    open_folders = [_opened(path.rstrip("/") or "/", status, choice)]
    try:
        while open_folders:
            folder = open_folders[-1]
            name = next(folder.names, None)
            if name is None:
                os.close(open_folders.pop().descriptor)
                continue
            below = f"{folder.path}/{name}"
            try:
                entry = _entry(folder, name, "" if follow_links else top)
                if isinstance(entry, str):
                    yield below, entry
                elif identity(entry) in leave_out:
                    continue
                elif not stat.S_ISDIR(entry.st_mode):
                    yield below, entry
                elif all(identity(entry) != open_folder.identity for open_folder in open_folders):
                    if len(open_folders) == MAX_DEPTH:
                        raise OSError(f"more than {MAX_DEPTH} folders are inside one another: name this one itself")
                    open_folders.append(_opened(below, entry, choice))
            except OSError as error:
                yield below, error
    finally:
        for open_folder in open_folders:
            os.close(open_folder.descriptor)


def _entry(folder: _Folder, name: str, top: str) -> os.stat_result | str:
    """Return the stat of a name in a folder; for a link out of ``top``, if that is given, only its destination."""
    status = os.stat(name, dir_fd=folder.descriptor, follow_symlinks=False)
    if not stat.S_ISLNK(status.st_mode):
        return status
    path = f"{folder.path}/{name}"
    if not top:
        return os.stat(path)
    destination = os.path.realpath(path)
    if destination != top and not destination.startswith(top.rstrip("/") + "/"):
        return destination
    return os.stat(destination, follow_symlinks=False)


def _opened(path: str, status: os.stat_result, choice: _Choice) -> _Folder:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_DIRECTORY)
    try:
        if identity(os.fstat(descriptor)) != identity(status):
            raise OSError("it was changed while it was read: run this again")
        return _Folder(path, identity(status), descriptor, _sorted(_names(descriptor, path, status.st_dev, choice)))
    except BaseException:
        os.close(descriptor)
        raise


def _names(descriptor: int, path: str, device: int, choice: _Choice) -> Iterator[str]:
    with os.scandir(descriptor) as entries:
        for entry in entries:
            name = entry.name
            if name[0] == ".":
                continue
            below = f"{path}/{name}"
            if choice.is_wanted(below) or entry.is_dir():
                yield name
            elif (device, entry.inode()) not in choice.leave_out:
                choice.pass_over(below)


def _sorted(names: Iterator[str]) -> Iterator[str]:
    """Sort names by their bytes; on disk if there are many."""
    held = list(islice(names, MAX_NAMES_HELD))
    few = len(held) < MAX_NAMES_HELD
    return iter(sorted(held, key=os.fsencode)) if few else _sorted_on_disk(chain(held, names))


def _sorted_on_disk(names: Iterator[str]) -> Iterator[str]:
    from convert.io.scratch import open_scratch  # few folders are so large

    with closing(open_scratch("CREATE TABLE names (name BLOB)")) as disk:
        disk.executemany("INSERT INTO names VALUES (?)", ((os.fsencode(name),) for name in names))
        for (name,) in disk.execute("SELECT name FROM names ORDER BY name"):
            yield os.fsdecode(name)
