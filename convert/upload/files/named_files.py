"""The files of a folder by their titles on the wiki, and which of them pages name.

A page names a file in a link (``[[File:A.jpg|thumb]]``), in a gallery, or as the value of a parameter.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from msgspec import Struct

from convert.errors import EnvironmentFailed, UsageError
from convert.expressions import expression
from convert.profile import FILE, WikiProfile
from convert.titles import WikiTitle, page_of

_LINK = expression(r"\[\[ {0,9}([^\[\]|{}<>\n:]{1,100}):([^\[\]|{}<>\n]{1,300})(?=\||\]\])")
_VALUE = expression(r"(?<=[=\n>|])[ \t]{0,99}([^\[\]{}|=<>#\n]{1,300}\.[A-Za-z0-9]{2,5})(?=[ \t]{0,99}(?:[\n|}<]|\Z))")
_PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp", ".tif", ".tiff", ".pdf", ".ogg", ".ogv", ".webm", ".mp3")


class NamedFile(Struct, frozen=True):
    """A file that a page names: its title, its path here, and the text that says under which licence it is."""

    title: str
    path: str
    licence: str = ""


class NamedFiles:
    """The files of ``folder`` that pages name, in the order in which they do, and files that are not there."""

    def __init__(self, folder: str, profile: WikiProfile) -> None:
        self._profile = profile
        self._there = dict(_files(folder, profile))
        self.named: dict[str, NamedFile] = {}
        #: Titles of files that pages name and the folder does not have.
        self.missing: dict[str, None] = {}

    def note(self, text: str, licence: str) -> None:
        """Find the files that a page names."""
        numbers = self._profile.namespace_numbers
        for link in _LINK.finditer(text):
            if numbers.get(link[1].strip().replace("_", " ").lower()) == FILE:
                self._name(link[2], licence, is_sure=True)
        for value in _VALUE.finditer(text):
            prefix, colon, name = value[1].partition(":")
            is_file = bool(colon) and numbers.get(prefix.strip().replace("_", " ").lower()) == FILE
            if is_file or not colon:
                self._name(name if is_file else value[1], licence, is_sure=value[1].lower().endswith(_PICTURES))

    def _name(self, name: str, licence: str, is_sure: bool) -> None:
        title = _title(name, self._profile)
        path = self._there.get(title)
        if path is None:
            if title and is_sure:
                self.missing[title] = None
        elif title not in self.named or (licence and not self.named[title].licence):
            self.named[title] = NamedFile(title, path, licence)


def _title(name: str, profile: WikiProfile) -> str:
    page = page_of(f"{profile.namespaces[FILE]}:{name}", profile)
    return page.title if isinstance(page, WikiTitle) and page.namespace == FILE else ""


def _files(folder: str, profile: WikiProfile) -> Iterator[tuple[str, str]]:
    """Yield the files of a folder and of those below it, by title; hidden ones are none."""
    if not os.path.isdir(folder):
        raise UsageError(f"{folder} is no folder: name one with --files")
    for place, folders, names in os.walk(folder, onerror=_raise):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names, reverse=True):
            path = os.path.join(place, name)
            if not name.startswith(".") and os.path.isfile(path) and (title := _title(name, profile)):
                yield title, path


def _raise(error: OSError) -> None:
    raise EnvironmentFailed(f"cannot read {error.filename}: {error.strerror or error}") from error
