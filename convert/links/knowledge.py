"""What a dictionary knows of one text: the pages that it may mean, and how often people linked it.

A text that is no entry may be one with the other first letter: ``Dogs`` at the beginning of a sentence is the title of
a page, or the anchor ``dogs``.  Titles that no page of a wiki's main namespace can have are left out.
"""

from __future__ import annotations

from math import log1p

from msgspec import Struct

from convert.expressions import expression
from convert.links.dictionary import Anchor, Dictionary, Linkers, undisambiguated
from convert.links.finding.everyday import is_everyday
from convert.links.finding.tokens import word_pattern
from convert.links.folding import capitalised, first_letter_changed
from convert.links.remembered import Remembered
from convert.profile import MAIN, WikiProfile
from convert.titles import WikiTitle, folded, is_address, page_of

#: Of an entry's targets, so many are weighed.
MOST_TARGETS = 4
#: Entries that are likely enough to tell what an article is about.
SURE = 0.1
#: What most titles are, and no others than titles of pages.
_PLAIN = expression(r"[A-Za-z0-9][A-Za-z0-9 ,()'-]{0,200}")
_NONE = Anchor()
#: The value of ``other`` where nothing is known of a title.
UNKNOWN = -1.0


class Meaning(Struct, frozen=True, gc=False):
    """A page that a text may mean; ``count`` is how many articles link the text there."""

    title: str
    count: int
    #: Values of ``judge.OF_PAGE``.
    values: tuple[float, ...]
    exists: bool

    @property
    def share(self) -> float:
        """The share of the links of the text that lead there."""
        return self.values[0]

    @property
    def is_own(self) -> bool:
        """Whether the page is called as the text is."""
        return self.values[1] > 0


class Knowledge(Struct, frozen=True, gc=False):
    """What is known of a text."""

    meanings: tuple[Meaning, ...]
    #: Values of ``judge.OF_TEXT``.
    values: tuple[float, ...]
    is_counted: bool
    #: Whether it is known that articles which the titles are of name it.
    is_named: bool
    #: Whether an article that has it is likely to be about what the first of its meanings is about.
    is_telling: bool = False

    @property
    def likelihood(self) -> float:
        """The share of the articles that have it which link it."""
        return self.values[0]

    @property
    def may_be_value(self) -> bool:
        """Whether it may be linked where it is all of a value: if people were seen to link it seldom, it is a word."""
        return self.is_telling or not self.is_counted


class Known:
    """What a dictionary knows of texts that mean articles of a wiki; remembers which articles link to a page."""

    def __init__(self, dictionary: Dictionary, profile: WikiProfile) -> None:
        self.dictionary = dictionary
        self._profile = profile
        self.language = dictionary.language or "en"
        self._linkers = Remembered(dictionary.linkers)

    def linkers(self, title: str) -> Linkers:
        """Return which articles link to a page."""
        return self._linkers[title]

    def forget(self) -> None:
        """Forget what was not asked for lately, between articles."""
        self._linkers.forget()

    def page(self, title: str) -> str:
        """Return the page of a title, or the title as the wiki writes it if no page is known."""
        return self.dictionary.page(title) or capitalised(folded(title), self.language)

    def of(self, text: str) -> Knowledge | None:
        """Return what is known of a text; ``None`` if it is no entry, or nothing that would ever be linked."""
        changed_text = first_letter_changed(text, self.language)
        anchor = self.dictionary.anchor(text, MOST_TARGETS)
        changed = self.dictionary.anchor(changed_text, MOST_TARGETS) if changed_text != text else None
        if (anchor is None and changed is None) or is_everyday(text):
            return None
        own, above = anchor or _NONE, changed or _NONE
        targets = dict(own.targets)
        for title, _ in above.targets:
            if len(targets) == MOST_TARGETS:
                break
            targets.setdefault(title, 0)
        missing = own.missing | above.missing
        linked, seen = own.linked, own.seen
        title = capitalised(text, self.language)
        is_counted = bool(linked or seen or above.seen)
        meanings = [
            Meaning(
                page,
                count,
                (count / linked if linked else 0.0, _named(text, title, page, is_counted), _is_told_apart(page)),
                page not in missing,
            )
            for page, count in targets.items()
            if _can_be_page(page, self._profile)
        ]
        if not meanings:
            return None
        other = log1p(above.seen) if is_counted else _otherwise(own.named, above.named)
        values = linked / (seen + 1), log1p(seen), other, *_shape(text)
        is_telling = values[0] * meanings[0].share > SURE
        return Knowledge(tuple(meanings), values, is_counted, bool(own.named or above.named), is_telling)


def _otherwise(own: int, above: int) -> float:
    """Return the share of the articles naming a title that do so with the other first letter; -1 if it is not known."""
    return above / (own + above + 1) if own or above else UNKNOWN


def _can_be_page(title: str, profile: WikiProfile) -> bool:
    if _PLAIN.fullmatch(title):
        return True
    if is_address(title):  # a link to it would lead there
        return False
    page = page_of(title, profile)
    return isinstance(page, WikiTitle) and page.namespace == MAIN


def _shape(text: str) -> tuple[float, float, float]:
    """Return the number of words of a text, its length, and how its words begin."""
    words = word_pattern(text).findall(text) or [text]
    if text.isupper():
        capitals = 3.0
    elif words[0] == words[0].lower():
        capitals = 0.0
    else:
        capitals = 2.0 if len(words) > 1 and sum(word[0].isupper() for word in words) > 1 else 1.0
    return float(len(words)), float(len(text)), capitals


def _named(text: str, title: str, page: str, is_counted: bool) -> float:
    """Return whether a text is the title of a page (2), or is but for its first letter (1).

    So is a title that redirects to the page, where nothing but titles is known; the name before a disambiguator is not.
    """
    if page == text:
        return 2.0
    is_title = page == title or (not is_counted and undisambiguated(page) not in (text, title))
    return float(is_title)


def _is_told_apart(page: str) -> float:
    return float("(" in page or ", " in page)
