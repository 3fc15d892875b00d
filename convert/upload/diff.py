"""Two texts of a page to a unified diff, for a terminal.

Control characters, and bidirectional marks that would make a line look like another one, are escaped.

difflib alone is quadratic and worse.  So lines that are unique in both texts are matched first, as in Bazaar's
patience diff, and difflib gets the lines between two of them, if they are few.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import Match, SequenceMatcher
from itertools import pairwise

from convert.diagnostics import visible

CONTEXT_LINES = 3
#: Lines of one text times lines of the other, between two unique lines: larger blocks are shown as replaced.
MAX_BETWEEN = 250_000


def unified(before: str, after: str, title: str) -> Iterator[str]:
    """Yield the lines of a unified diff without line feeds; none if the texts are equal."""
    if before == after:
        return
    old, new = before.split("\n"), after.split("\n")
    yield f"--- {visible(title)} (now)"
    yield f"+++ {visible(title)} (new)"
    for group in _Lines(None, old, new).get_grouped_opcodes(CONTEXT_LINES):
        yield f"@@ -{_range(group[0][1], group[-1][2])} +{_range(group[0][3], group[-1][4])} @@"
        for tag, first, end, new_first, new_end in group:
            if tag == "equal":
                yield from (f" {visible(line)}" for line in old[first:end])
                continue
            yield from (f"-{visible(line)}" for line in old[first:end])
            yield from (f"+{visible(line)}" for line in new[new_first:new_end])


def _range(start: int, end: int) -> str:
    """Format a range of lines as ``diff -u`` does: the first line, from 1, and the count unless it is 1."""
    count = end - start
    return f"{start + 1}" if count == 1 else f"{start + bool(count)},{count}"


class _Lines(SequenceMatcher[str]):
    """Compares lines in about linear time."""

    a: Sequence[str]
    b: Sequence[str]

    def get_matching_blocks(self) -> list[Match]:
        """Return the runs of unchanged lines, in order; the last one is empty and ends both texts."""
        old, new = self.a, self.b
        ends = [(-1, -1), *_anchors(old, new), (len(old), len(new))]
        blocks: list[Match] = []
        for (first, new_first), (end, new_end) in pairwise(ends):
            between = _between(old[first + 1 : end], new[new_first + 1 : new_end])
            blocks += [Match(first + 1 + match.a, new_first + 1 + match.b, match.size) for match in between]
            blocks.append(Match(end, new_end, int(end < len(old))))
        return [*_joined(blocks), Match(len(old), len(new), 0)]


def _anchors(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Find the longest common subsequence of the lines that are unique in both texts."""
    places = {line: at for at, line in enumerate(new)}
    once, new_once = Counter(old), Counter(new)
    pairs = [(at, places[line]) for at, line in enumerate(old) if once[line] == 1 == new_once[line]]
    # Patience sorting: for each length, the last pair of the subsequence that ends earliest in the new text.
    tops: list[int] = []
    last: list[int] = []
    before: list[int] = []
    for number, (_, at) in enumerate(pairs):
        length = bisect_left(tops, at)
        before.append(last[length - 1] if length else -1)
        tops[length : length + 1], last[length : length + 1] = [at], [number]
    series: list[tuple[int, int]] = []
    number = last[-1] if last else -1
    while number >= 0:
        series.append(pairs[number])
        number = before[number]
    return series[::-1]


def _between(old: Sequence[str], new: Sequence[str]) -> list[Match]:
    """Match the lines between two anchors: the common head and tail, and by difflib the middle."""
    few = min(len(old), len(new))
    head = next((at for at in range(few) if old[at] != new[at]), few)
    tail = next((at for at in range(few - head) if old[-1 - at] != new[-1 - at]), few - head)
    middle, new_middle = old[head : len(old) - tail], new[head : len(new) - tail]
    matches = [Match(0, 0, head)]
    if middle and new_middle and len(middle) * len(new_middle) <= MAX_BETWEEN:
        blocks = SequenceMatcher(None, middle, new_middle, autojunk=False).get_matching_blocks()
        matches += [Match(head + block.a, head + block.b, block.size) for block in blocks]
    return [*matches, Match(len(old) - tail, len(new) - tail, tail)]


def _joined(blocks: Sequence[Match]) -> Iterator[Match]:
    """Join runs that are adjacent in both texts."""
    current = Match(0, 0, 0)
    for block in blocks:
        if block.a == current.a + current.size and block.b == current.b + current.size:
            current = Match(current.a, current.b, current.size + block.size)
            continue
        if current.size:
            yield current
        current = block
    if current.size:
        yield current
