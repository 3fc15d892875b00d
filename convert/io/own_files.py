"""Files of our own, protected against files that somebody else has planted in their place.

An output folder may come from an attacker, or be shared.  A link, a pipe, a device, a hard link or another user's file
under a name that we are about to write is refused with a message, never followed: by the flags of opening (O_EXCL,
O_NOFOLLOW) and by fstat of what was opened.

Written by hand: ``tempfile`` has random names, which a resumed run could not find again, and no library checks owners
and hard links.

Source: https://man7.org/linux/man-pages/man2/open.2.html
"""

from __future__ import annotations

import os
import stat
from typing import BinaryIO

from convert.errors import EnvironmentFailed
from convert.printable import visible

#: Suffixes of a database and the files that SQLite and we put beside it.
_BESIDE = ("", "-wal", "-shm", "-journal", ".lock", ".held")
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def foreign(status: os.stat_result) -> str:
    """Return why a file cannot be one that we have created; '' if it can."""
    if irregular := _irregular(status):
        return irregular
    if status.st_uid != os.geteuid():
        return "another user's file"
    # Writing to a hard link would change a file elsewhere.
    return "a file that has a second name elsewhere (a hard link)" if status.st_nlink > 1 else ""


def _irregular(status: os.stat_result) -> str:
    mode = status.st_mode
    if stat.S_ISREG(mode):
        return ""
    return "a link" if stat.S_ISLNK(mode) else "a folder" if stat.S_ISDIR(mode) else "a pipe or a device"


def open_own(path: str, empty: bool = False, mode: int = 0o666) -> int:
    """Create a file, or open one that an earlier run has left, for reading and writing; with ``empty`` truncate it."""
    flags = os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW
    while True:
        try:
            return os.open(path, flags | os.O_CREAT | os.O_EXCL, mode)
        except FileExistsError:
            pass  # it is opened below, if it can be ours
        try:
            check_own(path)
            # O_NONBLOCK: a pipe may have replaced the file, and opening it must not block.
            descriptor = os.open(path, flags | os.O_NONBLOCK)
        except FileNotFoundError:
            continue  # another run has removed it since: create it
        _refuse(path, foreign(os.fstat(descriptor)), descriptor)
        if empty:
            os.ftruncate(descriptor, 0)
        return descriptor


def check_own(path: str) -> None:
    """Raise EnvironmentFailed unless it can be a file of ours, FileNotFoundError if there is none."""
    _refuse(path, foreign(os.lstat(path)))


def open_regular(path: str) -> BinaryIO:
    """Open a regular file of any owner for reading; links are refused.  Raises OSError."""
    _refuse(path, _irregular(os.lstat(path)))
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    _refuse(path, _irregular(os.fstat(descriptor)), descriptor)
    return open(descriptor, "rb")


def _refuse(path: str, problem: str, descriptor: int = -1) -> None:
    if problem:
        if descriptor >= 0:
            os.close(descriptor)
        raise EnvironmentFailed(f"{path} is {problem}, and not what plainwiki has put there: remove it")


def is_below(top: str, name: str) -> bool:
    """Whether there is a regular file of that name below a folder, with no link on the way."""
    try:
        return _leads_below(top, name) and stat.S_ISREG(os.lstat(f"{top}/{name}").st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return False


def _leads_below(top: str, name: str) -> bool:
    """Whether all parents of a name below a folder are folders, not links."""
    at = name.find("/")
    while at >= 0:
        if not stat.S_ISDIR(os.lstat(f"{top}/{name[:at]}").st_mode):
            return False
        at = name.find("/", at + 1)
    return True


def make_folders(top: str, name: str) -> None:
    """Create the parents of a name below a folder; links among them are refused."""
    at = name.find("/")
    while at >= 0:
        path = f"{top}/{name[:at]}"
        try:
            os.mkdir(path)
        except FileExistsError:
            if not stat.S_ISDIR(os.lstat(path).st_mode):
                raise EnvironmentFailed(f"{path} is no folder, but a link or a file: remove it") from None
        at = name.find("/", at + 1)


def remove_below(top: str, name: str) -> None:
    """Remove a file below a folder if it exists, and the folders of a long title that become empty."""
    try:
        if not _leads_below(top, name):
            return  # behind a link there is nothing of ours
        os.unlink(f"{top}/{name}")
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return  # a killed run has removed it, or it is not ours
    folder = os.path.dirname(name)
    while folder.endswith("%"):  # of a long title
        try:
            os.rmdir(f"{top}/{folder}")
        except OSError:
            return  # it has other files
        folder = os.path.dirname(folder)


def make_empty(path: str) -> None:
    """Create an empty folder in the place of one that an earlier run has left.

    That is moved aside before it is removed: where the run was killed, a worker of it may still be writing.
    """
    aside = f"{path}.old"
    if os.path.lexists(aside):
        check_own_folder(aside)
        _remove_tree(aside)
    try:
        os.mkdir(path)
    except FileExistsError:
        check_own_folder(path)
        os.rename(path, aside)
        os.mkdir(path)
        _remove_tree(aside)


def _remove_tree(path: str, ignore_errors: bool = False) -> None:
    from shutil import rmtree  # its import takes as long as a small run

    rmtree(path, ignore_errors)


def remove_folder(path: str) -> None:
    """Remove a folder recursively, ignoring errors; anything but a folder is left alone."""
    # rmtree would block on opening a pipe of that name.
    if os.path.isdir(path) and not os.path.islink(path):
        _remove_tree(path, ignore_errors=True)


def make_private(path: str) -> None:
    """Create a folder that only this user can read, or accept an existing one if it is this user's."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    try:
        os.mkdir(path, 0o700)
    except FileExistsError:
        check_own_folder(path)


def check_own_folder(path: str) -> None:
    """Raise EnvironmentFailed unless it is a folder of this user."""
    status = os.lstat(path)
    if not stat.S_ISDIR(status.st_mode):
        raise EnvironmentFailed(f"{path} is no folder, but a link or a file: remove it")
    if status.st_uid != os.geteuid():
        raise EnvironmentFailed(f"{path} is another user's folder: remove it, or choose another output")


def secured(path: str) -> None:
    """Create a file, and its folder, that only this user can read; restrict the mode of an existing one.

    Raises EnvironmentFailed if it is a link or another user's.
    """
    os.makedirs(os.path.dirname(os.path.abspath(path)), mode=0o700, exist_ok=True)
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600))
    except FileExistsError:
        # Not opened: closing it would release the POSIX locks that this process holds on it.
        for suffix in _BESIDE:
            _check(path + suffix)


def _check(path: str) -> None:
    try:
        status = os.lstat(path)
    except FileNotFoundError:
        return
    if why := foreign(status):
        raise EnvironmentFailed(f"cannot use the state file {visible(path)}: it is {why}: give another --state")
    if status.st_mode & _OTHERS:
        os.chmod(path, stat.S_IMODE(status.st_mode) & ~_OTHERS)
