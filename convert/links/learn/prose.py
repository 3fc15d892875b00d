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
_REMEMBERED = 1 << 15


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
        self._links = _Links(self._link)

    def read(self, wikitext: str) -> Prose:
        """Return the running text of a page and its links."""
        links = self._links
        if len(links) > _REMEMBERED:
            links.clear()
        text = _without_hidden("\n" + wikitext)
        everywhere = set(_LINK.findall(text))
        text = _without_tables(_without_templates(text))
        text = _QUOTES.sub("", text) if "''" in text else text
        met: set[tuple[str, str, str]] = set()

        def replaced(found: re.Match[str]) -> str:
            parts: tuple[str, str, str] = found.group(1, 2, 3)  # type: ignore[assignment]
            met.add(parts)
            return links[parts][0]

        while "[[" in text:
            text, count = _LINK.subn(replaced, text)
            if not count:
                break
        in_prose = {links[parts][1] for parts in met}
        further = {links[parts][1] for parts in everywhere - met} - in_prose
        return Prose(_shown(text), _real(in_prose), _real(further))

    def _link(self, parts: tuple[str, str, str]) -> tuple[str, tuple[str, str]]:
        """Return what a link shows in the text, and its anchor and target; no target where it leads to no article."""
        page, label, letters = parts
        target = self._title_of(page)
        label = label[1:] or page.lstrip(" :")
        if not target:
            # A file with its caption, or a category: neither is shown in the text.
            shown = label + letters if page.lstrip()[:1] in ":#" or ":" not in page else " "
            return shown, ("", "")
        trail = letters if letters and self._is_trail(letters) else ""
        return label + letters, (_one_line(label + trail), target)


class _Links(dict[tuple[str, str, str], tuple[str, tuple[str, str]]]):
    """What links mean, remembered."""

    def __init__(self, link: Callable[[tuple[str, str, str]], tuple[str, tuple[str, str]]]) -> None:
        super().__init__()
        self._link = link

    def __missing__(self, parts: tuple[str, str, str]) -> tuple[str, tuple[str, str]]:
        self[parts] = meaning = self._link(parts)
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
