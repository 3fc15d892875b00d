"""What an article is about, from the pages that it surely names: evidence for the meaning of the others.

Pages that the same articles link are related (``Dictionary.linkers``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from heapq import nlargest
from math import log2

from convert.links.knowledge import Knowledge, Known


class Context:
    """What an article is about: the articles that link the pages which it surely names."""

    def __init__(self, known: Known, named: Iterable[Knowledge], own: str) -> None:
        self._known = known
        self._weights: dict[str, float] = {}
        for knowledge in named:
            best = knowledge.meanings[0]
            if knowledge.is_telling and best.title != own:
                weight = knowledge.likelihood * best.share
                self._weights[best.title] = max(weight, self._weights.get(best.title, 0.0))
        self._votes: dict[int, float] = defaultdict(float)
        for title, weight in self._weights.items():
            linkers = known.linkers(title)
            if linkers.count > 1:
                vote = self._weights[title] = weight / log2(linkers.count + 2)
                for linker in linkers.sample:
                    self._votes[linker] += vote
            else:
                self._weights[title] = 0.0
        most = nlargest(20, self._votes.values())
        self._known_related: dict[str, float] = {}
        self._usual = sum(most) / 20 + 1e-9

    def likeliest(self, knowledge: Knowledge) -> tuple[int, float]:
        """Return which meaning is the likeliest, by number, and how related it is; -1 where nothing tells them apart.

        Of several that are equally likely it is the page that is called so.
        """
        best, is_tie = 0, False
        highest = chosen = -1.0
        for number, meaning in enumerate(knowledge.meanings):
            related = self._related(meaning.title)
            weight = (meaning.count + 0.3) * (0.2 + related)
            if weight > highest:
                best, highest, chosen, is_tie = number, weight, related, False
            else:
                is_tie = is_tie or (weight == highest and not meaning.count)
        return (best, chosen) if not is_tie or knowledge.meanings[best].is_own else (-1, 0.0)

    def _related(self, title: str) -> float:
        if title not in self._known_related:
            self._known_related[title] = self._vote(title)
        return self._known_related[title]

    def _vote(self, title: str) -> float:
        votes = self._votes
        if not votes:
            return 0.0
        sample = self._known.linkers(title).sample
        top = sorted([votes[linker] for linker in sample if linker in votes])[-3:]
        own = self._weights.get(title, 0.0)
        return sum(vote - own for vote in reversed(top)) / 3 / self._usual
