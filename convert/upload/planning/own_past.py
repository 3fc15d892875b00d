"""What this account wrote with plainwiki, as the wiki itself knows it, and why pages are gone.

The state file may be lost, or another machine's.  Our own edits are known by the account and by the mark of a run in
their summaries (``convert.upload.run.mark``).  The lists are asked for when they are first needed; of an account with
more edits than they hold, page by page.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from convert.expressions import expression
from convert.profile import WikiProfile
from convert.upload.client.pages import Departure, RemotePage, Revision
from convert.upload.client.queries.past import Contribution
from convert.upload.client.wiki import Client
from convert.upload.merging.earlier import written_values
from convert.upload.merging.names import MergeRules
from convert.upload.plan import WrittenPage

_MARK = expression(r"plainwiki [^\s,]+, run \w|undo of run \w+ \(plainwiki ")


def is_marked(comment: str) -> bool:
    """Return whether an edit summary, or the reason of a deletion, is one of ours."""
    return _MARK.search(comment) is not None


class OwnPast:
    """The account's edits; not for several threads."""

    def __init__(self, wiki: Client) -> None:
        self._wiki, self._profile = wiki, wiki.site.profile
        self._edits: dict[str, list[Contribution]] | None = None
        self._has_all_edits = False
        self._created: set[str] | None = None
        self._has_all_created = False

    def edits(self, title: str) -> list[Contribution]:
        """Return our edits on a page that exists, the newest first."""
        if self._edits is None:
            edits, self._has_all_edits = self._wiki.past.contributions()
            self._edits = {}
            for edit in edits:
                if is_marked(edit.comment):
                    self._edits.setdefault(edit.title, []).append(edit)
        if title not in self._edits and not self._has_all_edits:
            self._edits[title] = [edit for edit in self._wiki.past.edits(title) if is_marked(edit.comment)]
        return self._edits.get(title, [])

    def made(self, titles: Sequence[str]) -> set[str]:
        """Return which of some pages that are not at their titles any more we wrote."""
        if not titles:
            return set()
        if self._created is None:
            events, self._has_all_created = self._wiki.past.created()
            self._created = {event.title for event in events if is_marked(event.comment)}
        if not self._has_all_created:
            events = [event for title in titles for event in self._wiki.past.created(title)[0]]
            self._created |= {event.title for event in events if is_marked(event.comment)}
        deleted = self._wiki.past.deleted(titles)
        return {title for title in titles if title in self._created or any(map(is_marked, deleted.get(title, ())))}

    def departure(self, page: RemotePage) -> Departure | None:
        """Return how a page that we wrote left its title; ``None`` if we did it ourselves."""
        departure = self._wiki.past.departure(page.title)
        if page.exists and not (departure and departure.target):
            return None  # a redirect that people wrote
        if departure and departure.user == self._wiki.site.user and is_marked(departure.comment):
            return None
        return departure or Departure()

    def written(self, pages: Iterable[RemotePage], texts: bool, rules: MergeRules) -> dict[str, WrittenPage]:
        """Return what we wrote last on pages, by title, as far as the wiki knows.

        With ``texts``, each has an infobox of the values that we wrote, as the base of a merge.
        """
        edits = {page: own for page in pages if (own := self.edits(page.title))}
        # A move or a protection adds a revision with the same text.
        numbers = {own[0].revid for page, own in edits.items() if own[0].revid != page.revision}
        if texts:
            numbers |= {number for own in edits.values() for edit in own for number in (edit.revid, edit.parentid)}
        revisions = self._wiki.revisions(sorted(numbers - {0}))
        return {page.title: _written(page, own, revisions, texts, self._profile, rules) for page, own in edits.items()}


def _written(
    page: RemotePage,
    own: list[Contribution],
    revisions: dict[int, Revision],
    texts: bool,
    profile: WikiProfile,
    rules: MergeRules,
) -> WrittenPage:
    """Return what our edits on a page, the newest first, wrote."""
    last = own[0].revid
    sha1 = page.sha1 if last == page.revision else revisions[last].sha1 if last in revisions else ""
    if not texts:
        return WrittenPage(last, sha1, "")

    def text(number: int) -> str:
        return (revisions[number].text if number in revisions else "") or ""

    pairs = [(text(edit.parentid), text(edit.revid)) for edit in reversed(own)]
    return WrittenPage(last, sha1, written_values(pairs, profile, rules))
