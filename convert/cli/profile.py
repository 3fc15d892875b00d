"""``plainwiki profile``: what a wiki says of itself, saved for ``--profile``."""

from __future__ import annotations

from typing import Any

import click

from convert.cli.configuration.access_options import access_options
from convert.cli.configuration.wiki_account import wiki_account
from convert.cli.options.completions import wiki_names
from convert.cli.options.layout import Explained
from convert.cli.options.shared import config_options, output_of, output_option
from convert.profile_file import write_profile


@click.command(
    "profile",
    cls=Explained,
    examples=("plainwiki profile --wiki https://wiki.example/w/api.php -o wiki.json", "plainwiki profile --wiki mine"),
)
@click.option(
    "--wiki",
    shell_complete=wiki_names,
    required=True,
    metavar="URL|NAME",
    help="Wiki to ask: its address, or a name from [wikis].",
)
@access_options
@output_option
@config_options
def command(wiki: str, output: str | None, **access: Any) -> None:
    """Save what a wiki says of itself: its namespaces, the case of its titles, its links to other wikis.

    FILE is for --profile of convert, batch, check and others, which then write for that wiki without asking it.
    """
    account = wiki_account(click.get_current_context(), wiki, access)
    text = write_profile(account.siteinfo(), account.api)
    with output_of(output) as written:
        written.write(text.encode())
