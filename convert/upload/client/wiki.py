"""A wiki over its Action API: fetch, edit, delete, import.

    with Client("https://wiki.example/w/api.php", Password("Bot@plainwiki", secret)) as wiki:
        page = wiki.fetch(["Port Ellen"])["Port Ellen"]
        wiki.edit(Edit(page.title, text, "plainwiki: run 7", base=page.revision, started=page.fetched))

A refused page is a value, ``Refused``; what ends a run is an exception: ``Stopped`` if the wiki accepts nothing more
from this account, ``WikiUnavailable`` if it did not answer within ``patience_s``.

Sources: https://www.mediawiki.org/wiki/API:Edit, https://www.mediawiki.org/wiki/API:Info
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from msgspec import structs

from convert.diagnostics import shown
from convert.nfc import to_nfc
from convert.profile_file import PARTS
from convert.upload.client.api import Api, ApiError, Malformed, Remark, Tell, Waiting, continued, unheard
from convert.upload.client.credentials import Credentials
from convert.upload.client.decoding import LISTS_BYTES, LITTLE_BYTES, TEXTS_BYTES, Misshapen, Shape
from convert.upload.client.etiquette import (
    MAXLAG_S,
    contact_wanted,
    is_wikimedia,
    page_of_account,
    user_agent,
    wikimedia_rate,
)
from convert.upload.client.front.failures import Lost
from convert.upload.client.front.http_options import HttpOptions
from convert.upload.client.media.media import Media
from convert.upload.client.pace import Pace, rate_limits
from convert.upload.client.pages import Edit, Refused, RemotePage, Revision, SaveOutcome, Site, page_from, revision_from
from convert.upload.client.queries.past import Past
from convert.upload.client.queries.templates import Templates
from convert.upload.client.queries.titles import Titles
from convert.upload.client.saving import TRIES, SaveRequest, refused, same_page, unanswered
from convert.upload.client.session import Session, listed
from convert.upload.client.shapes import (
    DeleteAnswer,
    ImportAnswer,
    PageAnswer,
    PagesQuery,
    ParseAnswer,
    Query,
    SiteQuery,
)
from convert.upload.client.transport import Transport

_FEW_TITLES, _MANY_TITLES = 50, 500
#: The most answers with pages: each of them adds something about at least one page.
_ANSWERS, _ANSWERS_OF_PAGE = 10, 4
Item = TypeVar("Item")
_REVISION = "ids|timestamp|sha1|size|user|comment"


@dataclass(frozen=True)
class ClientOptions:
    """How the client behaves towards a wiki."""

    #: E-mail address or page of the person responsible for the edits; default: the account's page on the wiki.
    contact: str = ""
    #: Timeout of one answer.
    timeout_s: float = 60
    #: How long to retry a request while the wiki asks to wait or does not answer.
    patience_s: float = 600
    #: Replication lag in seconds from which the wiki may ask to wait; default 5 on Wikimedia's wikis.
    maxlag_s: int | None = None
    #: Concurrent requests; always 1 on Wikimedia's wikis.
    concurrency: int = 1
    #: Mark edits as a bot's, for which the account needs the right.
    bot: bool = False
    #: Allow http:// addresses, which send passwords unencrypted, as in a local network.
    plain_http: bool = False
    #: The most requests a minute; by default what Wikimedia's wikis allow, and any number elsewhere.
    rate: float | None = None
    #: How requests get through what stands in front of the wiki.
    http: HttpOptions = field(default_factory=HttpOptions)
    #: Change tags of all edits; the wiki must know them.
    tags: tuple[str, ...] = ()


def _untold(waiting: Waiting) -> None:
    """Ignore a wait."""


class Client:
    """One account on one wiki, from ``__enter__``, which signs in, to ``__exit__``; thread-safe.

    Signing in raises Stopped if the wiki rejects the credentials, and EnvironmentFailed if ``url`` is not the address
    of an ``api.php``.
    """

    site: Site
    #: What was done on the wiki before.
    past: Past
    #: What the wiki says of templates.
    templates: Templates
    #: All titles of its articles.
    titles: Titles

    def __init__(
        self,
        url: str,
        credentials: Credentials,
        options: ClientOptions = ClientOptions(),
        tell: Tell = _untold,
        remark: Remark = unheard,
    ) -> None:
        self.options = options
        wikimedia = is_wikimedia(url)
        #: How many threads can send requests concurrently.
        self.concurrency = 1 if wikimedia else options.concurrency
        self._transport = Transport(url, self.concurrency, options.timeout_s, options.plain_http, options.http)
        #: The lag from which the wiki may ask to wait.
        self.maxlag_s = options.maxlag_s if options.maxlag_s is not None else MAXLAG_S if wikimedia else None
        contact = options.contact or page_of_account(credentials.user, url)
        usual = wikimedia_rate(bool(contact)) if wikimedia else 0
        #: How many requests a minute are sent at most; 0 for any number.
        self.rate = usual if options.rate is None else options.rate
        self._api = Api(self._transport, options.patience_s, tell, remark, self.rate)
        extra = {} if self.maxlag_s is None else {"maxlag": str(self.maxlag_s)}
        self._session = Session(self._api, credentials, {**extra, "assert": "bot"} if options.bot else extra)
        self._transport.identify(user_agent(contact))
        if wikimedia and not options.contact:
            self._api.remark(contact_wanted(self._transport.host, contact))

    def __enter__(self) -> Client:
        try:
            self._session.sign_in()
            self.site = self._fetch_site()
            if self.options.rate is None and "bot" in self.site.rights:
                self.rate = 0  # Wikimedia exempts bots, and no other wiki is throttled
                self._api.throttle.limit(0)
            limits = self.site.rate_limits
            edits, creations = (Pace(limits.get(action, ()), self._api.pause) for action in ("edit", "create"))
            self.past, self.templates = Past(self._session, self.site), Templates(self._session)
            self.titles = Titles(self._session)
            self.media = Media(self._session, self._tags())
            self._saving = SaveRequest(self._session, edits, creations, self._marks(), self.site.profile)
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    def close(self) -> None:
        """End all requests and waits of all threads: they raise WikiUnavailable."""
        self._api.close()

    def ask(self, shape: type[Shape], fields: Mapping[str, str], *, most: int = LITTLE_BYTES) -> Shape:
        """Send a request that reads, and return its answer as a ``shape``, of at most so many bytes."""
        return self._session.read(shape, fields, most)

    def malformed(self, action: str, why: object) -> Malformed:
        """Make the error for an answer that is not MediaWiki's."""
        return self._session.malformed(action, why)

    def fetch(self, titles: Sequence[str], content: bool = False) -> dict[str, RemotePage]:
        """Return pages, existing or missing, by the given titles, with this account's permissions.

        One request per 50 titles (500 with the right ``apihighlimits``), one more if some of many do not exist, and
        more if ``content`` (the text) is large.  An impossible title has a ``refusal``.
        """
        pages: dict[str, RemotePage] = {}
        for some in _batches(titles, self.site.titles_per_request):
            # An answer holds as many permissions as a request holds titles.
            both = 2 * len(some) <= self.site.titles_per_request
            fetched = self._fetch(some, "edit|create" if both else "edit", content)
            missing = [title for title, page in fetched.items() if not page.exists and not page.refusal]
            pages |= fetched
            if missing and not both:
                pages |= self._fetch(missing, "create", content=False)
        return pages

    def revisions(self, numbers: Sequence[int]) -> dict[int, Revision]:
        """Return revisions with their texts, by number; deleted ones are left out."""
        revisions: dict[int, Revision] = {}
        for some in _batches(numbers, self.site.titles_per_request):
            asked = {"prop": "revisions", "revids": "|".join(map(str, some)), "rvprop": f"{_REVISION}|content"}
            for answer in self._continued({"rvslots": "main", **asked}, len(some), content=True):
                for page in answer.query.pages:
                    for revision in page.revisions or ():
                        revisions[revision.revid] = revision_from(page.title, revision)
        return revisions

    def edit(self, edit: Edit) -> SaveOutcome:
        """Save a page exactly once: after a lost answer, the page is read back before a retry.

        The page is only replaced if its current revision is ``edit.base``, and only created if that is 0.
        """
        return self._saving.save(edit)

    def find(self, title: str, base: int, digest: str, mark: str) -> SaveOutcome | None:
        """Find out whether an edit with a lost answer was saved; ``None``: not yet, but it may still be.

        ``digest`` is the SHA-1 of its text, hexadecimal, and ``mark`` a part of its summary that is unique to it.
        """
        return self._saving.find(title, base, digest, mark)

    def undo(self, title: str, revision: int, text: str, summary: str) -> SaveOutcome:
        """Replace ``revision`` with ``text``, if it is still the current revision."""
        return self.edit(Edit(title, text, summary, base=revision))

    def delete(self, title: str, summary: str) -> Refused | None:
        """Delete a page; return the wiki's refusal, if any."""
        fields = {"action": "delete", "title": title, "reason": summary, "watchlist": "nochange"}
        for _ in range(TRIES):
            try:
                answer = self._session.write(DeleteAnswer, fields).delete
                if same_page(answer.title, title, self.site.profile) and (answer.logid or answer.scheduled):
                    return None
                raise self._session.malformed("delete", f"it does not confirm that it deleted {shown(title)}")
            except ApiError as error:
                return None if error.failure.code == "missingtitle" else refused(error.failure)
            except Lost as lost:
                refusal = unanswered(lost)
            if not self.fetch([title])[title].exists:
                return None
        return refusal

    def import_dump(self, xml: bytes, summary: str, prefix: str = "plainwiki") -> dict[str, int] | Refused:
        """Import a dump; return how many revisions it added, by page.  ``prefix`` names its origin.

        The wiki skips revisions that it has already (same time and sha1), so a dump with a lost answer is sent again.
        """
        fields = {"action": "import", "summary": summary, "interwikiprefix": prefix, **self._tags()}
        for left in reversed(range(TRIES)):
            try:
                answer = self._session.write(ImportAnswer, fields, {"xml": xml})
                return {page.title: page.revisions for page in answer.pages}
            except ApiError as error:
                return refused(error.failure)
            except Lost as lost:
                refusal = unanswered(lost)
            if left:
                self._session.look()
        return refusal

    def shown(self, title: str, text: str) -> tuple[str, str, list[str]]:
        """Return the HTML of an unsaved page, that of its head, and the names of its style sheets."""
        asked = {"title": title, "text": text, "contentmodel": "wikitext", "pst": "1", "prop": "text|headhtml|modules"}
        # As an article, the wiki's own choice of renderer holds; before 1.43 there is none, and a wiki warns of it.
        asked |= {"action": "parse", "disablelimitreport": "1", "disableeditsection": "1", "usearticle": "1"}
        parsed = self._session.read(ParseAnswer, asked, TEXTS_BYTES).parse
        return parsed.text, parsed.headhtml, parsed.modulestyles

    def _fetch(self, titles: Sequence[str], actions: str, content: bool) -> dict[str, RemotePage]:
        asked = {
            "prop": "info|revisions", "inprop": "protection", "intestactions": actions, "intestactionsdetail": "full",
            "rvprop": f"{_REVISION}|content" if content else _REVISION, "rvslots": "main", "curtimestamp": "1",
            "titles": listed(titles),
        }  # fmt: skip
        pages: dict[str, PageAnswer] = {}
        spelled: dict[str, str] = {}
        elsewhere: set[str] = set()
        fetched = ""
        for answer in self._continued(asked, len(titles), content):
            # The first timestamp is the safest: any later edit is a conflict.
            fetched = fetched or answer.curtimestamp or ""
            spelled |= answer.query.spelled
            elsewhere |= {link.title for link in answer.query.interwiki}
            for page in answer.query.pages:
                known = pages.get(page.title)
                pages[page.title] = known.with_part(page) if known else page
        try:
            return {title: _found(title, spelled, pages, elsewhere, fetched) for title in titles}
        except Misshapen as misshapen:
            raise self._session.malformed("query", misshapen) from None

    def _continued(self, asked: Mapping[str, str], pages: int, content: bool) -> Iterator[Query[PagesQuery]]:
        """Fetch pages, and follow the continuation of the answers."""
        most = TEXTS_BYTES if content else LISTS_BYTES

        def ask(fields: Mapping[str, str]) -> Query[PagesQuery]:
            return self._session.read(Query[PagesQuery], {"action": "query", **fields}, most)

        try:
            yield from continued(ask, asked, _ANSWERS + _ANSWERS_OF_PAGE * pages)
        except Misshapen as misshapen:
            raise self._session.malformed("query", misshapen) from None

    def _fetch_site(self) -> Site:
        asked = {
            "action": "query", "meta": "siteinfo|userinfo", "uiprop": "rights|ratelimits",
            "siprop": "|".join([*PARTS, "functionhooks"]), "list": "users", "ususerids": "1", "usprop": "registration",
        }  # fmt: skip
        site = self._session.read(Query[SiteQuery], asked, LISTS_BYTES).query
        user = site.userinfo
        if self._session.user not in ("", user.name):
            raise self._session.malformed("query", f"we are {shown(self._session.user)}, and then {shown(user.name)}")
        rights = frozenset(user.rights)
        profile = structs.replace(site.profile, short_descriptions="shortdesc" in site.functionhooks)
        if profile.trail_remark:
            self._api.remark(profile.trail_remark)
        return Site(
            profile=profile,
            siteinfo=site,
            identity=site.identity,
            user=user.name,
            rights=rights,
            rate_limits=rate_limits(user),
            titles_per_request=_MANY_TITLES if "apihighlimits" in rights else _FEW_TITLES,
            max_upload_bytes=int(site.general.maxuploadsize),
        )

    def _marks(self) -> dict[str, str]:
        return {**self._tags(), "bot": "1"} if self.options.bot else self._tags()

    def _tags(self) -> dict[str, str]:
        return {"tags": "|".join(self.options.tags)} if self.options.tags else {}


def _found(
    title: str, spelled: Mapping[str, str], pages: Mapping[str, PageAnswer], elsewhere: Collection[str], fetched: str
) -> RemotePage:
    """Return a title's page from the answers; raises Misshapen if they have none."""
    own = spelled.get(title, to_nfc(title))
    page = pages.get(own)
    if page is None and not {title, own}.isdisjoint(elsewhere):
        page = PageAnswer(title, invalid=True)
    if page is None or not fetched:
        raise Misshapen(f"it says nothing about the page {shown(title)}" if fetched else "its answer has no timestamp")
    return page_from(page, fetched)


def _batches(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
