"""Pages under other titles: in a namespace, as drafts are, or below a prefix.

    Islay  →  Draft:Islay, User:Bot/new/Islay

Pages with a namespace of their own, as templates, stay where they are.  Links among the pages that are placed lead to
their new titles and are shown as before; links to others stay.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache

import msgspec
from msgspec import Struct, structs

from convert.diagnostics import shown
from convert.errors import UsageError
from convert.expressions import expression
from convert.io.scratch import open_scratch
from convert.profile import MAIN, WikiProfile
from convert.titles import BadTitle, page_of
from convert.upload.plan import DesiredPage

_DISPLAYED = expression(r"\{\{DISPLAYTITLE:([^{}|\n]*)\}\}\n?")
_HIDING = frozenset({"syntaxhighlight", "source", "math"})
_page = msgspec.json.Decoder(DesiredPage)


class Placing(Struct, frozen=True):
    """Where pages are put; both parts may be empty."""

    namespace: str = ""
    prefix: str = ""

    @property
    def before(self) -> str:
        """What stands before a title."""
        name = self.namespace.strip().rstrip(":")
        return f"{name}:{self.prefix}" if name else self.prefix

    def check(self, profile: WikiProfile) -> None:
        """Raise UsageError where no page can be put there."""
        name = self.namespace.strip().rstrip(":")
        if name and name.replace("_", " ").lower() not in profile.namespace_numbers:
            names = ", ".join(sorted(filter(None, profile.namespaces.values())))
            raise UsageError(f"--namespace {name}: the wiki has no such namespace, but {names}")
        page = page_of(f"{self.before}A", profile)
        if self.before and isinstance(page, BadTitle):
            raise UsageError(f"no page can be called {shown(self.before + '…')}: {page.problem}")


class PlacedPages:
    """Pages under their new titles; all are read before the first is given, because of the links among them."""

    def __init__(self, pages: Iterable[DesiredPage], placing: Placing, profile: WikiProfile) -> None:
        self._pages, self._placing, self._profile = pages, placing, profile

    def __iter__(self) -> Iterator[DesiredPage]:
        """Yield the pages in their order."""
        disk = open_scratch(
            "CREATE TABLE pages (number INTEGER PRIMARY KEY, body BLOB)",
            "CREATE TABLE titles (title TEXT PRIMARY KEY) WITHOUT ROWID",
        )
        try:
            for page in self._pages:
                disk.execute("INSERT INTO pages (body) VALUES (?)", (msgspec.json.encode(page),))
                disk.execute("INSERT OR IGNORE INTO titles VALUES (?)", (page.title,))

            def is_placed(title: str) -> bool:
                return disk.execute("SELECT 1 FROM titles WHERE title = ?", (title,)).fetchone() is not None

            for (body,) in disk.execute("SELECT body FROM pages ORDER BY number"):
                yield placed(_page.decode(body), self._placing, self._profile, is_placed)
        finally:
            disk.close()


def placed(page: DesiredPage, placing: Placing, profile: WikiProfile, is_placed: Callable[[str], bool]) -> DesiredPage:
    """Return a page under its new title; ``is_placed`` tells which pages that it links are placed, too."""
    title = placed_title(page.title, placing, profile)
    if page.model not in ("", "wikitext"):
        return structs.replace(page, title=title)
    text = _displayed(_linked(page.text, placing, profile, is_placed), title, placing, profile)
    return structs.replace(page, title=title, text=text)


def placed_title(title: str, placing: Placing, profile: WikiProfile) -> str:
    """Return the new title of a page; one that has become too long is left for the wiki to refuse."""
    page = page_of(title, profile)
    if isinstance(page, BadTitle) or page.namespace != MAIN:
        return title
    placed = page_of(placing.before + page.title, profile)
    return placing.before + page.title if isinstance(placed, BadTitle) else placed.title


@cache
def _tokens(tags: frozenset[str]) -> re.Pattern[str]:
    """Compile links, and the openings of what hides them: comments, and tags whose content is no wikitext."""
    hiding = "|".join(map(re.escape, sorted(tags & _HIDING | {"nowiki", "pre"})))
    return re.compile(
        rf"<!--|<(?P<tag>{hiding})(?:\s[^<>]{{0,1000}})?(?<!/)>"
        r"|\[\[(?P<target>[^\[\]{}|\n<>]{1,500})(?P<end>\]\]|\|)",
        re.IGNORECASE,
    )


def _linked(text: str, placing: Placing, profile: WikiProfile, is_placed: Callable[[str], bool]) -> str:
    """Let links lead to the new titles of pages."""
    if "[[" not in text:
        return text
    tokens = _tokens(profile.extension_tags)
    pieces: list[str] = []
    unclosed: set[str] = set()
    at = done = 0
    while found := tokens.search(text, at):
        at = found.end()
        if found["target"] is None:
            at = _behind(text, found, unclosed)
        elif new := _target(found["target"], placing, profile, is_placed):
            label = "|" if found["end"] == "|" else f"|{found['target'].strip().removeprefix(':')}]]"
            pieces += (text[done : found.start()], f"[[{new}{label}")
            done = at
    return "".join(pieces) + text[done:]


def _behind(text: str, opening: re.Match[str], unclosed: set[str]) -> int:
    """Return where it goes on behind a comment or a tag; an unclosed tag is text."""
    tag = (opening["tag"] or "").lower()
    if tag in unclosed:
        return opening.end()
    closing = re.compile(rf"</{tag}\s*>" if tag else "-->", re.IGNORECASE).search(text, opening.end())
    if closing:
        return closing.end()
    unclosed.add(tag)
    return opening.end() if tag else len(text)


def _target(target: str, placing: Placing, profile: WikiProfile, is_placed: Callable[[str], bool]) -> str:
    """Return where a link leads now; empty if that is where it led before."""
    name, sign, fragment = target.strip().removeprefix(":").partition("#")
    if not name.strip() or name.startswith("/"):
        return ""
    page = page_of(name, profile)
    if isinstance(page, BadTitle) or page.namespace != MAIN or not is_placed(page.title):
        return ""
    return placed_title(page.title, placing, profile) + sign + fragment


def _displayed(text: str, title: str, placing: Placing, profile: WikiProfile) -> str:
    """Let the title that is shown have what now stands before it; where that is another page, leave it out."""
    found = _DISPLAYED.search(text)
    if not found:
        return text
    wanted = placing.before + found[1].strip()
    page = page_of(wanted, profile)
    serves = not isinstance(page, BadTitle) and page.title == title
    shown_title = found[0].replace(found[1], wanted) if serves else ""
    return text[: found.start()] + shown_title + text[found.end() :]
