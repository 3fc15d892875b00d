"""A fake wiki on loopback with a few pages that answers like MediaWiki 1.39, and corrupts answers on demand.

    with FakeWiki({"Old": "Was."}) as wiki:
        wiki.spoil = lambda asked, answer: Reply(b"[]") if asked["action"] == "edit" else None
        Client(wiki.api, …)

Requests are carried out before the answer is corrupted.  It supports only what the client uses, and one account.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha1
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast

from convert.profile import NAMESPACES

USER, LOGIN, PASSWORD = "Fake", "Fake@plainwiki", "a horse battery"
TIME = "2021-03-04T05:06:07Z"
NOW = "2021-03-04T06:00:00Z"
_FIELD = re.compile(rb'name="(\w+)"(?:; filename="\w+")?\r\n(?:Content-Type: [^\r]*\r\n)?\r\n(.*?)\r\n--', re.DOTALL)
_IMPORTED = re.compile(r"<title>(.*?)</title>.*?<text[^>]*>(.*?)</text>", re.DOTALL)
_TIMEOUT_S = 30

Fields = Mapping[str, str]


@dataclass(frozen=True)
class Reply:
    """A raw HTTP response; the default ``length`` is that of the body."""

    body: bytes
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Saved:
    """A revision."""

    number: int
    text: str
    user: str
    comment: str = ""

    @property
    def sha1(self) -> str:
        """In the format of the API."""
        return sha1(self.text.encode()).hexdigest()


def unspoilt(asked: Fields, answer: Any) -> None:
    """Leave an answer unchanged."""


@dataclass
class FakeWiki:
    """Serves between ``__enter__`` and ``__exit__``."""

    texts: Mapping[str, str] = field(default_factory=dict)
    #: The replacement of an answer; ``None`` leaves it unchanged.
    spoil: Callable[[Fields, Any], Reply | None] = unspoilt
    #: Codes of errors with which edits are refused, by title.
    refused: Mapping[str, str] = field(default_factory=dict)
    asked: list[Fields] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.pages: dict[str, list[Saved]] = {}
        self._number = 0
        for title, text in self.texts.items():
            self._save(title, text, "Somebody")
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.wiki = self
        self.api = f"http://127.0.0.1:{self._server.server_address[1]}/api.php"

    def __enter__(self) -> FakeWiki:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *raised: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def saved(self, title: str) -> list[Saved]:
        """List the revisions that our account saved on a page."""
        return [revision for revision in self.pages.get(title, ()) if revision.user == USER]

    def reply(self, fields: Fields) -> Reply:
        """Answer a request."""
        with self._lock:
            self.asked.append(fields)
            answer = _ANSWERS[fields.get("action", "")](self, fields)
            return self.spoil(fields, answer) or Reply(json.dumps(answer, ensure_ascii=False).encode())

    # ── Answers

    def query(self, fields: Fields) -> Any:
        """Answer ``action=query``."""
        query: dict[str, Any] = {}
        for module in (fields.get("meta") or fields.get("list") or fields.get("prop") or "").split("|"):
            query |= _QUERIES[module](self, fields)
        time = {"curtimestamp": NOW} if "curtimestamp" in fields else {}
        return {"batchcomplete": True, **time, "query": query}

    def login(self, fields: Fields) -> Any:
        """Accept every sign-in."""
        return {"login": {"result": "Success", "lguserid": 1, "lgusername": USER}}

    def edit(self, fields: Fields) -> Any:
        """Save a page, or answer with an error."""
        title, current = fields["title"], self._current(fields["title"])
        code = self.refused.get(title, "")
        if current and "createonly" in fields:
            code = "articleexists"
        if "baserevid" in fields and fields["baserevid"] != str(current.number if current else 0):
            code = "editconflict"
        if code:
            return {"errors": [{"code": code, "text": f"No: {code}.", "module": "edit"}], "docref": "See api.php."}
        edit: dict[str, Any] = {"result": "Success", "pageid": 7, "title": title, "contentmodel": "wikitext"}
        if current and current.text == fields["text"]:
            return {"edit": {**edit, "nochange": True}}
        new = self._save(title, fields["text"], USER, fields["summary"])
        edit |= {"oldrevid": current.number if current else 0, "newrevid": new.number, "newtimestamp": TIME}
        return {"edit": edit}

    def delete(self, fields: Fields) -> Any:
        """Delete a page."""
        self.pages.pop(fields["title"], None)
        return {"delete": {"title": fields["title"], "reason": fields["reason"], "logid": 6}}

    def import_(self, fields: Fields) -> Any:
        """Add pages from a dump."""
        imported = _IMPORTED.findall(fields["xml"])
        for title, text in imported:
            if not self._current(title):
                self._save(title, text, USER, fields["summary"])
        return {"import": [{"ns": 0, "title": title, "revisions": 1} for title, _ in imported]}

    def parse(self, fields: Fields) -> Any:
        """Show a page."""
        head = '<!DOCTYPE html>\n<html lang="en" dir="ltr"><head><title>x</title></head><body class="mw">'
        parsed = {"title": fields["title"], "pageid": 0, "text": f"<p>{fields['text']}</p>", "headhtml": head}
        return {"parse": {**parsed, "modulestyles": ["ext.x.styles"]}}

    def templatedata(self, fields: Fields) -> Any:
        """Answer ``action=templatedata``."""
        params = {"name": {"label": "Name", "type": "string", "aliases": ["called"]}, "fired": {"label": None}, "1": []}
        titles = fields["titles"].split("|")
        pages = {
            str(at): {"title": title, "params": params, "paramOrder": list(params)} for at, title in enumerate(titles)
        }
        return {"batchcomplete": True, "pages": pages}

    def tokens(self, fields: Fields) -> Iterator[tuple[str, Any]]:
        """Answer ``meta=tokens``."""
        name = "logintoken" if fields.get("type") == "login" else "csrftoken"
        yield "tokens", {name: "c2a9239e1b6ff7bf8c0314ed479a29866b089fb0+\\"}

    def userinfo(self, fields: Fields) -> Iterator[tuple[str, Any]]:
        """Answer ``meta=userinfo``."""
        user: dict[str, Any] = {"id": 1, "name": USER}
        if "uiprop" in fields:
            user["rights"] = ["read", "edit", "createpage", "writeapi", "delete", "import", "importupload"]
            user["ratelimits"] = {"edit": {"user": {"hits": 900, "seconds": 60}}}
        yield "userinfo", user

    def siteinfo(self, fields: Fields) -> Iterator[tuple[str, Any]]:
        """Answer ``meta=siteinfo``."""
        yield "general", {
            "sitename": "Fake", "base": "http://127.0.0.1/index.php/Main_Page", "generator": "MediaWiki 1.39.17",
            "langconversion": True, "case": "first-letter", "lang": "en", "maxarticlesize": 2097152, "wikiid": "fake",
            "maxuploadsize": 104857600, "magiclinks": {"ISBN": False, "PMID": False, "RFC": False}, "readonly": False,
        }  # fmt: skip
        yield "extensions", [{"type": "parserhook", "name": "TemplateData"}, {"type": "other", "namemsg": "x"}]
        yield (
            "namespaces",
            {
                str(number): {
                    "id": number,
                    "case": "first-letter",
                    "name": name,
                    **({"canonical": name} if name else {}),
                }
                for number, name in NAMESPACES.items()
            },
        )
        yield "namespacealiases", [{"id": 6, "alias": "Image"}]
        yield "interwikimap", [{"prefix": "de", "url": "https://de.example/$1"}]

    def pages_(self, fields: Fields) -> Iterator[tuple[str, Any]]:
        """Answer ``prop=revisions|info``."""
        if "revids" in fields:
            wanted = {int(number) for number in fields["revids"].split("|")}
            revisions = ((title, revision) for title, history in self.pages.items() for revision in history)
            pages = [
                {**_HEAD, "title": title, "revisions": [_revision(revision, fields)]}
                for title, revision in revisions
                if revision.number in wanted
            ]
            yield "pages", pages
            return
        titles = [title for title in re.split("[\x1f|]", fields["titles"]) if title]
        most = int(fields.get("rvlimit", "1"))
        yield "pages", [self._page(title, most, fields) for title in dict.fromkeys(titles)]

    def redirects(self, fields: Fields) -> Iterator[tuple[str, Any]]:
        """Answer ``prop=redirects``."""
        titles = fields["titles"].split("|")
        yield "pages", [{"ns": 10, "title": title, "redirects": [{"ns": 10, "title": f"{title}s"}]} for title in titles]

    def allpages(self, fields: Fields) -> Iterator[tuple[str, Any]]:
        """Answer ``list=allpages``."""
        yield (
            "allpages",
            [{"pageid": 9, "ns": 10, "title": title} for title in self.pages if title.startswith("Template:")],
        )

    def usercontribs(self, fields: Fields) -> Iterator[tuple[str, Any]]:
        """Answer ``list=usercontribs``."""
        edits = [(title, revision) for title in self.pages for revision in self.saved(title)]
        yield (
            "usercontribs",
            [
                {"title": title, "revid": revision.number, "parentid": 0, "comment": revision.comment}
                for title, revision in sorted(edits, key=lambda edit: -edit[1].number)
            ],
        )

    def logevents(self, fields: Fields) -> Iterator[tuple[str, Any]]:
        """Answer ``list=logevents``: nothing was ever logged."""
        yield "logevents", []

    def _page(self, title: str, most: int, fields: Fields) -> dict[str, Any]:
        current = self._current(title)
        page = {**_HEAD, "title": title, "contentmodel": "wikitext", "protection": [], "actions": {"edit": []}}
        if not current:
            return {**page, "missing": True}
        history = [_revision(revision, fields) for revision in self.pages[title][::-1][:most]]
        return {**page, "pageid": 7, "lastrevid": current.number, "length": len(current.text), "revisions": history}

    def _current(self, title: str) -> Saved | None:
        return self.pages[title][-1] if title in self.pages else None

    def _save(self, title: str, text: str, user: str, comment: str = "") -> Saved:
        self._number += 1
        new = Saved(self._number, text, user, comment)
        self.pages.setdefault(title, []).append(new)
        return new


_HEAD = {"ns": 0, "pagelanguage": "en", "touched": TIME, "restrictiontypes": ["edit", "move"]}


def _revision(revision: Saved, fields: Fields) -> dict[str, Any]:
    answer: dict[str, Any] = {"revid": revision.number, "parentid": 0, "user": revision.user, "timestamp": TIME}
    answer |= {"size": len(revision.text.encode()), "sha1": revision.sha1, "comment": revision.comment}
    if "content" in fields["rvprop"]:
        answer["slots"] = {
            "main": {"contentmodel": "wikitext", "contentformat": "text/x-wiki", "content": revision.text}
        }
    return answer


_ANSWERS: dict[str, Callable[[FakeWiki, Fields], Any]] = {
    "query": FakeWiki.query,
    "login": FakeWiki.login,
    "edit": FakeWiki.edit,
    "delete": FakeWiki.delete,
    "import": FakeWiki.import_,
    "parse": FakeWiki.parse,
    "templatedata": FakeWiki.templatedata,
}
_QUERIES: dict[str, Callable[[FakeWiki, Fields], Iterator[tuple[str, Any]]]] = {
    "tokens": FakeWiki.tokens,
    "userinfo": FakeWiki.userinfo,
    "siteinfo": FakeWiki.siteinfo,
    "revisions": FakeWiki.pages_,
    "info": FakeWiki.pages_,
    "redirects": FakeWiki.redirects,
    "allpages": FakeWiki.allpages,
    "usercontribs": FakeWiki.usercontribs,
    "logevents": FakeWiki.logevents,
}


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    wiki: FakeWiki

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignore errors: clients may disconnect."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = _TIMEOUT_S
    # An answer in two pieces would wait for the first to be acknowledged.
    wbufsize = -1

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        fields = {name.decode(): value.decode(errors="replace") for name, value in _FIELD.findall(body)}
        reply = cast(_Server, self.server).wiki.reply(fields)
        self.send_response(reply.status)
        for name, value in reply.headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body)

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""
