"""What the common options say, as one record: which inputs, and which conversion."""

from __future__ import annotations

from typing import Any

import click
from msgspec import Struct, structs

from convert import formats
from convert.batch.model import Task
from convert.batch.observer import Observer
from convert.batch.progress import Progress, Silent
from convert.batch.report.summary import Summary
from convert.cli.configuration.defaults import RULES
from convert.cli.messages import Form, Messages
from convert.cli.options.catalogue_file import extended
from convert.cli.wiki_rules import is_on_command_line, wiki_profile
from convert.diagnostics import CODES, Severity, shown
from convert.errors import UsageError
from convert.infobox.match import TemplateChoice
from convert.inputs.files.patterns import Patterns
from convert.inputs.sources import STDIN, Selection
from convert.links.policy import Linking, LinkPolicy, Scope
from convert.options import ConversionOptions
from convert.profile import WikiProfile
from convert.readers.layout.looks import Markup
from convert.readers.layout.paragraphs import Paragraphs
from convert.readers.layout.tables import Tables
from convert.readers.plain import Articles, HeadingForms
from convert.readers.records.options import RecordOptions
from convert.titles import Titles
from convert.writers.transclusion import ValueStyle

#: What no text and no title has that a link could be made of.
_NOT_IN_NAMES = frozenset("[]{}|<>\n")
#: The choices of ``--links``, which mean nothing without it.
_OF_LINKS = ("links_threshold", "links_scope", "links_red", "links_never", "links_always", "links_most")


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
    tables: Tables
    notes: bool
    markup: Markup
    titles: Titles
    prove: float
    detokenize: bool
    links: tuple[str, ...]
    links_scope: Scope
    links_threshold: float | None
    links_red: bool
    links_never: tuple[str, ...]
    links_always: tuple[str, ...]
    links_most: int
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
    def link_policy(self) -> LinkPolicy:
        """Which links are made."""
        for option, names in (("never", self.links_never), ("always", self.links_always)):
            odd = next((name for name in names if not name.strip() or _NOT_IN_NAMES.intersection(name)), None)
            if odd is not None:
                raise UsageError(
                    f"--links-{option} {shown(odd)} is neither a text nor a title: give it as readers see it"
                )
        return LinkPolicy(
            self.links_threshold, self.links_scope, self.links_red, self.links_never, self.links_always, self.links_most
        )

    @property
    def _fields(self) -> dict[str, Any]:
        names = ("text_field", "title_field", "infobox_field", "categories_field", "metadata")
        return {name: getattr(self, name) for name in names}

    def task(self, target: str) -> Task:
        """Return the conversion; the run chooses the form of its output."""
        return self._linking(self._conversion(target))

    def task_of_upload(self, profile: WikiProfile) -> Task:
        """Return the conversion for the wiki of an upload, to which pages go that are ready, too."""
        task = self._conversion("wikitext")
        task = task._replace(options=structs.replace(task.options, profile=profile))
        return self._linking(task, self.selection._replace(pages=True))

    def _linking(self, task: Task, selection: Selection | None = None) -> Task:
        """Return a conversion with the dictionaries of ``--links``."""
        if not self.links:
            ctx = click.get_current_context()
            given = [name for name in _OF_LINKS if name in ctx.params and is_on_command_line(ctx, name)]
            if given:
                option = f"--{given[0].replace('_', '-')}"
                raise UsageError(f"{option} says which links are made, and --links makes none: name its sources")
            return task
        if self.markup == "passthrough":
            raise UsageError("--links and --markup passthrough do not go together: links within markup would break it")
        # Imported here, because most runs need none of it.
        from convert.cli.options.link_sources import checksums_of, sources_of

        observer = self.watch(Severity.WARNING, Silent())
        paths = sources_of(self.links, self.paths, selection or self.selection, task, observer.show)
        links = structs.replace(task.options.links, dictionaries=paths, checksums=checksums_of(paths))
        return task._replace(options=structs.replace(task.options, links=links))

    def _conversion(self, target: str) -> Task:
        if self.prove and self.markup == "passthrough":
            raise UsageError("--prove and --markup passthrough do not go together: only text can be proved to be text")
        rules = click.get_current_context().meta.get(RULES, ())
        options = ConversionOptions(
            choice=TemplateChoice(_spaced(self.infobox), rules, self.threshold, extended(self.catalogue)),
            values=self.values,
            typed=tuple(map(_spaced, self.typed)),
            align=self.align,
            paragraphs=self.paragraphs,
            articles=self.articles,
            headings=self.headings,
            tables=self.tables,
            notes=self.notes,
            markup=self.markup,
            titles=self.titles,
            prove=self.prove,
            detokenize=self.detokenize,
            links=Linking(policy=self.link_policy),
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

    @property
    def beside(self) -> list[str]:
        """The files that are read beside the inputs."""
        return [*self.links, *filter(None, (self.catalogue, self.profile))]

    def task(self, target: str) -> Task:
        """Return the conversion; only formats of a wiki use the rules of one."""
        task = self._conversion(target)
        ctx = click.get_current_context()
        if "profile" not in formats.load(formats.writer_of(target).options).__struct_fields__:
            if self.prove and is_on_command_line(ctx, "prove"):
                raise UsageError(f"--prove reads pages of a wiki back, and {target} is none: leave it out")
            return self._linking(task)
        profile = wiki_profile(ctx, self.wiki, self.profile)
        return self._linking(task._replace(options=structs.replace(task.options, profile=profile)))


def _spaced(name: str) -> str:
    """Return the name of a template as pages write it: a shell completes it with underscores."""
    return name.replace("_", " ")
