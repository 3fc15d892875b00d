"""What a file is, by its name: which format, in which container, packed how."""

from __future__ import annotations

import os
from functools import cache
from typing import NamedTuple

from convert import formats
from convert.io.compression import SUFFIXES

JSON_LINES = ".jsonl"

_SHORT = {".tgz": "gz", ".tbz2": "bz2", ".tzst": "zst"}


class FileType(NamedTuple):
    """The format of a file's documents, the container they are in (``tar``, ``zip``, ``parquet``), and its packing.

    With ``lines`` it has a record in each line.
    """

    format: str
    container: str = ""
    packing: str = ""
    lines: bool = False

    def read_as(self, format: str) -> FileType:
        """Give the kind for a format that the user names; articles in JSON are read as such in JSON Lines too."""
        if not format:
            return self
        return self._replace(format=format, lines=self.lines and (format != "json" or bool(self.container)))


def types_by_suffix() -> dict[str, FileType]:
    """Return what a file is by its suffix, in lower case."""
    # Last, and so first choice: a format that is only written takes no suffix from one that is read.
    readable_last = sorted(formats.FORMATS, key=lambda format: format.reader is not None)
    table = {format.suffix: FileType(format.name) for format in readable_last}
    table |= {JSON_LINES: FileType("plain", lines=True), ".tar": FileType("plain", "tar")}
    for end, packing in SUFFIXES.items():
        table |= {suffix + end: kind._replace(packing=packing) for suffix, kind in table.items() if not kind.packing}
    table |= {suffix: FileType("plain", "tar", packing) for suffix, packing in _SHORT.items()}
    return table | {".zip": FileType("plain", "zip"), ".parquet": FileType("plain", "parquet", lines=True)}


_KINDS = types_by_suffix()


def file_type_of(path: str) -> tuple[FileType | None, str]:
    """Tell what a file is, if its suffix says so, and give its name without that: a title for what has none."""
    name = path[path.rfind("/") + 1 :]
    lower = name.lower()
    last = lower.rfind(".")
    before = lower.rfind(".", 0, max(last, 0))
    for at in (lower.rfind(".", 0, max(before, 0)), before, last):
        if at >= 0 and (kind := _KINDS.get(lower[at:])):
            return kind, name[:at]
    return None, os.path.splitext(name)[0]


def is_read(name: str, format: str, contained: bool = False) -> bool:
    """Tell whether a file in a folder or an archive is read: where one reads its format, the one that is wanted.

    What is ``contained`` in an archive is not looked into for others.
    """
    read, passed_over = _ends(format, contained)
    lower = name.lower()
    return lower.endswith(read) and not lower.endswith(passed_over)


@cache
def _ends(format: str, contained: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Name the suffixes of what is read, and those that end like one of them and are not."""
    read = tuple(suffix for suffix, kind in _KINDS.items() if _is_read(kind, format, contained))
    return read, tuple(suffix for suffix in _KINDS if suffix not in read and suffix.endswith(read))


def _is_read(kind: FileType, format: str, contained: bool) -> bool:
    if contained and (kind.container or kind.packing):
        return False
    if kind.container or kind.lines:
        return not (kind.lines and format not in ("", "plain", "json"))
    found = formats.named(kind.format)
    return found is not None and found.reader is not None and format in ("", kind.format)


def suffixes(format: str) -> list[str]:
    """Name the suffixes of what is read of a folder, without those of packed files."""
    return [suffix for suffix, kind in _KINDS.items() if not kind.packing and is_read(f"x{suffix}", format)]
