"""Saves one edit exactly once, even when its answer is lost.

Source: https://www.mediawiki.org/wiki/API:Edit
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from hashlib import md5, sha1

from convert.diagnostics import shown
from convert.nfc import to_nfc
from convert.profile import WikiProfile
from convert.titles import WikiTitle, page_of
from convert.upload.client.answers import Failure
from convert.upload.client.api import ApiError, ServerError
from convert.upload.client.decoding import Misshapen
from convert.upload.client.front.failures import Lost
from convert.upload.client.pace import Pace
from convert.upload.client.pages import Edit, Refused, Saved, SaveOutcome, revision_from
from convert.upload.client.session import Session, listed
from convert.upload.client.shapes import EditAnswer, EditResult, PagesQuery, Query, RevisionAnswer

#: Attempts for a request whose answers are lost while the wiki answers other requests.
TRIES = 3
#: How many revisions back to look for an edit that may have been saved.
_HISTORY = 50
# MediaWiki strips these at the end of a text.
_END = " \t\n\r\0\x0b"


class SaveRequest:
    """Saves pages through a session, no faster than the ``edits`` and ``creations`` that the wiki allows.

    ``marks`` go with every edit: whether it is a bot's, and change tags.
    """

    def __init__(
        self, session: Session, edits: Pace, creations: Pace, marks: Mapping[str, str], profile: WikiProfile
    ) -> None:
        self._session = session
        self._profile = profile
        self._edits = edits
        self._creations = creations
        self._marks = dict(marks)

    def save(self, edit: Edit) -> SaveOutcome:
        """Send an edit until its outcome is known."""
        text = to_nfc(edit.text).rstrip(_END)
        fields = self._fields(edit, text)
        digest = sha1(text.encode()).hexdigest()
        lost: Lost | None = None
        for attempt in range(TRIES):
            self._session.pause(attempt and 2.0 ** (attempt - 2))
            try:
                answer = self._sent(edit, fields)
                return self._unchanged(edit, digest) if answer.nochange else _saved(answer, edit)
            except ApiError as error:
                refusal = refused(error.failure)
                if refusal.code.startswith("http-"):
                    # Raises too if every request is held back, not only this page's.
                    self._session.look()
                # After a lost answer, this may be a conflict of the edit with itself.
                earlier = self.find(edit.title, edit.base, digest, edit.summary) if lost and refusal.conflict else None
                return earlier if isinstance(earlier, Saved) else refusal
            except Lost as again:
                lost = again
                if earlier := self.find(edit.title, edit.base, digest, edit.summary):
                    return earlier
        assert lost
        return unanswered(lost)

    def _sent(self, edit: Edit, fields: Mapping[str, str]) -> EditResult:
        """Send an edit when the rate limits allow it; return the answer after checking it."""
        paces = (self._edits,) if edit.base else (self._edits, self._creations)
        with ExitStack() as turns:
            for pace in paces:
                turns.enter_context(pace.turn())
            answer = self._session.write(EditAnswer, fields, on_limit=lambda: _exceeded(paces)).edit
        if answer.anon or answer.tempusercreated:
            raise self._session.malformed("edit", "it saved our edit under another account")
        if not same_page(answer.title, edit.title, self._profile):
            raise self._session.malformed("edit", f"it saved {shown(answer.title)} and not {shown(edit.title)}")
        if not answer.nochange and not (answer.newrevid > edit.base and answer.newtimestamp):
            raise self._session.malformed("edit", f"it saved {shown(edit.title)} without a new revision")
        return answer

    def _fields(self, edit: Edit, text: str) -> dict[str, str]:
        fields = {"action": "edit", "title": edit.title, "text": text, "summary": edit.summary}
        fields |= {"md5": md5(text.encode()).hexdigest(), "watchlist": "nochange", **self._marks}
        fields |= {"baserevid": str(edit.base), "nocreate": "1"} if edit.base else {"createonly": "1"}
        fields |= {"contentmodel": edit.model} if edit.model else {}
        fields |= {"minor": "1"} if edit.minor else {"notminor": "1"}
        return fields | ({"starttimestamp": edit.started} if edit.started else {})

    def _unchanged(self, edit: Edit, digest: str) -> SaveOutcome:
        """Check that a page holds the text that was sent, as "nochange" claims.

        The wiki also answers so when it merged the text into an edit made meanwhile and kept nothing of ours.
        """
        current = self._history(edit.title, 1)
        if current and current[0].sha1 == digest:
            return Saved(current[0].revid, current[0].timestamp or "", nochange=True)
        return Refused("editconflict", "the page was changed meanwhile, and the wiki kept that change")

    def find(self, title: str, base: int, digest: str, mark: str) -> SaveOutcome | None:
        """Find out whether an edit with a lost answer was saved; ``None``: not yet, but it may still be.

        It is recognized by its text, or by ``mark`` in its summary: the wiki may have expanded signatures.
        """
        history = self._history(title, _HISTORY)
        for at, entry in enumerate(history):
            revision = revision_from(title, entry)
            own = revision.user == self._session.user
            marked = own and revision.revision != base and bool(mark) and mark in entry.comment
            if marked or (revision.sha1 == digest and (at == 0 or own)):
                return Saved(revision.revision, revision.timestamp, nochange=revision.revision == base)
            if revision.revision == base:
                break
        current = history[0].revid if history else 0
        return None if current == base else Refused("editconflict", "the page was changed meanwhile")

    def _history(self, title: str, limit: int) -> list[RevisionAnswer]:
        asked = {
            "action": "query",
            "prop": "revisions",
            "titles": listed([title]),
            "rvprop": "ids|timestamp|sha1|user|comment",
            "rvlimit": str(limit),
        }
        try:
            return self._session.read(Query[PagesQuery], asked).query.history(title)
        except Misshapen as misshapen:
            raise self._session.malformed("query", misshapen) from None


def _exceeded(paces: Iterable[Pace]) -> str:
    """Slow down; return what to say of it."""
    return "; ".join(filter(None, [pace.exceeded() for pace in paces]))


def refused(failure: Failure) -> Refused:
    """Return the value of an error that refuses a page."""
    return Refused(failure.code, failure.reason, failure.raw)


def unanswered(lost: Lost) -> Refused:
    """Return the value of an edit whose answers were lost repeatedly."""
    if isinstance(lost, ServerError):
        return refused(lost.failure)
    return Refused("unanswered", f"the wiki answers other requests, but not this one: {lost}")


def _saved(answer: EditResult, edit: Edit) -> Saved:
    merged = bool(edit.base) and answer.oldrevid not in (0, edit.base)
    return Saved(answer.newrevid, answer.newtimestamp or "", merged=merged)


def same_page(title: str, other_title: str, profile: WikiProfile) -> bool:
    """Return whether two titles name the same page."""
    pages = [page_of(spelling, profile) for spelling in (title, other_title)]
    return title == other_title or (pages[0] == pages[1] and isinstance(pages[0], WikiTitle))
