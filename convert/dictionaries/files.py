"""Opening a dictionary: its file is mapped, so that processes share it, and checked once a process."""

from __future__ import annotations

import mmap
import os
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
def dictionaries_at(paths: Sequence[str]) -> Dictionary:
    """Open dictionaries as one, once a process: who made or checked them hands on their paths."""
    return combined([open_dictionary(path, checks=False) for path in paths])
