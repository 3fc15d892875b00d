"""Pages against a wiki: fetches what is there, decides each step, and rechecks steps before they are carried out.

The wiki is only read.  ``convert.upload.plan`` decides; this module does the I/O around it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import NamedTuple, TypeVar

from msgspec import structs

from convert.upload.client.answers import ANSWERS, REMEDIES, Next
from convert.upload.client.api import Stopped
from convert.upload.client.pages import Departure, Refused, RemotePage
from convert.upload.client.wiki import Client
from convert.upload.merging.merge import infoboxes
from convert.upload.merging.names import Prefer
from convert.upload.merging.places import Hidden
from convert.upload.model import UploadOptions
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
    left,
    rechecked,
    told,
)
from convert.upload.plan_store import PlanStore, batched
from convert.upload.planning.own_past import OwnPast
from convert.upload.state.rows import Damaged
from convert.upload.state.state import State
from convert.wikitext.page import redirect_of
from convert.wikitext.scan import page_called

#: The most bytes of pages in memory while the wiki is queried about them.
MAX_HELD_BYTES = 16 << 20

#: Titles in each of several concurrent requests.
TITLES_AT_ONCE = 50

Texts = TypeVar("Texts", DesiredPage, Step)


#: How many moves of a page are followed.
MAX_MOVES = 5


class Known(NamedTuple):
    """A page as it should be, as it is, and what is known of it: what we wrote last, and how it left its title."""

    desired: DesiredPage
    page: RemotePage
    written: WrittenPage | Refuse | None
    departure: Departure | None


class Planner:
    """Plans pages against a wiki and what was uploaded to it before."""

    def __init__(self, wiki: Client, state: State, options: UploadOptions) -> None:
        self.wiki, self.state, self.options = wiki, state, options
        self.past = OwnPast(wiki)
        #: Titles of templates whose redirects are known, and those.
        self._asked: set[str] = set()
        self._redirects: dict[str, str] = {}
        #: The formats in the descriptions of templates, by title.
        self._formats: dict[str, str] = {}

    def plan(self, pages: Iterable[DesiredPage], steps: PlanStore, remember: bool) -> None:
        """Plan the steps for pages, without changing the wiki.

        ``remember`` records the pages that have the desired text already.
        """
        for some, there in self._fetched(pages):
            self._check_blocked(page.refusal for page in there.values())
            rules = self._rules(some)
            refused = self.state.refused(list({page.title for page in there.values()}))
            for known in self._moved(self._known(some, there, rules), rules):
                desired, page, before = known.desired, known.page, known.written
                if isinstance(before, Refuse):
                    steps.add(structs.replace(before, source=desired.source))
                    continue
                earlier = self._earlier(desired, refused.get(page.title))
                decided = self._decided(known, before, earlier, rules)
                decided = steps.add(decided, first=desired.only_missing)
                is_known = before is not None and before.text == desired.text
                if isinstance(decided, Keep) and not decided.why and remember and not is_known:
                    self.state.keep(page.title, WrittenPage(page.revision, page.sha1, desired.text))

    def _decided(self, known: Known, written: WrittenPage | None, earlier: Refuse | None, rules: Rules) -> Step:
        """Decide what to do with a page, and ask a person where the rules say so."""
        profile = self.wiki.site.profile
        decided = decide(known.desired, known.page, written, earlier, rules, profile, known.departure)
        if not (isinstance(decided, Conflict) and decided.asked and self.options.ask):
            return structs.replace(decided, asked=()) if isinstance(decided, Conflict) else decided
        answers: dict[str, dict[str, Prefer]] = {}
        for clash in decided.asked:
            answer = self.options.ask(f"{known.page.title}: {told(clash)}")
            if answer:
                answers.setdefault(clash.box, {})[clash.parameter] = answer
        merging = structs.replace(rules.merging, answers=answers, prefer=_unasked(rules.merging.prefer))
        rules = replace(rules, merging=merging)
        return decide(known.desired, known.page, written, earlier, rules, profile, known.departure)

    def _known(
        self, some: list[DesiredPage], there: Mapping[str, RemotePage], rules: Rules, ours: bool = False
    ) -> list[Known]:
        """Put beside pages what we wrote on them, and how those that are gone left their titles.

        ``ours``: all of them were written by us.
        """
        written = self.state.written(list({page.title for page in there.values()}))
        unlike = {
            page.title: page
            for desired in some
            if (page := there[desired.title]).exists and page.sha1 != digest(desired.text) and not desired.only_missing
        }
        unsure = [page for title, page in unlike.items() if _is_unsure(page, written.get(title))]
        if rules.mode != "create" and unsure:
            written |= self._newer(written, unsure, rules)
        gone = {page.title: page for desired in some if _is_gone(page := there[desired.title], desired)}
        unknown = [title for title in gone if title not in written and not ours]
        strange = set(unknown) - self.past.made(unknown)
        departures = {title: self.past.departure(page) for title, page in gone.items() if title not in strange}
        return [
            Known(desired, page, usable(written.get(page.title), rules), departures.get(page.title))
            for desired in some
            for page in (there[desired.title],)
        ]

    def _newer(
        self, written: Mapping[str, WrittenPage | Damaged], pages: list[RemotePage], rules: Rules
    ) -> dict[str, WrittenPage]:
        """Return what we wrote on pages by the wiki's own account, where that is newer than the state."""
        newer = self.past.written(pages, rules.mode == "infobox", rules.merging)
        return {title: own for title, own in newer.items() if own.revision > _revision(written.get(title))}

    def _moved(self, several: Iterable[Known], rules: Rules) -> Iterator[Known]:
        """Follow pages that were moved to their new titles, if the rules say so."""
        for known in several:
            for _ in range(MAX_MOVES):
                if not (rules.follow_moves and known.departure and known.departure.target):
                    break
                desired = structs.replace(known.desired, title=known.departure.target)
                there = self.wiki.fetch([desired.title], rules.mode == "infobox")
                (moved,) = self._known([desired], there, rules, ours=True)
                known = moved if moved.written else moved._replace(written=known.written)
            yield known

    def _rules(self, pages: Iterable[DesiredPage]) -> Rules:
        """Return the rules for pages, which know the redirects of the templates that these call."""
        rules, profile = self.options.rules, self.wiki.site.profile
        if rules.mode != "infobox":
            return rules
        boxes = [infoboxes(page.text, profile) for page in pages if not page.only_missing]
        called = {page_called(box, profile) for some in boxes if not isinstance(some, Hidden) for box in some}
        unknown = sorted(called - self._asked)
        if unknown:
            self._asked.update(unknown)
            self._redirects |= self.wiki.templates.redirects(unknown)
            self._formats |= self.wiki.templates.formats(
                sorted({self._redirects.get(title, title) for title in unknown})
            )
        merging = structs.replace(rules.merging, redirects=self._redirects, formats=self._formats)
        return replace(rules, merging=merging)

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
        for step in steps.of("keep", "conflict", "refuse", "gone"):
            again.add(step)
        for some in self._together(steps.of("create", "update")):
            there = self.wiki.fetch([step.title for step in some])
            for step in some:
                assert isinstance(step, Create | Update)
                again.add(self._rechecked(step, there[step.title]))

    def _rechecked(self, step: Create | Update, page: RemotePage) -> Step:
        if isinstance(step, Create) or page.exists:
            return rechecked(step, page)
        departure = self.wiki.past.departure(step.title) or Departure()
        return Conflict(page.title, left(departure, "it was planned"), step.source)

    def _together(self, pages: Iterable[Texts]) -> Iterator[list[Texts]]:
        return batched(pages, self.wiki.site.titles_per_request, MAX_HELD_BYTES)

    def _earlier(self, desired: DesiredPage, refused: tuple[str, Refuse] | None) -> Refuse | None:
        """Return the wiki's earlier refusal of exactly this text, if any."""
        if refused is None or self.options.retry_refused or refused[0] != digest(desired.text):
            return None
        why = f"{refused[1].why} (refused before; --retry-refused sends it again)"
        return Refuse(refused[1].title, refused[1].code, why)


def _unasked(prefer: Mapping[str, Prefer]) -> dict[str, Prefer]:
    """Leave out what was asked already."""
    return {name: side for name, side in prefer.items() if side != "ask"}


def _is_unsure(page: RemotePage, written: WrittenPage | Damaged | None) -> bool:
    """Return whether the wiki may know of a later edit of ours than the state."""
    return not isinstance(written, Damaged) and _revision(written) != page.revision


def _revision(written: WrittenPage | Damaged | None) -> int:
    return written.revision if isinstance(written, WrittenPage) else 0


def _is_gone(page: RemotePage, desired: DesiredPage) -> bool:
    """Return whether a page may have left its title: it is missing, or a redirect where an article should be."""
    leads_away = page.redirect and not desired.only_missing and not redirect_of(desired.text)
    return not page.refusal and (not page.exists or leads_away)


def usable(written: WrittenPage | Damaged | None, rules: Rules) -> WrittenPage | Refuse | None:
    """Return the refusal for a damaged record of a page: without it, edits made since could be overwritten."""
    if not isinstance(written, Damaged):
        return written
    if rules.overwrite or rules.mode != "replace":
        return None
    return Refuse(written.title, "state", f"{written.why}: look at the page, then give --overwrite")
