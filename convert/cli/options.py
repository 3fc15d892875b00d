"""The options that commands share, with the defaults of the records that they end up in."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, TypeVar, get_args, get_type_hints

import click
from click.shell_completion import CompletionItem
from msgspec import Struct, structs

from convert import formats
from convert.batch.job.runner import Observer
from convert.batch.model import Task
from convert.batch.progress import Progress
from convert.batch.report.summary import Summary
from convert.cli.configuration.defaults import RULES, skip_config, use_config
from convert.cli.messages import Form, Messages
from convert.cli.wiki_rules import is_on_command_line, wiki_profile
from convert.diagnostics import CODES, Severity
from convert.errors import EnvironmentFailed, UsageError
from convert.infobox.catalogue import Catalogue, merged, read_catalogue, shipped
from convert.infobox.match import THRESHOLD, TemplateChoice
from convert.inputs.encodings import codec_of
from convert.inputs.files.patterns import Patterns
from convert.inputs.sources import MAX_DOCUMENT_BYTES, STDIN, Selection
from convert.io import console
from convert.io.atomic import AtomicFile, Output, Stream
from convert.options import ConversionOptions
from convert.readers.layout.looks import Markup
from convert.readers.layout.paragraphs import Paragraphs
from convert.readers.plain import Articles, HeadingForms
from convert.readers.records.options import RecordOptions
from convert.titles import Titles
from convert.writers.transclusion import ValueStyle

Command = TypeVar("Command", bound=Callable[..., Any])

_CHOICE = "convert.infobox.match:TemplateChoice"
_CONVERSION = "convert.options:ConversionOptions"
_PERCENTAGE = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,6})?)%")


class Percentage(click.ParamType):  # type: ignore[type-arg]  # not generic before click 8.4
    """A share in percent, as in ``1%``."""

    name = "percentage"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if isinstance(value, float):
            return value
        matched = _PERCENTAGE.fullmatch(str(value))
        if not matched or float(matched[1]) > 100:
            self.fail(f"'{value}' is no share: give one such as 1% or 100%", param, ctx)
        return float(matched[1]) / 100


class FormatName(click.ParamType):  # type: ignore[type-arg]  # not generic before click 8.4
    """The name or an alias of a format that can be read, or written."""

    name = "format"

    def __init__(self, written: bool) -> None:
        self.written = written

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        entry = formats.named(value) if self.written else formats.input_named(value)
        if entry is None or (self.written and not entry.writer):
            direction = "output" if self.written else "input"
            names = ", ".join(self._names())
            hint = formats.hint_of(value)
            self.fail(f"unknown {direction} format '{value}': choose from {names}{hint}", param, ctx)
        return entry.name

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        return [CompletionItem(name) for name in self._names() if name.startswith(incomplete)]

    def _names(self) -> list[str]:
        return [entry.name for entry in formats.FORMATS if (entry.writer if self.written else entry.reader)]


class EncodingName(click.ParamType):  # type: ignore[type-arg]
    """The name of an encoding of texts; '' for UTF-8."""

    name = "encoding"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        codec = codec_of(value) if value else ""
        if codec is None:
            self.fail(f"there is no encoding '{value}': name one such as cp1252, gbk, shift_jis or koi8-r", param, ctx)
        return codec


_hints = cache(get_type_hints)


def field_of(options: str, name: str) -> dict[str, Any]:
    """Return the default, and the choices, of a field of a format's options, for an option."""
    kind = formats.load(options)
    default = getattr(kind(), name)
    hint = _hints(kind)[name]
    if hint is bool:
        return {"default": default}
    choices = get_args(hint)
    return {"default": default, "type": click.Choice(choices) if choices else hint, "show_default": bool(choices)}


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
    click.option("--infobox", metavar="NAME", **field_of(_CHOICE, "infobox"),
                 help="Template of the infoboxes that name none."),
    click.option("--catalogue", type=click.Path(), metavar="FILE",
                 help="Templates that extend or override the known ones; see 'plainwiki templates learn'."),
    click.option("--threshold", type=click.FloatRange(0, 1), default=THRESHOLD, show_default=True, metavar="P",
                 help="Probability below which no template is guessed."),
    click.option("--values", **field_of(_CONVERSION, "values"),
                 help="Whether values are written as they are, or for their kinds, as in {{Start date|…}}."),
    click.option("--typed", multiple=True, metavar="NAME", help="Template whose values are typed in any case."),
    click.option("--align/--no-align", **field_of(_CONVERSION, "align"), help="Align the equals signs of parameters."),
    click.option("--paragraphs", **field_of(_CONVERSION, "paragraphs"),
                 help="What ends a paragraph: a blank line, or a line; keep-lines (or lines) keeps breaks."),
    click.option("--articles", **field_of(_CONVERSION, "articles"),
                 help="Whether a plain text with several level-1 headings is one article, or many."),
    click.option("--headings", **field_of(_CONVERSION, "headings"),
                 help="Whether headings are also read in other forms than between equals signs."),
    click.option("--markup", **field_of(_CONVERSION, "markup"), help="Whether wikitext in articles is text or markup."),
    click.option("--titles", **field_of(_CONVERSION, "titles"), help="What to do with titles that no wiki accepts."),
    click.option("--prove", type=Percentage(), default=0.0, metavar="[SHARE]",
                 help="Read pages back with another parser, all or a share such as 1%, and reject what differs."),
    click.option("--detokenize/--no-detokenize", **field_of(_CONVERSION, "detokenize"),
                 help="Join what stands apart in the WikiText corpora."),
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
    "-j", "--jobs", type=click.IntRange(1), default=_PROCESSORS, show_default="the processors",
    help="How many processes work.",
)  # fmt: skip


#: Where one text goes.
output_option = click.option(
    "-o", "--output", type=click.Path(), metavar="FILE", help="File to write, instead of standard output."
)


class Conversion(click.Command):
    """A command whose ``--strict`` may stand without a level, and ``--prove`` without a share."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        for at, argument in enumerate(args):
            if argument == "--":
                break
            if argument == "--strict" and args[at + 1 : at + 2] not in (["warning"], ["info"]):
                args[at] = "--strict=warning"
            if argument == "--prove" and not _PERCENTAGE.fullmatch("".join(args[at + 1 : at + 2])):
                args[at] = "--prove=100%"
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


class Request(Struct, frozen=True):
    """What the common options say."""

    inputs: tuple[str, ...]
    source: str | None
    infobox: str
    catalogue: str | None
    threshold: float
    values: ValueStyle
    typed: tuple[str, ...]
    align: bool
    paragraphs: Paragraphs
    articles: Articles
    headings: HeadingForms
    markup: Markup
    titles: Titles
    prove: float
    detokenize: bool
    text_field: str
    title_field: str
    infobox_field: str
    categories_field: str
    metadata: bool
    max_document: int
    encoding: str
    names_encoding: str
    include: tuple[str, ...]
    exclude: tuple[str, ...]
    follow_links: bool
    diagnostics: Form
    quiet: bool
    verbose: bool
    color: bool | None
    strict: str | None

    @property
    def paths(self) -> tuple[str, ...]:
        """What to read; standard input if nothing is named."""
        return self.inputs or (STDIN,)

    @property
    def selection(self) -> Selection:
        """Which of the inputs to read, and how."""
        return Selection(
            self.source or "",
            self.max_document << 20,
            fields=RecordOptions(**self._fields),
            follow_links=self.follow_links,
            articles=self.articles,
            encoding=self.encoding,
            names_encoding=self.names_encoding,
            patterns=Patterns(self.include, self.exclude),
        )

    @property
    def _fields(self) -> dict[str, Any]:
        names = ("text_field", "title_field", "infobox_field", "categories_field", "metadata")
        return {name: getattr(self, name) for name in names}

    def task(self, target: str) -> Task:
        """Return the conversion; the run chooses the form of its output."""
        if self.prove and self.markup == "passthrough":
            raise UsageError("--prove and --markup passthrough do not go together: only text can be proved to be text")
        rules = click.get_current_context().meta.get(RULES, ())
        options = ConversionOptions(
            choice=TemplateChoice(self.infobox, rules, self.threshold, extended(self.catalogue)),
            values=self.values,
            typed=self.typed,
            align=self.align,
            paragraphs=self.paragraphs,
            articles=self.articles,
            headings=self.headings,
            markup=self.markup,
            titles=self.titles,
            prove=self.prove,
            detokenize=self.detokenize,
            **self._fields,
        )
        return Task(target, "text", options)

    def shown_from(self, usual: Severity) -> Severity:
        """Return the least severity that is shown; below the ``usual`` one with ``--verbose`` only."""
        return Severity.ERROR if self.quiet else Severity.INFO if self.verbose else usual

    def watch(self, usual: Severity, progress: Progress, to_stdout: bool = False) -> Observer:
        """Return the observer that shows diagnostics, from ``shown_from`` on, and progress."""
        return Observer(Messages(self.diagnostics, self.color, to_stdout), self.shown_from(usual), progress)

    def status(self, summary: Summary) -> int:
        """Return the exit status."""
        if summary.codes["unreadable"]:
            return 3
        worst = max((CODES[code][0] for code in summary.codes), default=0)
        strict = Severity[self.strict.upper()] if self.strict else Severity.ERROR
        return 1 if summary.rejected or worst >= strict else 0


class PageRequest(Request, frozen=True):
    """What the common options say, and for which wiki pages are written."""

    wiki: str | None
    profile: str | None

    def task(self, target: str) -> Task:
        """Return the conversion; only formats of a wiki use the rules of one."""
        task = super().task(target)
        ctx = click.get_current_context()
        if "profile" not in formats.load(formats.writer_of(target).options).__struct_fields__:
            if self.prove and is_on_command_line(ctx, "prove"):
                raise UsageError(f"--prove reads pages of a wiki back, and {target} is none: leave it out")
            return task
        profile = wiki_profile(ctx, self.wiki, self.profile)
        return task._replace(options=structs.replace(task.options, profile=profile))


def output_of(path: str | None) -> Output:
    """Open a file that is whole or absent, or standard output."""
    if path and path != "-":
        return AtomicFile(path)
    if not console.has_output():
        raise EnvironmentFailed("standard output is closed: name a file with --output")
    return Stream(1, "standard output")


def extended(path: str | None) -> Catalogue | None:
    """Extend the shipped catalogue by that of a file; nothing if none is named."""
    if path is None:
        return None
    try:
        with open(path, encoding="utf-8") as file:
            return merged(shipped(), read_catalogue(file.read(), path))
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: byte {error.start} is not UTF-8: save the catalogue as UTF-8") from error
    except OSError as error:
        raise EnvironmentFailed(f"cannot read {path}: {error.strerror or error}") from error
