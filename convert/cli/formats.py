"""``plainwiki formats``: what can be read and written."""

from __future__ import annotations

import click

from convert.cli.options.layout import Explained
from convert.formats import FORMATS
from convert.io import console


@click.command("formats", cls=Explained, examples=("plainwiki formats", "plainwiki formats --json"))
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def command(as_json: bool) -> None:
    """List what can be read and written."""
    for entry in FORMATS:
        names = " ".join((entry.name, *entry.aliases))
        ways = " ".join(way for way, known in (("read", entry.reader), ("write", entry.writer)) if known)
        if as_json:
            row = {"name": entry.name, "aliases": entry.aliases, "suffix": entry.suffix, "about": entry.about}
            console.json_line({**row, "read": bool(entry.reader), "write": bool(entry.writer)})
        else:
            console.line(f"{names:23} {entry.suffix:12} {ways:11} {entry.about}")
