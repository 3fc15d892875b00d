"""The preview as a web application.

    /                       the list
    /index.json             its rows, or those that changed since a version
    /search.json            the articles whose text has ?q=…
    /article/ID             an article, with its page; ?choose=0:NAME tries a template for its first infobox
    /article/ID/VIEW        another view of it
    /article/ID/frame       its rendering by the wiki
    /article/ID/template/BOX/NAME   a template at a glance, for an infobox of it
    /templates.json         the names of templates
    /doubtful               the next doubtful article, or the list if none is left
    /…                      POST: changes (``convert.preview.edits.requests``)
    /events                 notifications of changes, as server-sent events
    /static/NAME            style sheets and scripts

No route takes a file's path: only the articles of the given inputs can be read.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from importlib import resources
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

from anyio import to_thread
from msgspec import json
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from convert.errors import PlainwikiError
from convert.names import name_of
from convert.preview import pages
from convert.preview.access import AccessMiddleware
from convert.preview.background import BackgroundReader, events, watch
from convert.preview.desk import ArticleContext, Desk
from convert.preview.documents import Document
from convert.preview.edits.editor import Editor
from convert.preview.edits.glance import glance
from convert.preview.edits.requests import Edits
from convert.preview.library import Library
from convert.preview.link_list import link_list
from convert.preview.search import MAX_QUERY, Search
from convert.writers.page import style_sheet

if TYPE_CHECKING:
    from convert.preview.wiki.live_wiki import LiveWiki
    from convert.preview.wiki.planner import Planner

#: The files of /static and their media types.
STATIC = {
    "app.css": "text/css",
    "shell.js": "text/javascript",
    "list.js": "text/javascript",
    "article.js": "text/javascript",
    "decide.js": "text/javascript",
    "edit.js": "text/javascript",
    "links.js": "text/javascript",
    "upload.js": "text/javascript",
    "place.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}


class Components(NamedTuple):
    """The parts of the application; ``notify`` writes a message to the terminal."""

    library: Library
    background: BackgroundReader
    inputs: Sequence[str]
    notify: Callable[[str], None]
    planner: Planner | None = None
    editor: Editor = Editor(())


class Html(HTMLResponse):
    """An HTML response; lone surrogates, which a wiki's JSON can contain and UTF-8 cannot, are replaced."""

    def render(self, content: Any) -> bytes:
        return str(content).encode("utf-8", "replace")


def static_file(name: str) -> bytes:
    """Return a style sheet or script; ``page.css`` is the one of the HTML writer."""
    if name == "page.css":
        return style_sheet().encode()
    return (resources.files("convert.preview") / "static" / name).read_bytes()


class Preview:
    """The application: its routes and their handlers."""

    def __init__(self, parts: Components, port: int, names: Sequence[str] = (), by_address: bool = False) -> None:
        self.library, self.background, self.inputs, self.notify, self.planner, editor = parts
        self.stop = asyncio.Event()
        self.search = Search(self.library)
        self.edits = Edits(self.library, self.background, self.inputs, editor)
        routes = [
            Route("/", self.index),
            Route("/index.json", self.rows),
            Route("/templates.json", self.templates),
            Route("/search.json", self.found),
            Route("/article/{id}", self.article),
            Route("/article/{id}/template/{box:int}/{name:path}", self.template),
            Route("/article/{id}/{view}", self.view),
            Route("/doubtful", self.doubtful),
            *self.edits.routes,
            *(self.planner.routes if self.planner else []),
            Route("/events", self.events),
            Route("/static/{name}", self.static),
        ]
        errors = {404: self.missing, PlainwikiError: self.failed, OSError: self.failed, Exception: self.broken}
        app = Starlette(routes=routes, lifespan=self._lifespan, exception_handlers=errors)
        self.access = AccessMiddleware(app, port, names, by_address)

    @asynccontextmanager
    async def _lifespan(self, app: Starlette) -> AsyncIterator[None]:
        self.background.start()
        if self.planner:
            self.background.on_all_read, self.planner.on_profile = self.planner.wake, self.background.wake
            self.planner.start()
        watching = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            self.stop.set()
            await to_thread.run_sync(self.background.stop)
            if self.planner:
                await to_thread.run_sync(self.planner.stop)
            await watching

    async def _watch(self) -> None:
        try:
            await watch(self.inputs, self.background.files_changed, self.stop)
        except (OSError, RuntimeError) as error:
            self.notify(f"files that change are not seen ({error}): load the page again after a change")

    @property
    def site(self) -> dict[str, Any]:
        """The variables that every page template gets."""
        wiki, views = (self.planner.wiki.name, pages.WIKI_VIEWS) if self.planner else ("", {})
        link_views = pages.LINK_VIEWS if self.library.reader.linker else {}
        return {
            "live": True, "root": "/", "token": self.access.csrf_token, "policy": "", "wiki": wiki,
            "wiki_views": views, "link_views": link_views, "config": self.background.config,
            "plan": self.planner.plan_file if self.planner else None,
        }  # fmt: skip

    # ── The list

    def index(self, request: Request) -> Response:
        """Respond with the page that loads the list."""
        return Html(pages.index(self.site))

    def rows(self, request: Request) -> Response:
        """Respond with the rows that changed."""
        self.background.defer()
        generation, since = (_number(request, name) for name in ("generation", "since"))
        return Response(self.library.changes(generation, since), media_type="application/json")

    def templates(self, request: Request) -> Response:
        """Respond with the names of all templates in the catalogue."""
        return JSONResponse([template.name for template in self.library.reader.catalogue.templates])

    def found(self, request: Request) -> Response:
        """Respond with the articles whose text has a query."""
        self.background.defer()
        found = self.search.find(request.query_params.get("q", "")[:MAX_QUERY])
        return Response(json.encode(found), media_type="application/json")

    # ── An article

    def template(self, request: Request) -> Response:
        """Respond with a template at a glance."""
        document = self.library.document(request.path_params["id"], {})
        if document is None or document.article is None:
            return self.missing(request, None)
        box, name = request.path_params["box"], request.path_params["name"]
        return Html(pages.template_view(glance(name, document.article, box, self.library.reader.choice)))

    def article(self, request: Request) -> Response:
        """Respond with the page of an article."""
        self.background.defer()
        id = request.path_params["id"]
        if id.endswith(".html"):
            return self._redirect_to_title(id.removesuffix(".html"))
        document = self.library.document(id, _choices(request))
        if document is None:
            return self.missing(request, None)
        context = ArticleContext(self.library.neighbours(id), self.library.edition(id), self._desk(document))
        return Html(pages.article(document, self.site, context, self.library.reader.html))

    def _desk(self, document: Document) -> Desk:
        """Return what can be done about an article."""
        decisions = self.edits.decisions
        rules = self.library.reader.choice.rules
        deciding = {
            number: rules[place]
            for number in range(len(document.decisions))
            if (place := decisions.rule_of(document.id, number)) is not None
        }
        alike = {
            decision.number: self.library.alike([row.key for row in decision.infobox.fields if row.key])
            for decision in document.decisions
            if decision.doubtful or decision.chosen
        }
        objection = self.edits.sources.objection(document.piece)
        editor = "" if objection else self.edits.editor.name
        return Desk(deciding, alike, objection, editor, self.library.left_after(document.id)[0])

    def doubtful(self, request: Request) -> Response:
        """Redirect to the next doubtful article after another one."""
        _, following = self.library.left_after(request.query_params.get("after", ""))
        return RedirectResponse(f"/article/{quote(following)}" if following else "/?show=decided", 303)

    def view(self, request: Request) -> Response:
        """Respond with one view of an article."""
        self.background.defer()
        name = request.path_params["view"]
        known = (
            name in pages.VIEWS
            or name in self.site["link_views"]
            or (self.planner and name in (*pages.WIKI_VIEWS, "frame"))
        )
        document = self.library.document(request.path_params["id"], _choices(request)) if known else None
        if document is None:
            return self.missing(request, None)
        if name in pages.LINK_VIEWS:
            links = link_list(document, self.library.reader, self.library.all_facts())
            return Html(pages.link_view(links, self.site))
        if self.planner and name not in pages.VIEWS:
            return self._wiki_view(self.planner.wiki, name, document, request.url.query)
        return Html(pages.view(name, document, self.library.reader.html))

    def _wiki_view(self, wiki: LiveWiki, name: str, document: Document, query: str) -> Response:
        """Respond with a view from the wiki, or with the reason why it is missing."""
        compared, problem = None, ""
        try:
            if not document.page:
                problem = "What cannot be converted is no page of the wiki. Source tells why."
            elif name == "frame":
                text, policy = wiki.frame(document)
                return Html(text, headers={"Content-Security-Policy": policy})
            elif name == "difference":
                compared = wiki.compare(document)
            elif not wiki.client():
                problem = wiki.problem
        except PlainwikiError as error:
            problem = str(error)
        if name == "difference":
            return Html(pages.difference(document, compared, wiki.name, problem))
        return Html(pages.wiki(document, self.site, problem, query))

    def _redirect_to_title(self, name: str) -> Response:
        """Redirect a link to another article, by its title, to that article's id."""
        for row in self.library.rows():
            if name_of(row.title) == name:
                return RedirectResponse(f"/article/{quote(row.id)}")
        return Html(pages.message(self.site, "No such article", f"None of the inputs has “{name}”."), 404)

    # ── The rest

    async def events(self, request: Request) -> Response:
        """Respond with a stream of events, for as long as the page is open."""
        if request.method == "HEAD":  # a response without a body would block the connection's next request
            return Response(media_type="text/event-stream")
        stream = events(self.library, request.query_params.get("id", ""), _number(request, "edition"), self.stop)
        return StreamingResponse(stream, media_type="text/event-stream")

    def static(self, request: Request) -> Response:
        """Respond with a style sheet or a script."""
        name = request.path_params["name"]
        kind = "text/css" if name == "page.css" else STATIC.get(name)
        return Response(static_file(name), media_type=kind) if kind else self.missing(request, None)

    def missing(self, request: Request, error: Exception | None) -> Response:
        """Respond with 404."""
        text = "It may have been renamed or taken away since."
        return Html(pages.message(self.site, "There is no such page", text), 404)

    def failed(self, request: Request, error: Exception) -> Response:
        """Respond with 500 and the message of a known error."""
        return Html(pages.message(self.site, "That failed", str(error)), 500)

    def broken(self, request: Request, error: Exception) -> Response:
        """Respond with 500 to an unexpected exception, and log it to the terminal in one line."""
        problem = " ".join(f"{type(error).__name__}: {error}".split())
        self.notify(f"a page could not be made, which is a bug of plainwiki: {problem}")
        return self.failed(request, error)


def _number(request: Request, name: str) -> int:
    text = request.query_params.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else -1


def _choices(request: Request) -> Mapping[int, str]:
    """Parse ``choose=0:Infobox ship``: the template to try, by the index of the infobox."""
    choices = (choice.partition(":") for choice in request.query_params.getlist("choose"))
    return {
        int(number): name.strip()
        for number, _, name in choices
        if number.isascii() and number.isdigit() and len(number) < 4 and name.strip()
    }
