"""The links of an article: what it names is found, judged, and linked as the policy says.

    Linker(dictionary, policy)
        .candidates(article)     every text that could be a link, and what became of it
        .linked(article)         the article with links

Both look at the text as a reader sees it, links included.  So an article that has its links is judged as before it had
them, and gets no others.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from operator import itemgetter
from typing import NamedTuple

from msgspec import Struct

from convert.ast import Article
from convert.links.dictionary import Dictionary
from convert.links.folding import straight
from convert.links.judge import Judges, shipped
from convert.links.judging import FLOOR, Judged, Judging, scope_of
from convert.links.knowledge import Known, Meaning
from convert.links.passages import NewLink, Passage, passages_of, with_links
from convert.links.policy import Decision, LinkPolicy, MadeLink
from convert.profile import MAIN, WikiProfile


class Candidate(Struct, frozen=True):
    """A text that could be a link, and what was decided; ``reasons`` are what each feature adds to the odds."""

    text: str
    title: str
    probability: float
    decision: Decision
    passage: int
    start: int
    end: int
    #: The probability from which it is linked.
    least: float = 0.0
    reasons: tuple[tuple[str, float], ...] = ()


class Linked(NamedTuple):
    """An article with links, and those of them that are new, the likeliest first."""

    article: Article
    made: tuple[MadeLink, ...]


class Linker:
    """Links articles of a wiki; remembers what it has looked up, so that one serves many."""

    def __init__(
        self, dictionary: Dictionary, policy: LinkPolicy = LinkPolicy(), judges: Judges | None = None,
        profile: WikiProfile = WikiProfile(),
    ) -> None:  # fmt: skip
        self._known = Known(dictionary, profile)
        self._capitalises = profile.case_of(MAIN) == "first-letter"
        self._policy = policy
        self._judges = judges or shipped()
        self._never = frozenset().union(*map(self.covered_by, policy.never))
        self._judging: dict[tuple[float, float], Judging] = {}
        self._always = frozenset().union(*map(self.covered_by, policy.always))

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
        """Return the texts and titles that a name among those always or never linked is about."""
        page = self._known.page(name)
        return frozenset((straight(name), straight(page), page))

    def candidates(self, article: Article, *, explain: bool = False) -> list[Candidate]:
        """Return what could be linked, in reading order, with what was decided and why."""
        candidates = [
            Candidate(
                judged.found.text, judged.meaning.title, round(judged.probability, 4), decision,
                judged.found.passage, judged.found.start, judged.found.end, self._least(judged),
                _reasons(judged) if explain else (),
            )
            for judged, decision in self._decided(article, passages_of(article), explain)
        ]  # fmt: skip
        return sorted(candidates, key=lambda each: (each.passage, each.start, each.end))

    def _target(self, text: str, title: str) -> str:
        """Return the title; as the text has it, where that begins like a title whose first letter is small: iPod."""
        is_small = self._capitalises and text[1:2].isupper() and text[1:] == title[1:]
        return text if is_small and self._known.page(text) == title else title

    def judging(self, counted: float, titles: float) -> Judging:
        """Return what judges articles, down to the probabilities of what was counted and of titles; remembered."""
        least = counted, titles
        if least not in self._judging:
            self._judging[least] = Judging(
                self._known,
                self._judges,
                least,
                by_section=self._policy.scope == "section",
                is_always=self._is_always,
                has_always=bool(self._always),
            )
        return self._judging[least]

    def _is_always(self, text: str, meaning: Meaning) -> bool:
        return bool(self._always) and (text in self._always or straight(meaning.title) in self._always)

    # ── Deciding

    def _decided(
        self, article: Article, passages: Sequence[Passage], explain: bool
    ) -> Iterator[tuple[Judged, Decision]]:
        """Yield what could be linked and what is decided, the likeliest first."""
        counted, titles = (FLOOR if explain else max(FLOOR, self._policy.least(counted)) for counted in (True, False))
        judged = list(self.judging(counted, titles).judged(article, passages))
        usual = self._refusals(judged)
        linked = self._present(passages)
        rooms = dict[int, _Room]()
        for each in sorted(judged, key=lambda one: (-one.probability, one.found.passage, one.found.start)):
            found = each.found
            decision = usual.get(id(each), "linked")
            target = found.scope, each.meaning.title
            if decision == "linked":
                if (room := rooms.get(found.passage)) is None:
                    room = rooms[found.passage] = _Room(passages[found.passage], self._policy.per_passage)
                decision = "again" if target in linked else room.take(found.start, found.end)
            if decision == "linked":
                linked.add(target)
            yield each, decision

    def _refusals(self, judged: Sequence[Judged]) -> dict[int, Decision]:
        """Return why candidates are not linked whatever else is; of several for a page the first one counts."""
        refused: dict[int, Decision] = {}
        first: dict[tuple[int, str], Judged] = {}
        for each in judged:
            meaning = each.meaning
            if each.found.text in self._never or straight(meaning.title) in self._never:
                refused[id(each)] = "refused"
            elif each.probability < self._least(each):
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

    def _least(self, judged: Judged) -> float:
        return self._policy.least(judged.found.sought.knowledge.is_counted)

    def _present(self, passages: Sequence[Passage]) -> set[tuple[int, str]]:
        """Return the pages that are linked already, each with its scope."""
        by_section = self._policy.scope == "section"
        return {
            (scope_of(passage, by_section), self._known.page(link.target.partition("#")[0]))
            for passage in passages
            for link in passage.links
        }


class _Room:
    """Where in a passage links may still be made."""

    def __init__(self, passage: Passage, most: int) -> None:
        self._texts = passage.texts
        self._left = most - len(passage.links)
        # Stretches in order, none over another: links, and names of which no link can be made.
        self._starts = [link.start for link in passage.links]
        self._ends = [link.end for link in passage.links]

    def take(self, start: int, end: int) -> Decision:
        """Decide on a stretch, and take it if it is linked; a part of a name that cannot be linked is not, either."""
        number = bisect_right(self._texts, start, key=itemgetter(0)) - 1
        first, behind = bisect_right(self._ends, start), bisect_left(self._starts, end)
        if number < 0 or self._texts[number][1] < end:
            decision: Decision = "inside"
        elif first < behind:
            return "overlaps"
        elif self._left <= 0:
            return "crowded"
        else:
            decision = "linked"
            self._left -= 1
        if first < behind:
            start, end = min(start, self._starts[first]), max(end, self._ends[behind - 1])
        self._starts[first:behind], self._ends[first:behind] = [start], [end]
        return decision


def _place(judged: Judged) -> tuple[int, int, int]:
    return judged.found.passage, judged.found.start, -judged.found.end


def _reasons(judged: Judged) -> tuple[tuple[str, float], ...]:
    parts = sorted(judged.parts(), key=lambda part: -abs(part[1]))
    return tuple((name, round(weight, 2)) for name, weight in parts if abs(weight) >= 0.05)
