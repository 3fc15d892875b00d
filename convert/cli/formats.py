"""``plainwiki formats``: what can be read and written."""

from __future__ import annotations

import click

from convert.formats import FORMATS
from convert.io import console


@click.command("formats")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def command(as_json: bool) -> None:
    """List what can be read and written."""
    for each in FORMATS:
        names = " ".join((each.name, *each.aliases))
        ways = " ".join(way for way, known in (("read", each.reader), ("write", each.writer)) if known)
        if as_json:
            told = {"name": each.name, "aliases": each.aliases, "suffix": each.suffix, "about": each.about}
            console.json_line({**told, "read": bool(each.reader), "write": bool(each.writer)})
        else:
            console.line(f"{names:22} {each.suffix:12} {ways:11} {each.about}")
