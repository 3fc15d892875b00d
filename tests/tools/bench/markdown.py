"""Markdown to wikitext in one process, against pandoc on the same Markdown, and against the parser alone.

``python -m tests.tools.bench.markdown [FOLDER]``: the plain articles under FOLDER are made Markdown, with some words in
bold or italics, and a table, code and a note each.
"""

from __future__ import annotations

import os
import re
import shutil
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.tools.bench.speed import ARTICLES, PLAINWIKI, Run, articles_under, in_turn, one_file, ratio, run, say, up_to

_MB = 10
_TURNS = 3
_HEADING = re.compile(r"^(=+) (.*?) =+$", re.MULTILINE)
_REST = """

| Year | Place | Count |
|------|:-----:|------:|
| 1901 | Port | `12` |
| 1902 | *Quay* | 9 |

```python
print("{{x}}")
```

A last word.[^1]

[^1]: A. Bell, *Ferries*, 1950.
"""

#: The least that any reader with this parser does.
_PARSER = """
import sys
from pathlib import Path
from convert.readers.markdown.blocks import parser
for path in Path(sys.argv[1]).iterdir():
    parser().parse(path.read_text(encoding="utf-8"))
"""


def made_markdown(paths: Sequence[Path], target: Path) -> list[Path]:
    """Write plain articles as Markdown into a new folder."""
    target.mkdir()
    made: list[Path] = []
    for number, path in enumerate(paths):
        text = _HEADING.sub(lambda found: f"{'#' * len(found[1])} {found[2]}", path.read_text(encoding="utf-8"))
        made.append(target / f"{number:06}.md")
        text = text.replace(" of the ", " of *the* ").replace(" in the ", " in **the** ")
        made[-1].write_text(text + _REST, encoding="utf-8")
    return made


def bench_markdown(paths: Sequence[Path], work: Path) -> None:
    """Measure Markdown to wikitext, files in and files out."""
    folder, target, sample = work / "markdown", work / "pages", work / "sample.md"
    size = one_file(made_markdown(list(up_to(paths, _MB)), folder), sample) / 1e6

    def ours() -> Run:
        for made in work.glob("pages*"):
            shutil.rmtree(made) if made.is_dir() else made.unlink()
        return run([*PLAINWIKI, "batch", str(folder), "-t", "wikitext", "-o", str(target), "--jobs", "1", "--quiet"])

    def pandoc() -> Run:
        return run(["pandoc", "-f", "gfm+footnotes", "-t", "mediawiki", "-o", os.devnull, str(sample)])

    def alone() -> Run:
        return run([sys.executable, "-c", _PARSER, str(folder)])

    seconds, peer, least = in_turn(ours, pandoc, alone, turns=_TURNS)
    say("Markdown → wikitext, one process", f"{size / statistics.median(seconds):.1f} MB/s")
    say(f"speed in terms of pandoc's, {size:.1f} MB", f"{ratio(peer, seconds):.1f}", "at least 5")
    say("cost in terms of the parser alone", f"{ratio(seconds, least):.1f}")


def main(folders: Sequence[str]) -> None:
    """Measure articles under a folder; by default, the fixtures."""
    paths = articles_under(Path(folders[0]) if folders else ARTICLES)
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as work:
        bench_markdown(paths, Path(work))


if __name__ == "__main__":
    main(sys.argv[1:])
