"""A file that is this user's, and nobody else's to read: made so, or refused.

It holds what was written, and may be read back and sent; and what SQLite puts beside it has the same rights.
"""

from __future__ import annotations

import os
import stat

from convert.diagnostics import visible
from convert.errors import EnvironmentFailed

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
    why = ""
    if stat.S_ISLNK(found.st_mode):
        why = "it is a link, which may lead anywhere: name the file itself with --state"
    elif not stat.S_ISREG(found.st_mode):
        why = "it is no file: give another --state"
    elif found.st_uid != os.geteuid():
        why = "it is somebody else's: give another --state"
    if why:
        raise EnvironmentFailed(f"cannot use the state file {visible(path)}: {why}")
    if found.st_mode & _OTHERS:
        os.chmod(path, stat.S_IMODE(found.st_mode) & ~_OTHERS)
