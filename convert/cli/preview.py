"""``plainwiki preview``: articles as they will be, in the browser."""

from __future__ import annotations

import os
from typing import Any

import click

from convert.cli.config import FILE, NAME, rules_of
from convert.cli.options import Conversion, Request, common
from convert.errors import UsageError

_EXTRA = "the preview needs parts that are not installed ({}): pip install 'plainwiki[preview]'"


@click.command("preview", cls=Conversion)
@common
@click.option("--port", type=click.IntRange(0, 65535), metavar="N", help="Port to serve at, on this machine only.")
@click.option("--browser/--no-browser", default=True, help="Whether the browser is opened.")
@click.option(
    "--export", "folder", type=click.Path(), metavar="DIR", help="Write the same as a site of files, and end."
)
def command(port: int | None, browser: bool, folder: str | None, **given: Any) -> int:
    """Show articles in the browser, with their infoboxes and diagnostics, before anything is published.

    Nothing is written but a choice that is kept: as a rule in plainwiki.toml.
    """
    request = Request(**given)
    task = request.task("wikitext")
    try:
        from convert.preview import export
        from convert.preview.documents import Reader
        from convert.preview.library import Library
        from convert.preview.serve import serve
    except ModuleNotFoundError as error:
        raise UsageError(_EXTRA.format(error.name)) from error
    config = os.path.abspath(click.get_current_context().meta.get(FILE, NAME))
    library = Library(request.paths, request.selection, Reader(task))
    if folder:
        written, rejected = export.export(library, folder)
        _told(f"{written:,} articles, {rejected:,} of them rejected: open {os.path.join(folder, 'index.html')}")
        return 1 if rejected else 0
    serve(library, request.paths, config, lambda: rules_of(config), port, browser, _told)
    return 0


def _told(message: str) -> None:
    click.echo(f"plainwiki: {message}", err=True)
