"""A wiki that is only read: how it would show an article, what it has now, and what an upload would do.

Nothing is ever sent to be saved.  A wiki that does not answer costs nothing but these answers: ``problem`` says why.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from html import escape
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit

from lxml import html
from lxml.etree import LxmlError
from msgspec import structs

from convert.errors import EnvironmentFailed, PlainwikiError
from convert.preview.documents import Document
from convert.preview.library import Library
from convert.preview.origins import origin_of, within
from convert.upload.client.api import ApiError, Malformed
from convert.upload.client.credentials import Credentials, Nobody
from convert.upload.client.pages import RemotePage
from convert.upload.client.wiki import Client, ClientOptions
from convert.upload.diff import unified
from convert.upload.plan import Create, DesiredPage, Mode, Refuse, Rules, Step, Update, described, kept, kind_of, step
from convert.upload.run import usable
from convert.upload.state import State

#: A person waits for the answer.
TIMEOUT_S = 15
PATIENCE_S = 10
_RETRY_S = 10.0
_TOGETHER = 50

#: What the wiki's own page may do in its frame: be seen, with the wiki's styles and pictures.
_FRAME_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline' {0}; "
    "img-src {0} https: data:; font-src {0} data:; base-uri {0}; form-action 'none'; frame-ancestors 'self'"
)
# The skin leaves room for what is not here.
_ROOM = "body{background:#fff}.mw-body{margin:0!important;border:0!important;padding:1rem 1.25rem!important}"


class Compared(NamedTuple):
    """An article beside the page that the wiki has: what an upload would do, and the lines that differ."""

    kind: str
    told: str
    exists: bool
    lines: Sequence[str]


class LiveWiki:
    """A wiki by its name, the address of its api.php, and whoever reads it; threads may share it.

    ``state`` is the file that says what was uploaded before.
    """

    def __init__(self, name: str, api: str, who: Credentials, mode: Mode, state: str) -> None:
        self.name = name
        self.problem = "it was not asked yet"
        self._api, self._who, self._rules, self._path = api, who, Rules(mode), state
        self._client: Client | None = None
        self._state: State | None = None
        self._connecting = threading.Lock()
        self._tried_s = -_RETRY_S

    def client(self) -> Client | None:
        """Give the wiki, or nothing where it does not answer: then ``problem`` says why."""
        with self._connecting:
            if self._client or time.monotonic() - self._tried_s < _RETRY_S:
                return self._client
            try:
                self._state = self._state or State(self._path, self._api, read_only=True)
                client = Client(self._api, self._who, ClientOptions(timeout_s=TIMEOUT_S, patience_s=PATIENCE_S))
                self._client = client.__enter__()
            except (PlainwikiError, ApiError) as error:
                self.problem = str(error)
            self._tried_s = time.monotonic()
            return self._client

    @contextmanager
    def _asked(self) -> Iterator[tuple[Client, State]]:
        """Give the wiki and what was uploaded there; raises EnvironmentFailed where it does not answer."""
        client = self.client()
        if client is None or self._state is None:
            raise EnvironmentFailed(self.problem)
        try:
            yield client, self._state
        except ApiError as error:
            raise EnvironmentFailed(str(error)) from None

    def close(self) -> None:
        """Leave the wiki."""
        if self._client:
            self._client.close()
        if self._state:
            self._state.close()

    def steps(self, documents: Sequence[Document]) -> dict[str, Step]:
        """Plan what an upload would do with articles that can be pages, by their ids."""
        wanted = {each.id: _wanted(each) for each in documents if each.page}
        with self._asked() as (client, state):
            pages = client.fetch([each.title for each in wanted.values()], content=self._rules.mode == "infobox")
            return {id: self._step(client, state, each, pages[each.title]) for id, each in wanted.items()}

    def compared(self, document: Document) -> Compared:
        """Compare an article with the page that there is."""
        wanted = _wanted(document)
        with self._asked() as (client, state):
            page = client.fetch([wanted.title], content=True)[wanted.title]
            planned = self._step(client, state, wanted, page)
        text = planned.text if isinstance(planned, Create | Update) else wanted.text
        lines = list(unified(page.text or "", text, page.title))
        return Compared(kind_of(planned), described(planned).partition(": ")[2], page.exists, lines)

    def _step(self, client: Client, state: State, wanted: DesiredPage, page: RemotePage) -> Step:
        if isinstance(self._who, Nobody) and page.refusal and page.refusal.code != "invalidtitle":
            page = structs.replace(page, refusal=None)  # what somebody else may do, nobody knows
        written = usable(state.written([page.title]).get(page.title), self._rules)
        if isinstance(written, Refuse):
            return written
        return step(wanted, page, written, None, self._rules, client.site.profile)

    def frame(self, document: Document) -> tuple[str, str]:
        """Make the page that shows an article as the wiki shows it, and the policy for it."""
        with self._asked() as (client, _):
            shown, head, styles = client.shown(document.page, document.wikitext)
            base = client.site.profile.base
        wiki = origin_of(self._api)
        try:
            parsed = html.document_fromstring(head)
        except (ValueError, LxmlError) as error:
            raise Malformed(urlsplit(self._api).hostname or wiki, "parse", error) from None
        return _framed(document.page, shown, parsed, styles, within(wiki, base)), _FRAME_POLICY.format(wiki)


def _wanted(document: Document) -> DesiredPage:
    return DesiredPage(document.page, kept(document.wikitext), document.piece.source)


def _framed(title: str, shown: str, head: html.HtmlElement, styles: Sequence[str], base: str) -> str:
    """Put what the wiki made into a page with the wiki's styles, and none of its scripts."""
    root, body = head.getroottree().getroot(), head.find("body")
    classes = escape(body.get("class", "") if body is not None else "")
    language, direction = escape(root.get("lang") or "en"), escape(root.get("dir") or "ltr")
    # The head names no style sheet of the skin, but where scripts come from, styles do as well.
    source = next(
        (each.get("src", "") for each in head.iterfind(".//script[@src]") if "skin=" in each.get("src", "")), ""
    )
    load, _, query = source.partition("?")
    asked = dict(parse_qsl(query))
    skin = asked.get("skin", "vector")
    variant = ".legacy" if "skin-vector-legacy" in classes else ""
    modules = ("site.styles", "mediawiki.skinning.interface", f"skins.{skin}.styles{variant}", *styles)
    wanted = {"lang": asked.get("lang", "en"), "modules": "|".join(modules), "only": "styles", "skin": skin}
    sheet = urlencode(wanted, errors="replace")
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


class Planner:
    """Compares a library with the wiki in the background, each article once for each of its editions."""

    def __init__(self, remote: LiveWiki, library: Library) -> None:
        self.remote, self.library = remote, library
        #: Is called when articles are to be read anew.
        self.adapted: Callable[[], None] = lambda: None
        self._adapted = False
        self._stopped, self._woken = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._work, name="planner", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def wake(self) -> None:
        """Say that there are articles to compare."""
        self._woken.set()

    def stop(self) -> None:
        """End, and leave the wiki."""
        self._stopped.set()
        self._woken.set()
        self.remote.close()
        self._thread.join(timeout=5)

    def _work(self) -> None:
        while not self._stopped.is_set():
            client = self.remote.client()
            if client and not self._adapted:
                # From now on pages are written for this wiki: its namespaces, its language.
                self._adapted = True
                self.library.forget(self.library.reader.under_profile(client.site.profile))
                self.adapted()
            try:
                for documents in self.library.unplanned(_TOGETHER) if client else ():
                    self.library.plan({id: kind_of(each) for id, each in self.remote.steps(documents).items()})
                    if self._stopped.is_set():
                        return
            except PlainwikiError as error:
                self.remote.problem = str(error)
            except Exception as error:  # a thread that dies would leave every article without an answer
                self.remote.problem = f"a bug of plainwiki: {error!r}"
            self._woken.wait(_RETRY_S if client is None else None)
            self._woken.clear()
