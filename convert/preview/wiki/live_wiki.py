"""A live wiki, read-only: its rendering of an article, its current page, and the plan of an upload.

Nothing is ever saved there.  If the wiki does not answer, only these views are missing; ``problem`` says why.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from html import escape
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit

from lxml import html
from lxml.etree import LxmlError
from msgspec import structs

from convert.errors import EnvironmentFailed, PlainwikiError
from convert.preview.documents import Document
from convert.preview.wiki.origins import origin_of, within_origin
from convert.upload.client.api import ApiError, Malformed, Remark, unheard
from convert.upload.client.credentials import Credentials, Nobody
from convert.upload.client.pages import RemotePage
from convert.upload.client.wiki import Client, ClientOptions
from convert.upload.diff import unified
from convert.upload.placing import Placing, placed
from convert.upload.plan import Create, DesiredPage, Keep, Refuse, Rules, Step, Update, decide, kept, kind_of
from convert.upload.plan_lines import explained
from convert.upload.planning.planner import usable
from convert.upload.state.state import State

#: Short, because a person waits for the answer.
TIMEOUT_S = 15
PATIENCE_S = 10
#: After this time a wiki that did not answer is asked again.
RETRY_S = 10.0

#: The policy of the wiki's page in its frame: only the wiki's styles and images.
_FRAME_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline' {0}; "
    "img-src {0} https: data:; font-src {0} data:; base-uri {0}; form-action 'none'; frame-ancestors 'self'"
)
#: The style sheets of MediaWiki's own skins, by skin; those of others are called ``skins.NAME.styles``.
_SKIN_STYLES = {
    "vector": "skins.vector.styles.legacy",
    "vector-2022": "skins.vector.styles",
    "minerva": "skins.minerva.base.styles",
    "timeless": "skins.timeless",
}
# Overrides the margins that the skin keeps for its sidebar and header.
_ROOM = "body{background:#fff}.mw-body{margin:0!important;border:0!important;padding:1rem 1.25rem!important}"


class Compared(NamedTuple):
    """An article compared with the wiki's page: in which state it is for an upload, and a unified diff."""

    state: str
    description: str
    exists: bool
    lines: Sequence[str]


def state_of(step: Step) -> str:
    """Return the kind of a step, or ``untouched`` for a page that differs and is kept by the rules."""
    return "untouched" if isinstance(step, Keep) and step.why else kind_of(step)


class _AnonymousClient(Client):
    """Reads without an account: what nobody may edit without one, another account may have the right to."""

    def fetch(self, titles: Sequence[str], content: bool = False) -> dict[str, RemotePage]:
        """Return pages, refused only where their titles are impossible."""
        pages = super().fetch(titles, content)
        return {
            title: structs.replace(page, refusal=None) if page.refusal and page.refusal.code != "invalidtitle" else page
            for title, page in pages.items()
        }


class LiveWiki:
    """A wiki by name, address of its api.php, and credentials.  Thread-safe.

    ``rules`` and ``placing`` are those of an upload, ``state`` is the path of the file that records earlier ones;
    ``options`` say how the wiki is reached; ``remark`` gets what a person should know of it.
    """

    def __init__(
        self,
        name: str,
        api: str,
        who: Credentials,
        rules: Rules,
        state: str,
        options: ClientOptions = ClientOptions(),
        remark: Remark = unheard,
        placing: Placing = Placing(),
    ) -> None:
        self.name = name
        self.problem = "it was not asked yet"
        self._api, self._who, self._rules, self._path, self._placing = api, who, rules, state, placing
        #: Whether a page is among those that are uploaded.
        self.is_ours: Callable[[str], bool] = lambda title: False
        # Public pages need no encryption.
        plain = options.plain_http or (isinstance(who, Nobody) and not options.http.has_secrets)
        self._options = replace(options, timeout_s=TIMEOUT_S, patience_s=PATIENCE_S, plain_http=plain)
        self._remark = remark
        self._client: Client | None = None
        self._state: State | None = None
        self._connecting = threading.Lock()
        self._tried_s = -RETRY_S

    def client(self) -> Client | None:
        """Return the client, connected at the first call; ``None`` where the wiki does not answer (see ``problem``)."""
        with self._connecting:
            if self._client or time.monotonic() - self._tried_s < RETRY_S:
                return self._client
            try:
                self._state = self._state or State(self._path, self._api, read_only=True)
                kind = _AnonymousClient if self.is_anonymous else Client
                self._client = kind(self._api, self._who, self._options, remark=self._remark).__enter__()
                self._state.identify(self._client.site.identity)
            except (PlainwikiError, ApiError) as error:
                self.problem = str(error)
            self._tried_s = time.monotonic()
            return self._client

    @property
    def is_anonymous(self) -> bool:
        """Whether nobody is signed in."""
        return isinstance(self._who, Nobody)

    @contextmanager
    def session(self) -> Iterator[tuple[Client, State]]:
        """Return the client and the upload state; raises EnvironmentFailed where the wiki does not answer."""
        client = self.client()
        if client is None or self._state is None:
            raise EnvironmentFailed(self.problem)
        try:
            yield client, self._state
        except ApiError as error:
            raise EnvironmentFailed(str(error)) from None

    def close(self) -> None:
        """Close the connections and the state file."""
        if self._client:
            self._client.close()
        if self._state:
            self._state.close()

    def plan_steps(self, documents: Sequence[Document]) -> dict[str, Step]:
        """Plan an upload of the articles that can be pages; return the steps by article id."""
        with self.session() as (client, state):
            desired = {document.id: self._desired(document, client) for document in documents if document.page}
            pages = client.fetch([page.title for page in desired.values()], content=self._rules.mode == "infobox")
            return {id: self._step(client, state, page, pages[page.title]) for id, page in desired.items()}

    def compare(self, document: Document) -> Compared:
        """Compare an article with the wiki's page."""
        with self.session() as (client, state):
            desired = self._desired(document, client)
            page = client.fetch([desired.title], content=True)[desired.title]
            planned = self._step(client, state, desired, page)
        text = planned.text if isinstance(planned, Create | Update) else desired.text
        lines = list(unified(page.text or "", text, page.title))
        return Compared(state_of(planned), explained(planned), page.exists, lines)

    def _desired(self, document: Document, client: Client) -> DesiredPage:
        page = DesiredPage(document.page, kept(document.wikitext), document.piece.source)
        return placed(page, self._placing, client.site.profile, self.is_ours) if self._placing.before else page

    def _step(self, client: Client, state: State, desired: DesiredPage, page: RemotePage) -> Step:
        written = usable(state.written([page.title]).get(page.title), self._rules)
        if isinstance(written, Refuse):
            return written
        return decide(desired, page, written, None, self._rules, client.site.profile)

    def frame(self, document: Document) -> tuple[str, str]:
        """Return the wiki's rendering of an article as an HTML page, and its Content-Security-Policy."""
        with self.session() as (client, _):
            shown, head, styles = client.shown(document.page, document.wikitext)
            base = client.site.profile.base
        wiki = origin_of(self._api)
        try:
            parsed = html.document_fromstring(head)
        except (ValueError, LxmlError) as error:
            raise Malformed(urlsplit(self._api).hostname or wiki, "parse", error) from None
        return _framed_page(document.page, shown, parsed, styles, within_origin(wiki, base)), _FRAME_POLICY.format(wiki)


def _framed_page(title: str, shown: str, head: html.HtmlElement, styles: Sequence[str], base: str) -> str:
    """Make a page from the wiki's HTML with the wiki's styles, without its scripts."""
    root, body = head.getroottree().getroot(), head.find("body")
    classes = escape(body.get("class", "") if body is not None else "")
    language, direction = escape(root.get("lang") or "en"), escape(root.get("dir") or "ltr")
    # The head names no style sheet of the skin, but load.php, where scripts come from, serves it as well.
    source = next(
        (script.get("src", "") for script in head.iterfind(".//script[@src]") if "skin=" in script.get("src", "")), ""
    )
    load, _, query = source.partition("?")
    asked = dict(parse_qsl(query))
    skin = asked.get("skin", "vector")
    sheet_of_skin = _SKIN_STYLES.get(skin, f"skins.{skin}.styles")
    if skin == "vector" and "skin-vector-legacy" not in classes:  # before 1.38 the newer one had the same name
        sheet_of_skin = _SKIN_STYLES["vector-2022"]
    modules = ("site.styles", "mediawiki.skinning.interface", sheet_of_skin, *styles)
    desired = {"lang": asked.get("lang", "en"), "modules": "|".join(modules), "only": "styles", "skin": skin}
    sheet = urlencode(desired, errors="replace")
    links = f'<link rel="stylesheet" href="{escape(f"{load}?{sheet}")}">\n' if load else ""
    return (
        f'<!DOCTYPE html>\n<html class="client-nojs" lang="{language}" dir="{direction}">\n'
        '<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>{escape(title)}</title>\n'
        f'<base href="{escape(base)}" target="_blank">\n{links}<style>{_ROOM}</style>\n</head>\n'
        f'<body class="{classes}">\n<main id="content" class="mw-body"><h1 id="firstHeading" class="firstHeading">'
        f'{escape(title)}</h1><div id="bodyContent" class="vector-body mw-body-content">{shown}</div></main>\n'
        "</body>\n</html>\n"
    )
