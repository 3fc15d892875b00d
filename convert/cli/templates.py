"""``plainwiki templates``: list, show, match, learn and sync infobox templates, and write their pages."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click
import msgspec
from msgspec import structs

from convert.ast import Article, Field
from convert.cli.configuration.access_options import access_options
from convert.cli.configuration.wiki_account import wiki_account
from convert.cli.messages import Messages
from convert.cli.options.catalogue_file import extended
from convert.cli.options.completions import template_names, wiki_names
from convert.cli.options.layout import ExplainedGroup
from convert.cli.options.request import PageRequest, Request
from convert.cli.options.shared import Conversion, common, config_options, output_of, output_option, refuse_overwriting
from convert.cli.wiki_rules import wiki_options
from convert.diagnostics import Diagnostic, Severity, shown
from convert.errors import UsageError
from convert.infobox import GENERIC
from convert.infobox.catalogue import Catalogue, Quality, Template, shipped, write_catalogue
from convert.infobox.match import Match
from convert.infobox.naming import known_as, likely_meant
from convert.io import console
from convert.printable import json_escaped, visible

if TYPE_CHECKING:
    from convert.batch.articles import Articles
    from convert.infobox.pages import Dialect
    from convert.infobox.pages.stores import Store

_WIKITEXT = "convert.writers.wikitext:WikitextOptions"
_EXPORT = "convert.writers.export:ExportOptions"
_NO_MATCH = Match(None, 0.0, "guess", (), (), ())

_catalogue_option = click.option(
    "--catalogue", type=click.Path(), metavar="FILE", help="Templates that extend or override the known ones."
)
_names_option = click.option(
    "--names", metavar="PATTERN", help="Regular expression of what infoboxes are called, in any case."
)
_json_option = click.option("--json", "as_json", is_flag=True, help="JSON, one object a line.")


@click.group(
    "templates",
    cls=ExplainedGroup,
    examples=("plainwiki templates show 'Infobox ship'", "plainwiki templates match article.txt"),
)
def command() -> None:
    """Show, guess and learn infobox templates, and make their pages for a wiki."""


@command.command(
    "list",
    short_help="List the templates that can be guessed.",
    examples=("plainwiki templates list", "plainwiki templates list --json"),
)
@_catalogue_option
@_json_option
def list_(catalogue: str | None, as_json: bool) -> None:
    """List the templates that can be guessed, with their other names."""
    for template in (extended(catalogue) or shipped()).templates:
        name, aliases = template.name, template.aliases
        if as_json:
            row = {"name": name, "aliases": aliases, "uses": template.uses, "parameters": len(template.parameters)}
            console.json_line(msgspec.json.encode(row))
        else:
            console.line(f"{name}{' = ' if aliases else ''}{', '.join(aliases)}")


@command.command(
    "show",
    short_help="Show a template, its other names and its parameters.",
    examples=("plainwiki templates show 'Infobox ship'", "plainwiki templates show ship --html -o ship.html"),
)
@click.argument("name", shell_complete=template_names)
@_catalogue_option
@_json_option
@click.option("--html", "as_html", is_flag=True, help="A page to look at.")
@output_option
def show(name: str, catalogue: str | None, as_json: bool, as_html: bool, output: str | None) -> None:
    """Show a template: its other names, its parameters in their order, and where the catalogue is from."""
    known = extended(catalogue) or shipped()
    template = known_as(name, known)
    if template is None:
        meant = likely_meant(name, known)
        question = f"did you mean {shown(meant.name)}? " if meant else ""
        raise UsageError(f"no template is known as {shown(name)}: {question}'plainwiki templates list' has all names")
    if as_html:
        # Loaded here, because few ask for it.
        from convert.writers.template import write

        text = write(template)
    else:
        lines = (
            [json_escaped(msgspec.json.encode(template).decode())]
            if as_json
            else map(visible, [*_described(template), *_origin(template, known)])
        )
        text = "\n".join(lines) + "\n"
    _write(text, output)


def _origin(template: Template, catalogue: Catalogue) -> list[str]:
    """Say how often a template was counted, and what its catalogue is made of and how good its guesses are."""
    counted = (
        f"counted in {template.uses:,} calls" if template.uses else "never counted: its guesses have little ground"
    )
    return [
        f"  ({counted})",
        *([f"  Catalogue: {catalogue.about}{_quality(catalogue.quality)}"] if catalogue.about else []),
    ]


def _described(template: Template) -> list[str]:
    lines = [template.name]
    lines += [f"  also: {', '.join(template.aliases)}"] if template.aliases else []
    width = max((len(parameter.name) for parameter in template.parameters), default=0)
    for parameter in template.parameters:
        aliases = f"also: {', '.join(parameter.aliases)}" if parameter.aliases else ""
        description = "; ".join(
            filter(None, (parameter.label, parameter.kind if parameter.kind != "text" else "", aliases))
        )
        lines.append(f"  {parameter.name:{width}}  {description}".rstrip())
    return lines


@command.command(
    "match",
    short_help="Tell which template each infobox is, and how sure that is.",
    cls=Conversion,
    examples=("plainwiki templates match article.txt", "plainwiki templates match articles/ --json"),
)
@common
@_json_option
def match(as_json: bool, **parameters: Any) -> int:
    """Tell which template each infobox is, how sure that is, and which parameters its keys are.

    With --json, one object an article: title, template (null where none is likely enough), probability, alternatives,
    parameters and leftovers, both by name with the keys that they have in the article.
    """
    # Imported here, because the other commands need none of it.
    from convert.infobox.match import match

    request = Request(**parameters)
    choice = request.task("wikitext").options.choice
    articles = _articles(request)
    for article in articles:
        matches = [match(infobox, article, choice) for infobox in article.infoboxes]
        if as_json:
            console.json_line(_as_json(article, matches))
        else:
            for line in _as_text(article, matches):
                console.line(line)
    return request.status(articles.summary)


def _articles(request: Request) -> Articles:
    from convert.batch.articles import Articles
    from convert.batch.progress import Silent

    watch = request.watch(Severity.WARNING, Silent())
    return Articles(request.paths, request.selection, request.task("json"), watch)


def _as_json(article: Article, matches: Sequence[Match]) -> bytes:
    first, *further = map(_fields, matches or [_NO_MATCH])
    row = {"title": article.title, **first}
    return msgspec.json.encode({**row, "further": further} if further else row)


def _fields(matched: Match) -> dict[str, Any]:
    return {
        "template": matched.template,
        "probability": matched.probability,
        "origin": matched.origin,
        "alternatives": [{"template": name, "probability": likely} for name, likely in matched.alternatives],
        "parameters": _keys(matched.parameters),
        "leftovers": _keys(matched.leftovers),
    }


def _keys(fields: Iterable[tuple[str, Field]]) -> Mapping[str, list[str]]:
    keys: dict[str, list[str]] = {}
    for name, field in fields:
        keys.setdefault(name, []).append(field.key)
    return keys


def _as_text(article: Article, matches: Sequence[Match]) -> list[str]:
    lines = [article.title]
    for matched in matches:
        sure = f"{matched.probability:.0%}" if matched.origin == "guess" else f"named by the {matched.origin}"
        if matched.template is None and matched.origin == "guess":
            lines.append(f"  {GENERIC} (no template is likely enough)")
        else:
            lines.append(f"  {matched.template or GENERIC} ({sure})")
        lines += [f"    or {name} ({likely:.1%})" for name, likely in matched.alternatives]
        if matched.template and matched.leftovers:
            lines.append(f"    not known there: {', '.join(name for name, _ in matched.leftovers)}")
    return lines if matches else [*lines, "  no infobox"]


@command.command(
    "pages",
    short_help="Make the template pages that a bare wiki needs.",
    cls=Conversion,
    examples=(
        "plainwiki templates pages articles/ -o templates.xml",
        "plainwiki templates pages articles/ --dialect portable -o templates/",
    ),
)
@common
@wiki_options
@click.option(
    "--dialect", type=click.Choice(("wikitext", "portable")), default="wikitext",
    help="What the infoboxes are written in: portable is that of Fandom, Miraheze and wiki.gg.",
)  # fmt: skip
@click.option("--cargo", is_flag=True, help="Store the values in tables of the extension Cargo.")
@click.option("--smw", is_flag=True, help="Store the values in properties of Semantic MediaWiki.")
@output_option
def pages(output: str | None, dialect: Dialect, cargo: bool, smw: bool, **parameters: Any) -> int:
    """Make the template pages and the style sheet that a bare wiki needs for the infoboxes of the inputs.

    FILE is a dump to import (standard output, if none is named); a folder gets a file a page.
    """
    from convert.batch.template_pages import template_pages, templates_called, told_losses, write_folder
    from convert.options import options_for
    from convert.writers import export

    request = PageRequest(**parameters)
    options = options_for(export.ExportOptions, request.task("export").options)
    articles = _articles(request)
    asked: dict[Store, bool] = {"cargo": cargo, "smw": smw}
    stores = [store for store, wanted in asked.items() if wanted]
    used = templates_called(articles, options)
    made = template_pages(used, options, dialect, stores)
    lost = list(told_losses(used, dialect))
    for line in lost:
        console.say(line)
    if output and (output.endswith("/") or os.path.isdir(output)):
        write_folder(made, output)
    else:
        dump = export.dump(made, structs.replace(options, timestamp=articles.latest))
        _write(dump, output)
    return request.status(articles.summary) or (1 if lost else 0)


@command.command(
    "learn",
    short_help="Learn a catalogue from export dumps or folders of wikitext.",
    examples=(
        "plainwiki templates learn dump.xml.bz2 -o catalogue.json",
        "plainwiki templates learn pages/ --least-calls 3 -o catalogue.json",
    ),
)
@click.argument("sources", nargs=-1, required=True, type=click.Path(), metavar="SOURCE...")
@output_option
@_names_option
@click.option("--least-calls", type=click.IntRange(1), metavar="N", help="Leave out templates called less often.")
@click.option("--about", default="", metavar="TEXT", help="Where the sources come from; it stands in the catalogue.")
def learn(sources: tuple[str, ...], output: str | None, names: str | None, least_calls: int | None, about: str) -> int:
    """Learn a catalogue from what pages do: from export dumps (.xml, .xml.bz2), or folders of wikitext.

    What ends in the middle counts as far as it goes.
    """
    from convert.infobox.calibrate import calibrated
    from convert.infobox.learn import LearnOptions, Lessons
    from convert.inputs.wiki_pages import wiki_pages

    refuse_overwriting(sources, output)
    options = LearnOptions(infobox=_pattern(names))
    lessons = Lessons(structs.replace(options, least_calls=least_calls) if least_calls else options)
    show = Messages("text", None)
    is_truncated = False
    for source in sources:
        remarks: list[Diagnostic] = []
        for page in wiki_pages(source, remarks.append):
            lessons.page(page)
        for remark in remarks:
            show(source, remark)
            is_truncated = is_truncated or remark.severity is Severity.ERROR
    if not lessons.calls:
        raise UsageError("no page calls an infobox: give other sources, or the names of infoboxes with --names")
    catalogue = calibrated(lessons.catalogue(), lessons)
    _write(write_catalogue(structs.replace(catalogue, about=about or catalogue.about)), output)
    console.say(f"{len(catalogue.templates):,} templates from {lessons.calls:,} infoboxes{_quality(catalogue.quality)}")
    return 1 if is_truncated else 0


def _quality(quality: Quality | None) -> str:
    """Tell how good guesses are, if that was measured."""
    if quality is None:
        return "; too few to tell how many are guessed right: give more pages"
    return f"; of those held out, {quality.right:.1%} are guessed right"


def _pattern(names: str | None) -> str:
    from convert.infobox.learn import INFOBOX

    try:
        re.compile(names or "")
    except re.error as error:
        raise UsageError(f"--names is no regular expression: {error}") from None
    return names or INFOBOX


def _write(text: str, output: str | None) -> None:
    with output_of(output) as written:
        written.write(text.encode())


@command.command(
    "sync",
    short_help="Ask a wiki for its infobox templates, as a catalogue.",
    examples=(
        "plainwiki templates sync --wiki https://wiki.example/w/api.php -o catalogue.json",
        "plainwiki templates sync --wiki mine",
    ),
)
@click.option(
    "--wiki",
    shell_complete=wiki_names,
    required=True,
    metavar="URL|NAME",
    help="Wiki to ask: its address, or a name from [wikis].",
)
@access_options
@output_option
@_names_option
@config_options
def sync(wiki: str, output: str | None, names: str | None, **access: Any) -> None:
    """Ask a wiki for its infobox templates: their parameters as TemplateData has them, and their other names.

    A wiki for members wants an account: --user.
    """
    from convert.upload.templates import catalogue_of

    pattern = _pattern(names)
    with wiki_account(click.get_current_context(), wiki, access).reading() as client:
        catalogue = catalogue_of(client, pattern)
    _write(write_catalogue(catalogue), output)
    console.say(f"{len(catalogue.templates):,} templates")
