"""Proof that a written page holds what was meant: another parser, mwparserfromhell, reads it back.

It must find exactly the template calls that were meant, with the values that were written, the links that were meant,
and no other template, link or tag.  A conversion takes about twice as long.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from zlib import crc32

from convert.diagnostics import shown
from convert.expressions import expression
from convert.wikitext import mwparser
from convert.writers.parts.running import BOLD, ITALIC
from convert.writers.transclusion import Transclusion

# MediaWiki's tags begin with a letter, and this parser's with almost anything.
_NO_TAG = expression(r"<(?!/?[A-Za-z]|!--)")
#: Wikitext that a page has of ours at the starts of lines: the marks of list items.
_MARKS = ("*", "#")
_TEXT = frozenset({"Text", "HTMLEntity"})
#: Tags that pages may have, and those of them that hold no wikitext.
_RAW_TAGS = frozenset({"pre", "syntaxhighlight"})
_QUOTES = expression("'{2,}")
_MEANT_TAGS = _RAW_TAGS | frozenset({
    "blockquote", "caption", "code", "dd", "li", "ol", "p", "ref", "references", "sup", "table", "td", "th", "tr",
    "ul",
})  # fmt: skip
_BUCKETS = 10_000


def is_drawn(title: str, share: float) -> bool:
    """Return whether a page is among the share that is proved: the same ones in every run."""
    return crc32(title.encode()) % _BUCKETS < share * _BUCKETS


def disagreement(
    page: str,
    calls: Sequence[str],
    meant: Sequence[Transclusion],
    links: Sequence[str],
    tags: Mapping[str, int],
    *,
    typed: bool,
) -> str:
    """Describe what is read otherwise than it was meant; ``""`` if nothing is.

    ``calls`` are the template calls as they were written, the last of them those that are ``meant``; ``links`` are the
    links and categories, in order, and ``tags`` says how many there are of each.  Values that are ``typed`` may
    hold templates.
    """
    read = mwparser.parsed(_without_odd_tags(page))
    if read is None:
        return "it would take too long to read it back"
    found = _Found()
    found.look(read)
    if found.oddity:
        return f"there is {found.oddity}"
    if different := _different([*map(_without_odd_tags, calls)], [*map(str, found.templates)]):
        return f"of the template calls {different}"
    for call, template in zip(meant, found.templates[len(calls) - len(meant) :], strict=True):
        read_back = [(str(each.name).strip(), str(each.value).strip()) for each in template.params]
        if read_back != [(_without_odd_tags(name), _without_odd_tags(value)) for name, value in call.arguments]:
            return f"the values of {shown(call.template)} are read otherwise"
        if not typed and (oddity := _oddity_of_values(template, frozenset(map(_without_odd_tags, call.links)))):
            return f"there is {oddity}"
    different = _different([*map(_without_odd_tags, links)], found.links)
    if different:
        return f"of the links {different}"
    quotes = sum(2 * len(mark) * tags.get(name, 0) for name, mark in (("b", BOLD), ("i", ITALIC)))
    if found.quotes != quotes:
        return f"of the apostrophes of bold and italics {quotes} were meant and {found.quotes} are found"
    tags = {name: number for name, number in tags.items() if name not in ("b", "i")}
    wrong = next((tag for tag in sorted({*found.tags, *tags}) if found.tags[tag] != tags.get(tag, 0)), "")
    return f"of the tags <{wrong}> {tags.get(wrong, 0)} were meant and {found.tags[wrong]} are found" if wrong else ""


def _oddity_of_values(template: Any, links: frozenset[str]) -> str:
    """Describe what in the values of a call is more than text, line breaks and links; ``""`` if nothing is."""
    for each in template.params:
        for node in (*each.name.nodes, *each.value.nodes):
            if str(node) not in links and _kind(node) not in _TEXT and not _is_bare(node) and not _is_break(node):
                return f"{_named(node)} in a value"
    return ""


class _Found:
    """What is found in a page."""

    def __init__(self) -> None:
        self.templates: list[Any] = []
        self.links: list[str] = []
        self.tags: Counter[str] = Counter()
        #: Apostrophes that make bold and italics.
        self.quotes = 0
        self.oddity = ""

    def look(self, read: Any) -> None:
        """Look at all nodes, those of headings included."""
        for node in read.nodes:
            kind = _kind(node)
            if kind == "Heading":
                self.look(node.title)
            elif kind == "Template":
                self.templates.append(node)
            elif kind == "Wikilink" or (kind == "ExternalLink" and node.brackets):
                self.links.append(str(node))
            elif kind == "Tag" and not _is_mark(node) and (tag := _tag(node)) in _MEANT_TAGS:
                self.tags[tag] += 1
                if node.contents is not None and tag not in _RAW_TAGS:
                    self.look(node.contents)
            elif kind == "Text":
                self.quotes += sum(map(len, _QUOTES.findall(str(node))))
            elif not (kind in _TEXT or _is_bare(node) or _is_break(node) or _is_mark(node)):
                self.oddity = self.oddity or _named(node)


def _tag(node: Any) -> str:
    """Return the name of a tag.  This parser takes the caption of a table for a cell."""
    name = str(node.tag).lower()
    return "caption" if name == "td" and node.wiki_markup and str(node.contents).startswith("+") else name


def _kind(node: Any) -> str:
    return type(node).__name__


def _is_bare(node: Any) -> bool:
    """Return whether a node is an address that becomes a link by itself, and is still read as text."""
    return _kind(node) == "ExternalLink" and not node.brackets


def _is_break(node: Any) -> bool:
    return str(node) in ("<br>", "<nowiki/>")


def _is_mark(node: Any) -> bool:
    return _kind(node) == "Tag" and node.wiki_markup in _MARKS


def _named(node: Any) -> str:
    name = {"Wikilink": "link", "ExternalLink": "link"}.get(_kind(node), _kind(node).lower())
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name} that was not meant: {shown(str(node))}"


def _different(meant: Sequence[str], found: Sequence[str]) -> str:
    if list(meant) == list(found):
        return ""
    first = next((pair for pair in zip(meant, found, strict=False) if pair[0] != pair[1]), None)
    if first:
        return f"{shown(first[0])} is read as {shown(first[1])}"
    return f"{len(meant)} were meant and {len(found)} are found"


def _without_odd_tags(text: str) -> str:
    return _NO_TAG.sub("&lt;", text)
