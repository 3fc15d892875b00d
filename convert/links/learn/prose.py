"""A page's wikitext to its running text and its links, as fast as expressions are.

Running text is what a reader could find a link in: without templates, tables, references, headings, files, addresses
and markup.  Links of the other places count too, as what an anchor may lead to.  Every expression is linear: it stops
where the next thing of its kind opens; what is nested deeper than the expressions follow, the scanner cuts out.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

from msgspec import Struct

from convert.expressions import expression
from convert.wikitext.scan import calls

#: Tags whose content is no running text.
_HIDING = (
    "ref|nowiki|pre|math|ce|chem|gallery|code|tt|syntaxhighlight|source|timeline|score|graph|imagemap|inputbox|"
    "templatedata|templatestyles|mapframe|maplink|hiero|poem|references|includeonly|section|indicator|style"
)
_COMMENT = expression(r"<!--[^-]*+(?:-(?!->)[^-]*+)*+(?:-->|\Z)")
_HIDDEN = expression(rf"<({_HIDING})\b(?:[^<>/]|/(?!>))*+(?:/>|>[^<]*+(?:<(?!/?\1\b)[^<]*+)*+</\1\s*+>)", re.IGNORECASE)
_TAG = expression(r"</?[A-Za-z][^<>\n]{0,300}+>")
_TEMPLATE = expression(r"\{\{[^{}]*+\}\}")
_TABLE = expression(r"(?m)^[ :]*\{\|[^{|]*+(?:(?:\{(?!\|)|\|(?!\}))[^{|]*+)*+\|\}")
_LINK = expression(r"\[\[([^\[\]|{}<>\n]+)((?:\|[^\[\]]*+)?)\]\]([^\W\d_]*+)")
_EXTERNAL = expression(r"\[(?:https?:|ftp:|//|mailto:)[^\s\[\]]*+([^\[\]\n]*+)\]")
_ADDRESS = expression(r"\b(?:https?|ftp)://[^\s\[\]<>\"|{}]++")
_HEADING = expression(r"\n=[^\n]*=[ \t]*(?=\n|\Z)")
_QUOTES = expression("'''*+")
_SPACES = expression(r"[^\S\n]+|_")
#: Rounds of expressions that peel nested templates and tables from the inside; the scanner takes what is deeper.
_ROUNDS = 8

#: Of a link its target, its label with the pipe before it, and the letters behind it.
_Link = tuple[str, str, str]
#: What a link shows, and its anchor and target.
_Meaning = tuple[str, tuple[str, str]]


class Prose(Struct, frozen=True):
    """The running text of a page, the links (anchor, target as written) in it, and those elsewhere on the page."""

    text: str
    links: frozenset[tuple[str, str]]
    further: frozenset[tuple[str, str]]


class LinkReader:
    """Reads pages of one wiki.

    ``title_of`` returns the title that a link's target means, empty for what is no article (files, categories, other
    wikis).  ``is_trail`` tells whether letters behind a link belong to it.
    """

    def __init__(self, title_of: Callable[[str], str], is_trail: Callable[[str], bool] = str.isascii) -> None:
        self._title_of, self._is_trail = title_of, is_trail

    def read(self, wikitext: str) -> Prose:
        """Return the running text of a page and its links."""
        links = _Links(self._link)
        text = _without_hidden("\n" + wikitext)
        everywhere = set(_LINK.findall(text))
        text = _without_tables(_without_templates(text))
        text = _QUOTES.sub("", text) if "''" in text else text
        met: set[_Link] = set()
        while "[[" in text:
            pieces = _LINK.split(text)
            if len(pieces) == 1:
                break
            here: list[_Link] = list(zip(pieces[1::4], pieces[2::4], pieces[3::4], strict=True))
            met.update(here)
            # Parted and joined: a call for each link would take twice the time.
            parts = [""] * (2 * len(here) + 1)
            parts[::2], parts[1::2] = pieces[::4], [links[link][0] for link in here]
            text = "".join(parts)
        in_prose = {links[link][1] for link in met}
        further = {links[link][1] for link in everywhere - met} - in_prose
        return Prose(_shown(text), _real(in_prose), _real(further))

    def _link(self, link: _Link) -> _Meaning:
        """Return what a link shows in the text, and its anchor and target; no target where it leads to no article."""
        page, label, letters = link
        target = self._title_of(page)
        label = label[1:] or page.lstrip(" :")
        if not target:
            # A file with its caption, or a category: neither is shown in the text.
            shown = label + letters if page.lstrip()[:1] in ":#" or ":" not in page else " "
            return shown, ("", "")
        if not letters:
            return label, (_one_line(label), target)
        trail = letters if self._is_trail(letters) else ""
        return label + letters, (_one_line(label + trail), target)


class _Links(dict[_Link, _Meaning]):
    """What the links of a page mean."""

    def __init__(self, meaning_of: Callable[[_Link], _Meaning]) -> None:
        super().__init__()
        self._meaning_of = meaning_of

    def __missing__(self, link: _Link) -> _Meaning:
        self[link] = meaning = self._meaning_of(link)
        return meaning


def _real(links: set[tuple[str, str]]) -> frozenset[tuple[str, str]]:
    return frozenset(link for link in links if link[1])


def _without_hidden(text: str) -> str:
    if "<" not in text:
        return text
    if "<!--" in text:
        text = _COMMENT.sub("", text)
    return _HIDDEN.sub("", text)


def _without_templates(text: str) -> str:
    for _ in range(_ROUNDS):
        if "{{" not in text:
            return text
        text, count = _TEMPLATE.subn(" ", text)
        if not count:
            break
    return _without_calls(text) if "{{" in text and "}}" in text else text


def _without_calls(text: str) -> str:
    """Cut out the outermost calls that the scanner finds."""
    pieces, at = [], 0
    for call in sorted((call for call in calls(text) if call.outermost), key=lambda call: call.start):
        pieces.append(text[at : call.start])
        at = call.end
    return " ".join([*pieces, text[at:]])


def _without_tables(text: str) -> str:
    for _ in range(_ROUNDS):
        if "{|" not in text:
            break
        text, count = _TABLE.subn(" ", text)
        if not count:
            break
    return text


def _shown(text: str) -> str:
    """Drop what is left of the markup."""
    if "[" in text:
        text = _EXTERNAL.sub(r"\1", text)
    if "://" in text:
        text = _ADDRESS.sub(" ", text)
    if "<" in text:
        text = _TAG.sub("", text)
    if "&" in text:
        text = unescape(text)
    return _HEADING.sub("", text) if "\n=" in text else text


def _one_line(text: str) -> str:
    """Return an anchor as it is shown: without quotes, tags and references, on one line."""
    if "<" in text:
        text = _TAG.sub("", text)
    if "&" in text:
        text = unescape(text)
    return " ".join(text.split()) if "  " in text or "\n" in text else text.strip()
