"""``plainwiki links match``: what articles name, and what would be linked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click
import msgspec

from convert.ast import Article
from convert.cli.options.request import PageRequest
from convert.cli.options.shared import Conversion, common
from convert.cli.wiki_rules import wiki_options
from convert.errors import UsageError
from convert.io import console
from convert.links.judge import meaning_of
from convert.links.linking import Candidate
from convert.printable import visible

#: What decided most, so many reasons are shown.
_REASONS = 3


@click.command(
    "match",
    short_help="Tell what articles name, how likely each link is, and what would be linked.",
    cls=Conversion,
    examples=(
        "plainwiki links match article.txt --links en.links",
        "plainwiki links match articles/ --links batch --json",
    ),
)
@common
@wiki_options
@click.option("--json", "as_json", is_flag=True, help="One object a line.")
def match(as_json: bool, **parameters: Any) -> int:
    """Tell what articles name, how likely an editor would link it, and whether it is linked, or why not.

    With --json, one object an article: title, and candidates in reading order, each with its text, title, probability,
    decision and reasons: what adds to the logarithm of the odds.
    """
    # Imported here, because the other commands need none of it.
    from convert.batch.articles import Articles
    from convert.batch.progress import Silent
    from convert.diagnostics import Severity
    from convert.dictionaries.linkers import linker_for

    request = PageRequest(**parameters)
    task = request.task("wikitext")
    linker = linker_for(task.options.links, task.options.profile)
    if linker is None:
        raise UsageError("no dictionary is named: give --links batch, wiki or FILE")
    articles = Articles(request.paths, request.selection, task, request.watch(Severity.WARNING, Silent()))
    for article in articles:
        found = linker.candidates(article, explain=True)
        if as_json:
            console.json_line(_as_json(article, found))
        else:
            for line in _as_text(article, found):
                console.line(visible(line))
    return request.status(articles.summary)


def _as_json(article: Article, found: list[Candidate]) -> bytes:
    candidates = [
        {
            "text": each.text,
            "title": each.title,
            "probability": each.probability,
            "decision": each.decision,
            "reasons": dict(each.reasons),
        }
        for each in found
    ]
    return msgspec.json.encode({"title": article.title, "candidates": candidates})


def _as_text(article: Article, found: list[Candidate]) -> Iterator[str]:
    yield article.title
    for each in found:
        leads = "" if each.text == each.title else f" to {each.title}"
        yield f"  {each.probability:4.0%}  {each.decision:9} {each.text}{leads}{_because(each)}"


def _because(candidate: Candidate) -> str:
    reasons = [f"{weight:+.1f} {meaning_of(name)}" for name, weight in candidate.reasons[:_REASONS]]
    return f" ({'; '.join(reasons)})" if reasons else ""
