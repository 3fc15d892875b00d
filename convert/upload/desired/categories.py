"""The categories that pages name, and a page for each: without one, the wiki shows a red link.

A page of a category says nothing of itself; the wiki lists under it what is in the category.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from convert.expressions import expression
from convert.profile import CATEGORY, WikiProfile
from convert.titles import WikiTitle, page_of

#: What a category's page says until somebody describes it.
TEXT = "<!-- Describe here what belongs to this category. -->"

# What is no wikitext: comments, and text between these tags.
_UNSEEN = expression(
    r"<!--.*?(?:-->|\Z)|<(nowiki|pre|syntaxhighlight|source)\b[^<>]{0,200}>.*?(?:</\1[ \n]{0,20}>|\Z)",
    re.IGNORECASE | re.DOTALL,
)
_LINK = expression(r"\[\[([^\[\]|{}<>\n:]{1,100}):([^\[\]|{}<>\n]{1,300})(?:\||\]\])")


def categories_of(text: str, profile: WikiProfile) -> Iterator[str]:
    """Yield the titles of the categories that a page is in."""
    if "[[" not in text:
        return
    numbers = profile.namespace_numbers
    for link in _LINK.finditer(_UNSEEN.sub("", text) if "<" in text else text):
        if numbers.get(link[1].strip().replace("_", " ").lower()) == CATEGORY:
            page = page_of(f"{profile.namespaces[CATEGORY]}:{link[2]}", profile)
            if isinstance(page, WikiTitle) and page.namespace == CATEGORY:
                yield page.title
