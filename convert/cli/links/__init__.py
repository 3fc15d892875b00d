"""``plainwiki links``: which texts people link, and to which pages.

    learn   dumps to a dictionary
    match   what articles name, and what would be linked

What the commands do is in ``convert.links`` and ``convert.dictionaries``.
"""

from __future__ import annotations

import click

from convert.cli.links.learn import learn
from convert.cli.links.match import match
from convert.cli.options.layout import ExplainedGroup


@click.group(
    "links",
    cls=ExplainedGroup,
    examples=(
        "plainwiki links learn dump.xml.bz2 -o en.links",
        "plainwiki links match article.txt --links en.links",
    ),
)
def command() -> None:
    """Learn what people link, and tell what would be linked."""


command.add_command(learn)
command.add_command(match)
