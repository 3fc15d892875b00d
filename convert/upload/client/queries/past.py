"""What was done on a wiki before: this account's edits, and why pages are not there any more.

Sources: https://www.mediawiki.org/wiki/API:Usercontribs, https://www.mediawiki.org/wiki/API:Logevents,
https://www.mediawiki.org/wiki/API:Deletedrevisions
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import TypeVar

from msgspec import Struct

from convert.upload.client.api import ApiError, continued
from convert.upload.client.decoding import LISTS_BYTES, Misshapen
from convert.upload.client.pages import Departure, Site
from convert.upload.client.session import Session, listed
from convert.upload.client.shapes import Existing, Number, Query, RevisionAnswer

#: The most answers with the account's edits, and with the pages that it made: of 500 or 5,000 each.
MOST_ANSWERS = 20
MOST_LISTED = "max"
_HISTORY = 20
Listed = TypeVar("Listed")


class Contribution(Struct, frozen=True):
    """An edit of this account on a page that exists; ``parentid`` is 0 for the first revision."""

    title: str
    revid: Existing
    parentid: Number = 0
    comment: str = ""


class MoveTarget(Struct, frozen=True):
    """Where a page was moved."""

    target_title: str = ""


class LogEvent(Struct, frozen=True):
    """An entry of a log; hidden fields are left out."""

    title: str = ""
    user: str = ""
    timestamp: str = ""
    comment: str = ""
    params: MoveTarget | list[str] = MoveTarget()

    @property
    def target(self) -> str:
        """The title that a page was moved to; empty if it was deleted."""
        return self.params.target_title if isinstance(self.params, MoveTarget) else ""


class _Contributions(Struct, frozen=True):
    usercontribs: list[Contribution] = []


class _Log(Struct, frozen=True):
    logevents: list[LogEvent] = []


class _DeletedPage(Struct, frozen=True):
    title: str
    deletedrevisions: list[RevisionAnswer] = []


class _Deleted(Struct, frozen=True):
    pages: list[_DeletedPage] = []


class _HistoryPage(Struct, frozen=True):
    title: str
    revisions: list[RevisionAnswer] = []


class _Histories(Struct, frozen=True):
    pages: list[_HistoryPage] = []


class Past:
    """The history of a wiki, as one account may see it."""

    def __init__(self, session: Session, site: Site) -> None:
        self._session, self._site = session, site

    def contributions(self) -> tuple[list[Contribution], bool]:
        """Return the account's last edits, the newest first, and whether these are all."""
        asked = {
            "list": "usercontribs",
            "ucuser": self._site.user,
            "uclimit": MOST_LISTED,
            "ucprop": "ids|title|comment",
        }
        answers, complete = self._some(Query[_Contributions], asked)
        return [edit for answer in answers for edit in answer.usercontribs], complete

    def created(self, title: str = "") -> tuple[list[LogEvent], bool]:
        """Return what the log says of the pages that the account made last, or of one, and whether these are all.

        A wiki without this log answers none.
        """
        asked = {"list": "logevents", "letype": "create", "leuser": self._site.user, "lelimit": MOST_LISTED}
        asked |= {"letitle": title} if title else {}
        try:
            answers, complete = self._some(Query[_Log], {**asked, "leprop": "title|comment"})
        except ApiError:  # before 1.32
            return [], True
        return [event for answer in answers for event in answer.logevents], complete

    def edits(self, title: str) -> list[Contribution]:
        """Return the account's last edits on a page, the newest first."""
        asked = {"prop": "revisions", "titles": listed([title]), "rvuser": self._site.user, "rvprop": "ids|comment"}
        answer = self._asked(Query[_Histories], {**asked, "rvlimit": str(_HISTORY)})
        return [
            Contribution(page.title, edit.revid, edit.parentid, edit.comment)
            for page in answer.pages
            for edit in page.revisions
        ]

    def history(self, title: str) -> tuple[list[RevisionAnswer], bool]:
        """Return the last revisions of a page, the newest first, and whether these are all."""
        asked = {"prop": "revisions", "titles": listed([title]), "rvprop": "ids|user|comment|sha1", "rvlimit": "max"}
        answers, complete = self._some(Query[_Histories], asked)
        return [revision for answer in answers for page in answer.pages for revision in page.revisions], complete

    def deleted(self, titles: Sequence[str]) -> dict[str, list[str]]:
        """Return the summaries of the account's deleted edits, by title; none without the right to see such."""
        if "deletedhistory" not in self._site.rights or not titles:
            return {}
        asked = {"prop": "deletedrevisions", "titles": listed(titles), "drvprop": "comment|ids", "drvlimit": "max"}
        answers, _ = self._some(Query[_Deleted], {**asked, "drvuser": self._site.user})
        found: dict[str, list[str]] = {}
        for answer in answers:
            for page in answer.pages:
                found.setdefault(page.title, []).extend(edit.comment for edit in page.deletedrevisions)
        return found

    def departure(self, title: str) -> Departure | None:
        """Return what the log says last of how a page left its title; ``None`` if it says nothing."""
        chosen = ({"leaction": "delete/delete"}, {"letype": "move"})
        events = [event for choice in chosen for event in self._log(title, choice)]
        last = max(events, key=lambda event: event.timestamp, default=None)
        return Departure(last.user, last.timestamp, last.comment, last.target) if last else None

    def _log(self, title: str, choice: Mapping[str, str]) -> list[LogEvent]:
        asked = {"list": "logevents", "letitle": title, "lelimit": "1", **choice}
        return self._asked(Query[_Log], {**asked, "leprop": "user|timestamp|comment|details"}).logevents

    def _asked(self, shape: type[Query[Listed]], asked: Mapping[str, str]) -> Listed:
        return self._session.read(shape, {"action": "query", **asked}, LISTS_BYTES).query

    def _some(self, shape: type[Query[Listed]], asked: Mapping[str, str]) -> tuple[list[Listed], bool]:
        """Follow a list for some answers; return them, and whether they are all."""

        def ask(fields: Mapping[str, str]) -> Query[Listed]:
            return self._session.read(shape, {"action": "query", **fields}, LISTS_BYTES)

        try:
            answers = list(islice(continued(ask, asked, MOST_ANSWERS + 1), MOST_ANSWERS))
        except Misshapen as misshapen:
            raise self._session.malformed("query", misshapen) from None
        return [answer.query for answer in answers], not answers[-1].following
