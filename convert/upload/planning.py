"""Pages against a wiki: fetches what is there, decides each step, and rechecks steps before they are carried out.

The wiki is only read.  ``convert.upload.plan`` decides; this module does the I/O around it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import TypeVar

from msgspec import structs

from convert.upload.client.answers import ANSWERS, REMEDIES, Next
from convert.upload.client.api import Stopped
from convert.upload.client.pages import Refused, RemotePage
from convert.upload.client.wiki import Client
from convert.upload.merging.call import Hidden
from convert.upload.merging.merge import infoboxes
from convert.upload.model import UploadOptions
from convert.upload.plan import (
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
from convert.upload.state.rows import Damaged
from convert.upload.state.state import State

#: The most bytes of pages in memory while the wiki is queried about them.
MAX_HELD_BYTES = 16 << 20

#: Titles in each of several concurrent requests.
TITLES_AT_ONCE = 50

Texts = TypeVar("Texts", DesiredPage, Step)


class Planner:
    """Plans pages against a wiki and what was uploaded to it before."""

    def __init__(self, wiki: Client, state: State, options: UploadOptions) -> None:
        self.wiki, self.state, self.options = wiki, state, options
        #: Titles of templates whose redirects are known, and those.
        self._asked: set[str] = set()
        self._redirects: dict[str, str] = {}

    def plan(self, pages: Iterable[DesiredPage], steps: PlanStore, remember: bool) -> None:
        """Plan the steps for pages, without changing the wiki.

        ``remember`` records the pages that have the desired text already.
        """
        for some, there in self._fetched(pages):
            titles = list({page.title for page in there.values()})
            written, refused = self.state.written(titles), self.state.refused(titles)
            self._check_blocked(page.refusal for page in there.values())
            rules = self._rules(some)
            for desired in some:
                page = there[desired.title]
                earlier = self._earlier(desired, refused.get(page.title))
                before = usable(written.get(page.title), self.options.rules)
                if isinstance(before, Refuse):
                    steps.add(structs.replace(before, source=desired.source))
                    continue
                decided = decide(desired, page, before, earlier, rules, self.wiki.site.profile)
                decided = steps.add(decided, first=desired.only_missing)
                known = before is not None and before.text == desired.text
                if isinstance(decided, Keep) and not decided.why and remember and not known:
                    self.state.keep(page.title, WrittenPage(page.revision, page.sha1, desired.text))

    def _rules(self, pages: Iterable[DesiredPage]) -> Rules:
        """Return the rules for pages, which know the redirects of the templates that these call."""
        rules, profile = self.options.rules, self.wiki.site.profile
        if rules.mode != "infobox":
            return rules
        boxes = [infoboxes(page.text, profile) for page in pages if not page.only_missing]
        called = {title for titles in boxes if not isinstance(titles, Hidden) for title in titles}
        unknown = sorted(called - self._asked)
        if unknown:
            self._asked.update(unknown)
            self._redirects |= self.wiki.redirects(unknown)
        return replace(rules, merging=structs.replace(rules.merging, redirects=self._redirects))

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


def usable(written: WrittenPage | Damaged | None, rules: Rules) -> WrittenPage | Refuse | None:
    """Return the refusal for a damaged record of a page: without it, edits made since could be overwritten."""
    if not isinstance(written, Damaged):
        return written
    if rules.overwrite or rules.mode != "replace":
        return None
    return Refuse(written.title, "state", f"{written.why}: look at the page, then give --overwrite")
