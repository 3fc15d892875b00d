"""The options that commands share, with the defaults of the records that they end up in."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

import click

from convert.cli.configuration.defaults import skip_config, use_config
from convert.cli.options.completions import template_names
from convert.cli.options.layout import Explained
from convert.cli.options.value_types import PERCENTAGE, EncodingName, FormatName, NumberRange, Percentage, field_of
from convert.cli.options.words import remember_words
from convert.errors import EnvironmentFailed, UsageError
from convert.infobox.match import THRESHOLD
from convert.inputs.sources import MAX_DOCUMENT_BYTES
from convert.io import console
from convert.io.atomic import AtomicFile, Output, Stream
from convert.links.policy import PER_PASSAGE as LINKS_MOST
from convert.links.policy import THRESHOLD as LINKS_THRESHOLD
from convert.links.policy import TITLES_THRESHOLD

Command = TypeVar("Command", bound=Callable[..., Any])

_CHOICE = "convert.infobox.match:TemplateChoice"
_CONVERSION = "convert.options:ConversionOptions"
_POLICY = "convert.links.policy:LinkPolicy"

_INPUTS = click.argument("inputs", nargs=-1, type=click.Path(), metavar="[INPUT|-]...")

_CONFIG = (
    click.option("--no-config", is_flag=True, is_eager=True, expose_value=False, callback=skip_config,
                 help="Look for no plainwiki.toml."),
    click.option("--config", type=click.Path(), is_eager=True, expose_value=False, callback=use_config, metavar="FILE",
                 envvar="PLAINWIKI_CONFIG",
                 help="Defaults for options; else plainwiki.toml, from this folder upwards, then the user's own."),
)  # fmt: skip

_OPTIONS = (
    click.option("-f", "--from", "source", type=FormatName(False), help="Format of the inputs; else by suffix."),
    click.option("--infobox", metavar="NAME", shell_complete=template_names, **field_of(_CHOICE, "infobox"),
                 help="Template of the infoboxes that name none."),
    click.option("--catalogue", type=click.Path(), metavar="FILE",
                 help="Templates that extend or override the known ones; see 'plainwiki templates learn'."),
    click.option("--threshold", type=NumberRange(0, 1), default=THRESHOLD, show_default=True, metavar="P",
                 help="Probability below which no template is guessed."),
    click.option("--values", **field_of(_CONVERSION, "values"),
                 help="Whether values are written as they are, or for their kinds, as in {{Start date|…}}."),
    click.option("--typed", multiple=True, metavar="NAME", shell_complete=template_names,
                  help="Template whose values are typed in any case."),
    click.option("--align/--no-align", **field_of(_CONVERSION, "align"), help="Align the equals signs of parameters."),
    click.option("--paragraphs", **field_of(_CONVERSION, "paragraphs"),
                 help="What ends a paragraph: a blank line, or a line; keep-lines (or lines) keeps breaks."),
    click.option("--articles", **field_of(_CONVERSION, "articles"),
                 help="Whether a plain text with several level-1 headings is one article, or many."),
    click.option("--headings", **field_of(_CONVERSION, "headings"),
                 help="Whether headings are also read in other forms than between equals signs."),
    click.option("--tables", **field_of(_CONVERSION, "tables"),
                 help="Which lines of a plain text are tables: those between pipes, or also those with tabs in them."),
    click.option("--notes/--no-notes", **field_of(_CONVERSION, "notes"),
                 help="Whether [1] in the text refers to a note, whose text stands at the end."),
    click.option("--markup", **field_of(_CONVERSION, "markup"), help="Whether wikitext in articles is text or markup."),
    click.option("--titles", **field_of(_CONVERSION, "titles"), help="What to do with titles that no wiki accepts."),
    click.option("--prove", type=Percentage(), default=0.0, metavar="[SHARE]",
                 help="Read pages back with another parser, all or a share such as 1%, and reject what differs."),
    click.option("--detokenize/--no-detokenize", **field_of(_CONVERSION, "detokenize"),
                 help="Join what stands apart in the WikiText corpora."),
    click.option("--links", multiple=True, type=click.Path(), metavar="SOURCE",
                 help="Make links to titles of: batch, the inputs; wiki, the wiki of --wiki; or what a FILE of "
                 "'plainwiki links learn' knows."),
    click.option("--links-scope", **field_of(_POLICY, "scope"),
                 help="Whether a page is linked once in an article, or in each of its sections."),
    click.option("--links-threshold", type=NumberRange(0, 1), metavar="P",
                 help="Probability below which no link is made.  "
                 f"[default: {LINKS_THRESHOLD}, and {TITLES_THRESHOLD} for titles of which nothing was counted]"),
    click.option("--links-red/--no-links-red", **field_of(_POLICY, "red"),
                 help="Make links to pages that nobody knows of, too."),
    click.option("--links-never", multiple=True, metavar="TEXT", help="Text or title that is never linked."),
    click.option("--links-always", multiple=True, metavar="TEXT",
                 help="Text or title that is linked where it is first named."),
    click.option("--links-most", type=click.IntRange(0), default=LINKS_MOST, show_default=True, metavar="N",
                 help="The most links of a paragraph, an item or a cell."),
    click.option("--text-field", **field_of(_CONVERSION, "text_field"), metavar="NAME",
                 help="Field of JSON, or column of a table, with the text; NAME.NAME leads into objects."),
    click.option("--title-field", **field_of(_CONVERSION, "title_field"), metavar="NAME",
                 help="The same for the title."),
    click.option("--infobox-field", **field_of(_CONVERSION, "infobox_field"), metavar="NAME",
                 help="The same for the infobox; else infobox and infoboxes."),
    click.option("--categories-field", **field_of(_CONVERSION, "categories_field"), metavar="NAME",
                 help="The same for the categories; else categories or tags."),
    click.option("--metadata/--no-metadata", **field_of(_CONVERSION, "metadata"),
                 help="Keep all other fields as metadata."),
    click.option("--max-document", type=click.IntRange(1), default=MAX_DOCUMENT_BYTES >> 20, show_default=True,
                 metavar="MIB", help="Size above which a document is rejected."),
    click.option("--encoding", type=EncodingName(), default="", metavar="NAME",
                 help="Encoding of the texts that no byte order mark names; else UTF-8."),
    click.option("--names-encoding", type=EncodingName(), default="", metavar="NAME",
                 help="Encoding of the names in archives that are not UTF-8; else as --encoding."),
    click.option("--include", multiple=True, metavar="PATTERN",
                 help="Of folders and archives, read only these files, as '*.md' or 'en/**/*.txt'."),
    click.option("--exclude", multiple=True, metavar="PATTERN",
                 help="Of folders and archives, do not read these files."),
    click.option("--follow-links/--no-follow-links",
                 help="Follow links, too, that lead out of the folder that they are in."),
    click.option("--diagnostics", type=click.Choice(["text", "json", "github"]), default="text", show_default=True,
                 help="Form of the diagnostics."),
    click.option("-q", "--quiet/--no-quiet", help="Show errors only."),
    click.option("-v", "--verbose/--no-verbose", help="Show all diagnostics."),
    click.option("--color/--no-color", default=None, help="Colour, or none; by default on a terminal."),
    click.option("--strict", type=click.Choice(["warning", "info"]), metavar="[warning|info]",
                 help="Exit with status 1 if a diagnostic is a warning, or even an info."),
    *_CONFIG,
)  # fmt: skip


_PROCESSORS = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1

#: How many processes a command may start.
jobs_option = click.option(
    "-j", "--jobs", type=click.IntRange(1), metavar="N", default=_PROCESSORS, show_default="the processors",
    help="How many processes work.",
)  # fmt: skip


#: Where one text goes.
output_option = click.option(
    "-o", "--output", type=click.Path(), metavar="FILE", help="File to write, instead of standard output."
)


#: The parameters with which no command reads standard input.
_INSTEAD_OF_STDIN = ("inputs", "apply", "verify", "undo", "runs")


class Conversion(Explained):
    """A command whose ``--strict`` may stand without a level, and ``--prove`` without a share.

    Where it waits for what is typed at a terminal, it says so.
    """

    def invoke(self, ctx: click.Context) -> Any:
        given = ctx.params
        if console.is_asked() and not given["quiet"] and not any(given.get(name) for name in _INSTEAD_OF_STDIN):
            console.say("reading standard input: type an article and end it with Ctrl-D, or name files")
        return super().invoke(ctx)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        for at, argument in enumerate(args):
            if argument == "--":
                break
            if argument == "--strict" and args[at + 1 : at + 2] not in (["warning"], ["info"]):
                args[at] = "--strict=warning"
            if argument == "--prove" and not PERCENTAGE.fullmatch("".join(args[at + 1 : at + 2])):
                args[at] = "--prove=100%"
        remember_words(ctx, args)
        return super().parse_args(ctx, args)


def common(command: Command) -> Command:
    """Add the inputs and the options that all conversions have to a command."""
    return _INPUTS(_with_all(command, _OPTIONS))


def config_options(command: Command) -> Command:
    """Add the options that name the configuration to a command that converts nothing."""
    return _with_all(command, _CONFIG)


def _with_all(command: Command, options: Iterable[Callable[[Command], Command]]) -> Command:
    for option in reversed(tuple(options)):
        command = option(command)
    return command


def refuse_overwriting(sources: Sequence[str], *outputs: str | None) -> None:
    """Raise UsageError where an output would be written over a source; links are followed."""
    for output in filter(os.path.isfile, filter(None, outputs)):
        if any(os.path.exists(source) and os.path.samefile(output, source) for source in sources):
            raise UsageError(f"{output} is read and would be written over: name another file to write")


def output_of(path: str | None) -> Output:
    """Open a file that is whole or absent, or standard output."""
    if path and path != "-":
        return AtomicFile(path)
    if not console.has_output():
        raise EnvironmentFailed("standard output is closed: name a file with --output")
    return Stream(1, "standard output")
