"""``plainwiki upload``: pages onto a wiki."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_args
from urllib.parse import urlsplit

import click
from click.core import ParameterSource

from convert.batch.progress import Silent
from convert.cli.configuration.defaults import Origin, find_wiki, origin_of
from convert.cli.configuration.file import cast
from convert.cli.options.request import Request, extended
from convert.cli.options.shared import Conversion, common
from convert.cli.options.value_types import FormatName
from convert.diagnostics import Severity, shown
from convert.errors import UsageError
from convert.infobox.catalogue import shipped
from convert.io import console
from convert.upload.desired_pages import PAGE_FORMATS, Inputs
from convert.upload.merging.names import MergeRules, preferences
from convert.upload.plan import Mode, Rules

if TYPE_CHECKING:
    from convert.upload.state.state import State


class _Readable(FormatName):
    """A format of articles, or of pages as they are."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        return value if value in PAGE_FORMATS else super().convert(value, param, ctx)

    def _names(self) -> list[str]:
        return [*super()._names(), *PAGE_FORMATS]


_OPTIONS = (
    click.option("--wiki", metavar="URL|NAME", help="Address of the wiki, or a name from [wikis]."),
    click.option("--user", default="", metavar="NAME",
                 help="Account, as in Bot@plainwiki; PLAINWIKI_PASSWORD or PLAINWIKI_TOKEN has the secret."),
    click.option("--mode", type=click.Choice(get_args(Mode)), default="create", show_default=True,
                 help="Touch no existing page, replace pages, or put new infoboxes into them."),
    click.option("--dry-run", is_flag=True, help="Show the plan, and do nothing."),
    click.option("-y", "--yes", is_flag=True, help="Do what is planned without asking."),
    click.option("--diff", is_flag=True, help="Show what changes in each page."),
    click.option("--plan", type=click.Path(), metavar="FILE", help="Write the plan to a file, and do nothing."),
    click.option("--apply", type=click.Path(), metavar="FILE", help="Do exactly what a file of --plan says."),
    click.option("--max-changes", type=click.IntRange(0, 100), default=Rules.max_changes, show_default=True,
                 metavar="PERCENT", help="Do nothing if more of the existing pages would change."),
    click.option("--overwrite", is_flag=True, help="Replace also pages that people edited since we wrote them."),
    click.option("--recreate", is_flag=True, help="Make again pages that were deleted or moved since we wrote them."),
    click.option("--follow-moves", is_flag=True, help="Write pages that were moved since under their new titles."),
    click.option("--prefer", multiple=True, metavar="SIDE[:KEY,…]",
                 help="With --mode infobox, whose value wins on pages of others: ours, theirs, or ask."),
    click.option("--insert", is_flag=True, help="With --mode infobox, put one on pages without any."),
    click.option("--scripts", is_flag=True, help="Write also pages that are no wikitext: scripts, styles, data."),
    click.option("--retry-refused", is_flag=True, help="Send again what the wiki refused."),
    click.option("--with-templates", is_flag=True, help="Upload also the template pages that the wiki lacks."),
    click.option("--import", "as_import", is_flag=True, help="Send many pages at a time, as dumps to import."),
    click.option("--verify", is_flag=True, help="Read back what was uploaded, and compare."),
    click.option("--undo", metavar="RUN", help="Revert the edits of a run where nobody edited since."),
    click.option("--runs", is_flag=True, help="List the runs."),
    click.option("--summary", default="", metavar="TEXT", help="What edit summaries say before the tool and the run."),
    click.option("--minor", is_flag=True, help="Mark edits as minor."),
    click.option("--bot", is_flag=True, help="Mark edits as a bot's."),
    click.option("--tags", multiple=True, metavar="NAME", help="Change tag of the edits."),
    click.option("--contact", default="", metavar="TEXT", help="Who answers for the edits; else the account's page."),
    click.option("--concurrency", type=click.IntRange(1, 64), default=1, show_default=True, metavar="N",
                 help="Requests at the same time; always 1 on Wikimedia's wikis."),
    click.option("--maxlag", type=click.IntRange(0), metavar="S", help="Wait while the wiki's databases lag so much."),
    click.option("--patience", type=click.IntRange(0), default=600, show_default=True, metavar="S",
                 help="How long to wait for a wiki that has no time."),
    click.option("--plain-http", is_flag=True, help="Send the password unencrypted, as in a local network."),
    click.option("--state", type=click.Path(), metavar="FILE", help="What was uploaded; else in the user's folder."),
    click.option("--log-format", type=click.Choice(["text", "json"]), default="text", show_default=True,
                 help="Form of what is told of the run, on standard error."),
)  # fmt: skip

#: Options that a wiki in the configuration can set, by their long names.
_SETTINGS = (
    "api", "user", "mode", "max-changes", "follow-moves", "prefer", "insert", "summary", "minor", "bot", "tags",
    "contact", "concurrency", "maxlag", "patience", "plain-http", "state",
)  # fmt: skip


def _options(command: Any) -> Any:
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@dataclass(frozen=True)
class _Settings:
    """The options of this command; ``origin`` is the origin of the address ``wiki``."""

    wiki: str
    origin: Origin
    user: str
    mode: Mode
    dry_run: bool
    yes: bool
    diff: bool
    plan: str | None
    apply: str | None
    max_changes: int
    overwrite: bool
    recreate: bool
    follow_moves: bool
    prefer: tuple[str, ...]
    insert: bool
    scripts: bool
    retry_refused: bool
    with_templates: bool
    as_import: bool
    verify: bool
    undo: str | None
    runs: bool
    summary: str
    minor: bool
    bot: bool
    tags: tuple[str, ...]
    contact: str
    concurrency: int
    maxlag: int | None
    patience: int
    plain_http: bool
    state: str | None
    log_format: str

    @property
    def read_only(self) -> bool:
        """Whether the wiki is not changed."""
        return self.dry_run or bool(self.plan) or self.verify or self.runs

    def check(self, request: Request) -> None:
        """Raise UsageError for contradictory options."""
        instead = [f"--{name}" for name in ("apply", "verify", "undo", "runs") if getattr(self, name)]
        if len(instead) > 1:
            raise UsageError(f"{' and '.join(instead)} do not go together")
        if instead and request.inputs:
            raise UsageError(f"{instead[0]} reads no inputs: leave out {shown(request.inputs[0])}")
        if (self.dry_run or self.plan) and instead not in ([], ["--apply"]):
            raise UsageError(f"{instead[0]} does not go with --dry-run or --plan")
        if self.mode != "infobox" and (self.insert or self.prefer):
            raise UsageError(f"--{'insert' if self.insert else 'prefer'} goes with --mode infobox only")

    def inputs(self, request: Request) -> Inputs:
        """Return what to upload."""
        return Inputs(request.paths, request.selection, request.task("wikitext"), self.with_templates)


@click.command("upload", cls=Conversion)
@common
@_options
def command(**parameters: Any) -> int:
    """Publish articles, files of wikitext and export dumps on a wiki.

    What is there is looked at first, and shown as a plan.  A run that was interrupted goes on when it is started
    again, and each page is written once.  Needs the extra 'upload'.
    """
    request = Request(**{name: parameters.pop(name) for name in Request.__struct_fields__})
    address, origin = _wiki(click.get_current_context(), parameters)
    settings = _Settings(**{**parameters, "wiki": address, "origin": origin})
    settings.check(request)
    return _run(request, settings)


next(param for param in command.params if param.name == "source").type = _Readable(False)


def _run(request: Request, settings: _Settings) -> int:
    """Run the command; return the exit status."""
    # Imported here, because --help needs none of it.
    from convert.cli.configuration.consent import allow_secret, secret_target
    from convert.upload.client import credentials
    from convert.upload.client.address import api_of
    from convert.upload.client.front.http_options import http_options
    from convert.upload.client.wiki import Client, ClientOptions
    from convert.upload.desired_pages import DesiredPages
    from convert.upload.history import undo, verify
    from convert.upload.model import UploadOptions
    from convert.upload.publish import Publication, PublishOptions, plan_head
    from convert.upload.state.state import State, default_path
    from convert.upload.upload_progress import progress_for

    head = plan_head(settings.apply) if settings.apply else None
    if settings.wiki:
        secret_target(settings.wiki)
    http = http_options()
    if settings.wiki and http.has_secrets:
        allow_secret(
            secret_target(settings.wiki), settings.origin, os.path.dirname(default_path()), console.say, settings.yes
        )
    plain = settings.plain_http
    api = api_of(settings.wiki, http, plain, console.say) if settings.wiki else head.api if head else ""
    if not api:
        raise UsageError("no wiki is named: give its address with --wiki")
    if head and head.api != api:
        raise UsageError(f"{settings.apply} is a plan for {head.api}, and not for {api}")
    origin = settings.origin if settings.wiki else origin_of(str(settings.apply))
    client_options = ClientOptions(
        contact=settings.contact,
        patience_s=settings.patience,
        maxlag_s=settings.maxlag,
        concurrency=settings.concurrency,
        bot=settings.bot,
        tags=settings.tags,
        plain_http=settings.plain_http,
        http=http,
    )
    merging = MergeRules(extended(request.catalogue) or shipped(), {}, preferences(settings.prefer), settings.insert)
    rules = Rules(
        settings.mode,
        settings.overwrite,
        settings.max_changes,
        merging,
        settings.scripts,
        settings.recreate,
        settings.follow_moves,
    )
    options = PublishOptions(
        UploadOptions(rules, settings.summary, settings.minor, settings.retry_refused, settings.as_import),
        api,
        what=" ".join(request.paths),
        save_to=settings.plan,
        apply_from=settings.apply,
        dry_run=settings.dry_run,
        yes=settings.yes,
        diff=settings.diff,
        verbose=request.verbose,
        color=request.color,
    )
    with ExitStack() as stack:
        color = request.color is not False
        progress = progress_for(settings.log_format, request.quiet, request.verbose, color)
        stack.enter_context(closing(progress))
        state = stack.enter_context(closing(State(settings.state or default_path(), api, settings.read_only)))
        if settings.runs:
            return _list(state)
        allow_secret(api, origin, os.path.dirname(default_path()), progress.say, settings.yes)
        prompt = console.secret if console.is_asked() else None
        account = credentials.found(settings.user, urlsplit(api).hostname or api, prompt)
        wiki = stack.enter_context(Client(api, account, client_options, progress.waiting, progress.say))
        state.identify(wiki.site.identity)
        if settings.verify:
            return _summed(verify(wiki, state, progress.event), "changed", "gone", "refused")
        if settings.undo:
            return _summed(undo(wiki, state, settings.undo, progress.event), "refused")
        watch = request.watch(Severity.ERROR, Silent())
        desired = DesiredPages(settings.inputs(request), wiki.site.profile, watch)
        publication = stack.enter_context(Publication(wiki, state, desired, options, progress))
        unwritten = publication.run(head)
        for each in desired.summary.unread:
            progress.say(each)
        return request.status(desired.summary) or (1 if unwritten else 0)


def _list(state: State) -> int:
    for run in state.runs():
        ended = f"to {run.finished}" if run.finished else "did not come to its end"
        console.line(f"{run.id}  {run.user}  {run.written:,} pages  {run.started} {ended}")
    return 0


def _summed(counts: Mapping[str, int], *bad: str) -> int:
    from convert.upload.publish import counts_line

    console.line(counts_line(counts))
    return 1 if any(counts[name] for name in bad) else 0


def _wiki(ctx: click.Context, settings: dict[str, Any]) -> tuple[str, Origin]:
    """Return the address of the wiki and its origin; apply the settings of a wiki in the configuration."""
    name = settings["wiki"] or ""
    wiki, origin = find_wiki(ctx, name)
    options = {option.opts[-1].removeprefix("--"): option for option in ctx.command.params}
    for setting, value in wiki.items():
        if setting not in _SETTINGS:
            raise UsageError(f"[wikis.{name}]: no '{setting}' can be set: choose from {', '.join(_SETTINGS)}")
        param = options.get(setting)
        if param and ctx.get_parameter_source(str(param.name)) is not ParameterSource.COMMANDLINE:
            settings[str(param.name)] = _cast(ctx, param, value, f"[wikis.{name}]: {setting}")
    return str(wiki["api"]), origin


def _cast(ctx: click.Context, param: click.Parameter, value: Any, where: str) -> Any:
    try:
        return cast(ctx, param, value)
    except click.BadParameter as error:
        raise UsageError(f"{where}: {error.message.rstrip('.')}") from None
