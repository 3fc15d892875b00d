"""A folder with one file per document, named by its title."""

from __future__ import annotations

import os
from collections.abc import Sequence

from convert.batch.job.manifest_lines import Position
from convert.batch.job.previous_run import PreviousRun
from convert.batch.job.run_index import RunIndex
from convert.batch.model import ConvertedDocument, OutputTarget, ShardOutcome
from convert.batch.sinks.sink import Completed
from convert.diagnostics import Diagnostic
from convert.io.atomic import WORK_SUFFIX, writing
from convert.io.own_files import make_empty, make_folders, remove_folder
from convert.names import name_of, numbered, spelling

#: Maximum number of files in a folder; the following files go to numbered subfolders of it.
FILES_PER_FOLDER = 10_000


class Folder:
    """Sink: one file per document, named by its title."""

    def __init__(self, path: str, shown: str, suffix: str, run_index: RunIndex) -> None:
        self.path = path
        self.target = OutputTarget(waiting=os.path.join(path, WORK_SUFFIX))
        self._shown, self._suffix, self._run_index = shown, suffix, run_index
        # HTML pages link to each other by bare file names.
        self._is_flat = suffix == ".html"
        self._named = self._added = 0
        self._made = ""

    @property
    def position(self) -> Position:
        """How many files have been added."""
        return self._added, 0

    def name(self, record: ConvertedDocument) -> str | Diagnostic:
        """Return a file name and mark it as used; a diagnostic where the title cannot be one."""
        name = name_of(record.title)
        if name is None:
            size = len(record.title.encode())
            return Diagnostic("title-invalid", record.line, 1, f"no file can have a title of {size} bytes: shorten it")
        number = 0 if self._is_flat else self._named // FILES_PER_FOLDER
        self._named += 1
        path = f"{numbered(name, self._run_index.count_spelling(spelling(name)))}{self._suffix}"
        return f"{number:04}/{path}" if number else path

    def add(self, outcome: ShardOutcome, written: Sequence[ConvertedDocument], names: Sequence[str]) -> bool:
        """Rename waiting files into place."""
        with writing(self._shown):
            for record, name in zip(written, names, strict=True):
                path = f"{self.path}/{name}"
                if (folder := name.rpartition("/")[0]) and folder != self._made:
                    make_folders(self.path, name)
                    self._made = folder
                if record.stored != path:
                    os.replace(record.stored, path)
        self._added += len(written)
        return False

    def resume(self, position: Position) -> None:
        """Remove what a killed run left waiting."""
        self._added = position[0]
        with writing(self._shown):
            os.makedirs(self.path, exist_ok=True)
            make_empty(self.target.waiting)

    def sync(self) -> None:
        """Do nothing: an fsync of each file would cost too much."""

    def complete(self) -> Completed:
        """Remove files that were never added."""
        self.close()
        return Completed([], [], {})

    def with_layout(self, previous_run: PreviousRun) -> PreviousRun:
        """Add the folder."""
        return previous_run._replace(folder=self.path)

    def close(self) -> None:
        """Remove files that were never added."""
        remove_folder(self.target.waiting)

    def discard(self) -> None:
        """Remove files that were never added."""
        self.close()
