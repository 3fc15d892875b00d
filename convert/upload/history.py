"""Earlier uploads: verify reads the pages back, undo reverts edits that nobody edited since."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import TypeVar

from convert import __version__
from convert.diagnostics import visible
from convert.upload.client.pages import Departure, Refused, RemotePage
from convert.upload.client.wiki import Client
from convert.upload.model import Event, Tell
from convert.upload.plan import left
from convert.upload.state.rows import Damaged, Done, Kept
from convert.upload.state.state import State

Item = TypeVar("Item")


def verify(wiki: Client, state: State, tell: Tell) -> Counter[str]:
    """Compare all pages that we wrote with the wiki; count them as ``same``, ``changed``, ``gone`` or ``refused``."""
    counts: Counter[str] = Counter()
    for some in _together(state.pages(), wiki.site.titles_per_request):
        there = wiki.fetch([row.title for row in some if isinstance(row, Kept)])
        for row in some:
            event = _damaged(row) if isinstance(row, Damaged) else _compared(row, there[row.title], wiki)
            counts[event.event] += 1
            tell(event)
    return counts


def _damaged(damaged: Damaged, run: str = "") -> Event:
    return Event("refused", damaged.title, run, code="state", why=damaged.why)


def _compared(kept: Kept, page: RemotePage, wiki: Client) -> Event:
    if not page.exists:
        departure = wiki.past.departure(kept.title) or Departure()
        return Event("gone", kept.title, "", kept.revision, why=left(departure, "we wrote it"))
    if page.sha1 == kept.sha1 or page.revision == kept.revision:
        return Event("same", kept.title, "", page.revision)
    return Event("changed", kept.title, "", page.revision, why=f"{visible(page.user) or 'somebody'} edited it since")


def undo(wiki: Client, state: State, run: str, tell: Tell) -> Counter[str]:
    """Revert the edits of a run, the last one first; count them as ``reverted``, ``deleted`` or ``refused``.

    A page that the run created is deleted, which needs the right.  A page that somebody edited since is left alone.
    """
    counts: Counter[str] = Counter()
    summary = f"undo of run {run} (plainwiki {__version__})"
    for some in _together(iter(state.done(run)), wiki.site.titles_per_request):
        whole = [row for row in some if isinstance(row, Done)]
        there = wiki.fetch([done.title for done in whole])
        before = wiki.revisions([done.base for done in whole if done.base])
        for row in some:
            if isinstance(row, Damaged):
                event = _damaged(row, run)
                counts[event.event] += 1
                tell(event)
                continue
            if row.base and row.base not in before:
                refused: Refused | None = Refused("nosuchrevid", "the revision before it was deleted")
            elif row.base:
                old = before[row.base]
                refused = _reverted(wiki, row, there[row.title], old.sha1, old.text, summary)
            else:
                refused = _deleted(wiki, row, summary)
            event = _undone(state, run, row, refused)
            counts[event.event] += 1
            tell(event)
    return counts


def _reverted(wiki: Client, done: Done, page: RemotePage, sha1: str, text: str | None, summary: str) -> Refused | None:
    if page.sha1 == sha1:
        return None  # it is so already
    if not _ours(wiki, page, done):
        return _edited(page)
    if text is None:
        return Refused("hidden", "the wiki does not show the revision before it")
    outcome = wiki.undo(done.title, done.revision, text, summary)
    return outcome if isinstance(outcome, Refused) else None


def _deleted(wiki: Client, done: Done, summary: str) -> Refused | None:
    if "delete" not in wiki.site.rights:
        return Refused("permissiondenied", f"the run made it, and {wiki.site.user} may not delete pages")
    # Deletion does not detect conflicts, so check right before.
    page = wiki.fetch([done.title])[done.title]
    if not page.exists:
        return None
    return wiki.delete(done.title, summary) if _ours(wiki, page, done) else _edited(page)


def _ours(wiki: Client, page: RemotePage, done: Done) -> bool:
    """Return whether a page is as the run left it; somebody else may have written the same text first."""
    return page.revision == done.revision and page.user == wiki.site.user


def _edited(page: RemotePage) -> Refused:
    if not page.exists:
        return Refused("missingtitle", "it was deleted since")
    return Refused("editconflict", f"{visible(page.user) or 'somebody'} edited it since")


def _undone(state: State, run: str, done: Done, refused: Refused | None) -> Event:
    if refused:
        return Event("refused", done.title, run, code=refused.code, why=refused.reason)
    state.undone(run, done.title)
    return Event("reverted" if done.base else "deleted", done.title, run, done.base)


def _together(items: Iterator[Item], most: int) -> Iterator[list[Item]]:
    while some := list(islice(items, most)):
        yield some
