"""Files that are still what they were when they were found: their stamp is compared after opening."""

from __future__ import annotations

import os
from typing import BinaryIO

from convert.io import remote


def opened(path: str, stamp: str) -> BinaryIO:
    """Open a file, wherever it is, that still has the ``stamp`` with which it was found.  Raises OSError.

    What a name leads to may have been replaced since, by a link or by a pipe: so it is the opened file that is asked.
    """
    if not stamp or remote.is_remote(path):
        return remote.opened(path)
    return open(open_stamped(path, stamp), "rb")


def open_stamped(path: str, stamp: str) -> int:
    # Opening must not wait, should a pipe have taken the file's place.
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    if stamp and stamp_of(os.fstat(descriptor)) != stamp:
        os.close(descriptor)
        raise OSError("it was changed while it was read: run this again")
    return descriptor


def stamp_of(found: os.stat_result) -> str:
    """Tell one state of a file from another; a time set back does not hide a change."""
    return f"{found.st_size} {found.st_mtime_ns} {found.st_ctime_ns}"
