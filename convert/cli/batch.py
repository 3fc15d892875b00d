"""``plainwiki batch``: many documents to many."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from contextlib import closing
from typing import Any

import click

from convert.batch.progress import progress
from convert.batch.run import Summary, batch
from convert.cli.options import Conversion, FormatName, Request, common, jobs_option
from convert.diagnostics import CODES, Severity

#: What is written to a destination if nothing is said, by its suffix.
_TARGETS = {".jsonl": "json", ".xml": "export"}


@click.command("batch", cls=Conversion)
@common
@click.option("-t", "--to", "target", type=FormatName(True), help="Format to write; else by the destination.")
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(),
    metavar="DEST",
    help="A folder (one file an article), NAME.jsonl, or NAME.xml (one export dump).",
)
@jobs_option
def command(target: str | None, output: str, jobs: int, **given: Any) -> int:
    """Convert many documents to a folder, to JSON Lines or to one export dump.

    Inputs are files, folders with all that is below them, and streams of many articles.  What cannot be converted is
    listed in DEST.rejects.jsonl, and the rest goes on.
    """
    request = Request(**given)
    target = target or _TARGETS.get(os.path.splitext(output)[1].lower(), "wikitext")
    with closing(progress(_size(request.paths), request.quiet, request.color is not False)) as shown:
        watch = request.watch(Severity.ERROR, shown)
        summary = batch(request.paths, request.selection, request.task(target), output, jobs, watch)
    if not request.quiet:
        click.echo(told(summary, output), err=True)
    return request.status(summary)


def told(summary: Summary, dest: str) -> str:
    """Say what a run did."""
    where = f" (see {dest.rstrip('/')}.rejects.jsonl)" if summary.rejected else ""
    lines = [f"{summary.read:,} read = {summary.written:,} written + {summary.rejected:,} rejected{where}"]
    warnings = {code: count for code, count in sorted(summary.codes.items()) if CODES[code][0] is Severity.WARNING}
    if warnings:
        counts = ", ".join(f"{count:,} {code}" for code, count in warnings.items())
        lines.append(f"warnings: {counts} (--verbose shows them)")
    return "\n".join(f"plainwiki: {line}" for line in lines)


def _size(paths: Sequence[str]) -> int | None:
    """Add up what is to be read, where that is known beforehand: of files."""
    try:
        found = [os.stat(path) for path in paths]
    except OSError:
        return None  # whoever reads it will say so
    return sum(each.st_size for each in found) if all(stat.S_ISREG(each.st_mode) for each in found) else None
