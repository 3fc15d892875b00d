"""Named files against the wiki: which are there, which are sent, and what becomes of each."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from hashlib import file_digest

from msgspec import Struct

from convert.diagnostics import visible
from convert.errors import EnvironmentFailed
from convert.upload.client.media.media import MediaFile
from convert.upload.client.pages import Refused
from convert.upload.client.wiki import Client
from convert.upload.files.named_files import NamedFile, NamedFiles
from convert.upload.model import Event, Tell

#: Codes after which no file is taken.
_NONE_TAKEN = frozenset({"uploaddisabled", "permissiondenied", "badaccess-groups", "uploadnologin"})
_SHOWN = 25


class _Sending(Struct, frozen=True):
    file: NamedFile
    size: int
    sha1: str


class FileUpload:
    """The files that pages name, sent to a wiki before its pages."""

    def __init__(self, wiki: Client, files: NamedFiles, tell: Tell) -> None:
        self._wiki, self._files, self._tell = wiki, files, tell
        self._sending: list[_Sending] = []
        self._refused: list[tuple[str, str]] = []
        self.counts: Counter[str] = Counter()

    @property
    def writes(self) -> int:
        """How many files are to be sent."""
        return len(self._sending)

    @property
    def unwritten(self) -> int:
        """How many files that pages name are not on the wiki afterwards."""
        return len(self._refused) + self.counts["refused"]

    def plan(self) -> None:
        """Find out which files the wiki lacks.  It is only read."""
        named = list(self._files.named.values())
        there = self._wiki.media.sha1s([*self._files.named, *self._files.missing])
        may_upload = "upload" in self._wiki.site.rights
        for file in named:
            sha1, size = _digest(file.path)
            if there.get(file.title) == sha1:
                continue
            if file.title in there:
                self._refused.append((file.title, "the wiki has another file of this name: rename one of them"))
            elif not size:
                self._refused.append((file.title, f"{file.path} is empty"))
            elif not may_upload:
                self._refused.append((file.title, f"{self._wiki.site.user} may not upload files there"))
            else:
                self._sending.append(_Sending(file, size, sha1))
        for title in self._files.missing:
            if title not in there:
                self._refused.append((title, "pages name it, and neither the folder nor the wiki has it"))

    def lines(self, limit: int | None = _SHOWN) -> Iterator[str]:
        """Describe the plan, a line for each file."""
        lines = [
            *(f"file      {visible(one.file.title)} ({one.file.path}): {one.size:+,} bytes" for one in self._sending),
            *(f"no file   {visible(title)}: {why}" for title, why in self._refused),
        ]
        yield from lines[:limit]
        if limit is not None and len(lines) > limit:
            yield f"file      … and {len(lines) - limit:,} more (--verbose shows all)"

    def apply(self, run: str, summary: str) -> None:
        """Send the files; where the wiki takes none at all, that is told once."""
        ended: Refused | None = None
        for one in self._sending:
            refusal = ended or self._sent(one, summary)
            if refusal is None:
                self.counts["sent"] += 1
                self._tell(Event("created", one.file.title, run))
                continue
            self.counts["refused"] += 1
            if ended is None:
                self._tell(Event("refused", one.file.title, run, code=refusal.code, why=refusal.reason))
            if refusal.code in _NONE_TAKEN:
                ended = refusal

    def _sent(self, one: _Sending, summary: str) -> Refused | None:
        licence = one.file.licence.strip()
        text = f"== {{{{int:license-header}}}} ==\n{licence}" if licence else ""
        try:
            with open(one.file.path, "rb") as content:
                if os.fstat(content.fileno()).st_size != one.size:
                    return Refused("changed", f"{one.file.path} was changed since it was planned: run this again")
                return self._wiki.media.send(MediaFile(one.file.title, content, one.size, one.sha1, text), summary)
        except OSError as error:
            raise _unreadable(one.file.path, error) from error


def _digest(path: str) -> tuple[str, int]:
    try:
        with open(path, "rb") as file:
            return file_digest(file, "sha1").hexdigest(), os.fstat(file.fileno()).st_size
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: str, error: OSError) -> EnvironmentFailed:
    return EnvironmentFailed(f"cannot read {path}: {error.strerror or error}")
