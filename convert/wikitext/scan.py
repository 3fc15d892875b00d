"""Wikitext to its template calls, with the positions of their parts.

One linear pass by the rules of MediaWiki's preprocessor: braces, brackets and ``-{`` pair from the inside out,
unclosed openings are text, an unclosed comment extends to the end, and extension tags hide their content: those that
the wiki names, or those that most wikis have.

Source: MediaWiki's Preprocessor_Hash
"""

from __future__ import annotations

import re
from functools import cache, cached_property
from itertools import pairwise

from msgspec import Struct, structs

from convert.expressions import expression
from convert.profile import EXTENSION_TAGS, TEMPLATE, WikiProfile
from convert.titles import BadTitle, page_of

#: Maximum length of a template's name, including comments.
MAX_NAME = 2000

#: Extension tags of many wikis.
USUAL_TAGS = EXTENSION_TAGS | frozenset(
    "ce chem graph hiero imagemap inputbox maplink mapframe math poem ref references score section source "
    "syntaxhighlight templatedata templatestyles timeline".split()
)


@cache
def _tokens(tags: frozenset[str]) -> re.Pattern[str]:
    """Compile paired signs, separators, and tags."""
    names = "|".join(map(re.escape, sorted(tags, reverse=True)))
    tag = rf"<(?P<tag>{names})(?:\s[^>]{{0,1000}})?/?>"
    return re.compile(rf"<!--|{tag}|-\{{+|\}}-|\{{{{2,}}|\}}{{2,}}|\[{{2,}}|\]{{2,}}|\||\n=+|=", re.IGNORECASE)


_COMMENT = expression(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_CLOSES = {"{": "}", "[": "]"}
_MAX_TAKEN = {"{": 3, "[": 2}


class Call(Struct, frozen=True, dict=True):
    """A template call of a page; ``end`` is after its closing braces.

    ``equals`` is the position of each part's equals sign, -1 for a positional argument.
    """

    page: str
    start: int
    end: int
    pipes: tuple[int, ...]
    equals: tuple[int, ...]
    #: A line of an argument begins like a heading, in which pipes do not separate.
    heading: bool
    #: No closed pair encloses it.
    outermost: bool = True

    @cached_property
    def parts(self) -> tuple[str, ...]:
        """The template's name and the raw arguments between the pipes."""
        # Computed on demand: nested calls would copy the text of the innermost once per level.
        return tuple(self.page[a + 1 : b] for a, b in pairwise([self.start + 1, *self.pipes, self.end - 2]))

    @property
    def name(self) -> str:
        """The text before the first pipe, truncated if it is too long for a title."""
        end = self.pipes[0] if self.pipes else self.end - 2
        return self.page[self.start + 2 : min(end, self.start + 2 + MAX_NAME)]


class _Open:
    """An opening that is not closed yet."""

    def __init__(self, sign: str, start: int, count: int, dashed: bool = False) -> None:
        self.sign, self.start, self.count, self.dashed = sign, start, count, dashed
        self.pipes: list[int] = []
        self.equals = [-1]

    def separated(self, token: str, at: int) -> bool:
        """Add a separator of arguments, or of a name and its value; return whether it is not a heading's first sign."""
        named = not self.pipes or self.equals[-1] >= 0
        if token == "|":
            self.pipes.append(at)
            self.equals.append(-1)
        elif not named and len(token.lstrip("\n")) == 1:
            self.equals[-1] = at - self.pipes[-1] - 1
        return token[0] != "\n" or (token == "\n=" and not named)

    def closed(self, count: int) -> int:
        """Return how many signs a closing run of ``count`` consumes."""
        few = min(count, self.count, _MAX_TAKEN[self.sign])
        return few if few >= 2 else 0


def without_comments(wikitext: str) -> str:
    """Remove comments; an unclosed one extends to the end."""
    return _COMMENT.sub("", wikitext)


def calls(text: str, enough: int | None = None, tags: frozenset[str] = USUAL_TAGS) -> list[Call]:
    """Return the template calls of a text, in the order of their ends.

    The scan may stop after the position ``enough`` as soon as nothing is open.
    """
    scan = _Scan(text, len(text) if enough is None else enough, tags)
    outer = frozenset(scan.outer)
    return [structs.replace(call, outermost=(call.start, call.end) in outer) for call in scan.found]


class _Scan:
    """One pass over a text."""

    def __init__(self, text: str, enough: int, tags: frozenset[str]) -> None:
        self.text = text
        tokens = _tokens(tags)
        self.found: list[Call] = []
        self.outer: list[tuple[int, int]] = []
        self.stack: list[_Open] = []
        #: How many of the outermost openings have a line that begins like a heading.
        self.headings = 0
        self.unclosed: set[str] = set()
        at = 0
        while (at <= enough or self.stack) and (token := tokens.search(text, at)):
            at = self._past(token) or token.end()

    def _past(self, token: re.Match[str]) -> int:
        """Process a token; return where to continue if it hides what follows."""
        signs = token[0]
        if signs == "<!--":
            end = self.text.find("-->", token.end())
            return end + 3 if end >= 0 else len(self.text)
        if signs[0] == "<":
            return token.end() if signs[-2] == "/" else self._behind_tag(token["tag"].lower(), token.end())
        if signs == "-{":
            self.stack.append(_Open("-", token.start(), 1))
        elif signs[0] in "{[-":
            run = signs.lstrip("-")
            self.stack.append(_Open(run[0], token.end() - len(run), len(run), run != signs))
        elif signs[0] in "}]":
            return self._close(signs, token.start())
        elif self.stack and not self.stack[-1].separated(signs, token.end() - 1):
            # Up to the end of the line, the wiki closes no opening from above.
            self.headings = len(self.stack)
        return 0

    def _behind_tag(self, tag: str, at: int) -> int:
        """Skip the content of a tag; an unclosed tag is text."""
        closing = None if tag in self.unclosed else re.compile(rf"</{tag}\s*>", re.IGNORECASE).search(self.text, at)
        if closing is None:
            self.unclosed.add(tag)
            return at
        return closing.end()

    def _close(self, signs: str, at: int) -> int:
        """Close the openings that match a run of signs, the innermost first; other signs close nothing."""
        end = at + len(signs)
        # A run of one sign, unless it ends a variant.
        sign = "" if signs[-1] == "-" else signs[0]
        while at < end and self.stack:
            opened = self.stack[-1]
            if opened.sign == "-":
                at = self.text.find("}-", at, end + 1) + 2
                taken = 1 if at > 1 else 0
            else:
                taken = opened.closed(end - at) if sign == _CLOSES[opened.sign] else 0
                at += taken
            if not taken:
                break
            heading = self.headings == len(self.stack)
            self.stack.pop()
            self.headings = min(self.headings, len(self.stack))
            self._closed(opened, taken, at, heading)
            left = opened.count - taken
            if left >= 2:
                self.stack.append(_Open(opened.sign, opened.start, left, opened.dashed))
                self.headings += heading
            elif left and opened.dashed:  # the first two signs of -{{{ remain
                self.stack.append(_Open("-", opened.start - 1, 1))
        return max(at, end)

    def _closed(self, opened: _Open, taken: int, end: int, heading: bool) -> None:
        start = opened.start + opened.count - taken
        while self.outer and self.outer[-1][0] > start:
            self.outer.pop()
        self.outer.append((start, end))
        if opened.sign == "{" and taken == 2:
            self.found.append(Call(self.text, start, end, tuple(opened.pipes), tuple(opened.equals), heading))


def page_called(call: Call, profile: WikiProfile) -> str:
    """Return the title of the template's page, or the name itself if it is not a valid title."""
    if len(call.name) == MAX_NAME:
        return call.name
    name = without_comments(call.name).strip()
    page = page_of(name, profile, TEMPLATE)
    return name if isinstance(page, BadTitle) else page.title


def leading(text: str, tags: frozenset[str] = USUAL_TAGS) -> list[Call]:
    """Return the calls at the start of a page, before anything else, without parser functions."""
    first: list[Call] = []
    at = 0
    for call in sorted((call for call in calls(text, tags=tags) if call.outermost), key=lambda call: call.start):
        if without_comments(text[at : call.start]).strip():
            break
        at = call.end
        if ":" not in call.name and "#" not in call.name:
            first.append(call)
    return first
