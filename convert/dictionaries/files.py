"""Opening a dictionary: its file is mapped, so that processes share it, and checked once a process."""

from __future__ import annotations

import mmap
import os
import stat
from collections.abc import Sequence
from functools import lru_cache

from convert.errors import EnvironmentFailed
from convert.links.dictionary import Dictionary, combined
from convert.links.stored import Stored, UnreadableDictionary, check_content

_REMEMBERED = 16


def open_dictionary(path: str, checks: bool = True) -> Stored:
    """Open the dictionary in a file; ``checks`` whether all of it is as it was written.

    Raises EnvironmentFailed where there is none, or it is damaged or of another version.
    """
    try:
        # Before it is opened, which would wait for who writes into a pipe.
        if not stat.S_ISREG(os.stat(path).st_mode) and not os.path.isdir(path):
            raise UnreadableDictionary(f"{path} is no file: a dictionary is read where it lies on a disk")
        with open(path, "rb") as file:
            if not os.fstat(file.fileno()).st_size:
                raise UnreadableDictionary(f"{path} is empty: learn it with 'plainwiki links learn'")
            content = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    except (OSError, ValueError) as error:
        raise EnvironmentFailed(f"cannot read {path}: {getattr(error, 'strerror', None) or error}") from error
    stored = Stored(content, path)
    if checks:
        check_content(content, stored.header, path)
    return stored


@lru_cache(_REMEMBERED)
def dictionaries_at(paths: Sequence[str], checksums: Sequence[int] = ()) -> Dictionary:
    """Open dictionaries as one, once a process: who made or checked them hands on their paths and checksums.

    Raises EnvironmentFailed where one was replaced since.
    """
    opened = [open_dictionary(path, checks=False) for path in paths]
    for path, dictionary, checksum in zip(paths, opened, checksums, strict=False):
        if dictionary.header.checksum != checksum:
            raise EnvironmentFailed(f"{path} was replaced by another dictionary meanwhile: start anew")
    return combined(opened)
