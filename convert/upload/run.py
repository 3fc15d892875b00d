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
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from convert import __version__
from convert.errors import EnvironmentFailed
from convert.upload.client.pages import Edit, Refused, Saved, SaveOutcome
from convert.upload.client.wiki import Client
from convert.upload.imports import Batches, importable, may_be_too_large, may_import
from convert.upload.model import Doing, Event, Tell, UploadOptions
from convert.upload.plan import (
    Conflict,
    Create,
    DesiredPage,
    Refuse,
    Retire,
    Step,
    Update,
    digest,
)
from convert.upload.plan_store import PlanStore
from convert.upload.planning.planner import Planner
from convert.upload.state.rows import Damaged, Open
from convert.upload.state.state import State
from convert.writers.escape import summary as guarded
from convert.writers.export import MODELS

#: A wiki keeps so many characters of a summary.
MOST_SUMMARY = 500


class Upload:
    """One upload to a wiki; ``tell`` is called from several threads, one at a time."""

    def __init__(self, wiki: Client, state: State, options: UploadOptions, tell: Tell) -> None:
        self.wiki, self.state, self.options = wiki, state, options
        self._planner = Planner(wiki, state, options)
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
        self._planner.plan(pages, steps, remember=bool(self.run))

    def recheck(self, steps: PlanStore, again: PlanStore) -> None:
        """Recheck steps that write against the wiki; pages that changed since become conflicts."""
        self._planner.recheck(steps, again)

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
            batches = Batches(self.wiki.site)
            for some in batches.of(self._importable(writing)):
                self._import(some, batches)
        else:
            self._write_all(writing)
        for step in steps.of("gone"):
            assert isinstance(step, Retire)
            if step.how != "list":
                self._retire(step)
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
        model = step.model if isinstance(step, Create) and step.model not in MODELS else ""
        edit = Edit(step.title, step.text, self.summary, open_edit.base, step.started, self.options.minor, model)
        self._settled(step, open_edit, self.wiki.edit(edit))

    def _retire(self, step: Retire) -> None:
        """Blank, redirect or delete a page that left the sources, if it is as it was planned."""
        if step.how == "delete":
            page = self.wiki.fetch([step.title])[step.title]
            refused = None
            if page.exists and page.revision != step.base:
                refused = Refused("editconflict", f"{page.user or 'somebody'} edited it since it was planned")
            elif page.exists:
                refused = self.wiki.delete(step.title, self.summary)
            if refused:
                return self._refused(step, refused)
            self._told(Event("deleted", step.title, self.run))
        else:
            update = Update(step.title, step.text, step.base, step.size, step.source, step.started)
            open_edit = self._intended([update])[step.title]
            edit = Edit(step.title, step.text, self.summary, step.base, step.started, self.options.minor)
            outcome = self.wiki.edit(edit)
            if isinstance(outcome, Refused):
                return self._refused(step, outcome)
            self.state.saved(open_edit, outcome.revision)
            doing: Doing = "blanked" if step.how == "blank" else "redirected"
            self._told(Event(doing, step.title, self.run, outcome.revision))
        return self.state.retired(step.title)

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

    def _importable(self, steps: Iterable[Step]) -> Iterator[Create | Update]:
        """Yield the steps that can be imported safely, and write the rest."""
        for step in steps:
            if isinstance(step, Create | Update) and importable(step):
                yield step
            else:
                self._write(step)

    def _import(self, steps: list[Create | Update], batches: Batches) -> None:
        """Import a dump of some steps, then check the outcome for every page; in halves if it is too large."""
        edits = self._intended(steps)
        added = self.wiki.import_dump(batches.dump(steps), self.summary)
        if isinstance(added, Refused) and may_be_too_large(added):
            if len(steps) == 1:
                self._write(steps[0])
                return
            for half in batches.halves(steps):
                self._import(half, batches)
            return
        there = self.wiki.fetch(list(edits))
        for step in steps:
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
        most = MOST_SUMMARY - len(own) - len(" ()")
        if len(summary) > most:  # a wiki would cut the mark off, by which the edit is known
            summary = summary[: most - 1] + "…"
        return f"{summary} ({own})" if summary else own

    def _told(self, event: Event) -> None:
        with self._telling:
            if not event.planned:
                self.counts[event.event] += 1
            self._tell(event)


def mark(run: str) -> str:
    """Return the part of an edit summary that identifies the run."""
    return f"run {run}"
