"""The file of rejects: which documents were not written and why, one JSON object per line.  Absent without rejects."""

from __future__ import annotations

import os
from typing import BinaryIO

import msgspec

from convert.batch.job.manifest_lines import RejectedRow
from convert.batch.sinks.output_names import REJECTS
from convert.io.atomic import waiting, writing
from convert.io.own_files import open_own


class Rejects:
    """The file of rejects of one run, under a temporary name: that of the previous run may stand beside it."""

    def __init__(self, dest: str) -> None:
        self._folder, name = os.path.split(dest)
        self._final = name + REJECTS
        self._temporary = waiting(self._final)
        self._file: BinaryIO | None = None

    def add(self, row: RejectedRow) -> None:
        """Append a rejected document."""
        fields = {"source": row.source, "line": row.at, "title": row.title, "code": row.code, "reason": row.reason}
        with writing(self._final):
            if not self._file:
                descriptor = open_own(os.path.join(self._folder, self._temporary), empty=True)
                self._file = open(descriptor, "wb")  # noqa: SIM115
            self._file.write(msgspec.json.encode(fields) + b"\n")

    def complete(self) -> tuple[list[tuple[str, str]], list[str]]:
        """Finish the file; return renames to do and names to remove."""
        if not self._file:
            return [], [self._final]
        with writing(self._final):
            self._file.close()
        return [(self._temporary, self._final)], []

    def discard(self) -> None:
        """Remove the file: the next run writes it anew from the manifest."""
        if self._file:
            self._file.close()
            self._file = None
            path = os.path.join(self._folder, self._temporary)
            if os.path.exists(path):
                os.unlink(path)
