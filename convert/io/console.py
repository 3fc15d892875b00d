"""The only place where something is written for people: messages, plans, lists, progress, questions.

Titles, names of files, catalogues, configurations and answers of servers are text of strangers.  Whatever is written
here shows controls and marks of direction by their numbers, and has no registered secret (``convert.printable``).
Converted documents do not come through here: their bytes are the output.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from io import TextIOWrapper
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from convert.printable import json_escaped, redacted, redacted_values, visible

if TYPE_CHECKING:
    from rich.progress import Progress, ProgressColumn


class Styled(NamedTuple):
    """A piece of a line that has a colour on a terminal."""

    text: str
    color: str | None = None
    bold: bool = False


def safe(text: str) -> str:
    """Return a text as it may be written: one line, without secrets."""
    return visible(redacted(text))


def line(*pieces: str | Styled, err: bool = False, color: bool | None = None) -> None:
    """Write a line of pieces; ``color`` is ``None`` where a terminal is to decide."""
    parts = (
        click.style(safe(each.text), fg=each.color, bold=each.bold or None) if isinstance(each, Styled) else safe(each)
        for each in pieces
    )
    click.echo("".join(parts), err=err, color=color)


def say(message: str) -> None:
    """Write a message of the program to standard error."""
    line("plainwiki: ", message, err=True)


def say_interrupted(message: str) -> None:
    """Write a message after Ctrl-C, which a terminal echoes; the line is ended by whoever says the last word."""
    click.echo(f"\nplainwiki: {safe(message)}", err=True, nl=False)


def as_json(told: Mapping[str, Any]) -> str:
    """Return a JSON object as it may be written."""
    return json_escaped(json.dumps(redacted_values(told), ensure_ascii=False))


def json_line(told: Mapping[str, Any] | bytes, err: bool = False) -> None:
    """Write a JSON object on a line; one in bytes is JSON already, and knows nothing that is secret."""
    click.echo(json_escaped(told.decode()) if isinstance(told, bytes) else as_json(told), err=err)


def own_text(text: str) -> None:
    """Write a text of this package to standard output, with its line breaks."""
    click.echo(text, nl=False)


def confirmed(question: str) -> bool:
    """Ask a person, on standard error."""
    return click.confirm(safe(question), err=True)


def secret(question: str) -> str:
    """Ask a person for what is not shown."""
    answer: str = click.prompt(safe(question), hide_input=True, err=True)
    return answer


def is_asked() -> bool:
    """Whether there is a person to ask: standard input is a terminal."""
    return sys.stdin is not None and sys.stdin.isatty()


def is_watched() -> bool:
    """Whether standard error is a terminal."""
    return sys.stderr is not None and sys.stderr.isatty()


def has_output() -> bool:
    """Whether standard output is open."""
    return sys.stdout is not None


def prepare() -> None:
    """Make standard output take every character, whatever its encoding."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def flush() -> None:
    """Write what is held; raises BrokenPipeError where nobody reads it."""
    if has_output():
        sys.stdout.flush()


def bar(*columns: str | ProgressColumn, color: bool) -> Progress:
    """Make a bar for a terminal; it is not shown yet."""
    # Loaded for a terminal only: it takes longer than many a run.
    from rich.console import Console
    from rich.progress import Progress

    return Progress(*columns, console=Console(stderr=True, no_color=not color), transient=True)


def say_above(progress: Progress, message: str) -> None:
    """Write a message above a bar."""
    progress.console.print(f"plainwiki: {safe(message)}", markup=False, highlight=False, emoji=False, soft_wrap=True)
