"""Stamps: a file is compared, after opening, with its state when it was listed, so that replacement is detected.

A stamp is the size, the modification time, the inode and the change time of a file.  The change time takes no part in
the comparison, since a new link to a file and other permissions move it as well; it shows to the next run that a file
changed whose modification time was set back.
"""

from __future__ import annotations

import os
from typing import BinaryIO

from convert.io import remote


def opened(path: str, stamp: str) -> BinaryIO:
    """Open a local or remote file that still has the ``stamp`` with which it was listed.  Raises OSError.

    The name may have been replaced since, by a link or a pipe, so the stamp is that of the open descriptor.
    """
    if not stamp or remote.is_remote(path):
        return remote.opened(path)
    return open(open_stamped(path, stamp), "rb")


def open_stamped(path: str, stamp: str) -> int:
    """Return the descriptor of a local file, as ``opened`` does."""
    # O_NONBLOCK: a pipe may have replaced the file, and opening it must not block.
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    if stamp and _state(stamp_of(os.fstat(descriptor))) != _state(stamp):
        os.close(descriptor)
        raise OSError("it was changed while it was read: run this again")
    return descriptor


def stamp_of(status: os.stat_result) -> str:
    """Return what changes whenever a file does."""
    return f"{status.st_size} {status.st_mtime_ns} {status.st_ino} {status.st_ctime_ns}"


def _state(stamp: str) -> str:
    """Return a stamp without the change time."""
    return stamp.rpartition(" ")[0]
