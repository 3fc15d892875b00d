"""Which infobox of a page is which of ours, where there are several of one template.

They are paired by what they say; where that says nothing, by their order, if there are as many and none contradicts.
What stays ambiguous is not paired.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

#: Limit of pairs that are compared; real pages have some tens of infoboxes of one template.
MOST_PAIRS = 10_000


class Likeness(NamedTuple):
    """For how many parameters two calls say the same; how many both have; and for how many they say otherwise."""

    same: int
    shared: int
    unlike: int

    @property
    def rank(self) -> tuple[int, int, int]:
        """The order in which calls are looked at."""
        return self.same, self.shared, -self.unlike

    def beats(self, other: Likeness) -> bool:
        """Return whether a call is more like ours than another one, in number and in share."""
        if not self.same:
            return not other.same and self.shared > 1 and not other.shared
        return self.same > other.same and self.same * other.unlike >= other.same * self.unlike


def paired(likeness: Sequence[Sequence[Likeness]], are_ours: bool = False) -> list[int | None]:
    """Return for each row the column that it is paired with; ``None`` where that is ambiguous.

    ``are_ours``: both sides are, so that one that is left over on each side is the same one, whatever it says now.
    """
    pairs: list[int | None] = [None] * len(likeness)
    rows, columns = list(range(len(likeness))), list(range(len(likeness[0])))
    while found := [(row, column) for row in rows if (column := _best(likeness, row, rows, columns)) is not None]:
        for row, column in found:
            pairs[row] = column
            rows.remove(row)
            columns.remove(column)
    if len(likeness) == len(likeness[0]) and _in_order(likeness, rows, columns, are_ours):
        for row, column in zip(rows, columns, strict=True):
            pairs[row] = column
    return pairs


def _best(likeness: Sequence[Sequence[Likeness]], row: int, rows: Sequence[int], columns: Sequence[int]) -> int | None:
    """Return the column that is most like a row, if no other is for either of them."""
    best = max(columns, key=lambda column: likeness[row][column].rank, default=None)
    if best is None or not (likeness[row][best].same or len(columns) > 1):
        return None
    own = likeness[row][best]
    others = [likeness[row][column] for column in columns if column != best]
    others += [likeness[other][best] for other in rows if other != row]
    return best if all(own.beats(other) for other in others) else None


def _in_order(
    likeness: Sequence[Sequence[Likeness]], rows: Sequence[int], columns: Sequence[int], are_ours: bool
) -> bool:
    """Return whether what is left, as many on both sides, can be paired in its order."""
    if are_ours and len(rows) == 1:
        return True
    # Those that are known by what they say tell whether the order is the same.
    is_known = rows == columns and len(rows) < len(likeness)
    for row, column in zip(rows, columns, strict=True):
        own = likeness[row][column]
        if own.unlike and not (own.same and (is_known or len(rows) == 1)):
            return False
        others = [likeness[row][other] for other in columns] + [likeness[other][column] for other in rows]
        if any(other.same > own.same for other in others):
            return False
    return True
