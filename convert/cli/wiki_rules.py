"""The options ``--wiki`` and ``--profile``: the rules of which wiki pages are written for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from convert.cli.options.completions import wiki_names
from convert.errors import EnvironmentFailed, UsageError
from convert.io import console
from convert.profile import WikiProfile

Command = TypeVar("Command", bound=Callable[..., Any])

#: No wiki says more of itself.
_MAX_BYTES = 16 << 20

profile_option = click.option(
    "--profile", type=click.Path(), metavar="FILE",
    help="Write for the wiki whose rules 'plainwiki profile' saved in FILE.",
)  # fmt: skip

_wiki_option = click.option(
    "--wiki", shell_complete=wiki_names, metavar="URL|NAME",
    help="Write for this wiki: ask it for its rules of titles, namespaces and links; see also 'plainwiki profile'.",
)  # fmt: skip


def wiki_options(command: Command) -> Command:
    """Add both options to a command."""
    return _wiki_option(profile_option(command))


def wiki_profile(ctx: click.Context, wiki: str | None, path: str | None) -> WikiProfile:
    """Return the profile of the wiki that is named, or in the file; that of a fresh MediaWiki without either.

    What is named on the command line wins over the configuration.  Raises UsageError where both are.
    """
    if wiki and path:
        in_command = [name for name in ("wiki", "profile") if is_on_command_line(ctx, name)]
        if len(in_command) != 1:
            raise UsageError("--wiki and --profile do not go together")
        wiki, path = (wiki, None) if in_command == ["wiki"] else (None, path)
    if path:
        return profile_in(path)
    if not wiki:
        return WikiProfile()
    from convert.cli.configuration.wiki_account import wiki_account  # most runs ask no wiki

    return wiki_account(ctx, wiki).siteinfo().profile


def profile_in(path: str) -> WikiProfile:
    """Read a profile from a file.  Raises UsageError where it holds none, and EnvironmentFailed where there is none."""
    try:
        with open(path, "rb") as file:
            content = file.read(_MAX_BYTES + 1)
    except OSError as error:
        raise EnvironmentFailed(f"cannot read {path}: {error.strerror or error}") from error
    try:
        if len(content) > _MAX_BYTES:
            raise ValueError(f"it has more than {_MAX_BYTES >> 20} MiB, and no wiki says so much of itself")
        from convert.profile_file import read_profile

        profile = read_profile(content.decode("utf-8-sig")).profile
    except ValueError as error:
        problem = "it is not UTF-8: save it as UTF-8" if isinstance(error, UnicodeDecodeError) else error
        raise UsageError(f"{path}: {problem}") from None
    if profile.trail_remark:
        console.say(f"{path}: {profile.trail_remark}")
    return profile


def is_on_command_line(ctx: click.Context, name: str) -> bool:
    """Return whether an option was given there, and not in the configuration."""
    return ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE
