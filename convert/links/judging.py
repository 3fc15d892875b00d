"""How likely an editor is to link what an article names: found, weighed, and read in the article's context.

What could not become likely enough in any place is neither counted nor looked at further, unless it tells what the
article is about.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from math import log1p
from operator import add
from typing import NamedTuple

from msgspec import Struct

from convert.ast import Article
from convert.links.context import Context
from convert.links.dictionary import undisambiguated
from convert.links.finding.finder import Finder
from convert.links.judge import Judge, Judges
from convert.links.knowledge import SURE, Knowledge, Known, Meaning
from convert.links.odds import Odds, Scale
from convert.links.passages import Passage, Running, running
from convert.links.see_also import whole_items

#: What is less likely is no candidate.
FLOOR = 0.01
#: What is at least as likely to be linked, wherever it stands: items of "See also".
SURELY = 0.99
#: Texts that are remembered.
_REMEMBERED = 1 << 17
# What may stand between a sentence and the end of the one before it, and what may end that; nothing at the beginning.
_OPENING = " \"'“‘„«»¿¡([*"
_ENDS_OF_SENTENCES = ("", ".", "!", "?", ":", "\n", "。", "！", "？", "।")
_KINDS = {"prose": 0.0, "item": 1.0, "cell": 2.0, "value": 1.0}


class Sought(Struct, frozen=True):
    """A text that may become a link, and the pages that it may mean, with what is known of their odds."""

    knowledge: Knowledge
    judge: Judge
    scale: Scale
    odds: tuple[Odds, ...]
    most: tuple[float, ...]
    least: float
    least_odds: float


class Found(NamedTuple):
    """A text where it is first named, and what it may mean.

    ``is_whole`` where it is all of a value, or of an item of titles: then ``page`` is the page of the title.
    """

    text: str
    passage: int
    start: int
    end: int
    sought: Sought
    is_within: bool
    scope: int
    is_whole: bool = False
    page: str = ""


class Judged(NamedTuple):
    """What a text means, with what probability, and the values of ``judge.OF_PLACE``."""

    found: Found
    meaning: Meaning
    probability: float
    place: tuple[float, ...]

    def parts(self) -> list[tuple[str, float]]:
        """Return what each feature adds."""
        return self.found.sought.judge.parts([*self.meaning.values, *self.place])


class Judging:
    """Judges articles; ``least`` are the probabilities below which nothing need be returned: counted, and titles."""

    def __init__(
        self, known: Known, judges: Judges, least: tuple[float, float], *, by_section: bool = False,
        is_always: Callable[[str, Meaning], bool], has_always: bool,
    ) -> None:  # fmt: skip
        self._known, self._by_section, self._is_always = known, by_section, is_always
        self._has_always = has_always
        self._counted, self._titles = (
            (judge, Scale(judge), probability, judge.least_odds(probability) if probability else float("-inf"))
            for judge, probability in zip((judges.counted, judges.titles), least, strict=True)
        )
        self._remembered: dict[str, Sought | None] = {}
        self._finder = Finder(known.dictionary, self._is_sought)

    def judged(self, article: Article, passages: Sequence[Passage]) -> Iterator[Judged]:
        """Yield what an article names, with the likeliest meaning."""
        own = self._known.page(article.title)
        names = {own.casefold(), undisambiguated(own).casefold()}
        text = running(passages)
        found, counts = self._found(passages, text)
        context = Context(self._known, [each.sought.knowledge for each in found], own)
        # One sign is counted between passages.
        total = max(1, len(text.text) - len(text.starts) + 3)
        length = log1p(total)
        for each in found:
            if each.text.casefold() in names:
                continue
            passage = passages[each.passage]
            place = (
                *_neighbours(passage.text, each.start, each.end),
                (text.starts[each.passage] - each.passage + each.start) / total if passage.kind != "value" else 0.0,
                _KINDS[passage.kind],
                float(counts[each.scope, each.text]),
                length,
                float(each.is_within),
            )
            if judged := self._weighed(each, place, context, own):
                yield judged

    def _weighed(self, found: Found, place: tuple[float, ...], context: Context, own: str) -> Judged | None:
        """Return the likeliest meaning; ``None`` where it is not likely enough, or the article itself."""
        sought = found.sought
        scale, meanings = sought.scale, sought.knowledge.meanings
        steps = scale.steps(place)
        at_place = [scale.at_place(odds, steps) for odds in sought.odds]
        surely = found.is_whole or (
            self._has_always and any(self._is_always(found.text, meaning) for meaning in meanings)
        )
        if not surely and max(map(add, at_place, sought.most)) < sought.least_odds:
            return None
        best = _whole_meaning(found) or context.likeliest(sought.knowledge)
        meaning, related = meanings[best[0]], best[1]
        if meaning.title == own:
            return None
        odds = at_place[best[0]] + scale.in_context(sought.odds[best[0]], related)
        probability = sought.judge.probability(odds)
        if self._is_always(found.text, meaning):
            probability = 1.0
        elif found.is_whole:
            probability = max(probability, SURELY)
        return None if probability < sought.least else Judged(found, meaning, probability, (*place, related))

    # ── Finding

    def _found(self, passages: Sequence[Passage], text: Running) -> tuple[list[Found], dict[tuple[int, str], int]]:
        """Return what is named, where it is first named in the scope, and how often."""
        first: dict[tuple[int, str], Found] = {}
        counts: dict[tuple[int, str], int] = {}
        number, scope, end_of_passage = -1, 0, 0
        for start, end, is_within in self._finder.mentions(text.text, text.stretches):
            while start >= end_of_passage:
                number += 1
                end_of_passage = text.starts[number + 1]
                scope = scope_of(passages[number], self._by_section)
            key = scope, text.text[start:end]
            counts[key] = counts.get(key, 0) + 1
            before = first.get(key)
            if (before is None or (before.is_within and not is_within)) and (sought := self._sought(key[1])):
                at = text.starts[number]
                first[key] = Found(key[1], number, start - at, end - at, sought, is_within, scope)
        found: dict[tuple[int, str] | tuple[int, str, bool], Found] = dict(first.items())
        for whole in self._whole(passages):
            key = whole.scope, whole.text
            before = first.get(key)
            is_same = before is not None and before[1:4] == whole[1:4]
            found[key if is_same else (*key, True)] = found.get((*key, True), whole)
            counts.setdefault(key, 1)
        return list(found.values()), counts

    def _whole(self, passages: Sequence[Passage]) -> Iterator[Found]:
        """Yield the items of titles."""
        for number, start, end in whole_items(passages):
            passage = passages[number]
            text = passage.text[start:end]
            if not self._is_entry(text) or not (knowledge := self._known.of(text)):
                continue
            page = self._known.dictionary.page(text) or ""
            if passage.kind == "value" and not (page and knowledge.may_be_value):
                continue
            scope = scope_of(passage, self._by_section)
            yield Found(text, number, start, end, self._weighed_entry(knowledge), False, scope, True, page)

    def _is_sought(self, word: str) -> bool:
        return self._sought(word) is not None

    def _is_entry(self, text: str) -> bool:
        entries = self._known.dictionary.prefixes(text)
        return bool(entries) and len(entries[-1]) == len(text)

    def _sought(self, text: str) -> Sought | None:
        """Return what is known of a text; ``None`` if it is neither ever linked nor tells what the article is about."""
        try:
            return self._remembered[text]
        except KeyError:
            if len(self._remembered) >= _REMEMBERED:
                self._remembered.clear()
            sought = self._remembered[text] = self._looked_up(text)
            return sought

    def _looked_up(self, text: str) -> Sought | None:
        counts = self._known.counts(text)
        if counts is None or self._is_hopeless(*counts):
            return None
        knowledge = self._known.of(text)
        if knowledge is None:
            return None
        sought = self._weighed_entry(knowledge)
        is_sought = (
            knowledge.is_telling
            or any(odds.ever >= sought.least_odds for odds in sought.odds)
            or (self._has_always and any(self._is_always(text, meaning) for meaning in knowledge.meanings))
        )
        return sought if is_sought else None

    def _is_hopeless(self, linked: int, seen: int, above: int) -> bool:
        """Return whether a text is linked too seldom, whatever else is true of it."""
        if self._has_always or not (linked or seen or above):
            return False
        _, scale, _, least = self._counted
        likelihood = linked / (seen + 1)
        return likelihood <= SURE and scale.most((likelihood, log1p(seen), log1p(above))) < least

    def _weighed_entry(self, knowledge: Knowledge) -> Sought:
        judge, scale, *least = self._counted if knowledge.is_counted else self._titles
        odds = tuple(scale.of_entry(meaning.values) for meaning in knowledge.meanings)
        return Sought(knowledge, judge, scale, odds, tuple(each.most for each in odds), *least)


def scope_of(passage: Passage, by_section: bool) -> int:
    """Return the part of an article in which a page is linked once: it, one of its sections, or its infoboxes."""
    return passage.section if by_section or passage.kind == "value" else 0


def _whole_meaning(found: Found) -> tuple[int, float] | None:
    """Return the meaning that is the page of a title, by number; it needs no context."""
    meanings = found.sought.knowledge.meanings
    return next(((number, 0.0) for number, meaning in enumerate(meanings) if meaning.title == found.page), None)


def _neighbours(text: str, start: int, end: int) -> tuple[float, float, float]:
    """Return whether a name goes on behind a stretch, whether one begins before it, and whether a sentence does."""
    following = text[end : end + 1] == " " and text[end + 1 : end + 2].isupper()
    opening = text[max(0, start - 40) : start].rstrip(_OPENING)[-1:] in _ENDS_OF_SENTENCES
    if start < 2 or text[start - 1] != " ":
        return float(following), 0.0, float(opening)
    space = text.rfind(" ", max(0, start - 40), start - 1)
    before = text[space + 1 : space + 2].isupper() and text[start - 2].isalnum()
    return float(following), float(before), float(opening)
