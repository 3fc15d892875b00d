"""The user's editor, opened at a line: one with a window of its own is started, for another the command is told."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Mapping
from typing import NamedTuple

from convert.errors import EnvironmentFailed

#: How editors with a window of their own are told a line.
_WINDOWS: Mapping[str, tuple[str, ...]] = {
    "code": ("-g", "{path}:{line}"),
    "codium": ("-g", "{path}:{line}"),
    "cursor": ("-g", "{path}:{line}"),
    "subl": ("{path}:{line}",),
    "zed": ("{path}:{line}",),
    "gedit": ("+{line}", "{path}"),
    "gnome-text-editor": ("{path}",),
    "kate": ("-l", "{line}", "{path}"),
    "mousepad": ("-l", "{line}", "{path}"),
    "gvim": ("+{line}", "{path}"),
    "emacsclient": ("-n", "+{line}", "{path}"),
    "mate": ("-l", "{line}", "{path}"),
}


class Editor(NamedTuple):
    """An editor: the words of its command."""

    command: tuple[str, ...]

    @property
    def name(self) -> str:
        """Its name; empty without one."""
        return os.path.basename(self.command[0]) if self.command else ""

    @property
    def has_window(self) -> bool:
        """Whether it opens beside the browser; one in a terminal would take that of the preview."""
        return self.name in _WINDOWS

    def at(self, path: str, line: int) -> list[str]:
        """Return the command that opens a file at a line."""
        arguments = _WINDOWS.get(self.name, ("+{line}", "{path}"))
        return [*self.command, *(each.format(path=path, line=line) for each in arguments)]

    def open(self, path: str, line: int) -> None:
        """Start it.  Raises EnvironmentFailed if it cannot be started."""
        command = self.at(path, line)
        try:
            subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                start_new_session=True,
            )  # fmt: skip
        except OSError as error:
            raise EnvironmentFailed(f"cannot start {self.name}: {error.strerror}") from error


def users_editor(environment: Mapping[str, str]) -> Editor:
    """Return the editor of ``VISUAL`` or ``EDITOR``."""
    for name in ("VISUAL", "EDITOR"):
        try:
            words = shlex.split(environment.get(name, ""))
        except ValueError:  # an open quote
            continue
        if words and shutil.which(words[0]):
            return Editor(tuple(words))
    return Editor(())
