"""The names of all files that a run writes, and the check that a name is one of them.

A manifest names files to be renamed and removed.  It may come from an attacker, so a name is accepted only if a run to
the same destination could have given it.  With ``out`` for a folder, or ``out.jsonl`` for files:

    out/Title.wiki  out/0001/Title.wiki  out/A long%/title.wiki     one document each
    out.jsonl  out-00001.jsonl                                      many documents
    out.manifest  out.rejects.jsonl                                 beside either
    .NAME.plainwiki                                                 any of the last two kinds, until complete
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from msgspec import Struct

from convert.expressions import expression
from convert.formats import FORMATS
from convert.io.atomic import WORK_SUFFIX, waiting
from convert.io.compression import packing_of
from convert.names import is_name

MANIFEST = ".manifest"
REJECTS = ".rejects.jsonl"

#: The index page of a folder.
INDEX = "index.html"

_NUMBER = expression(r"(?!0+\Z)[0-9]{5,9}")


def waiting_table(name: str) -> str:
    """Return the temporary name of a Parquet table; the usual temporary name is that of its lines."""
    return waiting(f"{name}.table")


def waiting_index(name: str) -> str:
    """Return the local temporary name of the index page of a remote folder."""
    return waiting(f"{name}.index")


def part(name: str, number: int) -> str:
    """Return the name of part ``number``, counted from 0, of a split output."""
    stem = os.path.splitext(packing_of(name)[1])[0]
    return f"{stem}-{number + 1:05}{name[len(stem) :]}"


class Names(Struct, frozen=True):
    """All names that a run to the destination ``name`` can give to files.

    Names are relative to the parent folder of the destination, those of documents to the destination folder.
    """

    name: str
    is_folder: bool
    suffixes: tuple[str, ...]

    @classmethod
    def of(cls, path: str, is_folder: bool, suffix: str) -> Names:
        """Return those of a destination; earlier runs may have written other formats to the same folder."""
        return cls(
            os.path.basename(path),
            is_folder,
            tuple({suffix: None, **{entry.suffix: None for entry in FORMATS if entry.writer}}),
        )

    def is_text(self, name: str) -> bool:
        """Whether it can be the name of a document's file; where the destination is no folder, only '' is."""
        if not self.is_folder or name == INDEX:
            return not self.is_folder and not name
        for suffix in self.suffixes:
            stem = name.removesuffix(suffix)
            if stem != name and is_name(stem):
                return True
        return False

    def is_stale(self, name: str) -> bool:
        """Whether it can be a document's file, relative to the parent folder."""
        top, _, below = name.partition("/")
        return self.is_folder and top == self.name and self.is_text(below)

    def is_output(self, name: str) -> bool:
        """Whether it can be a file of many documents."""
        return not self.is_folder and (name == self.name or self._is_part(name))

    def are_outputs(self, names: Sequence[str]) -> bool:
        """Return whether names can be the complete outputs of one run, in order."""
        if self.is_folder:
            return not names
        return list(names) in ([self.name], [part(self.name, number) for number in range(len(names))])

    def is_move(self, old: str, new: str) -> bool:
        """Whether publishing can rename a file so."""
        if self.is_folder and new == f"{self.name}/{INDEX}":
            return old == waiting_index(self.name)
        if new == self.name and old == waiting_table(new):
            return not self.is_folder
        return old == waiting(new) and (new == self.name + REJECTS or self.is_output(new))

    def is_removal(self, name: str) -> bool:
        """Whether publishing can remove a file of this name."""
        final = name.removeprefix(".").removesuffix(WORK_SUFFIX)
        if self.is_output(final) or final == self.name + REJECTS:
            return name in (final, waiting(final))
        return name in (waiting(self.name), waiting_table(self.name), waiting_index(self.name))

    def _is_part(self, name: str) -> bool:
        start, _, end = part(self.name, 0).rpartition("00001")
        digits = _NUMBER.fullmatch(name.removeprefix(start).removesuffix(end))
        return digits is not None and name == part(self.name, int(digits[0]) - 1)
