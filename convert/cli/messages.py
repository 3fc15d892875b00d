"""Diagnostics as lines: for people, for programs, or for GitHub's annotations."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Literal

from convert.diagnostics import Diagnostic, Severity
from convert.io import console
from convert.io.console import Styled

Form = Literal["text", "json", "github"]
Write = Callable[[str, Diagnostic], Sequence[str | Styled]]

_COLORS = {Severity.INFO: "blue", Severity.WARNING: "yellow", Severity.ERROR: "red"}
_GITHUB_NAMES = {Severity.INFO: "notice", Severity.WARNING: "warning", Severity.ERROR: "error"}


class Messages:
    """Prints diagnostics, to standard error unless they are the output of the command.

    ``color`` is ``None`` for automatic detection of a terminal.
    """

    def __init__(self, form: Form, color: bool | None, to_stdout: bool = False) -> None:
        forms: dict[Form, Write] = {"text": text, "json": as_json, "github": github}
        self._line = forms[form]
        self.color = False if color is None and os.environ.get("NO_COLOR") else color
        self._to_stderr = not to_stdout

    def __call__(self, source: str, diagnostic: Diagnostic) -> None:
        """Print a diagnostic."""
        console.line(*self._line(source, diagnostic), err=self._to_stderr, color=self.color)


def text(source: str, diagnostic: Diagnostic) -> tuple[str | Styled, ...]:
    """Write ``file:line:column: severity: message [code]``, without unknown numbers."""
    place = "".join(f"{number}:" for number in (diagnostic.line, diagnostic.column) if number)
    severity = diagnostic.severity
    name = Styled(severity.name.lower(), _COLORS[severity], bold=True)
    return f"{source}:{place} ", name, f": {diagnostic.message} [{diagnostic.code}]"


def as_json(source: str, diagnostic: Diagnostic) -> tuple[str]:
    """Write a JSON object."""
    row = {
        "file": source,
        "line": diagnostic.line,
        "column": diagnostic.column,
        "severity": diagnostic.severity.name.lower(),
        "code": diagnostic.code,
        "message": diagnostic.message,
    }
    return (console.as_json(row),)


def github(source: str, diagnostic: Diagnostic) -> tuple[str]:
    """Write a workflow command.

    Source: https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions
    """
    place = f"file={_escaped(source).replace(':', '%3A').replace(',', '%2C')}"
    if diagnostic.line:
        place += f",line={diagnostic.line}"
    if diagnostic.column:
        place += f",col={diagnostic.column}"
    return (f"::{_GITHUB_NAMES[diagnostic.severity]} {place}::{_escaped(diagnostic.message)} [{diagnostic.code}]",)


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
