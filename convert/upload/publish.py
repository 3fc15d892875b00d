"""The use case of publishing: make a plan for the inputs, show it, confirm it, apply it.

Publication
    upload: Upload                  plans, applies, and records what it does
    steps: PlanStore                the plan
    desired: DesiredPages           the pages of the inputs
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from itertools import islice
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from convert.errors import EnvironmentFailed, UsageError
from convert.io import console
from convert.io.atomic import AtomicFile
from convert.io.console import Styled
from convert.upload.client.wiki import Client
from convert.upload.desired.desired_pages import DesiredPages
from convert.upload.diff import unified
from convert.upload.files.file_steps import FileStep
from convert.upload.files.file_upload import FileUpload
from convert.upload.model import UploadOptions
from convert.upload.placing import PlacedPages, Placing
from convert.upload.plan import Create, Step, Update, excess
from convert.upload.plan_lines import PlanHead, described, head_line, read_head, read_steps, step_line, table
from convert.upload.plan_store import PlanStore
from convert.upload.planning.gone import Gone, Scope
from convert.upload.run import Upload
from convert.upload.state.state import State, new_run
from convert.upload.upload_progress import UploadProgress

#: How many steps of a kind are shown without --verbose.
MAX_SHOWN = 25
#: How many old revisions are fetched at a time for diffs.
_TITLES_AT_ONCE = 50
_DIFF_COLORS = {"+": "green", "-": "red", "@": "cyan"}


@dataclass(frozen=True)
class PublishOptions:
    """How a plan is made, shown and applied; ``what`` identifies the inputs, so that the run can be resumed."""

    upload: UploadOptions
    #: The address of the wiki's api.php.
    api: str
    what: str
    #: Write the plan to this file, and apply nothing.
    save_to: str | None = None
    #: Read the plan from this file.
    apply_from: str | None = None
    dry_run: bool = False
    #: Apply without confirmation.
    yes: bool = False
    diff: bool = False
    verbose: bool = False
    color: bool | None = None
    #: The inputs, by which an earlier run of the same is known.
    scope: Scope = field(default_factory=lambda: Scope(()))
    placing: Placing = field(default_factory=Placing)

    @property
    def read_only(self) -> bool:
        """Whether the wiki is not changed."""
        return self.dry_run or bool(self.save_to)


class Publication:
    """One upload, from the plan to its end; a context manager, because plans are stored in files."""

    def __init__(
        self,
        wiki: Client,
        state: State,
        desired: DesiredPages,
        options: PublishOptions,
        progress: UploadProgress,
    ) -> None:
        self.wiki, self.state, self.desired, self.options, self.progress = wiki, state, desired, options, progress
        self.upload = Upload(wiki, state, options.upload, progress.event)
        profile = wiki.site.profile
        options.placing.check(profile)
        self._placed = PlacedPages(desired, options.placing, profile) if options.placing.before else desired
        self.gone = Gone(wiki, state, options.upload.rules, options.scope)
        self.files = FileUpload(wiki, progress.event)
        self._stack = ExitStack()
        self.steps, self._rechecked = (self._stack.enter_context(closing(PlanStore())) for _ in range(2))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def run(self, head: PlanHead | None) -> int:
        """Plan, show, confirm, apply; return how many pages were not written because of a conflict or a refusal.

        ``head`` is the head of the plan in ``options.apply_from``.
        """
        read_only, rules = self.options.read_only, self.options.upload.rules
        if not read_only:
            self.upload.settle()
            purpose = f"plan {head.run}" if head else f"{rules.mode} {self.options.what}"
            if self.upload.begin(purpose, head.run if head else ""):
                self.progress.say(f"run {self.upload.run} goes on")
        if head:
            self._load(str(self.options.apply_from))
        else:
            self._plan()
        self._show()
        if path := self.options.save_to:
            self._save(path)
            self.progress.say(f"the plan is in {path}: 'plainwiki upload --apply {path}' does what it says")
        self._say_untouched()
        writes = self.steps.counts["create"] + self.steps.counts["update"] + self.steps.retiring
        writes += self.files.writes
        if not writes:
            self.progress.say("nothing to do")
        if read_only and (why := self._excess):
            self.progress.say(f"this would not be done: {why}")
        if not read_only and self._confirmed(writes):
            self._apply()
            if not head:
                self.gone.record(self.steps)
        planned, done = self.steps.counts, self.upload.counts
        return planned["conflict"] + planned["refuse"] + done["conflict"] + done["refused"] + self.files.unwritten

    def _say_untouched(self) -> None:
        if self.options.upload.rules.mode == "create" and (count := self.steps.untouched):
            pages = "1 existing page differs" if count == 1 else f"{count:,} existing pages differ"
            self.progress.say(f"{pages}, and --mode create does not touch {'it' if count == 1 else 'them'}")

    def write_plan(self, path: str) -> Mapping[str, int]:
        """Make the plan and write it to a file, without showing it; return the counts of its steps by kind."""
        self._plan()
        self._save(path)
        self._say_untouched()
        if why := self._excess:
            self.progress.say(f"this would not be done: {why}")
        return self.steps.counts

    def _plan(self) -> None:
        self.upload.plan(self._placed, self.steps)
        self._plan_gone()
        if self.desired.files:
            self.files.plan(self.desired.files)

    @property
    def _excess(self) -> str:
        return excess(self.steps.counts, self.options.upload.rules) or self.gone.excess(self.steps)

    def _plan_gone(self) -> None:
        """Plan what becomes of pages that left the sources, if all sources could be read."""
        if not self.desired.summary.rejected and not self.desired.summary.unread:
            self.gone.plan(self.steps)
        elif self.options.upload.rules.gone != "list":
            self.progress.say("what left the sources is not looked at, because not all of them could be read")

    def _load(self, path: str) -> None:
        """Read the steps of a stored plan, and recheck them against the wiki."""
        with open(path, "rb") as file:
            file.readline()
            files: list[FileStep] = []
            with closing(PlanStore()) as planned:
                for step in read_steps(file, path):
                    if isinstance(step, FileStep):
                        files.append(step)
                    else:
                        planned.add(step)
                self.upload.recheck(planned, self.steps)
            self.files.load(files)

    def _save(self, path: str) -> None:
        with AtomicFile(path) as output:
            user, mode = self.wiki.site.user, self.options.upload.rules.mode
            output.write(head_line(PlanHead(new_run(), self.options.api, user, mode)))
            for step in self.steps.of("create", "update", "conflict", "refuse", "gone"):
                output.write(step_line(step))
            for file in self.files.steps:
                output.write(step_line(file))

    def _show(self) -> None:
        """Print the plan."""
        verbose = self.options.verbose
        limit = None if verbose or self.options.diff else MAX_SHOWN
        for kind in ("keep",) * verbose + ("create", "update", "conflict", "refuse", "gone"):
            # What people look for are their articles; the templates are written before them.
            steps = self.steps.of(kind, first_last=True)
            while some := list(islice(steps, min(limit or _TITLES_AT_ONCE, _TITLES_AT_ONCE))):
                for line in self._lines(some):
                    console.line(line, color=self.options.color)
                if limit:
                    break
            more = self.steps.counts[kind] - (limit or self.steps.counts[kind])
            if more > 0:
                console.line(f"{kind:8}  … and {more:,} more (--verbose shows all)")
        for text in self.files.lines(None if verbose else MAX_SHOWN):
            console.line(text)
        for line in table(self.steps.counts):
            console.line(line)

    def _lines(self, steps: list[Step]) -> Iterator[str | Styled]:
        revisions = {}
        if self.options.diff:
            revisions = self.wiki.revisions([step.base for step in steps if isinstance(step, Update)])
        for step in steps:
            yield described(step)
            if self.options.diff and isinstance(step, Create | Update):
                old = revisions.get(step.base) if isinstance(step, Update) else None
                for line in unified((old.text if old else "") or "", step.text, step.title):
                    yield Styled(line, _DIFF_COLORS.get(line[:1]))

    def _confirmed(self, writes: int) -> bool:
        """Ask for confirmation, if required; raises UsageError if the plan must not be applied."""
        if why := self._excess:
            self.state.finish(self.upload.run)
            raise UsageError(f"nothing was done: {why}")
        if not writes or self.options.yes:
            return True
        if not console.is_asked():
            self.state.finish(self.upload.run)
            raise UsageError("nothing was done: --yes does what is planned, --dry-run only shows it")
        site, host = self.wiki.site, urlsplit(self.options.api).hostname
        pages = f"{writes:,} page{'s' * (writes > 1)}"
        if not console.confirmed(f"Write {pages} to {site.profile.sitename} ({host}) as {site.user}?"):
            self.state.finish(self.upload.run)
            self.progress.say("nothing was done")
            return False
        # The wiki may have changed while the person decided.
        self.upload.recheck(self.steps, self._rechecked)
        self.steps = self._rechecked
        return True

    def _apply(self) -> None:
        self.progress.total = self.steps.counts.total() - self.steps.counts["keep"]
        try:
            self.files.apply(self.upload.run, self.upload.summary)
            self.upload.apply(self.steps)
        except EnvironmentFailed as error:
            counts = counts_line(self.upload.counts)
            raise EnvironmentFailed(
                f"{error}; run {self.upload.run} stopped after {counts}: start it again, and it goes on"
            ) from error
        if self.files.counts:
            self.progress.say(f"files: {counts_line(self.files.counts)}")
        if self.upload.counts:
            self.progress.say(f"run {self.upload.run}: {counts_line(self.upload.counts)}")


def counts_line(counts: Mapping[str, int]) -> str:
    """Format the counts that are not 0, as in ``3 created, 1 refused``."""
    return ", ".join(f"{count:,} {name}" for name, count in counts.items() if count) or "nothing"


def plan_head(path: str) -> PlanHead:
    """Read the head of a stored plan."""
    try:
        with open(path, "rb") as file:
            return read_head(file.readline(), path)
    except OSError as error:
        raise EnvironmentFailed(f"cannot read {path}: {error.strerror or error}") from error
