"""File types by suffix: format, container, compression."""

from __future__ import annotations

import os
from functools import cache
from typing import NamedTuple

from convert import formats
from convert.inputs.containers import CONTAINERS
from convert.io.compression import SUFFIXES

JSON_LINES = ".jsonl"

# Other names for the same.
_SAME = {".text": ".txt", ".ndjson": JSON_LINES}


class FileType(NamedTuple):
    """The format of a file's documents, the name of their container, and the compression of the file; '' for none.

    With ``lines`` each line is a record.
    """

    format: str
    container: str = ""
    packing: str = ""
    lines: bool = False

    def read_as(self, format: str) -> FileType:
        """Return the type for a format that the user names; articles in JSON are read as such in JSON Lines too."""
        if not format:
            return self
        return self._replace(format=format, lines=self.lines and (format != "json" or bool(self.container)))


def types_by_suffix() -> dict[str, FileType]:
    """Return the file type of each suffix, which is in lower case."""
    # Last, and so first choice: a format that is only written takes no suffix from one that is read.
    readable_last = sorted(formats.FORMATS, key=lambda format: format.reader is not None)
    table = {format.suffix: FileType(format.name) for format in readable_last}
    table[JSON_LINES] = FileType("plain", lines=True)
    table |= {suffix: table[same] for suffix, same in _SAME.items()}
    for container in CONTAINERS:
        table[container.suffix] = FileType("plain", container.name, lines=container.has_records)
    whole = {container.suffix for container in CONTAINERS if container.compressed is None}
    compressible = [(suffix, file_type) for suffix, file_type in table.items() if suffix not in whole]
    for end, packing in SUFFIXES.items():
        table |= {suffix + end: file_type._replace(packing=packing) for suffix, file_type in compressible}
    for container in CONTAINERS:
        for suffix, packing in (container.compressed or {}).items():
            table[suffix] = table[container.suffix]._replace(packing=packing)
    return table


_FILE_TYPES = types_by_suffix()


def file_type_of(path: str) -> tuple[FileType | None, str]:
    """Return a file's type, ``None`` if its suffix is unknown, and its name without the suffix: a fallback title."""
    name = path[path.rfind("/") + 1 :]
    lower = name.lower()
    last = lower.rfind(".")
    before = lower.rfind(".", 0, max(last, 0))
    for at in (lower.rfind(".", 0, max(before, 0)), before, last):
        if at >= 0 and (file_type := _FILE_TYPES.get(lower[at:])):
            return file_type, name[:at]
    return None, os.path.splitext(name)[0]


def is_read(name: str, format: str, contained: bool = False) -> bool:
    """Whether a file in a folder or an archive is read: if its format can be read and is the one asked for, if any.

    Containers and compressed files ``contained`` in an archive are not read.
    """
    read, passed_over = _ends(format, contained)
    lower = name.lower()
    return lower.endswith(read) and not lower.endswith(passed_over)


@cache
def _ends(format: str, contained: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the suffixes that are read, and those that end with one of them and are not."""
    read = tuple(suffix for suffix, file_type in _FILE_TYPES.items() if _is_read(file_type, format, contained))
    return read, tuple(suffix for suffix in _FILE_TYPES if suffix not in read and suffix.endswith(read))


def _is_read(file_type: FileType, format: str, contained: bool) -> bool:
    if contained and (file_type.container or file_type.packing):
        return False
    if file_type.container or file_type.lines:
        return not (file_type.lines and format not in ("", "plain", "json"))
    reader_format = formats.named(file_type.format)
    return reader_format is not None and reader_format.reader is not None and format in ("", file_type.format)


def suffixes(format: str) -> list[str]:
    """Return the suffixes that are read in a folder, without those of compressed files."""
    return [
        suffix for suffix, file_type in _FILE_TYPES.items() if not file_type.packing and is_read(f"x{suffix}", format)
    ]
