"""A run: plans pages against a wiki, applies the plan, and records everything it does.  Resumable.

    with closing(PlanStore()) as steps:
        upload.plan(pages, steps)           reads the wiki, changes nothing
        upload.begin(inputs)
        upload.apply(steps)

A page is recorded before it is sent (a write-ahead log).  After a killed run, the next one first finds out whether the
page arrived; and a step only replaces the revision that it was made for, so nothing is written twice.
"""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Literal, TypeVar

from msgspec import Struct, structs

from convert import __version__
from convert.errors import EnvironmentFailed
from convert.upload.client.answers import ANSWERS, REMEDIES, Next
from convert.upload.client.api import Stopped
from convert.upload.client.pages import Edit, Refused, RemotePage, Saved, SaveOutcome
from convert.upload.client.wiki import Client
from convert.upload.imports import Dump, dumps, importable, may_import
from convert.upload.plan import (
    Conflict,
    Create,
    DesiredPage,
    Keep,
    Refuse,
    Rules,
    Step,
    Update,
    WrittenPage,
    decide,
    digest,
    rechecked,
)
from convert.upload.plan_store import PlanStore, batched
from convert.upload.state import State
from convert.upload.state_rows import Damaged, Open
from convert.writers.escape import summary as guarded

#: The most bytes of pages in memory while the wiki is queried about them.
MAX_HELD_BYTES = 16 << 20

#: Titles in each of several concurrent requests.
TITLES_AT_ONCE = 50

Texts = TypeVar("Texts", DesiredPage, Step)

Doing = Literal[
    "created",
    "updated",
    "merged",
    "kept",
    "conflict",
    "refused",
    "found",
    "lost",
    "reverted",
    "deleted",
    "same",
    "changed",
    "gone",
]


class Event(Struct, frozen=True):
    """The outcome for one page; ``code`` and ``why`` say why nothing was done."""

    event: Doing
    title: str
    run: str
    revision: int = 0
    code: str = ""
    why: str = ""
    #: Decided by the plan, without a request to the wiki.
    planned: bool = False


Tell = Callable[[Event], None]


@dataclass(frozen=True)
class UploadOptions:
    """How to upload."""

    rules: Rules = field(default_factory=Rules)
    #: The edit summary, before the name of the tool and the run.
    summary: str = ""
    minor: bool = False
    #: Also send texts that the wiki refused before.
    retry_refused: bool = False
    #: Send many pages per request, as dumps.
    as_import: bool = False


class Upload:
    """One upload to a wiki; ``tell`` is called from several threads, one at a time."""

    def __init__(self, wiki: Client, state: State, options: UploadOptions, tell: Tell) -> None:
        self.wiki, self.state, self.options = wiki, state, options
        self.run = ""
        self.counts: Counter[str] = Counter()
        self._tell = tell
        self._telling = threading.Lock()
        if options.as_import:
            may_import(wiki.site)

    # ── Planning

    def settle(self) -> None:
        """Find out the outcomes of the edits that killed runs left open."""
        for edit in self.state.left_open():
            if isinstance(edit, Damaged):
                self._told(Event("refused", edit.title, "", code="state", why=edit.why))
                continue
            outcome = self.wiki.find(edit.title, edit.base, edit.sha1, mark(edit.run))
            if isinstance(outcome, Saved):
                self.state.saved(edit, outcome.revision)
                self._told(Event("found", edit.title, edit.run, outcome.revision))
            else:
                # If it is still on its way, it will fail with an edit conflict.
                self.state.forget(edit)
                self._told(Event("lost", edit.title, edit.run))

    def plan(self, pages: Iterable[DesiredPage], steps: PlanStore) -> None:
        """Plan the steps for pages, without changing the wiki."""
        for some, there in self._fetched(pages):
            titles = list({page.title for page in there.values()})
            written, refused = self.state.written(titles), self.state.refused(titles)
            self._check_blocked(page.refusal for page in there.values())
            for desired in some:
                page = there[desired.title]
                earlier = self._earlier(desired, refused.get(page.title))
                before = usable(written.get(page.title), self.options.rules)
                if isinstance(before, Refuse):
                    steps.add(structs.replace(before, source=desired.source))
                    continue
                decided = decide(desired, page, before, earlier, self.options.rules, self.wiki.site.profile)
                decided = steps.add(decided, first=desired.only_missing)
                known = before is not None and before.text == desired.text
                if isinstance(decided, Keep) and not decided.why and self.run and not known:
                    self.state.keep(page.title, WrittenPage(page.revision, page.sha1, desired.text))

    def _fetched(self, pages: Iterable[DesiredPage]) -> Iterator[tuple[list[DesiredPage], dict[str, RemotePage]]]:
        """Yield batches of pages with the wiki's pages, fetched concurrently if the wiki allows it."""
        content, at_once = self.options.rules.mode == "infobox", self.wiki.concurrency

        def fetch(some: list[DesiredPage]) -> tuple[list[DesiredPage], dict[str, RemotePage]]:
            return some, self.wiki.fetch(list({desired.title for desired in some}), content)

        if at_once == 1:
            yield from map(fetch, self._together(pages))
            return
        with ThreadPoolExecutor(at_once) as pool:
            asked: deque[Future[tuple[list[DesiredPage], dict[str, RemotePage]]]] = deque()
            try:
                for some in batched(pages, TITLES_AT_ONCE, MAX_HELD_BYTES // at_once):
                    asked.append(pool.submit(fetch, some))
                    if len(asked) > at_once:
                        yield asked.popleft().result()
                while asked:
                    yield asked.popleft().result()
            except BaseException:
                self.wiki.close()  # nobody waits for an answer any longer
                raise

    def _check_blocked(self, refusals: Iterable[Refused | None]) -> None:
        """Raise Stopped if every page is refused because of the account, instead of reporting every page."""
        codes = {refusal.code if refusal else "": refusal for refusal in refusals}
        ((code, refused), *other_codes) = codes.items()
        if refused and not other_codes and ANSWERS.get(code) is Next.STOP:
            remedy = REMEDIES.get(code, "ask an administrator")
            raise Stopped(code, f"{self.wiki.site.user} may not edit: {refused.reason} [{code}]: {remedy}")

    def recheck(self, steps: PlanStore, again: PlanStore) -> None:
        """Recheck steps that write against the wiki; pages that changed since become conflicts."""
        for step in steps.of("keep", "conflict", "refuse"):
            again.add(step)
        for some in self._together(steps.of("create", "update")):
            there = self.wiki.fetch([step.title for step in some])
            for step in some:
                assert isinstance(step, Create | Update)
                again.add(rechecked(step, there[step.title]))

    def _together(self, pages: Iterable[Texts]) -> Iterator[list[Texts]]:
        return batched(pages, self.wiki.site.titles_per_request, MAX_HELD_BYTES)

    def _earlier(self, desired: DesiredPage, refused: tuple[str, Refuse] | None) -> Refuse | None:
        """Return the wiki's earlier refusal of exactly this text, if any."""
        if refused is None or self.options.retry_refused or refused[0] != digest(desired.text):
            return None
        why = f"{refused[1].why} (refused before; --retry-refused sends it again)"
        return Refuse(refused[1].title, refused[1].code, why)

    # ── Applying

    def begin(self, purpose: str, run: str = "") -> bool:
        """Begin a run, or resume a killed one with the same purpose; return whether it is resumed."""
        self.run, old = self.state.begin(self.wiki.site.user, purpose, run)
        return old

    def apply(self, steps: PlanStore) -> None:
        """Carry the steps out and record the outcomes, including refusals and conflicts.

        Raises Stopped or WikiUnavailable if nothing more can be done; the run can then be resumed.
        """
        for step in steps.of("conflict", "refuse"):
            assert isinstance(step, Conflict | Refuse)
            self._refused(step, Refused(step.code if isinstance(step, Refuse) else "conflict", step.why))
        writing = steps.of("create", "update")
        if self.options.as_import:
            for dump in dumps(self._importable(writing), self.wiki.site):
                self._import(dump)
        else:
            self._write_all(writing)
        self.state.finish(self.run)

    def _write_all(self, steps: Iterator[Step]) -> None:
        """Write pages, with as many concurrent requests as the wiki allows."""
        taking = threading.Lock()
        failures: list[Exception] = []

        def work() -> None:
            try:
                while not failures:
                    with taking:
                        step = next(steps, None)
                    if step is None:
                        return
                    self._write(step)
            except Exception as error:
                failures.append(error)

        threads = [threading.Thread(target=work) for _ in range(self.wiki.concurrency - 1)]
        for thread in threads:
            thread.start()
        try:
            work()
        except BaseException as interrupted:
            failures.append(EnvironmentFailed(str(interrupted)))
            self.wiki.close()  # nobody waits for an answer any longer
            raise
        finally:
            for thread in threads:
                thread.join()
        if failures:
            raise failures[0]

    def _write(self, step: Step) -> None:
        assert isinstance(step, Create | Update)
        open_edit = self._intended([step])[step.title]
        edit = Edit(step.title, step.text, self.summary, open_edit.base, step.started, self.options.minor)
        self._settled(step, open_edit, self.wiki.edit(edit))

    def _intended(self, steps: Iterable[Create | Update]) -> Mapping[str, Open]:
        several = list(steps)
        self.state.intend(self.run, several)
        return {
            step.title: Open(
                self.run,
                step.title,
                step.base if isinstance(step, Update) else 0,
                digest(step.text),
                (step.ours if isinstance(step, Update) else "") or step.text,
            )
            for step in several
        }

    def _settled(self, step: Create | Update, edit: Open, outcome: SaveOutcome) -> None:
        """Record the outcome for a page."""
        if isinstance(outcome, Refused) and outcome.conflict:
            # Perhaps with ourselves: an edit of a killed run may only now have arrived.
            found_edit = self.wiki.find(step.title, edit.base, edit.sha1, mark(self.run))
            outcome = found_edit if isinstance(found_edit, Saved) else outcome
        if isinstance(outcome, Refused):
            # A retry may succeed if the page or the network was the cause.
            remembered = not outcome.conflict and outcome.code != "unanswered"
            self._refused(step, outcome, digest(edit.ours) if remembered else "")
            return
        self.state.saved(edit, outcome.revision)
        doing: Doing = "merged" if outcome.merged else "updated" if edit.base else "created"
        self._told(Event(doing, step.title, self.run, outcome.revision))

    def _refused(self, step: Step, refused: Refused, sha1: str = "") -> None:
        """Record why a page was not written; ``sha1`` is that of a text that need not be retried."""
        conflict = isinstance(step, Conflict) or refused.conflict
        self.state.refuse(self.run, Refuse(step.title, refused.code, refused.reason), sha1, refused.raw)
        planned = isinstance(step, Conflict | Refuse)
        self._told(
            Event("conflict" if conflict else "refused", step.title, self.run, 0, refused.code, refused.reason, planned)
        )

    def _importable(self, steps: Iterable[Step]) -> Iterator[Step]:
        """Yield the steps that can be imported safely, and write the rest."""
        for step in steps:
            if isinstance(step, Create | Update) and importable(step):
                yield step
            else:
                self._write(step)

    def _import(self, dump: Dump) -> None:
        """Import a dump, then check the outcome for every page."""
        edits = self._intended(dump.steps)
        added = self.wiki.import_dump(dump.xml, self.summary)
        there = self.wiki.fetch(list(edits))
        for step in dump.steps:
            edit, page = edits[step.title], there[step.title]
            if page.sha1 == edit.sha1:
                self._settled(step, edit, Saved(page.revision, page.timestamp))
            elif isinstance(added, Refused):
                self._refused(step, added)
            else:
                why = "another edit came before: ours is in the history of the page, and does not show"
                self._refused(step, Refused("editconflict", why))

    @property
    def summary(self) -> str:
        """The summary of every edit."""
        own = f"plainwiki {__version__}, {mark(self.run)}"
        summary = guarded(self.options.summary, self.wiki.site.profile)
        return f"{summary} ({own})" if summary else own

    def _told(self, event: Event) -> None:
        with self._telling:
            if not event.planned:
                self.counts[event.event] += 1
            self._tell(event)


def usable(written: WrittenPage | Damaged | None, rules: Rules) -> WrittenPage | Refuse | None:
    """Return the refusal for a damaged record of a page: without it, edits made since could be overwritten."""
    if not isinstance(written, Damaged):
        return written
    if rules.overwrite or rules.mode != "replace":
        return None
    return Refuse(written.title, "state", f"{written.why}: look at the page, then give --overwrite")


def mark(run: str) -> str:
    """Return the part of an edit summary that identifies the run."""
    return f"run {run}"
