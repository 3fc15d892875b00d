"""What links of Markdown find in a file: its title, and its headings by their addresses.

The address of a heading is that of GitHub: in small letters, with hyphens and without other marks.

Source: https://docs.github.com/get-started/writing-on-github/getting-started-with-writing-and-formatting-on-github
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from convert.expressions import expression

#: An address that an author gives to a heading.
_OWN_ADDRESS = expression(r"\s*\{#([^\s{}]+)[^{}]*\}\Z")
_NO_SLUG = expression(r"[^\w\- ]")


class Outline(NamedTuple):
    """The title of an article, and its headings by their addresses."""

    title: str
    headings: Mapping[str, str]


#: Gives the outline of a file, whose path is as written beside this text; ``None`` where there is no such file.
OutlineOf = Callable[[str], Outline | None]


def addressed(heading: str) -> tuple[str, str]:
    """Part a heading from the address that its author gave to it: ``Lochs {#lochs}``."""
    matched = _OWN_ADDRESS.search(heading) if heading.endswith("}") else None
    return (heading[: matched.start()], matched[1]) if matched else (heading, "")


def addresses(headings: Iterable[str]) -> dict[str, str]:
    """Return headings by their addresses; the wiki numbers those that are repeated from 2, and GitHub from 1."""
    found: dict[str, str] = {}
    times: dict[str, int] = {}
    for heading, address in map(addressed, headings):
        if address:
            found[address] = heading
        slug = _NO_SLUG.sub("", heading.lower()).replace(" ", "-")
        number = times[slug] = times.get(slug, 0) + 1
        if number == 1:
            found.setdefault(slug, heading)
        else:
            found.setdefault(f"{slug}-{number - 1}", f"{heading} {number}")
    return found
