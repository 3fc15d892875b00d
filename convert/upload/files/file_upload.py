"""Named files against the wiki: which are there, which are sent, and what becomes of each."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from hashlib import file_digest

from convert.diagnostics import visible
from convert.errors import EnvironmentFailed
from convert.upload.client.media.media import MediaFile
from convert.upload.client.pages import Refused
from convert.upload.client.wiki import Client
from convert.upload.files.file_steps import FileStep, LackFile, SendFile
from convert.upload.files.named_files import NamedFiles
from convert.upload.model import Event, Tell

#: Codes after which no file is taken.
_NONE_TAKEN = frozenset({"uploaddisabled", "permissiondenied", "badaccess-groups", "uploadnologin"})
_SHOWN = 25


class FileUpload:
    """The files that pages name, sent to a wiki before its pages."""

    def __init__(self, wiki: Client, tell: Tell) -> None:
        self._wiki, self._tell = wiki, tell
        self._sending: list[SendFile] = []
        self._lacking: list[LackFile] = []
        self.counts: Counter[str] = Counter()

    @property
    def writes(self) -> int:
        """How many files are to be sent."""
        return len(self._sending)

    @property
    def unwritten(self) -> int:
        """How many files that pages name are not on the wiki afterwards."""
        return len(self._lacking) + self.counts["refused"]

    @property
    def steps(self) -> Iterable[FileStep]:
        """What is planned, as lines of a plan."""
        return [*self._sending, *self._lacking]

    def plan(self, files: NamedFiles) -> None:
        """Find out which files the wiki lacks.  It is only read."""
        there = self._wiki.media.sha1s([*files.named, *files.missing])
        for file in files.named.values():
            sha1, size = _digest(file.path)
            self._add(SendFile(file.title, os.path.abspath(file.path), size, sha1, file.licence), there)
        for title in files.missing:
            if title not in there:
                self._lacking.append(LackFile(title, "pages name it, and neither the folder nor the wiki has it"))

    def load(self, steps: Iterable[FileStep]) -> None:
        """Take what was planned before; find out what the wiki lacks now, and whether the files are still the same."""
        planned = list(steps)
        there = self._wiki.media.sha1s([step.title for step in planned if isinstance(step, SendFile)])
        for step in planned:
            if isinstance(step, LackFile):
                self._lacking.append(step)
            elif there.get(step.title) == step.sha1 or _is_same(step):
                self._add(step, there)
            else:
                why = f"{step.path} is not as it was when it was planned: make the plan again"
                self._lacking.append(LackFile(step.title, why))

    def _add(self, step: SendFile, there: Mapping[str, str]) -> None:
        if there.get(step.title) == step.sha1:
            return
        if step.title in there:
            why = "the wiki has another file of this name: rename one of them"
        elif not step.size:
            why = f"{step.path} is empty"
        elif "upload" not in self._wiki.site.rights:
            why = f"{self._wiki.site.user} may not upload files there"
        else:
            self._sending.append(step)
            return
        self._lacking.append(LackFile(step.title, why))

    def lines(self, limit: int | None = _SHOWN) -> Iterator[str]:
        """Describe the plan, a line for each file."""
        lines = [
            *(
                f"file      {visible(step.title)} ({_relative(step.path)}): {step.size:+,} bytes"
                for step in self._sending
            ),
            *(f"no file   {visible(it.title)}: {visible(it.why)}" for it in self._lacking),
        ]
        yield from lines[:limit]
        if limit is not None and len(lines) > limit:
            yield f"file      … and {len(lines) - limit:,} more (--verbose shows all)"

    def apply(self, run: str, summary: str) -> None:
        """Send the files; where the wiki takes none at all, that is told once."""
        ended: Refused | None = None
        for step in self._sending:
            refusal = ended or self._sent(step, summary)
            if refusal is None:
                self.counts["sent"] += 1
                self._tell(Event("created", step.title, run))
                continue
            self.counts["refused"] += 1
            if ended is None:
                self._tell(Event("refused", step.title, run, code=refusal.code, why=refusal.reason))
            if refusal.code in _NONE_TAKEN:
                ended = refusal

    def _sent(self, step: SendFile, summary: str) -> Refused | None:
        licence = step.licence.strip()
        text = f"== {{{{int:license-header}}}} ==\n{licence}" if licence else ""
        try:
            with open(step.path, "rb") as content:
                if os.fstat(content.fileno()).st_size != step.size:
                    return Refused("changed", f"{step.path} was changed since it was planned: run this again")
                return self._wiki.media.send(MediaFile(step.title, content, step.size, step.sha1, text), summary)
        except OSError as error:
            raise _unreadable(step.path, error) from error


def _is_same(step: SendFile) -> bool:
    """Return whether a file is as it was when it was planned; a device, or one that is not there, is not."""
    try:
        return (
            os.path.isfile(step.path) and os.path.getsize(step.path) == step.size and _digest(step.path)[0] == step.sha1
        )
    except OSError:
        return False


def _relative(path: str) -> str:
    """Return a path as people name it from here."""
    relative = os.path.relpath(path)
    return path if relative.startswith(os.pardir) else relative


def _digest(path: str) -> tuple[str, int]:
    try:
        with open(path, "rb") as file:
            return file_digest(file, "sha1").hexdigest(), os.fstat(file.fileno()).st_size
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: str, error: OSError) -> EnvironmentFailed:
    return EnvironmentFailed(f"cannot read {path}: {error.strerror or error}")
