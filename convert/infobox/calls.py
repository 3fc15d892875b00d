"""The infoboxes that a page's wikitext calls, and what it says first.

Wikitext is read with mwparserfromhell, which the extra ``learn`` installs; only the calls are given to it, because
whole pages take it a hundred times as long.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from convert.ast import Field, Infobox
from convert.wikitext.mwparser import parsed, without_comments

_REDIRECT = re.compile(r"\s*#[^\s:\[]++\s*+(?::\s*+)?\[\[([^\]|#]+)")
# Possessive: over long runs of white space, backtracking would take the square of their length.
_CALL = re.compile(r"\{\{\s*+([^\s{}|<>\[\]#](?:[^{}|<>\[\]\n#]{0,253}[^\s{}|<>\[\]#])?)[^\S\n]*+(?=[|}\n<])")
_BRACES = re.compile(r"\{\{|\}\}|<!--|<nowiki>")
_HIDES_UP_TO = {"<!--": "-->", "<nowiki>": "</nowiki>"}
_NAME = re.compile(r"[^|={}<>\[\]\n]{1,60}")
#: So much of a page's calls is looked at.
_MOST_CHARACTERS = 1 << 16
MOST_CALLS = 50


def redirect_of(wikitext: str) -> str:
    """Find the page that a page is a redirect to; it is empty if it is none."""
    found = _REDIRECT.match(wikitext)
    return found[1].strip() if found else ""


def calls(wikitext: str, infobox: re.Pattern[str]) -> Iterator[tuple[str, Infobox, int]]:
    """Yield the infoboxes that a page calls: the template's name, its fields, and where in the text the call ends.

    A field without a value was given none.  Calls within calls count as well, up to ``MOST_CALLS``; one without an end
    is the last that is looked at.
    """
    named = (found for found in _CALL.finditer(wikitext) if infobox.search(found[1].replace("_", " ")))
    left = _MOST_CHARACTERS
    for found in islice(named, MOST_CALLS):
        end = _end_of(wikitext, found.start(), found.start() + left)
        if end is None:
            break
        left -= end - found.start()
        read = parsed(wikitext[found.start() : end], "learn")
        templates = read.filter_templates(recursive=False) if read else []
        if templates:
            yield found[1], Infobox(tuple(_fields(templates[0]))), end


def _end_of(wikitext: str, start: int, stop: int) -> int | None:
    """Find where the call ends that begins at ``start``; a comment or tag that is not closed hides nothing."""
    depth, at = 0, start
    open_ended: set[str] = set()
    while found := _BRACES.search(wikitext, at, stop):
        at = found.end()
        sign = found[0]
        if closing := _HIDES_UP_TO.get(sign):
            end = -1 if sign in open_ended else wikitext.find(closing, at, stop)
            if end < 0:
                open_ended.add(sign)
            else:
                at = end + len(closing)
            continue
        depth += 1 if sign == "{{" else -1
        if depth == 0:
            return at
    return None


def _fields(template: Any) -> Iterator[Field]:
    for parameter in template.params:
        name = without_comments(str(parameter.name)).strip()
        value = without_comments(str(parameter.value)).strip()
        if parameter.showkey and _NAME.fullmatch(name):
            yield Field(name, (value,) if value else ())


_MARKUP = re.compile(
    r"\{\{[^{}]*\}\}|<ref[^>]*/>|<ref.*?</ref>|<[^>]*>|'{2,}|\[\[(?:[^\]|]*\|)?|\]\]|<!--.*?-->", re.DOTALL
)
_NO_PROSE = tuple("|{}*:;#!<=[&")


def lead_of(wikitext: str, start: int) -> str:
    """Find the first paragraph of running text after ``start``, without most of its markup."""
    text = wikitext[start : start + 8000]
    for line in _MARKUP.sub("", _MARKUP.sub("", text)).split("\n"):
        stripped = line.strip()
        if len(stripped) > 40 and not stripped.startswith(_NO_PROSE):
            return stripped
    return ""
