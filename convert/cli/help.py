"""``plainwiki help``: the plain format, the exit statuses and the diagnostics in short, and the help of every command.

The texts here are the only source: README and the pages of ``fixtures`` have copies, which ``make accept`` writes.
"""

from __future__ import annotations

from collections.abc import Callable

import click

from convert.cli import COMMANDS
from convert.cli.options.layout import Explained
from convert.diagnostics import CODES
from convert.errors import did_you_mean
from convert.io import console

#: The plain article in short.
FORMAT = """\
= Title =             starts an article, also further ones after a blank line
== Heading ==         starts a section; === Heading === one level below, to level 6
Some text.            blank lines separate paragraphs; a line break is a space, but not behind a \\
- item                a bullet, also * or •; indent nested items by two spaces
1. item               a numbered item, also 1) or #
Infobox               the line above the fields; 'Infobox ship' names a template
- Key: value          a field, one a line
  - value             one of several values, below a field '- Key:'
Categories            the line above the categories, '- Name' each
| a | b |             the head of a table, above a rule |---|---| and more rows
```python             the line above code, and ``` the line below
[[x]] {{x}} '''x'''   are no markup, nor is anything else: shown as written
"""

#: Every exit status, with its reason.
EXIT_STATUS = {
    "0": "done",
    "1": "done, but documents were rejected or --strict was reached",
    "2": "wrong usage or configuration; nothing was done",
    "3": "a file, a disk, the network or a wiki failed",
    "130, 143": "interrupted or terminated; output is complete or absent",
    "141": "the reader of the output has gone",
}


def exit_status() -> str:
    """Return a line for every exit status."""
    return "".join(f"{status:10} {reason}\n" for status, reason in EXIT_STATUS.items())


def codes() -> str:
    """Return a line for every diagnostic: its code, its severity and its meaning."""
    width = max(map(len, CODES))
    return "".join(f"{code:{width}}  {severity.name.lower():7}  {about}\n" for code, (severity, about) in CODES.items())


#: Every topic that is no command: what it is about, and its text.
TOPICS: dict[str, tuple[str, Callable[[], str]]] = {
    "format": ("The plain article in short.", lambda: FORMAT),
    "codes": ("All diagnostics: code, severity, meaning.", codes),
    "exit-status": ("What the exit statuses mean.", exit_status),
}


@click.command("help", cls=Explained, examples=("plainwiki help format", "plainwiki help templates match"))
@click.argument("words", nargs=-1, metavar="[TOPIC|COMMAND]")
@click.pass_context
def command(ctx: click.Context, words: tuple[str, ...]) -> None:
    """Print help on a topic or a command; without either, list both."""
    if not words:
        console.own_text(_listed("Topics", {topic: about for topic, (about, _) in TOPICS.items()}) + "\n")
        console.own_text(_listed("Commands", COMMANDS))
    elif len(words) == 1 and words[0] in TOPICS:
        console.own_text(TOPICS[words[0]][1]())
    else:
        console.own_text(_help_of(ctx.find_root(), words) + "\n")


def _listed(heading: str, entries: dict[str, str]) -> str:
    formatter = click.HelpFormatter()
    with formatter.section(heading):
        formatter.write_dl(list(entries.items()))
    return formatter.getvalue()


def _help_of(ctx: click.Context, words: tuple[str, ...]) -> str:
    """Return the help of a command, or of a command below a command."""
    for word in words:
        group = ctx.command
        subcommand = group.get_command(ctx, word) if isinstance(group, click.Group) else None
        if subcommand is None:
            known = group.list_commands(ctx) if isinstance(group, click.Group) else []
            known = known if ctx.parent else [*TOPICS, *known]
            choice = f"{did_you_mean(word, known)}choose from {', '.join(known)}" if known else "leave the last out"
            raise click.UsageError(f"no topic or command is called '{' '.join(words)}': {choice}")
        ctx = click.Context(subcommand, parent=ctx, info_name=word)
    return ctx.get_help()
