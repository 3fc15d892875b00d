"""The events of a dump's XML to its pages: of a page's revisions the one with the latest time counts."""

from __future__ import annotations

from collections.abc import Callable
from xml.parsers import expat

from msgspec import Struct

from convert.diagnostics import Diagnostic, Report
from convert.expressions import expression
from convert.profile import MAIN, Case

_NUMBER = expression("-?[0-9]{1,9}")
# The elements whose text counts.
_KEPT = frozenset({"title", "ns", "text", "timestamp", "model", "id", "namespace"})
_SITE = frozenset({"sitename", "dbname", "case"})


class DumpPage(Struct, frozen=True):
    """A page: its full title, its text, its namespace's number, and the target if it is a redirect.

    ``prefix`` is the namespace's name on the wiki of the dump, as far as the dump says it, ``model`` the content model.
    ``problem`` says why there is no text, ``timestamp`` when it was saved.
    """

    title: str
    text: str
    namespace: int = MAIN
    redirect: str = ""
    prefix: str = ""
    model: str = ""
    problem: str = ""
    timestamp: str = ""


class DumpSite(Struct, frozen=True):
    """The wiki of a dump, as far as the dump says it: its names, its language and its namespaces by number."""

    sitename: str = ""
    dbname: str = ""
    language: str = ""
    case: Case = "first-letter"
    namespaces: tuple[tuple[int, str], ...] = ()


class Refused(Exception):
    """Raised to stop expat."""


class PageEvents:
    """Collects complete pages from expat's events."""

    def __init__(
        self, report: Report, max_text: int, encoding: str | None, site: Callable[[DumpSite], None] | None = None
    ) -> None:
        self._report, self._max_text, self._encoding = report, max_text, encoding
        self._tell_site = site
        self._site: dict[str, str] = {}
        self.path: list[str] = []
        self.has_root = False
        self.page: dict[str, str] = {}
        self._revision: dict[str, str] = {}
        self._pieces: list[str] = []
        self._size = 0
        self._best: dict[str, str] | None = None
        self._namespaces: dict[int, str] = {}
        self._number = 0
        self._told: set[str] = set()
        self._done: list[DumpPage] = []
        #: The last page, which may go on in another element, and the order of its revision.
        self._last: tuple[tuple[bool, str, int], DumpPage] | None = None

    def parser(self) -> expat.XMLParserType:
        """Return a parser that gives its events to this reader."""
        parser = expat.ParserCreate(self._encoding)
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.StartDoctypeDeclHandler = self._doctype
        return parser

    def taken(self) -> list[DumpPage]:
        """Return the complete pages and forget them."""
        done, self._done = self._done, []
        return done

    def rest(self) -> list[DumpPage]:
        """Return all pages that are left."""
        return [*self.taken(), *([self._last[1]] if self._last else [])]

    def restart(self, keep: bool) -> None:
        """Begin with a new document; ``keep`` what the dump said of its wiki."""
        self.path, self.has_root = [], False
        self._pieces, self._size = [], 0
        self.page, self._best = {}, None
        if not keep:
            self._namespaces = {}

    def _doctype(self, *declared: object) -> None:
        raise Refused("it declares a document type, as no dump does")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        name = name.rpartition(":")[2]
        above = self.path[-1] if self.path else ""
        self.path.append(name)
        self.has_root = True
        self._pieces.clear()
        self._size = 0
        match name:
            case "page":
                self.page, self._best = {}, None
                if self._tell_site:
                    self._say_site(self._tell_site)
            case "mediawiki":
                self._site = {"language": attributes.get("xml:lang", "")}
            case "revision":
                self._revision = {}
            case "redirect":
                self.page["redirect"] = attributes.get("title", "")
            case "namespace":
                key = attributes.get("key", "")
                self._number = int(key) if _NUMBER.fullmatch(key) else MAIN
            case "text" if above == "revision":
                if attributes.get("deleted"):
                    self._revision["problem"] = "the text of its last revision is hidden"
                elif "id" in attributes and not attributes.get("xml:space"):
                    self._revision["stub"] = "yes"
            case "content" | "logitem":
                self._tell(name)

    def _say_site(self, tell: Callable[[DumpSite], None]) -> None:
        """Say what the wiki is, before its first page."""
        if self._site:
            case: Case = "case-sensitive" if self._site.get("case") == "case-sensitive" else "first-letter"
            named = {name: self._site.get(name, "") for name in ("sitename", "dbname", "language")}
            tell(DumpSite(**named, case=case, namespaces=tuple(self._namespaces.items())))
            self._site = {}

    def _tell(self, name: str) -> None:
        """Report once what is not read."""
        if name not in self._told:
            self._told.add(name)
            message = {
                "content": "pages have more than one text, of which only the main one was read",
                "logitem": "entries of logs are no pages, and were not read",
            }[name]
            self._report(Diagnostic("dump-part", 0, 0, message))

    def _text(self, text: str) -> None:
        if self.path and (self.path[-1] in _KEPT or self.path[-1] in _SITE):
            self._size += len(text)
            if self._size > self._max_text:
                self._pieces.clear()
            else:
                self._pieces.append(text)

    def _end(self, name: str) -> None:
        name = self.path.pop()
        above = self.path[-1] if self.path else ""
        if name in _KEPT and above == "revision":
            self._revision[name] = "".join(self._pieces)
            if self._size > self._max_text:
                self._revision["problem"] = f"its text has more than {self._max_text >> 20} MiB"
        elif name in _KEPT and above == "page":
            self.page[name] = "".join(self._pieces)
        elif name in _SITE and above == "siteinfo":
            self._site[name] = "".join(self._pieces)
        elif name == "namespace":
            self._namespaces[self._number] = "".join(self._pieces)
        elif name == "revision" and (self._best is None or _order(self._best) <= _order(self._revision)):
            self._best = self._revision
        elif name == "page":
            self._add(_order(self._best or {}), self._whole())
            self.page, self._best = {}, None
        self._pieces.clear()

    def _add(self, order: tuple[bool, str, int], page: DumpPage) -> None:
        """Add a page; of two in a row with one title, that with the later revision counts."""
        last = self._last
        if last and (last[1].title, last[1].namespace) == (page.title, page.namespace):
            self._last = (order, page) if last[0] <= order else last
            return
        if last:
            self._done.append(last[1])
        self._last = order, page

    def _whole(self) -> DumpPage:
        """Return the page that has ended."""
        title, redirect = self.page.get("title", ""), self.page.get("redirect", "")
        latest = self._best or {}
        text, problem = latest.get("text", ""), latest.get("problem", "")
        if not problem and "text" not in latest:
            problem = "there is no text in the dump"
        elif not problem and not text and "stub" in latest:
            problem = "the dump has no texts, only their numbers"
        number, prefix = self._namespace(title)
        return DumpPage(
            title, text, number, redirect, prefix, latest.get("model", ""), problem, latest.get("timestamp", "")
        )

    def _namespace(self, title: str) -> tuple[int, str]:
        """Return the number of a page's namespace and its name; without a number, the prefix of its title tells it."""
        number = self.page.get("ns")
        if number is not None:
            known = int(number) if _NUMBER.fullmatch(number) else MAIN
            return known, self._namespaces.get(known, "")
        prefix, colon, _ = title.partition(":")
        named = prefix.replace("_", " ")
        return next(((key, name) for key, name in self._namespaces.items() if colon and name == named), (MAIN, ""))


def _order(revision: dict[str, str]) -> tuple[bool, str, int]:
    """Return the key by which the latest revision is the greatest; one without a time is dated now."""
    time, number = revision.get("timestamp", "").strip(), revision.get("id", "")
    return not time, time, int(number) if _NUMBER.fullmatch(number) else 0
