"""The plan of an upload written to a file, as ``plainwiki upload --plan`` writes it, with the options of the preview.

Nothing is published: ``plainwiki upload --apply`` does what the file says, after looking at the wiki again.
"""

from __future__ import annotations

import os
import shlex
import threading
from collections.abc import Sequence
from typing import NamedTuple

from msgspec import Struct

from convert.batch.observer import Observer
from convert.batch.progress import Silent
from convert.diagnostics import Severity
from convert.errors import UsageError
from convert.inputs.sources import STDIN
from convert.preview.library import Library
from convert.preview.wiki.live_wiki import LiveWiki
from convert.upload.client.api import Waiting
from convert.upload.desired.desired_pages import DesiredPages, Inputs
from convert.upload.model import Event
from convert.upload.plan_lines import read_head
from convert.upload.publish import Publication, PublishOptions


class PlanRequest(Struct, forbid_unknown_fields=True):
    """A plan to write."""


class PlanWritten(Struct):
    """A plan in a file: how many steps of each kind, what is to be known of it, and the command that does it."""

    path: str
    counts: dict[str, int]
    messages: list[str]
    command: str


class Commands(NamedTuple):
    """The words of two commands: one that writes the same plan, and one that does what it says."""

    plan: Sequence[str]
    apply: Sequence[str]


class PlanFile:
    """Writes the plan for the inputs; ``options`` are those of the upload."""

    def __init__(
        self,
        live: LiveWiki,
        library: Library,
        options: PublishOptions,
        commands: Commands,
    ) -> None:
        self.live, self.library, self.options = live, library, options
        self.path = str(options.save_to)
        self.plan_command, self.apply_command = map(shlex.join, commands)
        self._writing = threading.Lock()

    def write(self, asked: PlanRequest) -> PlanWritten:
        """Write the file.  Raises UsageError where it cannot be, and EnvironmentFailed where the wiki fails."""
        if not self._writing.acquire(blocking=False):
            raise UsageError("the plan is being written already: wait for it")
        try:
            return self._write()
        finally:
            self._writing.release()

    def _write(self) -> PlanWritten:
        if STDIN in self.library.inputs:
            raise UsageError("standard input can be read once: save the articles in files, then they can be uploaded")
        self._check_ours()
        said = _Messages()
        with self.live.session() as (client, state):
            inputs = Inputs(self.library.inputs, self.library.selection, self.library.reader.task)
            # What is wrong with articles, the list shows.
            observer = Observer(lambda source, remark: None, Severity.ERROR, Silent())
            desired = DesiredPages(inputs, client.site.profile, observer)
            with Publication(client, state, desired, self.options, said) as publication:
                counts = publication.write_plan(self.path)
        return PlanWritten(self.path, dict(counts), said.messages, self.apply_command)

    def _check_ours(self) -> None:
        """Raise UsageError where another file would be replaced."""
        if os.path.islink(self.path):
            raise UsageError(f"{self.path} is a link, which may lead anywhere: take it away")
        if os.path.lexists(self.path):
            with open(self.path, "rb") as file:
                read_head(file.readline(1 << 16), self.path)


class _Messages:
    """Collects what is said of a plan."""

    def __init__(self) -> None:
        self.total = 0
        self.messages: list[str] = []

    def event(self, event: Event) -> None:
        """Do nothing: the plan has all steps."""

    def waiting(self, waiting: Waiting) -> None:
        """Do nothing: the page says that the plan is being made."""

    def say(self, message: str) -> None:
        """Keep a message."""
        self.messages.append(message)

    def close(self) -> None:
        """Do nothing."""
