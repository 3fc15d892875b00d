"""Dictionaries made of titles, kept in this user's cache under a name that follows from what they are of."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from hashlib import blake2b

from convert.dictionaries.titles import Titles, write_titles
from convert.errors import UsageError
from convert.io.atomic import AtomicFile, writing
from convert.io.own_files import make_private
from convert.links.stored import VERSION, Header

_DAY_S = 86_400
_KEPT_DAYS = 30


def cached_path(*parts: str) -> str:
    """Return the path of the dictionary of what is described, its kind first, after making its folder."""
    try:
        from platformdirs import user_cache_dir
    except ImportError:
        raise UsageError("titles are kept where platformdirs says: pip install 'plainwiki[links]'") from None
    folder = os.path.join(user_cache_dir("plainwiki", appauthor=False), "links")
    with writing(folder):
        make_private(folder)
    digest = blake2b("\0".join((*parts, str(VERSION))).encode("utf-8", "surrogateescape"), digest_size=12).hexdigest()
    return os.path.join(folder, f"{parts[0]}-{digest}.links")


def forget_old(path: str) -> None:
    """Remove the dictionaries of the same kind beside one that nobody has made for a month, and what was left half."""
    folder, name = os.path.split(path)
    kind = name.partition("-")[0]
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.lstrip(".").startswith(f"{kind}-") and entry.is_file(follow_symlinks=False):
                # Another run may have removed or renamed it.
                with suppress(FileNotFoundError):
                    if entry.stat(follow_symlinks=False).st_mtime < time.time() - _KEPT_DAYS * _DAY_S:
                        os.unlink(entry.path)


def save_titles(path: str, header: Header, titles: Titles) -> Header:
    """Make the dictionary of titles.

    Runs side by side may each make it: the last one's stays.
    """
    own = f"{path}.{os.getpid()}"
    with AtomicFile(own, follows=False) as file:
        header = write_titles(file, header, titles)
    with writing(path):
        os.replace(own, path)
    return header


def days_of(path: str) -> int:
    """Return how many days old a file is."""
    return int(max(0.0, time.time() - os.stat(path).st_mtime) // _DAY_S)


def age_of(path: str) -> str:
    """Return how old a file is, in words."""
    days = days_of(path)
    return "today" if days == 0 else "yesterday" if days == 1 else f"{days:,} days ago"
