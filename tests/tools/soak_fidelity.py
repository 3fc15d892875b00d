"""Whole pages of markup, drawn at random, on every release and renderer: ``python -m tests.tools.soak_fidelity``.

Each page is drawn from the seed and its number, so that the same seed shows the same pages.  One that is not shown as
meant is printed in its smallest form.  The exit status is 1 if there is any.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests import FIXTURES
from tests.servers.renderers import Renderer, renderers
from tests.support.pages import Page, article_of, drawn, smallest
from tests.support.shown_pages import Judge
from tests.tools.fidelity import read_lines

_BATCH = 50


def soak(renderer: Renderer, seed: str, numbers: range, lines: Sequence[str], most: int) -> int:
    """Show pages; print those that differ, until there are ``most``.  Return their number."""
    judge = Judge(renderer.wiki, renderer.settings, renderer.profile)
    shown = wrong = 0
    for start in range(numbers.start, numbers.stop, _BATCH):
        these = range(start, min(start + _BATCH, numbers.stop))
        pages = [drawn(f"{seed}/{number}", lines) for number in these]
        shown += sum(map(len, pages))
        for number, page, why in zip(these, pages, judge.differences(pages), strict=True):
            if why:
                wrong += 1
            if why and wrong <= most:
                _print(judge, f"{renderer.name}, page {number}", smallest(page, judge.are_wrong))
        if wrong >= most:
            break
    print(f"{renderer.name}: {shown} texts on {these.stop - numbers.start} pages, {wrong} pages differ", flush=True)
    return wrong


def _print(judge: Judge, name: str, page: Page) -> None:
    print(f"{name}:", *(f"  {unit.place}: {unit.pieces!r}" for unit in page), sep="\n")
    print(f"  written {judge.written(article_of(page))!r}\n  {judge.differences([page])[0]}", flush=True)


def main(arguments: Sequence[str]) -> int:
    """Soak as asked; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.tools.soak_fidelity")
    parser.add_argument("lines", nargs="*", type=Path, metavar="FILE")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--first", type=int, default=0, help="the number of the first page")
    parser.add_argument("--pages", type=int, default=200)
    parser.add_argument("--most", type=int, default=10, help="stop a renderer after so many pages that differ")
    parser.add_argument("--renderer", action="append", help="only this one, as it is printed")
    asked = parser.parse_args(arguments)
    paths = asked.lines or [FIXTURES / "wiki" / "markup-lines.jsonl"]
    lines = list(dict.fromkeys(line for path in paths for line in read_lines(path)))
    numbers = range(asked.first, asked.first + asked.pages)
    with tempfile.TemporaryDirectory(prefix="plainwiki-soak-") as folder, renderers(Path(folder)) as found:
        chosen = [each for each in found if not asked.renderer or each.name in asked.renderer]
        return 1 if sum([soak(each, asked.seed, numbers, lines, asked.most) for each in chosen]) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
