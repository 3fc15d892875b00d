"""Pages of a wiki, edits and outcomes, as values.

Pure: a plan is made of these, and the client fills them.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from convert.diagnostics import shown
from convert.profile import SiteInfo, WikiProfile
from convert.upload.client.answers import words
from convert.upload.client.decoding import Misshapen
from convert.upload.client.shapes import PageAnswer, RevisionAnswer, filled

#: Edit conflicts: somebody else edited, created or deleted the page meanwhile.
CONFLICTS = frozenset({"editconflict", "articleexists", "missingtitle", "pagedeleted"})


class RateLimit(Struct, frozen=True):
    """At most ``hits`` actions in ``seconds``."""

    hits: int
    seconds: float


class Site(Struct, frozen=True):
    """A wiki as one account sees it."""

    profile: WikiProfile
    #: What the wiki says of itself, of which the profile is made.
    siteinfo: SiteInfo
    #: What tells the wiki from others, whatever its address here.
    identity: str
    #: The account's name.
    user: str
    rights: frozenset[str]
    #: By action, such as ``edit`` and ``create``; an action without an entry is unlimited.
    rate_limits: Mapping[str, tuple[RateLimit, ...]]
    #: The most titles in a request.
    titles_per_request: int
    #: The largest dump that an import accepts.
    max_upload_bytes: int


class Refused(Struct, frozen=True):
    """Why the wiki refuses something, with its own code and words."""

    code: str
    reason: str
    #: The answer (JSON) to a request to save.
    raw: str = ""

    @property
    def conflict(self) -> bool:
        """Whether the page changed since it was fetched."""
        return self.code in CONFLICTS


class Saved(Struct, frozen=True):
    """The page holds the text that was sent."""

    #: The revision with that text.
    revision: int
    timestamp: str
    #: The page held it already: no revision was added.
    nochange: bool = False
    #: The wiki merged the text with an edit made meanwhile: the page holds both.
    merged: bool = False


SaveOutcome = Saved | Refused


class Protection(Struct, frozen=True):
    """A protection: ``edit``, ``create`` or ``move`` needs the right that ``level`` names."""

    type: str
    level: str


class RemotePage(Struct, frozen=True):
    """A page of the wiki, existing or not."""

    #: In the wiki's spelling.
    title: str
    #: The wiki's time of the answer, for ``Edit.started``.
    fetched: str
    #: The current revision; 0 for a missing page.
    revision: int = 0
    timestamp: str = ""
    #: SHA-1 of the text, hexadecimal; empty for a hidden text.
    sha1: str = ""
    size: int = 0
    user: str = ""
    #: The edit summary of the current revision.
    comment: str = ""
    redirect: bool = False
    #: The content model, such as ``wikitext``; a page with another model must not be overwritten.
    model: str = "wikitext"
    protection: tuple[Protection, ...] = ()
    #: Why this account may not edit or create the page.
    refusal: Refused | None = None
    #: Only if requested.
    text: str | None = None

    @property
    def exists(self) -> bool:
        """Whether there is such a page."""
        return self.revision > 0


class Revision(Struct, frozen=True):
    """One revision of a page; ``text`` is ``None`` if it is hidden."""

    revision: int
    parent: int
    title: str
    timestamp: str
    sha1: str
    user: str
    text: str | None


class Departure(Struct, frozen=True):
    """How a page left its title: who deleted it, or moved it to ``target``, when and why; hidden facts are empty."""

    user: str = ""
    timestamp: str = ""
    comment: str = ""
    target: str = ""


class Edit(Struct, frozen=True):
    """A page to save."""

    title: str
    text: str
    summary: str
    #: The revision that the text replaces; 0 if the page must not exist.
    base: int = 0
    #: ``RemotePage.fetched``: keeps a page that was deleted since from being created again.
    started: str = ""
    minor: bool = False
    #: The content model of a new page, where that is not the wiki's default for the title.
    model: str = ""


def page_from(answer: PageAnswer, fetched: str) -> RemotePage:
    """Read one page of an answer to ``prop=info|revisions&inprop=protection&intestactions=edit|create``.

    Raises Misshapen for an existing page without a revision.
    """
    title = answer.title
    if answer.invalid is True:
        invalid_reason = answer.invalidreason or "it leads to another wiki, or nowhere"
        return RemotePage(
            title,
            fetched,
            refusal=Refused(
                "invalidtitle", words(invalid_reason if isinstance(invalid_reason, str) else invalid_reason.text)
            ),
        )
    if answer.special is True:
        return RemotePage(title, fetched, refusal=Refused("specialpage", "it is one of the wiki's own special pages"))
    protection = tuple(Protection(entry.type, entry.level) for entry in answer.protection or ())
    model = answer.contentmodel or "wikitext"
    if answer.missing is True:
        return RemotePage(
            title, fetched, model=model, protection=protection, refusal=_refusal(answer, "edit", "create")
        )
    revision = answer.revisions[0] if answer.revisions else None
    if not answer.lastrevid or revision is None or not revision.timestamp:
        raise Misshapen(f"the page {shown(title)} has no revision")
    return RemotePage(
        title=title,
        fetched=fetched,
        revision=answer.lastrevid,
        timestamp=revision.timestamp,
        sha1=revision.sha1,
        size=revision.size if isinstance(revision.size, int) else answer.length or 0,
        user=revision.user,
        comment=revision.comment,
        redirect=answer.redirect is True,
        model=model,
        protection=protection,
        refusal=_refusal(answer, "edit"),
        text=revision.text,
    )


def _refusal(answer: PageAnswer, *actions: str) -> Refused | None:
    """Return why the account may not perform an action on a page."""
    tested = filled(answer.actions or {})
    for action in actions:
        verdict = tested.get(action, True)
        if isinstance(verdict, list):
            if verdict:
                return Refused(words(verdict[0].code), words(verdict[0].text))
        elif not verdict:
            return Refused("permissiondenied", f"the account does not have the right to {action} it")
    return None


def revision_from(title: str, answer: RevisionAnswer) -> Revision:
    """Read one revision of an answer to ``prop=revisions``."""
    return Revision(
        revision=answer.revid,
        parent=answer.parentid,
        title=title,
        timestamp=answer.timestamp or "",
        sha1=answer.sha1,
        user=answer.user,
        text=answer.text,
    )
