"""Two texts of a page to what is different, as lines for a terminal.

The lines are those of ``diff -u``.  What a terminal would act upon, and marks of direction that would show a line as
another one, are written by their numbers.
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import unified_diff

from convert.diagnostics import visible

CONTEXT_LINES = 3
#: Pages of more lines are only compared at their ends: what is between would take minutes.
MAX_LINES = 20_000


def unified(before: str, after: str, title: str) -> Iterator[str]:
    """Yield the lines of a unified diff, each without its line feed; none where the texts are the same."""
    if before == after:
        return
    old, new = before.split("\n"), after.split("\n")
    if max(len(old), len(new)) > MAX_LINES:
        yield from _ends(old, new, title)
        return
    name = visible(title)
    lines = unified_diff(old, new, f"{name} (now)", f"{name} (new)", n=CONTEXT_LINES, lineterm="")
    for line in lines:
        yield line[:1] + visible(line[1:])


def _ends(old: list[str], new: list[str], title: str) -> Iterator[str]:
    """Show where two long texts begin and cease to differ."""
    first = next(
        (at for at, pair in enumerate(zip(old, new, strict=False)) if pair[0] != pair[1]), min(len(old), len(new))
    )
    few = min(len(old), len(new)) - first
    last = next((at for at in range(few) if old[-1 - at] != new[-1 - at]), few)
    yield f"--- {visible(title)} (now)"
    yield f"+++ {visible(title)} (new)"
    gone, come = len(old) - first - last, len(new) - first - last
    yield f"@@ -{first + 1},{gone} +{first + 1},{come} @@ {max(gone, come)} lines, too many to compare"
