"""The routes of changes: each takes a JSON object by POST, and answers with JSON.

    /rule               keep a template as a rule
    /rule/effect        what that rule would change
    /rule/remove        remove the rule that decides an infobox
    /name               write a template into the file of its article
    /link/refuse        have a text or a title never linked
    /link/allow         have it linked again
    /source/open        the source of an article, to edit it
    /source/draft       another source as a page, with its diagnostics
    /source/save        write it into the file
    /editor             open the user's editor, or tell the command
    /undo               undo a change

The access control has seen to it that our own page asks.  What cannot be done is told: ``{"problem": …}``.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from typing import Any

from anyio import to_thread
from msgspec import DecodeError, Struct, ValidationError, json
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from convert.errors import PlainwikiError, UsageError
from convert.preview.background import BackgroundReader
from convert.preview.edits.decisions import Decisions, RuleOfBox, RuleRequest
from convert.preview.edits.editor import Editor
from convert.preview.edits.files import MAX_BYTES, Sources
from convert.preview.edits.history import History
from convert.preview.edits.mending import ArticleRequest, DraftRequest, Mending, NameRequest, SaveRequest
from convert.preview.edits.refusals import NameOfLink, Refusals
from convert.preview.library import Library

_MAX_CHOICE_BYTES = 10_000


class UndoRequest(Struct, forbid_unknown_fields=True):
    """The number of a change."""

    change: int


class Message(Struct):
    """What became of a request; ``article`` is to be shown, ``command`` to be typed."""

    message: str
    article: str = ""
    command: str = ""


class Edits:
    """The changes that a person can make, and their routes."""

    def __init__(self, library: Library, background: BackgroundReader, inputs: Sequence[str], editor: Editor) -> None:
        self.editor = editor
        self.history = History()
        self.sources = Sources(inputs)
        self.decisions = Decisions(library, background, self.history)
        self.refusals = Refusals(library, background, self.history)
        self.mending = Mending(library, background, self.sources, self.history)

    @property
    def routes(self) -> list[Route]:
        """Return the routes."""
        decisions, mending = self.decisions, self.mending
        return [
            route("/rule", RuleRequest, decisions.keep),
            route("/rule/effect", RuleRequest, decisions.effect),
            route("/rule/remove", RuleOfBox, decisions.remove),
            route("/name", NameRequest, mending.name),
            route("/link/refuse", NameOfLink, self.refusals.refuse),
            route("/link/allow", NameOfLink, self.refusals.allow),
            route("/source/open", ArticleRequest, mending.open),
            route("/source/draft", DraftRequest, mending.draft, MAX_BYTES),
            route("/source/save", SaveRequest, mending.save, MAX_BYTES),
            route("/editor", ArticleRequest, self._open_editor),
            route("/undo", UndoRequest, self._undo),
        ]

    def _undo(self, asked: UndoRequest) -> Message:
        return Message(*self.history.undo(asked.change))

    def _open_editor(self, asked: ArticleRequest) -> Message:
        opened = self.mending.open(asked)
        if not self.editor.command:
            raise UsageError("no editor is named: set VISUAL or EDITOR, and start the preview again")
        path = opened.path
        if not self.editor.has_window:
            return Message(
                f"{self.editor.name} needs a terminal", command=shlex.join(self.editor.at(path, opened.line))
            )
        self.editor.open(path, opened.line)
        return Message(f"Opened in {self.editor.name}")


def route(path: str, kind: type[Struct], act: Callable[[Any], Struct], limit: int = _MAX_CHOICE_BYTES) -> Route:
    async def handle(request: Request) -> Response:
        body = bytearray()
        try:
            async for chunk in request.stream():
                body += chunk
                if len(body) > limit:
                    return JSONResponse({"problem": "That is too much."}, 413)
        except ClientDisconnect:
            return Response(status_code=400)  # nobody receives it: the connection is gone
        try:
            asked = json.decode(body, type=kind)
        except (DecodeError, ValidationError) as error:
            return JSONResponse({"problem": str(error)}, 400)
        try:
            done = await to_thread.run_sync(act, asked)
        except PlainwikiError as error:
            return JSONResponse({"problem": str(error)}, 409)
        return Response(json.encode(done), media_type="application/json")

    return Route(path, handle, methods=["POST"])
