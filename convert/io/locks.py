"""Locks of files that end with their process: flock, or a lock file where a file system has no locks.

Lustre without ``-o flock`` and NFS without its lock daemon answer that the function is not implemented.  There, a file
beside the locked one is created with O_EXCL, which says who holds it: the host, the process, and when that began.  One
whose process is gone is replaced; one of another host is left to a person.

Sources: https://man7.org/linux/man-pages/man2/flock.2.html, https://man7.org/linux/man-pages/man2/open.2.html (O_EXCL)
"""

from __future__ import annotations

import atexit
import errno
import fcntl
import os
from contextlib import suppress

import msgspec
from msgspec import Struct

from convert.errors import EnvironmentFailed
from convert.io import console
from convert.io.own_files import open_regular

#: What the system answers where a file system has no locks.
NO_LOCKS = frozenset({errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOTSUP})

_MOST_BYTES = 4096


class Holder(Struct, frozen=True):
    """Who holds a lock file: ``began`` tells a process from a later one with the same number."""

    host: str
    process: int
    began: str


#: The lock files of this process, by the descriptor that they stand for; each with the process that made it.
_held: dict[int, tuple[str, int]] = {}
_told: set[int] = set()


def lock(descriptor: int, beside: str, shown: str) -> None:
    """Lock an open file until ``release``, or until the process ends; where there are no locks, by the file ``beside``.

    Raises EnvironmentFailed if another run holds the lock of ``shown``.
    """
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise _taken(f"another run is writing {shown}") from None
    except OSError as error:
        if error.errno not in NO_LOCKS:
            raise
        hold(descriptor, beside, f"another run is writing {shown}")


def has_byte_locks(folder: str) -> bool:
    """Whether bytes of files in a folder can be locked: tried on a temporary one, since closing a file unlocks it."""
    try:
        from tempfile import TemporaryFile  # only where the system is asked

        with TemporaryFile(dir=folder) as file:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1)
    except OSError as error:
        return error.errno not in NO_LOCKS
    return True


def hold(descriptor: int, path: str, taken: str) -> None:
    """Create a lock file for an open file; ``taken`` is what to say where another run has it.

    Raises EnvironmentFailed.
    """
    while not _created(path):
        holder = _holder(path)
        if holder is None:
            continue  # it was removed since
        if not _is_gone(holder):
            raise _taken(taken, path, holder)
        _remove_stale(path, holder)
    if not _held:
        atexit.register(_release_all)
    _held[descriptor] = path, os.getpid()
    _tell(path)


def release(descriptor: int) -> None:
    """Close an open file, and so end its lock."""
    path, process = _held.pop(descriptor, ("", 0))
    if path and process == os.getpid():
        with suppress(FileNotFoundError):
            os.unlink(path)
    os.close(descriptor)


def _release_all() -> None:
    for path, process in _held.values():
        if process == os.getpid():
            with suppress(OSError):
                os.unlink(path)
    _held.clear()


def _created(path: str) -> bool:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
    except FileExistsError:
        return False
    with open(descriptor, "wb") as file:
        file.write(msgspec.json.encode(Holder(_host(), os.getpid(), _began(os.getpid()))))
    return True


def _holder(path: str) -> Holder | None:
    """Return who holds a lock file; ``None`` if it is gone, and nobody's where it does not say."""
    try:
        with open_regular(path) as file:
            return msgspec.json.decode(file.read(_MOST_BYTES), type=Holder)
    except FileNotFoundError:
        return None
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Holder("", 0, "")


def _is_gone(holder: Holder) -> bool:
    """Whether a process of this host has ended; of other hosts nobody knows."""
    if holder.host != _host() or holder.process <= 0:
        return False
    try:
        os.kill(holder.process, 0)
    except ProcessLookupError:
        return True
    except (PermissionError, OverflowError):
        return False
    return holder.began != _began(holder.process)


def _began(process: int) -> str:
    """Return when a process began, in the ticks of the system, and since which start of that; '' if nobody says."""
    try:
        with open(f"/proc/{process}/stat", "rb") as file:
            ticks = file.read().rpartition(b")")[2].split()[19].decode()
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            return f"{file.read().strip()} {ticks}"
    except (OSError, IndexError):
        return ""


def _remove_stale(path: str, holder: Holder) -> None:
    """Remove the lock file of a process that is gone, unless another run has replaced it meanwhile."""
    aside = f"{path}.{os.getpid()}"
    try:
        os.rename(path, aside)
    except FileNotFoundError:
        return
    if _holder(aside) != holder:
        # That of a run that was quicker: put it back.
        with suppress(FileExistsError):
            os.link(aside, path)
    os.unlink(aside)


def _taken(message: str, path: str = "", holder: Holder | None = None) -> EnvironmentFailed:
    if not path or holder is None:
        return EnvironmentFailed(f"{message}: wait for it, or choose another output")
    where = f" (process {holder.process} on {holder.host})" if holder.host else ""
    return EnvironmentFailed(f"{message}{where}: wait for it; if it has ended, remove {path}")


def _tell(path: str) -> None:
    """Say once in a process that there are no locks."""
    if os.getpid() not in _told:
        _told.add(os.getpid())
        console.say(f"this file system has no locks: a lock file keeps other runs away: {path}")


def _host() -> str:
    from socket import gethostname  # only where a file system has no locks

    return gethostname()
