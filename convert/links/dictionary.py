"""What is known of titles and anchors, whichever source it comes from: the batch's titles, a wiki's, or a dump's links.

An *entry* is a text that may become a link: an anchor that people linked, a title, a redirect, or the name before a
title's disambiguator (``Thrift`` of ``Thrift (plant)``).  Entries are kept as they were written, because the case of
a first letter tells a name from a word (``Apple``, ``apple``); white space is single spaces, quotation marks and
apostrophes are straight, and Unicode is NFC.

    of_titles     titles and redirects, as a batch or a wiki has them: nothing is counted
    of_links      (anchor, target) pairs, for tests and small sets
    combined      several dictionaries as one

A learnt dictionary is a file: ``convert.links.stored``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import log
from typing import Protocol

from msgspec import Struct

from convert.expressions import expression
from convert.links.finding.openings import Openings, table_of
from convert.links.folding import capitalised, first_letter_changed, straight
from convert.profile import Case
from convert.titles import folded

#: More targets than an anchor has.
ALL_TARGETS = 1 << 20
#: Of titles of articles that have nothing to do with each other, the share that an article names (``make links``).
BY_CHANCE = 0.0018
MOST_CLOSENESS = 4.0
#: Redirects that are followed; a longer chain is taken for a cycle.
MAX_REDIRECTS = 20

#: ``Thrift (plant)``: the name, and what tells it from others of the name.
_DISAMBIGUATED = expression(r"(?s)(.*\S)(?:\s+\(|\s*（)([^()（）]+)[)）]")


class Anchor(Struct, frozen=True, gc=False):
    """What is known of one entry.

    ``linked`` is the number of articles in which it is a link, ``seen`` that of articles in which it occurs, linked or
    not.  ``targets`` are titles with the number of articles that link there with this anchor, the commonest first,
    redirects resolved; ``missing`` are those of them of which no page is known.  All numbers are 0 where nothing was
    counted: the entry is a title, a redirect, or the name before a disambiguator, in this order; then ``named`` is the
    number of articles that name it of those that the titles are of, 0 where it is not known.
    """

    linked: int = 0
    seen: int = 0
    targets: tuple[tuple[str, int], ...] = ()
    missing: frozenset[str] = frozenset()
    named: int = 0


class Linkers(Struct, frozen=True):
    """The articles that link to a page: their number, and the least of their hashes in ascending order.

    Of two pages, the articles in common among the least hashes of both estimate how alike their linkers are (a bottom-k
    sketch); the sample is the whole as long as it has ``count`` members.
    """

    count: int = 0
    sample: Sequence[int] = ()


class Dictionary(Protocol):
    """Titles and anchors that a text is searched for."""

    @property
    def language(self) -> str:
        """The language of the wiki; empty if unknown."""

    @property
    def closeness(self) -> float:
        """How much oftener than by chance the articles of titles name each other, as a logarithm; 0 if unknown."""

    @property
    def openings(self) -> tuple[Openings, ...]:
        """With which words entries begin: one of these tables tells it."""

    def prefixes(self, text: str) -> list[str]:
        """Return the entries with which a text begins, the shortest first; give a bounded slice.

        An entry is as long as the stretch of the text that it matches; only the case of the first letter may differ,
        where the wiki capitalises titles, so that both ``Apple`` and ``apple`` may come.  Whether the stretch ends at
        the end of a word is not looked at.
        """

    def has(self, text: str) -> bool:
        """Return whether a text is an entry, as it is written or as ``prefixes`` takes its first letter."""

    def anchor(self, text: str, most: int = ALL_TARGETS) -> Anchor | None:
        """Return what is known of an entry, as it is written, with so many targets; ``None`` if it is none."""

    def page(self, title: str) -> str | None:
        """Return the title of the page that a title leads to, redirects followed; ``None`` where no page is known."""

    def linkers(self, title: str) -> Linkers:
        """Return which articles link to a page; none where that was not learnt."""


def closeness(namings: int, articles: int, pages: int) -> float:
    """Return how close the articles of titles are to each other, see ``Dictionary``; ``namings`` are of all titles."""
    others = namings / articles - 1 if articles else 0.0
    return max(0.0, min(MOST_CLOSENESS, log(others / (BY_CHANCE * pages)))) if others > 0 and pages else 0.0


def of_titles(
    titles: Iterable[str], redirects: Mapping[str, str] | None = None, language: str = "en",
    case: Case = "first-letter",
) -> InMemory:  # fmt: skip
    """Make a dictionary of titles, and of redirects to the titles that they lead to."""
    pages = list(titles)
    made = InMemory(language, case)
    made.add_pages(pages)
    made.add_redirects(redirects or {})
    for title in pages:
        made.entry(title)
    for title in redirects or {}:
        made.entry(title)
    for title in pages:
        if name := undisambiguated(title):
            made.entry(name, title)
    return made


def of_links(
    pairs: Iterable[tuple[str, str]], seen: Mapping[str, int] | None = None, titles: Iterable[str] | None = None,
    redirects: Mapping[str, str] | None = None, language: str = "en",
) -> InMemory:  # fmt: skip
    """Make a dictionary of anchors and their targets, each pair of another article.

    ``seen`` are the numbers of articles in which an anchor occurs; at least as many as link it.  The targets are the
    pages that are known, unless ``titles`` are given.
    """
    links = [(folded(anchor), target) for anchor, target in pairs]
    made = of_titles(dict.fromkeys(target for _, target in links) if titles is None else titles, redirects, language)
    for anchor, target in links:
        made.count(anchor, made.page(target) or made.title(target))
    for anchor, number in (seen or {}).items():
        made.seen[folded(anchor)] = number
    return made


def combined(dictionaries: Sequence[Dictionary]) -> Dictionary:
    """Return several dictionaries as one; raises ValueError where there is none."""
    if not dictionaries:
        raise ValueError("no dictionary is given")
    return dictionaries[0] if len(dictionaries) == 1 else _Combined(dictionaries)


def undisambiguated(title: str) -> str:
    """Return the name before a title's disambiguator; empty if it has none."""
    found = _DISAMBIGUATED.fullmatch(title)
    return found[1] if found else ""


def _commonest(
    targets: Counter[str], most: int, page: Callable[[str], str | None]
) -> tuple[tuple[tuple[str, int], ...], frozenset[str]]:
    """Return the commonest targets, and those of them that are no known pages."""
    commonest = tuple(targets.most_common(most))
    return commonest, frozenset(title for title, _ in commonest if page(title) is None)


class InMemory:
    """A dictionary in memory, for small sets; made by ``of_titles`` and ``of_links``."""

    def __init__(self, language: str, case: Case) -> None:
        self.language, self.closeness = language, 0.0
        self.seen: dict[str, int] = {}
        self._capitalises = case == "first-letter"
        self._pages: set[str] = set()
        self._redirects: dict[str, str] = {}
        self._targets: dict[str, Counter[str]] = {}
        self._lengths: set[int] = set()
        self._openings: Openings | None = None

    @property
    def openings(self) -> tuple[Openings, ...]:
        """See ``Dictionary``."""
        if self._openings is None:
            self._openings = table_of(list(self._targets))
        return (self._openings,)

    def title(self, title: str) -> str:
        """Return a title as the wiki writes it."""
        plain = folded(title)
        return capitalised(plain, self.language) if self._capitalises else plain

    def add_pages(self, titles: Iterable[str]) -> None:
        """Add pages, without entries for them."""
        self._pages.update(map(self.title, titles))

    def add_redirects(self, redirects: Mapping[str, str]) -> None:
        """Add redirects, without entries for them."""
        self._redirects.update((self.title(title), self.title(target)) for title, target in redirects.items())

    def entry(self, text: str, target: str = "") -> None:
        """Add an entry that leads to a target, or where its own title does."""
        if page := self.page(target or text):
            self._counts(straight(folded(text)))[page] += 0

    def count(self, anchor: str, target: str) -> None:
        """Count an article that links an anchor to a target."""
        self._counts(straight(anchor))[target] += 1

    def _counts(self, entry: str) -> Counter[str]:
        if entry not in self._targets:
            self._lengths.add(len(entry))
            self._openings = None
        return self._targets.setdefault(entry, Counter())

    def _changed(self, text: str) -> str:
        return first_letter_changed(text, self.language) if self._capitalises else text

    def prefixes(self, text: str) -> list[str]:
        """See ``Dictionary``."""
        other = self._changed(text)
        spelled = (text, other) if other != text else (text,)
        lengths = sorted(length for length in self._lengths if 0 < length <= len(text))
        return [form[:length] for length in lengths for form in spelled if form[:length] in self._targets]

    def has(self, text: str) -> bool:
        """See ``Dictionary``."""
        return text in self._targets or self._changed(text) in self._targets

    def anchor(self, text: str, most: int = ALL_TARGETS) -> Anchor | None:
        """See ``Dictionary``."""
        targets = self._targets.get(text)
        if targets is None:
            return None
        linked = targets.total()
        return Anchor(linked, max(self.seen.get(text, 0), linked), *_commonest(targets, most, self.page))

    def page(self, title: str) -> str | None:
        """See ``Dictionary``."""
        at = self.title(title)
        for _ in range(MAX_REDIRECTS):
            if at in self._pages:
                return at
            if at not in self._redirects:
                return None
            at = self._redirects[at]
        return None

    def linkers(self, title: str) -> Linkers:
        """See ``Dictionary``."""
        return Linkers()


class _Combined:
    """Several dictionaries as one: entries of all, counts added, pages of the first that knows one."""

    def __init__(self, dictionaries: Sequence[Dictionary]) -> None:
        self._dictionaries = dictionaries
        self.language = next((each.language for each in dictionaries if each.language), "")
        self.closeness = max(each.closeness for each in dictionaries)
        self.openings = tuple(openings for each in dictionaries for openings in each.openings)

    def prefixes(self, text: str) -> list[str]:
        """See ``Dictionary``."""
        entries = {entry for dictionary in self._dictionaries for entry in dictionary.prefixes(text)}
        return sorted(entries, key=lambda entry: (len(entry), entry[:1] != text[:1]))

    def has(self, text: str) -> bool:
        """See ``Dictionary``."""
        return any(dictionary.has(text) for dictionary in self._dictionaries)

    def anchor(self, text: str, most: int = ALL_TARGETS) -> Anchor | None:
        """See ``Dictionary``."""
        known = [anchor for dictionary in self._dictionaries if (anchor := dictionary.anchor(text))]
        if not known:
            return None
        targets: Counter[str] = Counter()
        for anchor in known:
            for title, number in anchor.targets:
                targets[self.page(title) or title] += number
        linked, seen = sum(anchor.linked for anchor in known), sum(anchor.seen for anchor in known)
        named = sum(anchor.named for anchor in known)
        return Anchor(linked, seen, *_commonest(targets, most, self.page), named)

    def page(self, title: str) -> str | None:
        """See ``Dictionary``."""
        return next((page for dictionary in self._dictionaries if (page := dictionary.page(title))), None)

    def linkers(self, title: str) -> Linkers:
        """See ``Dictionary``."""
        return max((each.linkers(title) for each in self._dictionaries), key=lambda linkers: linkers.count)
