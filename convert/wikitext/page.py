"""The beginning of a page: a redirect, or an article's lead paragraph.

Syntax: https://www.mediawiki.org/wiki/Help:Redirects
"""

from __future__ import annotations

import re

from convert.expressions import expression

_REDIRECT = expression(r"\s*#[^\s:\[]++\s*+(?::\s*+)?\[\[([^\]|#]+)")
_MARKUP = expression(
    r"\{\{[^{}]*\}\}|<ref[^>]*/>|<ref.*?</ref>|<[^>]*>|'{2,}|\[\[(?:[^\]|]*\|)?|\]\]|<!--.*?-->", re.DOTALL
)
_NO_PROSE = tuple("|{}*:;#!<=[&")
#: The lead is searched in this many characters.
_LEAD_WINDOW = 8000
_MIN_LEAD = 40


def redirect_of(wikitext: str) -> str:
    """Return the title that a page redirects to; empty if it is not a redirect."""
    redirect = _REDIRECT.match(wikitext)
    return redirect[1].strip() if redirect else ""


def lead_of(wikitext: str, start: int) -> str:
    """Return the first paragraph of running text after ``start``, without most of its markup; empty if none."""
    text = wikitext[start : start + _LEAD_WINDOW]
    # Twice, for nested calls.
    for line in _MARKUP.sub("", _MARKUP.sub("", text)).split("\n"):
        paragraph = line.strip()
        if len(paragraph) > _MIN_LEAD and not paragraph.startswith(_NO_PROSE):
            return paragraph
    return ""
