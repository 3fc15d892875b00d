"""Titles to an index page: by first letter, and in collapsible ranges if there are many.

It works without scripts, and the browser's search finds titles in collapsed ranges.  Memory is bounded by one range,
whatever the number of articles; the caller sorts them by ``sort_key``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib import resources
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple
from unicodedata import name, normalize
from urllib.parse import quote

from convert.writers import page
from convert.writers.direction import attribute
from convert.writers.page import escaped, quoted

#: Titles per range; letters with fewer titles have no ranges.
TITLES_PER_RANGE = 200

DIGITS = "0–9"
NO_LETTER = "…"
# Scripts with so many signs that an index by first sign is useless.
_SCRIPTS = {"CJK": "漢", "HANGUL": "한"}


@cache
def _style() -> str:
    return resources.files(__package__).joinpath("index.css").read_text("utf-8")


class Entry(NamedTuple):
    """An article in the list: its letter, its title, and the name of its file."""

    letter: str
    title: str
    name: str


def letter_of(title: str) -> str:
    """Return the index letter of a title: its first one, upper-cased, without diacritics."""
    for character in normalize("NFKD", title):
        if character.isnumeric():
            return DIGITS
        if character.isalpha():
            return _SCRIPTS.get(name(character, "").split(" ")[0], character.upper()[:1])
    return NO_LETTER


def sort_key(title: str) -> str:
    """Return the sort key of a title: digits first, then letters, ignoring case and diacritics."""
    letter = letter_of(title)
    rank = "0" if letter == DIGITS else "2" if letter == NO_LETTER else "1"
    bare = "".join(
        character for character in normalize("NFKD", title.casefold()) if character.isalnum() or character.isspace()
    )
    return f"{rank}{letter}\0{' '.join(bare.split())}\0{title}"


def index(letters: Sequence[tuple[str, int]], entries: Iterable[Entry]) -> Iterator[str]:
    """Yield the page in pieces, from the counts of titles by letter and the sorted entries."""
    total = sum(count for _, count in letters)
    yield page.opening("All articles", more_style=_style())
    yield '<main class="index">\n<h1>All articles</h1>\n'
    yield f"<p>{total:,} {'article' if total == 1 else 'articles'}</p>\n"
    if total > TITLES_PER_RANGE and len(letters) > 1:
        links = (f"<li><a href={quoted('#' + letter)}>{escaped(letter)}</a></li>" for letter, _ in letters)
        yield f'<nav aria-label="Letters"><ul>\n{chr(10).join(links)}\n</ul></nav>\n'
    yield '<div class="few">\n' if total <= TITLES_PER_RANGE else "<div>\n"
    counts = dict(letters)
    for letter, group in groupby(entries, itemgetter(0)):
        listed = _list if counts[letter] <= TITLES_PER_RANGE else _ranges
        yield f"<section>\n<h2 id={quoted(letter)}>{escaped(letter)}</h2>\n"
        yield from listed(group)
        yield "</section>\n"
    yield f"</div>\n</main>\n{page.closing()}"


def _ranges(entries: Iterator[Entry]) -> Iterator[str]:
    for first in entries:
        some = [first, *(entry for _, entry in zip(range(TITLES_PER_RANGE - 1), entries, strict=False))]
        ends = " – ".join(f"<bdi>{escaped(entry.title)}</bdi>" for entry in dict.fromkeys((some[0], some[-1])))
        yield f"<details>\n<summary>{ends}</summary>\n"
        yield from _list(some)
        yield "</details>\n"


def _list(entries: Iterable[Entry]) -> Iterator[str]:
    yield "<ul>\n"
    for entry in entries:
        title = escaped(entry.title)
        yield f"<li><a{attribute(title, False)} href={quoted(quote(entry.name))}>{title}</a></li>\n"
    yield "</ul>\n"
