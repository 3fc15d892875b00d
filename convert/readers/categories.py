"""Categories of a plain article: the word ``Categories``, directly followed by bullet lines.

Other forms are in ``heads.category_lines``.
"""

from __future__ import annotations

from collections.abc import Sequence

from convert.diagnostics import Diagnostic, Report, shown
from convert.readers.characters import after_bullet


def opens_categories(lines: Sequence[str], at: int, stripped: str) -> bool:
    """Return whether a block of categories begins at ``lines[at]``; ``stripped`` is that line."""
    if stripped != "Categories" and stripped != "Categories:":
        return False
    return at + 1 < len(lines) and after_bullet(lines[at + 1].strip()) is not None


def read_categories(lines: Sequence[str], at: int, base: int, names: dict[str, None], report: Report) -> int:
    """Add the names of the block whose head is ``lines[at]`` to ``names``; return the index of the first line after."""
    at += 1
    while at < len(lines):
        name = after_bullet(lines[at].strip())
        if name is None:
            break
        add_category(name, at + base, names, report)
        at += 1
    return at


def add_category(name: str, line: int, names: dict[str, None], report: Report) -> None:
    """Add a name, or report that it was there."""
    if name in names:
        report(Diagnostic("category-repeated", line, 1, f"{shown(name)} is named above: remove the line"))
    else:
        names[name] = None
