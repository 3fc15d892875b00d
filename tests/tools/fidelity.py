"""How well text stays text on a wiki: lines of markup shown literally in every place, and whole articles.

    python -m tests.tools.fidelity [FILE.jsonl | parserTests.txt]... [--articles FOLDER | FILE.tar.gz]...

A JSON Lines file has ``{"text": …}`` in each line; of MediaWiki's own parserTests.txt every line of wikitext and of
HTML is taken.  Both default to the fixtures.  Prints figures for every release and renderer of MediaWiki that is there,
next to those of other ways of doing it, and what failed; the exit status is 1 if anything of ours did.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from convert.readers.clean import clean
from tests import FIXTURES
from tests.servers.renderers import Renderer, renderers
from tests.servers.wiki import Wiki
from tests.support.articles import measure_articles
from tests.support.contexts import CONTEXTS, GUARD, RICH, WORD, Context, Shown, show
from tests.support.peers import PEERS

#: The others are compared in these places.
_COMPARED = ("paragraph", "second line", "heading", "bulleted", "link label", "value inline")
_FAILURES_SHOWN = 50


@dataclass(frozen=True)
class Figures:
    """One way of doing it in one place.  ``bytes`` is what comes out for one that goes in."""

    kept: float
    bytes: float
    guarded: float
    guards: float

    @classmethod
    def of(cls, shown: Sequence[Shown], around: int) -> Figures:
        """Count; ``around`` is the number of bytes of a page beside the line."""
        total = len(shown)
        size = sum(len(line.line.encode()) for line in shown)
        written = sum(len(line.sent.encode()) - around for line in shown)
        guards = [len(GUARD.findall(line.sent)) for line in shown]
        return cls(
            kept=100 * sum(not line.why for line in shown) / total,
            bytes=written / size,
            guarded=100 * sum(map(bool, guards)) / total,
            guards=sum(guards) / total,
        )


def read_lines(path: Path) -> list[str]:
    """Read the different lines of a JSON Lines file, or of tests for MediaWiki's parser, as readers give them on."""
    text = path.read_text(encoding="utf-8", errors="replace")
    if path.suffix == ".txt":
        lines: Iterator[str] = _of_parser_tests(text)
    else:
        lines = (json.loads(line)["text"] for line in text.split("\n") if line)
    cleaned = (clean(line, lambda remark: None, 1) for line in lines)
    return [line for line in dict.fromkeys(cleaned) if line.strip()]


def _of_parser_tests(text: str) -> Iterator[str]:
    inside = False
    for line in text.split("\n"):
        if line.startswith("!!"):
            inside = line[2:].split("/")[0].strip() in ("wikitext", "html", "input", "result")
        elif inside:
            yield line


def measure_lines(
    shown_by: Sequence[Renderer], places: Sequence[Context], lines: Sequence[str]
) -> list[tuple[str, Shown]]:
    """Print a table of places and every renderer; return what failed of ours, with its place."""
    print(f"{len(lines)} lines of markup shown as text: % kept, and bytes out for a byte in\n")
    others = [f"{name} ({shown_by[0].name})" for name in PEERS]
    columns = ["place", *(each.name for each in shown_by), "lines guarded", "guards a line", *others]
    print(f"| {' | '.join(columns)} |")
    print("|---" * len(columns) + "|")
    failed: list[tuple[str, Shown]] = []
    for context in places:
        measured: list[Figures] = []
        for renderer in shown_by:
            pages = [context.written(line, renderer.profile) for line in (WORD, *lines)]
            shown = show(renderer.wiki, context, lines, pages, dict(renderer.settings))
            failed += ((f"{context.name} ({renderer.name})", line) for line in shown if line.why)
            measured.append(Figures.of(shown, len(pages[0].encode()) - len(WORD)))
        first = measured[0]
        cells = [*map(_cell, measured), f"{first.guarded:.0f} %", f"{first.guards:.2f}"]
        print(f"| {' | '.join([context.name, *cells, *_compared(shown_by[0].wiki, context, lines)])} |", flush=True)
    return failed


def _compared(wiki: Wiki, context: Context, lines: Sequence[str]) -> Iterator[str]:
    for peer in PEERS.values():
        pages = peer(wiki, context, [WORD, *lines]) if context.name in _COMPARED else []
        if pages:
            # What is around the line is the page of a word, less the word and what it was wrapped in.
            around = len(re.sub(f"(<nowiki>)?{WORD}(</nowiki>)?", "", pages[0]).encode())
            yield _cell(Figures.of(show(wiki, context, lines, pages), around))
        else:
            yield ""


def _cell(figures: Figures) -> str:
    # Never rounded up to a hundred.
    return f"{int(figures.kept * 100) / 100:g} % ×{figures.bytes:.2f}"


def main(arguments: Sequence[str]) -> int:
    """Measure what is asked for; gives the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.tools.fidelity")
    parser.add_argument("lines", nargs="*", type=Path, metavar="FILE")
    parser.add_argument("--articles", nargs="*", type=Path, metavar="FOLDER")
    parser.add_argument("--place", action="append", help="only this one, as it is printed")
    asked = parser.parse_args(arguments)
    paths = asked.lines or [FIXTURES / "wiki" / "markup-lines.jsonl"]
    lines = list(dict.fromkeys(line for path in paths for line in read_lines(path)))
    with tempfile.TemporaryDirectory(prefix="plainwiki-fidelity-") as folder, renderers(Path(folder)) as shown_by:
        places = [each for each in (*CONTEXTS, *RICH) if not asked.place or each.name in asked.place]
        failed = measure_lines(shown_by, places, lines)
        _print_failures(failed)
        failures = 0
        for renderer in shown_by:
            if not renderer.profile.language_converter:
                print(f"\n{renderer.name}")
                articles = asked.articles or [FIXTURES / "articles"]
                failures += measure_articles(renderer.wiki, articles, renderer.settings)
    return 1 if failed or failures else 0


def _print_failures(failed: Sequence[tuple[str, Shown]]) -> None:
    places: dict[str, list[tuple[str, Shown]]] = {}
    for place, shown in failed:
        places.setdefault(shown.line, []).append((place, shown))
    for line, of_line in list(places.items())[:_FAILURES_SHOWN]:
        shown = of_line[0][1]
        print(f"\n{line!r}: {', '.join(place for place, _ in of_line)}")
        print(f"  sent {shown.sent!r}\n  {shown.why}")
    print(f"\n{len(places)} lines failed somewhere\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
