"""Alternatives for escaping, for comparison: none, nowiki tags, pandoc, Parsoid.

Each returns the page for each line in a context; no pages at all if it does not support the context.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Sequence
from html import escape as html_escaped

from tests.servers.wiki import Wiki
from tests.support.contexts import Context

Peer = Callable[[Wiki, Context, Sequence[str]], Sequence[str]]


def unguarded(wiki: Wiki, context: Context, lines: Sequence[str]) -> Sequence[str]:
    """Insert the lines without escaping."""
    return [context.around(line) for line in lines]


def nowiki(wiki: Wiki, context: Context, lines: Sequence[str]) -> Sequence[str]:
    """Insert each line between nowiki tags, in which only character references and the end tag are alive."""
    if context.kind != "page":
        return []
    return [context.around(f"<nowiki>{html_escaped(line, quote=False)}</nowiki>") for line in lines]


def pandoc(wiki: Wiki, context: Context, lines: Sequence[str]) -> Sequence[str]:
    """Convert the context from HTML with pandoc, which does not support templates."""
    if context.template or not context.html:
        return []
    between = "pagesArePartedByThis"
    pages = f"<p>{between}</p>".join(context.html.replace("{}", html_escaped(line)) for line in lines)
    command = ["pandoc", "--from=html-auto_identifiers", "--to=mediawiki", "--wrap=preserve"]
    done = subprocess.run(command, input=pages, capture_output=True, text=True, check=True)
    return [page.strip("\n") for page in done.stdout.split(f"\n{between}\n")]


def parsoid(wiki: Wiki, context: Context, lines: Sequence[str]) -> Sequence[str]:
    """Serialize the context with the wiki's Parsoid."""
    if not context.html:
        return []
    pages = (context.html.replace("{}", html_escaped(line)) for line in lines)
    if context.template:
        pages = (_transclusion(context.template, page) for page in pages)
    return [rendered.saved for rendered in wiki.render(pages, kind="parsoid")]


def _transclusion(template: str, value: str) -> str:
    target = {"wt": f"{template}\n", "href": f"./Template:{template.replace(' ', '_')}"}
    parts = [{"template": {"target": target, "params": {"value": {"html": value}}, "i": 0}}]
    noted = html_escaped(json.dumps({"parts": parts}))
    return f'<div about="#mwt1" typeof="mw:Transclusion" data-mw="{noted}"></div>'


PEERS: dict[str, Peer] = {"unguarded": unguarded, "nowiki": nowiki, "pandoc": pandoc, "Parsoid": parsoid}
