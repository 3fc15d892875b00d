"""The articles with infoboxes that a person should decide: the most doubtful first, then in the order of the inputs.

Kept up to date while articles are read, so that a page need not look at all of them.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from convert.preview.rows import Facts, Row

#: The probability of an article's most doubtful infobox, the position of its piece, and its id.
Place = tuple[float, int, str]


class Undecided:
    """Places of articles in order, and how many of their infoboxes have the same keys."""

    def __init__(self) -> None:
        #: By article, also after it was decided: it is the order.
        self._doubts: dict[str, float] = {}
        self._places: list[Place] = []
        self._alike: Counter[frozenset[str]] = Counter()

    def __len__(self) -> int:
        return len(self._places)

    def set_all(self, pieces: Iterable[Sequence[Facts]]) -> None:
        """Begin anew, with the articles of all pieces in order."""
        listed = list(enumerate(pieces))
        self._places = sorted(place for at, facts in listed for place in self._places_of(at, facts))
        self._alike = Counter(signature for _, facts in listed for signature in _signatures(facts))

    def replace(self, at: int, before: Sequence[Facts], found: Sequence[tuple[Row, Facts]]) -> None:
        """Replace the articles of the piece at a position."""
        for place in self._places_of(at, before):
            number = bisect_left(self._places, place)
            if self._places[number : number + 1] == [place]:
                del self._places[number]
        self._alike -= Counter(_signatures(before))
        for row, _ in found:
            if doubts := [box.probability for box in row.boxes if box.doubtful]:
                self._doubts[row.id] = min(doubts)
        facts = [of_row for _, of_row in found]
        for place in self._places_of(at, facts):
            insort(self._places, place)
        self._alike.update(_signatures(facts))

    def alike(self, keys: Collection[str]) -> int:
        """Return how many infoboxes have exactly these keys."""
        return self._alike[frozenset(keys)]

    def after(self, at: int, id: str) -> str:
        """Return the article behind another one, at its position, else the first; '' if there is no other."""
        here = self._doubts.get(id, -1.0), at, id
        number = bisect_right(self._places, here)
        ids = (place[2] for place in (*self._places[number : number + 2], *self._places[:2]))
        return next((other for other in ids if other != id), "")

    def _places_of(self, at: int, facts: Iterable[Facts]) -> list[Place]:
        return [(self._doubts.get(each.id, 0.0), at, each.id) for each in facts if each.doubtful]


def _signatures(facts: Iterable[Facts]) -> list[frozenset[str]]:
    return [box.signature for each in facts for box in each.boxes if box.doubtful]
