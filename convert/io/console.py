"""The only module that writes to the terminal: messages, plans, lists, progress, questions.

Titles, file names, catalogues, configurations and server responses are untrusted.  Everything written here has control
and bidi characters escaped, and registered secrets redacted (``convert.printable``).  Converted documents do not pass
through here: their bytes are the output.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from io import TextIOWrapper
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import click

from convert.printable import json_escaped, redacted, redacted_values, visible

if TYPE_CHECKING:
    from rich.progress import Progress, ProgressColumn


#: The bars that are shown, the last one on top.
_shown: list[Progress] = []


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
    if err and _shown:
        _line_above(_shown[-1], pieces, color)
        return
    parts = (
        click.style(safe(piece.text), fg=piece.color, bold=piece.bold or None)
        if isinstance(piece, Styled)
        else safe(piece)
        for piece in pieces
    )
    click.echo("".join(parts), err=err, color=color)


def _line_above(progress: Progress, pieces: tuple[str | Styled, ...], color: bool | None) -> None:
    """Write a line by way of the bar that is shown, which would overwrite it otherwise."""
    from rich.text import Text

    text = Text()
    for piece in pieces:
        if isinstance(piece, Styled) and color is not False:
            text.append(safe(piece.text), f"{'bold ' if piece.bold else ''}{piece.color or 'default'}")
        else:
            text.append(safe(piece.text if isinstance(piece, Styled) else piece))
    progress.console.print(text, markup=False, highlight=False, emoji=False, soft_wrap=True)


def say(message: str) -> None:
    """Write a message of the program to standard error."""
    line("plainwiki: ", message, err=True)


def say_interrupted(message: str) -> None:
    """Write a message after Ctrl-C, which the terminal echoes, without a line break: the caller's exit adds it."""
    for progress in tuple(_shown):
        hide(progress)
    click.echo(f"\nplainwiki: {safe(message)}", err=True, nl=False)


def as_json(fields: Mapping[str, Any]) -> str:
    """Return a JSON object, escaped, with secrets redacted."""
    import json  # most runs print none

    return json_escaped(json.dumps(redacted_values(fields), ensure_ascii=False))


def json_line(fields: Mapping[str, Any] | bytes, err: bool = False) -> None:
    """Write a JSON object on a line; bytes are JSON already and contain no secrets."""
    text = json_escaped(fields.decode()) if isinstance(fields, bytes) else as_json(fields)
    if err and _shown:
        _line_above(_shown[-1], (text,), False)
    else:
        click.echo(text, err=err)


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


def show(progress: Progress) -> None:
    """Show a bar; lines to standard error stand above it until it is hidden."""
    progress.start()
    _shown.append(progress)


def hide(progress: Progress) -> None:
    """Hide a bar."""
    if progress in _shown:
        _shown.remove(progress)
    progress.stop()


def bar(*columns: str | ProgressColumn, color: bool) -> Progress:
    """Return a progress bar for a terminal, not started yet."""
    # Imported for a terminal only: that takes longer than many runs.
    from rich.console import Console
    from rich.progress import Progress

    return Progress(*columns, console=Console(stderr=True, no_color=not color), transient=True)


def say_above(progress: Progress, message: str) -> None:
    """Write a message above a bar."""
    progress.console.print(f"plainwiki: {safe(message)}", markup=False, highlight=False, emoji=False, soft_wrap=True)
