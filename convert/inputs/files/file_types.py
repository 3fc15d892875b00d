"""File types by suffix: format, container, compression."""

from __future__ import annotations

import os
from functools import cache
from typing import NamedTuple

from convert import formats
from convert.inputs.containers import CONTAINERS
from convert.inputs.files.passed_over import suffix_of
from convert.io.compression import SUFFIXES

JSON_LINES = ".jsonl"

# Other names for the same.
_SAME = {".text": ".txt", ".ndjson": JSON_LINES, ".wikitext": ".wiki", ".mediawiki": ".wiki", ".markdown": ".md"}
_SAME |= dict.fromkeys((".mdown", ".mkd", ".mkdn"), ".md")


class FileType(NamedTuple):
    """The format of a file's documents, the name of their container, and the compression of the file; '' for none.

    Where the ``format`` is empty, the content says what it is.  With ``lines`` each line is a record.  Where the type
    is not ``sure``, a text that is unmistakably something else is read as that.
    """

    format: str
    container: str = ""
    packing: str = ""
    lines: bool = False
    sure: bool = True

    def read_as(self, format: str) -> FileType:
        """Return the type for a format that the user names; articles in JSON are read as such in JSON Lines too."""
        if not format:
            return self
        return self._replace(format=format, lines=self.lines and (format != "json" or bool(self.container)), sure=True)


#: The type of what has no suffix, or one that is unknown.
UNKNOWN = FileType("")


def types_by_suffix() -> dict[str, FileType]:
    """Return the file type of each suffix, which is in lower case."""
    # Last, and so first choice: a format that is only written takes no suffix from one that is read.
    readable_last = sorted(formats.FORMATS, key=lambda format: format.reader is not None)
    table = {format.suffix: FileType(format.name) for format in readable_last}
    table.pop("", None)
    table[".txt"] = FileType("plain", sure=False)
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


def file_type_of(path: str) -> tuple[FileType, str]:
    """Return a file's type by its suffix, and its name without the suffix: a fallback title."""
    name = path[path.rfind("/") + 1 :]
    lower = name.lower()
    last = lower.rfind(".")
    before = lower.rfind(".", 0, max(last, 0))
    for at in (lower.rfind(".", 0, max(before, 0)), before, last):
        if at >= 0 and (file_type := _FILE_TYPES.get(lower[at:])):
            return file_type, name[:at]
    stem, suffix = os.path.splitext(name)
    if packing := SUFFIXES.get(suffix.lower()):
        return UNKNOWN._replace(packing=packing), os.path.splitext(stem)[0] if suffix_of(stem) else stem
    return UNKNOWN, stem if suffix_of(name) else name


def is_read(path: str, format: str) -> bool:
    """Whether a file in a folder or an archive is looked at: if it can be read, or has no suffix.

    As a format that is named, everything is read but records and tables, which hold plain texts or articles in JSON.
    """
    lower = path.lower()
    if format:
        return format in ("plain", "json") or not lower.endswith(_records())
    read, passed_over = _ends()
    return (lower.endswith(read) and not lower.endswith(passed_over)) or not suffix_of(_unpacked(path))


def is_archive(name: str) -> bool:
    """Whether a name is that of an archive."""
    return name.lower().endswith(_archives())


def _unpacked(name: str) -> str:
    stem, suffix = os.path.splitext(name)
    return stem if suffix.lower() in SUFFIXES else name


@cache
def _ends() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the suffixes that are read, and those that end with one of them and are not."""
    read = tuple(suffix for suffix, file_type in _FILE_TYPES.items() if _is_read(file_type))
    return read, tuple(suffix for suffix in _FILE_TYPES if suffix not in read and suffix.endswith(read))


@cache
def _records() -> tuple[str, ...]:
    return tuple(suffix for suffix, file_type in _FILE_TYPES.items() if file_type.lines)


@cache
def _archives() -> tuple[str, ...]:
    return tuple(suffix for suffix, file_type in _FILE_TYPES.items() if file_type.container and not file_type.lines)


def _is_read(file_type: FileType) -> bool:
    reader_format = formats.named(file_type.format)
    return bool(file_type.container) or (reader_format is not None and reader_format.reader is not None)
