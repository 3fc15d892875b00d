"""``plainwiki convert``: documents to standard output or to one file."""

from __future__ import annotations

import sys
from typing import Any

import click

from convert import formats
from convert.batch.outputs import File, Output, Stream
from convert.batch.progress import Silent
from convert.batch.run import join
from convert.batch.sources import JSON_LINES
from convert.cli.options import Conversion, FormatName, Request, common
from convert.diagnostics import Severity
from convert.errors import EnvironmentFailed


@click.command("convert", cls=Conversion)
@common
@click.option("-t", "--to", "target", type=FormatName(True), help="Format to write; else by the output's suffix.")
@click.option("-o", "--output", type=click.Path(), metavar="FILE", help="File to write, instead of standard output.")
def command(target: str | None, output: str | None, **given: Any) -> int:
    """Convert documents to standard output or to one file: wikitext, unless told otherwise.

    Several articles become one text as the format joins them: JSON Lines, one XML root, pages between form feeds.
    """
    request = Request(**given)
    as_lines = (output or "").lower().endswith(JSON_LINES)
    guessed = formats.named("json") if as_lines else formats.of_path(output or "")
    task = request.task(target or (guessed.name if guessed else "wikitext"))._replace(
        form="item" if as_lines else "text"
    )
    watch = request.watch(Severity.WARNING, Silent())
    summary = join(request.paths, request.selection, task, lambda: _opened(output), watch)
    return request.status(summary)


def _opened(path: str | None) -> Output:
    if path and path != "-":
        return File(path)
    if sys.stdout is None:
        raise EnvironmentFailed("standard output is closed: name a file with --output")
    return Stream(1, "standard output")
