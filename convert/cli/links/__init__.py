"""``plainwiki links``: which texts people link, and to which pages.

    learn   dumps to a dictionary

What the commands do is in ``convert.links`` and ``convert.dictionaries``.
"""

from __future__ import annotations

import click

from convert.cli.links.learn import learn
from convert.cli.options.layout import ExplainedGroup


@click.group(
    "links",
    cls=ExplainedGroup,
    examples=(
        "plainwiki links learn dump.xml.bz2 -o en.links",
        "plainwiki links learn old.xml.gz new.xml.gz -o en.links",
    ),
)
def command() -> None:
    """Learn which texts people link, and to which pages."""


command.add_command(learn)
