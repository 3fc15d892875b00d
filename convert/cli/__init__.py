"""The command ``plainwiki``.

Commands are modules of this package, loaded when they are called: naming them, and ``--version``, costs nothing.

    convert         documents to one text
    batch           many to many
    check           diagnostics alone
    templates       the group: list, show, match, learn, sync, pages
    links           the group: learn
    upload          publishing on a wiki
    preview         the preview, or its export
    doctor          what a run needs of a wiki, tried
    profile         the rules of a wiki, saved
    formats         the table of formats
    schema          the published schemas
    completion      completion in shells
    help            topics, and the help of commands
    options         what conversions have in common
    wiki_rules      the options --wiki and --profile
    configuration   defaults, rules and wikis of plainwiki.toml, and how far it is believed
    messages        diagnostics as lines

Exit status: 0 done; 1 done, but documents were rejected or a diagnostic reached ``--strict``; 2 wrong usage; 3 the
environment failed; 130 interrupted, 143 terminated, 141 when the reader of standard output has closed the pipe.
"""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Sequence
from errno import ENOMEM
from functools import cache
from importlib import import_module
from types import FrameType

import click

from convert import __version__
from convert.cli.options.layout import ExplainedGroup
from convert.errors import PlainwikiError
from convert.io import console

#: Every command, with what ``plainwiki --help`` says of it.
COMMANDS = {
    "convert": "Convert documents to standard output or to one file.",
    "batch": "Convert many documents to a folder, JSON Lines or one dump.",
    "check": "Show the diagnostics of documents and write nothing.",
    "templates": "Show, guess and learn infobox templates; make their pages.",
    "links": "Learn what people link, and tell what would be linked.",
    "upload": "Publish documents on a wiki: plan, apply, resume, verify, undo.",
    "preview": "Show documents in the browser before anything is published.",
    "doctor": "Try what an upload needs of a wiki, and say what is wrong.",
    "profile": "Save the rules of a wiki, to write pages for it.",
    "formats": "List what can be read and written.",
    "schema": "Print a published schema.",
    "completion": "Print what makes a shell complete commands and options.",
    "help": "Explain the plain format, the exit statuses, or a command.",
}

_NO_MEMORY = "not enough memory: give it more, or fewer and smaller documents at once"


class _ClosedPipeError(Exception):
    """The reader of standard output has closed the pipe."""


class _Commands(ExplainedGroup):
    """Commands that are loaded when called."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            # Click would make status 1 of it.
            raise _ClosedPipeError from None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.exceptions.NoSuchCommand as error:
            # Click looks for similar ones among the commands that are loaded.
            raise click.exceptions.NoSuchCommand(error.command_name, possibilities=COMMANDS, ctx=ctx) from None

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        return _imported(f"convert.cli.{cmd_name}")

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@cache
def _imported(module: str) -> click.Command:
    """Import the module of a command.

    What is imported is no garbage, and to look through it takes a tenth of a small run: now, and when it ends.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        command: click.Command = import_module(module).command
    finally:
        if was_enabled:
            gc.enable()
    gc.freeze()
    return command


@click.group(
    cls=_Commands,
    examples=("plainwiki convert article.txt", "plainwiki batch articles/ -o pages/"),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="plainwiki", message="%(prog)s %(version)s")
def plainwiki() -> None:
    """Turn plain articles into MediaWiki pages, export XML, XML and JSON."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line; return its exit status."""
    # Arrow loads OpenBLAS, which interrupts its process where it cannot start threads: it is to start none.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, _terminated)
    console.prepare()
    try:
        status: int | None = plainwiki.main(arguments, prog_name="plainwiki", standalone_mode=False)
        console.flush()
    except click.Abort:
        return _told("interrupted", 128 + signal.SIGINT)
    except click.exceptions.NoArgsIsHelpError as error:
        console.own_text(error.format_message() + "\n", err=True)
        return error.exit_code
    except click.ClickException as error:
        return _told(_usage(error), error.exit_code)
    except PlainwikiError as error:
        return _told(str(error), error.exit_status)
    except MemoryError:
        return _told(_NO_MEMORY, 3)
    except (_ClosedPipeError, BrokenPipeError):
        # Python would complain when it flushes standard output at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 128 + signal.SIGPIPE
    except ImportError as error:
        if not _is_for_memory(error):
            raise
        return _told(f"{_NO_MEMORY} ({error})", 3)
    except OSError as error:
        if error.errno == ENOMEM:
            return _told(_NO_MEMORY, 3)
        return _told(f"{error.filename or 'the system'}: {error.strerror or error}", 3)
    return status or 0


def _is_for_memory(error: ImportError) -> bool:
    """Return whether a library could not be loaded for lack of memory, and not because it is missing."""
    return any(phrase in str(error) for phrase in ("failed to map segment", "Cannot allocate memory"))


def _terminated(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


def _told(message: str, status: int) -> int:
    console.say(message)
    return status


def _usage(error: click.ClickException) -> str:
    message = error.format_message().replace("\n", " ").rstrip(".")
    where = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx else "plainwiki"
    return f"{message} (see '{where} --help')"
