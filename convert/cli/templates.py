"""``plainwiki templates``: what is known of infobox templates, learnt, and made for a wiki."""

from __future__ import annotations

from typing import Any

import click
import msgspec

from convert.cli.options import Conversion, Request, common, extended, output_of, output_option
from convert.diagnostics import shown
from convert.errors import UsageError
from convert.infobox.catalogue import Template, shipped
from convert.io import console
from convert.printable import json_escaped, visible

_catalogue_option = click.option(
    "--catalogue", type=click.Path(), metavar="FILE", help="Templates that extend or override the known ones."
)
_names_option = click.option(
    "--names", metavar="PATTERN", help="Regular expression of what infoboxes are called, in any case."
)
_json_option = click.option("--json", "as_json", is_flag=True, help="JSON, one object a line.")


@click.group("templates")
def command() -> None:
    """Show, guess and learn infobox templates, and make their pages for a wiki."""


@command.command("list")
@_catalogue_option
@_json_option
def list_(catalogue: str | None, as_json: bool) -> None:
    """List the templates that can be guessed, with their other names."""
    for each in (extended(catalogue) or shipped()).templates:
        if as_json:
            told = {"name": each.name, "aliases": each.aliases, "uses": each.uses, "parameters": len(each.parameters)}
            console.json_line(msgspec.json.encode(told))
        else:
            console.line(f"{each.name}{' = ' if each.aliases else ''}{', '.join(each.aliases)}")


@command.command("show")
@click.argument("name")
@_catalogue_option
@_json_option
@click.option("--html", "as_html", is_flag=True, help="A page to look at.")
@output_option
def show(name: str, catalogue: str | None, as_json: bool, as_html: bool, output: str | None) -> None:
    """Show a template: its other names, and its parameters in their order with label, kind and other names."""
    found = (extended(catalogue) or shipped()).find(name)
    if found is None:
        raise UsageError(f"no template is known as {shown(name)}: 'plainwiki templates list' has all names")
    if as_html:
        # Loaded here, because few ask for it.
        from convert.writers.template import write

        text = write(found)
    else:
        lines = [json_escaped(msgspec.json.encode(found).decode())] if as_json else map(visible, _described(found))
        text = "\n".join(lines) + "\n"
    with output_of(output) as written:
        written.write(text.encode())


def _described(template: Template) -> list[str]:
    lines = [template.name]
    lines += [f"  also: {', '.join(template.aliases)}"] if template.aliases else []
    width = max((len(each.name) for each in template.parameters), default=0)
    for each in template.parameters:
        aliases = f"also: {', '.join(each.aliases)}" if each.aliases else ""
        told = "; ".join(filter(None, (each.label, each.kind if each.kind != "text" else "", aliases)))
        lines.append(f"  {each.name:{width}}  {told}".rstrip())
    return lines


@command.command("match", cls=Conversion)
@common
@_json_option
def match(as_json: bool, **given: Any) -> int:
    """Tell which template each infobox is, how sure that is, and which parameters its keys are.

    With --json, one object an article: title, template (null where none is likely enough), probability, alternatives,
    parameters and leftovers, both by name with the keys that they have in the article.
    """
    # Loaded here, because the other commands need none of it.
    from convert.cli.matching import matched

    return matched(Request(**given), as_json)


@command.command("pages", cls=Conversion)
@common
@output_option
def pages(output: str | None, **given: Any) -> int:
    """Make the template pages and the style sheet that a bare wiki needs for the infoboxes of the inputs.

    FILE is a dump to import (standard output, if none is named); a folder gets a file a page.
    """
    from convert.cli.matching import made_pages

    return made_pages(Request(**given), output)


@command.command("learn")
@click.argument("sources", nargs=-1, required=True, type=click.Path(), metavar="SOURCE...")
@output_option
@_names_option
@click.option("--least-calls", type=click.IntRange(1), metavar="N", help="Leave out templates called less often.")
@click.option("--about", default="", metavar="TEXT", help="Where the sources come from; it stands in the catalogue.")
def learn(sources: tuple[str, ...], output: str | None, **options: Any) -> int:
    """Learn a catalogue from what pages do: from export dumps (.xml, .xml.bz2), or folders of wikitext.

    What ends in the middle counts as far as it goes.
    """
    from convert.cli.learning import learnt

    return learnt(sources, output, **options)


@command.command("sync")
@click.option("--wiki", required=True, metavar="URL", help="Address of the wiki.")
@output_option
@_names_option
def sync(wiki: str, output: str | None, names: str | None) -> int:
    """Ask a wiki for its infobox templates: their parameters as TemplateData has them, and their other names."""
    from convert.cli.learning import synced

    return synced(wiki, output, names)
