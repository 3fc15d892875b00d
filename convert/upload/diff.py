"""Two texts of a page to what is different, as lines for a terminal.

The lines are those of ``diff -u``.  What a terminal would act upon, and marks of direction that would show a line as
another one, are written by their numbers.

difflib alone is quadratic and worse.  So lines that both texts have once are matched first, as in Bazaar's patience
diff, and difflib gets what stands between two of them, if that is short.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import Match, SequenceMatcher
from itertools import pairwise

from convert.diagnostics import visible

CONTEXT_LINES = 3
#: Lines of one text times lines of the other, without a line that both have once: more are shown as replaced.
MAX_BETWEEN = 250_000


def unified(before: str, after: str, title: str) -> Iterator[str]:
    """Yield the lines of a unified diff, each without its line feed; none where the texts are the same."""
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
    """Name lines as ``diff -u`` does: the first, from 1, and how many unless it is one."""
    count = end - start
    return f"{start + 1}" if count == 1 else f"{start + bool(count)},{count}"


class _Lines(SequenceMatcher[str]):
    """Compares lines in about linear time."""

    a: Sequence[str]
    b: Sequence[str]

    def get_matching_blocks(self) -> list[Match]:
        """Return the runs of lines that stay, in order; the last one is empty and ends both texts."""
        old, new = self.a, self.b
        ends = [(-1, -1), *_anchors(old, new), (len(old), len(new))]
        blocks: list[Match] = []
        for (first, new_first), (end, new_end) in pairwise(ends):
            between = _between(old[first + 1 : end], new[new_first + 1 : new_end])
            blocks += [Match(first + 1 + match.a, new_first + 1 + match.b, match.size) for match in between]
            blocks.append(Match(end, new_end, int(end < len(old))))
        return [*_joined(blocks), Match(len(old), len(new), 0)]


def _anchors(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Find lines that both texts have once, and the longest series of them that is in the same order in both."""
    places = {line: at for at, line in enumerate(new)}
    once, new_once = Counter(old), Counter(new)
    pairs = [(at, places[line]) for at, line in enumerate(old) if once[line] == 1 == new_once[line]]
    # Patience sorting: of each length of a series, the last pair of the one that ends earliest in the new text.
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
    """Match the lines between two anchors: those at both ends, and by difflib what is in the middle."""
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
    """Join runs that touch in both texts."""
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
