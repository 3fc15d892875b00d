"""``plainwiki check``: the diagnostics of documents, and nothing else."""

from __future__ import annotations

from collections import Counter
from typing import Any

import click

from convert.batch.one_shot import check
from convert.batch.progress import Silent
from convert.batch.report.summary import Summary
from convert.cli.options.request import PageRequest
from convert.cli.options.shared import Conversion, common, jobs_option
from convert.cli.options.value_types import FormatName
from convert.cli.wiki_rules import wiki_options
from convert.diagnostics import CODES, Severity
from convert.io import console


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
    # Where nobody watches, notes alone are no news.
    has_warnings = any(CODES[code][0] > Severity.INFO for code in summary.codes)
    if not request.quiet and (has_warnings or console.is_watched()):
        console.say(summary_line(summary))
    return request.status(summary)


def summary_line(summary: Summary) -> str:
    """Return how many documents were read, and what was found in them by severity."""
    by_severity = Counter[Severity]()
    for code, count in summary.codes.items():
        by_severity[CODES[code][0]] += count
    names = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
    numbers = [(by_severity[severity], name) for severity, name in names.items() if by_severity[severity]]
    counts = [f"{number:,} {name}{'' if number == 1 else 's'}" for number, name in numbers]
    documents = f"{summary.read:,} document{'' if summary.read == 1 else 's'}"
    return f"{documents}: {', '.join(counts) or 'nothing to tell'}"
