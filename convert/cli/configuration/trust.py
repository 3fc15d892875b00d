"""File ownership: may a file's content be trusted as this user's?

A file that was only found (in or above the working folder) may have been planted by somebody else, in a shared folder
or in ``/tmp``.  It is this user's own if nobody else could have written it: the file, all symbolic links to it and
their folders belong to this user or to root, and nobody else may write to them.  The sticky bit of a folder does not
help: it prevents replacing a file, but not creating it first.

Group write permission is accepted for the user's private group (named like the user, without other members), as on
systems with umask 002.  Any other group counts as somebody else, even root's: its members may change.

Folders further above are not checked: whoever may rename those has easier attacks.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from enum import Enum

from msgspec import Struct

_MAX_LINKS = 40


class Ownership(Enum):
    """Who could have written a file."""

    STRANGERS = "somebody else's"
    ROOTS = "root's"
    OWN = "this user's"


class Verdict(Struct, frozen=True):
    """The ownership of a file; ``why`` it is a stranger's, as a clause that follows its path and a colon."""

    standing: Ownership
    why: str = ""


class User(Struct, frozen=True):
    """A user id, with the id of the private group, if there is one."""

    number: int
    group: int | None


def objection(status: os.stat_result, user: User) -> str:
    """Return why somebody else could change a file or folder, as words after ``it``; empty if nobody could."""
    if status.st_uid not in (user.number, 0):
        return f"belongs to {_name_of(status.st_uid)}"
    if stat.S_ISLNK(status.st_mode):
        return ""  # links have no mode of their own
    if status.st_mode & stat.S_IWOTH:
        return "can be written to by everybody"
    if status.st_mode & stat.S_IWGRP and status.st_gid != user.group:
        return f"can be written to by the group {_group_of(status.st_gid)}"
    return ""


def judge_file(file: os.stat_result, user: User) -> Verdict:
    """Return the verdict on a regular file alone."""
    if why := objection(file, user):
        return Verdict(Ownership.STRANGERS, f"it {why}")
    return Verdict(Ownership.OWN if file.st_uid == user.number else Ownership.ROOTS)


def examine(path: str) -> Verdict | None:
    """Return the verdict on a file, its links and their folders; ``None`` if nothing exists."""
    if not os.path.lexists(path):
        return None
    user = this_user()
    try:
        for place in _links(path):
            status = os.lstat(place)
            if why := objection(status, user):
                return Verdict(Ownership.STRANGERS, f"it {why}")
            if why := objection(os.stat(os.path.dirname(place) or "."), user):
                return Verdict(Ownership.STRANGERS, f"its folder {why}")
        status = os.stat(path)
    except OSError as error:
        return Verdict(Ownership.STRANGERS, f"it leads nowhere ({error.strerror})")
    if not stat.S_ISREG(status.st_mode):
        return Verdict(Ownership.STRANGERS, "it is no regular file")
    return judge_file(status, user)


def _links(path: str) -> Iterator[str]:
    """Yield a path, and the target of each link."""
    for _ in range(_MAX_LINKS):
        yield path
        if not os.path.islink(path):
            return
        path = os.path.join(os.path.dirname(path), os.readlink(path))


def folder_objection(folder: str) -> str:
    """Return why somebody else could create a file in a folder, in the form of ``objection``."""
    return objection(os.stat(folder), this_user())


def this_user() -> User:
    """Return the effective user, whose permissions apply to opening files."""
    number = os.geteuid()
    return User(number, _private_group(number))


def _private_group(number: int) -> int | None:
    import grp
    import pwd

    try:
        user = pwd.getpwuid(number)
        group = grp.getgrgid(user.pw_gid)
    except KeyError:
        return None
    private = group.gr_name == user.pw_name and set(group.gr_mem) <= {user.pw_name}
    return group.gr_gid if private else None


def _name_of(number: int) -> str:
    import pwd

    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"user {number}"


def _group_of(number: int) -> str:
    import grp

    try:
        return grp.getgrgid(number).gr_name
    except KeyError:
        return str(number)
