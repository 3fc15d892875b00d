"""The articles of a folder in every format, to look at.

``python -m tests.tools.showcase fixtures/articles out`` runs the commands that a user would type, and prints them.
"""

from __future__ import annotations

import shlex
import sys

from convert.cli import main as plainwiki
from convert.formats import FORMATS


def main(articles: str, out: str) -> int:
    """Convert all articles; gives the exit status."""
    outputs = [(entry.name, f"{out}/{entry.name}/") for entry in FORMATS if entry.writer]
    status = 0
    for target, output in (*outputs, ("export", f"{out}/articles.export.xml")):
        command = ["batch", articles, "--include", "*.txt", "--to", target, "--output", output, "--quiet"]
        print("plainwiki", shlex.join(command), flush=True)
        status = max(status, plainwiki(command))
    print(f"Look at {out}/: a folder for each format, and articles.export.xml, a dump for Special:Import.")
    print(f"In a browser: {out}/html/index.html")
    return status


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
