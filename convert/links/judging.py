"""How likely an editor is to link what an article names: found, weighed, and read in the article's context.

What could not become likely enough in any place is neither counted nor looked at further, unless it tells what the
article is about.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import repeat
from math import log1p
from typing import NamedTuple

from msgspec import Struct

from convert.ast import Article
from convert.expressions import expression
from convert.links.context import Context
from convert.links.dictionary import undisambiguated
from convert.links.finding.everyday import is_grammar
from convert.links.finding.finder import Finder, Mention
from convert.links.finding.see_also import whole_items
from convert.links.folding import straight
from convert.links.judge import BATCH, OF_TEXT, Judge, Judges
from convert.links.knowledge import Knowledge, Known, Meaning
from convert.links.odds import Scale, Weights
from convert.links.passages import Passage, Running, running
from convert.links.remembered import Remembered

#: What is less likely is no candidate.
FLOOR = 0.01
#: What is at least as likely to be linked, wherever it stands: items of "See also".
SURELY = 0.99
#: Of the closeness of a batch, what counts for a word without a capital, which may have nothing to do with a title.
OF_WORDS = 0.75
# What may stand between a sentence and the end of the one before it, and what may end that; nothing at the beginning.
_OPENING = " \"'“‘„«»¿¡([*"
_ENDS_OF_SENTENCES = ("", ".", "!", "?", ":", "\n", "。", "！", "？", "।")
#: Words that link the parts of a name.
_PARTICLES = frozenset(
    "of the de du des del della di da do dos das von vom van der den af av ap al ibn bin la le".split()
)
_MAX_PARTICLE = 6
#: Signs between the words of a name.
_WITHIN = frozenset(" -‑")
#: Words with a full stop that end no sentence before a name: initials, titles, saints.
_ABBREVIATION = expression(
    r"(?:[^\W\d_]|St|Ste|Mr|Mrs|Ms|Dr|Prof|Sr|Fr|Rev|Gen|Brig|Maj|Col|Lt|Capt|Sgt|Sen|Rep|Gov|Mt|Ft)\."
)
_CAPITALS = OF_TEXT.index("capitals")
_KINDS = {"prose": 0.0, "item": 1.0, "cell": 2.0, "value": 1.0}


class Sought(Struct, frozen=True, gc=False):
    """A text that may become a link, with what is known of its odds.

    ``odds`` are those of the pages that it may mean, without the place, with the ``closeness`` that is added unless it
    is a part of a longer name; ``most`` is more than they are with any neighbours and context.
    """

    knowledge: Knowledge
    judge: Judge
    scale: Scale
    odds: tuple[float, ...]
    closeness: float
    weights: Weights
    most: float
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


#: A text and the scope that it is named in.
_Key = tuple[int, str]


class Judged(NamedTuple):
    """What a text means, with what probability; ``place`` are the values of the features of the place."""

    found: Found
    meaning: Meaning
    probability: float
    place: tuple[float, ...]
    closeness: float

    def values(self) -> list[float]:
        """Return the values of ``judge.FEATURES``."""
        return [*self.found.sought.knowledge.values, *self.meaning.values, *self.place]

    def parts(self) -> list[tuple[str, float]]:
        """Return what each feature adds."""
        return [*self.found.sought.judge.parts(self.values()), (BATCH, self.closeness)]


class Judging:
    """Judges articles; ``least`` are the probabilities below which nothing need be returned: counted, and titles."""

    def __init__(
        self, known: Known, judges: Judges, least: tuple[float, float], *, by_section: bool = False,
        is_always: Callable[[str, Meaning], bool], has_always: bool,
    ) -> None:  # fmt: skip
        self._known, self._by_section, self._is_always = known, by_section, is_always
        self._has_always = has_always
        counted, titles = least
        self._counted, self._named, self._titles = (
            (judge, Scale(judge), probability, judge.least_odds(probability) if probability else float("-inf"))
            for judge, probability in ((judges.counted, counted), (judges.named, titles), (judges.titles, titles))
        )
        self._remembered = Remembered(self._sought)
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
            passage = passages[each.passage]
            place = (
                (text.starts[each.passage] - each.passage + each.start) / total if passage.kind != "value" else 0.0,
                _KINDS[passage.kind],
                float(counts[each.scope, each.text]),
                length,
                float(each.is_within),
            )
            is_sure = each.is_whole or self._is_always_any(each)
            odds = each.sought.scale.of_place(each.sought.weights, place)
            if (is_sure or odds + each.sought.most >= each.sought.least_odds) and each.text.casefold() not in names:
                judged = self._weighed(each, passage.text, odds, place, context, is_sure)
                if judged and judged.meaning.title.casefold() != own.casefold():
                    yield judged

    def _weighed(
        self, found: Found, text: str, odds: float, place: tuple[float, ...], context: Context, is_sure: bool
    ) -> Judged | None:
        """Return the likeliest meaning; ``None`` where it is not likely enough, or another one is as likely."""
        sought = found.sought
        scale, weights = sought.scale, sought.weights
        best, related = _whole_meaning(found) or context.likeliest(sought.knowledge)
        if best < 0:
            return None
        odds += sought.odds[best] + scale.of_context(weights, related)
        if not is_sure and odds + weights.neighbours_most < sought.least_odds:
            return None
        neighbours = _neighbours(text, found.start, found.end)
        # The articles of a batch name a title by its parts only by chance.
        is_part = found.is_within or neighbours[0] or neighbours[1] == 1.0
        closeness = 0.0 if is_part else sought.closeness
        odds += closeness - sought.closeness
        # Rounded, so that equal ones stay so in whatever order weights are added.
        probability = round(sought.judge.probability(odds + scale.of_neighbours(weights, neighbours)), 9)
        meaning = sought.knowledge.meanings[best]
        if is_sure:
            is_always = self._has_always and self._is_always(found.text, meaning)
            probability = 1.0 if is_always else max(probability, SURELY) if found.is_whole else probability
        if probability < sought.least:
            return None
        return Judged(found, meaning, probability, (*place, *neighbours, related), closeness)

    def _is_always_any(self, found: Found) -> bool:
        return self._has_always and any(
            self._is_always(found.text, meaning) for meaning in found.sought.knowledge.meanings
        )

    # ── Finding

    def _found(self, passages: Sequence[Passage], text: Running) -> tuple[list[Found], Mapping[_Key, int]]:
        """Return what is named, where it is first named in the scope, and how often."""
        whole, starts = text.text, text.starts
        self._remembered.forget()
        self._known.forget()
        mentions = self._finder.mentions(whole, text.stretches)
        names = [whole[start:end] for start, end, _ in mentions]
        scopes = self._scopes(passages, starts, mentions) if self._by_section else repeat(0)
        keys: list[_Key] = list(zip(scopes, names, strict=False))
        counts: Counter[_Key] = Counter(keys)
        first: dict[_Key, Found] = {}
        for key, mention in _first(keys, mentions).items():
            if sought := self._remembered[key[1]]:
                start, end, is_within = mention
                number = bisect_right(starts, start) - 1
                at = starts[number]
                first[key] = Found(key[1], number, start - at, end - at, sought, is_within, key[0])
        wholes: dict[_Key, Found] = {}
        for each in self._whole(passages):
            wholes.setdefault((each.scope, each.text), each)
        further = []
        for key, each in wholes.items():
            counts[key] = counts[key] or 1
            if key in first and first[key][1:4] == each[1:4]:
                first[key] = each
            else:
                further.append(each)
        return [*first.values(), *further], counts

    def _scopes(self, passages: Sequence[Passage], starts: Sequence[int], mentions: Sequence[Mention]) -> list[int]:
        return [scope_of(passages[bisect_right(starts, start) - 1], self._by_section) for start, _, _ in mentions]

    def _whole(self, passages: Sequence[Passage]) -> Iterator[Found]:
        """Yield the items of titles."""
        for number, start, end in whole_items(passages):
            passage = passages[number]
            text = straight(passage.text[start:end])
            if not self._known.dictionary.has(text) or not (knowledge := self._known.of(text)):
                continue
            page = self._known.dictionary.page(text) or ""
            if passage.kind == "value" and not (page and knowledge.may_be_value):
                continue
            scope = scope_of(passage, self._by_section)
            yield Found(text, number, start, end, self._weighed_entry(knowledge), False, scope, True, page)

    def _is_sought(self, word: str) -> bool:
        return self._remembered[word] is not None

    def _sought(self, text: str) -> Sought | None:
        """Return what is known of a text; ``None`` if it is neither ever linked nor tells what the article is about."""
        knowledge = self._known.of(text)
        if knowledge is None:
            return None
        sought = self._weighed_entry(knowledge)
        is_sought = (
            knowledge.is_telling
            or sought.most - sought.weights.most + sought.weights.ever >= sought.least_odds
            or (self._has_always and any(self._is_always(text, meaning) for meaning in knowledge.meanings))
        )
        return sought if is_sought else None

    def _weighed_entry(self, knowledge: Knowledge) -> Sought:
        judge, scale, *least = (
            self._counted if knowledge.is_counted else self._named if knowledge.is_named else self._titles
        )
        own, weights = scale.of_text(knowledge.values)
        closeness = self._closeness(knowledge)
        own += closeness
        odds = tuple([own + scale.of_page(meaning.values) for meaning in knowledge.meanings])
        return Sought(knowledge, judge, scale, odds, closeness, weights, max(odds) + weights.most, *least)

    def _closeness(self, knowledge: Knowledge) -> float:
        """Return what is added for titles of articles that name each other often."""
        if knowledge.is_counted or not knowledge.is_named:
            return 0.0
        share = 1.0 if knowledge.values[_CAPITALS] else OF_WORDS
        return share * self._known.dictionary.closeness


def scope_of(passage: Passage, by_section: bool) -> int:
    """Return the part of an article in which a page is linked once: it, one of its sections, or its infoboxes."""
    return passage.section if by_section or passage.kind == "value" else 0


def _first(keys: Sequence[_Key], mentions: Sequence[Mention]) -> dict[_Key, Mention]:
    """Return the first mention of each key; a part of a longer mention only where there is no other."""
    first = dict(zip(reversed(keys), reversed(mentions), strict=True))
    first.update([each for each in zip(reversed(keys), reversed(mentions), strict=True) if not each[1][2]])
    return first


def _whole_meaning(found: Found) -> tuple[int, float] | None:
    """Return the meaning that is the page of a title, by number; it needs no context."""
    meanings = found.sought.knowledge.meanings
    return next(((number, 0.0) for number, meaning in enumerate(meanings) if meaning.title == found.page), None)


def _neighbours(text: str, start: int, end: int) -> tuple[float, float, float]:
    """Return whether a name goes on behind a stretch, whether one begins before it, and whether a sentence does.

    The name is next to it (1), or there is a particle between them (2): Thomas of Elmham, Duke of Norfolk.
    """
    following = _following(text, end + 1) if text[end : end + 1] in _WITHIN else 0.0
    opening = text[max(0, start - 40) : start].rstrip(_OPENING)[-1:] in _ENDS_OF_SENTENCES
    if start < 2 or text[start - 1] != " ":
        return following, 0.0, float(opening)
    before = text[max(0, start - 40) : start - 1].rsplit(" ", 2)
    return following, _before(before), float(opening)


def _following(text: str, at: int) -> float:
    if text[at : at + 1].isupper():
        return 1.0
    space = text.find(" ", at, at + _MAX_PARTICLE)
    return 2.0 if space > 0 and text[space + 1 : space + 2].isupper() and text[at:space] in _PARTICLES else 0.0


def _before(words: Sequence[str]) -> float:
    """Return the same for the words before a stretch, by the last two of them."""
    last = words[-1]
    if last[:1].isupper() and not is_grammar(last) and (last[-1:].isalnum() or _ABBREVIATION.fullmatch(last)):
        return 1.0
    return 2.0 if len(words) > 1 and last in _PARTICLES and words[-2][:1].isupper() else 0.0
