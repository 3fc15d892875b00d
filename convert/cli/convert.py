"""``plainwiki convert``: documents to standard output or to one file."""

from __future__ import annotations

from typing import Any

import click

from convert import formats
from convert.batch.one_shot import join
from convert.batch.progress import Silent
from convert.cli.options.request import PageRequest
from convert.cli.options.shared import Conversion, common, output_of, output_option, refuse_overwriting
from convert.cli.options.value_types import FormatName
from convert.cli.wiki_rules import wiki_options
from convert.diagnostics import Severity
from convert.expressions import expression
from convert.inputs.sources import JSON_LINES
from convert.io import console

_SUFFIX = expression(r"\.[A-Za-z][0-9A-Za-z]*\Z")


@click.command(
    "convert",
    cls=Conversion,
    examples=("plainwiki convert article.txt", "plainwiki convert article.txt -o article.html"),
)
@common
@wiki_options
@click.option("-t", "--to", "target", type=FormatName(True), help="Format to write; else by the output's suffix.")
@output_option
def command(target: str | None, output: str | None, **given: Any) -> int:
    """Convert documents to standard output or to one file: wikitext, unless told otherwise.

    Several articles become one text as the format joins them: JSON Lines, one XML root, pages between form feeds.
    """
    request = PageRequest(**given)
    refuse_overwriting(request.beside, output)
    as_lines = (output or "").lower().endswith(JSON_LINES)
    guessed = formats.named("json") if as_lines else formats.of_path(output or "")
    task = request.task(target or (guessed.name if guessed else "wikitext"))._replace(
        form="item" if as_lines else "text"
    )
    if not (target or guessed or request.quiet) and (suffix := _SUFFIX.search(output or "")):
        console.say(f"no format has the suffix {suffix[0]}: wikitext is written: name another format with --to")
    watch = request.watch(Severity.WARNING, Silent())
    summary = join(request.paths, request.selection, task, lambda: output_of(output), watch)
    return request.status(summary)
