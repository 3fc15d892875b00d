"""What a dictionary knows of one text: the pages that it may mean, and how often people linked it.

A text that is no entry may be one with the other first letter: ``Dogs`` at the beginning of a sentence is the title of
a page, or the anchor ``dogs``.  Titles that no page of a wiki's main namespace can have are left out.
"""

from __future__ import annotations

from math import log1p

from msgspec import Struct

from convert.expressions import expression
from convert.links.dictionary import Anchor, Dictionary
from convert.links.finding.everyday import is_everyday
from convert.links.finding.tokens import word_pattern
from convert.links.folding import capitalised, first_letter_changed
from convert.links.judge import OF_ENTRY
from convert.profile import MAIN, WikiProfile
from convert.titles import WikiTitle, folded, is_address, page_of

#: Of an entry's targets, so many are weighed.
MOST_TARGETS = 4
#: Entries that are remembered.
_REMEMBERED = 1 << 17
#: Entries that are likely enough to tell what an article is about.
SURE = 0.1
_SHARE = OF_ENTRY.index("share")
_ANY_WIKI = WikiProfile()
#: What most titles are, and no others than titles of pages.
_PLAIN = expression(r"[A-Za-z0-9][A-Za-z0-9 ,()'-]{0,200}")
_NONE = Anchor()


class Meaning(Struct, frozen=True):
    """A page that a text may mean; ``count`` is how many articles link the text there."""

    title: str
    count: int
    #: Values of ``judge.OF_ENTRY``.
    values: tuple[float, ...]
    exists: bool


class Knowledge(Struct, frozen=True):
    """What is known of a text."""

    meanings: tuple[Meaning, ...]
    #: The share of the articles that have it which link it.
    likelihood: float
    is_counted: bool
    #: Whether an article that has it is likely to be about what the first of its meanings is about.
    is_telling: bool = False

    @property
    def may_be_value(self) -> bool:
        """Whether it may be linked where it is all of a value: if people were seen to link it seldom, it is a word."""
        return self.is_telling or not self.is_counted


class Known:
    """Remembers what a dictionary knows of texts."""

    def __init__(self, dictionary: Dictionary) -> None:
        self.dictionary = dictionary
        self.language = dictionary.language or "en"
        self._known: dict[str, Knowledge | None] = {}
        self._samples: dict[str, tuple[int, tuple[int, ...]]] = {}

    def of(self, text: str) -> Knowledge | None:
        """Return what is known of a text; ``None`` if nothing would ever be linked."""
        try:
            return self._known[text]
        except KeyError:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            knowledge = self._known[text] = None if is_everyday(text) else self._looked_up(text)
            return knowledge

    def counts(self, text: str) -> tuple[int, int, int] | None:
        """Return in how many articles a text is a link, in how many it stands, and in how many with the other case.

        ``None`` if the text is no entry in either case of its first letter.
        """
        other = first_letter_changed(text, self.language)
        own = self.dictionary.counts(text)
        changed = self.dictionary.counts(other) if other != text else None
        return None if own is None and changed is None else (*(own or (0, 0)), (changed or (0, 0))[1])

    def linkers(self, title: str) -> tuple[int, tuple[int, ...]]:
        """Return how many articles link to a page, and a sample of them."""
        try:
            return self._samples[title]
        except KeyError:
            if len(self._samples) >= _REMEMBERED >> 2:
                self._samples.clear()
            linkers = self.dictionary.linkers(title)
            made = self._samples[title] = linkers.count, linkers.sample
            return made

    def page(self, title: str) -> str:
        """Return the page of a title, or the title as the wiki writes it if no page is known."""
        return self.dictionary.page(title) or capitalised(folded(title), self.language)

    def _looked_up(self, text: str) -> Knowledge | None:
        other = first_letter_changed(text, self.language)
        anchor = self.dictionary.anchor(text)
        changed = self.dictionary.anchor(other) if other != text else None
        targets = dict((anchor or _NONE).targets[:MOST_TARGETS])
        for title, _ in (changed or _NONE).targets:
            targets.setdefault(title, 0)
        title = capitalised(text, self.language)
        if not targets:
            targets = {title: 0}
        linked, seen = (anchor.linked, anchor.seen) if anchor else (0, 0)
        above = changed.seen if changed else 0
        shape = _shape(text)
        meanings = [
            Meaning(page, count, _values(text, page, title, count, (linked, seen, above), shape), self._exists(page))
            for page, count in list(targets.items())[:MOST_TARGETS]
            if _can_be_page(page)
        ]
        if not meanings:
            return None
        likelihood = linked / (seen + 1)
        is_telling = likelihood * meanings[0].values[_SHARE] > SURE
        return Knowledge(tuple(meanings), likelihood, bool(linked or seen or above), is_telling)

    def _exists(self, page: str) -> bool:
        return self.dictionary.page(page) is not None


def _can_be_page(title: str) -> bool:
    if _PLAIN.fullmatch(title):
        return True
    if is_address(title):  # a link to it would lead there
        return False
    page = page_of(title, _ANY_WIKI)
    return isinstance(page, WikiTitle) and page.namespace == MAIN


def _shape(text: str) -> tuple[float, float, float]:
    """Return the number of words of a text, its length, and how its words begin."""
    words = word_pattern(text).findall(text)
    if text.isupper():
        capitals = 3.0
    elif not text[:1].isupper():
        capitals = 0.0
    else:
        capitals = 2.0 if len(words) > 1 and sum(word[0].isupper() for word in words) > 1 else 1.0
    return float(len(words)), float(len(text)), capitals


def _values(
    text: str, page: str, title: str, count: int, counted: tuple[int, int, int], shape: tuple[float, float, float]
) -> tuple[float, ...]:
    linked, seen, above = counted
    share = count / linked if linked else 0.0
    named = 2.0 if page == text else 1.0 if page == title else 0.0
    told_apart = float("(" in page or ", " in page)
    return linked / (seen + 1), log1p(seen), log1p(above), share, named, told_apart, *shape
