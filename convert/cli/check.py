"""``plainwiki check``: the diagnostics of documents, and nothing else."""

from __future__ import annotations

from typing import Any

import click

from convert.batch.one_shot import check
from convert.batch.progress import Silent
from convert.cli.options.request import PageRequest
from convert.cli.options.shared import Conversion, common, jobs_option
from convert.cli.options.value_types import FormatName
from convert.cli.wiki_rules import wiki_options
from convert.diagnostics import Severity


@click.command("check", cls=Conversion, examples=("plainwiki check article.txt", "plainwiki check articles/ --strict"))
@common
@wiki_options
@click.option(
    "-t",
    "--to",
    "target",
    type=FormatName(True),
    default="wikitext",
    show_default=True,
    help="Format whose writer is asked, too.",
)
@jobs_option
def command(target: str, jobs: int, **given: Any) -> int:
    """Show all diagnostics of documents on standard output and write nothing."""
    request = PageRequest(**given)
    watch = request.watch(Severity.INFO, Silent(), to_stdout=True)
    summary = check(request.paths, request.selection, request.task(target), jobs, watch)
    return request.status(summary)
