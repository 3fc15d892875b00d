"""The only module that writes to the terminal: messages, plans, lists, progress, questions.

Titles, file names, catalogues, configurations and server responses are untrusted.  Everything written here has control
and bidi characters escaped, and registered secrets redacted (``convert.printable``).  Converted documents do not pass
through here: their bytes are the output.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from io import TextIOWrapper
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import click

from convert.printable import json_escaped, redacted, redacted_values, visible

if TYPE_CHECKING:
    from rich.progress import Progress, ProgressColumn


class Styled(NamedTuple):
    """A piece of a line with a colour."""

    text: str
    color: str | None = None
    bold: bool = False


def safe(text: str) -> str:
    """Return a text escaped to one line, with secrets redacted."""
    return visible(redacted(text))


def line(*pieces: str | Styled, err: bool = False, color: bool | None = None) -> None:
    """Write a line of pieces; with ``color`` ``None``, coloured on a terminal only."""
    parts = (
        click.style(safe(piece.text), fg=piece.color, bold=piece.bold or None)
        if isinstance(piece, Styled)
        else safe(piece)
        for piece in pieces
    )
    click.echo("".join(parts), err=err, color=color)


def say(message: str) -> None:
    """Write a message of the program to standard error."""
    line("plainwiki: ", message, err=True)


def say_interrupted(message: str) -> None:
    """Write a message after Ctrl-C, which the terminal echoes, without a line break: the caller's exit adds it."""
    click.echo(f"\nplainwiki: {safe(message)}", err=True, nl=False)


def as_json(fields: Mapping[str, Any]) -> str:
    """Return a JSON object, escaped, with secrets redacted."""
    return json_escaped(json.dumps(redacted_values(fields), ensure_ascii=False))


def json_line(fields: Mapping[str, Any] | bytes, err: bool = False) -> None:
    """Write a JSON object on a line; bytes are JSON already and contain no secrets."""
    click.echo(json_escaped(fields.decode()) if isinstance(fields, bytes) else as_json(fields), err=err)


def own_text(text: str, err: bool = False) -> None:
    """Write a trusted text of this package to standard output or to standard error, with its line breaks."""
    click.echo(text, nl=False, err=err)


def confirmed(question: str) -> bool:
    """Ask for confirmation, on standard error."""
    return click.confirm(safe(question), err=True)


def asked_side(question: str) -> Literal["ours", "theirs"] | None:
    """Ask whose value is taken, on standard error; ``None`` for neither."""
    choice = click.Choice(["ours", "theirs", "neither"])
    answer = click.prompt(safe(question), type=choice, default="neither", err=True)
    sides: dict[str, Literal["ours", "theirs"]] = {"ours": "ours", "theirs": "theirs"}
    return sides.get(answer)


def secret(question: str) -> str:
    """Ask for a secret, without echo."""
    answer: str = click.prompt(safe(question), hide_input=True, err=True)
    return answer


def is_asked() -> bool:
    """Whether standard input is a terminal, so that there is somebody to ask."""
    return sys.stdin is not None and sys.stdin.isatty()


def is_watched() -> bool:
    """Whether standard error is a terminal."""
    return sys.stderr is not None and sys.stderr.isatty()


def has_output() -> bool:
    """Whether standard output is open."""
    return sys.stdout is not None


def prepare() -> None:
    """Make standard output accept every character, whatever its encoding."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def flush() -> None:
    """Flush standard output.  Raises BrokenPipeError where nobody reads it."""
    if has_output():
        sys.stdout.flush()


def bar(*columns: str | ProgressColumn, color: bool) -> Progress:
    """Return a progress bar for a terminal, not started yet."""
    # Imported for a terminal only: that takes longer than many runs.
    from rich.console import Console
    from rich.progress import Progress

    return Progress(*columns, console=Console(stderr=True, no_color=not color), transient=True)


def say_above(progress: Progress, message: str) -> None:
    """Write a message above a bar."""
    progress.console.print(f"plainwiki: {safe(message)}", markup=False, highlight=False, emoji=False, soft_wrap=True)
