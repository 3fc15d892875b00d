"""``plainwiki upload``: pages onto a wiki."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast, get_args

import click
from click.core import ParameterSource
from msgspec import structs

from convert.batch.progress import Silent
from convert.cli.configuration.access_options import ACCESS_NAMES, access_options, setting
from convert.cli.configuration.defaults import find_wiki, origin_of
from convert.cli.configuration.wiki_account import WikiAccount, account_at, wiki_account
from convert.cli.options.catalogue_file import extended
from convert.cli.options.request import Request
from convert.cli.options.shared import Conversion, common
from convert.cli.options.upload_options import UPLOAD_SETTINGS, Readable, upload_options
from convert.diagnostics import Severity, shown
from convert.errors import UsageError
from convert.infobox.catalogue import shipped
from convert.inputs.files.patterns import Patterns
from convert.io import console
from convert.upload.desired.desired_pages import Inputs
from convert.upload.merging.names import MergeRules, preferences
from convert.upload.plan import Mode, Retirement, Rules, checked_limit

if TYPE_CHECKING:
    from convert.profile import WikiProfile
    from convert.upload.client.wiki import Client
    from convert.upload.plan_lines import PlanHead
    from convert.upload.publish import PublishOptions
    from convert.upload.state.state import State
    from convert.upload.upload_progress import UploadProgress


#: The longest summary of a user's own; a wiki keeps 500 characters, and the mark of the run needs some.
MOST_SUMMARY = 400


@dataclass(frozen=True)
class _Settings:
    """The options of this command."""

    wiki: str | None
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
    namespace: str
    prefix: str
    gone: str
    max_gone: str
    scripts: bool
    retry_refused: bool
    with_templates: bool
    with_categories: bool
    files: str | None
    licence_field: str
    as_import: bool
    verify: bool
    undo: str | None
    runs: bool
    summary: str
    minor: bool
    bot: bool
    tags: tuple[str, ...]
    concurrency: int
    maxlag: int | None
    patience: int
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
        if self.gone.partition(":")[0] not in get_args(Retirement) or (":" in self.gone and not self.retirement[1]):
            raise UsageError(f"--gone {self.gone}: write list, blank, redirect, redirect:TITLE or delete")
        try:
            checked_limit(self.max_gone)
        except ValueError as error:
            raise UsageError(f"--max-gone {error}") from None
        if self.files and self.apply:
            raise UsageError("--files does not go with --apply: the plan names the files")
        if len(self.summary) > MOST_SUMMARY:
            raise UsageError(f"--summary has {len(self.summary):,} characters: write at most {MOST_SUMMARY}")
        if self.licence_field and not self.files:
            raise UsageError("--licence-field goes with --files only")
        if self.mode != "infobox" and (self.insert or self.prefer):
            raise UsageError(f"--{'insert' if self.insert else 'prefer'} goes with --mode infobox only")

    @property
    def retirement(self) -> tuple[Retirement, str]:
        """What becomes of pages that left the sources, and where they lead."""
        how, _, target = self.gone.partition(":")
        return cast(Retirement, how), target.strip() if how == "redirect" else ""

    def inputs(self, request: Request, profile: WikiProfile) -> Inputs:
        """Return what to upload to a wiki; with a field of licences, fields that are not read are kept."""
        selection, task = request.selection, request.task_of_upload(profile)
        if self.licence_field:
            selection = selection._replace(fields=structs.replace(selection.fields, metadata=True))
            task = task._replace(options=structs.replace(task.options, metadata=True))
        return Inputs(
            request.paths,
            selection,
            task,
            self.with_templates,
            self.with_categories,
            self.files or "",
            self.licence_field,
        )


@click.command(
    "upload",
    cls=Conversion,
    examples=(
        "plainwiki upload articles/ --wiki https://wiki.example/w/api.php --user Bot@plainwiki --dry-run",
        "plainwiki upload articles/ --wiki mine --mode replace --diff",
    ),
)
@common
@upload_options
@access_options
def command(**_: Any) -> int:
    """Publish articles, files of wikitext and export dumps on a wiki.

    What is there is looked at first, and shown as a plan.  A run that was interrupted goes on when it is started
    again, and each page is written once.  Needs the extra 'upload'.
    """
    ctx = click.get_current_context()
    return _run(ctx, *_parsed(ctx))


next(param for param in command.params if param.name == "source").type = Readable(False)


def _parsed(ctx: click.Context) -> tuple[Request, _Settings, Mapping[str, Any]]:
    """Return what the options say: of conversions, of this command, and of how a wiki is reached."""
    parameters = dict(ctx.params)
    request = Request(**{name: parameters.pop(name) for name in Request.__struct_fields__})
    access = {name: parameters.pop(name) for name in ACCESS_NAMES}
    _apply_settings(ctx, parameters)
    settings = _Settings(**parameters)
    settings.check(request)
    return request, settings, access


def _check_asked(settings: _Settings) -> None:
    """Raise UsageError where a person is to be asked, and nobody can be."""
    if "ask" in preferences(settings.prefer).values() and not console.is_asked():
        raise UsageError(
            "--prefer ask asks at a terminal, and here is none: say ours or theirs, or leave it out, which makes "
            "conflicts of such values"
        )


def _run(ctx: click.Context, request: Request, settings: _Settings, access: Mapping[str, Any]) -> int:
    """Run the command; return the exit status."""
    _check_asked(settings)
    # Imported here, because --help needs none of it.
    from convert.upload.desired.desired_pages import DesiredPages
    from convert.upload.history import undo, verify
    from convert.upload.publish import Publication
    from convert.upload.state.state import State, default_path
    from convert.upload.upload_progress import progress_for

    with ExitStack() as stack:
        color = request.color is not False
        progress = progress_for(settings.log_format, request.quiet, request.verbose, color)
        stack.enter_context(closing(progress))
        account, head = _account(ctx, settings, access, progress.say)
        state = stack.enter_context(closing(State(settings.state or default_path(), account.api, settings.read_only)))
        if settings.runs:
            return _list(state)
        wiki = stack.enter_context(_client(account, settings, progress))
        state.identify(wiki.site.identity)
        if settings.verify:
            return _summed(verify(wiki, state, progress.event), "changed", "gone", "refused")
        if settings.undo:
            return _summed(undo(wiki, state, settings.undo, progress.event), "refused")
        watch = request.watch(Severity.ERROR, Silent())
        desired = DesiredPages(settings.inputs(request, wiki.site.profile), wiki.site.profile, watch)
        options = _publish_options(request, settings, account.api)
        publication = stack.enter_context(Publication(wiki, state, desired, options, progress))
        unwritten = publication.run(head)
        for each in desired.summary.unread:
            progress.say(each)
        return request.status(desired.summary) or (1 if unwritten else 0)


def _account(
    ctx: click.Context, settings: _Settings, access: Mapping[str, Any], say: Callable[[str], None]
) -> tuple[WikiAccount, PlanHead | None]:
    """Return the wiki that is named, or that of the plan to apply, with the head of that plan."""
    from convert.upload.publish import plan_head

    head = plan_head(settings.apply) if settings.apply else None
    if not settings.wiki:
        if head is None:
            raise UsageError("no wiki is named: give its address with --wiki")
        return account_at(ctx, head.api, origin_of(str(settings.apply)), access, say, settings.yes), head
    account = wiki_account(ctx, settings.wiki, access, say, settings.yes)
    if head and head.api != account.api:
        raise UsageError(f"{settings.apply} is a plan for {head.api}, and not for {account.api}")
    return account, head


def _client(account: WikiAccount, settings: _Settings, progress: UploadProgress) -> Client:
    """Return the client of the wiki, for an account after consent."""
    from convert.upload.client.wiki import Client

    who = account.credentials()
    options = account.client_options(
        who,
        patience_s=settings.patience,
        maxlag_s=settings.maxlag,
        concurrency=settings.concurrency,
        bot=settings.bot,
        tags=settings.tags,
    )
    return Client(account.api, who, options, progress.waiting, progress.say)


def publish_options_of(words: Sequence[str], api: str, save_to: str) -> tuple[PublishOptions, str]:
    """Return how this command would plan with these words, for a plan in a file; and the file of its state.

    Nobody is asked: where a person decides between two values, the plan has a conflict.
    Raises UsageError and click's errors for words that it does not take.
    """
    from convert.upload.state.state import default_path

    ctx = command.make_context("upload", ["--plan", save_to, *words], parent=click.get_current_context().parent)
    with ctx:
        request, settings, _ = _parsed(ctx)
        options = _publish_options(request, settings, api)
        unasked = replace(options, upload=replace(options.upload, ask=None))
        return unasked, settings.state or default_path()


def _publish_options(request: Request, settings: _Settings, api: str) -> PublishOptions:
    from convert.upload.model import UploadOptions
    from convert.upload.placing import Placing
    from convert.upload.planning.gone import Scope
    from convert.upload.publish import PublishOptions

    merging = MergeRules(
        extended(request.catalogue) or shipped(), prefer=preferences(settings.prefer), insert=settings.insert
    )
    rules = Rules(
        settings.mode,
        settings.overwrite,
        settings.max_changes,
        merging,
        settings.scripts,
        settings.recreate,
        settings.follow_moves,
        *settings.retirement,
        settings.max_gone,
    )
    patterns = request.selection.patterns
    uploading = UploadOptions(
        rules,
        settings.summary,
        settings.minor,
        settings.retry_refused,
        settings.as_import,
        console.asked_side if merging.asks else None,
    )
    return PublishOptions(
        uploading,
        api,
        what=" ".join(request.paths),
        save_to=settings.plan,
        apply_from=settings.apply,
        dry_run=settings.dry_run,
        yes=settings.yes,
        diff=settings.diff,
        verbose=request.verbose,
        color=request.color,
        scope=Scope(request.paths, "" if patterns == Patterns() else f" {patterns}"),
        placing=Placing(settings.namespace, settings.prefix),
    )


def _list(state: State) -> int:
    for run in state.runs():
        ended = f"to {run.finished}" if run.finished else "did not come to its end"
        console.line(f"{run.id}  {run.user}  {run.written:,} pages  {run.started} {ended}")
    return 0


def _summed(counts: Mapping[str, int], *bad: str) -> int:
    from convert.upload.publish import counts_line

    console.line(counts_line(counts))
    return 1 if any(counts[name] for name in bad) else 0


def _apply_settings(ctx: click.Context, parameters: dict[str, Any]) -> None:
    """Apply the settings of a wiki in the configuration."""
    name = parameters["wiki"] or ""
    options = {option.opts[-1].removeprefix("--"): option for option in ctx.command.params}
    for key, value in find_wiki(ctx, name)[0].items():
        if key not in UPLOAD_SETTINGS:
            raise UsageError(f"[wikis.{name}]: no '{key}' can be set: choose from {', '.join(UPLOAD_SETTINGS)}")
        param = options.get(key)
        if param is None or str(param.name) not in parameters:
            continue
        if ctx.get_parameter_source(str(param.name)) is not ParameterSource.COMMANDLINE:
            parameters[str(param.name)] = setting(ctx, param, value, f"[wikis.{name}]: {key}")
