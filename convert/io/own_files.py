"""Files of our own, told from what somebody else has put in their place.

A folder may come from strangers, or be shared with others.  A link, a pipe, a device or another user's file that has
the name of a file which we are about to write is refused and named, never followed.  The opening itself makes sure of
that (O_EXCL, O_NOFOLLOW), and a look at what was opened.

Source: https://man7.org/linux/man-pages/man2/open.2.html
"""

from __future__ import annotations

import os
import shutil
import stat
from typing import BinaryIO

from convert.errors import EnvironmentFailed
from convert.printable import visible


def foreign(found: os.stat_result) -> str:
    """Say why a file cannot be one that we have made and left; nothing if it can."""
    if kind := _irregular(found):
        return kind
    if found.st_uid != os.geteuid():
        return "another user's file"
    # What is written to it would be written to a file elsewhere as well.
    return "a file that has a second name elsewhere (a hard link)" if found.st_nlink > 1 else ""


def _irregular(found: os.stat_result) -> str:
    mode = found.st_mode
    if stat.S_ISREG(mode):
        return ""
    return "a link" if stat.S_ISLNK(mode) else "a folder" if stat.S_ISDIR(mode) else "a pipe or a device"


def open_own(path: str, empty: bool = False, mode: int = 0o666) -> int:
    """Make a file, or open for reading and writing one that an earlier run of this user has left, perhaps emptied."""
    flags = os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW
    while True:
        try:
            return os.open(path, flags | os.O_CREAT | os.O_EXCL, mode)
        except FileExistsError:
            pass
        try:
            check_own(path)
            # Opening must not wait, should a pipe have taken the file's place.
            descriptor = os.open(path, flags | os.O_NONBLOCK)
        except FileNotFoundError:
            continue  # another run has just removed it
        _refuse(path, foreign(os.fstat(descriptor)), descriptor)
        if empty:
            os.ftruncate(descriptor, 0)
        return descriptor


def check_own(path: str) -> None:
    """Refuse what cannot be a file of ours.  Raises FileNotFoundError where there is nothing."""
    _refuse(path, foreign(os.lstat(path)))


def open_regular(path: str) -> BinaryIO:
    """Open a file for reading that may be anybody's, but must be a file and no link.  Raises OSError."""
    _refuse(path, _irregular(os.lstat(path)))
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    _refuse(path, _irregular(os.fstat(descriptor)), descriptor)
    return open(descriptor, "rb")


def _refuse(path: str, kind: str, descriptor: int = -1) -> None:
    if kind:
        if descriptor >= 0:
            os.close(descriptor)
        raise EnvironmentFailed(f"{path} is {kind}, and not what plainwiki has put there: remove it")


def is_below(top: str, name: str) -> bool:
    """Tell whether there is a file of that name below a folder, and no link on the way to it."""
    try:
        return _leads_below(top, name) and stat.S_ISREG(os.lstat(f"{top}/{name}").st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return False


def _leads_below(top: str, name: str) -> bool:
    """Tell whether the folders on the way to a name are folders, and no links."""
    at = name.find("/")
    while at >= 0:
        if not stat.S_ISDIR(os.lstat(f"{top}/{name[:at]}").st_mode):
            return False
        at = name.find("/", at + 1)
    return True


def make_folders(top: str, name: str) -> None:
    """Make the folders on the way to a name below a folder; refuse links among them."""
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
    """Remove a file below a folder if it is there, and the folders of a long title that become empty."""
    try:
        if not _leads_below(top, name):
            return  # nothing of ours is behind a link
        os.unlink(f"{top}/{name}")
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return  # a run that was killed has removed it, or it is not ours
    folder = os.path.dirname(name)
    while folder.endswith("%"):  # of a long title
        try:
            os.rmdir(f"{top}/{folder}")
        except OSError:
            return  # it has other files
        folder = os.path.dirname(folder)


def make_empty(path: str) -> None:
    """Make an empty folder, for which one that an earlier run has left is cleared."""
    try:
        os.mkdir(path)
    except FileExistsError:
        check_own_folder(path)
        shutil.rmtree(path)
        os.mkdir(path)


def remove_folder(path: str) -> None:
    """Remove a folder of ours with all that is in it, as far as that can be; what is no folder stays."""
    # What else has the name may be a pipe, for whose other end rmtree would wait.
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path, ignore_errors=True)


def make_private(path: str) -> None:
    """Make a folder that nobody else can look into, or use the one that is there if it is this user's."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    try:
        os.mkdir(path, 0o700)
    except FileExistsError:
        check_own_folder(path)


def check_own_folder(path: str) -> None:
    """Refuse what is no folder of this user's."""
    found = os.lstat(path)
    if not stat.S_ISDIR(found.st_mode):
        raise EnvironmentFailed(f"{path} is no folder, but a link or a file: remove it")
    if found.st_uid != os.geteuid():
        raise EnvironmentFailed(f"{path} is another user's folder: remove it, or choose another output")


#: What SQLite and we put beside a database.
_BESIDE = ("", "-wal", "-shm", "-journal", ".lock")
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def secured(path: str) -> None:
    """Make a file, and its folder, that only this user may read; take away what rights others have on an older one.

    Raises EnvironmentFailed where it is a link, or somebody else's.
    """
    os.makedirs(os.path.dirname(os.path.abspath(path)), mode=0o700, exist_ok=True)
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600))
    except FileExistsError:
        # It is not opened: to close it again would end the locks that this process has on it.
        for each in _BESIDE:
            _check(path + each)


def _check(path: str) -> None:
    try:
        found = os.lstat(path)
    except FileNotFoundError:
        return
    if why := foreign(found):
        raise EnvironmentFailed(f"cannot use the state file {visible(path)}: it is {why}: give another --state")
    if found.st_mode & _OTHERS:
        os.chmod(path, stat.S_IMODE(found.st_mode) & ~_OTHERS)
