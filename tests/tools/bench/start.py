"""How soon small runs begin and end, against the import of click: ``python -m tests.tools.bench.start``.

Each figure is the median of ratios of processor time (user and system) of whole processes, one after the other.
"""

from __future__ import annotations

import sys

from tests import FIXTURES
from tests.tools.bench.speed import PLAINWIKI, Run, in_turn, ratio, run, say

ARTICLES = ("a-trip-to-the-moon", "port-ellen")
TURNS = 15
#: What is run, and how many times as long as the import it may take.
COMMANDS = {
    "plainwiki --version": (("--version",), ""),
    "plainwiki --help": (("--help",), ""),
    "plainwiki convert --help": (("convert", "--help"), ""),
    **{
        f"plainwiki convert {name}.txt": (("convert", str(FIXTURES / "articles" / f"{name}.txt")), "at most 2.3")
        for name in ARTICLES
    },
}


def main() -> None:
    """Print every figure."""
    runs = [lambda arguments=arguments: run([*PLAINWIKI, *arguments]) for arguments, _ in COMMANDS.values()]
    *ours, click = in_turn(*runs, imported, turns=TURNS)
    for (name, (_, bar)), seconds in zip(COMMANDS.items(), ours, strict=True):
        say(f"{name}, in terms of the import of click", f"{ratio(seconds, click):.2f}", bar)


def imported() -> Run:
    """Import click alone."""
    return run([sys.executable, "-c", "import click"])


if __name__ == "__main__":
    main()
