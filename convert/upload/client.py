"""A wiki over its Action API: what is there, and what is to be saved.

    with Client("https://wiki.example/w/api.php", Password("Bot@plainwiki", secret)) as wiki:
        page = wiki.fetch(["Port Ellen"])["Port Ellen"]
        wiki.edit(Edit(page.title, text, "plainwiki: run 7", base=page.revision, started=page.fetched))

A page that the wiki does not take is a value, ``Refused``; what ends a run is an exception: ``Stopped`` where the wiki
takes nothing more from this account, ``WikiUnavailable`` where it did not answer for as long as there was patience.

Sources: https://www.mediawiki.org/wiki/API:Edit, https://www.mediawiki.org/wiki/API:Info
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import md5, sha1
from typing import Any, TypeVar
from urllib.parse import urlsplit

from convert import __version__
from convert.profile import profile_of
from convert.upload.answers import Failure
from convert.upload.api import Api, ApiError, Broken, Tell, Waiting
from convert.upload.credentials import Credentials
from convert.upload.pace import Pace, rate_limits
from convert.upload.pages import Edit, Outcome, Page, Refused, Revision, Saved, Site, page_from, revision_from
from convert.upload.session import Session
from convert.upload.transport import Lost, Transport

#: Hosts whose rules ask for one request at a time, and for ``maxlag``.
WIKIMEDIA = re.compile(
    r"(^|\.)(wiki(pedia|quote|books|source|news|versity|voyage|data|functions|media|mediafoundation)|wiktionary|mediawiki)"
    r"\.org$"
)
MAXLAG_S = 5
#: How often an edit is sent whose answers are lost although the wiki answers otherwise.
TRIES = 3
_FEW_TITLES, _MANY_TITLES = 50, 500
Item = TypeVar("Item")
_SEPARATOR = "\x1f"
_REVISION = "ids|timestamp|sha1|size|user"


@dataclass(frozen=True)
class ClientOptions:
    """How to behave towards a wiki."""

    #: An address of e-mail or page of whoever answers for the edits; else the account's page on the wiki.
    contact: str = ""
    #: Seconds that one answer may take.
    timeout_s: float = 60
    #: Seconds that a request is repeated for while the wiki asks to wait or does not answer.
    patience_s: float = 600
    #: Seconds of replication lag from which on the wiki may ask to wait; else 5 on Wikimedia's wikis.
    maxlag_s: int | None = None
    #: Requests at the same time; always 1 on Wikimedia's wikis.
    concurrency: int = 1
    #: Mark edits as a bot's, which the account must have the right to.
    bot: bool = False
    #: Change tags of all edits; the wiki must know them.
    tags: tuple[str, ...] = ()


def _untold(waiting: Waiting) -> None:
    """Tell nobody."""


class Client:
    """One account on one wiki, between ``__enter__``, which signs in, and ``__exit__``; threads may share it.

    Signing in raises Stopped where the wiki does not accept the credentials, and EnvironmentFailed where ``url`` is not
    the address of an ``api.php``.
    """

    site: Site

    def __init__(
        self,
        url: str,
        credentials: Credentials,
        options: ClientOptions = ClientOptions(),
        tell: Tell = _untold,
    ) -> None:
        self.options = options
        self._transport = Transport(url, options.concurrency, options.timeout_s)
        wikimedia = bool(WIKIMEDIA.search(self._transport.host))
        #: How many threads can ask at the same time.
        self.concurrency = 1 if wikimedia else options.concurrency
        maxlag = options.maxlag_s if options.maxlag_s is not None else MAXLAG_S if wikimedia else None
        self._api = Api(self._transport, options.patience_s, tell)
        extra = {} if maxlag is None else {"maxlag": str(maxlag)}
        self._session = Session(self._api, credentials, {**extra, "assert": "bot"} if options.bot else extra)
        self._transport.headers["User-Agent"] = _user_agent(options.contact or _page_of(credentials.user, url))

    def __enter__(self) -> Client:
        try:
            self._session.sign_in()
            self.site = self._fetch_site()
            limits = self.site.rate_limits
            self._edits = Pace(limits.get("edit", ()), self._api.pause)
            self._creations = Pace(limits.get("create", ()), self._api.pause)
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    def close(self) -> None:
        """End all requests and waits, also those of other threads: they raise WikiUnavailable."""
        self._api.close()

    def fetch(self, titles: Sequence[str], content: bool = False) -> dict[str, Page]:
        """Pages by the titles as given, whether they exist or not, with what this account may do with them.

        One request for 50 titles (500 with the right ``apihighlimits``), and one more for those of them that do not
        exist; more where ``content`` (the text) is large.  A title that can be no page has a ``refusal``.
        """
        pages: dict[str, Page] = {}
        for some in _batches(titles, self.site.titles_per_request):
            found = self._fetch(some, "edit", content)
            missing = [title for title, page in found.items() if not page.exists and not page.refusal]
            pages |= found
            if missing:
                pages |= self._fetch(missing, "create", content=False)
        return pages

    def revisions(self, numbers: Sequence[int]) -> dict[int, Revision]:
        """Revisions with their texts, by their numbers; those that are deleted are left out."""
        found: dict[int, Revision] = {}
        for some in _batches(numbers, self.site.titles_per_request):
            asked = {"prop": "revisions", "revids": "|".join(map(str, some)), "rvprop": f"{_REVISION}|content"}
            for answer in self._continued({"rvslots": "main", **asked}):
                for page in answer["query"].get("pages", ()):
                    for each in page.get("revisions", ()):
                        found[each["revid"]] = revision_from(page["title"], each)
        return found

    def edit(self, edit: Edit) -> Outcome:
        """Save a page, once: where an answer is lost, the page is read back before it is sent again.

        What is there is only replaced if it still is the revision ``edit.base``, or nothing where that is 0.  The text
        should be as the wiki keeps it: in NFC and without white space at its end.
        """
        fields = {
            "action": "edit", "title": edit.title, "text": edit.text, "summary": edit.summary,
            "md5": md5(edit.text.encode()).hexdigest(), "watchlist": "nochange",
            **({"baserevid": str(edit.base), "nocreate": "1"} if edit.base else {"createonly": "1"}),
            **({"starttimestamp": edit.started} if edit.started else {}),
            **({"minor": "1"} if edit.minor else {"notminor": "1"}),
            **({"bot": "1"} if self.options.bot else {}), **self._tags(),
        }  # fmt: skip
        return self._saved(edit, fields)

    def undo(self, title: str, revision: int, text: str, summary: str) -> Outcome:
        """Put ``text`` in the place of ``revision``, if that still is the current one."""
        return self.edit(Edit(title, text, summary, base=revision))

    def delete(self, title: str, summary: str) -> Refused | None:
        """Delete a page; gives why not, if the wiki does not."""
        try:
            self._session.write({"action": "delete", "title": title, "reason": summary, "watchlist": "nochange"})
        except ApiError as error:
            return None if error.failure.code == "missingtitle" else _refused(error.failure)
        except Lost as lost:
            return None if not self.fetch([title])[title].exists else Refused("unanswered", str(lost))
        return None

    def import_dump(self, xml: bytes, summary: str, prefix: str = "plainwiki") -> dict[str, int] | Refused:
        """Import a dump: how many revisions it added, by page.  ``prefix`` tells where it comes from.

        Revisions that the wiki has already, with the same time and sha1, are left out; so a dump whose answer was lost
        is sent again.
        """
        fields = {"action": "import", "summary": summary, "interwikiprefix": prefix, **self._tags()}
        refused = Refused("unanswered", "")
        for _ in range(TRIES):
            try:
                answer = self._session.write(fields, {"xml": xml})
                return {page["title"]: page["revisions"] for page in answer["import"]}
            except ApiError as error:
                return _refused(error.failure)
            except Lost as lost:
                refused = _unanswered(lost)
                # Returns when the wiki answers again.
                self._session.read(action="query", meta="userinfo")
        return refused

    def parse(self, title: str, text: str) -> str:
        """HTML of a page as it would be after it was saved."""
        asked = {"title": title, "text": text, "contentmodel": "wikitext", "pst": "1", "prop": "text"}
        answer = self._session.read(action="parse", disablelimitreport="1", disableeditsection="1", **asked)
        html: str = answer["parse"]["text"]
        return html

    def _saved(self, edit: Edit, fields: Mapping[str, str]) -> Outcome:
        """Send an edit until it is known what became of it."""
        digest = sha1(edit.text.encode()).hexdigest()
        refused: Refused | None = None
        for _ in range(TRIES):
            self._edits.keep()
            if not edit.base:
                self._creations.keep()
            try:
                answer = self._session.write(fields)["edit"]
                return self._unchanged(edit, digest) if answer.get("nochange") else _outcome(answer, edit)
            except ApiError as error:
                found = _refused(error.failure)
                # Of an edit that was sent before, the answer to which was lost, this may be a conflict with itself.
                earlier = self._find(edit, digest) if refused and found.conflict else None
                return earlier if isinstance(earlier, Saved) else found
            except Lost as lost:
                refused = _unanswered(lost)
                earlier = self._find(edit, digest)
                if earlier:
                    return earlier
        assert refused
        return refused

    def _unchanged(self, edit: Edit, digest: str) -> Outcome:
        """Look whether a page holds what was sent, as "nochange" says.

        The wiki says so too where it merged the text into an edit that came between, and nothing was left of it.
        """
        page = self.fetch([edit.title])[edit.title]
        if page.sha1 == digest:
            return Saved(page.revision, page.timestamp, nochange=True)
        return Refused("editconflict", "the page was changed meanwhile, and the wiki kept that change")

    def _find(self, edit: Edit, digest: str) -> Outcome | None:
        """Look whether an edit was saved although no answer said so; ``None``: it was not, and could still be."""
        asked = {"prop": "revisions", "titles": edit.title, "rvprop": _REVISION, "rvlimit": "50", "rvslots": "main"}
        page = self._session.read(action="query", **asked)["query"]["pages"][0]
        revisions = [revision_from(edit.title, each) for each in page.get("revisions", ())]
        for each in revisions:
            if each.sha1 == digest and (each.user == self.site.user or each is revisions[0]):
                return Saved(each.revision, each.timestamp, nochange=each.revision == edit.base)
        if (revisions[0].revision if revisions else 0) == edit.base:
            return None
        return Refused("editconflict", "the page was changed while its answer was lost")

    def _fetch(self, titles: Sequence[str], action: str, content: bool) -> dict[str, Page]:
        asked = {
            "prop": "info|revisions", "inprop": "protection", "intestactions": action, "intestactionsdetail": "full",
            "rvprop": f"{_REVISION}|content" if content else _REVISION, "rvslots": "main", "curtimestamp": "1",
            "titles": _SEPARATOR + _SEPARATOR.join(titles),
        }  # fmt: skip
        pages: dict[str, dict[str, Any]] = {}
        folded: dict[str, str] = {}
        fetched = ""
        for answer in self._continued(asked):
            # The first is the safest: what happened since is a conflict.
            fetched = fetched or answer["curtimestamp"]
            query = answer["query"]
            folded |= {each["from"]: each["to"] for each in query.get("normalized", ())}
            for each in query.get("pages", ()):
                pages.setdefault(each["title"], {}).update(each)
        missing = {"invalid": True}
        return {
            title: page_from({"title": title, **pages.get(folded.get(title, title), missing)}, action, fetched)
            for title in titles
        }

    def _continued(self, asked: Mapping[str, str]) -> Iterator[dict[str, Any]]:
        """Ask, and go on asking while the answer says that there is more."""
        following: dict[str, str] = {}
        while True:
            answer = self._session.read(action="query", **{**asked, **following})
            yield answer
            if "continue" not in answer:
                return
            following = {name: str(value) for name, value in answer["continue"].items()}

    def _fetch_site(self) -> Site:
        prop = {"siprop": "general|namespaces|namespacealiases|interwikimap", "uiprop": "rights|ratelimits"}
        query = self._session.read(action="query", meta="siteinfo|userinfo", **prop)["query"]
        user = query["userinfo"]
        rights = frozenset(user["rights"])
        return Site(
            profile=profile_of(query),
            user=user["name"],
            rights=rights,
            rate_limits=rate_limits(user.get("ratelimits", {})),
            titles_per_request=_MANY_TITLES if "apihighlimits" in rights else _FEW_TITLES,
            max_upload_bytes=query["general"].get("maxuploadsize", 0),
        )

    def _tags(self) -> dict[str, str]:
        return {"tags": "|".join(self.options.tags)} if self.options.tags else {}


def _outcome(answer: Mapping[str, Any], edit: Edit) -> Saved:
    merged = bool(edit.base) and answer.get("oldrevid", edit.base) != edit.base
    return Saved(answer["newrevid"], answer["newtimestamp"], merged=merged)


def _refused(failure: Failure) -> Refused:
    return Refused(failure.code, failure.reason, failure.raw)


def _unanswered(lost: Lost) -> Refused:
    if isinstance(lost, Broken):
        return _refused(lost.failure)
    return Refused("unanswered", f"the wiki answers, but not to this: {lost}")


def _batches(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _page_of(user: str, url: str) -> str:
    """Say where on the wiki to write to an account."""
    return f"User:{user} at {urlsplit(url).hostname}" if user else ""


def _user_agent(contact: str) -> str:
    return f"plainwiki/{__version__} ({contact})" if contact else f"plainwiki/{__version__}"
