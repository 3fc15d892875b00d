"""``plainwiki schema``: the published schemas."""

from __future__ import annotations

from importlib.resources import files

import click

from convert.cli.options.layout import Explained
from convert.io import console

#: The file of each schema.
_FILES = {"json": "article.schema.json", "xml": "article.xsd", "profile": "profile.schema.json"}


@click.command("schema", cls=Explained, examples=("plainwiki schema json", "plainwiki schema xml > article.xsd"))
@click.argument("name", type=click.Choice(list(_FILES)), metavar="json|xml|profile")
def command(name: str) -> None:
    """Print the schema of the json or the xml format, or that of the files of --profile."""
    console.own_text((files("convert") / "schema" / _FILES[name]).read_text(encoding="utf-8"))
