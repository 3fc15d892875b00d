"""The names of all files that a run writes, and how they are told from any others.

A manifest names files that are to be moved and removed.  It may come from strangers, so that a name counts only if a
run to the same destination can have given it.  With ``out`` for a folder, or ``out.jsonl`` for files:

    out/Title.wiki  out/0001/Title.wiki  out/A long%/title.wiki     a document each
    out.jsonl  out-00001.jsonl                                      the texts of many
    out.manifest  out.rejects.jsonl                                 beside either
    .NAME.plainwiki                                                 any of the latter until it is complete
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence

from msgspec import Struct

from convert.formats import FORMATS
from convert.io.atomic import WORK_SUFFIX, waiting
from convert.io.compression import packing_of
from convert.names import is_name

MANIFEST = ".manifest"
REJECTS = ".rejects.jsonl"

#: The page that lists all pages of a folder, beside them.
INDEX = "index.html"

_NUMBER = re.compile(r"(?!0+\Z)[0-9]{5,9}")


def waiting_table(name: str) -> str:
    """Name a table until it is complete; what waits under the usual name are its lines."""
    return waiting(f"{name}.table")


def waiting_index(name: str) -> str:
    """Name the list of a folder that is elsewhere until it is put there."""
    return waiting(f"{name}.index")


def part(name: str, number: int) -> str:
    """Name one of the files, counted from 0, that together are what ``name`` would be."""
    stem = os.path.splitext(packing_of(name)[1])[0]
    return f"{stem}-{number + 1:05}{name[len(stem) :]}"


class Names(Struct, frozen=True):
    """What a run that writes to ``name`` can have called its files; it is a folder, whose texts end with a suffix.

    Names are relative to the folder that ``name`` is in, but those of texts to the folder ``name``.
    """

    name: str
    is_folder: bool
    suffixes: tuple[str, ...]

    @classmethod
    def of(cls, path: str, is_folder: bool, suffix: str) -> Names:
        """Tell those of a destination; earlier runs may have written other formats to the same folder."""
        return cls(os.path.basename(path), is_folder, tuple({suffix: None, **{each.suffix: None for each in FORMATS}}))

    def is_text(self, name: str) -> bool:
        """Tell whether a document's file can have this name; without a folder they have none."""
        if not self.is_folder or name == INDEX:
            return not self.is_folder and not name
        for each in self.suffixes:
            stem = name.removesuffix(each)
            if stem != name and is_name(stem):
                return True
        return False

    def is_stale(self, name: str) -> bool:
        """Tell whether a name can be that of a document's file, seen from beside the folder."""
        top, _, below = name.partition("/")
        return self.is_folder and top == self.name and self.is_text(below)

    def is_output(self, name: str) -> bool:
        """Tell whether a file of texts can have this name."""
        return not self.is_folder and (name == self.name or self._is_part(name))

    def are_outputs(self, names: Sequence[str]) -> bool:
        """Tell whether these can be all files of texts that one run has written, in order."""
        if self.is_folder:
            return not names
        return list(names) in ([self.name], [part(self.name, number) for number in range(len(names))])

    def is_move(self, old: str, new: str) -> bool:
        """Tell whether a file can be renamed so in the end."""
        if self.is_folder and new == f"{self.name}/{INDEX}":
            return old == waiting_index(self.name)
        if new == self.name and old == waiting_table(new):
            return not self.is_folder
        return old == waiting(new) and (new == self.name + REJECTS or self.is_output(new))

    def is_removal(self, name: str) -> bool:
        """Tell whether a file can be removed in the end."""
        final = name.removeprefix(".").removesuffix(WORK_SUFFIX)
        if self.is_output(final) or final == self.name + REJECTS:
            return name in (final, waiting(final))
        return name in (waiting(self.name), waiting_table(self.name), waiting_index(self.name))

    def _is_part(self, name: str) -> bool:
        start, _, end = part(self.name, 0).rpartition("00001")
        found = _NUMBER.fullmatch(name.removeprefix(start).removesuffix(end))
        return found is not None and name == part(self.name, int(found[0]) - 1)
