"""An upload as a person sees it: the plan is shown, asked about and applied, and what is done is told."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from itertools import islice
from urllib.parse import urlsplit

from convert.cli.config import Origin, origin_of
from convert.cli.consent import allow_secret, secret_target
from convert.cli.options import Request
from convert.cli.telling import Told, teller
from convert.cli.wanted import Inputs
from convert.diagnostics import shown
from convert.errors import EnvironmentFailed, UsageError
from convert.io import console
from convert.io.atomic import AtomicFile
from convert.io.console import Styled
from convert.upload.client import credentials
from convert.upload.client.address import api_of
from convert.upload.client.wiki import Client, ClientOptions
from convert.upload.diff import unified
from convert.upload.history import undo, verify
from convert.upload.plan import (
    Create,
    Mode,
    PlanHead,
    Rules,
    Step,
    Update,
    described,
    excess,
    head_line,
    read_head,
    read_steps,
    step_line,
    table,
)
from convert.upload.plan_store import PlanStore
from convert.upload.run import Upload, UploadOptions
from convert.upload.state import State, new_run

#: So many steps of a kind are shown, unless all are asked for.
MAX_SHOWN = 25
_TITLES = 50


@dataclass(frozen=True)
class Settings:
    """What the options of ``upload`` say; ``wiki`` is the address of its api.php, ``origin`` where that is from."""

    text_field: str
    title_field: str
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
    def looking(self) -> bool:
        """Nothing is to be changed on the wiki."""
        return self.dry_run or bool(self.plan)


def uploaded(request: Request, settings: Settings) -> int:
    """Carry out a request; return the exit status."""
    _check(request, settings)
    head = _head(settings.apply) if settings.apply else None
    if settings.wiki:
        secret_target(settings.wiki)
    api = api_of(settings.wiki) if settings.wiki else head.api if head else ""
    if not api:
        raise UsageError("no wiki is named: give its address with --wiki")
    origin = settings.origin if settings.wiki else origin_of(str(settings.apply))
    settings = replace(settings, wiki=api)
    if head and head.api != api:
        raise UsageError(f"{settings.apply} is a plan for {head.api}, and not for {api}")
    with ExitStack() as stack:
        color = request.color is not False
        told = stack.enter_context(closing(teller(settings.log_format, request.quiet, request.verbose, color)))
        path = settings.state or usual_state()
        looking = settings.looking or settings.verify or settings.runs
        state = stack.enter_context(closing(State(path, api, looking)))
        if settings.runs:
            return _list(state)
        allow_secret(api, origin, os.path.dirname(usual_state()), told.say, settings.yes)
        who = credentials.found(settings.user, urlsplit(api).hostname or api, _prompt())
        wiki = stack.enter_context(Client(api, who, _client_options(settings), told.waiting))
        if settings.verify:
            return _summed(verify(wiki, state, told.event), "changed", "gone", "refused")
        if settings.undo:
            return _summed(undo(wiki, state, settings.undo, told.event), "refused")
        return _Session(request, settings, state, wiki, told, stack).run(head)


def _check(request: Request, settings: Settings) -> None:
    """Raise UsageError where options contradict each other."""
    instead = [f"--{name}" for name in ("apply", "verify", "undo", "runs") if getattr(settings, name)]
    if len(instead) > 1:
        raise UsageError(f"{' and '.join(instead)} do not go together")
    if instead and request.inputs:
        raise UsageError(f"{instead[0]} reads no inputs: leave out {shown(request.inputs[0])}")
    if settings.looking and instead not in ([], ["--apply"]):
        raise UsageError(f"{instead[0]} does not go with --dry-run or --plan")


class _Session:
    """One upload, from the plan to its end."""

    def __init__(
        self, request: Request, settings: Settings, state: State, wiki: Client, told: Told, stack: ExitStack
    ) -> None:
        self.request, self.settings, self.state, self.wiki, self.told = request, settings, state, wiki, told
        self.rules = Rules(settings.mode, settings.overwrite, settings.max_changes)
        options = UploadOptions(
            self.rules, settings.summary, settings.minor, settings.retry_refused, settings.as_import
        )
        self.upload = Upload(wiki, state, options, told.event)
        self.steps = stack.enter_context(closing(PlanStore()))
        self.again = stack.enter_context(closing(PlanStore()))
        columns = (settings.text_field, settings.title_field)
        self.inputs = Inputs(request, wiki.site.profile, columns, settings.with_templates)

    def run(self, head: PlanHead | None) -> int:
        """Plan, show, ask, apply; return the exit status."""
        if not self.settings.looking:
            self.upload.settle()
            inputs = f"plan {head.run}" if head else " ".join((self.settings.mode, *self.request.paths))
            if self.upload.begin(inputs, head.run if head else ""):
                self.told.say(f"run {self.upload.run} goes on")
        if head:
            self._read(str(self.settings.apply))
        else:
            self.upload.plan(self.inputs.pages(), self.steps)
        self._show()
        if self.settings.plan:
            self._save(self.settings.plan)
        writing = self.steps.counts["create"] + self.steps.counts["update"]
        if self.settings.mode == "create" and (count := self.steps.untouched):
            self.told.say(f"{count:,} existing pages differ, and --mode create does not touch them")
        if not writing:
            self.told.say("nothing to do")
        if self.settings.looking and (why := excess(self.steps.counts, self.rules)):
            self.told.say(f"this would not be done: {why}")
        if not self.settings.looking and self._agreed(writing):
            self._apply()
        return self._status()

    def _read(self, path: str) -> None:
        """Take the steps of a file, and compare them with the wiki as it is now."""
        with open(path, "rb") as file:
            file.readline()
            with closing(PlanStore()) as planned:
                for each in read_steps(file, path):
                    planned.add(each)
                self.upload.recheck(planned, self.steps)

    def _save(self, path: str) -> None:
        with AtomicFile(path) as output:
            output.write(head_line(PlanHead(new_run(), self._api, self.wiki.site.user, self.settings.mode)))
            for each in self.steps.of("create", "update", "conflict", "refuse"):
                output.write(step_line(each))
        self.told.say(f"the plan is in {path}: 'plainwiki upload --apply {path}' does what it says")

    @property
    def _api(self) -> str:
        return self.settings.wiki

    def _show(self) -> None:
        """Print the plan."""
        few = None if self.request.verbose or self.settings.diff else MAX_SHOWN
        for kind in ("keep",) * self.request.verbose + ("create", "update", "conflict", "refuse"):
            steps = self.steps.of(kind)
            while some := list(islice(steps, min(few or _TITLES, _TITLES))):
                for line in self._lines(some):
                    console.line(line, color=self.request.color)
                if few:
                    break
            more = self.steps.counts[kind] - (few or self.steps.counts[kind])
            if more > 0:
                console.line(f"{kind:8}  … and {more:,} more (--verbose shows all)")
        for line in table(self.steps.counts):
            console.line(line)

    def _lines(self, steps: list[Step]) -> Iterator[str | Styled]:
        old = {}
        if self.settings.diff:
            old = self.wiki.revisions([each.base for each in steps if isinstance(each, Update)])
        for each in steps:
            yield described(each)
            if self.settings.diff and isinstance(each, Create | Update):
                found = old.get(each.base) if isinstance(each, Update) else None
                for line in unified((found.text if found else "") or "", each.text, each.title):
                    yield Styled(line, _COLORS.get(line[:1]))

    def _agreed(self, writing: int) -> bool:
        """Ask whether to go on, if that is to be asked."""
        why = excess(self.steps.counts, self.rules)
        if why:
            self.state.finish(self.upload.run)
            raise UsageError(f"nothing was done: {why}")
        if not writing or self.settings.yes:
            return True
        if not console.is_asked():
            self.state.finish(self.upload.run)
            raise UsageError("nothing was done: --yes does what is planned, --dry-run only shows it")
        where = f"{self.wiki.site.profile.sitename} ({urlsplit(self._api).hostname}) as {self.wiki.site.user}"
        pages = f"{writing:,} page{'s' * (writing > 1)}"
        if not console.confirmed(f"Write {pages} to {where}?"):
            self.state.finish(self.upload.run)
            self.told.say("nothing was done")
            return False
        # Time has passed.
        self.upload.recheck(self.steps, self.again)
        self.steps = self.again
        return True

    def _apply(self) -> None:
        self.told.total = self.steps.counts.total() - self.steps.counts["keep"]
        try:
            self.upload.apply(self.steps)
        except EnvironmentFailed as error:
            counts = _counted(self.upload.counts)
            raise EnvironmentFailed(
                f"{error}; run {self.upload.run} stopped after {counts}: start it again, and it goes on"
            ) from error
        if self.upload.counts:
            self.told.say(f"run {self.upload.run}: {_counted(self.upload.counts)}")

    def _status(self) -> int:
        refused = self.steps.counts["conflict"] + self.steps.counts["refuse"]
        refused += self.upload.counts["conflict"] + self.upload.counts["refused"]
        return self.request.status(self.inputs.summary) or (1 if refused else 0)


_COLORS = {"+": "green", "-": "red", "@": "cyan"}


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {name}" for name, count in counts.items() if count) or "nothing"


def _head(path: str) -> PlanHead:
    try:
        with open(path, "rb") as file:
            return read_head(file.readline(), path)
    except OSError as error:
        raise EnvironmentFailed(f"cannot read {path}: {error.strerror or error}") from error


def _list(state: State) -> int:
    for each in state.runs():
        ended = f"to {each.finished}" if each.finished else "did not come to its end"
        console.line(f"{each.id}  {each.user}  {each.written:,} pages  {each.started} {ended}")
    return 0


def _summed(counts: Mapping[str, int], *bad: str) -> int:
    console.line(_counted(counts))
    return 1 if any(counts[each] for each in bad) else 0


def _prompt() -> Callable[[str], str] | None:
    return console.secret if console.is_asked() else None


def usual_state() -> str:
    """Say where what was uploaded is kept, if no other place is named."""
    try:
        from platformdirs import user_state_dir
    except ImportError:
        raise UsageError("uploading needs platformdirs: pip install 'plainwiki[upload]'") from None
    return os.path.join(user_state_dir("plainwiki"), "plainwiki.db")


def _client_options(settings: Settings) -> ClientOptions:
    return ClientOptions(
        contact=settings.contact,
        patience_s=settings.patience,
        maxlag_s=settings.maxlag,
        concurrency=settings.concurrency,
        bot=settings.bot,
        tags=settings.tags,
        plain_http=settings.plain_http,
    )
