"""The links of an article: what it names is found, judged, and linked as the policy says.

    Linker(dictionary, policy)
        .candidates(article)     every text that could be a link, and what became of it
        .linked(article)         the article with links

Both look at the text as a reader sees it, links included.  So an article that has its links is judged as before it had
them, and gets no others.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from math import log1p
from typing import NamedTuple

from msgspec import Struct

from convert.ast import Article
from convert.links.context import SURE, Context
from convert.links.dictionary import Dictionary, undisambiguated
from convert.links.finder import mentions
from convert.links.judge import Judge, Judges, shipped
from convert.links.knowledge import Knowledge, Known, Meaning
from convert.links.passages import NewLink, Passage, passages_of, with_links
from convert.links.policy import Decision, LinkPolicy, MadeLink
from convert.links.see_also import is_see_also

#: What is less likely is no candidate.
FLOOR = 0.01
#: Texts of which it is remembered whether they are worth a look.
_REMEMBERED = 1 << 17
_KINDS = {"prose": 0.0, "item": 1.0, "cell": 2.0}


class Found(NamedTuple):
    """A text where it is first named, and what it may mean."""

    text: str
    passage: int
    start: int
    end: int
    knowledge: Knowledge
    longer: bool
    scope: int


class Candidate(Struct, frozen=True):
    """A text that could be a link, and what was decided; ``reasons`` are what each feature adds to the odds."""

    text: str
    title: str
    probability: float
    decision: Decision
    passage: int
    start: int
    end: int
    reasons: tuple[tuple[str, float], ...] = ()


class Linked(NamedTuple):
    """An article with links, and those of them that are new, the likeliest first."""

    article: Article
    made: tuple[MadeLink, ...]


class _Judged(NamedTuple):
    found: Found
    meaning: Meaning
    probability: float
    reasons: tuple[tuple[str, float], ...]


class Linker:
    """Links articles; remembers what it has looked up, so that one serves many."""

    def __init__(self, dictionary: Dictionary, policy: LinkPolicy = LinkPolicy(), judges: Judges | None = None) -> None:
        self._known = Known(dictionary)
        self._policy = policy
        self._judges = judges or shipped()
        self._never = frozenset().union(*map(self.covered_by, policy.never))
        self._worth: dict[tuple[str, float], bool] = {}
        self._always = frozenset(map(self._known.page, policy.always)) | frozenset(policy.always)

    def linked(self, article: Article) -> Article:
        """Return an article with links; the same one if there are none to make."""
        return self.links(article).article

    def links(self, article: Article) -> Linked:
        """Return an article with links, and those that were made."""
        passages = passages_of(article)
        links: list[list[NewLink]] = [[] for _ in passages]
        made = []
        for judged, decision in self._decided(article, passages, explain=False):
            if decision == "linked":
                found, title = judged.found, judged.meaning.title
                made.append(MadeLink(found.text, title))
                links[found.passage].append(NewLink(found.start, found.end, self._target(found.text, title)))
        return Linked(with_links(article, links) if made else article, tuple(made))

    def covered_by(self, name: str) -> frozenset[str]:
        """Return the texts and titles that a name among those never linked is about."""
        return frozenset((name, self._known.page(name)))

    def candidates(self, article: Article, *, explain: bool = False) -> list[Candidate]:
        """Return what could be linked, in reading order, with what was decided and why."""
        candidates = [
            Candidate(
                judged.found.text, judged.meaning.title, round(judged.probability, 4), decision,
                judged.found.passage, judged.found.start, judged.found.end, judged.reasons,
            )
            for judged, decision in self._decided(article, passages_of(article), explain)
        ]  # fmt: skip
        return sorted(candidates, key=lambda each: (each.passage, each.start, each.end))

    def _target(self, text: str, title: str) -> str:
        """Return the title as the text has it, where only the case of the first letter differs."""
        return text if text[1:] == title[1:] and self._known.page(text) == title else title

    # ── Judging

    def evidence(
        self, article: Article, passages: Sequence[Passage], least: float = 0.0
    ) -> Iterator[tuple[Found, Meaning, list[float]]]:
        """Yield what an article names, with the likeliest meaning and the values of ``FEATURES``.

        What cannot have a probability of ``least`` may be left out.
        """
        own = self._known.page(article.title)
        found, counts = self._found(passages, least)
        context = Context(self._known, [each.knowledge for each in found], own)
        ends = [0]
        for passage in passages:
            ends.append(ends[-1] + len(passage.text) + 1)
        total = max(1, ends[-1])
        names = {own.casefold(), undisambiguated(own).casefold()}
        for each in found:
            best = None if each.text.casefold() in names else context.likeliest(each.knowledge, own)
            if best is None:
                continue
            meaning, related = best
            passage = passages[each.passage]
            text = passage.text
            yield each, meaning, [
                *meaning.values,
                float(_is_name(text[each.end + 1 : each.end + 2], text[each.end : each.end + 1])),
                float(_follows_name(text, each.start)),
                (ends[each.passage] + each.start) / total,
                _KINDS[passage.kind],
                float(counts[each.scope, each.text]),
                log1p(total),
                float(each.longer),
                related,
            ]  # fmt: skip

    def _is_worth(self, text: str, knowledge: Knowledge, passage: Passage, least: float) -> bool:
        """Return whether a text may become a link, or tells what the article is about."""
        best = knowledge.meanings[0]
        if knowledge.likelihood * best.values[3] > SURE or (passage.heading and passage.kind == "item") or self._always:
            return True
        key = text, least
        try:
            return self._worth[key]
        except KeyError:
            if len(self._worth) >= _REMEMBERED:
                self._worth.clear()
            judge = self._judge_of(knowledge)
            odds = max(judge.most(meaning.values) for meaning in knowledge.meanings)
            worth = self._worth[key] = judge.probability(odds) >= least
            return worth

    def _judge_of(self, knowledge: Knowledge) -> Judge:
        return self._judges.counted if knowledge.is_counted else self._judges.titles

    def _found(self, passages: Sequence[Passage], least: float) -> tuple[list[Found], Counter[tuple[int, str]]]:
        """Return what the passages name, where it is first named in the scope, and how often."""
        first: dict[tuple[int, str], Found] = {}
        counts: Counter[tuple[int, str]] = Counter()
        by_section = self._policy.scope == "section"
        known = self._known
        for number, passage in enumerate(passages):
            scope = passage.section if by_section else 0
            for start, end, is_within in self._named(passage):
                text = passage.text[start:end]
                key = scope, text
                counts[key] += 1
                before = first.get(key)
                if (
                    (before is None or (before.longer and not is_within))
                    and (knowledge := known.of(text))
                    and (not least or self._is_worth(text, knowledge, passage, least))
                ):
                    first[key] = Found(text, number, start, end, knowledge, is_within, scope)
        return list(first.values()), counts

    def _named(self, passage: Passage) -> Iterator[tuple[int, int, bool]]:
        """Yield the stretches of a passage that are known, each with whether it is within a longer one."""
        stretches, at, far = passage.stretches, 0, 0
        for begun in mentions(passage.text, self._known.dictionary):
            while at < len(stretches) and stretches[at][1] <= begun[0].start:
                at += 1
            if at == len(stretches):
                return
            low, high = stretches[at]
            inside = [mention for mention in begun if low <= mention.start and mention.end <= high]
            far = max([far, *(end for _, end in inside)])
            for start, end in inside:
                yield start, end, end < far

    def _judged(self, article: Article, passages: Sequence[Passage], explain: bool) -> Iterator[_Judged]:
        least = FLOOR if explain else max(FLOOR, self._policy.threshold)
        for found, meaning, values in self.evidence(article, passages, least):
            judge = self._judge_of(found.knowledge)
            probability = 1.0 if self._is_always(found.text, meaning) else judge.probability(judge.odds(values))
            if probability < FLOOR:
                continue
            if is_see_also(passages[found.passage], found.start, found.end):
                probability = max(probability, 0.99)
            yield _Judged(found, meaning, probability, _reasons(judge, values) if explain else ())

    def _is_always(self, text: str, meaning: Meaning) -> bool:
        return text in self._always or meaning.title in self._always

    # ── Deciding

    def _decided(
        self, article: Article, passages: Sequence[Passage], explain: bool
    ) -> Iterator[tuple[_Judged, Decision]]:
        """Yield what could be linked and what is decided, the likeliest first."""
        judged = list(self._judged(article, passages, explain))
        usual = self._refusals(judged)
        linked = self._present(passages)
        taken: dict[int, list[NewLink]] = defaultdict(list)
        for number, passage in enumerate(passages):
            taken[number] += passage.links
        for each in sorted(judged, key=lambda one: (-one.probability, one.found.passage, one.found.start)):
            found = each.found
            decision = usual.get(id(each), "linked")
            target = found.scope, each.meaning.title
            if decision == "linked":
                decision = self._room(each, target, linked, taken[found.passage], passages[found.passage])
            if decision == "linked":
                linked.add(target)
                taken[found.passage].append(NewLink(found.start, found.end, each.meaning.title))
            yield each, decision

    def _refusals(self, judged: Sequence[_Judged]) -> dict[int, Decision]:
        """Return why candidates are not linked whatever else is; of several for a page the first one counts."""
        refused: dict[int, Decision] = {}
        first: dict[tuple[int, str], _Judged] = {}
        for each in judged:
            meaning = each.meaning
            if each.found.text in self._never or meaning.title in self._never:
                refused[id(each)] = "refused"
            elif each.probability < self._policy.threshold:
                refused[id(each)] = "unlikely"
            elif not (meaning.exists or self._policy.red):
                refused[id(each)] = "red"
            else:
                before = first.setdefault((each.found.scope, meaning.title), each)
                if before is not each and _place(before) <= _place(each):
                    refused[id(each)] = "again"
                elif before is not each:
                    refused[id(before)] = "again"
                    first[each.found.scope, meaning.title] = each
        return refused

    def _present(self, passages: Sequence[Passage]) -> set[tuple[int, str]]:
        """Return the pages that are linked already, each with its scope."""
        by_section = self._policy.scope == "section"
        return {
            (passage.section if by_section else 0, self._known.page(link.target.partition("#")[0]))
            for passage in passages
            for link in passage.links
        }

    def _room(
        self, judged: _Judged, target: tuple[int, str], linked: set[tuple[int, str]], taken: Sequence[NewLink],
        passage: Passage,
    ) -> Decision:  # fmt: skip
        start, end = judged.found.start, judged.found.end
        if target in linked:
            return "again"
        if not any(low <= start and end <= high for low, high in passage.texts):
            return "inside"
        if any(start < other.end and other.start < end for other in taken):
            return "overlaps"
        return "crowded" if len(taken) >= self._policy.per_passage else "linked"


def _place(judged: _Judged) -> tuple[int, int, int]:
    return judged.found.passage, judged.found.start, -judged.found.end


def _reasons(judge: Judge, values: Sequence[float]) -> tuple[tuple[str, float], ...]:
    parts = sorted(judge.parts(values), key=lambda part: -abs(part[1]))
    return tuple((name, round(weight, 2)) for name, weight in parts if abs(weight) >= 0.05)


def _is_name(letter: str, space: str) -> bool:
    return space == " " and letter.isupper()


def _follows_name(text: str, start: int) -> bool:
    """Return whether a word with a capital stands before a position, parted by a space."""
    if start < 2 or text[start - 1] != " ":
        return False
    space = text.rfind(" ", max(0, start - 40), start - 1)
    return text[space + 1 : space + 2].isupper() and text[start - 2].isalnum()
